//! Engine requests as operations of the Worker protocol, and a batch's results back as snapshots.
//!
//! The mapping is the one of `docs/worker-protocol.md`; an observer of the traffic relies on it.
//! Nothing here knows when a batch is sent.

use std::collections::BTreeMap;

use rollscope::frame::Frame;
use rollscope::rollback::{Engine, Request};
use rollscope::worker::Operation;
use serde_json::Value;

/// A state that a worker saved, with its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedState {
    /// The frame that the state stands before.
    pub frame: Frame,
    /// The state text.
    pub state_json: String,
    /// The first 16 hexadecimal digits of its hash as a number.
    pub hash: u64,
}

/// What a batch brought.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BatchOutcome {
    /// The saved states, in order.
    pub saved: Vec<SavedState>,
    /// The newest render state, if the batch ended with a `render`.
    pub render_state: Option<Value>,
    /// The first frame whose step ended the game for all players.
    pub terminal: Option<Frame>,
}

/// Why a reply does not answer its batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// A rollback starts from a state that is not held.
    #[error("the snapshot of frame {0} is not held")]
    MissingSnapshot(Frame),
    /// The reply holds another number of results than the batch has operations.
    #[error("{results} results for {operations} operations")]
    Arity {
        /// Operations asked for.
        operations: usize,
        /// Results that came.
        results: usize,
    },
    /// A result is not of the kind that its operation gives.
    #[error("result {index} is none of `{operation}`")]
    Kind {
        /// Index of the result.
        index: usize,
        /// Name of its operation.
        operation: &'static str,
    },
}

/// The operations for `requests`; snapshots to load come from `engine`.
///
/// # Errors
///
/// [`BatchError::MissingSnapshot`] when a snapshot to load is not held.
pub fn operations(
    requests: &[Request],
    engine: &Engine<String>,
) -> Result<Vec<Operation>, BatchError> {
    operations_from(requests, |frame| engine.snapshot(frame))
}

/// The operations for `requests`; `snapshot` gives the states to load.
///
/// # Errors
///
/// [`BatchError::MissingSnapshot`] when a snapshot to load is not held.
pub fn operations_from<'a>(
    requests: &[Request],
    snapshot: impl Fn(Frame) -> Option<&'a String>,
) -> Result<Vec<Operation>, BatchError> {
    let mut operations = Vec::with_capacity(requests.len() * 2 + 1);
    for request in requests {
        match *request {
            Request::LoadSnapshot { frame } => operations.push(Operation::SetState {
                state_json: snapshot(frame).ok_or(BatchError::MissingSnapshot(frame))?.clone(),
                frame: Some(frame),
            }),
            Request::SaveSnapshot { frame } => {
                operations.push(Operation::GetState { frame: Some(frame) });
                operations.push(Operation::ComputeHash { state_json: None });
            }
            Request::AdvanceFrame { frame, inputs } => {
                let named = |(player, action): (usize, _)| (player.to_string(), action);
                let actions: BTreeMap<_, _> =
                    inputs.actions().iter().copied().enumerate().map(named).collect();
                operations.push(Operation::Step { actions, frame: Some(frame) });
            }
        }
    }
    Ok(operations)
}

/// Reads the results of `operations`.
///
/// # Errors
///
/// [`BatchError`] when number or kind of the results do not fit.
pub fn read_results(operations: &[Operation], results: Value) -> Result<BatchOutcome, BatchError> {
    let results = match results {
        Value::Array(results) => results,
        other => vec![other],
    };
    if results.len() != operations.len() {
        let (operations, results) = (operations.len(), results.len());
        return Err(BatchError::Arity { operations, results });
    }
    let mut outcome = BatchOutcome::default();
    let mut awaiting_hash: Option<(Frame, String)> = None;
    for (index, (operation, mut result)) in operations.iter().zip(results).enumerate() {
        let wrong_kind = BatchError::Kind { index, operation: operation.name() };
        match operation {
            Operation::GetState { frame } => match result.get_mut("stateJson").map(Value::take) {
                Some(Value::String(text)) => awaiting_hash = frame.map(|frame| (frame, text)),
                _ => return Err(wrong_kind),
            },
            Operation::ComputeHash { .. } => {
                let hash = result.get("hash").and_then(Value::as_str).and_then(hash_number);
                let hash = hash.ok_or(wrong_kind)?;
                if let Some((frame, state_json)) = awaiting_hash.take() {
                    outcome.saved.push(SavedState { frame, state_json, hash });
                }
            }
            Operation::Render {} | Operation::Reset { .. } => {
                let state = result.get_mut("renderState").map(Value::take);
                outcome.render_state = Some(state.ok_or(wrong_kind)?);
            }
            Operation::Step { .. } if result.get("rewards").is_none() => return Err(wrong_kind),
            Operation::Step { frame, .. } => {
                if outcome.terminal.is_none() && is_terminal(&result) {
                    outcome.terminal = *frame;
                }
            }
            Operation::SetState { .. }
            | Operation::SeedRng { .. }
            | Operation::InstallPackages { .. }
            | Operation::InitEnv { .. }
            | Operation::ValidateCapabilities {} => {}
        }
    }
    Ok(outcome)
}

