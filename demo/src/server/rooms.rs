//! Who is in which room: places, coming back, leaving, and what is refused.
//!
//! Clients and their messages come in, messages for clients come out; sockets are not known here.
//! What pages say to each other is passed on by `relay`.

use std::collections::BTreeMap;

use rollscope::link::SplitMix64;
use rollscope_runtime::signal::{
    BrokenOff, FromServer, Join, Place, Resume, Role, Speaker, ToServer, is_room_name,
};

use super::reloads::Wish;
use super::room::{Room, Seat};
use super::terms::Terms;
use super::{relay, reloads, spectators};

/// Rooms that exist at once.
pub const MAX_ROOMS: usize = 256;

/// Why a game is broken off, in the words of the architecture.
const PARTNER_DISCONNECTED: &str = "partner_disconnected";

/// Clients that are connected at once; some may not have asked for a room yet.
pub const MAX_CLIENTS: usize = 1024;

/// One connected page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(pub u64);

/// What is to be done after something came in, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A message for a client.
    Send(ClientId, FromServer),
    /// The client's socket is to be closed.
    Close(ClientId),
}

/// All rooms of a server.
#[derive(Debug)]
pub struct Rooms {
    pub(super) rooms: BTreeMap<String, Room>,
    // The room and place of each client that has one.
    pub(super) seats: BTreeMap<ClientId, (String, u8)>,
    random: SplitMix64,
}

impl Rooms {
    /// No room yet; names, seeds and tokens come from `random_seed`.
    #[must_use]
    pub fn new(random_seed: u64) -> Self {
        Self { rooms: BTreeMap::new(), seats: BTreeMap::new(), random: SplitMix64(random_seed) }
    }

    /// Number of rooms that hold somebody.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Whether nobody is in a room.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    /// Takes one message of a client. What comes from a client without a place is dropped: the
    /// client library sends what it kept while it was away before the page can ask for its place.
    pub fn handle_message(&mut self, client: ClientId, message: ToServer) -> Vec<Outcome> {
        if !matches!(message, ToServer::JoinGame(_)) && !self.seats.contains_key(&client) {
            return Vec::new();
        }
        let handled = match message {
            ToServer::JoinGame(join) => self.join(client, join),
            ToServer::LeaveGame(speaker) => {
                self.check_speaker(client, &speaker).map(|()| self.handle_leave(client))
            }
            ToServer::P2pConnected(speaker) => {
                self.check_speaker(client, &speaker).map(|()| self.note_connected(&speaker))
            }
            other => relay::pass_on(self, client, other),
        };
        handled.unwrap_or_else(|reason| refuse(client, reason))
    }

    /// Notes that a client's connection is gone. The place of a running game is kept for a while.
    pub fn handle_lost(&mut self, client: ClientId, now_millis: u64) -> Vec<Outcome> {
        let Some((name, player)) = self.seats.get(&client).cloned() else {
            return Vec::new();
        };
        let is_kept = |room: &&mut Room| room.is_ready && room.seat(player).is_some();
        let Some(room) = self.rooms.get_mut(&name).filter(is_kept) else {
            return self.handle_leave(client);
        };
        if let Some(seat) = room.seat_mut(player) {
            seat.lose(now_millis);
        }
        self.seats.remove(&client);
        let mut outcomes = relay::ask_again(room, &name, player);
        outcomes.extend(tell_others(
            room,
            player,
            &FromServer::PlayerDisconnected { player_id: player },
        ));
        outcomes
    }

