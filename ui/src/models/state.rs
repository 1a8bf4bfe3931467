//! Model of the State view: which two states are compared, how they differ, and the detail of a path.

use rollscope::frame::Frame;
use rollscope::observation::{Evidence, SourceId};
use rollscope::session::SeenState;
use rollscope::timeline::{
    StateDiff, StateFate, StatePeer, StateRow, TreeKind, TreeRow, state_tree,
};

use crate::chosen::Base;
use crate::format;
use crate::frame::detail::{Act, Content, Detail, Part};
use crate::leptos::prelude::*;
use crate::pair;
use crate::signal::{Memo, RwSignal, effect};
use crate::state::{Ui, View};
use crate::store::{self, Beside};
use crate::views::grid::Turn;
use crate::views::state::{MapView, Model};
use crate::views::state_rows::{class_counts, class_of};

/// One side of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// `P1`, or `P1 at 455`.
    pub name: String,
    /// The state.
    pub state: SeenState,
    /// Its document.
    pub source: SourceId,
    /// What is known of it.
    pub fate: StateFate,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sides {
    /// The two sides; `None` where there is nothing to compare.
    pub pair: Option<(Side, Side)>,
    /// What a user must know of the choice.
    pub note: String,
    /// Names of the peers to choose from.
    pub peers: Vec<String>,
}

/// The model; `differs` says whether hashes of the shown episode do, so that the Verdict view says where.
pub fn model(ui: Ui, differs: Memo<bool>) -> Model {
    let sides = Memo::new(move |_| {
        ui.revision.track();
        sides(ui, ui.frame.get(), ui.chosen.base.get())
    });
    let compared = Memo::new(move |_| sides.with(|sides| sides.pair.as_ref().map(compare)));
    // A long session is compared piece by piece, so that the view stays quick.
    let more = RwSignal::new(0_u32);
    let map = Memo::new(move |_| {
        ui.revision.track();
        more.track();
        let is_asked = match ui.view.get() {
            View::State => true,
            View::Verdict | View::Timeline | View::Rollbacks => differs.get(),
            _ => false,
        };
        if !is_asked {
            return MapView { is_complete: true, ..MapView::default() };
        }
        store::with_states(shown_pair(ui), |_, map| MapView {
            frames: map.frames().collect(),
            strips: map.strips(STRIPS),
            first: map.first(),
            is_complete: map.is_complete(),
            left_out: map.left_out(),
        })
    });
    effect(move || {
        if !map.with(|map| map.is_complete) {
            request_animation_frame(move || more.update(|more| *more = more.wrapping_add(1)));
        }
    });
    let rows = Memo::new(move |_| {
        let (hidden, equal) = (ui.chosen.hidden_classes.get(), ui.chosen.is_equal_shown.get());
        compared.with(|compared| {
            let Some(Ok(diff)) = compared else { return Vec::new() };
            // A few equal values beside the others say more than a line that hides them.
            let equal = equal || diff.equal <= UNFOLDED;
            let is_shown = |row: &StateRow| match row.class {
                Some(class) => !hidden.contains(&class),
                None => equal,
            };
            let places = diff.rows.iter().enumerate().filter(|(_, row)| is_shown(row));
            let places: Vec<usize> = places.map(|(place, _)| place).collect();
            ui.chosen.folds.with(|folds| state_tree(&diff.rows, &places, |path| folds.of(path)))
        })
    });
    Model { sides, compared, map, rows }
}

/// So many equal values are never folded.
pub const UNFOLDED: u32 = 12;

/// Strips of the map.
const STRIPS: usize = 5;

fn compare((left, right): &(Side, Side)) -> Result<StateDiff, String> {
    let text = |side: &Side| {
        let text = store::with_analysis(|analysis| analysis.state_text(side.source, &side.state));
        text.ok_or_else(|| {
            format!(
                "The text of {} at frame {} is not kept: the memory cap was reached.",
                side.name, side.state.frame
            )
        })
    };
    StateDiff::of(&text(left)?, &text(right)?)
}

