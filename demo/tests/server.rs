//! The arena's server over real sockets on loopback.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic like tests"
)]

use std::path::PathBuf;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rollscope_demo::server::{PING_TIMEOUT, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// What waits for ever for an answer ends with a failure; no answer is this late on any machine.
const PATIENCE: Duration = Duration::from_secs(300);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn with_server<F: Future<Output = ()>>(test: impl FnOnce(String) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/web"));
        let server = Server::bind(0, root, 1, PING_TIMEOUT).await.unwrap();
        let address = server.address().unwrap().to_string();
        tokio::spawn(server.serve());
        tokio::time::timeout(PATIENCE, test(address)).await.expect("an answer of the server");
    });
}

async fn connect(address: &str, path: &str) -> Socket {
    connect_async(format!("ws://{address}{path}")).await.unwrap().0
}

async fn say(socket: &mut Socket, message: &Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next text as JSON; null when the server has closed.
async fn hear(socket: &mut Socket) -> Value {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        _ => Value::Null,
    }
}

/// A client that speaks Socket.IO by hand: Engine.IO 4, websocket transport, default namespace.
struct Client(Socket);

impl Client {
    async fn connect(address: &str) -> Self {
        let mut client = Self(connect(address, "/socket.io/?EIO=4&transport=websocket").await);
        let open = client.packet().await.unwrap();
        assert!(open.starts_with('0') && open.contains("\"pingInterval\":2000"), "{open}");
        client.0.send(Message::text("40")).await.unwrap();
        let connected = client.packet().await.unwrap();
        assert!(connected.starts_with("40{\"sid\""), "{connected}");
        client
    }

    /// The next packet that is no ping; pings are answered.
    async fn packet(&mut self) -> Option<String> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => {
                    self.0.send(Message::text("3")).await.ok()?;
                }
                // The end of the namespace: what comes after it is not listened to.
                Some(Ok(Message::Text(text))) if text.as_str() == "41" => return None,
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return None,
            }
        }
    }

    async fn emit(&mut self, event: &str, argument: &Value) {
        let packet = format!("42{}", json!([event, argument]));
        self.0.send(Message::text(packet)).await.unwrap();
    }

    /// The next event of this name; others before it are passed over. Null when the server closed.
    async fn event(&mut self, name: &str) -> Value {
        while let Some(packet) = self.packet().await {
            let event: Option<Value> =
                packet.strip_prefix("42").and_then(|text| serde_json::from_str(text).ok());
            if let Some(event) = event.filter(|event| event[0] == name) {
                return event[1].clone();
            }
        }
        Value::Null
    }

    async fn join(&mut self, room: &str) -> Value {
        self.emit("join_game", &json!({"game_id": room, "game_seed": 5})).await;
        self.event("pyodide_player_assigned").await
    }
}

#[test]
fn two_pages_find_each_other_and_talk() {
    with_server(|address| async move {
        let (mut a, mut b) = (Client::connect(&address).await, Client::connect(&address).await);
        let place = a.join("ice").await;
        assert_eq!((&place["player_id"], &place["game_seed"]), (&json!(0), &json!(5)));
        assert_eq!(b.join("ice").await["player_id"], 1);
        let start = json!({"game_id": "ice", "players": [0, 1]});
        assert_eq!(a.event("start_p2p_connection").await, start);
        assert_eq!(b.event("start_p2p_connection").await, start);
        let offer = json!({
            "game_id": "ice", "player_id": 0, "target_player": 1, "connection": 1, "sdp": "v=0",
        });
        a.emit("webrtc_offer", &offer).await;
        assert_eq!(b.event("webrtc_offer").await, offer);
        let action = json!({
            "game_id": "ice", "player_id": 1, "target_player": 0, "frame_number": 4,
            "timestamp": 1.25, "message": {"type": "input", "frame": 4, "actions": [3]},
        });
        b.emit("pyodide_player_action", &action).await;
        assert_eq!(a.event("pyodide_other_player_action").await, action);
        for (client, player) in [(&mut a, 0), (&mut b, 1)] {
            client.emit("p2p_connected", &json!({"game_id": "ice", "player_id": player})).await;
        }
        assert_eq!(a.event("game_ready").await, json!({"game_id": "ice"}));
        // A connection that is only lost is waited for; a page that leaves is gone.
        b.0.close(None).await.unwrap();
        assert_eq!(a.event("player_disconnected").await, json!({"player_id": 1}));
        a.emit("leave_game", &json!({"game_id": "ice", "player_id": 0})).await;
        assert_eq!(Client::connect(&address).await.join("ice").await["player_id"], 0);
    });
}

#[test]
fn a_client_that_lies_about_its_id_is_refused_and_cut_off() {
    with_server(|address| async move {
        let (mut a, mut b) = (Client::connect(&address).await, Client::connect(&address).await);
        a.join("ice").await;
        b.join("ice").await;
        for (client, player) in [(&mut a, 0), (&mut b, 1)] {
            client.emit("p2p_connected", &json!({"game_id": "ice", "player_id": player})).await;
        }
        a.event("game_ready").await;
        let lie = json!({"game_id": "ice", "player_id": 1, "timestamp": 0, "message": {}});
        a.emit("pyodide_player_action", &lie).await;
        let refused = a.event("refused").await;
        let reason = refused["reason"].as_str().unwrap();
        assert_eq!(reason, "This page is player 0 of room ice, not player 1 of room ice.");
        assert_eq!(a.event("anything").await, Value::Null);
        assert_eq!(b.event("player_disconnected").await, json!({"player_id": 0}));
    });
}

