//! Why bytes are no message, in words for people.

/// Why bytes are no peer message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The bytes are another protocol's.
    #[error("not a message of this protocol")]
    NotOurs,
    /// The other peer speaks another version.
    #[error("peer protocol version {theirs}, this side speaks version {ours}")]
    Version {
        /// Version named by the message.
        theirs: u8,
        /// Version of this code.
        ours: u8,
    },
    /// The kind of message is unknown.
    #[error("unknown message kind {0}")]
    UnknownKind(u8),
    /// The message of a text form names a kind that is unknown.
    #[error("unknown message type")]
    UnknownType,
    /// A field is missing, of another type, or out of its range.
    #[error("field `{0}` is missing or is no value of its kind")]
    Field(&'static str),
    /// The message ends too early, or a list is longer than allowed.
    #[error("message of {length} bytes is cut off or names a list that is too long")]
    Malformed {
        /// Bytes of the message.
        length: usize,
    },
}
