//! The server's sockets: Socket.IO by WebSocket only, with limits on what one client may say; what
//! events mean is decided by `rooms`.
//!
//! Bytes are limited below, in `metered`, where nothing has been kept in memory yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use rollscope_runtime::signal::{
    EPISODE_DATA, EpisodeData, MAX_MESSAGE_BYTES, Saved, from_event, to_event,
};
use serde::Deserialize;
use serde_json::Value;
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};
use socketioxide::layer::SocketIoLayer;
use socketioxide::{SocketIo, TransportType};

use super::Shared;
use super::limits::Bucket;
use super::rooms::{ClientId, MAX_CLIENTS, Outcome, Rooms, refuse};
use super::rows::KeptRows;

/// Messages that wait for one client; a client that does not read is cut off.
const WAITING_MESSAGES: usize = 1_024;

/// How often a connection shows that it lives, as the architecture has it.
const PING_INTERVAL: Duration = Duration::from_millis(2_000);

/// How long a page may take to answer, where nothing else is said.
pub const PING_TIMEOUT: Duration = Duration::from_millis(5_000);

/// How often places of lost pages are looked through.
const HOUSEKEEPING: Duration = Duration::from_secs(1);

/// All connected clients.
pub(super) struct Clients {
    rooms: Rooms,
    rows: KeptRows,
    connected: BTreeMap<ClientId, Client>,
    next: u64,
    started: Instant,
}

/// Rows as they come, the table itself in an attachment.
#[derive(Deserialize)]
struct Rows {
    #[serde(flatten)]
    whose: EpisodeData,
    data: Bytes,
}

struct Client {
    socket: SocketRef,
    messages: Bucket,
}

/// Clients as handlers and housekeeping share them.
pub(super) type SharedClients = Arc<Mutex<Clients>>;

impl Clients {
    pub(super) fn new(random_seed: u64) -> Self {
        let (rooms, connected, next) = (Rooms::new(random_seed), BTreeMap::new(), 0);
        let rows = KeptRows::default();
        Self { rooms, rows, connected, next, started: Instant::now() }
    }

