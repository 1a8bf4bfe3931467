//! One room: its places, whose they are, and what waits for a page that lost its connection.
//!
//! Clients come in by `rooms`; what they say to each other passes by `relay`.

use std::collections::VecDeque;

use rollscope_runtime::signal::{FIRST_SPECTATOR, FromServer, MAX_SPECTATORS};

use super::rooms::ClientId;

/// Time that a place of a running game is kept for a page that lost its connection.
pub const GRACE_MILLIS: u64 = 15_000;

/// A place that is taken.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) client: Option<ClientId>,
    pub(super) token: String,
    pub(super) is_connected: bool,
    /// How often its page was loaded anew in the game.
    pub(super) reloads: u32,
    /// Whether its page has played all episodes.
    pub(super) is_complete: bool,
    /// Whether that page has not taken the game from the others yet.
    pub(super) is_returning: bool,
    gone_since_millis: u64,
    queue: VecDeque<FromServer>,
    // Inputs that wait at most; above it they are let go of, and the page needs a whole state.
    threshold: usize,
    dropped: u64,
}

/// A room that holds somebody.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) seed: u32,
    /// Inputs that wait for a page without a connection.
    pub(super) queue_resync_threshold: u16,
    /// Frames of an episode, if its first page named a number.
    pub(super) max_steps: Option<u32>,
    pub(super) seats: Vec<Option<Seat>>,
    pub(super) is_ready: bool,
    // Wishes for a state that nobody has answered yet: who asks, for which frame, who was asked.
    pub(super) wishes: Vec<Wish>,
    pub(super) spectators: Vec<Viewer>,
}

/// A page that watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Viewer {
    /// Its index, from [`FIRST_SPECTATOR`] on.
    pub(super) id: u8,
    pub(super) client: ClientId,
    /// The player whose page feeds it; none before the game runs.
    pub(super) feeder: Option<u8>,
}

/// A wish for a whole state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) player: u8,
    pub(super) frame: u32,
    pub(super) asked: u8,
}

impl Seat {
    pub(super) fn new(client: ClientId, token: String, threshold: u16) -> Self {
        Self {
            client: Some(client),
            token,
            is_connected: false,
            reloads: 0,
            is_complete: false,
            is_returning: false,
            gone_since_millis: 0,
            queue: VecDeque::new(),
            threshold: usize::from(threshold),
            dropped: 0,
        }
    }

    /// Notes that the page has lost its connection.
    pub(super) fn lose(&mut self, now_millis: u64) {
        self.client = None;
        self.gone_since_millis = now_millis;
    }

    /// Gives the place to its page, which was loaded anew: what waited for the old one is of no use to
    /// it. Returns the old page's client if it was still there.
    pub(super) fn load_anew(&mut self, client: ClientId) -> Option<ClientId> {
        self.queue.clear();
        self.dropped = 0;
        self.reloads = self.reloads.saturating_add(1);
        self.is_returning = true;
        self.client.replace(client)
    }

    /// Whether its page is there and knows the game.
    pub(super) fn knows_game(&self) -> bool {
        self.client.is_some() && !self.is_returning
    }

    pub(super) fn is_forgotten(&self, now_millis: u64) -> bool {
        let gone = now_millis.saturating_sub(self.gone_since_millis);
        self.client.is_none() && gone >= GRACE_MILLIS
    }

    /// Keeps an input until the page is back.
    pub(super) fn keep(&mut self, message: FromServer) {
        if self.dropped == 0 && self.queue.len() < self.threshold {
            self.queue.push_back(message);
            return;
        }
        // Inputs after a gap are of no use: the state will hold what they did.
        self.dropped += 1 + self.queue.len() as u64;
        self.queue.clear();
    }

    /// What waited for the page that is back, in order.
    pub(super) fn take_waiting(&mut self) -> Vec<FromServer> {
        match std::mem::take(&mut self.dropped) {
            0 => self.queue.drain(..).collect(),
            dropped => vec![FromServer::ResyncRequired { dropped }],
        }
    }
}

impl Room {
    pub(super) fn new(seed: u32, players: u8, queue_resync_threshold: u16) -> Self {
        Self {
            seed,
            queue_resync_threshold,
            max_steps: None,
            seats: (0..players).map(|_| None).collect(),
            is_ready: false,
            wishes: Vec::new(),
            spectators: Vec::new(),
        }
    }

    pub(super) fn seat(&self, player: u8) -> Option<&Seat> {
        self.seats.get(usize::from(player))?.as_ref()
    }

    pub(super) fn seat_mut(&mut self, player: u8) -> Option<&mut Seat> {
        self.seats.get_mut(usize::from(player))?.as_mut()
    }

    pub(super) fn players(&self) -> u8 {
        self.seats.len() as u8
    }

    pub(super) fn taken(&self) -> u8 {
        self.seats.iter().flatten().count() as u8
    }

    /// Takes in a page that watches; `None` when there are as many as may be.
    pub(super) fn add_spectator(&mut self, client: ClientId) -> Option<u8> {
        let is_free = |id: &u8| self.spectators.iter().all(|viewer| viewer.id != *id);
        let id = (FIRST_SPECTATOR..FIRST_SPECTATOR + MAX_SPECTATORS).find(is_free)?;
        self.spectators.push(Viewer { id, client, feeder: None });
        Some(id)
    }

    pub(super) fn spectator(&self, id: u8) -> Option<&Viewer> {
        self.spectators.iter().find(|viewer| viewer.id == id)
    }

    /// The client of a player or a spectator.
    pub(super) fn client_of(&self, id: u8) -> Option<ClientId> {
        let spectator = || self.spectator(id).map(|viewer| viewer.client);
        self.seat(id).and_then(|seat| seat.client).or_else(spectator)
    }

    /// Whether nobody is here, or is waited for.
    pub(super) fn is_empty(&self) -> bool {
        self.taken() == 0 && self.spectators.is_empty()
    }

    /// The clients at all places but one, with their players' indices.
    pub(super) fn others(&self, player: u8) -> impl Iterator<Item = (u8, ClientId)> {
        self.clients().filter(move |(other, _)| *other != player)
    }

    /// The clients at all places.
    pub(super) fn clients(&self) -> impl Iterator<Item = (u8, ClientId)> {
        let client = |(player, seat): (usize, &Option<Seat>)| {
            seat.as_ref().and_then(|seat| Some((player as u8, seat.client?)))
        };
        self.seats.iter().enumerate().filter_map(client)
    }
}
