//! The traffic of a capture as a table: one row per message, in columns of bounded size.
//!
//! Filled from captured events and what the dialects read in them; read by the Traffic view. The
//! bytes of a message stay in their chunk and are read again when a view asks. Nothing here judges.

mod decoded;
mod distribution;
mod holes;
mod index;
mod list;
mod names;
mod row;
mod sizes;

pub use decoded::{Decoded, TreeLine, decode, text_of_state};
pub use distribution::Distribution;
pub use holes::{ChannelLevel, Hole, HoleLog};
pub use index::{Event, EventIndex, Facts, MAX_EVENTS, Seen};
pub use list::{TrafficFilter, TrafficList, TypeSum};
pub use row::{Family, SLOW_MICROS, Status, TrafficRow, row};
pub use sizes::Flow;