    fn now_millis(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn enter(&mut self, socket: SocketRef) -> Option<ClientId> {
        if self.connected.len() >= MAX_CLIENTS {
            let _ = socket.disconnect();
            return None;
        }
        let client = ClientId(self.next);
        self.next += 1;
        let messages = Bucket::of_messages(self.now_millis());
        self.connected.insert(client, Client { socket, messages });
        Some(client)
    }

    fn handle_event(&mut self, client: ClientId, name: &str, argument: Result<Value, String>) {
        let now = self.now_millis();
        let Some(known) = self.connected.get_mut(&client) else {
            return;
        };
        let outcomes = match argument {
            _ if !known.messages.take(now, 1) => {
                refuse(client, "This page says more than any game does.".to_owned())
            }
            Err(error) => refuse(client, format!("This message cannot be read: {error}.")),
            Ok(argument) if length_of(&argument) > MAX_MESSAGE_BYTES => {
                refuse(client, format!("A message has at most {MAX_MESSAGE_BYTES} bytes."))
            }
            Ok(argument) => match from_event(name, argument) {
                Ok(message) => self.rooms.handle_message(client, message),
                Err(error) => {
                    refuse(client, format!("The event {name:?} cannot be read: {error}."))
                }
            },
        };
        self.carry_out(outcomes);
    }

    /// Takes rows; `None` cuts the client off, as what cannot be read or is too much does.
    fn handle_rows(&mut self, client: ClientId, told: Result<Rows, String>) -> Option<Saved> {
        let now = self.now_millis();
        let may_say = self.connected.get_mut(&client)?.messages.take(now, 1);
        let outcomes = match told {
            _ if !may_say => refuse(client, "This page says more than any game does.".to_owned()),
            Err(error) => refuse(client, format!("These rows cannot be read: {error}.")),
            Ok(Rows { whose, data }) => {
                return Some(self.rows.take(&self.rooms, client, whose, data));
            }
        };
        self.carry_out(outcomes);
        None
    }

    fn lose(&mut self, client: ClientId) {
        self.connected.remove(&client);
        let outcomes = self.rooms.handle_lost(client, self.now_millis());
        self.carry_out(outcomes);
    }

    fn keep_house(&mut self) {
        let outcomes = self.rooms.handle_time(self.now_millis());
        self.carry_out(outcomes);
    }

    fn carry_out(&mut self, outcomes: Vec<Outcome>) {
        for outcome in outcomes {
            match outcome {
                Outcome::Send(client, message) => {
                    if let (Some(known), Some((name, argument))) =
                        (self.connected.get(&client), to_event(&message))
                        && known.socket.emit(name, &argument).is_err()
                    {
                        self.close(client);
                    }
                }
                Outcome::Close(client) => self.close(client),
            }
        }
    }

    fn close(&mut self, client: ClientId) {
        if let Some(known) = self.connected.remove(&client) {
            // `disconnect` ends in the handler that takes this lock: it runs when it is free.
            let socket = known.socket;
            tokio::spawn(async move {
                let _ = socket.disconnect();
            });
        }
    }
}

/// Bytes of a value's text.
fn length_of(value: &Value) -> usize {
    serde_json::to_string(value).map_or(usize::MAX, |text| text.len())
}

/// `None` only if another handler died while it held the clients.
fn with_clients<T>(clients: &SharedClients, act: impl FnOnce(&mut Clients) -> T) -> Option<T> {
    clients.lock().ok().map(|mut clients| act(&mut clients))
}

/// The layer that serves `/socket.io/`. A page that answers no ping for `ping_timeout` has gone.
pub(super) fn layer(clients: SharedClients, ping_timeout: Duration) -> SocketIoLayer {
    let (layer, io) = SocketIo::builder()
        .transports([TransportType::Websocket, TransportType::Polling])
        .max_payload(MAX_MESSAGE_BYTES as u64)
        .max_buffer_size(WAITING_MESSAGES)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(ping_timeout)
        .build_layer();
    io.ns("/", move |socket: SocketRef| {
        let clients = Arc::clone(&clients);
        async move { welcome(&clients, &socket) }
    });
    layer
}

/// Pages poll only where they say that they mean to: all others are served by WebSocket alone.
pub(super) async fn refuse_polling(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let has = |wanted: &str| query.split('&').any(|pair| pair == wanted);
    if request.uri().path().starts_with("/socket.io")
        && has("transport=polling")
        && !has("polls_first=1")
    {
        return (StatusCode::BAD_REQUEST, "This server speaks by WebSocket.").into_response();
    }
    next.run(request).await
}

fn welcome(clients: &SharedClients, socket: &SocketRef) {
    let entered = with_clients(clients, |clients| clients.enter(socket.clone())).flatten();
    let Some(client) = entered else {
        return;
    };
    let keeps = Arc::clone(clients);
    socket.on(EPISODE_DATA, move |TryData(told): TryData<Rows>, answer: AckSender| {
        let told = told.map_err(|error| error.to_string());
        let saved = with_clients(&keeps, |clients| clients.handle_rows(client, told)).flatten();
        if let Some(saved) = saved {
            // A client that is gone needs no answer.
            let _ = answer.send(&saved);
        }
        std::future::ready(())
    });
    let hears = Arc::clone(clients);
    socket.on_fallback(move |Event(name): Event, TryData(argument): TryData<Value>| {
        let argument = argument.map_err(|error| error.to_string());
        with_clients(&hears, |clients| clients.handle_event(client, &name, argument));
        std::future::ready(())
    });
    let loses = Arc::clone(clients);
    socket.on_disconnect(move || {
        with_clients(&loses, |clients| clients.lose(client));
        std::future::ready(())
    });
}

/// Lets go of places of pages that did not come back, for good.
pub(super) async fn keep_house(clients: SharedClients) {
    let mut interval = tokio::time::interval(HOUSEKEEPING);
    loop {
        interval.tick().await;
        with_clients(&clients, Clients::keep_house);
    }
}

/// Hands out the rows of an episode, as MessagePack.
pub(super) async fn rows(
    State(shared): State<Shared>,
    Path((room, player, episode)): Path<(String, u8, u32)>,
) -> Result<Bytes, (StatusCode, &'static str)> {
    let found = with_clients(&shared.clients, |clients| clients.rows.get(&room, player, episode));
    found.flatten().ok_or((StatusCode::NOT_FOUND, "No such rows were handed over.\n"))
}

/// Sends every text back, for pages that talk about something else than a game.
pub(super) async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(MAX_MESSAGE_BYTES).on_upgrade(|mut socket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            let answer = match message {
                Message::Text(text) => Message::Text(Utf8Bytes::from(text.as_str())),
                Message::Binary(bytes) => Message::Binary(bytes),
                Message::Close(_) => break,
                Message::Ping(_) | Message::Pong(_) => continue,
            };
            if socket.send(answer).await.is_err() {
                break;
            }
        }
    })
}
