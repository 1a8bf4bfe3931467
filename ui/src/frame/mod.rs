//! What stands around every view: header, rail, minimap, selection pane, banner, help.

pub mod banner;
pub mod chooser;
pub mod clocks;
pub mod detail;
pub mod filter;
pub mod header;
pub mod help;
pub mod minimap;
pub mod palette;
pub mod pane;
pub mod picker;
pub mod rail;
pub mod tip;
