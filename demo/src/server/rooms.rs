//! Who is in which room: places for two, what passes between them, and what is refused.
//!
//! Clients and their messages come in, messages for clients come out; sockets are not known here.

use std::collections::BTreeMap;

use rollscope::link::SplitMix64;
use rollscope_runtime::signal::{FromServer, ToServer, is_room_name};

/// Rooms that exist at once.
pub const MAX_ROOMS: usize = 256;

/// Clients that are connected at once; some may not have asked for a room yet.
pub const MAX_CLIENTS: usize = 1024;

/// Players of a room.
const PLACES: usize = 2;

/// One connected page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(pub u64);

#[derive(Debug)]
struct Room {
    seed: u32,
    places: [Option<ClientId>; PLACES],
}

/// What is to be done after something came in, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A message for a client.
    Send(ClientId, FromServer),
    /// The client's socket is to be closed.
    Close(ClientId),
}

/// All rooms of a server.
#[derive(Debug)]
pub struct Rooms {
    rooms: BTreeMap<String, Room>,
    // The room and place of each client that has one.
    seats: BTreeMap<ClientId, (String, usize)>,
    random: SplitMix64,
}

impl Rooms {
    /// No room yet; names and seeds that nobody asked for come from `random_seed`.
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

    /// Takes one message of a client.
    pub fn handle_message(&mut self, client: ClientId, message: ToServer) -> Vec<Outcome> {
        match message {
            ToServer::Join { room, seed } => {
                self.join(client, room, seed).unwrap_or_else(|reason| refuse(client, reason))
            }
            ToServer::Relay { message } => match self.other(client) {
                Some(other) => vec![Outcome::Send(other, FromServer::Relay { message })],
                // The other page has just left; the speaker will hear of it.
                None => Vec::new(),
            },
        }
    }

    /// Frees the place of a client that is gone and tells the other one.
    pub fn handle_leave(&mut self, client: ClientId) -> Vec<Outcome> {
        let other = self.other(client);
        if let Some((name, place)) = self.seats.remove(&client)
            && let Some(room) = self.rooms.get_mut(&name)
        {
            if let Some(seat) = room.places.get_mut(place) {
                *seat = None;
            }
            if room.places.iter().all(Option::is_none) {
                self.rooms.remove(&name);
            }
        }
        other.map(|other| Outcome::Send(other, FromServer::PeerLeft)).into_iter().collect()
    }

    fn join(
        &mut self,
        client: ClientId,
        room: Option<String>,
        seed: Option<u32>,
    ) -> Result<Vec<Outcome>, String> {
        if self.seats.contains_key(&client) {
            return Err("This page is in a room already.".to_owned());
        }
        let name = room.unwrap_or_else(|| self.fresh_name());
        if !is_room_name(&name) {
            return Err("A room's name is 1 to 40 letters, digits, - and _.".to_owned());
        }
        if !self.rooms.contains_key(&name) && self.rooms.len() >= MAX_ROOMS {
            return Err(format!("All {MAX_ROOMS} rooms are in use; try again later."));
        }
        let drawn = self.random.next_u64() as u32;
        let room = self
            .rooms
            .entry(name.clone())
            .or_insert_with(|| Room { seed: seed.unwrap_or(drawn), places: [None; PLACES] });
        let other = room.places.iter().position(Option::is_some);
        let free = room.places.iter_mut().enumerate().find(|(_, seat)| seat.is_none());
        let Some((place, seat)) = free else {
            return Err(format!("Two players are in room {name} already."));
        };
        *seat = Some(client);
        let (seed, player) = (room.seed, place as u8);
        self.seats.insert(client, (name.clone(), place));
        let joined = FromServer::Joined { room: name, player, seed };
        let mut outcomes = vec![Outcome::Send(client, joined)];
        if let (Some(theirs), Some(other)) = (other, self.other(client)) {
            let theirs = FromServer::PeerJoined { player: theirs as u8 };
            outcomes.push(Outcome::Send(client, theirs));
            outcomes.push(Outcome::Send(other, FromServer::PeerJoined { player }));
        }
        Ok(outcomes)
    }

