//! Inputs, hashes and states that go through the server: MUG's fall-back and dormant events (MUG
//! wire notes, §3.3) and those of the older relayed design.

use super::super::memory::{Memory, name_of};
use super::super::native::text;
use super::PLACE;
use super::events::{Event, Speaker};
use crate::action::Action;
use crate::capture::Value;
use crate::issue::IssueLog;
use crate::observation::Fact;

/// Reads one input that goes to the server or comes from it.
pub(super) fn read_input(
    event: &Event<'_, '_>,
    speaker: &mut Speaker<'_, '_>,
    memory: &Memory<'_>,
    issues: &mut IssueLog,
) {
    let direction = speaker.place.direction;
    let names = &memory.page.names;
    let name = event.argument.get("player_id").and_then(name_of);
    let Some(player) = name.and_then(|name| names.player(&name)) else {
        return issues.push(PLACE, "an input of a player whom no list of players names");
    };
    let Some(frame) = event.frame("frame_number") else {
        return issues.push(PLACE, "an input without a frame");
    };
    let Some(action) = event.argument.get("action").and_then(Value::as_u32).map(Action) else {
        return issues.push(PLACE, "an input whose action is no whole number");
    };
    speaker.fact(Fact::InputRelayed { direction, player, frame, action });
}

/// Reads a hash of a state, the wish for a state, or a state.
pub(super) fn read_state(
    event: &Event<'_, '_>,
    speaker: &mut Speaker<'_, '_>,
    issues: &mut IssueLog,
) {
    let direction = speaker.place.direction;
    let inner = event.argument.get("state");
    let of_state = inner.and_then(|state| state.get("frame_number")).and_then(Value::as_u32);
    let frame = ["frame_number", "frame"].into_iter().find_map(|key| event.frame(key));
    let frame = frame.or(of_state.map(crate::frame::Frame));
    match event.name {
        "p2p_state_sync" | "pyodide_state_hash" => {
            let hash = ["state_hash", "hash"].into_iter().find_map(|key| text(event.argument, key));
            match (frame, hash) {
                (Some(frame), Some(hash)) => {
                    speaker.fact(Fact::HashMentioned { direction, frame, hash });
                }
                _ => issues.push(PLACE, "a state hash without frame or hash"),
            }
        }
        "p2p_state_request" | "pyodide_request_resync" | "pyodide_request_full_state" => {
            speaker.fact(Fact::StateRequested { direction, frame });
        }
        _ => speaker.fact(Fact::StateTransferred { direction, frame }),
    }
}
