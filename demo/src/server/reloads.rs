//! Pages that are loaded anew in the middle of a game: each gets its place back by its token, and the
//! others hear that it has lost what it knew.

use rollscope_runtime::signal::{FromServer, Resume};

use super::room::Room;
use super::rooms::{ClientId, Outcome, Rooms, assigned, tell_others};
use super::spectators;

/// What becomes of a page's wish for its old place.
pub(super) enum Wish {
    /// It has it back.
    Granted(Vec<Outcome>),
    /// Nobody knows the game any more: it is over, and the page asks for a new one.
    Over(Vec<Outcome>),
    /// It is not this page's place: it asks like any other page.
    NotIts,
}

/// Gives a page its place back, if another page is there that knows the game.
pub(super) fn take_back(rooms: &mut Rooms, client: ClientId, name: &str, resume: &Resume) -> Wish {
    let player = resume.player_id;
    let is_its = |room: &&mut Room| {
        let seat = room.seat(player).filter(|seat| seat.token == resume.token);
        room.is_ready && seat.is_some()
    };
    let Some(room) = rooms.rooms.get_mut(name).filter(is_its) else {
        return Wish::NotIts;
    };
    let others = room.seats.iter().enumerate().filter(|(other, _)| *other != usize::from(player));
    if !others.flat_map(|(_, seat)| seat).any(|seat| seat.knows_game()) {
        let old = room.seat(player).and_then(|seat| seat.client).map(Outcome::Close);
        let mut outcomes: Vec<_> = old.into_iter().collect();
        let left = FromServer::PlayerLeft { player_id: player };
        outcomes.extend(tell_others(room, player, &left));
        outcomes.extend(spectators::tell_all(room, &left));
        rooms.forget_room(name);
        return Wish::Over(outcomes);
    }
    let Some(seat) = room.seat_mut(player) else {
        return Wish::NotIts;
    };
    let before = seat.load_anew(client);
    let reloads = seat.reloads;
    let mut outcomes: Vec<_> = before.into_iter().map(Outcome::Close).collect();
    let game_id = name.to_owned();
    let players = (0..room.players()).collect();
    outcomes.extend([
        Outcome::Send(client, assigned(room, name, player)),
        Outcome::Send(client, FromServer::StartP2pConnection { game_id, players }),
        Outcome::Send(client, FromServer::GameReady { game_id: name.to_owned() }),
    ]);
    outcomes.extend(tell_reloads(room, player, client));
    let told = FromServer::PlayerReloaded { player_id: player, reloads };
    outcomes.extend(tell_others(room, player, &told));
    outcomes.extend(spectators::admit_again(room, name, player));
    if let Some(before) = before {
        rooms.seats.remove(&before);
    }
    rooms.seats.insert(client, (name.to_owned(), player));
    Wish::Granted(outcomes)
}

/// What a page that comes back may have missed: which other pages were loaded anew.
pub(super) fn tell_reloads(room: &Room, player: u8, client: ClientId) -> Vec<Outcome> {
    let others = room.seats.iter().zip(0_u8..).filter(|(_, other)| *other != player);
    let reloaded = others.filter_map(|(seat, other)| {
        let reloads = seat.as_ref().map(|seat| seat.reloads).filter(|reloads| *reloads > 0)?;
        Some(FromServer::PlayerReloaded { player_id: other, reloads })
    });
    reloaded.map(|message| Outcome::Send(client, message)).collect()
}

#[cfg(test)]
#[path = "reloads_tests.rs"]
mod tests;
