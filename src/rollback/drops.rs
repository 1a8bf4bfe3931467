//! What of the peers' messages was dropped, and why: counted, bounded, never an error.

/// Why a message, or a part of one, changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// Its bytes are no message.
    Unreadable,
    /// It comes from a peer of another protocol version.
    OtherVersion,
    /// It names another speaker than the peer that it came from.
    WrongSpeaker,
    /// Its speaker does not play this game.
    UnknownPlayer,
    /// It belongs to an episode that is over.
    EarlierEpisode,
    /// It belongs to an episode that has not begun here; it will be said again.
    LaterEpisode,
    /// An input or a hash lies too far ahead to be kept.
    TooFarAhead,
    /// An input says otherwise than the one that is held.
    Conflict,
    /// It acknowledges what was never sent.
    AcknowledgesUnsent,
    /// A state that was not asked for.
    NotAsked,
    /// A piece of a state that does not fit the pieces before it.
    BadChunk,
    /// A state that cannot be put together or read.
    BadState,
    /// Too many messages wait to be sent; the oldest of the least urgent ones goes.
    OutboxFull,
}

impl DropReason {
    /// All reasons.
    pub const ALL: [Self; 13] = [
        Self::Unreadable,
        Self::OtherVersion,
        Self::WrongSpeaker,
        Self::UnknownPlayer,
        Self::EarlierEpisode,
        Self::LaterEpisode,
        Self::TooFarAhead,
        Self::Conflict,
        Self::AcknowledgesUnsent,
        Self::NotAsked,
        Self::BadChunk,
        Self::BadState,
        Self::OutboxFull,
    ];

    /// Its name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::OtherVersion => "other_version",
            Self::WrongSpeaker => "wrong_speaker",
            Self::UnknownPlayer => "unknown_player",
            Self::EarlierEpisode => "earlier_episode",
            Self::LaterEpisode => "later_episode",
            Self::TooFarAhead => "too_far_ahead",
            Self::Conflict => "conflict",
            Self::AcknowledgesUnsent => "acknowledges_unsent",
            Self::NotAsked => "not_asked",
            Self::BadChunk => "bad_chunk",
            Self::BadState => "bad_state",
            Self::OutboxFull => "outbox_full",
        }
    }
}

/// How often each reason applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DropCounts([u32; DropReason::ALL.len()]);

impl DropCounts {
    pub(super) fn note(&mut self, reason: DropReason) {
        if let Some(count) = self.0.get_mut(reason as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// How often `reason` applied.
    #[must_use]
    pub fn of(&self, reason: DropReason) -> u32 {
        self.0.get(reason as usize).copied().unwrap_or(0)
    }

    /// All counts together.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_count_and_a_name_of_its_own() {
        let mut counts = DropCounts::default();
        for (times, reason) in DropReason::ALL.into_iter().enumerate() {
            (0..=times).for_each(|_| counts.note(reason));
        }
        for (times, reason) in DropReason::ALL.into_iter().enumerate() {
            assert_eq!(counts.of(reason), times as u32 + 1, "{}", reason.name());
        }
        assert_eq!(counts.total(), 13 * 14 / 2);
    }
}
