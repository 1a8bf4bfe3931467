//! Runs requests against an environment: one after another, a batch as a whole.

use serde_json::{Value, json};

use super::command::{
    Command, Failure, Operation, OperationResult, Reply, ReplyBody, Request, StepOutcome,
};
use crate::action::Action;

/// A game that can be stepped, saved and restored. Equal states and equal actions must give equal
/// states; everything that later steps depend on, random state included, belongs to the state.
pub trait Env {
    /// Starts an episode; `seed` makes its first state, none keeps the random state.
    fn reset(&mut self, seed: Option<u32>);

    /// Seeds the random state alone.
    fn seed_rng(&mut self, seed: u32);

    /// Steps by one frame with one action per player, by player index.
    ///
    /// # Errors
    ///
    /// [`EnvError`] when the actions are not those of a player each; the state is unchanged then.
    fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError>;

    /// The whole state as JSON text.
    fn state_json(&self) -> String;

    /// Restores a state exactly.
    ///
    /// # Errors
    ///
    /// [`EnvError`] when the text is no state of this game; the state is unchanged then.
    fn set_state_json(&mut self, state_json: &str) -> Result<(), EnvError>;

    /// Hash of a state text in lower-case hexadecimal, by the game's own rule.
    ///
    /// # Errors
    ///
    /// [`EnvError`] when the text cannot be hashed by that rule.
    fn hash_state(&self, state_json: &str) -> Result<String, EnvError>;

    /// What to draw.
    fn render(&self) -> Value;
}

/// Why an environment refused an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EnvError(pub String);

/// Runs one request to its end and makes its reply, without timing.
pub fn execute(env: &mut impl Env, request: &Request) -> Reply {
    let body = match &request.command {
        Command::Single(operation) => match run_operation(env, operation) {
            Ok(result) => ReplyBody::Result { result: json!(result) },
            Err(EnvError(message)) => {
                ReplyBody::Error { error: Failure { message, ..Failure::default() } }
            }
        },
        Command::Batch(operations) => run_batch(env, operations),
    };
    Reply { id: request.id, body, timing: None }
}

fn run_batch(env: &mut impl Env, operations: &[Operation]) -> ReplyBody {
    let mut results = Vec::with_capacity(operations.len());
    for (index, operation) in operations.iter().enumerate() {
        match run_operation(env, operation) {
            Ok(result) => results.push(result),
            Err(EnvError(message)) => {
                let name = operation.name();
                return ReplyBody::Error {
                    error: Failure {
                        message: format!("Batch operation {index} ({name}) failed: {message}"),
                        failed_index: Some(index as u32),
                        partial_results: Some(json!(results)),
                    },
                };
            }
        }
    }
    ReplyBody::Result { result: json!(results) }
}

fn run_operation(env: &mut impl Env, operation: &Operation) -> Result<OperationResult, EnvError> {
    const DONE: OperationResult = OperationResult::Done { ok: true };
    match operation {
        Operation::SetState { state_json, .. } => env.set_state_json(state_json).map(|()| DONE),
        Operation::GetState { .. } => Ok(OperationResult::State { state_json: env.state_json() }),
        Operation::Step { actions, .. } => {
            let in_order: Option<Vec<Action>> = (0..actions.len())
                .map(|player| actions.get(&player.to_string()).copied())
                .collect();
            let in_order = in_order.ok_or_else(|| {
                EnvError(format!("actions must be keyed \"0\" to \"{}\"", actions.len().max(1) - 1))
            })?;
            env.step(&in_order).map(OperationResult::Step)
        }
        Operation::Reset { seed } => {
            env.reset(*seed);
            Ok(OperationResult::Render { render_state: env.render() })
        }
        Operation::ComputeHash { state_json } => {
            let hash = match state_json {
                Some(text) => env.hash_state(text),
                None => env.hash_state(&env.state_json()),
            };
            hash.map(|hash| OperationResult::Hash { hash })
        }
        Operation::Render {} => Ok(OperationResult::Render { render_state: env.render() }),
        Operation::SeedRng { seed } => {
            env.seed_rng(*seed);
            Ok(DONE)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Adds the actions up; refuses an action of 9.
    #[derive(Default)]
    struct Adder(u64);

    impl Env for Adder {
        fn reset(&mut self, seed: Option<u32>) {
            self.0 = u64::from(seed.unwrap_or(0));
        }
        fn seed_rng(&mut self, _: u32) {}
        fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError> {
            if actions.contains(&Action(9)) {
                return Err(EnvError("action 9 does not exist".into()));
            }
            self.0 += actions.iter().map(|action| u64::from(action.0)).sum::<u64>();
            Ok(StepOutcome::default())
        }
        fn state_json(&self) -> String {
            self.0.to_string()
        }
        fn set_state_json(&mut self, state_json: &str) -> Result<(), EnvError> {
            self.0 = state_json.parse().map_err(|_| EnvError("not a number".into()))?;
            Ok(())
        }
        fn hash_state(&self, state_json: &str) -> Result<String, EnvError> {
            Ok(format!("#{state_json}"))
        }
        fn render(&self) -> Value {
            json!(self.0)
        }
    }

    fn step(action: u32) -> Operation {
        Operation::Step { actions: BTreeMap::from([("0".into(), Action(action))]), frame: None }
    }

    fn run(operations: Vec<Operation>) -> ReplyBody {
        let request = Request { id: 7, command: Command::Batch(operations) };
        execute(&mut Adder::default(), &request).body
    }

    #[test]
    fn a_batch_gives_one_result_per_operation_in_order() {
        let load = Operation::SetState { state_json: "40".into(), frame: None };
        let body = run(vec![load, step(2), Operation::GetState { frame: None }]);
        let ReplyBody::Result { result } = body else { panic!("{body:?}") };
        assert_eq!(result[0], json!({"ok": true}));
        assert_eq!(result[2], json!({"stateJson": "42"}));
        assert_eq!(result.as_array().unwrap().len(), 3);
    }

    #[test]
    fn a_batch_stops_at_the_first_error_and_says_where() {
        let body = run(vec![step(1), step(9), step(1)]);
        let ReplyBody::Error { error } = body else { panic!("{body:?}") };
        assert_eq!(error.failed_index, Some(1));
        assert_eq!(error.partial_results.unwrap().as_array().unwrap().len(), 1);
    }

    #[test]
    fn an_empty_batch_is_an_empty_result() {
        assert_eq!(run(vec![]), ReplyBody::Result { result: json!([]) });
    }
}
