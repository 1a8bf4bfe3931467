//! Hashes of saved states by MUG's rule: of the game's own part, as JavaScript would write it.

use crate::state::{HashRule, envelope};

/// The game's own part of a saved state text; the text itself where it has no parts.
pub(in crate::session) fn game_part(text: &str) -> &str {
    envelope::member(text, "env_state").unwrap_or(text)
}

/// The hash that a page reports for a saved state; `None` if the text has none.
pub(in crate::session) fn state_hash(text: &str) -> Option<u64> {
    let hash = HashRule::MUG_STATE_HASH.hash_text(game_part(text)).ok()?;
    Some(hash.leading_u64())
}
