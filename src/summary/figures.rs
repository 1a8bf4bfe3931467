//! The figures of a session, per peer, each with what it means; and quantiles.

use serde::Serialize;

use super::metrics::{MESSAGE_RATE, MESSAGE_SIZE, METRICS, Subject};
use crate::fixed::Fixed;
use crate::frame::Frame;
use crate::session::{EpisodeRecord, FrameFlags, Game, PeerSession, RollbackState};
use crate::sorting;
use crate::verify::Case;

/// A player of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeerChip {
    /// `P1`, `P2`, …
    pub name: String,
    /// Whether its own traffic is observed; otherwise only what it says on the wire.
    pub is_observed: bool,
}

/// One figure, per peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// What was measured, with its unit.
    pub name: String,
    /// What it means, how it is counted and from what.
    pub explanation: String,
    /// One text per entry of the view's peers; `None` was not measured.
    pub values: Vec<Option<String>>,
    /// Whether its texts are too long for a column beside others: a distribution, or several numbers in a row.
    #[serde(skip)]
    pub is_wide: bool,
}

/// Names of the figures whose texts need a line of their own.
const WIDE: [&str; 17] = [
    "action latency",
    MESSAGE_SIZE,
    MESSAGE_RATE,
    "queue depth",
    "frame rate stability",
    "misprediction rate",
    "resimulated frames per rollback",
    "rollback depth",
    "round trips per rollback",
    "worker round trip",
    "network round trip",
    "confirmation lag",
    "input age",
    "frame advantage",
    "confirmation time",
    "jitter",
    "worker wait, execution, reply",
];

/// The peers of a game as the header shows them.
#[must_use]
pub fn peer_chips(game: &Game) -> Vec<PeerChip> {
    game.players()
        .map(|player| PeerChip {
            name: player.to_string(),
            is_observed: game.observed(player).is_some(),
        })
        .collect()
}

/// The last frame that any observed peer stepped in an episode.
#[must_use]
pub fn last_frame(game: &Game, episode: usize) -> Option<Frame> {
    let records = game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
    records.filter_map(|record| record.next_frame().previous()).max()
}

/// What a report should say and this session cannot, as sentences.
#[must_use]
pub fn not_measured(figures: &[Figure], peers: &[PeerChip]) -> Vec<String> {
    let mut missing = Vec::new();
    for peer in peers.iter().filter(|peer| !peer.is_observed) {
        missing.push(format!("Everything that happened inside {} was not measured", peer.name));
    }
    for figure in figures {
        for (peer, value) in peers.iter().zip(&figure.values) {
            if peer.is_observed && value.is_none() {
                missing.push(format!("{} of {} was not measured", figure.name, peer.name));
            }
        }
    }
    missing
}

/// The value at `percent` of sorted values, by the nearest-rank rule; `None` of no values.
#[must_use]
pub fn quantile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// Depths of the executed rollbacks whose target is known, sorted.
pub(crate) fn sorted_depths(record: &EpisodeRecord) -> Vec<u32> {
    let executed = record.rollbacks.iter().filter(|r| r.state == RollbackState::Executed);
    let mut depths: Vec<u32> = executed.filter_map(|r| r.depth_frames()).collect();
    sorting::sort_by_number(&mut depths, |depth| u64::from(*depth));
    depths
}

/// Time of an episode's executed rollbacks in microseconds, each from posting its first request to its last
/// reply; `None` where no request of any of them was seen, as of a game that asks no worker.
pub(crate) fn rollback_micros(peer: &PeerSession, record: &EpisodeRecord) -> Option<u64> {
    let mut executed = record.rollbacks.iter().filter(|r| r.state == RollbackState::Executed);
    let is_any = executed.clone().next().is_some();
    let took = |rollback| peer.rollback_trips(rollback)?.total_micros;
    let first = executed.find_map(took);
    let further: u64 = executed.filter_map(took).sum();
    first
        .map(|first| first + further)
        .or_else(|| (!is_any && !peer.round_trips.is_empty()).then_some(0))
}

/// How a figure is measured; `None` was not measured.
type Measure = fn(&PeerSession, &EpisodeRecord) -> Option<String>;

