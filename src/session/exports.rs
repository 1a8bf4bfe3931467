//! What a page handed to its server: the rows of its episodes and its own counters, with what was
//! known of the episode at that moment.
//!
//! Facts of one observed page come in; the checks hold them against the reconstruction.

use crate::frame::{Episode, Frame};
use crate::observation::{ApplicationMetrics, ExportedRows, Fact};
use crate::time::Micros;

/// Exports kept.
const MAX_EXPORTS: usize = 256;

/// Rows kept of all exports together.
const MAX_ROWS: usize = 1 << 20;

/// The rows of one episode as the page handed them over.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// The rows, without the late inputs: each export repeats those of the whole session, and no
    /// check asks for them.
    pub rows: ExportedRows,
    /// The episode; that of the message, else the newest one.
    pub episode: Option<Episode>,
    /// The first frame that an input of some player was missing for at that moment; `None` where that
    /// is not known.
    pub first_missing: Option<Frame>,
    /// Number of the acknowledgement that the page asked for.
    pub acknowledgement: Option<u64>,
    /// Whether the server acknowledged it, and what it said of saving the rows.
    pub acknowledged: Option<Option<bool>>,
    /// Capture sequence number of the message.
    pub seq: u32,
}

/// Everything that one page handed over.
#[derive(Debug, Clone, Default)]
pub struct Exports {
    /// The rows, in order.
    pub exports: Vec<Export>,
    /// The newest counters, with the capture sequence number of their message.
    pub metrics: Option<(ApplicationMetrics, u32)>,
    /// When they were handed over.
    pub metrics_at: Micros,
    /// Exports that were not kept because there are too many.
    pub unkept: u32,
    rows: usize,
}

impl Exports {
    /// Takes one fact; those of other things are left alone. `newest` is the newest episode, and
    /// `first_missing` says of an episode which frame lacked an input first.
    pub fn handle(
        &mut self,
        fact: &Fact<'_>,
        (seq, time): (u32, Micros),
        newest: Option<Episode>,
        first_missing: impl Fn(Episode) -> Option<Frame>,
    ) {
        match fact {
            Fact::RowsExported { rows, acknowledgement } => {
                self.rows += rows.frames.len();
                if self.exports.len() >= MAX_EXPORTS || self.rows > MAX_ROWS {
                    self.unkept = self.unkept.saturating_add(1);
                    return;
                }
                let episode = rows.episode.or(newest);
                self.exports.push(Export {
                    rows: ExportedRows {
                        episode: rows.episode,
                        frames: rows.frames.clone(),
                        players: rows.players.clone(),
                        late_inputs: Vec::new(),
                    },
                    episode,
                    first_missing: episode.and_then(first_missing),
                    acknowledgement: *acknowledgement,
                    acknowledged: None,
                    seq,
                });
            }
            Fact::ExportAcknowledged { acknowledgement, is_saved } => {
                let mut newest_first = self.exports.iter_mut().rev();
                let asked = newest_first.find(|one| one.acknowledgement == Some(*acknowledgement));
                if let Some(export) = asked {
                    export.acknowledged = Some(*is_saved);
                }
            }
            Fact::MetricsExported(metrics) => {
                self.metrics = Some(((**metrics).clone(), seq));
                self.metrics_at = time;
            }
            _ => {}
        }
    }

    /// The last export of an episode: pages repeat one that was not acknowledged.
    #[must_use]
    pub fn of(&self, episode: Episode) -> Option<&Export> {
        self.exports.iter().rev().find(|one| one.episode == Some(episode))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_export_of_an_episode_counts_and_is_acknowledged() {
        let mut seen = Exports::default();
        for (seq, frames) in [(1, 3), (2, 4)] {
            let rows = ExportedRows {
                episode: Some(Episode(0)),
                frames: (0..frames).map(Frame).collect(),
                ..ExportedRows::default()
            };
            let fact = Fact::RowsExported { rows: Box::new(rows), acknowledgement: Some(7) };
            seen.handle(&fact, (seq, Micros(0)), None, |_| Some(Frame(9)));
        }
        let saved = Fact::ExportAcknowledged { acknowledgement: 7, is_saved: Some(true) };
        seen.handle(&saved, (3, Micros(0)), None, |_| None);
        let last = seen.of(Episode(0)).unwrap();
        assert_eq!((last.seq, last.rows.frames.len(), last.first_missing), (2, 4, Some(Frame(9))));
        assert_eq!(last.acknowledged, Some(Some(true)));
        assert_eq!(seen.of(Episode(1)), None);
    }
}