#[test]
fn rows_are_kept_acknowledged_and_handed_out() {
    with_server(|address| async move {
        let mut client = Client::connect(&address).await;
        client.join("ice").await;
        let rows = "what the server does not read";
        for (id, player, is_saved) in [(3, 0, true), (4, 1, false)] {
            let whose = json!({
                "game_id": "ice", "player_id": player, "episode_num": 2,
                "data": {"_placeholder": true, "num": 0},
            });
            let packet = format!("451-{id}{}", json!(["emit_episode_data", whose]));
            client.0.send(Message::text(packet)).await.unwrap();
            client.0.send(Message::binary(rows.as_bytes().to_vec())).await.unwrap();
            let answer = loop {
                let packet = client.packet().await.unwrap();
                if let Some(answer) = packet.strip_prefix(&format!("43{id}")) {
                    break serde_json::from_str::<Value>(answer).unwrap();
                }
            };
            assert_eq!(answer[0]["saved"], is_saved, "{answer}");
            assert_eq!(answer[0]["status"] == "ok", is_saved, "{answer}");
        }
        let kept = get(&address, "/rows/ice/0/2").await;
        assert!(kept.starts_with("HTTP/1.1 200") && kept.ends_with(rows), "{kept}");
        assert!(get(&address, "/rows/ice/1/2").await.starts_with("HTTP/1.1 404"));
        // What a page counted is taken, and rows that cannot be read end the connection.
        let counters = json!({"game_id": "ice", "player_id": 0, "metrics": {}});
        client.emit("emit_multiplayer_metrics", &counters).await;
        client.emit("emit_episode_data", &json!({"game_id": "ice", "data": 7})).await;
        let refused = client.event("refused").await;
        assert!(refused["reason"].as_str().unwrap().contains("rows cannot be read"), "{refused}");
    });
}

#[test]
fn what_is_no_message_ends_the_connection_with_a_reason() {
    with_server(|address| async move {
        for (event, argument, words) in [
            ("run_python", json!({"code": "1"}), "run_python"),
            ("join_game", json!({"game_id": 7}), "join_game"),
            ("p2p_message", json!({"x": "y".repeat(65_600)}), "65536 bytes"),
        ] {
            let mut client = Client::connect(&address).await;
            client.emit(event, &argument).await;
            let refused = client.event("refused").await;
            assert!(refused["reason"].as_str().unwrap().contains(words), "{refused}");
            assert_eq!(client.event("anything").await, Value::Null);
        }
    });
}

#[test]
fn floods_are_cut_off() {
    with_server(|address| async move {
        let mut client = Client::connect(&address).await;
        // More bytes than the bucket holds: the server may close before all is sent.
        let huge = format!("42{}", json!(["p2p_message", "x".repeat(8_000_000)]));
        let _ = client.0.send(Message::text(huge)).await;
        assert_eq!(client.event("refused").await, Value::Null, "nothing of it was kept");
        let mut client = Client::connect(&address).await;
        client.join("ice").await;
        let hud = json!({"game_id": "ice", "player_id": 0, "hud_text": ""});
        let packet = format!("42{}", json!(["pyodide_hud_update", hud]));
        // A slow machine sends and reads few of them in the time in which the bucket fills again.
        for _ in 0..60_000 {
            if client.0.feed(Message::text(packet.clone())).await.is_err() {
                break;
            }
        }
        let _ = client.0.flush().await;
        assert_eq!(client.event("anything").await, Value::Null);
    });
}

#[test]
fn only_websockets_are_served() {
    with_server(|address| async move {
        let polled = get(&address, "/socket.io/?EIO=4&transport=polling").await;
        assert!(polled.starts_with("HTTP/1.1 400"), "{polled}");
        // Only a page that shows what comes of it asks for it by name.
        let asked = "/socket.io/?EIO=4&transport=polling&polls_first=1";
        let polled = get(&address, asked).await;
        assert!(polled.starts_with("HTTP/1.1 200") && polled.contains("upgrades"), "{polled}");
    });
}

#[test]
fn the_echo_path_echoes() {
    with_server(|address| async move {
        let mut socket = connect(&address, "/echo").await;
        say(&mut socket, &json!({"mood": "fine"})).await;
        assert_eq!(hear(&mut socket).await, json!({"mood": "fine"}));
    });
}

async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
fn files_come_uncached_and_nothing_else_comes() {
    with_server(|address| async move {
        let page = get(&address, "/?room=x").await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(
            page.contains("content-type: text/html") && page.contains("cache-control: no-store")
        );
        for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/missing.js"] {
            assert!(get(&address, path).await.starts_with("HTTP/1.1 404"), "{path}");
        }
    });
}
