//! The dialect of MUG's workers: requests {type, id, payload} and batches whose operations carry no
//! frames (MUG wire notes, §1), and the timer's ticks. Which frame a request belongs to is not said
//! here.

mod timer;

use super::native::{emit, is_log, read_request, read_result, text};
use super::{Dialect, Memory, Place, Sink};
use crate::capture::{ChannelKind, Value};
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact, Logger, OperationResult, Outcome, StopCause};

/// Place of the dialect's issues.
const PLACE: &str = "worker";

/// Most results of one reply that are read.
const MAX_RESULTS: usize = 8192;

/// The dialect.
pub(super) struct Worker;

impl Dialect for Worker {
    fn name(&self) -> &'static str {
        "worker"
    }

    fn documentation(&self) -> &'static str {
        "MUG's Pyodide worker: requests {type, id, payload}, batches of operations, progress and \
         replies in any order, matched by id. Operations carry no frames: which one a request \
         belongs to is counted, and rollbacks with their targets come from the data channel; round \
         trips, their operations, results and errors are exact. And the page's timer worker: the \
         commands start, stop and setInterval, and ticks. A tick makes the page step at most one \
         frame; one that comes while the page is busy is lost, so ticks tell when a page could act \
         and not what it did. The time in a tick is the worker's own."
    }

    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool {
        if place.kind != ChannelKind::Worker {
            return false;
        }
        if timer::is_timer(place, message) {
            return true;
        }
        let kind = text(message, "type").unwrap_or_default();
        let Some(payload) = message.get("payload") else {
            let is_boot = kind == "progress" && text(message, "stage") == Some("loading");
            return is_boot && place.direction == Direction::Received;
        };
        let has = |key: &str| payload.get(key).is_some();
        // This project's own requests name their frame or their protocol.
        place.direction == Direction::Sent
            && message.get("id").and_then(Value::as_u32).is_some()
            && !has("frame")
            && match kind {
                "installPackages" => has("packages"),
                "initEnv" => has("envCode"),
                "step" => has("actions"),
                "setState" => has("stateJson"),
                _ => false,
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
        if timer::read(place, message, sink, issues) {
            return;
        }
        match place.direction {
            Direction::Sent => read_request(place, message, sink, issues),
            Direction::Received => read_reply(place, message, sink, issues),
        }
    }
}

fn read_reply(place: &Place, message: &Value<'_>, sink: &mut Sink<'_>, issues: &mut IssueLog) {
    let worker = place.channel;
    let kind = text(message, "type").unwrap_or_default();
    if matches!(kind, "progress" | "ready") {
        return;
    }
    if is_log(kind) {
        return emit(place, Fact::Logged(Logger::Worker), sink);
    }
    let error = message.get("error").filter(|_| kind == "error");
    let error_text = error.and_then(|error| text(error, "message")).unwrap_or_default();
    let Some(request) = message.get("id").and_then(Value::as_u32) else {
        // An error without id is one of the boot: the worker will never answer anything.
        if error.is_some() {
            let cause = StopCause::Failed(error_text.to_owned());
            emit(place, Fact::WorkerStopped { worker, cause }, sink);
        } else {
            issues.push(PLACE, "a reply without id");
        }
        return;
    };
    let outcome = match (kind, message.get("result"), error) {
        ("installed" | "envReady", _, _) => Outcome::Results(vec![OperationResult::Done]),
        ("result", Some(Value::Array(results)), _) => {
            Outcome::Results(results.iter().take(MAX_RESULTS).map(result).collect())
        }
        ("result", Some(one), _) => Outcome::Results(vec![result(one)]),
        (_, _, Some(error)) => Outcome::Failed {
            message: error_text,
            failed_index: error.get("failedIndex").and_then(Value::as_u32),
            partial_results: error
                .get("partialResults")
                .and_then(Value::items)
                .map(|results| results.len() as u32),
        },
        _ => {
            issues.push(PLACE, "a reply that is neither a result nor an error");
            return;
        }
    };
    emit(place, Fact::WorkerReplied { worker, request, outcome, handled: None }, sink);
}

// A saved state comes as its bare text.
fn result<'v>(value: &'v Value<'_>) -> OperationResult<'v> {
    value.as_str().map_or_else(|| read_result(value), OperationResult::State)
}

#[cfg(test)]
mod tests {
    use super::super::{ChannelMemory, PageMemory};
    use super::*;
    use crate::observation::{Evidence, Observation};
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

    fn object(members: &[(&'static str, Value<'static>)]) -> Value<'static> {
        Value::Object(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
    }

    fn read(direction: Direction, message: &Value<'_>) -> (Vec<String>, u64) {
        let (mut facts, mut issues) = (Vec::new(), IssueLog::default());
        let mut sink = |seen: &Observation<'_>| facts.push(format!("{:?}", seen.fact));
        let (mut channel, mut page) = <(ChannelMemory, PageMemory)>::default();
        let mut memory = Memory { channel: &mut channel, page: &mut page };
        Worker.read(&place(direction), message, &mut memory, &mut sink, &mut issues);
        (facts, issues.total())
    }

    #[test]
    fn boot_failures_stop_the_worker_and_other_replies_without_id_are_issues() {
        let error = object(&[("message", Value::String("no wasm".into()))]);
        let boot = object(&[("type", Value::String("error".into())), ("error", error)]);
        let (facts, issues) = read(Direction::Received, &boot);
        assert!(facts[0].contains("no wasm"));
        assert_eq!((facts.len(), issues), (1, 0));
        let nameless = object(&[("type", Value::String("result".into()))]);
        assert_eq!(read(Direction::Received, &nameless), (vec![], 1));
        assert_eq!(read(Direction::Received, &Value::Null), (vec![], 1));
        assert_eq!(read(Direction::Sent, &Value::Null), (vec![], 1));
    }

    #[test]
    fn requests_that_name_their_frame_and_timers_are_not_claimed() {
        let actions = object(&[("0", Value::Integer(1))]);
        let step = |payload| {
            let kind = Value::String("step".into());
            object(&[("type", kind), ("id", Value::Integer(3)), ("payload", payload)])
        };
        let own = step(object(&[("actions", actions.clone()), ("frame", Value::Integer(0))]));
        let mug = step(object(&[("actions", actions)]));
        let tock = object(&[("type", Value::String("tock".into()))]);
        assert!(Worker.recognises(&place(Direction::Sent), &mug));
        assert!(!Worker.recognises(&place(Direction::Sent), &own));
        assert!(!Worker.recognises(&place(Direction::Received), &tock));
    }

    #[test]
    fn a_timer_s_ticks_are_told_and_anything_else_of_it_is_an_issue() {
        let message = |key: &'static str, word: &'static str| {
            object(&[(key, Value::String(word.into())), ("timestamp", Value::Integer(5))])
        };
        let (sent, received) = (Direction::Sent, Direction::Received);
        assert!(Worker.recognises(&place(received), &message("type", "tick")));
        assert!(Worker.recognises(&place(sent), &message("command", "start")));
        assert!(!Worker.recognises(&place(sent), &message("type", "tick")));
        let (facts, issues) = read(received, &message("type", "tick"));
        assert_eq!((facts, issues), (vec!["TimerTicked".to_owned()], 0));
        assert_eq!(read(sent, &message("command", "stop")), (vec![], 0));
        assert_eq!(read(sent, &message("command", "dance")), (vec![], 1));
        assert_eq!(read(received, &message("type", "tock")), (vec![], 1));
    }
}
