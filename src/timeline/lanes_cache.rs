//! What the lanes keep between two looks: the pyramids of one episode, made anew only for blocks
//! of frames that changed.

use super::lanes::Cell;
use super::lanes_axis::{Clocks, record_of};
use super::lanes_cells::{BlockHashes, DepthPeaks};
use super::lanes_pyramid::{Peaks, Pyramid};
use crate::frame::Frame;
use crate::observation::SourceId;
use crate::player::PlayerId;
use crate::session::{
    Arrival, BLOCK_FRAMES, EpisodeRecord, Game, PeerSession, RoundTrip, clock_offset,
};

/// The kept part of the lanes of one episode. Views ask through it; an empty one fills itself.
#[derive(Debug, Default)]
pub struct LaneCache {
    key: Key,
    is_fresh: bool,
    blocks: Vec<u32>,
    pub(super) players: Vec<PlayerCache>,
    pub(super) clocks: Clocks,
    clocked_arrivals: usize,
}

/// What the cache belongs to: the game's peers by document, the episode, the number of players.
type Key = (Vec<SourceId>, usize, usize);

/// The kept part of one player's lanes.
#[derive(Debug)]
pub(super) struct PlayerCache {
    pub(super) cells: Pyramid<Cell>,
    pub(super) depths: Pyramid<DepthPeaks>,
    pub(super) trips: Peaks,
    pub(super) arrivals: Peaks,
    pub(super) deepest_frames: u16,
}

/// Requests that may still be answered, and arrivals that may still prove to be a cause.
const OPEN_ENTRIES: usize = 4096;

impl LaneCache {
    /// Says that the game may have changed: the next view looks at it again.
    pub fn note_change(&mut self) {
        self.is_fresh = false;
    }

    /// Takes in what changed of an episode since [`LaneCache::note_change`] was called last. Views
    /// ask many times an animation frame, and an hour has thousands of entries that may change.
    pub(super) fn refresh(&mut self, game: &Game, episode: usize) {
        let players: Vec<PlayerId> = game.players().collect();
        let sources = game.peers.iter().map(|peer| peer.source).collect();
        let key: Key = (sources, episode, players.len());
        if self.key == key && self.is_fresh {
            return;
        }
        if self.key != key {
            *self = Self { key, ..Self::default() };
            self.players = players.iter().map(|_| PlayerCache::new()).collect();
        }
        let records = || game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
        let frames = records().map(|record| record.frames.len()).max().unwrap_or(0);
        // A wire-only player's hashes may stand past the last stepped frame; nobody can see them.
        let frames = u32::try_from(frames).unwrap_or(u32::MAX);
        let blocks = frames.div_ceil(BLOCK_FRAMES) as usize;
        self.blocks.resize(blocks.max(self.blocks.len()), 0);
        for block in 0..blocks {
            let changes = records().fold(1_u32, |sum, record| {
                sum.wrapping_add(record.frames.changes().of_block(block))
                    .wrapping_add(record.hashes.changes().of_block(block))
            });
            let Some(known) = self.blocks.get_mut(block).filter(|known| **known != changes) else {
                continue;
            };
            *known = changes;
            let hashes = BlockHashes::of(game, episode, block);
            for (player, cache) in players.iter().zip(&mut self.players) {
                let record = record_of(game, episode, *player);
                cache.cells.set_block(block, frames, |frame| hashes.cell(*player, record, frame));
                if let Some(record) = record {
                    let of = |frame| DepthPeaks::of(record, Frame(frame));
                    cache.depths.set_block(block, frames, of);
                }
            }
        }
        for (player, cache) in players.iter().zip(&mut self.players) {
            if let Some(peer) = game.observed(*player)
                && let Some(record) = peer.episodes.get(episode)
            {
                cache.refresh_lists(peer, record);
                let whole = cache.cells.worst(0..frames, |_| Cell::default());
                cache.deepest_frames = whole.rollback_depth_frames;
            }
        }
        self.refresh_clocks(game, episode, &players);
        self.is_fresh = true;
    }

    // Every message may narrow the band; to look at all of them pays when there are some more.
    fn refresh_clocks(&mut self, game: &Game, episode: usize, players: &[PlayerId]) {
        let records = game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
        let arrivals: usize = records.map(|record| record.arrivals.all().len()).sum();
        if arrivals < self.clocked_arrivals + self.clocked_arrivals / 8 + 1 {
            return;
        }
        self.clocked_arrivals = arrivals;
        let observed = |player: &PlayerId| Some((record_of(game, episode, *player)?, *player));
        let reference = players.iter().find_map(observed);
        let offset = |player: &PlayerId| {
            let (reference, other) = (reference?, observed(player)?);
            (reference.1 != other.1).then(|| clock_offset(reference, other)).flatten()
        };
        self.clocks = Clocks { offsets: players.iter().map(offset).collect() };
    }

    /// Bytes of memory that are held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of = |player: &PlayerCache| {
            let lists = player.trips.bytes() + player.arrivals.bytes();
            player.cells.bytes() + player.depths.bytes() + lists
        };
        self.players.iter().map(of).sum()
    }
}

impl PlayerCache {
    fn new() -> Self {
        Self {
            cells: Pyramid::new(1),
            depths: Pyramid::new(4),
            trips: Peaks::default(),
            arrivals: Peaks::default(),
            deepest_frames: 0,
        }
    }

    fn refresh_lists(&mut self, peer: &PeerSession, record: &EpisodeRecord) {
        let trips = &peer.round_trips;
        self.trips.refresh(trips.len(), OPEN_ENTRIES, |trip| trip_peaks(trips.get(trip)));
        let arrivals = record.arrivals.all();
        let of = |arrival| arrival_peaks(arrivals.get(arrival));
        self.arrivals.refresh(arrivals.len(), OPEN_ENTRIES, of);
    }
}

/// Time of a request and, if it is a rollback, again; in microseconds.
pub(super) fn trip_peaks(trip: Option<RoundTrip>) -> [u32; 2] {
    let micros = trip.and_then(|trip| trip.total_micros()).unwrap_or(0);
    let micros = u32::try_from(micros).unwrap_or(u32::MAX);
    [micros, if trip.is_some_and(|trip| trip.is_rollback) { micros } else { 0 }]
}

/// Frames that an input was late, and 1 if it caused a rollback.
pub(super) fn arrival_peaks(arrival: Option<&Arrival>) -> [u32; 2] {
    let Some(arrival) = arrival else { return [0; 2] };
    [arrival.arrived_at.since(arrival.sent_at), u32::from(arrival.caused_rollback)]
}
