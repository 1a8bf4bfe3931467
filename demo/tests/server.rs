//! The arena's server over real sockets on loopback.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like tests")]

use std::path::PathBuf;

use futures_util::{SinkExt, StreamExt};
use rollscope_demo::server::Server;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn with_server<F: Future<Output = ()>>(test: impl FnOnce(String) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/web"));
        let server = Server::bind(0, root, 1).await.unwrap();
        let address = server.address().unwrap().to_string();
        tokio::spawn(server.serve());
        test(address).await;
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

#[test]
fn two_pages_find_each_other_and_talk() {
    with_server(|address| async move {
        let (mut a, mut b) =
            (connect(&address, "/signal").await, connect(&address, "/signal").await);
        say(&mut a, &json!({"type": "join", "seed": 5})).await;
        let joined = hear(&mut a).await;
        assert_eq!((&joined["player"], &joined["seed"]), (&json!(0), &json!(5)));
        say(&mut b, &json!({"type": "join", "room": joined["room"]})).await;
        assert_eq!(hear(&mut b).await["player"], 1);
        assert_eq!(hear(&mut b).await, json!({"type": "peerJoined", "player": 0}));
        assert_eq!(hear(&mut a).await, json!({"type": "peerJoined", "player": 1}));
        let offer = json!({"type": "relay", "message": {"kind": "offer", "sdp": "v=0"}});
        say(&mut a, &offer).await;
        assert_eq!(hear(&mut b).await, offer);
        a.close(None).await.unwrap();
        assert_eq!(hear(&mut b).await, json!({"type": "peerLeft"}));
    });
}

#[test]
fn what_is_no_message_ends_the_connection_with_a_reason() {
    with_server(|address| async move {
        let mut socket = connect(&address, "/signal").await;
        say(&mut socket, &json!({"type": "shout"})).await;
        let refused = hear(&mut socket).await;
        assert_eq!(refused["type"], "refused");
        assert!(refused["reason"].as_str().unwrap().contains("shout"), "{refused}");
        assert_eq!(hear(&mut socket).await, Value::Null);
        let mut socket = connect(&address, "/signal").await;
        // The server may close before it has read all of this.
        let _ = socket.send(Message::text("x".repeat(200_000))).await;
        assert_eq!(hear(&mut socket).await, Value::Null);
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
