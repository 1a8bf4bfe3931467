//! The dialect of MUG's timer worker: a worker made of a blob that ticks, so that a page in the
//! background keeps its pace (MUG wire notes, §1.13).

use super::native::{emit, text};
use super::{Dialect, Memory, Place, Sink};
use crate::capture::{ChannelKind, Value};
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact};

/// The dialect.
pub(super) struct Timer;

impl Dialect for Timer {
    fn name(&self) -> &'static str {
        "timer"
    }

    fn documentation(&self) -> &'static str {
        "MUG's timer worker: the commands start, stop and setInterval, and ticks. A tick makes the \
         page step at most one frame; one that comes while the page is busy is lost, so ticks tell \
         when a page could act and not what it did. The time in a tick is the worker's own."
    }

    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool {
        let is_command = matches!(text(message, "command"), Some("start" | "stop" | "setInterval"));
        let is_tick = text(message, "type") == Some("tick") && message.get("timestamp").is_some();
        place.kind == ChannelKind::Worker
            && match place.direction {
                Direction::Sent => is_command,
                Direction::Received => is_tick,
            }
    }

    fn read(
        &self,
        place: &Place,
        message: &Value<'_>,
        _memory: &mut Memory<'_>,
        sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    ) {
        match (place.direction, text(message, "command"), text(message, "type")) {
            (Direction::Received, _, Some("tick")) => emit(place, Fact::TimerTicked, sink),
            (Direction::Sent, Some("start" | "stop" | "setInterval"), _) => {}
            _ => issues.push("timer worker", "a message that is neither a command nor a tick"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{ChannelMemory, PageMemory};
    use crate::observation::Evidence;
    use crate::time::Micros;

    fn place(direction: Direction) -> Place {
        Place {
            kind: ChannelKind::Worker,
            channel: 1,
            direction,
            evidence: Evidence::default(),
            time: Micros(9),
            time_origin_ms: None,
        }
    }

    fn message(key: &'static str, word: &'static str) -> Value<'static> {
        let members = [(key, Value::String(word.into())), ("timestamp", Value::Integer(5))];
        Value::Object(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    fn read(direction: Direction, message: &Value<'_>) -> (usize, u64) {
        let (mut facts, mut issues) = (0, IssueLog::default());
        let (mut channel, mut page) = <(ChannelMemory, PageMemory)>::default();
        let mut memory = Memory { channel: &mut channel, page: &mut page };
        let mut sink = |_: &crate::observation::Observation<'_>| facts += 1;
        Timer.read(&place(direction), message, &mut memory, &mut sink, &mut issues);
        (facts, issues.total())
    }

    #[test]
    fn ticks_are_told_and_anything_else_is_an_issue() {
        assert!(Timer.recognises(&place(Direction::Received), &message("type", "tick")));
        assert!(Timer.recognises(&place(Direction::Sent), &message("command", "start")));
        assert!(!Timer.recognises(&place(Direction::Sent), &message("type", "tick")));
        assert_eq!(read(Direction::Received, &message("type", "tick")), (1, 0));
        assert_eq!(read(Direction::Sent, &message("command", "stop")), (0, 0));
        assert_eq!(read(Direction::Received, &message("type", "tock")), (0, 1));
        assert_eq!(read(Direction::Received, &Value::Null), (0, 1));
    }
}
