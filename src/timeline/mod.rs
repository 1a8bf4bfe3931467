//! View models: plain data that the panel draws, made for what is on screen and nothing more.
//!
//! Everything comes out of `session`, `verify` and `summary`; nothing here can change a record, and nothing
//! here knows pixels, colours or a browser.

mod coverage;
mod lanes;
mod selection;
mod state_map;
mod state_past;
mod state_tree;
mod states;
mod verdict;

mod lanes_axis;
mod lanes_build;
mod lanes_cache;
mod lanes_cells;
mod lanes_inputs;
mod lanes_places;
mod lanes_pyramid;
mod lanes_worker;
mod selection_build;
mod verdict_build;

pub use crate::filter::{Filter, FilterError, FilterItem, Span, States};
pub use crate::summary::{
    ChannelRow, Figure, HealthView, LossRow, Overhead, PeerChip, RollbackRow, SavingsView,
    rollback_count, rollback_rows,
};
pub use coverage::{CheckDetail, CoverageView};
pub use lanes::{
    Arc, ArrowFate, Axis, Became, Cell, InputArrow, InputColumn, LaneQuery, MinimapView, PeerLane,
    QueueLane, Shown, TimelineView, WorkerBar, WorkerPeak,
};
pub use lanes_cache::LaneCache;
pub use lanes_places::{PeerClock, frame_at, peer_clocks, place_of, units};
pub use selection::{PeerColumn, SelectionRow, SelectionView};
pub use state_map::{FirstDifference, PathMoment, PathStrip, StateMap};
pub use state_past::{PathPast, path_past};
pub use state_tree::{TreeKind, TreeRow, state_tree};
pub use states::{CLASSES, StateDiff, StateFate, StatePeer, StateRow, state_peers};
pub use verdict::{CheckRow, CostCard, CoverageCell, FindingRow, SyncCard, VerdictView, WhereCard};
