//! Commands, batches and replies as they stand on the wire, one serde shape each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::action::Action;
use crate::frame::Frame;

/// One request of the page: `{type, id, payload}`. A batch is of type `batch` with the payload
/// `{operations: [{op, params}]}`; any other type is the name of an operation and its payload the
/// parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Envelope", into = "Envelope")]
pub struct Request {
    /// Counts up per worker and is never reused.
    pub id: u32,
    /// What to do.
    pub command: Command,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// One operation by itself.
    Single(Operation),
    /// Several operations in order, with nothing in between; stops at the first error.
    Batch(Vec<Operation>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Envelope {
    id: u32,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    payload: Value,
}

#[derive(Serialize, Deserialize)]
struct BatchPayload {
    operations: Vec<Operation>,
}

const BATCH: &str = "batch";

impl TryFrom<Envelope> for Request {
    type Error = serde_json::Error;

    fn try_from(envelope: Envelope) -> Result<Self, serde_json::Error> {
        let command = if envelope.kind == BATCH {
            let payload: BatchPayload = serde_json::from_value(envelope.payload)?;
            Command::Batch(payload.operations)
        } else {
            let params = if envelope.payload.is_null() { json!({}) } else { envelope.payload };
            let operation = json!({ "op": envelope.kind, "params": params });
            Command::Single(serde_json::from_value(operation)?)
        };
        Ok(Self { id: envelope.id, command })
    }
}

impl From<Request> for Envelope {
    fn from(request: Request) -> Self {
        let (kind, payload) = match request.command {
            Command::Batch(operations) => (BATCH, json!({ "operations": operations })),
            Command::Single(operation) => {
                let name = operation.name();
                let mut wire = json!(operation);
                (name, wire.get_mut("params").map(Value::take).unwrap_or_default())
            }
        };
        Self { id: request.id, kind: kind.to_owned(), payload }
    }
}

/// One operation on the game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", content = "params", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Operation {
    /// Restores a state that `getState` returned.
    SetState {
        /// The state as JSON text.
        state_json: String,
        /// Frame that the state stands before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<Frame>,
    },
    /// Returns the state as JSON text.
    GetState {
        /// Frame that is about to be stepped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<Frame>,
    },
    /// Steps the game by one frame.
    Step {
        /// One action per player, by player index.
        actions: BTreeMap<String, Action>,
        /// The frame that is stepped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<Frame>,
    },
    /// Starts an episode.
    Reset {
        /// Seed of the episode; none leaves the random state as it is.
        seed: Option<u32>,
    },
    /// Returns the hash of a state: of `state_json` where given, else of the current one.
    ComputeHash {
        /// The state to hash.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state_json: Option<String>,
    },
    /// Returns what to draw.
    Render {},
    /// Seeds the game's random state.
    SeedRng {
        /// The seed.
        seed: u32,
    },
    /// Makes packages available that the worker itself knows by name. Not in a batch.
    InstallPackages {
        /// Their names.
        packages: Vec<String>,
    },
    /// Prepares one of the environments that the worker itself knows by name. Not in a batch.
    InitEnv {
        /// Its name; none means the only one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        env: Option<String>,
        /// Plain data for it.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        config: Value,
    },
    /// Tries out what the environment can do, without changing its state.
    ValidateCapabilities {},
}

impl Operation {
    /// Name of the operation on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SetState { .. } => "setState",
            Self::GetState { .. } => "getState",
            Self::Step { .. } => "step",
            Self::Reset { .. } => "reset",
            Self::ComputeHash { .. } => "computeHash",
            Self::Render {} => "render",
            Self::SeedRng { .. } => "seedRng",
            Self::InstallPackages { .. } => "installPackages",
            Self::InitEnv { .. } => "initEnv",
            Self::ValidateCapabilities {} => "validateCapabilities",
        }
    }

    /// Whether the operation may take its time (loading, unpacking) and so cannot be in a batch,
    /// which runs to its end before anything else.
    #[must_use]
    pub const fn is_preparation(&self) -> bool {
        matches!(self, Self::InstallPackages { .. } | Self::InitEnv { .. })
    }
}

/// What one step brought.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StepOutcome {
    /// Reward of the step by player index.
    pub rewards: BTreeMap<String, f64>,
    /// Whether the episode ended for a player, by player index.
    pub terminateds: BTreeMap<String, bool>,
}