    /// Lets go of places whose pages did not come back in time.
    pub fn handle_time(&mut self, now_millis: u64) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for (name, room) in &mut self.rooms {
            for player in 0..room.players() {
                if room.seat(player).is_some_and(|seat| seat.is_forgotten(now_millis)) {
                    vacate(room, name, player, &mut outcomes);
                }
            }
        }
        self.drop_empty_rooms();
        outcomes
    }

    fn handle_leave(&mut self, client: ClientId) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        if let Some((name, player)) = self.seats.remove(&client)
            && let Some(room) = self.rooms.get_mut(&name)
        {
            if room.spectator(player).is_some() {
                outcomes.extend(spectators::leave(room, player));
            } else {
                vacate(room, &name, player, &mut outcomes);
            }
            outcomes.extend(relay::ask_again(room, &name, player));
        }
        self.drop_empty_rooms();
        outcomes
    }

    fn drop_empty_rooms(&mut self) {
        self.rooms.retain(|_, room| !room.is_empty());
    }

    fn join(&mut self, client: ClientId, join: Join) -> Result<Vec<Outcome>, String> {
        if self.seats.contains_key(&client) {
            return Err("This page is in a room already.".to_owned());
        }
        let terms = Terms::of(&join)?;
        let name = join.game_id.unwrap_or_else(|| self.fresh_name());
        if !is_room_name(&name) {
            return Err("A room's name is 1 to 40 letters, digits, - and _.".to_owned());
        }
        if join.role == Role::Spectator {
            self.make_room(&name, terms)?;
            return spectators::join(self, client, &name);
        }
        let mut outcomes = Vec::new();
        match join.resume {
            Some(resume) if resume.has_lost_game => {
                match reloads::take_back(self, client, &name, &resume) {
                    Wish::Granted(outcomes) => return Ok(outcomes),
                    Wish::Over(ended) => outcomes = ended,
                    Wish::NotIts => {}
                }
            }
            Some(resume) => return self.resume(client, name, &resume, terms),
            None => {}
        }
        outcomes.extend(self.end_left_game(&name));
        self.make_room(&name, terms)?;
        let token = self.fresh_token();
        let room = self.rooms.get_mut(&name).ok_or("This room is gone.")?;
        let Some(place) = room.seats.iter().position(Option::is_none) else {
            let players = room.players();
            return Err(format!("All {players} places of room {name} are taken."));
        };
        outcomes.extend(self.seat(client, &name, place as u8, token));
        Ok(outcomes)
    }

    /// A game that somebody has left is over: its name is free for a new one. A page that is away
    /// while another one asks for the name without its token was loaded anew, as far as anybody can
    /// tell, and knows nothing of its game any more.
    fn end_left_game(&mut self, name: &str) -> Vec<Outcome> {
        let is_left =
            |room: &&Room| room.is_ready && room.clients().count() < usize::from(room.players());
        let Some(room) = self.rooms.get(name).filter(is_left) else {
            return Vec::new();
        };
        let away = (0..room.players())
            .filter(|player| room.seat(*player).is_some_and(|seat| seat.client.is_none()));
        let left = |player| {
            let message = FromServer::PlayerLeft { player_id: player };
            let mut told = tell_others(room, player, &message);
            told.extend(spectators::tell_all(room, &message));
            told
        };
        let outcomes = away.flat_map(left).collect();
        self.forget_room(name);
        outcomes
    }

    /// Gives a page its place back. A server that was started anew knows neither room nor token:
    /// then the first page that names a place has it.
    fn resume(
        &mut self,
        client: ClientId,
        name: String,
        resume: &Resume,
        terms: Terms,
    ) -> Result<Vec<Outcome>, String> {
        let player = resume.player_id;
        if resume.token.is_empty() || resume.token.len() > 64 {
            return Err("This token is none.".to_owned());
        }
        if self.rooms.get(&name).is_none_or(|room| room.taken() == 0) {
            self.make_room(&name, terms)?;
            if let Some(room) = self.rooms.get_mut(&name) {
                room.is_ready = resume.is_playing;
            }
        }
        let room = self.rooms.get_mut(&name).ok_or("This room is gone.")?;
        match room.seats.get_mut(usize::from(player)) {
            None => return Err(format!("Room {name} has no place {player}.")),
            Some(None) => {
                return Ok(self.seat(client, &name, player, resume.token.clone()));
            }
            Some(Some(seat)) if seat.token == resume.token => {
                let before = seat.client.replace(client);
                let waiting = seat.take_waiting();
                let mut outcomes: Vec<_> = before.into_iter().map(Outcome::Close).collect();
                if let Some(before) = before {
                    self.seats.remove(&before);
                }
                outcomes.push(Outcome::Send(client, assigned(room, &name, player)));
                outcomes.extend(waiting.into_iter().map(|message| Outcome::Send(client, message)));
                let back = FromServer::PlayerReconnected { player_id: player };
                outcomes.extend(reloads::tell_reloads(room, player, client));
                outcomes.extend(tell_others(room, player, &back));
                outcomes.extend(spectators::admit_again(room, &name, player));
                self.seats.insert(client, (name, player));
                return Ok(outcomes);
            }
            Some(_) => {}
        }
        Err(format!("Place {player} of room {name} is another page's."))
    }

    fn make_room(&mut self, name: &str, terms: Terms) -> Result<(), String> {
        // A room where only spectators wait is the first player's to decide about.
        let waiting = match self.rooms.get_mut(name) {
            Some(room) if room.taken() > 0 => return Ok(()),
            Some(room) => std::mem::take(&mut room.spectators),
            None => Vec::new(),
        };
        if self.rooms.len() >= MAX_ROOMS && !self.rooms.contains_key(name) {
            return Err(format!("All {MAX_ROOMS} rooms are in use; try again later."));
        }
        let drawn = self.random.next_u64() as u32;
        let seed = terms.seed.unwrap_or(drawn);
        let mut room = Room::new(seed, terms.players, terms.queue_resync_threshold);
        room.max_steps = terms.max_steps;
        room.spectators = waiting;
        self.rooms.insert(name.to_owned(), room);
        Ok(())
    }

    fn seat(&mut self, client: ClientId, name: &str, player: u8, token: String) -> Vec<Outcome> {
        let Some(room) = self.rooms.get_mut(name) else {
            return Vec::new();
        };
        if let Some(place) = room.seats.get_mut(usize::from(player)) {
            *place = Some(Seat::new(client, token, room.queue_resync_threshold));
        }
        self.seats.insert(client, (name.to_owned(), player));
        let mut outcomes = vec![Outcome::Send(client, assigned(room, name, player))];
        let everybody: Vec<ClientId> = room.clients().map(|(_, client)| client).collect();
        if room.is_ready {
            let back = FromServer::PlayerReconnected { player_id: player };
            outcomes.extend(tell_others(room, player, &back));
            outcomes.extend(spectators::admit(room, name));
            return outcomes;
        }
        let (players, num_players) = (room.taken(), room.players());
        let message = if players == num_players {
            let players = (0..num_players).collect();
            FromServer::StartP2pConnection { game_id: name.to_owned(), players }
        } else {
            FromServer::WaitingRoom { players, num_players }
        };
        outcomes.extend(everybody.into_iter().map(|to| Outcome::Send(to, message.clone())));
        outcomes
    }

    fn note_connected(&mut self, speaker: &Speaker) -> Vec<Outcome> {
        let Some(room) = self.rooms.get_mut(&speaker.game_id) else {
            return Vec::new();
        };
        if let Some(seat) = room.seat_mut(speaker.player_id) {
            seat.is_connected = true;
            seat.is_returning = false;
        }
        let are_all = room.seats.iter().all(|seat| seat.as_ref().is_some_and(|s| s.is_connected));
        if room.is_ready || !are_all {
            return Vec::new();
        }
        room.is_ready = true;
        let ready = FromServer::GameReady { game_id: speaker.game_id.clone() };
        let tell = |(_, client)| Outcome::Send(client, ready.clone());
        let mut outcomes: Vec<_> = room.clients().map(tell).collect();
        outcomes.extend(spectators::admit(room, &speaker.game_id));
        outcomes
    }

    pub(super) fn forget_room(&mut self, name: &str) {
        self.rooms.remove(name);
        self.seats.retain(|_, (room, _)| room != name);
    }

    /// Whether a client is who it says it is.
    pub(super) fn check_speaker(&self, client: ClientId, says: &Speaker) -> Result<(), String> {
        let Some((name, player)) = self.seats.get(&client) else {
            return Err("This page has no place in a room.".to_owned());
        };
        if *name != says.game_id || *player != says.player_id {
            let Speaker { game_id, player_id } = says;
            return Err(format!(
                "This page is player {player} of room {name}, not player {player_id} of room \
                 {game_id}."
            ));
        }
        Ok(())
    }

    fn fresh_name(&mut self) -> String {
        const FIRST: [&str; 8] =
            ["amber", "brisk", "calm", "dusky", "eager", "frosty", "keen", "quiet"];
        const SECOND: [&str; 8] = ["auk", "bear", "fox", "hare", "lynx", "orca", "seal", "tern"];
        let bits = self.random.next_u64();
        let pick = |words: [&'static str; 8], shift: u32| {
            words.get((bits >> shift) as usize % words.len()).copied().unwrap_or("ice")
        };
        format!("{}-{}-{:04x}", pick(FIRST, 0), pick(SECOND, 8), (bits >> 32) as u16)
    }

    fn fresh_token(&mut self) -> String {
        format!("{:016x}{:016x}", self.random.next_u64(), self.random.next_u64())
    }
}

