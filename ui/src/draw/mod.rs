//! Drawing as data: pure functions from a view model and a viewport to a list of shapes.
//! Only `canvas` knows how shapes become pixels, and only the style sheet knows colours.

pub mod arcs;
pub mod cells;
pub mod charts;
pub mod coverage_map;
pub mod filtered;
pub mod hit;
pub mod inputs;
pub mod lanes;
pub mod layout;
pub mod lines;
pub mod marks;
pub mod minimap;
pub mod picture;
pub mod queues;
pub mod scale;
pub mod states;
pub mod timeline;
pub mod words;
pub mod worker;
