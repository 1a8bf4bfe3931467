//! What of the timeline a filter leaves bright: everything else goes behind a veil.

use rollscope::frame::Frame;
use rollscope::timeline::{
    Arc, Became, Cell, Filter, FilterItem, PeerLane, RollbackRow, Span, TimelineView,
};

use super::arcs;
use super::picture::{Area, Ink, Picture};
use super::scale::Scale;
use super::timeline::strip;

/// Which rollbacks of a peer stay bright.
#[derive(Debug, Clone, Copy)]
pub struct Arcs<'a> {
    /// The filter.
    pub filter: &'a Filter,
    /// Name of the peer.
    pub name: &'a str,
}

impl Arcs<'_> {
    /// Whether a rollback passes.
    #[must_use]
    pub fn shows(&self, arc: &Arc) -> bool {
        self.filter.is_empty()
            || self.filter.matches(&FilterItem {
                frames: Some(Span { low: u64::from(arc.target.0), high: u64::from(arc.current.0) }),
                player: player_of(self.name),
                depth: Some(Span::of(u64::from(arcs::depth(arc)))),
                millis: arc.micros.map(|micros| micros / 1000),
                kinds: &["rollback"],
                text: "rollback",
                ..FilterItem::default()
            })
    }
}

/// Whether a row of the table of rollbacks passes: as its arc does, and by its words.
#[must_use]
pub fn shows_row(filter: &Filter, row: &RollbackRow) -> bool {
    let first = row.target.unwrap_or(row.snapshot);
    let text = match row.cause_player {
        Some(player) => format!("rollback of {} by {player}", row.peer_name),
        None => format!("rollback of {}", row.peer_name),
    };
    filter.matches(&FilterItem {
        frames: Some(Span { low: u64::from(first.0), high: u64::from(row.current.0) }),
        player: player_of(&row.peer_name),
        depth: row.depth_frames.map(|depth| Span::of(u64::from(depth))),
        millis: row.total_micros.map(|micros| micros / 1000),
        kinds: &["rollback"],
        text: &text,
        ..FilterItem::default()
    })
}

/// Whether a bucket of frames passes: whether one of its frames may.
#[must_use]
pub fn shows(filter: &Filter, name: &str, frames: (u32, u32), cell: &Cell) -> bool {
    let kinds = [
        (true, "frame"),
        (cell.rollback_depth_frames > 0, "rollback"),
        (cell.became == Became::Mismatch, "mismatch"),
        (cell.stalled, "stall"),
        (cell.missed_rollback, "missed"),
    ];
    let kinds: Vec<&str> = kinds.into_iter().filter(|(is, _)| *is).map(|(_, kind)| kind).collect();
    let is_bucket = frames.1.saturating_sub(frames.0) > 1;
    let depth = u64::from(cell.rollback_depth_frames);
    let last = frames.1.saturating_sub(1).max(frames.0);
    filter.matches(&FilterItem {
        frames: Some(Span { low: u64::from(frames.0), high: u64::from(last) }),
        player: player_of(name),
        depth: Some(Span { low: if is_bucket { 0 } else { depth }, high: depth }),
        kinds: &kinds,
        states: cell.states,
        is_bucket,
        ..FilterItem::default()
    })
}

/// Veils the columns of a frames lane that do not pass.
pub fn veil(
    picture: &mut Picture,
    view: &TimelineView,
    lane: &PeerLane,
    scale: Scale,
    area: Area,
    filter: &Filter,
) {
    if filter.is_empty() {
        return;
    }
    let passes =
        |column: usize, cell: &Cell| shows(filter, &lane.name, view.frames_of(lane, column), cell);
    for (passes, x, width) in strip(view, lane).runs(scale, passes) {
        if !passes {
            picture.rect(Area::new(x, area.y - 2.0, width, area.h + 8.0), Ink::Veil);
        }
    }
}

/// Frames of a view with one frame in each column that pass on any peer, in order. A rollback counts
/// where it was discovered.
#[must_use]
pub fn matching(filter: &Filter, view: &TimelineView) -> Vec<Frame> {
    let mut found = Vec::new();
    for lane in &view.lanes {
        let arcs = Arcs { filter, name: &lane.name };
        let columns = lane.cells.iter().enumerate();
        let frames = columns.map(|(column, cell)| (view.frames_of(lane, column), cell));
        let passing = frames.filter(|(frames, cell)| shows(filter, &lane.name, *frames, cell));
        found.extend(passing.map(|((first, _), _)| Frame(first)));
        found.extend(lane.arcs.iter().filter(|arc| arcs.shows(arc)).map(|arc| arc.current));
    }
    let first = view.query.first;
    found.retain(|frame| {
        frame.0 >= first && frame.0 - first < u32::try_from(view.query.columns).unwrap_or(u32::MAX)
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// The number in the name of a player.
fn player_of(name: &str) -> Option<u64> {
    name.strip_prefix('P')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::timeline::States;

    #[test]
    fn a_frame_passes_by_its_states_and_its_peer() {
        let cell = Cell {
            became: Became::Mismatch,
            states: States::MISMATCH.with(States::PREDICTED),
            ..Cell::default()
        };
        let passes = |text: &str| shows(&Filter::parse(text).unwrap(), "P2", (400, 401), &cell);
        assert!(passes("kind:mismatch player:2 frame:400"));
        assert!(passes("state:predicted"));
        assert!(!passes("player:1"));
        assert!(!passes("-state:mismatch"));
    }
}
