//! Faults of a worker's answers: what is left out, swapped, held back or added on the way to the page.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use rollscope_runtime::seam::WorkerSeam;
use serde_json::{Value, json};

use super::replies::id_of;
use super::requests::{CODE_ID, FIRST_PICTURE_ID};
use super::{Course, Fault, Faults};

/// What stands in a saved state where JSON has no number for it.
pub(super) const NOT_A_NUMBER: &str = "{\"speed_limit\":NaN,";

/// The faults of a worker's answers.
#[derive(Debug)]
pub struct WorkerFaults {
    course: Course,
    // The frame that the game has come to.
    frame: Rc<Cell<u32>>,
    held_back: Option<Value>,
    pictures: VecDeque<Value>,
}

impl WorkerFaults {
    /// Those that are switched on, for a game that says where it stands.
    #[must_use]
    pub fn new(faults: Faults, frame: Rc<Cell<u32>>) -> Self {
        let course = Course::new(faults);
        Self { course, frame, held_back: None, pictures: VecDeque::new() }
    }

    // The worker draws every other of the pictures that it is asked for.
    fn drawn(&mut self, reply: Value) -> Vec<Value> {
        let is_even = id_of(&reply).is_some_and(|id| id % 2 == 0);
        self.pictures.push_back(reply);
        if is_even { self.pictures.pop_front().into_iter().collect() } else { Vec::new() }
    }

    fn spoil(&mut self, results: &mut Vec<Value>) {
        if results.len() > 2 && self.course.happens(Fault::DropResult) {
            results.pop();
        }
        if results.len() > 2 && self.course.happens(Fault::SwapResults) {
            let last = results.len() - 1;
            results.swap(0, last);
        }
        for result in results {
            if self.course.is_on(Fault::HashByOtherRule) && result.get("hash").is_some() {
                result["hash"] = json!("00000000000000aa");
            }
            if let Some(text) = result.get("stateJson").and_then(Value::as_str)
                && self.course.is_on(Fault::NotJson)
            {
                result["stateJson"] = json!(text.replacen('{', NOT_A_NUMBER, 1));
            }
        }
    }
}

impl WorkerSeam for WorkerFaults {
    fn handle_reply(&mut self, mut reply: Value) -> Result<Vec<Value>, String> {
        self.course.frame = self.frame.get();
        if self.course.happens(Fault::WorkerFails) {
            return Err("this worker was made to fail".to_owned());
        }
        let id = id_of(&reply).unwrap_or(0);
        if id == u64::from(CODE_ID) {
            // As if the worker had run the code.
            return Ok(vec![json!({"type": "result", "id": id, "result": {"ok": true}})]);
        }
        if id >= u64::from(FIRST_PICTURE_ID) {
            return Ok(self.drawn(reply));
        }
        if self.course.is_on(Fault::UntimedOverlap)
            && let Some(members) = reply.as_object_mut()
        {
            members.remove("timing");
        }
        let (mut is_replay, mut is_live) = (false, false);
        if let Some(results) = reply.get_mut("result").and_then(Value::as_array_mut) {
            is_replay = results.first().is_some_and(|first| first.get("ok").is_some());
            is_live = results.last().is_some_and(|last| last.get("renderState").is_some());
            self.spoil(results);
        }
        if is_replay && self.course.happens(Fault::InterruptedBatch) {
            self.held_back = Some(reply);
            return Ok(Vec::new());
        }
        let mut passed = vec![reply];
        passed.extend(self.held_back.take());
        if is_live && self.course.happens(Fault::OrphanReply) {
            passed.push(json!({"type": "result", "id": 999_999, "result": []}));
        }
        if is_live && self.course.is_on(Fault::LogsEachFrame) {
            passed.push(json!({"type": "log", "message": "stepped"}));
        }
        Ok(passed)
    }
}
