//! What page and server say to each other until two pages are connected, as JSON texts.
//!
//! Both sides use these types; `docs/peer-protocol.md` shows them on the wire. Descriptions and
//! candidates are the browser's business: they pass through unread.

use serde::{Deserialize, Serialize};

/// Longest signalling message that either side accepts; a description has 1 to 4 KB.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Longest name of a room.
pub const MAX_ROOM_NAME_CHARS: usize = 40;

/// What a page says to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ToServer {
    /// Asks for a place in a room.
    Join {
        /// The room; none lets the server make one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
        /// Seed for the room's games; the first page that names one decides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<u32>,
    },
    /// Something for the other page of the room.
    Relay {
        /// What it is.
        message: Negotiation,
    },
}

/// What the server says to a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromServer {
    /// The page has a place.
    Joined {
        /// The room.
        room: String,
        /// Index of the player at this page.
        player: u8,
        /// Seed of the room's games.
        seed: u32,
    },
    /// Another page is in the room; both begin to connect, the one with the lower index offers.
    PeerJoined {
        /// Index of the other player.
        player: u8,
    },
    /// The other page has left.
    PeerLeft,
    /// Something from the other page.
    Relay {
        /// What it is.
        message: Negotiation,
    },
    /// The server refuses; it closes the socket after this.
    Refused {
        /// Why, for people.
        reason: String,
    },
}

/// One step of a WebRTC negotiation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Negotiation {
    /// The description of the page that opens the channel.
    Offer {
        /// The description.
        sdp: String,
    },
    /// The description of the other page.
    Answer {
        /// The description.
        sdp: String,
    },
    /// A way to reach the speaker.
    Candidate {
        /// The candidate line.
        candidate: String,
        /// The media section that it belongs to.
        sdp_mid: Option<String>,
        /// The same by index.
        sdp_m_line_index: Option<u16>,
    },
}

/// Whether `name` can be a room: 1 to [`MAX_ROOM_NAME_CHARS`] of `a-z`, `A-Z`, `0-9`, `-`, `_`.
#[must_use]
pub fn is_room_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=MAX_ROOM_NAME_CHARS).contains(&name.len()) && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn check_wire<T>(message: &T, wire: &Value)
    where
        T: Serialize + for<'a> Deserialize<'a> + PartialEq + std::fmt::Debug,
    {
        assert_eq!(&serde_json::to_value(message).unwrap(), wire);
        assert_eq!(&serde_json::from_value::<T>(wire.clone()).unwrap(), message);
    }

    #[test]
    fn messages_stand_on_the_wire_as_documented() {
        check_wire(&ToServer::Join { room: None, seed: None }, &json!({"type": "join"}));
        let joined = FromServer::Joined { room: "ice".to_owned(), player: 1, seed: 7 };
        check_wire(&joined, &json!({"type": "joined", "room": "ice", "player": 1, "seed": 7}));
        let message = Negotiation::Candidate {
            candidate: "candidate:1".to_owned(),
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: Some(0),
        };
        let wire = json!({"type": "relay", "message": {
            "kind": "candidate", "candidate": "candidate:1", "sdpMid": "0", "sdpMLineIndex": 0,
        }});
        check_wire(&ToServer::Relay { message }, &wire);
        check_wire(&FromServer::PeerLeft, &json!({"type": "peerLeft"}));
    }

    #[test]
    fn room_names_are_short_and_plain() {
        assert!(is_room_name("quiet-fox_7"));
        for name in ["", "a b", "ä", "a/b", &"x".repeat(41)] {
            assert!(!is_room_name(name), "{name}");
        }
    }
}
