//! The server's sockets: texts in and out, with limits; what they mean is decided by `rooms`.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use rollscope_runtime::signal::{FromServer, MAX_MESSAGE_BYTES, ToServer};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Shared;
use super::rooms::{ClientId, MAX_CLIENTS, Outcome, Rooms, refuse};

/// Messages that wait for one client; a client that does not read is cut off.
const WAITING_MESSAGES: usize = 256;

/// Messages that one client may send in its life: a negotiation takes about twenty.
const MESSAGES_PER_CLIENT: u32 = 2_000;

/// All connected clients.
pub(super) struct Clients {
    rooms: Rooms,
    senders: BTreeMap<ClientId, Sender<FromServer>>,
    next: u64,
}

impl Clients {
    pub(super) fn new(random_seed: u64) -> Self {
        Self { rooms: Rooms::new(random_seed), senders: BTreeMap::new(), next: 0 }
    }

    fn enter(&mut self) -> Option<(ClientId, Receiver<FromServer>)> {
        if self.senders.len() >= MAX_CLIENTS {
            return None;
        }
        let client = ClientId(self.next);
        self.next += 1;
        let (sender, receiver) = channel(WAITING_MESSAGES);
        self.senders.insert(client, sender);
        Some((client, receiver))
    }

    fn handle_text(&mut self, client: ClientId, text: &str) {
        let outcomes = match serde_json::from_str::<ToServer>(text) {
            Ok(message) => self.rooms.handle_message(client, message),
            Err(error) => refuse(client, format!("This message cannot be read: {error}.")),
        };
        self.carry_out(outcomes);
    }

    fn leave(&mut self, client: ClientId) {
        self.senders.remove(&client);
        let outcomes = self.rooms.handle_leave(client);
        self.carry_out(outcomes);
    }

    fn carry_out(&mut self, outcomes: Vec<Outcome>) {
        for outcome in outcomes {
            match outcome {
                Outcome::Send(client, message) => {
                    let sender = self.senders.get(&client);
                    if sender.is_some_and(|sender| sender.try_send(message).is_err()) {
                        self.senders.remove(&client);
                    }
                }
                // Without a sender the client's loop ends once it has sent what waits.
                Outcome::Close(client) => {
                    self.senders.remove(&client);
                }
            }
        }
    }
}

pub(super) async fn signal(State(shared): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .on_upgrade(move |socket| run(shared, socket))
}

async fn run(shared: Shared, mut socket: WebSocket) {
    let Some((client, mut receiver)) = with_clients(&shared, Clients::enter).flatten() else {
        return;
    };
    let mut messages_left = MESSAGES_PER_CLIENT;
    loop {
        let event = {
            // Whichever comes first; both futures may be dropped without losing anything.
            let (incoming, outgoing) = (socket.recv(), receiver.recv());
            tokio::pin!(incoming, outgoing);
            std::future::poll_fn(|context| {
                if let std::task::Poll::Ready(message) = outgoing.as_mut().poll(context) {
                    return std::task::Poll::Ready(Event::Outgoing(message));
                }
                incoming.as_mut().poll(context).map(Event::Incoming)
            })
            .await
        };
        match event {
            Event::Outgoing(Some(message)) => {
                let text = serde_json::to_string(&message).unwrap_or_default();
                if socket.send(Message::Text(text.into())).await.is_err() {
                    break;
                }
            }
            Event::Incoming(Some(Ok(Message::Text(text)))) if messages_left > 0 => {
                messages_left -= 1;
                with_clients(&shared, |clients| clients.handle_text(client, &text));
            }
            Event::Incoming(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Event::Outgoing(None) | Event::Incoming(_) => break,
        }
    }
    with_clients(&shared, |clients| clients.leave(client));
    let _ = socket.send(Message::Close(None)).await;
}

enum Event {
    Incoming(Option<Result<Message, axum::Error>>),
    Outgoing(Option<FromServer>),
}

/// `None` only if another handler died while it held the clients.
fn with_clients<T>(shared: &Shared, act: impl FnOnce(&mut Clients) -> T) -> Option<T> {
    shared.clients.lock().ok().map(|mut clients| act(&mut clients))
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
