//! Inputs, hashes and states that go through the server: MUG's fall-back and dormant events (MUG
//! wire notes, §3.3) and those of the older relayed design.

use super::super::memory::{Memory, name_of};
use super::super::native::{self, text};
use super::PLACE;
use super::events::{Event, Speaker};
use crate::action::Action;
use crate::capture::Value;
use crate::issue::IssueLog;
use crate::observation::Fact;

/// Objects inside objects that are read; a message needs three.
const MAX_DEPTH: u32 = 8;

/// Whole numbers up to this one stand exactly in JavaScript's.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

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

/// Reads a message of this project's own runtime that the server carries as an object.
pub(super) fn read_native(
    message: &Value<'_>,
    speaker: &mut Speaker<'_, '_>,
    memory: &mut Memory<'_>,
    issues: &mut IssueLog,
) {
    let object = plain(message, MAX_DEPTH).map(|object| object.to_string());
    let Some(text) = object else {
        return issues.push(PLACE, "a relayed message that is no object of JSON");
    };
    match native::decode(text.as_bytes()) {
        Ok(message) => {
            let direction = speaker.place.direction;
            native::tell(message, direction, &mut memory.channel.statuses, &mut |mut fact| {
                if let Fact::InputsAnnounced { is_relayed, .. } = &mut fact {
                    *is_relayed = true;
                }
                speaker.fact(fact);
            });
        }
        Err(error) => issues.push(PLACE, format!("a relayed message: {error}")),
    }
}

fn plain(value: &Value<'_>, depth: u32) -> Option<serde_json::Value> {
    let depth = depth.checked_sub(1)?;
    Some(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(one) => (*one).into(),
        Value::Integer(number) => (*number).into(),
        Value::Number(number) if number.fract() == 0.0 && number.abs() <= MAX_WHOLE => {
            serde_json::Value::from(*number as i64)
        }
        Value::Number(number) => (*number).into(),
        Value::String(text) => serde_json::Value::from(&**text),
        Value::Array(items) => {
            items.iter().map(|item| plain(item, depth)).collect::<Option<Vec<_>>>()?.into()
        }
        Value::Object(members) => {
            let members =
                members.iter().map(|(key, value)| Some(((**key).to_owned(), plain(value, depth)?)));
            serde_json::Value::Object(members.collect::<Option<_>>()?)
        }
        _ => return None,
    })
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
                    speaker.fact(Fact::HashMentioned { direction, is_relayed: true, frame, hash });
                }
                _ => issues.push(PLACE, "a state hash without frame or hash"),
            }
        }
        "p2p_state_request" | "pyodide_request_resync" | "pyodide_request_full_state" => {
            speaker.fact(Fact::StateRequested { direction, frame, base: None });
        }
        _ => speaker.fact(Fact::StateTransferred { direction, frame }),
    }
}
