//! Which paths of the state differ at which frame, between two peers: the first difference, and the
//! history of one path.

use super::states::{StatePeer, change};
use crate::frame::Frame;
use crate::session::SeenState;
use crate::sorted::{SortedMap, SortedSet};
use crate::state::{DifferenceClass, Json, compare, sample};

/// Most frames whose states are compared in full; texts that are equal cost nothing and do not count.
const MAX_COMPARED: usize = 1024;

/// Most paths that are remembered for one frame, and in all.
const MAX_PATHS_PER_FRAME: usize = 256;
const MAX_PATHS: usize = 4096;

/// Bytes of texts that one call of [`StateMap::update`] reads at most, so that a view stays quick.
const MAX_BYTES_PER_UPDATE: usize = 4 << 20;

/// What is known of the differences between the states of two peers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateMap {
    // Game and episode by place, and the names of both peers.
    of: Option<((usize, usize), String, String)>,
    frames: SortedMap<Frame, FrameStates>,
    paths: SortedMap<String, u32>,
    names: Vec<String>,
    compared: usize,
    is_complete: bool,
    left_out: usize,
}

/// Stands for the digests of texts that are not both final, so that these are looked at again.
const UNSETTLED: (u64, u64) = (0, 0);

#[derive(Debug, Clone, PartialEq, Eq)]
struct FrameStates {
    digests: (u64, u64),
    /// `None` where a text is not at hand, cannot be read, or is not the frame's final state.
    places: Option<Vec<DifferingPlace>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct DifferingPlace {
    path: u32,
    class: DifferenceClass,
    left: String,
    right: String,
    change: String,
}

/// The first difference of an episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstDifference {
    /// Its frame.
    pub frame: Frame,
    /// Its path.
    pub path: String,
    /// By how much.
    pub change: String,
}

/// One strip of the map: a part of the state over all frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStrip {
    /// The part: a path or the beginning of several.
    pub path: String,
    /// Frames where it differs.
    pub frames: Vec<Frame>,
}

/// One frame in the history of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMoment {
    /// The frame.
    pub frame: Frame,
    /// How the path differed there.
    pub class: DifferenceClass,
    /// Values at both peers, and what changed.
    pub values: (String, String, String),
}

impl StateMap {
    /// Takes what two peers saved. `text` reads the text of a state; `None` if it is not at hand.
    pub fn update(
        &mut self,
        place: (usize, usize),
        (left, right): (&StatePeer, &StatePeer),
        text: impl Fn(&StatePeer, &SeenState) -> Option<String>,
    ) {
        let of = Some((place, left.name.clone(), right.name.clone()));
        if self.of != of {
            *self = Self { of, ..Self::default() };
        }
        let mut bytes = 0;
        self.is_complete = true;
        self.left_out = 0;
        for (ours, own_fate) in left.states.iter().zip(&left.fates) {
            let Some((theirs, their_fate)) = right.at(ours.frame) else { continue };
            let digests = (ours.digest, theirs.digest);
            if digests.0 != digests.1 && !(own_fate.is_settled() && their_fate.is_settled()) {
                self.frames.insert(ours.frame, FrameStates { digests: UNSETTLED, places: None });
                continue;
            }
            if self.frames.get(&ours.frame).is_some_and(|known| known.digests == digests) {
                continue;
            }
            let mut places = Some(Vec::new());
            if digests.0 != digests.1 {
                if self.compared >= MAX_COMPARED {
                    self.left_out += 1;
                    continue;
                }
                if bytes > MAX_BYTES_PER_UPDATE {
                    self.is_complete = false;
                    break;
                }
                let texts = text(left, ours).zip(text(right, theirs));
                bytes += texts.as_ref().map_or(0, |(a, b)| a.len() + b.len());
                self.compared += 1;
                places = texts.and_then(|(a, b)| self.compare(&a, &b));
            }
            self.frames.insert(ours.frame, FrameStates { digests, places });
        }
    }

