//! The Worker protocol: commands that a page sends to the worker that runs its game, batches of
//! them in one message, and what comes back.
//!
//! The worker entry of `runtime/` executes these against an [`Env`]; the page builds them; the
//! shapes on the wire are those of `docs/worker-protocol.md`. There is no command that runs
//! arbitrary code.

mod capabilities;
mod command;
mod executor;

pub use command::{
    Capabilities, Command, Failure, Operation, OperationResult, Reply, ReplyBody, Request,
    StepOutcome, Timing,
};
pub use executor::{Env, EnvError, execute};
