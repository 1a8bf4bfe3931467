//! Engine.IO 4 and Socket.IO 5 framing: what one frame of a web socket says, without its meaning.
//!
//! Written after the public protocol descriptions; held against the packages `engine.io-parser` and
//! `socket.io-parser` in `tests/fixtures/socketio.json`.

/// One text frame of Engine.IO.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EngineFrame<'a> {
    /// The server opens the connection; its settings as JSON.
    Open(&'a str),
    /// One side closes it.
    Close,
    /// A probe of life.
    Ping,
    /// Its answer.
    Pong,
    /// A message of the layer above.
    Message(&'a str),
    /// The transport changes.
    Upgrade,
    /// Nothing.
    Noop,
}

impl<'a> EngineFrame<'a> {
    /// Reads one text frame; `None` for a type that does not exist.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let mut characters = text.chars();
        let kind = characters.next()?;
        let rest = characters.as_str();
        Some(match kind {
            '0' => Self::Open(rest),
            '1' => Self::Close,
            '2' => Self::Ping,
            '3' => Self::Pong,
            '4' => Self::Message(rest),
            '5' => Self::Upgrade,
            '6' => Self::Noop,
            _ => return None,
        })
    }
}

/// What a packet of Socket.IO is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PacketKind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    BinaryEvent,
    BinaryAck,
}

/// One packet of Socket.IO; its data is JSON that is not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    /// What it is.
    pub(super) kind: PacketKind,
    /// Binary frames that belong to it and follow it.
    pub(super) attachments: usize,
    /// Where it goes; `/` if it does not say.
    pub(super) namespace: &'a str,
    /// Number of the acknowledgement that is asked for or given.
    pub(super) id: Option<u64>,
    /// The rest; empty if there is none.
    pub(super) data: &'a str,
}

impl<'a> Packet<'a> {
    /// Reads the text of a message; the error says what is wrong with it.
    pub(super) fn read(text: &'a str) -> Result<Self, &'static str> {
        let mut characters = text.chars();
        let kind = match characters.next() {
            Some('0') => PacketKind::Connect,
            Some('1') => PacketKind::Disconnect,
            Some('2') => PacketKind::Event,
            Some('3') => PacketKind::Ack,
            Some('4') => PacketKind::ConnectError,
            Some('5') => PacketKind::BinaryEvent,
            Some('6') => PacketKind::BinaryAck,
            _ => return Err("a packet of unknown type"),
        };
        let mut rest = characters.as_str();
        let mut attachments = 0;
        if matches!(kind, PacketKind::BinaryEvent | PacketKind::BinaryAck) {
            let (count, after) = rest.split_once('-').ok_or("a binary packet without a count")?;
            let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
            attachments = count
                .parse()
                .ok()
                .filter(|_| is_number)
                .ok_or("a binary packet without a count")?;
            rest = after;
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, data) = rest.split_at_checked(digits).unwrap_or(("", rest));
        let id = match id {
            "" => None,
            id => Some(id.parse().map_err(|_| "an acknowledgement whose number is too large")?),
        };
        Ok(Self { kind, attachments, namespace, id, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn packet(text: &str) -> (PacketKind, usize, &str, Option<u64>, &str) {
        let packet = Packet::read(text).unwrap();
        (packet.kind, packet.attachments, packet.namespace, packet.id, packet.data)
    }

    #[test]
    fn packets_give_their_parts() {
        assert_eq!(packet("0"), (PacketKind::Connect, 0, "/", None, ""));
        assert_eq!(packet("2[\"a\",1]"), (PacketKind::Event, 0, "/", None, "[\"a\",1]"));
        assert_eq!(packet("2/n,12[\"a\"]"), (PacketKind::Event, 0, "/n", Some(12), "[\"a\"]"));
        assert_eq!(packet("312[]"), (PacketKind::Ack, 0, "/", Some(12), "[]"));
        assert_eq!(
            packet("52-/n,7[\"a\"]"),
            (PacketKind::BinaryEvent, 2, "/n", Some(7), "[\"a\"]")
        );
        assert_eq!(packet("1/n"), (PacketKind::Disconnect, 0, "/n", None, ""));
        assert_eq!(packet("61-0[]"), (PacketKind::BinaryAck, 1, "/", Some(0), "[]"));
    }

    #[test]
    fn what_is_no_packet_says_why() {
        for text in ["", "7[]", "5[\"a\"]", "5x-[]", "5-[]", "5+1-[]", "299999999999999999999999[]"]
        {
            assert!(Packet::read(text).is_err(), "{text}");
        }
        assert_eq!(EngineFrame::read("9"), None);
        assert_eq!(EngineFrame::read(""), None);
        assert_eq!(EngineFrame::read("4é"), Some(EngineFrame::Message("é")));
    }
}
