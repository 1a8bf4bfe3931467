//! What a page with faults makes of its worker's answers: the session hears what it would have heard
//! without the fault, so that it plays on and what is wrong stays on the wire.

use rollscope::worker::Operation;
use rollscope_runtime::seam::Passed;
use serde_json::{Value, json};

use super::Fault;
use super::requests::{Open, PageFaults};
use super::worker::NOT_A_NUMBER;

impl PageFaults {
    pub(super) fn reply(&mut self, mut said: Value) -> Vec<Passed> {
        let Some(id) = id_of(&said) else {
            // A line of a log.
            return Vec::new();
        };
        let open = u32::try_from(id).ok().and_then(|id| self.open.remove(&id));
        let Some(open) = open else {
            return if Self::is_own(id) { Vec::new() } else { passed(said) };
        };
        let Some(Value::Array(mut results)) = said.get_mut("result").map(Value::take) else {
            return self.refused(said, &open);
        };
        let asked: Vec<Operation> = open.asked.iter().map(|(_, one)| one.clone()).collect();
        self.repair(&asked, &mut results);
        self.known.note_results(&asked, &results);
        if Self::is_own(id) {
            return Vec::new();
        }
        let mut answers = self.known.made_up(&open.wanted);
        for ((place, _), result) in open.asked.iter().zip(results) {
            if let Some(answer) = place.and_then(|place| answers.get_mut(place)) {
                *answer = result;
            }
        }
        self.known.note_told(&open.wanted, &answers);
        if let Some(result) = said.get_mut("result") {
            *result = Value::Array(answers);
        }
        passed(said)
    }

    /// A batch that failed: the loop ends here, or the page goes on as if nothing had been.
    fn refused(&mut self, said: Value, open: &Open) -> Vec<Passed> {
        let faults = self.course.faults;
        if faults.has(Fault::LoopDies) {
            return Vec::new();
        }
        let goes_on = faults.has(Fault::StepAfterFailure) || faults.has(Fault::TextAction);
        match id_of(&said).and_then(|id| u32::try_from(id).ok()) {
            Some(id) if goes_on => {
                self.answered(id, &self.known.made_up(&open.wanted)).into_iter().collect()
            }
            _ => passed(said),
        }
    }

    /// The session's answer to a request, from results.
    pub(super) fn answered(&self, id: u32, results: &[Value]) -> Option<Passed> {
        passed(json!({"type": "result", "id": id, "result": results})).pop()
    }

    /// Undoes what the worker did to its results.
    fn repair(&self, asked: &[Operation], results: &mut Vec<Value>) {
        if self.course.faults.has(Fault::SwapResults)
            && let (Some(operation), Some(result)) = (asked.first(), results.first())
            && !fits(operation, result)
        {
            let last = results.len() - 1;
            results.swap(0, last);
        }
        if results.len() < asked.len() {
            let made_up = self.known.made_up(asked);
            results.extend(made_up.into_iter().skip(results.len()));
        }
        for result in results {
            if let Some(text) = result.get("stateJson").and_then(Value::as_str) {
                result["stateJson"] = json!(text.replacen(NOT_A_NUMBER, "{", 1));
            }
        }
    }
}

/// The id of a request or a reply.
pub(super) fn id_of(wire: &Value) -> Option<u64> {
    wire.get("id")?.as_u64()
}

/// Whether a result is of the kind that an operation has.
fn fits(operation: &Operation, result: &Value) -> bool {
    let key = match operation {
        Operation::GetState { .. } => "stateJson",
        Operation::ComputeHash { .. } => "hash",
        Operation::Step { .. } => "rewards",
        Operation::Render {} => "renderState",
        _ => "ok",
    };
    result.get(key).is_some()
}

/// What the session hears; nothing if it is no reply at all.
fn passed(said: Value) -> Vec<Passed> {
    serde_json::from_value(said).ok().map(Passed::Reply).into_iter().collect()
}
