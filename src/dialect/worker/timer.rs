//! MUG's timer worker: a worker made of a blob that ticks, so that a page in the background keeps its
//! pace (MUG wire notes, §1.13).

use super::super::native::{emit, text};
use super::super::{Place, Sink};
use super::PLACE;
use crate::capture::Value;
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact};

/// Whether a message is surely a command to the timer or one of its ticks.
pub(super) fn is_timer(place: &Place, message: &Value<'_>) -> bool {
    match place.direction {
        Direction::Sent => {
            matches!(text(message, "command"), Some("start" | "stop" | "setInterval"))
        }
        Direction::Received => {
            text(message, "type") == Some("tick") && message.get("timestamp").is_some()
        }
    }
}

/// Reads a message if it is the timer's; returns whether it is.
pub(super) fn read(
    place: &Place,
    message: &Value<'_>,
    sink: &mut Sink<'_>,
    issues: &mut IssueLog,
) -> bool {
    match (place.direction, text(message, "command"), text(message, "type")) {
        (Direction::Received, _, Some("tick")) => emit(place, Fact::TimerTicked, sink),
        (Direction::Sent, Some("start" | "stop" | "setInterval"), _) => {}
        (Direction::Sent, Some(_), None) => {
            issues.push(PLACE, "a command that the page's timer does not know");
        }
        _ => return false,
    }
    true
}
