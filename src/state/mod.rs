//! State texts: the JSON that a game gives as its state, its canonical form, hash and differences.
//!
//! Texts come from captured messages or from a live game; hashes and differences go to the checks.
//! Nothing here knows which message a text came from or what its keys mean.

mod decimal;
pub mod diff;
pub mod document;
pub mod envelope;
pub mod hash;
pub mod javascript;
pub mod number;
mod parse;
pub mod path;
mod portable;
pub mod print;
mod rounded;
pub mod rule;
mod straight;
pub mod text;

pub use decimal::double_of;
pub use diff::{Compared, Difference, DifferenceClass, Differences, compare, diff, sample};
pub use document::{Json, Number, Object};
pub use hash::{HashError, StateHash};
pub use javascript::{NotStrictJson, javascript_text};
pub use parse::{MAX_DEPTH, ParseError, ParseProblem};
pub use path::{part_ends, value_at};
pub use portable::{PortableReader, PortableState};
pub use rule::{HashAlgorithm, HashRule, Rounding, Separators, TextRoute};
pub use text::Text;
