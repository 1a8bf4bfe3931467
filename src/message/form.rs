//! The forms that a message can have on the wire, and how a reader tells them apart.
//!
//! One set of messages, three forms: bytes of our own, JSON texts with the names of the seeds, and
//! the same objects as MessagePack. Which one is sent is the connection's choice.

use super::{MessageError, PeerMessage, json, msgpack};

/// Most bytes of one message in any form: the longest one, a chunk of a state as text, is far
/// shorter.
const MAX_MESSAGE_BYTES: usize = 16 << 10;

/// A form of messages on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Little-endian fields without names.
    #[default]
    Binary,
    /// A JSON object as text.
    Json,
    /// The JSON object as MessagePack.
    MessagePack,
}

impl Form {
    /// All forms.
    pub const ALL: [Self; 3] = [Self::Binary, Self::Json, Self::MessagePack];

    /// Its name in logs and page addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Json => "json",
            Self::MessagePack => "msgpack",
        }
    }
}

impl PeerMessage {
    /// Appends the message to `out` in a form.
    pub fn encode_as(&self, form: Form, out: &mut Vec<u8>) {
        match form {
            Form::Binary => self.encode(out),
            Form::Json => out.extend(json::object(self).to_string().into_bytes()),
            Form::MessagePack => msgpack::write(&json::object(self), out),
        }
    }

    /// Reads a message of any form and says which one it was.
    ///
    /// # Errors
    ///
    /// [`MessageError`] when the bytes are no message of this version in any form.
    pub fn decode_any(bytes: &[u8]) -> Result<(Self, Form), MessageError> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(MessageError::Malformed { length: bytes.len() });
        }
        if bytes.first() == Some(&b'R') {
            return Ok((Self::decode(bytes)?, Form::Binary));
        }
        let (object, form) = object(bytes)?;
        Ok((json::message(&object)?, form))
    }

    /// Reads a message of any form as an observer does, of every version up to this one.
    ///
    /// # Errors
    ///
    /// [`MessageError`] when the bytes are no message of these versions in any form.
    pub fn decode_any_observed(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(MessageError::Malformed { length: bytes.len() });
        }
        if bytes.first() == Some(&b'R') {
            return Self::decode_observed(bytes);
        }
        json::observed(&object(bytes)?.0)
    }

    /// Whether bytes are an object that only a message of this protocol in an unknown version can be:
    /// it names its version, episode and player beside a type of message.
    #[must_use]
    pub fn is_of_other_version(bytes: &[u8]) -> bool {
        let is_short = bytes.len() <= MAX_MESSAGE_BYTES;
        is_short && object(bytes).is_ok_and(|(object, _)| json::is_of_other_version(&object))
    }
}

// The object of a text form.
fn object(bytes: &[u8]) -> Result<(serde_json::Value, Form), MessageError> {
    let malformed = MessageError::Malformed { length: bytes.len() };
    match bytes.first() {
        Some(b'{') => Ok((crate::json::plain(bytes).map_err(|_| malformed)?, Form::Json)),
        Some(0x80..=0x8f | 0xde) => Ok((msgpack::read(bytes).ok_or(malformed)?, Form::MessagePack)),
        _ => Err(MessageError::NotOurs),
    }
}
