//! Pages that stand still because an input never comes: the other player's messages go on, and none
//! of them brings it.
//!
//! A page may guess only so many frames ahead. Then both pages stand, and no fifty later inputs
//! will ever come that would show the hole.

use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::{EpisodeRecord, Game, PeerSession};

/// Messages of the other player that bring nothing: far more than are lost in a row.
const FEWEST_MESSAGES: u32 = 20;

/// How long they come: longer than any message is under way, in microseconds.
const LEAST_MICROS: u64 = 2_000_000;

/// How long a page stands for want of an input of `player`, in microseconds; `None` where it steps
/// on, where too few messages came meanwhile, or where it waits for another page's state.
pub(super) fn standing_micros(
    peer: &PeerSession,
    record: &EpisodeRecord,
    player: PlayerId,
) -> Option<u64> {
    let window = record.settings()?.max_prediction_frames;
    let (missing, next) = (record.first_missing(player)?, record.next_frame());
    let waits_for_state =
        peer.protocol.state_requests.iter().any(|one| one.episode == record.number);
    if next.since(missing) < window || waits_for_state {
        return None;
    }
    let arrivals = record.arrivals.all().iter().rev();
    let here = arrivals.take_while(|one| one.arrived_at == next).filter(|one| one.player == player);
    let (mut count, mut last, mut first) = (0, None, None);
    for one in here {
        count += 1;
        last.get_or_insert(one.time);
        first = Some(one.time);
    }
    let micros = last?.since(first?);
    (count >= FEWEST_MESSAGES && micros >= LEAST_MICROS).then_some(micros)
}

/// Whether a page stands for want of an input of any other player.
pub(super) fn is_standing(game: &Game, peer: &PeerSession, record: &EpisodeRecord) -> bool {
    let others = game.players().filter(|player| peer.local != Some(*player));
    others.into_iter().any(|player| standing_micros(peer, record, player).is_some())
}

/// The first frame whose own announcement may still be under way or yet to come.
pub(super) fn settled_until(
    game: &Game,
    peer: &PeerSession,
    record: &EpisodeRecord,
    (newest, later): (Frame, u32),
) -> Frame {
    if is_standing(game, peer, record) { newest } else { newest.minus(later).next() }
}
