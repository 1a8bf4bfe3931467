//! One module per view of the rail, and the empty state that stands in their place.

pub mod bars;
pub mod capture;
pub mod capture_settings;
pub mod cards;
pub mod checks;
pub mod empty;
pub mod figures;
pub mod findings;
pub mod grid;
pub mod legend;
pub mod meaning;
pub mod report;
pub mod rollbacks;
pub mod savings;
pub mod state;
pub mod state_rows;
pub mod timeline;
pub mod timeline_lanes;
pub mod traffic;
pub mod verdict;