    /// Frames whose states differ and were not compared, because there are too many.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether everything that can be compared has been; otherwise another update goes on with it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Frames known on both sides, each with whether it differs; `None` where that cannot be told.
    pub fn frames(&self) -> impl Iterator<Item = (Frame, Option<bool>)> {
        self.frames.iter().map(|(frame, states)| {
            (*frame, states.places.as_ref().map(|places| !places.is_empty()))
        })
    }

    /// The first frame with a difference, and the first path that differs there.
    #[must_use]
    pub fn first(&self) -> Option<FirstDifference> {
        self.frames.iter().find_map(|(frame, states)| {
            let place = states.places.as_ref()?.first()?;
            Some(FirstDifference {
                frame: *frame,
                path: self.name(place.path)?.to_owned(),
                change: place.change.clone(),
            })
        })
    }

    /// The next frame after `frame` with a difference, or the last one before it.
    #[must_use]
    pub fn differing_beside(&self, frame: Frame, is_after: bool) -> Option<Frame> {
        let differs = |(at, states): (&Frame, &FrameStates)| {
            states.places.as_ref().is_some_and(|places| !places.is_empty()).then_some(*at)
        };
        if is_after {
            self.frames.range(frame.next()..).find_map(differs)
        } else {
            self.frames.range(..frame).rev().find_map(differs)
        }
    }

    /// Strips of at most `limit` parts of the state, those that differ first on top.
    #[must_use]
    pub fn strips(&self, limit: usize) -> Vec<PathStrip> {
        let mut strips: Vec<PathStrip> = Vec::new();
        for (frame, states) in &self.frames {
            let mut parts = SortedSet::new();
            for place in states.places.iter().flatten() {
                let Some(part) = self.name(place.path).map(part_of) else { continue };
                if !parts.insert(part) {
                    continue;
                }
                let known = strips.iter().position(|strip| strip.path == part);
                if let Some(strip) = known.and_then(|known| strips.get_mut(known)) {
                    strip.frames.push(*frame);
                } else if strips.len() < limit {
                    strips.push(PathStrip { path: part.to_owned(), frames: vec![*frame] });
                }
            }
        }
        strips
    }

    /// Every frame where one path differs.
    #[must_use]
    pub fn history(&self, path: &str) -> Vec<PathMoment> {
        let Some(number) = self.paths.get(path) else { return Vec::new() };
        let moment = |(frame, states): (&Frame, &FrameStates)| {
            let place = states.places.as_ref()?.iter().find(|place| place.path == *number)?;
            Some(PathMoment {
                frame: *frame,
                class: place.class,
                values: (place.left.clone(), place.right.clone(), place.change.clone()),
            })
        };
        self.frames.iter().filter_map(moment).collect()
    }

    fn compare(&mut self, left: &str, right: &str) -> Option<Vec<DifferingPlace>> {
        let (left, right) = (Json::parse(left).ok()?, Json::parse(right).ok()?);
        let mut places = Vec::new();
        compare(&left, &right, &mut |place| {
            let Some(class) = place.class else { return };
            if places.len() >= MAX_PATHS_PER_FRAME {
                return;
            }
            let Some(path) = self.intern(place.path) else { return };
            let text = |value: Option<&Json<'_>>| {
                value.map_or_else(|| "not there".to_owned(), |value| cut(&sample(value)))
            };
            let (left, right) = (text(place.left), text(place.right));
            places.push(DifferingPlace { path, class, left, right, change: change(&place) });
        });
        Some(places)
    }

    fn intern(&mut self, path: &str) -> Option<u32> {
        if let Some(number) = self.paths.get(path) {
            return Some(*number);
        }
        let number = self.paths.len();
        (number < MAX_PATHS).then(|| {
            self.paths.insert(path.to_owned(), number as u32);
            self.names.push(path.to_owned());
            number as u32
        })
    }

    fn name(&self, number: u32) -> Option<&str> {
        self.names.get(number as usize).map(String::as_str)
    }
}

/// Letters of a value that the history keeps.
const MAX_LETTERS: usize = 24;

