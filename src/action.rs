//! Actions: what one player does in one frame.

use serde::{Deserialize, Serialize};

/// A discrete action of one player in one frame, as the game numbers its actions.
///
/// Games whose actions are not whole numbers are outside: their dialect reports an issue.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Action(pub u32);

impl std::fmt::Display for Action {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}
