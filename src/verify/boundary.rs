//! Where an episode ends for all its peers: what a page steps past the end is played by nobody.

use crate::frame::Frame;
use crate::session::{EpisodeRecord, Game};

/// The first frame of an episode that is not played, as the peers announced it: the earliest one of
/// all. The highest frame while no end is known.
pub(super) fn end_of(game: &Game, episode: usize) -> Frame {
    let records = game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
    records.filter_map(EpisodeRecord::end).min().unwrap_or(Frame(u32::MAX))
}