fn sides(ui: Ui, frame: Option<Frame>, base: Base) -> Sides {
    let peers = store::with_analysis(|analysis| analysis.state_peers());
    let places = places(ui, &peers);
    let names = peers.iter().map(|peer| peer.name.clone()).collect();
    let (left, right) = match (peers.get(places.0), peers.get(places.1), base) {
        (None, ..) => {
            let note = "No state has been read from a worker in this episode so far.".to_owned();
            return Sides { note, ..Sides::default() };
        }
        (Some(left), Some(right), Base::Peers) => (left, right),
        (Some(alone), ..) => return Sides { peers: names, ..before(alone, frame, base) },
    };
    let common = |at: Frame| {
        let both = left.states.iter().filter(|state| right.at(state.frame).is_some());
        both.map(|state| state.frame).min_by_key(|known| (known.0.abs_diff(at.0), known.0))
    };
    let first = || store::with_states(places, |_, map| map.first().map(|first| first.frame));
    let last = || left.states.last().map(|state| state.frame);
    let asked = frame.or_else(first).or_else(last).unwrap_or_default();
    let Some(at) = common(asked) else {
        let note = format!("No frame has a state of both {} and {}.", left.name, right.name);
        return Sides { pair: None, note, peers: names };
    };
    let pair = side(left, at, false).zip(side(right, at, false));
    Sides { pair, note: moved(asked, at, "a state of both peers"), peers: names }
}

/// One peer against itself at the state before.
fn before(peer: &StatePeer, frame: Option<Frame>, base: Base) -> Sides {
    let last = || peer.states.last().map(|state| state.frame);
    let asked = frame.or_else(last).unwrap_or_default();
    let at = peer.nearest(asked).unwrap_or_default();
    let mut note = moved(asked, at, "a saved state");
    if base == Base::Peers {
        note =
            format!("Only {} was observed, so its own state before is compared. {note}", peer.name);
    }
    let earlier = peer.before(at).map(|state| state.frame);
    let pair = earlier.and_then(|earlier| side(peer, earlier, true)).zip(side(peer, at, true));
    if pair.is_none() {
        note = format!("{} saved no state before frame {at}.", peer.name);
    }
    Sides { pair, note, peers: Vec::new() }
}

/// Places of the chosen pair among the peers that saved any state; the first two unless the user chose others
/// that are there.
fn places(ui: Ui, peers: &[StatePeer]) -> (usize, usize) {
    let names: Vec<&str> = peers.iter().map(|peer| peer.name.as_str()).collect();
    ui.chosen.pair.with(|chosen| pair::places(chosen.as_ref(), &names))
}

fn shown_pair(ui: Ui) -> (usize, usize) {
    places(ui, &store::with_analysis(|analysis| analysis.state_peers()))
}

/// Compares another peer at one side.
pub fn choose_peer(ui: Ui, peers: &[String], side: pair::Side, at: usize) {
    let (left, right) = pair::chosen(untrack(|| shown_pair(ui)), side, at);
    if let Some((left, right)) = peers.get(left).cloned().zip(peers.get(right).cloned()) {
        ui.chosen.pair.set(Some((left, right)));
    }
}

fn moved(asked: Frame, at: Frame, what: &str) -> String {
    if asked == at {
        return String::new();
    }
    format!("Frame {asked} has no {}; the nearest is {at}.", what.trim_start_matches("a "))
}

fn side(peer: &StatePeer, frame: Frame, is_dated: bool) -> Option<Side> {
    let (state, fate) = peer.at(frame)?;
    let name = if is_dated { format!("{} at {frame}", peer.name) } else { peer.name.clone() };
    Some(Side { name, state: *state, source: peer.source, fate })
}

/// Goes to the next frame whose states differ.
pub fn step_difference(ui: Ui, side: Beside) {
    let from = ui.frame.get_untracked().unwrap_or_default();
    let found = store::with_states(untrack(|| shown_pair(ui)), |_, map| {
        map.differing_beside(from, side == Beside::After)
    });
    if let Some(frame) = found {
        ui.select_frame(frame);
    }
}

