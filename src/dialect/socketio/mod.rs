//! The dialect of games that speak Socket.IO with their server: MUG's events, those of the older
//! relayed design, and their binary attachments.
//!
//! Framing stands in `packet`, waiting for attachments in `attachments`, the meaning of events in
//! `events` and the files after it. Several sockets of a page are told apart by their channels.

mod attachments;
mod configuration;
mod events;
mod export;
mod metrics;
mod packet;
mod relay;
#[cfg(test)]
mod tests;

pub(super) use attachments::SocketMemory;

use self::attachments::{Attached, fill};
use self::events::{Event, Speaker};
use self::packet::{EngineFrame, Packet, PacketKind};
use super::memory::Memory;
use super::{Dialect, Place, Sink, json};
use crate::capture::{ChannelKind, Value};
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact, Logger, Milestone};

/// Place of the dialect's issues.
const PLACE: &str = "socketio";

/// The dialect.
pub(super) struct SocketIo;

impl Dialect for SocketIo {
    fn name(&self) -> &'static str {
        "socketio"
    }

    fn documentation(&self) -> &'static str {
        "Web sockets that speak Engine.IO 4 and Socket.IO 5: events, acknowledgements and binary \
         attachments in JSON or MessagePack, several sockets a page. Of MUG's events it reads the \
         game's configuration (input delay, guessing, default action, snapshot interval, episodes, \
         players, seed), signalling, the phases of the connection, inputs that go through the \
         server, exported rows and the application's own counters; of the older relayed design \
         inputs, hashes and requests for states. Where a scene does not say a setting, it stays \
         unknown here. Traffic before the socket was captured, and long polling, are not seen."
    }

    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool {
        let (ChannelKind::WebSocket, Value::String(text)) = (place.kind, message) else {
            return false;
        };
        match EngineFrame::read(text) {
            // The first frame of every connection comes from the server.
            Some(EngineFrame::Open(settings)) => {
                place.direction == Direction::Received
                    && settings.starts_with('{')
                    && settings.contains("\"pingInterval\"")
            }
            // A capture that begins late sees only what follows.
            Some(EngineFrame::Message(text)) => Packet::read(text).is_ok_and(|packet| {
                matches!(packet.kind, PacketKind::Event | PacketKind::BinaryEvent)
                    && packet.data.starts_with("[\"")
                    && packet.data.ends_with(']')
            }),
            _ => false,
        }
    }

    fn read(
        &self,
        place: &Place,
        message: &Value<'_>,
        memory: &mut Memory<'_>,
        sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    ) {
        if let Value::String(text) = message {
            return read_text(place, text, memory, sink, issues);
        }
        let waiting = memory.channel.socket.waiting(place.direction);
        let attached = match (message.bytes(), message) {
            (Some(bytes), _) => waiting.attach(bytes),
            (None, Value::Blob(_) | Value::NotCaptured(..)) => waiting.attach_unread(),
            _ => return issues.push(PLACE, "a message that is neither text nor binary"),
        };
        match attached {
            Attached::Waiting => {}
            Attached::Unexpected => issues.push(PLACE, "binary data that no packet announced"),
            Attached::TooLarge => issues.push(PLACE, "a packet whose attachments are too large"),
            Attached::Complete { text, buffers } => match Packet::read(&text) {
                Ok(packet) => read_packet(place, &packet, &buffers, memory, sink, issues),
                Err(trouble) => issues.push(PLACE, trouble),
            },
        }
    }
}

fn read_text(
    place: &Place,
    text: &str,
    memory: &mut Memory<'_>,
    sink: &mut Sink<'_>,
    issues: &mut IssueLog,
) {
    let mut speaker = Speaker { place, sink };
    let text = match EngineFrame::read(text) {
        Some(EngineFrame::Message(text)) => text,
        Some(EngineFrame::Close) => return speaker.milestone(Milestone::ServerDisconnected, None),
        Some(_) => return,
        None => return issues.push(PLACE, "a frame of unknown type"),
    };
    let packet = match Packet::read(text) {
        Ok(packet) => packet,
        Err(trouble) => return issues.push(PLACE, trouble),
    };
    let waiting = memory.channel.socket.waiting(place.direction);
    if waiting.give_up() {
        issues.push(PLACE, "a packet whose attachments did not come before the next packet");
    }
    if packet.attachments == 0 {
        read_packet(place, &packet, &[], memory, sink, issues);
    } else if !waiting.expect(text, packet.attachments) {
        issues.push(PLACE, "a packet that announces too many attachments");
    }
}

fn read_packet(
    place: &Place,
    packet: &Packet<'_>,
    buffers: &[Option<Vec<u8>>],
    memory: &mut Memory<'_>,
    sink: &mut Sink<'_>,
    issues: &mut IssueLog,
) {
    let mut speaker = Speaker { place, sink };
    match packet.kind {
        // The page asks first; the server's answer says that the connection stands.
        PacketKind::Connect if place.is_sent() => {}
        PacketKind::Connect => speaker.milestone(Milestone::ServerConnected, None),
        PacketKind::Disconnect => speaker.milestone(Milestone::ServerDisconnected, None),
        PacketKind::ConnectError => {
            let error = json::read(packet.data);
            let reason = error.as_ref().and_then(|error| {
                error.as_str().or_else(|| error.get("message").and_then(Value::as_str))
            });
            let reason = reason.unwrap_or_default();
            speaker.milestone(Milestone::ServerRefused { reason }, None);
        }
        PacketKind::Event | PacketKind::BinaryEvent => {
            if events::is_mute(packet.data) {
                if events::is_log(packet.data) {
                    speaker.fact(Fact::Logged(Logger::Page));
                }
                return;
            }
            let Some(mut arguments) = json::read(packet.data) else {
                return issues.push(PLACE, "an event whose text is no JSON");
            };
            if !fill(&mut arguments, buffers) {
                issues.push(PLACE, "an event that names an attachment it does not have");
            }
            let Some(event) = Event::of(&arguments, packet.id) else {
                return issues.push(PLACE, "an event without a name");
            };
            events::read(&event, &mut speaker, memory, issues);
        }
        PacketKind::Ack | PacketKind::BinaryAck => {
            let (Some(id), Some(arguments @ Value::Array(_))) =
                (packet.id, json::read(packet.data))
            else {
                return issues.push(PLACE, "an acknowledgement without number or list");
            };
            export::read_acknowledgement(id, &arguments, &mut speaker, memory);
        }
    }
}