/// What one operation returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum OperationResult {
    /// Of `step`.
    Step(StepOutcome),
    /// Of `getState`.
    State {
        /// The state as JSON text.
        state_json: String,
    },
    /// Of `computeHash`.
    Hash {
        /// The hash in lower-case hexadecimal.
        hash: String,
    },
    /// Of `render` and `reset`.
    Render {
        /// What to draw, as the game describes it.
        render_state: Value,
    },
    /// Of `validateCapabilities`.
    Capabilities {
        /// What was tried out.
        capabilities: Capabilities,
    },
    /// Of everything else.
    Done {
        /// Always true.
        ok: bool,
    },
}

/// What an environment was found to be able to do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Its name.
    pub environment: String,
    /// `getState` gives a text.
    pub get_state: bool,
    /// `setState` takes that text back.
    pub set_state: bool,
    /// After `setState`, `getState` gives the same text byte for byte.
    pub restores_exactly: bool,
    /// The text can be hashed by the environment's rule.
    pub compute_hash: bool,
    /// There is something to draw.
    pub render: bool,
    /// What was missing and why, for people.
    pub problems: Vec<String>,
}

/// When a worker handled a request, in milliseconds since the epoch (`performance.timeOrigin` plus
/// `performance.now()`).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    /// The request was taken up.
    pub started_ms: f64,
    /// The reply was ready.
    pub finished_ms: f64,
}

/// What the worker answers: `{type, id, result | error, timing}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The id of the request.
    pub id: u32,
    /// Result or error.
    #[serde(flatten)]
    pub body: ReplyBody,
    /// When it was handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
}

/// The result or the error of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ReplyBody {
    /// Everything was done.
    Result {
        /// One result for a single operation, an array of them for a batch.
        result: Value,
    },
    /// Something failed; what stood before it in a batch was done.
    Error {
        /// What and where.
        error: Failure,
    },
}

/// What failed in a request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What went wrong, for people.
    pub message: String,
    /// Index of the failed operation in a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_index: Option<u32>,
    /// Results of the operations before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_results: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_round_trip(request: &Request, wire: &Value) {
        assert_eq!(&serde_json::to_value(request).unwrap(), wire);
        assert_eq!(&serde_json::from_value::<Request>(wire.clone()).unwrap(), request);
    }

    #[test]
    fn a_batch_stands_on_the_wire_as_documented() {
        let step = Operation::Step {
            actions: BTreeMap::from([("0".to_owned(), Action(3)), ("1".to_owned(), Action(0))]),
            frame: Some(Frame(12)),
        };
        let load = Operation::SetState { state_json: "{}".to_owned(), frame: Some(Frame(10)) };
        check_round_trip(
            &Request { id: 42, command: Command::Batch(vec![load, step, Operation::Render {}]) },
            &json!({"type": "batch", "id": 42, "payload": {"operations": [
                {"op": "setState", "params": {"stateJson": "{}", "frame": 10}},
                {"op": "step", "params": {"actions": {"0": 3, "1": 0}, "frame": 12}},
                {"op": "render", "params": {}},
            ]}}),
        );
    }

    #[test]
    fn a_single_operation_is_named_by_the_type() {
        check_round_trip(
            &Request { id: 1, command: Command::Single(Operation::Reset { seed: Some(9) }) },
            &json!({"type": "reset", "id": 1, "payload": {"seed": 9}}),
        );
    }

    #[test]
    fn preparations_stand_on_the_wire_as_documented() {
        let packages = vec!["rink".to_owned()];
        check_round_trip(
            &Request { id: 2, command: Command::Single(Operation::InstallPackages { packages }) },
            &json!({"type": "installPackages", "id": 2, "payload": {"packages": ["rink"]}}),
        );
        let env = Some("arena".to_owned());
        let init = Operation::InitEnv { env, config: json!({"players": 2}) };
        check_round_trip(
            &Request { id: 3, command: Command::Single(init) },
            &json!({"type": "initEnv", "id": 3,
                "payload": {"env": "arena", "config": {"players": 2}}}),
        );
    }

    #[test]
    fn there_is_no_command_that_runs_code() {
        for kind in ["runPython", "runPythonAsync", "eval", "importScripts"] {
            let wire = json!({"type": kind, "id": 1, "payload": {"code": "1"}});
            assert!(serde_json::from_value::<Request>(wire).is_err(), "{kind}");
        }
    }

    #[test]
    fn results_keep_their_kind() {
        for result in [
            OperationResult::State { state_json: "{}".into() },
            OperationResult::Hash { hash: "00ff".into() },
            OperationResult::Render { render_state: json!({"a": 1}) },
            OperationResult::Done { ok: true },
            OperationResult::Capabilities { capabilities: Capabilities::default() },
            OperationResult::Step(StepOutcome::default()),
        ] {
            let wire = serde_json::to_value(&result).unwrap();
            assert_eq!(serde_json::from_value::<OperationResult>(wire).unwrap(), result);
        }
    }
}
