//! The past of one path at one peer: the frames at which its value became another one.
//!
//! Reads state texts through its caller and goes to the State view, where only one side was observed.

use crate::frame::Frame;
use crate::session::SeenState;
use crate::state::{Json, sample, value_at};

/// Most texts that are read for one answer, and most bytes of them, so that a view stays quick.
const MAX_TEXTS: usize = 48;
const MAX_BYTES: usize = 4 << 20;

/// Letters of a value that are kept.
const MAX_LETTERS: usize = 24;

/// What is known of a path's past.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathPast {
    /// Frames whose state has another value than the state before it, newest first, with the value;
    /// `None` where the path is not there. The oldest one may have begun earlier.
    pub moments: Vec<(Frame, Option<String>)>,
    /// States that were looked through.
    pub looked_through: usize,
    /// Whether these are all that there are up to the frame.
    pub is_whole: bool,
}

/// Looks back from the state at `until` or before it. `states` go by frame; `text` reads one, `None` if it is not at hand.
#[must_use]
pub fn path_past(
    states: &[SeenState],
    path: &str,
    until: Frame,
    text: impl Fn(&SeenState) -> Option<String>,
) -> PathPast {
    let mut past = PathPast { is_whole: true, ..PathPast::default() };
    let mut bytes = 0;
    let end = states.partition_point(|state| state.frame <= until);
    for state in states.iter().take(end).rev() {
        if past.looked_through == MAX_TEXTS || bytes > MAX_BYTES {
            past.is_whole = false;
            break;
        }
        let Some(text) = text(state) else {
            past.is_whole = false;
            continue;
        };
        bytes += text.len();
        past.looked_through += 1;
        let Ok(document) = Json::parse(&text) else {
            past.is_whole = false;
            continue;
        };
        let value = value_at(&document, path)
            .map(|value| sample(value).chars().take(MAX_LETTERS).collect::<String>());
        match past.moments.last_mut() {
            // The same value at an earlier frame: it began there at the latest.
            Some((frame, known)) if *known == value => *frame = state.frame,
            _ => past.moments.push((state.frame, value)),
        }
    }
    past
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(count: u32) -> Vec<SeenState> {
        (0..count)
            .map(|at| SeenState { frame: Frame(at * 5), seq: at, digest: u64::from(at) })
            .collect()
    }

    #[test]
    fn a_value_stands_at_the_first_frame_that_has_it() {
        let texts = ["{}", "{\"a\":[1]}", "{\"a\":[1]}", "{\"a\":[2]}", "{\"a\":[3]}"];
        let read = |state: &SeenState| texts.get(state.seq as usize).map(|text| (*text).to_owned());
        let past = path_past(&states(5), "a[0]", Frame(17), read);
        let known = |frame, value: &str| (Frame(frame), Some(value.to_owned()));
        assert_eq!(past.moments, [known(15, "2"), known(5, "1"), (Frame(0), None)]);
        assert_eq!((past.looked_through, past.is_whole), (4, true));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let read = |state: &SeenState| (state.seq != 1).then(|| "{\"a\":7}".to_owned());
        let past = path_past(&states(3), "a", Frame(99), read);
        assert_eq!(past.moments, [(Frame(0), Some("7".to_owned()))]);
        assert_eq!((past.looked_through, past.is_whole), (2, false));
        let broken = path_past(&states(2), "a", Frame(99), |_| Some("{".to_owned()));
        assert_eq!((broken.moments.len(), broken.is_whole), (0, false));
    }

    #[test]
    fn a_long_session_is_looked_through_only_so_far() {
        let past = path_past(&states(500), "a", Frame(5000), |state| {
            Some(format!("{{\"a\":{}}}", state.seq))
        });
        assert_eq!((past.looked_through, past.is_whole), (MAX_TEXTS, false));
        assert_eq!(past.moments.first().unwrap().0, Frame(499 * 5));
    }
}
