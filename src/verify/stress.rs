//! The stress certificate: the kinds of stress that a session really had. Without them a pass says
//! little, because nothing that could go wrong was tried.

use serde::Serialize;

use crate::session::{Game, RollbackState};

/// The kinds of stress that a session must have had before a pass means anything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Stress {
    /// Executed rollbacks.
    pub rollbacks: u32,
    /// Executed rollbacks whose wrong guess is known; `None` where guesses are not known.
    pub corrected: Option<u32>,
    /// Players whose inputs were not all the default action, and all players.
    pub active_players: (u32, u32),
    /// Messages of other peers that never came, and all that must have been sent.
    pub lost_messages: (u32, u32),
}

/// Figure of a class of which the traffic tells nothing.
pub(super) const NOT_KNOWN: &str = "not known";

impl Stress {
    /// Reads the stress of one episode off its records.
    #[must_use]
    pub fn of(game: &Game, episode: usize) -> Self {
        let mut stress = Self::default();
        let players = game.players().count();
        let mut active = vec![false; players];
        for record in game.peers.iter().filter_map(|peer| peer.episodes.get(episode)) {
            let executed = || {
                let all = record.rollbacks.iter();
                all.filter(|rollback| rollback.state == RollbackState::Executed)
            };
            stress.rollbacks += executed().count() as u32;
            if record.is_replayable() {
                let corrected = executed().filter(|rollback| rollback.cause.is_some()).count();
                stress.corrected = Some(stress.corrected.unwrap_or(0) + corrected as u32);
            }
            for (is_active, inputs) in active.iter_mut().zip(&record.active_inputs) {
                *is_active |= *inputs > 0;
            }
            let (lost, sent) = record.lost_messages();
            stress.lost_messages.0 += lost;
            stress.lost_messages.1 += sent;
        }
        stress.active_players = (active.iter().filter(|is| **is).count() as u32, players as u32);
        stress
    }

    /// Adds the stress of another episode.
    pub fn add(&mut self, other: &Self) {
        self.rollbacks += other.rollbacks;
        if let Some(corrected) = other.corrected {
            self.corrected = Some(self.corrected.unwrap_or(0) + corrected);
        }
        self.active_players.0 = self.active_players.0.max(other.active_players.0);
        self.active_players.1 = self.active_players.1.max(other.active_players.1);
        self.lost_messages.0 += other.lost_messages.0;
        self.lost_messages.1 += other.lost_messages.1;
    }

    /// Every class: its name, its figure for people, and whether the session had it.
    #[must_use]
    pub fn classes(&self) -> [(&'static str, String, bool); 4] {
        let (lost, sent) = self.lost_messages;
        let lost_permille = (u64::from(lost) * 1000).checked_div(u64::from(sent)).unwrap_or(0);
        let lost_text = format!("{}.{} %", lost_permille / 10, lost_permille % 10);
        let (active, players) = self.active_players;
        [
            ("rollbacks executed", self.rollbacks.to_string(), self.rollbacks > 0),
            (
                "mispredictions corrected",
                self.corrected.map_or_else(|| NOT_KNOWN.to_owned(), |count| count.to_string()),
                self.corrected.is_some_and(|count| count > 0),
            ),
            (
                "inputs other than idle",
                format!("{active} of {players} players"),
                players > 0 && active == players,
            ),
            ("messages lost", lost_text, lost > 0),
        ]
    }
}
