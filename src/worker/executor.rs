//! Runs requests against an environment: one after another, a batch as a whole.

use serde_json::{Value, json};

use super::capabilities::validate;
use super::command::{
    Command, Failure, Operation, OperationResult, Reply, ReplyBody, Request, StepOutcome,
};
use crate::action::Action;

/// A game that can be stepped, saved and restored. Equal states and equal actions must give equal
/// states; everything that later steps depend on, random state included, belongs to the state.
pub trait Env {
    /// Its name, for people and for `initEnv`.
    fn name(&self) -> &str;

    /// Starts an episode; `seed` makes its first state, none keeps the random state.
    ///
    /// # Errors
    ///
    /// [`EnvError`] when no episode can be started.
    fn reset(&mut self, seed: Option<u32>) -> Result<(), EnvError>;

    /// Seeds the random state alone.
    ///
    /// # Errors
    ///
    /// [`EnvError`] when it cannot be seeded.
    fn seed_rng(&mut self, seed: u32) -> Result<(), EnvError>;

    /// Steps by one frame with one action per player, by player index.
    ///
    /// # Errors
    ///
    /// [`EnvError`] when the actions are not those of a player each; the state is unchanged then.
    fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError>;

    /// The whole state as JSON text.
    ///
    /// # Errors
    ///
    /// [`EnvError`] when the state has no text.
    fn state_json(&self) -> Result<String, EnvError>;

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
    ///
    /// # Errors
    ///
    /// [`EnvError`] when there is nothing to draw.
    fn render(&self) -> Result<Value, EnvError>;

    /// Takes plain data before the first episode.
    ///
    /// # Errors
    ///
    /// [`EnvError`] when it asks for something that there is not.
    fn configure(&mut self, config: &Value) -> Result<(), EnvError> {
        if config.is_null() || config.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(());
        }
        Err(EnvError(format!("the environment {} takes no configuration", self.name())))
    }
}

/// Why an environment refused an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EnvError(pub String);

/// Runs one request to its end and makes its reply, without timing.
pub fn execute(env: &mut (impl Env + ?Sized), request: &Request) -> Reply {
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

fn run_batch(env: &mut (impl Env + ?Sized), operations: &[Operation]) -> ReplyBody {
    let mut results = Vec::with_capacity(operations.len());
    for (index, operation) in operations.iter().enumerate() {
        let ran = if operation.is_preparation() {
            Err(EnvError(
                "it takes its time and cannot be in a batch; send it by itself".to_owned(),
            ))
        } else {
            run_operation(env, operation)
        };
        match ran {
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

fn run_operation(
    env: &mut (impl Env + ?Sized),
    operation: &Operation,
) -> Result<OperationResult, EnvError> {
    const DONE: OperationResult = OperationResult::Done { ok: true };
    match operation {
        Operation::SetState { state_json, .. } => env.set_state_json(state_json).map(|()| DONE),
        Operation::GetState { .. } => {
            env.state_json().map(|state_json| OperationResult::State { state_json })
        }
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
            env.reset(*seed)?;
            env.render().map(|render_state| OperationResult::Render { render_state })
        }
        Operation::ComputeHash { state_json } => {
            let hash = match state_json {
                Some(text) => env.hash_state(text),
                None => env.hash_state(&env.state_json()?),
            };
            hash.map(|hash| OperationResult::Hash { hash })
        }
        Operation::Render {} => {
            env.render().map(|render_state| OperationResult::Render { render_state })
        }
        Operation::SeedRng { seed } => {
            env.seed_rng(*seed)?;
            Ok(DONE)
        }
        Operation::InstallPackages { packages } => match packages.first() {
            None => Ok(DONE),
            Some(first) => Err(EnvError(format!(
                "this worker knows no package {first:?}: its game is built in and needs none"
            ))),
        },
        Operation::InitEnv { env: wanted, config } => {
            let name = env.name();
            if let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != name) {
                let words = format!("this worker knows no environment {wanted:?}, only {name:?}");
                return Err(EnvError(words));
            }
            env.configure(config).map(|()| DONE)
        }
        Operation::ValidateCapabilities {} => {
            Ok(OperationResult::Capabilities { capabilities: validate(env) })
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
        fn name(&self) -> &str {
            "adder"
        }
        fn reset(&mut self, seed: Option<u32>) -> Result<(), EnvError> {
            self.0 = u64::from(seed.unwrap_or(0));
            Ok(())
        }
        fn seed_rng(&mut self, _: u32) -> Result<(), EnvError> {
            Ok(())
        }
        fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError> {
            if actions.contains(&Action(9)) {
                return Err(EnvError("action 9 does not exist".into()));
            }
            self.0 += actions.iter().map(|action| u64::from(action.0)).sum::<u64>();
            Ok(StepOutcome::default())
        }
        fn state_json(&self) -> Result<String, EnvError> {
            Ok(self.0.to_string())
        }
        fn set_state_json(&mut self, state_json: &str) -> Result<(), EnvError> {
            self.0 = state_json.parse().map_err(|_| EnvError("not a number".into()))?;
            Ok(())
        }
        fn hash_state(&self, state_json: &str) -> Result<String, EnvError> {
            Ok(format!("#{state_json}"))
        }
        fn render(&self) -> Result<Value, EnvError> {
            Ok(json!(self.0))
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
    fn what_takes_its_time_is_refused_in_a_batch_and_nothing_after_it_runs() {
        let init = Operation::InitEnv { env: None, config: Value::Null };
        let ReplyBody::Error { error } = run(vec![step(1), init, step(1)]) else { panic!() };
        assert_eq!(error.failed_index, Some(1));
        assert!(error.message.contains("initEnv"), "{}", error.message);
        assert_eq!(error.partial_results.unwrap().as_array().unwrap().len(), 1);
    }

    #[track_caller]
    fn single(operation: Operation) -> ReplyBody {
        execute(&mut Adder(5), &Request { id: 1, command: Command::Single(operation) }).body
    }

    #[test]
    fn only_environments_and_packages_that_the_worker_knows_can_be_named() {
        let init = |env: &str| Operation::InitEnv { env: Some(env.into()), config: Value::Null };
        assert!(matches!(single(init("adder")), ReplyBody::Result { .. }));
        let ReplyBody::Error { error } = single(init("print(1)")) else { panic!() };
        assert!(error.message.contains("only \"adder\""), "{}", error.message);
        let config = json!({"speed": 3});
        let configured = single(Operation::InitEnv { env: None, config });
        assert!(matches!(configured, ReplyBody::Error { .. }));
        let install = |names: &[&str]| Operation::InstallPackages {
            packages: names.iter().map(ToString::to_string).collect(),
        };
        assert!(matches!(single(install(&[])), ReplyBody::Result { .. }));
        assert!(matches!(single(install(&["numpy"])), ReplyBody::Error { .. }));
    }

    #[test]
    fn capabilities_are_tried_out() {
        let ReplyBody::Result { result } = single(Operation::ValidateCapabilities {}) else {
            panic!()
        };
        let found = &result["capabilities"];
        assert_eq!(found["environment"], "adder");
        for able in ["getState", "setState", "restoresExactly", "computeHash", "render"] {
            assert_eq!(found[able], true, "{able}");
        }
        assert_eq!(found["problems"], json!([]));
    }

    #[test]
    fn an_empty_batch_is_an_empty_result() {
        assert_eq!(run(vec![]), ReplyBody::Result { result: json!([]) });
    }
}