/// Goes to the first frame whose states differ, and selects the path.
pub fn go_to_first(ui: Ui) {
    if let Some(first) = store::with_states(untrack(|| shown_pair(ui)), |_, map| map.first()) {
        ui.select_frame(first.frame);
        // A branch around it that the user has folded would hide it.
        ui.chosen.folds.update(|folds| folds.reveal(&first.path));
        ui.chosen.path.set(Some(first.path));
    }
}

/// Selects the row of the tree beside the selected one.
pub fn step_path(ui: Ui, model: Model, side: Beside) {
    let chosen = ui.chosen.path.get_untracked();
    let next = model.rows.with_untracked(|rows| {
        let at = chosen.and_then(|path| rows.iter().position(|row| row.path == path));
        let next = match (at, side) {
            (None, _) => Some(0),
            (Some(row), Beside::Before) => row.checked_sub(1),
            (Some(row), Beside::After) => Some(row + 1),
        };
        Some(rows.get(next?)?.path.clone())
    });
    if next.is_some() {
        ui.chosen.path.set(next);
    }
}

/// Folds and unfolds a row of the tree, or goes from it to the row that its key leads to.
pub fn turn(ui: Ui, model: Model, row: usize, asked: Turn) {
    let rows = model.rows.get_untracked();
    let Some(here) = rows.get(row) else { return };
    let is_open = match here.kind {
        TreeKind::Branch { is_open, .. } => Some(is_open),
        TreeKind::Leaf(_) => None,
    };
    let go = |to: Option<&TreeRow>| {
        if let Some(to) = to {
            ui.chosen.path.set(Some(to.path.clone()));
        }
    };
    let fold = |is_open: bool| {
        // What was selected inside is hidden with the rest: the branch itself is, then.
        ui.chosen.path.set(Some(here.path.clone()));
        ui.chosen.folds.update(|folds| folds.set(here.path.clone(), is_open));
    };
    match (asked, is_open) {
        (Turn::All, _) => ui.chosen.folds.update(|folds| folds.open_all()),
        (Turn::Open, Some(false)) => fold(true),
        (Turn::Open, Some(true)) => go(rows.get(row + 1)),
        (Turn::Close, Some(true)) => fold(false),
        (Turn::Close, _) => {
            let before = rows.get(..row).unwrap_or_default();
            go(before.iter().rev().find(|other| other.level < here.level));
        }
        (Turn::Other, Some(is_open)) => fold(!is_open),
        (Turn::Open | Turn::Other, None) => {}
    }
}

/// Moments of a path that the pane lists.
const MOMENTS: usize = 12;

/// The detail of the selected path.
pub fn detail(ui: Ui, model: Model) -> Option<Detail> {
    let path = ui.chosen.path.get()?;
    let (left, right) = model.sides.with(|sides| sides.pair.clone())?;
    let row = model.compared.with(|compared| match compared {
        Some(Ok(diff)) => diff.rows.iter().find(|row| row.path == path).cloned(),
        _ => None,
    });
    let Some(row) = row else { return branch_detail(model, path, [&left, &right]) };
    let there = |value: Option<String>| value.unwrap_or_else(|| "not there".to_owned());
    let mut parts = vec![Part {
        title: "",
        content: Content::Values(vec![
            ("class".to_owned(), class_of(row.class).1.to_owned()),
            (left.name.clone(), there(row.left)),
            (right.name.clone(), there(row.right)),
            ("change".to_owned(), if row.change.is_empty() { "–".to_owned() } else { row.change }),
        ]),
    }];
    let (history, known) =
        store::with_states(shown_pair(ui), |_, map| (map.history(&path), map.frames().count()));
    if !history.is_empty() {
        let link = |moment: &rollscope::timeline::PathMoment| {
            let (left, right, change) = &moment.values;
            // Two long numbers side by side are read by nobody: what changed between them is.
            let text =
                if change.is_empty() { format!("{left} · {right}") } else { change.clone() };
            (format!("frame {}", moment.frame), text, Act::Frame(moment.frame))
        };
        let mut links: Vec<_> = history.iter().take(MOMENTS).map(link).collect();
        if let Some(last) = history.iter().skip(MOMENTS).next_back() {
            links.push(link(last));
        }
        parts.push(Part {
            title: "history of this path between the peers",
            content: Content::Pairs(vec![(
                "differs on".to_owned(),
                format!("{} of {known} frames", history.len()),
            )]),
        });
        parts.push(Part { title: "", content: Content::Links(links) });
    }
    if left.source == right.source
        && let Some(past) = past(&right, &path)
    {
        parts.extend(past);
    }
    parts.extend(sources([&left, &right]));
    Some(Detail { title: path, parts })
}

