//! The one place for faults that can be switched on to see whether Rollscope finds them.
//!
//! The page reads them from its parameters and hands them to the worker; the game and the session
//! ask here. None exists yet: a name that is not known is refused.

use serde::{Deserialize, Serialize};

/// Faults that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Faults {}

impl Faults {
    /// Reads a list of names with commas between them; nothing switches nothing on.
    ///
    /// # Errors
    ///
    /// The first name that is no fault.
    pub fn parse(names: &str) -> Result<Self, &str> {
        match names.split(',').find(|name| !name.is_empty()) {
            Some(unknown) => Err(unknown),
            None => Ok(Self {}),
        }
    }
}
