//! View models: plain data that the panel draws, made for what is on screen and nothing more.
//!
//! Everything comes out of `session` and `verify`; nothing here can change a record, and nothing
//! here knows pixels, colours or a browser.

mod health;
mod lanes;
mod rollbacks;
mod selection;
mod verdict;

pub use health::{ChannelRow, HealthView};
pub use lanes::{Arc, Became, Cell, MinimapView, PeerLane, QueueLane, Shown, TimelineView};
pub use rollbacks::{RollbackRow, SavingsView};
pub use selection::{PeerColumn, SelectionRow, SelectionView};
pub use verdict::{
    CheckRow, CostCard, CoverageCell, Figure, FindingRow, PeerChip, SyncCard, VerdictView,
    WhereCard,
};
