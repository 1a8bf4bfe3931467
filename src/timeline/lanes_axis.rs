//! Frames and times of each peer as places on the shared axis, and back.

use std::ops::Range;

use super::lanes::Axis;
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::{ClockOffset, EpisodeRecord, Game};
use crate::time::Micros;

/// Nominal length of a frame where no settings were seen: 60 frames a second.
const DEFAULT_TICK_MICROS: u64 = 16_667;

/// The clocks of the players of one episode, by player; the first observed peer's is the reference.
#[derive(Debug, Clone, Default)]
pub(super) struct Clocks {
    /// How far each player's clock is ahead of the reference; `None` where that is not known.
    pub(super) offsets: Vec<Option<ClockOffset>>,
}

/// The axis of one episode.
#[derive(Debug, Clone, Copy)]
pub(super) struct AxisMap<'a> {
    axis: Axis,
    reference: Option<&'a EpisodeRecord>,
    /// Nominal length of one frame, in microseconds.
    pub(super) tick_micros: u64,
    // First step of the reference peer, on its clock.
    start_micros: i64,
}

/// The axis as one peer's frames and times stand on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeerMap<'a> {
    map: AxisMap<'a>,
    /// The frames; those of the reference for a peer that is not observed.
    record: Option<&'a EpisodeRecord>,
    ahead_micros: i64,
}

/// The record of a player in an episode, if the player is observed.
pub(super) fn record_of(game: &Game, episode: usize, player: PlayerId) -> Option<&EpisodeRecord> {
    game.observed(player)?.episodes.get(episode)
}

impl<'a> AxisMap<'a> {
    /// The axis of an episode.
    pub(super) fn new(game: &'a Game, episode: usize, axis: Axis) -> Self {
        let reference = game.players().find_map(|player| record_of(game, episode, player));
        let settings = reference.and_then(EpisodeRecord::settings);
        let tick_micros = settings.map_or(DEFAULT_TICK_MICROS, |settings| {
            1_000_000 / u64::from(settings.frames_per_second.clamp(1, 1000))
        });
        let start = reference.and_then(|record| record.frames.time_of(Frame::ZERO));
        Self { axis, reference, tick_micros, start_micros: signed(start.unwrap_or_default()) }
    }

    /// The axis as it is for one player.
    pub(super) fn of_player(
        self,
        game: &'a Game,
        episode: usize,
        player: PlayerId,
        clocks: &Clocks,
    ) -> PeerMap<'a> {
        let own = record_of(game, episode, player);
        let offset = clocks.offsets.get(player.index()).copied().flatten();
        PeerMap {
            map: self,
            record: own.or(self.reference),
            ahead_micros: own.and(offset).map_or(0, |offset| offset.ahead_micros),
        }
    }
}

impl PeerMap<'_> {
    /// Where a moment of this peer's clock stands.
    pub(super) fn unit_of_time(&self, time: Micros) -> f64 {
        match self.map.axis {
            Axis::Time => {
                let since = signed(time) - self.ahead_micros - self.map.start_micros;
                since as f64 / self.map.tick_micros as f64
            }
            Axis::Frame => {
                let Some(frames) = self.record.map(|record| &record.frames) else { return 0.0 };
                let Some(frame) = frames.frame_at(time) else { return 0.0 };
                let from = frames.time_of(frame).unwrap_or(time);
                let step = frames
                    .time_of(frame.next())
                    .map_or(self.map.tick_micros, |next| next.since(from))
                    .max(1);
                f64::from(frame.0) + (time.since(from) as f64 / step as f64).min(1.0)
            }
        }
    }

    /// The moment of this peer's clock at a place.
    pub(super) fn time_of_unit(&self, unit: f64) -> Micros {
        match self.map.axis {
            Axis::Time => {
                let since = (unit * self.map.tick_micros as f64) as i64;
                let time = since.saturating_add(self.map.start_micros + self.ahead_micros);
                Micros(u64::try_from(time).unwrap_or(0))
            }
            Axis::Frame => {
                let Some(frames) = self.record.map(|record| &record.frames) else {
                    return Micros::default();
                };
                let frame = Frame(unit.max(0.0) as u32);
                let from = frames.time_of(frame);
                let last = Frame((frames.len() as u32).saturating_sub(1));
                from.unwrap_or_else(|| {
                    let end = frames.time_of(last).unwrap_or_default();
                    end.plus(u64::from(frame.since(last)).saturating_mul(self.map.tick_micros))
                })
            }
        }
    }

    /// Left edge of a frame.
    pub(super) fn unit_of_frame(&self, frame: Frame) -> f64 {
        match self.map.axis {
            Axis::Frame => f64::from(frame.0),
            Axis::Time => {
                let Some(frames) = self.record.map(|record| &record.frames) else { return 0.0 };
                let last = Frame((frames.len() as u32).saturating_sub(1));
                let time = frames.time_of(frame.min(last)).unwrap_or_default();
                self.unit_of_time(time) + f64::from(frame.since(last))
            }
        }
    }

    /// The frame at a place.
    pub(super) fn frame_of_unit(&self, unit: f64) -> Frame {
        match self.map.axis {
            Axis::Frame => Frame(unit.max(0.0) as u32),
            Axis::Time => {
                let frames = self.record.map(|record| &record.frames);
                let found = frames.and_then(|frames| frames.frame_at(self.time_of_unit(unit)));
                found.unwrap_or_default()
            }
        }
    }

    /// Frames whose left edge lies in a span of units. Neighbouring spans give every frame once.
    pub(super) fn frames_in(&self, units: Range<u32>) -> Range<u32> {
        match self.map.axis {
            Axis::Frame => units,
            Axis::Time => {
                let Some(frames) = self.record.map(|record| &record.frames) else { return 0..0 };
                let bound = |unit: u32| {
                    let time = self.time_of_unit(f64::from(unit));
                    // Frames before this moment, not the one that begins in it.
                    let before = time.0.checked_sub(1).map(Micros);
                    before.and_then(|time| frames.frame_at(time)).map_or(0, |frame| frame.0 + 1)
                };
                bound(units.start)..bound(units.end)
            }
        }
    }

    /// The unit after the last one of this peer.
    pub(super) fn end(&self) -> u32 {
        let Some(record) = self.record else { return 0 };
        let next = record.next_frame();
        let Some(last) = next.previous() else { return 0 };
        match self.map.axis {
            Axis::Frame => next.0,
            Axis::Time => (self.unit_of_frame(last) + 1.0).ceil().clamp(0.0, 4e9) as u32,
        }
    }
}

fn signed(time: Micros) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}
