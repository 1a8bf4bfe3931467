//! Rollback: what to simulate with which inputs, and what to repair when a guess was wrong.
//!
//! The live runtime runs [`Engine`]; reconstruction runs the same [`InputLedger`] over observed
//! traffic. Inputs come in by `handle_*`, requests and messages go out by `poll_*` and [`Engine::tick`].
//! Nothing here knows workers, sockets or time sources.

mod engine;
mod event;
mod plan;
mod sync_test;

mod ledger;

mod hashes;
mod input_pattern;
mod input_queue;
mod outbox;
mod predictor;
mod snapshots;

pub use engine::{Engine, EngineConfig};
pub use event::EngineEvent;
pub use input_queue::{InputQueue, Inserted};
pub use ledger::{Arrival, FrameInputs, InputLedger, Misprediction};
pub use plan::{Request, RollbackPlan, Tick};
pub use predictor::{PREDICTORS, Predictor, predictor};
pub use snapshots::SnapshotStore;
pub use sync_test::{SyncTest, SyncTestMismatch};