/// The first figures: name, explanation, measure.
const FIGURES: &[(&str, &str, Measure)] = &[
    ("rollbacks", "Executed rollbacks: answered by the worker without an error.", |_, record| {
        Some(executed(record).to_string())
    }),
    (
        "rollbacks per minute",
        "Executed rollbacks over the time from the first to the last live step.",
        |_, record| {
            let minutes = played_micros(record)? as f64 / 60e6;
            (minutes > 0.0).then(|| format!("{}", Fixed(f64::from(executed(record)) / minutes)))
        },
    ),
    (
        "rollback depth, median / p95",
        "Frames from the first incorrect frame to the current one; nearest-rank quantiles.",
        |_, record| {
            let depths = sorted_depths(record);
            Some(format!("{} / {}", quantile(&depths, 50)?, quantile(&depths, 95)?))
        },
    ),
    ("resimulated share", "Frames stepped again, of all frames stepped.", |_, record| {
        let again = record.frames.resimulated_total;
        let all = again + u64::from(record.next_frame().0);
        Some(format!("{} %", (again * 100).checked_div(all)?))
    }),
    (
        "frames shown wrong",
        "Frames first stepped with an action that turned out wrong and was repaired.",
        |_, record| {
            let wrong =
                frames(record).filter(|f| record.frames.flags(*f).has(FrameFlags::SHOWN_WRONG));
            record.is_replayable().then(|| wrong.count().to_string())
        },
    ),
    (
        "confirmation lag, p95",
        "Frames simulated past the confirmed frame, at each live step.",
        |_, record| {
            let mut lags: Vec<u16> =
                frames(record).filter_map(|frame| record.frames.depths(frame).lag).collect();
            sorting::sort_by_number(&mut lags, |lag| u64::from(*lag));
            record.is_replayable().then(|| quantile(&lags, 95).map(|l| l.to_string())).flatten()
        },
    ),
    (
        "round-trip time, median",
        "From the page's own ping to its pong, over the network between the peers.",
        |peer, _| {
            let mut pings: Vec<u64> = peer.pings.iter().map(|(_, micros)| *micros).collect();
            sorting::sort_by_number(&mut pings, |micros| *micros);
            Some(format!("{} ms", Fixed(quantile(&pings, 50)? as f64 / 1000.0)))
        },
    ),
    ("stalls", "Steps that came late because the prediction window was used up.", |_, record| {
        record.is_replayable().then(|| record.stalls.to_string())
    }),
    (
        "worker time in rollbacks",
        "Time from posting a rollback's first request to its last reply, of the time played.",
        |peer, record| {
            let played = played_micros(record).filter(|micros| *micros > 0)?;
            let share = rollback_micros(peer, record)? as f64 / played as f64;
            Some(format!("{:.1} %", Fixed(100.0 * share)))
        },
    ),
    ("worker round trip, median", "From posting any request to its reply.", |peer, _| {
        let mut all: Vec<u64> =
            peer.round_trips.totals().filter_map(|(_, micros)| micros).collect();
        sorting::sort_by_number(&mut all, |micros| *micros);
        Some(format!("{:.1} ms", Fixed(quantile(&all, 50)? as f64 / 1000.0)))
    }),
    (
        "messages lost",
        "Messages of the other peer that never came, of those its frame numbers say it sent.",
        |_, record| {
            let (lost, sent) = record.lost_messages();
            (sent > 0).then(|| format!("{lost} of {sent}"))
        },
    ),
    (
        "steps per second",
        "Live steps over the time from the first to the last one.",
        |_, record| {
            let seconds = played_micros(record)? as f64 / 1e6;
            let steps = f64::from(record.next_frame().0.saturating_sub(1));
            (seconds > 0.0).then(|| format!("{:.1}", Fixed(steps / seconds)))
        },
    ),
];

/// Every figure, in the order in which they are shown.
#[must_use]
pub fn figures(game: &Case<'_>, episode: usize) -> Vec<Figure> {
    (0..).map_while(|at| figure(game, episode, at)).collect()
}

/// The figure at a place among all of them: whoever must keep a screen moving asks for one at a time.
#[must_use]
pub fn figure(game: &Case<'_>, episode: usize, at: usize) -> Option<Figure> {
    let per_peer = |measure: &dyn Fn(&Subject<'_>) -> Option<String>| {
        let values = game.players().map(|player| {
            let peer = game.observed(player)?;
            let record = peer.episodes.get(episode)?;
            measure(&Subject { game, episode, peer, record })
        });
        values.collect()
    };
    let (name, explanation, values) = match at.checked_sub(FIGURES.len()) {
        None => {
            let (name, explanation, measure) = FIGURES.get(at)?;
            (name, explanation, per_peer(&|subject| measure(subject.peer, subject.record)))
        }
        Some(further) => {
            let (name, explanation, measure) = METRICS.get(further)?;
            (name, explanation, per_peer(measure))
        }
    };
    Some(Figure {
        name: (*name).to_owned(),
        explanation: (*explanation).to_owned(),
        values,
        is_wide: WIDE.contains(name),
    })
}

fn executed(record: &EpisodeRecord) -> u32 {
    record.rollbacks.iter().filter(|r| r.state == RollbackState::Executed).count() as u32
}

fn frames(record: &EpisodeRecord) -> impl Iterator<Item = Frame> + use<> {
    (0..record.next_frame().0).map(Frame)
}

fn played_micros(record: &EpisodeRecord) -> Option<u64> {
    let first = frames(record).find_map(|frame| record.frames.stepped_at(frame))?;
    let last = record.frames.stepped_at(record.next_frame().previous()?)?;
    Some(last.since(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_figures_exist_and_are_those_that_say_a_distribution_or_a_sum_of_them() {
        for name in WIDE {
            assert!(METRICS.iter().any(|(known, ..)| *known == name), "{name}");
        }
        for (name, explanation, _) in METRICS {
            let is_distribution = explanation.contains("p95 / p99 / max");
            assert!(!is_distribution || WIDE.contains(name), "{name}");
        }
    }

    #[test]
    fn quantiles_follow_the_nearest_rank() {
        let values: Vec<u32> = (1..=100).collect();
        assert_eq!(quantile(&values, 50), Some(50));
        assert_eq!(quantile(&values, 95), Some(95));
        assert_eq!(quantile(&[7], 95), Some(7));
        assert_eq!(quantile::<u32>(&[], 50), None);
    }
}
