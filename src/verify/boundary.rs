//! Where an episode ends for all its peers: what a page steps past the end is played by nobody.

use crate::frame::Frame;
use crate::session::{EpisodeRecord, Game};

/// The first frame of an episode that is not played, as the peers announced it: the earliest one of
/// all. The highest frame while no end is known.
pub(super) fn end_of(game: &Game, episode: usize) -> Frame {
    let records = game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
    records.filter_map(EpisodeRecord::end).min().unwrap_or(Frame(u32::MAX))
}

/// The same, but only where two peers announced their end: until then the other one may play on, and
/// what it reports of later frames can be compared.
pub(super) fn agreed_end_of(game: &Game, episode: usize) -> Frame {
    let records = || game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
    let is_agreed = records().any(|record| record.ends.0.is_some() && record.ends.1.is_some())
        || records().filter(|record| record.ends.0.is_some()).count() > 1;
    if is_agreed { end_of(game, episode) } else { Frame(u32::MAX) }
}