    fn other(&self, client: ClientId) -> Option<ClientId> {
        let (name, _) = self.seats.get(&client)?;
        let places = &self.rooms.get(name)?.places;
        places.iter().flatten().copied().find(|other| *other != client)
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
}

/// A refusal and the end of the connection.
pub(super) fn refuse(client: ClientId, reason: String) -> Vec<Outcome> {
    vec![Outcome::Send(client, FromServer::Refused { reason }), Outcome::Close(client)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope_runtime::signal::Negotiation;

    const A: ClientId = ClientId(1);
    const B: ClientId = ClientId(2);
    const C: ClientId = ClientId(3);

    fn join(rooms: &mut Rooms, client: ClientId, room: &str) -> Vec<Outcome> {
        let room = Some(room.to_owned());
        rooms.handle_message(client, ToServer::Join { room, seed: Some(client.0 as u32) })
    }

    fn joined(client: ClientId, room: &str, player: u8, seed: u32) -> Outcome {
        let room = room.to_owned();
        Outcome::Send(client, FromServer::Joined { room, player, seed })
    }

    #[test]
    fn two_pages_are_paired_under_the_first_ones_seed() {
        let mut rooms = Rooms::new(0);
        assert_eq!(join(&mut rooms, A, "ice"), [joined(A, "ice", 0, 1)]);
        let expected = [
            joined(B, "ice", 1, 1),
            Outcome::Send(B, FromServer::PeerJoined { player: 0 }),
            Outcome::Send(A, FromServer::PeerJoined { player: 1 }),
        ];
        assert_eq!(join(&mut rooms, B, "ice"), expected);
        let message = Negotiation::Offer { sdp: "v=0".to_owned() };
        let relayed = rooms.handle_message(A, ToServer::Relay { message: message.clone() });
        assert_eq!(relayed, [Outcome::Send(B, FromServer::Relay { message })]);
    }

    #[test]
    fn a_third_page_is_refused_and_sees_nothing() {
        let mut rooms = Rooms::new(0);
        join(&mut rooms, A, "ice");
        join(&mut rooms, B, "ice");
        let refused = join(&mut rooms, C, "ice");
        assert!(matches!(&refused[0], Outcome::Send(C, FromServer::Refused { reason })
            if reason == "Two players are in room ice already."));
        assert_eq!(refused[1], Outcome::Close(C));
        let message = Negotiation::Answer { sdp: String::new() };
        assert_eq!(rooms.handle_message(C, ToServer::Relay { message }), []);
    }

    #[test]
    fn a_place_is_free_again_after_its_page_left() {
        let mut rooms = Rooms::new(0);
        join(&mut rooms, A, "ice");
        join(&mut rooms, B, "ice");
        assert_eq!(rooms.handle_leave(A), [Outcome::Send(B, FromServer::PeerLeft)]);
        assert_eq!(join(&mut rooms, C, "ice")[0], joined(C, "ice", 0, 1));
        assert_eq!(rooms.handle_leave(C).len(), 1);
        assert_eq!(rooms.handle_leave(B), []);
        assert!(rooms.is_empty());
    }

    #[test]
    fn names_and_numbers_of_rooms_are_bounded() {
        let mut rooms = Rooms::new(0);
        let bad = join(&mut rooms, A, "no room");
        assert!(matches!(bad[1], Outcome::Close(A)));
        for number in 0..MAX_ROOMS as u64 {
            join(&mut rooms, ClientId(100 + number), &format!("r{number}"));
        }
        assert_eq!(rooms.len(), MAX_ROOMS);
        assert!(matches!(join(&mut rooms, A, "one-more")[1], Outcome::Close(A)));
        assert_eq!(join(&mut rooms, B, "r7").len(), 3);
    }

    #[test]
    fn a_page_without_a_room_gets_a_fresh_one() {
        let mut rooms = Rooms::new(3);
        let asked = ToServer::Join { room: None, seed: None };
        let first = rooms.handle_message(A, asked.clone());
        let second = rooms.handle_message(B, asked);
        let name = |outcomes: &[Outcome]| match &outcomes[0] {
            Outcome::Send(_, FromServer::Joined { room, .. }) => room.clone(),
            other => panic!("{other:?}"),
        };
        assert_ne!(name(&first), name(&second));
        assert!(is_room_name(&name(&first)));
    }
}
