//! The table of rollbacks and what its round trips cost.

use serde::Serialize;

use crate::action::Action;
use crate::fixed::Fixed;
use crate::frame::{Episode, Frame};
use crate::player::PlayerId;

/// One executed rollback.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RollbackRow {
    /// Peer that rolled back, by the order of the session's peers.
    pub peer: u32,
    /// Its name: `P1`, `P2`, …
    pub peer_name: String,
    /// The episode.
    pub episode: Episode,
    /// First incorrect frame; `None` where the traffic does not tell it.
    pub target: Option<Frame>,
    /// The frame that was about to be stepped.
    pub current: Frame,
    /// Frame of the snapshot that was loaded.
    pub snapshot: Frame,
    /// `current` − `target`.
    pub depth_frames: Option<u32>,
    /// Frames stepped again.
    pub resimulated: u32,
    /// Whose input was guessed wrong.
    pub cause_player: Option<PlayerId>,
    /// The guess.
    pub predicted: Option<Action>,
    /// The real input.
    pub actual: Option<Action>,
    /// Requests to the worker that the rollback took.
    pub round_trips: u32,
    /// Operations in them.
    pub operations: u32,
    /// Requests that it would have taken with one step in each: a restore, the steps, and a read.
    pub round_trips_unbatched: u32,
    /// From posting the first request to the last reply, in microseconds; `None` while it runs.
    pub total_micros: Option<u64>,
    /// Of that, until the worker took a request up, and between two requests.
    pub wait_micros: Option<u64>,
    /// Of that, until the worker was done.
    pub execute_micros: Option<u64>,
    /// Of that, until the reply was back.
    pub reply_micros: Option<u64>,
    /// Capture sequence number of the first request.
    pub evidence: u32,
}

/// Round trips of all rollbacks: as they were, as one batch each, and one request per step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SavingsView {
    /// Rollbacks counted: those that were executed and answered.
    pub rollbacks: u32,
    /// Requests used, and their time in microseconds.
    pub as_is: (u32, u64),
    /// With one request for each rollback, and the time that it would have taken.
    pub one_batch: (u32, u64),
    /// With one request per step, a restore and a read, and the time that it would have taken.
    pub unbatched: (u32, u64),
    /// What one more request costs, from this session's own measurements.
    pub overhead: Option<Overhead>,
    /// Of the time as it is: waiting, executing, and the way of the replies, in microseconds; and the
    /// rollbacks that these were measured for.
    pub split_micros: ([u64; 3], u32),
}

/// What a request costs beside its execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overhead {
    /// Microseconds per request.
    pub micros: u64,
    /// Requests that this is the median of.
    pub requests: u32,
    /// Set where the worker's own times are not on the wire: `micros` then is the whole round trip of
    /// this kind of request, the quickest one, so that the true cost is at most that.
    pub at_most: Option<&'static str>,
}

impl SavingsView {
    /// What the numbers say about where the time goes, in a sentence or two; empty without rollbacks.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (requests, micros) = self.as_is;
        if self.rollbacks == 0 || micros == 0 {
            return String::new();
        }
        let Some(overhead) = &self.overhead else {
            return "What a request costs beside its execution was not measured, so nothing can be \
                    said about other ways to send it."
                .to_owned();
        };
        let percent = |part: u64| (part.saturating_mul(100) / micros).min(100);
        // The least share that is known, and how it is said.
        let (execution, share) = match overhead.at_most {
            None => {
                let (parts, measured) = self.split_micros;
                let [_, execute, _] = parts;
                let part = (execute.saturating_mul(100)).checked_div(parts.iter().sum());
                let said = match part {
                    None => "Execution was not measured".to_owned(),
                    Some(part) if measured < self.rollbacks => format!(
                        "Execution is {part} % of the time of the {measured} of {} rollbacks that it \
                         was measured for",
                        self.rollbacks
                    ),
                    Some(part) => format!("Execution is {part} % of the time of the rollbacks"),
                };
                (said, part)
            }
            Some(kind) => {
                let rest = u64::from(requests).saturating_mul(overhead.micros);
                let part = 100 - percent(rest);
                let said = format!(
                    "The worker's own times are not in this traffic: a request costs at most the {} \
                     of a whole {kind}, so execution is at least {part} % of the time of the rollbacks",
                    millis(overhead.micros),
                );
                (said, (part >= 50).then_some(part))
            }
        };
        let (one, many) = (self.one_batch.1, self.unbatched.1);
        let is_batched = requests == self.one_batch.0;
        let is_quicker = percent(micros.saturating_sub(one)) >= 10;
        let verdict = match (is_batched, is_quicker, share) {
            (true, _, None) => "each is one batch already",
            (true, _, Some(50..)) => {
                "each is one batch already: only fewer or cheaper operations would be quicker"
            }
            (true, _, Some(_)) => {
                "each is one batch already: the rest is waiting for the worker and for its reply"
            }
            (false, true, _) => "one batch instead would be quicker",
            (false, false, None) => "one batch instead would hardly be quicker",
            (false, false, Some(50..)) => {
                "one batch instead would hardly be quicker: fewer or cheaper operations would"
            }
            (false, false, Some(_)) => {
                "one batch instead would hardly be quicker: the rest is waiting for the worker and \
                 for its reply"
            }
        };
        let saved = many.saturating_sub(micros);
        let kept = if overhead.at_most.is_some() { "up to " } else { "" };
        format!("{execution}; {verdict}. Batching as it is saves {kept}{}.", millis(saved))
    }
}

