//! A peer's message as an event for the server to carry, and back.
//!
//! Bytes of any form come in from the session, objects with the names of the seeds go out; which
//! messages take this way is decided by `route`.

use rollscope::message::{Form, PeerMessage};
use serde_json::Value;

use crate::signal::{Relayed, ToServer};

/// The event for a message from `player_id` to `target_player`; `None` for bytes that are none.
#[must_use]
pub fn event_of(
    bytes: &[u8],
    game_id: &str,
    player_id: u8,
    target_player: u8,
    timestamp: f64,
) -> Option<ToServer> {
    let (message, _) = PeerMessage::decode_any(bytes).ok()?;
    let (frame, wrap): (_, fn(Relayed) -> ToServer) = match &message {
        PeerMessage::Inputs { first, .. } => (Some(first.0), ToServer::PyodidePlayerAction),
        PeerMessage::StateHashes { hashes, .. } => {
            (hashes.first().map(|(frame, _)| frame.0), ToServer::PyodideStateHash)
        }
        PeerMessage::FrameSync { current, .. } => (Some(current.0), ToServer::PyodideFrameSync),
        _ => (None, ToServer::P2pMessage),
    };
    let mut text = Vec::with_capacity(256);
    message.encode_as(Form::Json, &mut text);
    Some(wrap(Relayed {
        game_id: game_id.to_owned(),
        player_id,
        target_player: Some(target_player),
        frame_number: frame,
        timestamp,
        message: serde_json::from_slice(&text).ok()?,
    }))
}

/// Whether a message holds inputs, for a player or a spectator: all that are not acknowledged, so
/// that the next one makes up for one that is left out.
#[must_use]
pub fn is_inputs(bytes: &[u8]) -> bool {
    let read = PeerMessage::decode_any(bytes);
    matches!(read, Ok((PeerMessage::Inputs { .. } | PeerMessage::ConfirmedInputs { .. }, _)))
}

/// The message that an event carries, as a session takes it.
#[must_use]
pub fn bytes_of(message: &Value) -> Vec<u8> {
    message.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::action::Action;
    use rollscope::frame::{Episode, Frame};
    use rollscope::player::PlayerId;

    #[test]
    fn a_message_goes_out_as_an_event_of_its_kind_and_comes_back_as_it_was() {
        let inputs = PeerMessage::Inputs {
            episode: Episode(1),
            player: PlayerId(2),
            current: Frame(30),
            received_through: Some(Frame(28)),
            first: Frame(29),
            actions: vec![Action(3), Action(0)],
        };
        let Some(ToServer::PyodidePlayerAction(relayed)) =
            event_of(&inputs.encoded(), "ice", 2, 0, 1.5)
        else {
            panic!("no event");
        };
        assert_eq!((relayed.frame_number, relayed.target_player), (Some(29), Some(0)));
        let (read, _) = PeerMessage::decode_any(&bytes_of(&relayed.message)).unwrap();
        assert_eq!(read, inputs);
        let ping = PeerMessage::Ping { stamp_micros: 7 }.encoded();
        assert!(is_inputs(&inputs.encoded()) && !is_inputs(&ping));
        assert!(matches!(event_of(&ping, "ice", 2, 0, 1.5), Some(ToServer::P2pMessage(_))));
        assert_eq!(event_of(b"nonsense", "ice", 2, 0, 1.5), None);
    }
}
