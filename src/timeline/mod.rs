//! View models: plain data that the panel draws, made for what is on screen and nothing more.
//!
//! Everything comes out of `session` and `verify`; nothing here can change a record, and nothing
//! here knows pixels, colours or a browser.

mod health;
mod lanes;
mod rollbacks;
mod selection;
mod verdict;

mod figures;
mod lanes_build;
mod rollbacks_build;
mod selection_build;
mod verdict_build;

pub use figures::quantile;
pub use health::{ChannelRow, HealthView};
pub use lanes::{Arc, Became, Cell, MinimapView, PeerLane, QueueLane, Shown, TimelineView};
pub use rollbacks::{RollbackRow, SavingsView};
pub use rollbacks_build::{rollback_count, rollback_rows};
pub use selection::{PeerColumn, SelectionRow, SelectionView};
pub use verdict::{
    CheckRow, CostCard, CoverageCell, Figure, FindingRow, PeerChip, SyncCard, VerdictView,
    WhereCard,
};