pub(super) fn assigned(room: &Room, name: &str, player: u8) -> FromServer {
    FromServer::PyodidePlayerAssigned(Place {
        game_id: name.to_owned(),
        player_id: player,
        num_players: room.players(),
        game_seed: room.seed,
        max_steps: room.max_steps,
        token: room.seat(player).map(|seat| seat.token.clone()).unwrap_or_default(),
        is_running: room.seat(player).is_some_and(|seat| seat.is_returning),
    })
}

/// Frees a place and tells the others: of a game that it is over, and where that is before its time,
/// that too; else how many still wait.
fn vacate(room: &mut Room, name: &str, player: u8, outcomes: &mut Vec<Outcome>) {
    let is_whole = room.seat(player).is_none_or(|seat| seat.is_complete);
    if room.is_ready && room.max_steps.is_some() && !is_whole {
        let (game_id, reason) = (name.to_owned(), PARTNER_DISCONNECTED.to_owned());
        let ended = BrokenOff { game_id, reason, disconnected_player_id: player };
        outcomes.extend(tell_others(room, player, &FromServer::P2pGameEnded(ended)));
    }
    if let Some(place) = room.seats.get_mut(usize::from(player)) {
        *place = None;
    }
    let message = if room.is_ready {
        FromServer::PlayerLeft { player_id: player }
    } else {
        room.seats.iter_mut().flatten().for_each(|seat| seat.is_connected = false);
        FromServer::WaitingRoom { players: room.taken(), num_players: room.players() }
    };
    outcomes.extend(tell_others(room, player, &message));
    outcomes.extend(spectators::tell_all(room, &message));
}

pub(super) fn tell_others(room: &Room, player: u8, message: &FromServer) -> Vec<Outcome> {
    room.others(player).map(|(_, client)| Outcome::Send(client, message.clone())).collect()
}

/// A refusal and the end of the connection.
pub(super) fn refuse(client: ClientId, reason: String) -> Vec<Outcome> {
    vec![Outcome::Send(client, FromServer::Refused { reason }), Outcome::Close(client)]
}

#[cfg(test)]
#[path = "rooms_tests.rs"]
mod tests;