/// What a branch holds, and where the texts come from.
fn branch_detail(model: Model, path: String, sides: [&Side; 2]) -> Option<Detail> {
    let kind = model.rows.with(|rows| rows.iter().find(|row| row.path == path).map(|row| row.kind));
    let TreeKind::Branch { counts, equal, .. } = kind? else { return None };
    let differing: u32 = counts.iter().sum();
    let mut parts = vec![Part {
        title: "",
        content: Content::Pairs(vec![
            ("values inside".to_owned(), format::count((differing + equal).into())),
            ("classes".to_owned(), class_counts(counts, equal)),
        ]),
    }];
    parts.extend(sources(sides));
    Some(Detail { title: path, parts })
}

/// The values that a path had before at the side's peer, where only that peer is looked at.
fn past(side: &Side, path: &str) -> Option<[Part; 2]> {
    let past = store::with_analysis(|analysis| {
        let peers = analysis.state_peers();
        let peer = peers.iter().find(|peer| peer.source == side.source)?;
        Some(analysis.path_past(peer, path, side.state.frame))
    })?;
    let link = |(frame, value): &(Frame, Option<String>)| {
        let text = value.clone().unwrap_or_else(|| "not there".to_owned());
        (format!("frame {frame}"), text, Act::Frame(*frame))
    };
    let links: Vec<_> = past.moments.iter().take(MOMENTS).map(link).collect();
    let looked = format::counted(past.looked_through as u64, "state");
    let looked = if past.is_whole { looked } else { format!("{looked}, no further back") };
    Some([
        Part {
            title: "history of this path at this peer",
            content: Content::Pairs(vec![
                ("values".to_owned(), past.moments.len().to_string()),
                ("looked through".to_owned(), looked),
            ]),
        },
        Part { title: "", content: Content::Links(links) },
    ])
}

/// Where the texts of both sides come from, and which of them must not be relied on.
fn sources(sides: [&Side; 2]) -> Vec<Part> {
    let links = sides.into_iter().filter_map(|side| {
        let evidence = Evidence { source: side.source, seq: side.state.seq };
        let event = store::with_analysis(|analysis| analysis.traffic_of(evidence))?;
        let text = format!("#{}, {}", side.state.seq, fate_words(side.fate));
        Some((side.name.clone(), text, Act::Message(event)))
    });
    let mut parts =
        vec![Part { title: "where the texts come from", content: Content::Links(links.collect()) }];
    for side in sides.into_iter().filter(|side| !side.fate.is_settled() && side.fate.is_replaced) {
        let text = format!(
            "{}’s text was taken on a guess that a later rollback replaced, and the frame was not saved again. Compare at a later frame.",
            side.name
        );
        parts.push(Part { title: "", content: Content::Note(text) });
    }
    parts
}

fn fate_words(fate: StateFate) -> String {
    let state = match (fate.is_replaced, fate.is_confirmed) {
        (true, _) if fate.is_reported => "replaced later, reported all the same",
        (true, _) => "replaced later",
        (false, Some(true)) => "confirmed",
        (false, Some(false)) => "still a guess",
        (false, None) => "not known whether confirmed",
    };
    match fate.versions {
        1 => state.to_owned(),
        more => format!("{state}, the last of {more} texts"),
    }
}
