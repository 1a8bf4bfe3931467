//! What differs between two peers' states at the first frame whose hashes differ?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted};
use crate::frame::Frame;
use crate::observation::Evidence;
use crate::session::{Game, SavedState};
use crate::sorted::SortedMap;
use crate::sorting;
use crate::state::{Difference, DifferenceClass, Json, diff};

/// Compares two peers' states of a differing frame in full.
pub(super) struct StateBisect;

/// Differences that are looked at; whole random states count as one.
const MAX_DIFFERENCES: usize = 4096;

/// Paths that the sentence names.
const NAMED_PATHS: usize = 4;

/// From so many differing values of one list or object on, the list or object is named.
const FOLDED_VALUES: u32 = 4;

impl Check for StateBisect {
    fn code(&self) -> &'static str {
        "state-difference"
    }

    fn title(&self) -> &'static str {
        "States of differing frames compared in full"
    }

    fn documentation(&self) -> &'static str {
        "Where the hashes of a frame differ and both pages were observed, their states of the \
         earliest such frame are compared in full: the differing paths in five classes, missing, \
         extra, reordered, different, and near for floats within rounding. Lists and objects of \
         which many values differ are named as one. It needs the state texts of both pages, which \
         are kept for the earliest differing frames; otherwise a differing frame is not checkable. \
         The paths say what differs, not which page is wrong."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let comparison = game.comparison(episode);
        let differing = comparison.frames.iter().filter(|(_, same)| *same == Some(false));
        for (frame, _) in differing {
            let Some([left, right]) = saved(game, episode, *frame) else {
                outcome.add_not_checkable(1, "the states of both pages are not at hand");
                continue;
            };
            let (Ok(a), Ok(b)) = (Json::parse(&left.1.text), Json::parse(&right.1.text)) else {
                outcome.add_not_checkable(1, "a state text is no JSON");
                continue;
            };
            let found = diff(&a, &b, MAX_DIFFERENCES);
            outcome.failed += 1;
            // The first one explains the later ones.
            if outcome.findings.is_empty() {
                let paths = fold(&found.first);
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: [&left, &right].map(|(name, ..)| name.clone()).to_vec(),
                    episode: game.episode_number(episode),
                    frames: Some((*frame, *frame)),
                    count: paths.len() as u32,
                    text: sentence(*frame, &paths, found.total),
                    detail: format!("cross-peer · {}", by_class(&found.first)),
                    evidence: [&left, &right]
                        .map(|(_, state, source)| Evidence { source: *source, seq: state.seq })
                        .to_vec(),
                });
            }
        }
        outcome
    }
}

type Saved<'g> = (String, &'g SavedState, crate::observation::SourceId);

fn saved(game: &Game, episode: usize, frame: Frame) -> Option<[Saved<'_>; 2]> {
    let mut states = game.peers.iter().filter_map(|peer| {
        let state = peer.episodes.get(episode)?.states.pinned(frame)?;
        Some((super::finding::peer_name(peer), state, peer.source))
    });
    Some([states.next()?, states.next()?])
}

/// Differing paths with a sample each; what lies close together is named once.
fn fold(differences: &[Difference]) -> Vec<String> {
    let mut by_parent: SortedMap<&str, u32> = SortedMap::new();
    for one in differences {
        by_parent.change(parent(&one.path), || 0, |count| *count += 1);
    }
    let mut paths: Vec<(bool, String)> = Vec::new();
    let mut folded: Option<&str> = None;
    for one in differences {
        let is_near = one.class == DifferenceClass::Near;
        let (above, whole) = (parent(&one.path), |path: &str| {
            if path.is_empty() { "the whole state".to_owned() } else { path.to_owned() }
        });
        match by_parent.get(above) {
            Some(count) if *count > FOLDED_VALUES => {
                if folded != Some(above) {
                    paths.push((is_near, format!("{count} values of {}", whole(above))));
                }
                folded = Some(above);
            }
            _ => paths.push((is_near, format!("{} {}", whole(&one.path), values(one)))),
        }
    }
    // What is only near is rarely the cause.
    sorting::sort_by_key(&mut paths, |(is_near, _)| *is_near);
    paths.into_iter().map(|(_, path)| path).collect()
}

fn parent(path: &str) -> &str {
    let end = path.rfind(['.', '[']).unwrap_or(0);
    path.get(..end).unwrap_or_default()
}

fn values(one: &Difference) -> String {
    let left = one.left.as_deref().unwrap_or("nothing");
    let right = one.right.as_deref().unwrap_or("nothing");
    let class = class_name(one.class);
    format!("({class}: {left} and {right})")
}

fn sentence(frame: Frame, paths: &[String], total: u64) -> String {
    let named = paths.iter().take(NAMED_PATHS).cloned().collect::<Vec<_>>().join("; ");
    let more = match paths.len().saturating_sub(NAMED_PATHS) {
        0 => String::new(),
        more => format!("; and {}", counted(more as u32, "more place", "more places")),
    };
    let total = u32::try_from(total).unwrap_or(u32::MAX);
    match total {
        0 => format!("The saved states of frame {frame} are equal, though their hashes differ"),
        _ => format!(
            "At frame {frame} the states differ in {}: {named}{more}",
            counted(total, "value", "values")
        ),
    }
}

fn by_class(differences: &[Difference]) -> String {
    let classes = [
        DifferenceClass::Missing,
        DifferenceClass::Extra,
        DifferenceClass::Reordered,
        DifferenceClass::Different,
        DifferenceClass::Near,
    ];
    let texts = classes.into_iter().filter_map(|class| {
        let count = differences.iter().filter(|one| one.class == class).count();
        (count > 0).then(|| format!("{count} {}", class_name(class)))
    });
    texts.collect::<Vec<String>>().join(", ")
}

fn class_name(class: DifferenceClass) -> &'static str {
    match class {
        DifferenceClass::Missing => "missing",
        DifferenceClass::Extra => "extra",
        DifferenceClass::Reordered => "reordered",
        DifferenceClass::Different => "different",
        DifferenceClass::Near => "near",
    }
}
