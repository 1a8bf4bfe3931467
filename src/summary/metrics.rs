//! The further figures of a session: distributions with their counts, and the six that a study of
//! synchronisation tracks, by their names: sync frequency, desync rate, action latency, message size,
//! queue depth, frame rate stability.
//!
//! All quantiles are exact: the records are in memory, and a figure sorts its own copy.

use super::figures::quantile;
use crate::fixed::Fixed;
use crate::frame::Frame;
use crate::player::{MAX_PLAYERS, PlayerId};
use crate::session::{EpisodeRecord, FrameFlags, PeerSession, RollbackState};
use crate::sorting;
use crate::verify::Case;

/// What a figure is made from.
pub(super) struct Subject<'g> {
    /// The game.
    pub(super) game: &'g Case<'g>,
    /// The episode, as an index.
    pub(super) episode: usize,
    /// The peer.
    pub(super) peer: &'g PeerSession,
    /// Its record of the episode.
    pub(super) record: &'g EpisodeRecord,
}

/// A figure: name, explanation, and how it is measured; `None` was not measured.
pub(super) type Metric = (&'static str, &'static str, fn(&Subject<'_>) -> Option<String>);

/// Name of the figure that the traffic fills in: sizes of messages by type.
pub(crate) const MESSAGE_SIZE: &str = "message size";

/// Name of the figure that the traffic fills in: messages and bytes per second.
pub(crate) const MESSAGE_RATE: &str = "message rate";

/// The further figures in the order in which they are shown.
pub(super) const METRICS: &[Metric] = &[
    (
        "sync frequency",
        "State hashes of this peer that went to the others, per second of play, and whole states \
         restored outside rollbacks.",
        |subject| {
            let seconds = subject.played_micros()? as f64 / 1e6;
            let local = subject.peer.local?;
            let reported = subject.record.hashes.iter();
            let count = reported.filter(|(_, slot)| slot.reported(local).is_some()).count();
            let split = subject.peer.worker_order.split_rollbacks;
            let whole = subject.peer.lone_restores.0.saturating_sub(split);
            (seconds > 0.0)
                .then(|| format!("{:.2} /s, {whole} whole", Fixed(count as f64 / seconds)))
        },
    ),
    ("desync rate", "Compared hashes that differ, of all compared hashes.", |subject| {
        let comparison = subject.game.comparison(subject.episode);
        let (different, compared) = (comparison.different(), comparison.compared);
        (compared > 0).then(|| {
            let percent = Fixed(f64::from(different) * 100.0 / f64::from(compared));
            format!("{percent:.1} % of {compared}")
        })
    }),
    (
        "action latency",
        "From an input of another player to its frame's step here with real inputs: half the median \
         round trip, and the wait from the inputs' arrival to the step. Median / p95 / p99 / max of n \
         in milliseconds; an estimate, because the sender's clock is not compared.",
        |subject| {
            let half = half_round_trip(subject.peer)?;
            let table = &subject.record.frames;
            let waits = subject.frames().filter_map(|frame| {
                let arrived = table.confirmed_at(frame)?;
                Some(half + table.stepped_at(frame)?.since(arrived))
            });
            millis(waits.collect())
        },
    ),
    (
        MESSAGE_SIZE,
        "Bytes of a message between peers or to the server, by type, the four with most bytes: median \
         / p95 / p99 / max of n.",
        // It is filled in from the traffic: the sizes of messages are not among the records.
        |_| None,
    ),
    (
        MESSAGE_RATE,
        "Messages and bytes per second between peers and to the server, over the time from the first \
         to the last one: all, and those of the four types with most bytes.",
        |_| None,
    ),
    (
        "queue depth",
        "Frames simulated with a guess, and inputs held ahead of their frame, at each live step: \
         mean and median / p95 / p99 / max of n for each.",
        |subject| {
            let depths = subject.frames().map(|frame| subject.record.frames.depths(frame));
            let depths: Vec<(u16, u16)> =
                depths.filter_map(|depth| Some((depth.predicted?, depth.receive?))).collect();
            let predicted = mean_and_spread(depths.iter().map(|(predicted, _)| *predicted))?;
            let held = mean_and_spread(depths.iter().map(|(_, held)| *held))?;
            let replayable = subject.record.is_replayable();
            replayable.then(|| format!("guessed {predicted}; held {held}"))
        },
    ),
    (
        "frame rate stability",
        "Time between two live steps: mean and standard deviation, then median / p95 / p99 / max of n, \
         in milliseconds.",
        |subject| {
            let intervals = subject.step_intervals();
            let count = intervals.len() as f64;
            let mean = intervals.iter().sum::<u64>() as f64 / count;
            let squares = intervals.iter().map(|micros| (*micros as f64 - mean).powi(2));
            let deviation = (squares.sum::<f64>() / count).sqrt();
            let spread = millis(intervals)?;
            Some(format!("{:.1} ± {:.1}, {spread}", Fixed(mean / 1e3), Fixed(deviation / 1e3)))
        },
    ),
    (
        "misprediction rate",
        "Inputs of each other player that proved a guess wrong, of all frames stepped.",
        |subject| {
            let steps = subject.record.next_frame().0;
            let others =
                subject.game.players().filter(|player| subject.peer.local != Some(*player));
            let rate = |player: PlayerId| {
                let wrong = subject.record.mispredictions.get(player.index())?;
                Some(format!(
                    "{player} {:.1} %",
                    Fixed(f64::from(*wrong) * 100.0 / f64::from(steps))
                ))
            };
            let rates: Vec<String> = others.filter_map(rate).collect();
            let is_known = subject.record.is_replayable() && steps > 0 && !rates.is_empty();
            is_known.then(|| rates.join(", "))
        },
    ),
    (
        "resimulated frames per rollback",
        "Frames stepped again by one executed rollback: median / p95 / p99 / max of n.",
        |subject| {
            let executed = subject.executed();
            spread(executed.map(|rollback| u64::from(rollback.resimulated)).collect())
        },
    ),
    (
        "rollback depth",
        "Frames from the first incorrect one to the current one: median / p95 / p99 / max of n.",
        |subject| {
            spread(
                super::figures::sorted_depths(subject.record).into_iter().map(u64::from).collect(),
            )
        },
    ),
    (
        "round trips per rollback",
        "Requests that an executed rollback took on average, as it is, as one batch, and unbatched as \
         n steps with a restore and a save; with the time that they cost, or would cost by the median \
         of this session's requests of one operation.",
        |subject| {
            let executed = subject.executed().count() as f64;
            let steps: u64 = subject.executed().map(|one| u64::from(one.resimulated)).sum();
            let micros: u64 = subject
                .executed()
                .filter_map(|one| subject.peer.round_trip(one)?.total_micros())
                .sum();
            let (single, split) = single_requests(subject.peer)?;
            let rollbacks = subject.peer.episodes.iter().flat_map(|record| &record.rollbacks);
            let share = executed / rollbacks.count().max(1) as f64;
            let further = f64::from(split) * share / executed;
            let (batch, each) = (micros as f64 / executed / 1e3, single as f64 / 1e3);
            let unbatched = steps as f64 / executed + 2.0;
            (executed > 0.0).then(|| {
                format!(
                    "{:.1}, 1 or {:.1}: {:.1}, {:.1} or {:.1} ms",
                    Fixed(1.0 + further),
                    Fixed(unbatched),
                    Fixed(batch + further * each),
                    Fixed(batch),
                    Fixed(batch + (unbatched - 1.0) * each),
                )
            })
        },
    ),
    (
        "worker round trip",
        "From posting a request to its reply: median / p95 / p99 / max of n in milliseconds.",
        |subject| {
            let trips = subject.peer.round_trips.totals();
            millis(trips.filter_map(|(_, micros)| micros).collect())
        },
    ),
    (
        "network round trip",
        "From the page's own ping to its pong: median / p95 / p99 / max of n in milliseconds.",
        |subject| millis(subject.peer.pings.iter().map(|(_, micros)| *micros).collect()),
    ),
    (
        "confirmation lag",
        "Frames simulated past the confirmed frame, at each live step: median / p95 / p99 / max of n.",
        |subject| {
            let lags = subject.frames().filter_map(|frame| subject.record.frames.depths(frame).lag);
            let lags = spread(lags.map(u64::from).collect());
            lags.filter(|_| subject.record.is_replayable())
        },
    ),
    (
        "input age",
        "Frames that this peer had stepped past the frame of a message with inputs when it came, 0 if \
         it came in time: median / p95 / p99 / max of n messages.",
        |subject| {
            let all = subject.record.arrivals.all().iter();
            spread(all.map(|one| u64::from(one.arrived_at.since(one.sent_at))).collect())
        },
    ),
    (
        "reordered messages",
        "Messages with inputs that came after a later one of the same player, of all that came.",
        |subject| {
            let (mut newest, mut late) = ([None; MAX_PLAYERS], 0);
            let all = subject.record.arrivals.all();
            for one in all {
                let Some(newest) = newest.get_mut(usize::from(one.player.0)) else { continue };
                late += u32::from(newest.is_some_and(|known| one.sent_at < known));
                *newest = (*newest).max(Some(one.sent_at));
            }
            (!all.is_empty()).then(|| format!("{late} of {}", all.len()))
        },
    ),
    (
        "time in the background",
        "Seconds that the browser says this page was hidden, and how often; where the capture lacks \
         that, what the page itself said of its focus.",
        |subject| {
            let lifecycle = &subject.peer.lifecycle;
            let own = lifecycle.background.iter();
            let own = own.filter(|one| one.side == crate::observation::Direction::Sent);
            let spans: Vec<u64> = match &lifecycle.hidden {
                Some(hidden) => {
                    hidden.iter().filter_map(|one| Some(one.until?.since(one.since))).collect()
                }
                None => own.filter_map(|one| Some(one.until?.since(one.since))).collect(),
            };
            let seconds = Fixed(spans.iter().sum::<u64>() as f64 / 1e6);
            let is_told = lifecycle.hidden.is_some() || !spans.is_empty();
            is_told.then(|| format!("{seconds:.1} s in {} times", spans.len()))
        },
    ),
    (
        "frame advantage",
        "Frames that this peer was ahead of the other's last announced frame, at each live step: \
         lowest, then median / p95 / p99 / max of n.",
        |subject| {
            let table = &subject.record.frames;
            let mut ahead: Vec<i16> =
                subject.frames().filter_map(|frame| table.depths(frame).advantage).collect();
            sorting::sort_by_key(&mut ahead, |frames| *frames);
            let (low, max) = (ahead.first()?, ahead.last()?);
            let (median, high) = (quantile(&ahead, 50)?, quantile(&ahead, 95)?);
            let higher = quantile(&ahead, 99)?;
            Some(format!("{low}, {median} / {high} / {higher} / {max} of {}", ahead.len()))
        },
    ),
    (
        "confirmation time",
        "From a frame's first step until all its inputs were real: median / p95 / p99 / max of n in \
         milliseconds.",
        |subject| {
            let table = &subject.record.frames;
            let times = subject.frames().filter_map(|frame| {
                Some(table.confirmed_at(frame)?.since(table.stepped_at(frame)?))
            });
            millis(times.collect())
        },
    ),
    (
        "jitter",
        "Change from one network round trip to the next: median / p95 / p99 / max of n in \
         milliseconds.",
        |subject| {
            let pings = subject.peer.pings.windows(2);
            let changes = pings.filter_map(|pair| Some(pair.last()?.1.abs_diff(pair.first()?.1)));
            millis(changes.collect())
        },
    ),
    (
        "worker wait, execution, reply",
        "The three parts of a worker round trip in milliseconds: of each median / p95 / p99 / max of n.",
        |subject| {
            let trips = subject.peer.round_trips.costs();
            let splits: Vec<[u64; 3]> = trips.filter_map(|trip| trip.split_micros).collect();
            let part = |select: fn(&[u64; 3]) -> u64| {
                let mut parts: Vec<u64> = splits.iter().map(select).collect();
                sorting::sort_by_number(&mut parts, |micros| *micros);
                let at = |percent| {
                    Some(format!("{:.2}", Fixed(quantile(&parts, percent)? as f64 / 1e3)))
                };
                let max = at(100)?;
                Some(format!("{} / {} / {} / {max}", at(50)?, at(95)?, at(99)?))
            };
            let wait = part(|[wait, ..]| *wait)?;
            let (execute, reply) = (part(|[_, execute, _]| *execute)?, part(|[.., reply]| *reply)?);
            Some(format!("{wait} + {execute} + {reply} ms of {}", splits.len()))
        },
    ),
    (
        "frames shown with a guess",
        "Frames first stepped before all inputs were real, of all frames stepped.",
        |subject| {
            let guessed = subject.frames().filter(|frame| {
                subject.record.frames.flags(*frame).has(FrameFlags::SHOWN_PREDICTED)
            });
            let (guessed, steps) = (guessed.count(), subject.record.next_frame().0);
            let is_known = subject.record.is_replayable() && steps > 0;
            is_known.then(|| format!("{:.1} %", Fixed(guessed as f64 * 100.0 / f64::from(steps))))
        },
    ),
];

impl<'g> Subject<'g> {
    fn frames(&self) -> impl Iterator<Item = Frame> + use<'g> {
        (0..self.record.next_frame().0).map(Frame)
    }

    fn executed(&self) -> impl Iterator<Item = &crate::session::RollbackRecord> {
        self.record.rollbacks.iter().filter(|one| one.state == RollbackState::Executed)
    }

    fn played_micros(&self) -> Option<u64> {
        let first = self.frames().find_map(|frame| self.record.frames.stepped_at(frame))?;
        let last = self.record.frames.stepped_at(self.record.next_frame().previous()?)?;
        Some(last.since(first))
    }

    fn step_intervals(&self) -> Vec<u64> {
        let table = &self.record.frames;
        let interval = |frame: Frame| {
            Some(table.stepped_at(frame)?.since(table.stepped_at(frame.previous()?)?))
        };
        self.frames().filter_map(interval).collect()
    }
}

/// Median time of a request of one operation, in microseconds, and how many rollbacks took such a
/// request more. Where none was seen a request costs what waiting and the reply cost.
fn single_requests(peer: &PeerSession) -> Option<(u64, u32)> {
    let trips = || peer.round_trips.costs();
    let single = trips().filter(|trip| trip.operations == 1).filter_map(|trip| trip.total_micros);
    let mut micros: Vec<u64> = single.collect();
    if micros.is_empty() {
        let overhead = |[wait, _, reply]: [u64; 3]| wait + reply;
        micros = trips().filter_map(|trip| trip.split_micros.map(overhead)).collect();
    }
    sorting::sort_by_number(&mut micros, |micros| *micros);
    Some((quantile(&micros, 50)?, peer.worker_order.split_rollbacks))
}

fn half_round_trip(peer: &PeerSession) -> Option<u64> {
    let mut pings: Vec<u64> = peer.pings.iter().map(|(_, micros)| *micros).collect();
    sorting::sort_by_number(&mut pings, |micros| *micros);
    quantile(&pings, 50).map(|micros| micros / 2)
}

fn mean_and_spread(values: impl Iterator<Item = u16>) -> Option<String> {
    let values: Vec<u64> = values.map(u64::from).collect();
    let mean = Fixed(values.iter().sum::<u64>() as f64 / values.len() as f64);
    spread(values).map(|spread| format!("{mean:.1}, {spread}"))
}

/// Median / p95 / p99 / max of n.
fn spread(mut values: Vec<u64>) -> Option<String> {
    sorting::sort_by_number(&mut values, |value| *value);
    let (median, high) = (quantile(&values, 50)?, quantile(&values, 95)?);
    let (higher, max) = (quantile(&values, 99)?, values.last()?);
    Some(format!("{median} / {high} / {higher} / {max} of {}", values.len()))
}

/// Median / p95 / p99 / max of n times in microseconds, in milliseconds.
fn millis(mut micros: Vec<u64>) -> Option<String> {
    sorting::sort_by_number(&mut micros, |micros| *micros);
    let text = |micros: u64| format!("{:.1}", Fixed(micros as f64 / 1e3));
    let (median, high) = (quantile(&micros, 50)?, quantile(&micros, 95)?);
    let (higher, max) = (quantile(&micros, 99)?, *micros.last()?);
    let [median, high, higher, max] = [median, high, higher, max].map(text);
    Some(format!("{median} / {high} / {higher} / {max} ms of {}", micros.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_six_figures_of_a_study_have_their_names() {
        let names: Vec<&str> = METRICS.iter().map(|(name, ..)| *name).collect();
        for name in [
            "sync frequency",
            "desync rate",
            "action latency",
            "message size",
            "queue depth",
            "frame rate stability",
        ] {
            assert!(names.contains(&name), "{name}");
        }
    }

    #[test]
    fn distributions_are_exact_and_say_how_many() {
        assert_eq!(spread((1..=200).collect()).unwrap(), "100 / 190 / 198 / 200 of 200");
        assert_eq!(spread(Vec::new()), None);
        assert_eq!(millis(vec![3_000, 1_000, 2_000]).unwrap(), "2.0 / 3.0 / 3.0 / 3.0 ms of 3");
        assert_eq!(mean_and_spread([1, 2, 6].into_iter()).unwrap(), "3.0, 2 / 6 / 6 / 6 of 3");
        assert_eq!(mean_and_spread([].into_iter()), None);
    }
}
