//! Players and peers: a player is a source of inputs, a peer an endpoint that runs the game.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A source of inputs, by its index in the game's list of players.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct PlayerId(pub u8);

impl PlayerId {
    /// This player as an index into per-player columns.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for PlayerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "P{}", u16::from(self.0) + 1)
    }
}

/// Most players that one game may have.
pub const MAX_PLAYERS: usize = 8;

/// A set of players, as a bit per player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PlayerSet(u8);

impl PlayerSet {
    /// No player.
    pub const EMPTY: Self = Self(0);

    /// The set as a bit per player, the first player's the lowest.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set of the players whose bits are set.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// Puts `player` into the set. Players past [`MAX_PLAYERS`] are not kept.
    pub fn insert(&mut self, player: PlayerId) {
        if player.index() < MAX_PLAYERS {
            self.0 |= 1 << player.0;
        }
    }

    /// Takes `player` out of the set.
    pub fn remove(&mut self, player: PlayerId) {
        if player.index() < MAX_PLAYERS {
            self.0 &= !(1 << player.0);
        }
    }

    /// Whether `player` is in the set.
    #[must_use]
    pub fn contains(self, player: PlayerId) -> bool {
        player.index() < MAX_PLAYERS && self.0 & (1 << player.0) != 0
    }

    /// Whether no player is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
