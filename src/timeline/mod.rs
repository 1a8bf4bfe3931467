//! View models: plain data that the panel draws, made for what is on screen and nothing more.
//!
//! Everything comes out of `session`, `verify` and `summary`; nothing here can change a record, and nothing
//! here knows pixels, colours or a browser.

mod lanes;
mod selection;
mod state_map;
mod states;
mod verdict;

mod lanes_build;
mod selection_build;
mod verdict_build;

pub use crate::summary::{
    ChannelRow, Figure, HealthView, LossRow, PeerChip, RollbackRow, SavingsView, rollback_count,
    rollback_rows,
};
pub use lanes::{Arc, Became, Cell, MinimapView, PeerLane, QueueLane, Shown, TimelineView};
pub use selection::{PeerColumn, SelectionRow, SelectionView};
pub use state_map::{FirstDifference, PathMoment, PathStrip, StateMap};
pub use states::{CLASSES, StateDiff, StateFate, StatePeer, StateRow, state_peers};
pub use verdict::{CheckRow, CostCard, CoverageCell, FindingRow, SyncCard, VerdictView, WhereCard};
