//! Places on the axis for the frame around the views: length, frames, clocks.

use super::lanes::Axis;
use super::lanes_axis::{AxisMap, record_of};
use super::lanes_cache::LaneCache;
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::{Game, Session};

/// How far a peer's clock is ahead of that of the first observed peer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerClock {
    /// The middle of what is possible, in milliseconds.
    pub ahead_ms: f64,
    /// Half the width of what is possible, in milliseconds.
    pub band_ms: f64,
    /// Whether these are the clocks of the machines; else those of the pages, which begin with
    /// the page, because the capture does not say when.
    pub is_wall_clock: bool,
}

/// Length of the axis of an episode so far, in units.
pub fn units(game: &Game, episode: usize, axis: Axis, cache: &mut LaneCache) -> u32 {
    cache.refresh(game, episode);
    let map = AxisMap::new(game, episode, axis);
    let ends = game
        .players()
        .filter(|player| record_of(game, episode, *player).is_some())
        .map(|player| map.of_player(game, episode, player, &cache.clocks).end());
    ends.max().unwrap_or(0)
}

/// Left edge of a frame, in units, as the first observed peer stepped it.
pub fn place_of(
    game: &Game,
    episode: usize,
    axis: Axis,
    frame: Frame,
    cache: &mut LaneCache,
) -> f64 {
    cache.refresh(game, episode);
    let map = AxisMap::new(game, episode, axis);
    let player = first_observed(game, episode);
    map.of_player(game, episode, player, &cache.clocks).unit_of_frame(frame)
}

/// The frame of the first observed peer at a place, in units.
pub fn frame_at(
    game: &Game,
    episode: usize,
    axis: Axis,
    unit: f64,
    cache: &mut LaneCache,
) -> Frame {
    cache.refresh(game, episode);
    let map = AxisMap::new(game, episode, axis);
    let player = first_observed(game, episode);
    map.of_player(game, episode, player, &cache.clocks).frame_of_unit(unit)
}

/// The clocks of all players beside that of the first observed one; `None` where nothing is known,
/// and for that one itself.
pub fn peer_clocks(
    session: &Session,
    game: &Game,
    episode: usize,
    cache: &mut LaneCache,
) -> Vec<Option<PeerClock>> {
    cache.refresh(game, episode);
    let origin =
        |player: PlayerId| session.conditions(game.observed(player)?.source)?.time_origin_ms;
    let reference = origin(first_observed(game, episode));
    let clock = |player: PlayerId| {
        let offset = cache.clocks.offsets.get(player.index()).copied().flatten()?;
        let apart = origin(player).zip(reference).map(|(own, reference)| own - reference);
        Some(PeerClock {
            ahead_ms: offset.ahead_micros as f64 / 1000.0 + apart.unwrap_or(0.0),
            band_ms: offset.band_micros as f64 / 1000.0,
            is_wall_clock: apart.is_some(),
        })
    };
    game.players().map(clock).collect()
}

fn first_observed(game: &Game, episode: usize) -> PlayerId {
    let mut players = game.players();
    players.find(|player| record_of(game, episode, *player).is_some()).unwrap_or_default()
}