fn millis(micros: u64) -> String {
    if micros < 1_000_000 {
        format!("{:.1} ms", Fixed(micros as f64 / 1e3))
    } else {
        format!("{:.1} s", Fixed(micros as f64 / 1e6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(overhead: Option<Overhead>, as_is: u64, execute: u64) -> SavingsView {
        SavingsView {
            rollbacks: 10,
            as_is: (20, as_is),
            one_batch: (10, as_is - 30_000),
            unbatched: (70, as_is + 150_000),
            overhead,
            split_micros: ([as_is - execute - 1_000, execute, 1_000], 10),
        }
    }

    #[test]
    fn the_sentence_says_when_execution_is_the_cost() {
        let measured = Some(Overhead { micros: 3_000, requests: 500, at_most: None });
        let slow = sums(measured.clone(), 930_000, 900_000).sentence();
        assert!(slow.starts_with("Execution is 96 % of the time"), "{slow}");
        assert!(slow.contains("hardly be quicker"), "{slow}");
        let quick = sums(measured, 60_000, 20_000).sentence();
        assert!(quick.contains("one batch instead would be quicker"), "{quick}");
    }

    #[test]
    fn the_sentence_asks_for_no_batch_where_there_is_one_and_blames_no_execution_that_is_short() {
        let overhead = Some(Overhead { micros: 1_500, requests: 500, at_most: None });
        let mut batched = SavingsView {
            as_is: (10, 159_000),
            one_batch: (10, 159_000),
            ..sums(overhead, 159_000, 22_000)
        };
        let waits = batched.sentence();
        let said = "Execution is 13 % of the time of the rollbacks; each is one batch already: the \
                    rest is waiting for the worker and for its reply.";
        assert!(waits.starts_with(said), "{waits}");
        batched.split_micros = ([1_000, 157_000, 1_000], 10);
        let works = batched.sentence();
        assert!(works.contains("only fewer or cheaper operations would be quicker"), "{works}");
        batched.split_micros = ([0; 3], 10);
        let unknown = batched.sentence();
        assert!(unknown.contains("not measured; each is one batch already. Batching"), "{unknown}");
    }

    #[test]
    fn the_sentence_says_how_many_rollbacks_were_measured() {
        let overhead = Some(Overhead { micros: 0, requests: 106, at_most: None });
        let mut some = sums(overhead, 60_000, 57_600);
        some.split_micros.1 = 9;
        assert!(
            some.sentence().starts_with("Execution is 96 % of the time of the 9 of 10 rollbacks")
        );
        some.split_micros = ([0; 3], 10);
        assert!(some.sentence().starts_with("Execution was not measured;"));
    }

    #[test]
    fn what_is_not_on_the_wire_is_a_bound() {
        let bound = Some(Overhead { micros: 3_000, requests: 90, at_most: Some("setState") });
        let text = sums(bound, 930_000, 0).sentence();
        assert!(text.contains("at most the 3.0 ms of a whole setState"), "{text}");
        assert!(text.contains("at least 94 %"), "{text}");
        assert!(text.contains("saves up to 150.0 ms"), "{text}");
        assert!(sums(None, 930_000, 0).sentence().contains("was not measured"));
        assert_eq!(SavingsView::default().sentence(), "");
    }
}
