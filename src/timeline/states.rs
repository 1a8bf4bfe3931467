//! The State view: what two states of one frame, or of two frames, have in common and where they differ.

use serde::Serialize;

use crate::fixed::Fixed;
use crate::frame::Frame;
use crate::observation::SourceId;
use crate::session::{EpisodeRecord, Game, PeerSession, SeenState};
use crate::sorting;
use crate::state::{Compared, DifferenceClass, Json, compare, sample};

/// One observed peer with the states that it saved in an episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatePeer {
    /// `P1`, `P2`, …
    pub name: String,
    /// Its document.
    pub source: SourceId,
    /// Its last state of each frame, by frame.
    pub states: Vec<SeenState>,
    /// How often each of these frames was saved, and whether the last text is out of date.
    pub fates: Vec<StateFate>,
}

/// What is known of the last text of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StateFate {
    /// Texts of the frame that were seen.
    pub versions: u32,
    /// Whether the real inputs below the frame are all held; `None` where that is not known.
    pub is_confirmed: Option<bool>,
    /// Whether a rollback that began later changed the frames below it and saved no text anew.
    pub is_replaced: bool,
    /// Whether the page reported the hash of just this text for the frame.
    pub is_reported: bool,
}

impl StateFate {
    /// Whether the text is known to be the frame's final state, or the page itself said so by reporting its hash. A
    /// guess, or a text from before a rollback, differs from another peer's without anything being wrong.
    #[must_use]
    pub fn is_settled(self) -> bool {
        self.is_reported || (!self.is_replaced && self.is_confirmed != Some(false))
    }
}

impl StatePeer {
    /// The state of a frame with its fate.
    #[must_use]
    pub fn at(&self, frame: Frame) -> Option<(&SeenState, StateFate)> {
        let place = self.states.binary_search_by_key(&frame, |state| state.frame).ok()?;
        Some((self.states.get(place)?, *self.fates.get(place)?))
    }

    /// The last state before a frame.
    #[must_use]
    pub fn before(&self, frame: Frame) -> Option<&SeenState> {
        let place = self.states.partition_point(|state| state.frame < frame);
        self.states.get(place.checked_sub(1)?)
    }

    /// The frame with a state that is nearest to `frame`, the earlier one of two.
    #[must_use]
    pub fn nearest(&self, frame: Frame) -> Option<Frame> {
        let frames = self.states.iter().map(|state| state.frame);
        frames.min_by_key(|at| (at.0.abs_diff(frame.0), at.0))
    }
}

/// The observed peers of an episode that saved any state.
#[must_use]
pub fn state_peers(game: &Game, episode: usize) -> Vec<StatePeer> {
    let mut peers: Vec<(u8, StatePeer)> = game
        .peers
        .iter()
        .filter_map(|peer| {
            let record = peer.episodes.get(episode)?;
            let local = peer.local?;
            (!record.states.seen().is_empty()).then(|| (local.0, state_peer(peer, record)))
        })
        .collect();
    sorting::sort_by_key(&mut peers, |(player, _)| *player);
    peers.into_iter().map(|(_, peer)| peer).collect()
}

fn state_peer(peer: &PeerSession, record: &EpisodeRecord) -> StatePeer {
    let mut seen: Vec<SeenState> = record.states.seen().to_vec();
    // Stable: of one frame the texts stay in the order in which they came.
    sorting::sort_by_key(&mut seen, |state| state.frame);
    let mut states: Vec<SeenState> = Vec::new();
    let mut fates: Vec<StateFate> = Vec::new();
    let confirmed = record.is_replayable().then(|| record.confirmed_frame());
    let rollbacks: Vec<(u32, Frame)> = record
        .rollbacks
        .iter()
        .map(|rollback| {
            let wrong = rollback.cause.map_or(rollback.snapshot, |cause| cause.frame);
            (rollback.seq, wrong)
        })
        .collect();
    for state in seen {
        if let (Some(last), Some(fate)) = (states.last_mut(), fates.last_mut())
            && last.frame == state.frame
        {
            *last = state;
            fate.versions += 1;
            continue;
        }
        states.push(state);
        fates.push(StateFate {
            versions: 1,
            is_confirmed: None,
            is_replaced: false,
            is_reported: false,
        });
    }
    for (state, fate) in states.iter().zip(&mut fates) {
        let below = state.frame.previous();
        fate.is_confirmed = confirmed.map(|confirmed| below <= confirmed);
        // The state before the wrong frame stays as it was.
        fate.is_replaced =
            rollbacks.iter().any(|(seq, wrong)| *seq > state.seq && *wrong < state.frame);
        fate.is_reported = record.hashes.slot(state.frame).is_some_and(|slot| {
            let reported = peer.local.and_then(|local| slot.reported(local));
            let is_newest = slot.state_seq == state.seq && slot.recomputed.is_some();
            is_newest && reported.map(|report| report.hash) == slot.recomputed
        });
    }
    StatePeer {
        name: peer.local.map_or_else(|| "P?".to_owned(), |player| player.to_string()),
        source: peer.source,
        states,
        fates,
    }
}

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// Where.
    pub path: String,
    /// How it differs; `None` where both are equal.
    pub class: Option<DifferenceClass>,
    /// The left value; `None` where it is not there.
    pub left: Option<String>,
    /// The right one.
    pub right: Option<String>,
    /// Right minus left, or which places changed.
    pub change: String,
}

