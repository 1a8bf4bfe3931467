//! Pages that watch a room: who feeds each of them, and what they hear of the room's course.
//!
//! A spectator may come before the players or in mid-game; it is let in when the game runs. Nobody
//! waits for one, so a page that lost its connection has no place kept: it asks again.

use rollscope_runtime::signal::{FromServer, MAX_SPECTATORS};

use super::room::{Room, Viewer};
use super::rooms::{ClientId, Outcome, Rooms, assigned};

/// Takes a page in.
pub(super) fn join(
    rooms: &mut Rooms,
    client: ClientId,
    name: &str,
) -> Result<Vec<Outcome>, String> {
    let room = rooms.rooms.get_mut(name).ok_or("This room is gone.")?;
    let Some(id) = room.add_spectator(client) else {
        return Err(format!("Room {name} has {MAX_SPECTATORS} spectators already."));
    };
    let (players, num_players) = (room.taken(), room.players());
    let waiting = FromServer::WaitingRoom { players, num_players };
    let mut outcomes = admit(room, name);
    if outcomes.is_empty() {
        outcomes.push(Outcome::Send(client, waiting));
    }
    rooms.seats.insert(client, (name.to_owned(), id));
    Ok(outcomes)
}

/// Gives every spectator that has none a page that feeds it, once the game runs: the one of the
/// lowest index that is there.
pub(super) fn admit(room: &mut Room, name: &str) -> Vec<Outcome> {
    let Some((player, feeder)) = room.clients().next().filter(|_| room.is_ready) else {
        return Vec::new();
    };
    let is_new = |viewer: &&mut Viewer| viewer.feeder.is_none();
    let mut let_in = Vec::new();
    for viewer in room.spectators.iter_mut().filter(is_new) {
        viewer.feeder = Some(player);
        let_in.push(*viewer);
    }
    let outcomes = let_in.into_iter().flat_map(|Viewer { id, client, .. }| {
        let players = vec![player];
        let game_id = name.to_owned();
        [
            Outcome::Send(feeder, FromServer::SpectatorJoined { player_id: id }),
            Outcome::Send(client, assigned(room, name, id)),
            Outcome::Send(client, FromServer::StartP2pConnection { game_id, players }),
        ]
    });
    outcomes.collect()
}

/// Has the spectators of a page that was away fed anew: it may have missed who came and went.
pub(super) fn admit_again(room: &mut Room, name: &str, player: u8) -> Vec<Outcome> {
    let Some(client) = room.client_of(player) else {
        return Vec::new();
    };
    let is_fed = |viewer: &&mut Viewer| viewer.feeder == Some(player);
    let mut outcomes = Vec::new();
    for viewer in room.spectators.iter_mut().filter(is_fed) {
        viewer.feeder = None;
        let left = FromServer::SpectatorLeft { player_id: viewer.id };
        outcomes.push(Outcome::Send(client, left));
    }
    outcomes.extend(admit(room, name));
    outcomes
}

/// Forgets a spectator; the page that feeds it is told.
pub(super) fn leave(room: &mut Room, id: u8) -> Vec<Outcome> {
    let gone = room.spectators.extract_if(.., |viewer| viewer.id == id).next();
    let feeder = gone.and_then(|viewer| room.client_of(viewer.feeder?));
    let left = |client| Outcome::Send(client, FromServer::SpectatorLeft { player_id: id });
    feeder.map(left).into_iter().collect()
}

/// Tells all spectators what the players hear.
pub(super) fn tell_all(room: &Room, message: &FromServer) -> Vec<Outcome> {
    let tell = |viewer: &Viewer| Outcome::Send(viewer.client, message.clone());
    room.spectators.iter().map(tell).collect()
}

#[cfg(test)]
#[path = "spectators_tests.rs"]
mod tests;
