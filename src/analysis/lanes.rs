//! What the timeline and the frame around the views ask: lanes, minimap, places on the axis, clocks.

use super::Analysis;
use crate::frame::Frame;
use crate::session::{Game, Session};
use crate::timeline::{
    Axis, LaneCache, LaneQuery, MinimapView, PeerClock, TimelineView, frame_at, peer_clocks,
    place_of, units,
};

impl Analysis {
    /// The lanes in the asked columns.
    #[must_use]
    pub fn timeline(&self, query: LaneQuery) -> TimelineView {
        self.with_lanes(|session, game, episode, cache| {
            TimelineView::of(session, game, episode, query, cache)
        })
    }

    /// The whole episode in at most `columns` columns.
    #[must_use]
    pub fn minimap(&self, axis: Axis, columns: usize) -> MinimapView {
        self.with_lanes(|_, game, episode, cache| {
            MinimapView::of(game, episode, axis, columns, cache)
        })
    }

    /// Length of the axis so far, in units.
    #[must_use]
    pub fn units(&self, axis: Axis) -> u32 {
        self.with_lanes(|_, game, episode, cache| units(game, episode, axis, cache))
    }

    /// Left edge of a frame on the axis, in units.
    #[must_use]
    pub fn place_of(&self, axis: Axis, frame: Frame) -> f64 {
        self.with_lanes(|_, game, episode, cache| place_of(game, episode, axis, frame, cache))
    }

    /// The frame at a place on the axis, in units.
    #[must_use]
    pub fn frame_at(&self, axis: Axis, unit: f64) -> Frame {
        self.with_lanes(|_, game, episode, cache| frame_at(game, episode, axis, unit, cache))
    }

    /// How far each peer's clock is ahead of the first observed one's, in the order of the peers.
    #[must_use]
    pub fn peer_clocks(&self) -> Vec<Option<PeerClock>> {
        self.with_lanes(peer_clocks)
    }

    /// Bytes that the lanes keep beside what was reconstructed.
    #[must_use]
    pub fn lane_bytes(&self) -> usize {
        self.lanes.borrow().bytes()
    }

    fn with_lanes<T>(&self, view: impl FnOnce(&Session, &Game, usize, &mut LaneCache) -> T) -> T {
        self.with_game(|game, episode| {
            // Nothing below asks the analysis again, so the cache is never borrowed twice.
            view(&self.session, game, episode, &mut self.lanes.borrow_mut())
        })
    }
}