/// Two states side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateDiff {
    /// What differs, then what is equal; each in document order.
    pub rows: Vec<StateRow>,
    /// Places per class, in the order of [`CLASSES`].
    pub counts: [u32; 5],
    /// Equal places.
    pub equal: u32,
    /// Rows that were left out beyond the limit.
    pub left_out: u32,
}

/// The classes in the order in which views show them.
pub const CLASSES: [DifferenceClass; 5] = [
    DifferenceClass::Different,
    DifferenceClass::Missing,
    DifferenceClass::Extra,
    DifferenceClass::Reordered,
    DifferenceClass::Near,
];

/// Most rows of one comparison.
const MAX_ROWS: usize = 20_000;

impl StateDiff {
    /// Compares two state texts.
    ///
    /// # Errors
    ///
    /// What is wrong with a text that is no JSON, and which one it is.
    pub fn of(left: &str, right: &str) -> Result<Self, String> {
        let parse = |side: &str, text| {
            Json::parse(text).map_err(|error| format!("the {side} state cannot be read: {error}"))
        };
        let (left, right) = (parse("left", left)?, parse("right", right)?);
        let mut view = Self::default();
        let mut equal = Vec::new();
        compare(&left, &right, &mut |place| {
            let place_of = |class| CLASSES.iter().position(|known| *known == class);
            match place.class.and_then(place_of).and_then(|at| view.counts.get_mut(at)) {
                Some(count) => *count += 1,
                None => view.equal += 1,
            }
            if view.rows.len() + equal.len() >= MAX_ROWS {
                view.left_out += 1;
                return;
            }
            let row = state_row(&place);
            if place.class.is_some() {
                view.rows.push(row);
            } else {
                equal.push(row);
            }
        });
        view.rows.append(&mut equal);
        Ok(view)
    }

    /// Number of places that differ.
    #[must_use]
    pub fn differing(&self) -> usize {
        self.counts.iter().map(|count| *count as usize).sum()
    }
}

fn state_row(place: &Compared<'_, '_>) -> StateRow {
    StateRow {
        path: if place.path.is_empty() { "(all)".to_owned() } else { place.path.to_owned() },
        class: place.class,
        left: place.left.map(value_text),
        right: place.right.map(value_text),
        change: change(place),
    }
}

/// From here on an equal list is said by its length.
const LONG_LIST: usize = 16;

fn value_text(value: &Json<'_>) -> String {
    match value.items() {
        Some(items) if items.len() > LONG_LIST => format!("list of {}", items.len()),
        _ => sample(value),
    }
}

/// What changed from left to right, in a few letters.
pub(super) fn change(place: &Compared<'_, '_>) -> String {
    let (Some(left), Some(right)) = (place.left, place.right) else { return String::new() };
    match (place.class, left, right) {
        (Some(_), Json::Number(a), Json::Number(b)) => signed(b.as_f64() - a.as_f64()),
        (Some(DifferenceClass::Reordered), Json::Array(a), Json::Array(b)) => {
            let moved = a.iter().zip(b).filter(|(a, b)| a != b).count();
            format!("{moved} of {} moved", a.len())
        }
        _ => String::new(),
    }
}

fn signed(delta: f64) -> String {
    let size = delta.abs();
    let text = if size == 0.0 {
        "0".to_owned()
    } else if !size.is_finite() || (0.001..100_000.0).contains(&size) {
        let digits = format!("{:.4}", Fixed(size));
        digits.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        scientific(size)
    };
    format!("{}{text}", if delta < 0.0 { "−" } else { "+" })
}

/// A size with two digits and the power of ten that they are of.
fn scientific(mut size: f64) -> String {
    let mut exponent = 0;
    while size >= 9.95 {
        (size, exponent) = (size / 10.0, exponent + 1);
    }
    while size < 0.995 {
        (size, exponent) = (size * 10.0, exponent - 1);
    }
    format!("{:.1}e{exponent}", Fixed(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_come_first_and_equal_lists_stay_whole() {
        let left = r#"{"a":[1,2],"ball":[0.5,0.25],"coins":["x","y"],"gone":1}"#;
        let right = r#"{"a":[1,2],"ball":[0.5,0.251],"coins":["y","x"],"new":null}"#;
        let view = StateDiff::of(left, right).unwrap();
        let rows: Vec<_> = view.rows.iter().map(|row| (row.path.as_str(), row.class)).collect();
        assert_eq!(
            rows,
            [
                ("ball[1]", Some(DifferenceClass::Different)),
                ("coins", Some(DifferenceClass::Reordered)),
                ("gone", Some(DifferenceClass::Missing)),
                ("new", Some(DifferenceClass::Extra)),
                ("a", None),
                ("ball[0]", None),
            ]
        );
        assert_eq!((view.counts, view.equal), ([1, 1, 1, 1, 0], 2));
        assert_eq!(view.rows.first().unwrap().change, "+0.001");
        assert_eq!(
            StateDiff::of("1", "{").unwrap_err().split(':').next(),
            Some("the right state cannot be read")
        );
    }

    #[test]
    fn changes_have_a_sign_and_few_digits() {
        assert_eq!(signed(-6.6e-7), "−6.6e-7");
        assert_eq!(signed(0.0116), "+0.0116");
        assert_eq!(signed(3.0), "+3");
        assert_eq!(signed(0.0), "+0");
        assert_eq!(signed(99_960_000.0), "+1.0e8");
        assert_eq!(signed(-123_456.0), "−1.2e5");
        assert_eq!(signed(f64::NEG_INFINITY), "−inf");
        assert_eq!(signed(5e-324), "+4.9e-324");
    }
}