fn cut(text: &str) -> String {
    text.chars().take(MAX_LETTERS).collect()
}

/// The part of the state that a path belongs to: its first two keys without the indices behind them.
fn part_of(path: &str) -> &str {
    let mut dots = path.match_indices(['.', '[']).map(|(at, _)| at).filter(|at| *at > 0);
    let end = match (dots.next(), dots.next()) {
        // `env_state.ball.x`: a state that wraps everything in one key says nothing by that key.
        (Some(_), Some(second)) => second,
        _ => path.find('[').filter(|at| *at > 0).unwrap_or(path.len()),
    };
    path.get(..end).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::SourceId;
    use crate::session::text_digest;
    use crate::timeline::StateFate;

    fn peer(name: &str, texts: &[(u32, &str)]) -> StatePeer {
        let state = |(frame, text): &(u32, &str)| SeenState {
            frame: Frame(*frame),
            seq: *frame,
            digest: text_digest(text),
        };
        let fate = StateFate {
            versions: 1,
            is_confirmed: Some(true),
            is_replaced: false,
            is_reported: false,
        };
        StatePeer {
            name: name.to_owned(),
            source: SourceId(0),
            states: texts.iter().map(state).collect(),
            fates: vec![fate; texts.len()],
        }
    }

    #[test]
    fn the_first_difference_and_the_history_of_its_path_are_found() {
        let ours = [(0, "{\"b\":[1.5]}"), (5, "{\"b\":[2.0]}"), (10, "{\"b\":[3.0]}"), (15, "{}")];
        let theirs =
            [(0, "{\"b\":[1.50]}"), (5, "{\"b\":[2.5]}"), (10, "{\"b\":[3.0]}"), (20, "{}")];
        let (left, right) = (peer("P1", &ours), peer("P2", &theirs));
        let text = |peer: &StatePeer, state: &SeenState| {
            let texts = if peer.name == "P1" { &ours } else { &theirs };
            texts
                .iter()
                .find(|(frame, _)| *frame == state.frame.0)
                .map(|(_, text)| (*text).to_owned())
        };
        let mut map = StateMap::default();
        map.update((0, 0), (&left, &right), text);
        let first = map.first().unwrap();
        assert_eq!(
            (first.frame, first.path.as_str(), first.change.as_str()),
            (Frame(5), "b[0]", "+0.5")
        );
        let frames: Vec<_> = map.frames().collect();
        assert_eq!(
            frames,
            [(Frame(0), Some(false)), (Frame(5), Some(true)), (Frame(10), Some(false))]
        );
        assert_eq!(map.history("b[0]").len(), 1);
        assert_eq!(map.differing_beside(Frame(9), false), Some(Frame(5)));
        assert_eq!(map.differing_beside(Frame(5), true), None);
        let strips = map.strips(5);
        assert_eq!(strips, [PathStrip { path: "b".to_owned(), frames: vec![Frame(5)] }]);
        // A text that a later rollback replaced differs from the other peer's, and nothing is wrong.
        let mut replaced = peer("P1", &ours);
        replaced.fates[1].is_replaced = true;
        map.update((0, 2), (&replaced, &right), text);
        assert_eq!((map.first(), map.frames().nth(1)), (None, Some((Frame(5), None))));
        map.update((0, 2), (&left, &right), text);
        assert_eq!(map.first().map(|first| first.frame), Some(Frame(5)), "once it is settled");
        // A text that is gone is no difference and no agreement.
        map.update((0, 1), (&left, &right), |_, _| None);
        assert_eq!(map.frames().nth(1), Some((Frame(5), None)));
        assert_eq!(map.first(), None);
    }

    #[test]
    fn parts_are_keys_and_not_indices() {
        assert_eq!(part_of("ball[2]"), "ball");
        assert_eq!(part_of("agents.0.pos[1]"), "agents.0");
        assert_eq!(part_of("score"), "score");
        assert_eq!(part_of("[3]"), "[3]");
        assert_eq!(part_of("env_state.ball"), "env_state.ball");
    }
}