/// Whether a step's result says that every player's game has ended.
fn is_terminal(result: &Value) -> bool {
    let players = result.get("terminateds").and_then(Value::as_object);
    players.is_some_and(|players| {
        !players.is_empty() && players.values().all(|ended| ended.as_bool() == Some(true))
    })
}

/// Sixteen hexadecimal digits as a number; `None` for anything else.
#[must_use]
pub fn hash_number(hex: &str) -> Option<u64> {
    (hex.len() == 16).then(|| u64::from_str_radix(hex, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::action::Action;
    use rollscope::frame::Episode;
    use rollscope::message::{PredictionRule, SessionSettings};
    use rollscope::player::{PlayerId, PlayerSet};
    use rollscope::rollback::{EngineConfig, FrameInputs};
    use serde_json::json;

    fn engine_with_frame_five() -> Engine<String> {
        let settings = SessionSettings {
            input_delay_frames: 0,
            snapshot_interval_frames: 5,
            max_prediction_frames: 20,
            frames_per_second: 60,
            prediction: PredictionRule::RepeatLast,
            default_action: Action(0),
            seed: 0,
        };
        let (local, episode) = (PlayerId(0), Episode(0));
        let config = EngineConfig { local, settings: vec![settings; 2], episode };
        let mut engine = Engine::new(&config).unwrap();
        engine.handle_snapshot(Frame(5), "{\"at\":5}".to_owned(), 1);
        engine
    }

    fn advance(frame: u32) -> Request {
        let inputs = FrameInputs::new(&[Action(3), Action(0)], PlayerSet::EMPTY);
        Request::AdvanceFrame { frame: Frame(frame), inputs }
    }

    #[test]
    fn a_rollback_is_one_batch_as_documented() {
        let requests = [
            Request::LoadSnapshot { frame: Frame(5) },
            advance(5),
            Request::SaveSnapshot { frame: Frame(6) },
            advance(6),
        ];
        let wire = json!(operations(&requests, &engine_with_frame_five()).unwrap());
        let expected = json!([
            {"op": "setState", "params": {"stateJson": "{\"at\":5}", "frame": 5}},
            {"op": "step", "params": {"actions": {"0": 3, "1": 0}, "frame": 5}},
            {"op": "getState", "params": {"frame": 6}},
            {"op": "computeHash", "params": {}},
            {"op": "step", "params": {"actions": {"0": 3, "1": 0}, "frame": 6}},
        ]);
        assert_eq!(wire, expected);
    }

    #[test]
    fn a_snapshot_that_is_not_held_is_named() {
        let requests = [Request::LoadSnapshot { frame: Frame(4) }];
        let error = operations(&requests, &engine_with_frame_five()).unwrap_err();
        assert_eq!(error, BatchError::MissingSnapshot(Frame(4)));
    }

    fn saving_batch() -> Vec<Operation> {
        let requests = [Request::SaveSnapshot { frame: Frame(5) }, advance(5)];
        let mut batch = operations(&requests, &engine_with_frame_five()).unwrap();
        batch.push(Operation::Render {});
        batch
    }

    #[test]
    fn results_come_back_as_a_snapshot_and_a_picture() {
        let results = json!([
            {"stateJson": "{}"}, {"hash": "00000000000000ff"},
            {"rewards": {}, "terminateds": {}}, {"renderState": {"x": 1}},
        ]);
        let outcome = read_results(&saving_batch(), results).unwrap();
        let saved = SavedState { frame: Frame(5), state_json: "{}".to_owned(), hash: 255 };
        assert_eq!(outcome.saved, [saved]);
        assert_eq!(outcome.render_state, Some(json!({"x": 1})));
        assert_eq!(outcome.terminal, None);
    }

    #[test]
    fn a_step_that_ends_the_game_for_all_players_is_found() {
        let batch = |frames: &[u32]| {
            let requests: Vec<Request> = frames.iter().map(|frame| advance(*frame)).collect();
            operations(&requests, &engine_with_frame_five()).unwrap()
        };
        let step = |ended: [bool; 2]| json!({"rewards": {}, "terminateds": {"0": ended[0], "1": ended[1]}});
        let results = json!([step([true, false]), step([true, true]), step([true, true])]);
        assert_eq!(read_results(&batch(&[5, 6, 7]), results).unwrap().terminal, Some(Frame(6)));
        let nobody = json!([{"rewards": {}, "terminateds": {}}]);
        assert_eq!(read_results(&batch(&[5]), nobody).unwrap().terminal, None);
    }

    #[test]
    fn results_of_another_number_or_kind_are_refused() {
        let short = read_results(&saving_batch(), json!([{"stateJson": "{}"}]));
        assert_eq!(short, Err(BatchError::Arity { operations: 4, results: 1 }));
        let swapped = json!([{"hash": "00"}, {"hash": "00"}, {}, {}]);
        let wrong = read_results(&saving_batch(), swapped);
        assert_eq!(wrong, Err(BatchError::Kind { index: 0, operation: "getState" }));
    }
}
