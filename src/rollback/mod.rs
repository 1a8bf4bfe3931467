//! Rollback: what to simulate with which inputs, and what to repair when a guess was wrong.
//!
//! The live runtime runs [`Engine`]; reconstruction runs the same [`InputLedger`] over observed
//! traffic. Inputs come in by `handle_*`, requests and messages go out by `poll_*` and [`Engine::tick`].
//! Nothing here knows workers, sockets or time sources.

mod engine;
mod event;
mod options;
mod plan;
mod saved;
mod spectator;
mod sync_test;

mod ledger;

mod delta;
mod drops;
mod feed;
mod hash_pace;
mod hashes;
mod input_pattern;
mod input_queue;
mod outbox;
mod peer_track;
mod predictor;
mod snapshots;
mod time_sync;
mod transfer;

/// Frames that anything of a peer may lie beyond what is known here: a minute at 60 a second. What lies
/// further ahead is refused, so that a hostile peer cannot fill the memory.
pub const MAX_APART_FRAMES: u32 = 3600;

pub use delta::{apply_delta, delta};
pub use drops::{DropCounts, DropReason};
pub use engine::{Engine, EngineConfig};
pub use event::EngineEvent;
pub use input_queue::{InputQueue, Inserted};
pub use ledger::{Arrival, FrameInputs, InputLedger, Misprediction};
pub use options::{EngineOptions, HashRate, ResyncRule, SendOrder};
pub use plan::{Correction, Request, RollbackPlan, Tick};
pub use predictor::{PREDICTORS, Predictor, predictor};
pub use saved::SavedState;
pub use snapshots::SnapshotStore;
pub use spectator::Spectator;
pub use sync_test::{SyncTest, SyncTestMismatch};
pub use time_sync::PaceAdvice;
