//! What a frame can be, as a set: the timeline fills it, a filter asks for it.

/// A set of states, for filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct States(pub u8);

impl States {
    /// First stepped with a guess.
    pub const PREDICTED: Self = Self(1);
    /// Real inputs of all players are held.
    pub const CONFIRMED: Self = Self(1 << 1);
    /// Hashes equal.
    pub const VERIFIED: Self = Self(1 << 2);
    /// Hashes differ.
    pub const MISMATCH: Self = Self(1 << 3);
    /// Stepped, and nothing is known of its inputs.
    pub const UNCHECKED: Self = Self(1 << 4);
    /// Stepped again.
    pub const RESIMULATED: Self = Self(1 << 5);
    /// A stall before it.
    pub const STALLED: Self = Self(1 << 6);
    /// A wrong guess that was never repaired.
    pub const MISSED: Self = Self(1 << 7);

    /// Whether the two sets share a state.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
