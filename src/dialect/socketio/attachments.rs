//! Packets that wait for their binary frames, one per direction of a socket; everything bounded.

use crate::capture::Value;
use crate::observation::Direction;

/// Most attachments of one packet; MUG sends one, Socket.IO's own parser takes ten by default.
const MAX_ATTACHMENTS: usize = 64;

/// Most bytes that one packet may hold back, text and attachments together.
const MAX_BYTES: usize = 32 << 20;

/// Most exports that wait for the server's acknowledgement.
const MAX_EXPORTS: usize = 64;

/// What is remembered of one socket.
#[derive(Debug, Default)]
pub(crate) struct SocketMemory {
    sent: Waiting,
    received: Waiting,
    exports: Vec<u64>,
}

impl SocketMemory {
    pub(super) fn waiting(&mut self, direction: Direction) -> &mut Waiting {
        match direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        }
    }

    /// Notes that exported rows asked for an acknowledgement.
    pub(super) fn await_export(&mut self, id: u64) {
        if self.exports.len() < MAX_EXPORTS && !self.exports.contains(&id) {
            self.exports.push(id);
        }
    }

    /// Whether the acknowledgement is one of exported rows; it is so once.
    pub(super) fn take_export(&mut self, id: u64) -> bool {
        let place = self.exports.iter().position(|waiting| *waiting == id);
        place.map(|place| self.exports.swap_remove(place)).is_some()
    }
}

/// A packet that waits for its attachments, if there is one.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    text: String,
    missing: usize,
    bytes: usize,
    buffers: Vec<Option<Vec<u8>>>,
}

/// What became of a binary frame.
pub(super) enum Attached {
    /// More are missing.
    Waiting,
    /// Nothing waited for it.
    Unexpected,
    /// The packet is given up.
    TooLarge,
    /// It was the last one.
    Complete { text: String, buffers: Vec<Option<Vec<u8>>> },
}

impl Waiting {
    /// Gives up what still waits; returns whether something did.
    pub(super) fn give_up(&mut self) -> bool {
        std::mem::take(self).missing > 0
    }

    /// Holds a packet back until its attachments are there; `false` if it announces too many.
    pub(super) fn expect(&mut self, text: &str, attachments: usize) -> bool {
        let fits = attachments <= MAX_ATTACHMENTS && text.len() <= MAX_BYTES;
        if fits {
            let text = text.to_owned();
            *self = Self { bytes: text.len(), text, missing: attachments, buffers: Vec::new() };
        }
        fits
    }

    /// Takes a binary frame.
    pub(super) fn attach(&mut self, bytes: &[u8]) -> Attached {
        if self.missing > 0 && self.bytes + bytes.len() > MAX_BYTES {
            self.give_up();
            return Attached::TooLarge;
        }
        self.bytes += bytes.len();
        self.add(Some(bytes.to_vec()))
    }

    /// Takes a binary frame whose contents were not captured.
    pub(super) fn attach_unread(&mut self) -> Attached {
        self.add(None)
    }

    fn add(&mut self, buffer: Option<Vec<u8>>) -> Attached {
        let Some(missing) = self.missing.checked_sub(1) else {
            return Attached::Unexpected;
        };
        self.missing = missing;
        self.buffers.push(buffer);
        if missing > 0 {
            return Attached::Waiting;
        }
        let Self { text, buffers, .. } = std::mem::take(self);
        Attached::Complete { text, buffers }
    }
}

/// Puts attachments in the place of their placeholders; one without contents becomes
/// [`Value::Unreadable`]. Returns whether every placeholder names an attachment.
pub(super) fn fill<'a>(value: &mut Value<'a>, buffers: &'a [Option<Vec<u8>>]) -> bool {
    let mut is_whole = true;
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| is_whole &= fill(item, buffers)),
        Value::Object(members) => {
            let is_placeholder = matches!(
                members.first(),
                Some((key, Value::Bool(true))) if key == "_placeholder"
            );
            if !is_placeholder {
                members.iter_mut().for_each(|(_, item)| is_whole &= fill(item, buffers));
                return is_whole;
            }
            let number = value.get("num").and_then(Value::as_u32);
            let buffer = number.and_then(|number| buffers.get(number as usize));
            *value = match buffer {
                Some(Some(bytes)) => Value::ArrayBuffer(bytes),
                _ => Value::Unreadable,
            };
            is_whole = buffer.is_some();
        }
        _ => {}
    }
    is_whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_complete_with_its_last_attachment() {
        let mut waiting = Waiting::default();
        assert!(matches!(waiting.attach(&[1]), Attached::Unexpected));
        assert!(waiting.expect("52-[]", 2));
        assert!(matches!(waiting.attach(&[1]), Attached::Waiting));
        let Attached::Complete { text, buffers } = waiting.attach_unread() else {
            panic!("two of two came");
        };
        assert_eq!((text.as_str(), buffers), ("52-[]", vec![Some(vec![1]), None]));
        assert!(!waiting.give_up());
        assert!(!waiting.expect("", 65));
        assert!(waiting.expect("x", 1));
        let large = vec![0; MAX_BYTES];
        assert!(matches!(waiting.attach(&large), Attached::TooLarge));
    }

    #[test]
    fn placeholders_are_filled_and_false_ones_noticed() {
        let text =
            r#"["e",{"data":{"_placeholder":true,"num":0},"x":[{"_placeholder":true,"num":1}]}]"#;
        let buffers = [Some(vec![7]), None];
        let mut value = super::super::json::read(text).unwrap();
        assert!(fill(&mut value, &buffers));
        let event = value.item(1).unwrap().into_owned();
        assert_eq!(event.get("data"), Some(&Value::ArrayBuffer(&[7])));
        let mut value = super::super::json::read(text).unwrap();
        assert!(!fill(&mut value, &buffers[..1]));
    }
}
