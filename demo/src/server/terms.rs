//! What the first page of a room decides about it, and in which bounds.

use rollscope_runtime::signal::{Join, MAX_QUEUE_RESYNC_THRESHOLD, QUEUE_RESYNC_THRESHOLD};

/// Fewest and most players of a room.
const PLAYERS: std::ops::RangeInclusive<u8> = 2..=8;

/// What the first page of a room decides about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) seed: Option<u32>,
    pub(super) players: u8,
    pub(super) queue_resync_threshold: u16,
    /// Frames of an episode.
    pub(super) max_steps: Option<u32>,
}

impl Terms {
    /// What a wish asks for; the error is for people.
    pub(super) fn of(join: &Join) -> Result<Self, String> {
        let players = join.num_players.unwrap_or(*PLAYERS.start());
        if !PLAYERS.contains(&players) {
            return Err(format!("A room has 2 to 8 players, not {players}."));
        }
        let threshold = join.queue_resync_threshold.unwrap_or(QUEUE_RESYNC_THRESHOLD);
        if !(1..=MAX_QUEUE_RESYNC_THRESHOLD).contains(&threshold) {
            return Err(format!(
                "queue_resync_threshold is from 1 to {MAX_QUEUE_RESYNC_THRESHOLD}, not {threshold}."
            ));
        }
        Ok(Self {
            seed: join.game_seed,
            players,
            queue_resync_threshold: threshold,
            max_steps: join.max_steps,
        })
    }
}
