//! What a page handed to its server: the rows of its episodes and its own counters, with what was
//! known of the episode at that moment.
//!
//! Facts of one observed page come in; the checks hold them against the reconstruction.

use crate::frame::{Episode, Frame};
use crate::observation::{ApplicationMetrics, ExportedRows, Fact, LateInput};
use crate::time::Micros;

/// Exports kept.
const MAX_EXPORTS: usize = 256;

/// Rows kept of all exports together.
const MAX_ROWS: usize = 1 << 20;

/// What the reconstruction knew of an episode when its rows were handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KnownThen {
    /// The first frame that an input of some player was missing for; `None` where that is not known.
    pub first_missing: Option<Frame>,
    /// How many inputs had come that proved a guess wrong.
    pub late_arrivals: usize,
}

/// The rows of one episode as the page handed them over.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// The rows; of the late inputs only those of the episode itself, though each export repeats
    /// those of the whole session, and none where the export of the episode before was not seen.
    pub rows: ExportedRows,
    /// The episode; that of the message, else the newest one.
    pub episode: Option<Episode>,
    /// What was known of the episode at that moment.
    pub known: KnownThen,
    /// Number of the acknowledgement that the page asked for.
    pub acknowledgement: Option<u64>,
    /// Whether the server acknowledged it, and what it said of saving the rows.
    pub acknowledged: Option<Option<bool>>,
    /// Capture sequence number of the message.
    pub seq: u32,
    /// When it was handed over.
    pub at: Micros,
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
    told: Option<Told>,
}

// How many late inputs the export of the newest exported episode told of, and how many of them are of the
// episodes before; `None` where an export or its log is missing.
#[derive(Debug, Clone, Copy)]
struct Told {
    episode: Option<Episode>,
    before: Option<usize>,
    through: Option<usize>,
}

impl Exports {
    /// Takes one fact; those of other things are left alone. `newest` is the newest episode, and
    /// `known` says what is known of an episode now.
    pub fn handle(
        &mut self,
        fact: &Fact<'_>,
        (seq, time): (u32, Micros),
        newest: Option<Episode>,
        known: impl Fn(Episode) -> Option<KnownThen>,
    ) {
        match fact {
            Fact::RowsExported { rows, acknowledgement } => {
                self.rows += rows.frames.len();
                if self.exports.len() >= MAX_EXPORTS || self.rows > MAX_ROWS {
                    self.unkept = self.unkept.saturating_add(1);
                    return;
                }
                let episode = rows.episode.or(newest);
                let late_inputs = self.own_late_inputs(episode, rows.late_inputs.as_deref());
                self.exports.push(Export {
                    rows: ExportedRows {
                        episode: rows.episode,
                        frames: rows.frames.clone(),
                        players: rows.players.clone(),
                        late_inputs,
                    },
                    episode,
                    known: episode.and_then(known).unwrap_or_default(),
                    acknowledgement: *acknowledgement,
                    acknowledged: None,
                    seq,
                    at: time,
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

    // A page tells of every late input since it began; those of earlier episodes are left out.
    fn own_late_inputs(
        &mut self,
        episode: Option<Episode>,
        all: Option<&[LateInput]>,
    ) -> Option<Vec<LateInput>> {
        let through = all.map(<[LateInput]>::len);
        let told = match self.told {
            Some(told) if told.episode == episode => Told { through, ..told },
            Some(told) => {
                let next = told.episode.and_then(|one| one.0.checked_add(1)).map(Episode);
                let is_next = next.is_some() && next == episode;
                Told { episode, before: told.through.filter(|_| is_next), through }
            }
            None => Told { episode, before: (episode == Some(Episode(0))).then_some(0), through },
        };
        self.told = Some(told);
        all?.get(told.before?..).map(<[LateInput]>::to_vec)
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

    fn late(frame: u32) -> LateInput {
        let (frame, current) = (Frame(frame), Frame(frame + 3));
        LateInput { frame, current, player: "1".to_owned(), predicted: Some(0), actual: Some(2) }
    }

    #[test]
    fn late_inputs_are_those_of_the_episode_unless_an_export_was_missed() {
        let mut seen = Exports::default();
        let mut export = |episode, through| {
            let rows = ExportedRows {
                episode: Some(Episode(episode)),
                late_inputs: Some((0..through).map(late).collect()).filter(|_| through > 0),
                ..ExportedRows::default()
            };
            let fact = Fact::RowsExported { rows: Box::new(rows), acknowledgement: None };
            seen.handle(&fact, (episode, Micros(0)), None, |_| None);
            let own = seen.of(Episode(episode)).unwrap().rows.late_inputs.as_ref();
            own.map(|own| own.iter().map(|one| one.frame.0).collect::<Vec<_>>())
        };
        assert_eq!(export(0, 2), Some(vec![0, 1]));
        // The same rows once more, because nobody acknowledged them.
        assert_eq!(export(0, 2), Some(vec![0, 1]));
        assert_eq!(export(1, 3), Some(vec![2]));
        assert_eq!(export(3, 5), None, "nobody knows which of them are of episode 2");
        assert_eq!(export(4, 6), Some(vec![5]));
        assert_eq!(export(5, 0), None, "without its log");
        assert_eq!(export(6, 9), None, "nobody knows which of them are of episode 5");
        assert_eq!(export(7, 10), Some(vec![9]));
    }

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
            let known = KnownThen { first_missing: Some(Frame(9)), late_arrivals: 1 };
            seen.handle(&fact, (seq, Micros(0)), None, |_| Some(known));
        }
        let saved = Fact::ExportAcknowledged { acknowledgement: 7, is_saved: Some(true) };
        seen.handle(&saved, (3, Micros(0)), None, |_| None);
        let last = seen.of(Episode(0)).unwrap();
        assert_eq!(
            (last.seq, last.rows.frames.len(), last.known.first_missing),
            (2, 4, Some(Frame(9)))
        );
        assert_eq!(last.acknowledged, Some(Some(true)));
        assert_eq!(seen.of(Episode(1)), None);
    }
}
