//! Which way messages to one other page take: their own connection, or the server's relay.
//!
//! What opened, closed and was heard comes in with its time, the way goes out. Switching loses and
//! doubles nothing: inputs are repeated until they are acknowledged and each frame takes one input,
//! so what is under way on the old way may arrive, late or twice.

use rollscope::time::Micros;

/// Silence on an open connection after which the relay helps out: three pings.
pub const SILENCE_MICROS: u64 = 1_500_000;

/// Time that a first connection may take before the game begins by relay.
pub const FIRST_CONNECTION_MICROS: u64 = 4_000_000;

/// A way to another page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The pages' own connection.
    P2p,
    /// The server carries the messages.
    Relay,
    /// The connection is open but silent: messages take both ways until it is heard again.
    Both,
    /// There is none right now.
    None,
}

impl Route {
    /// Its name for pages and tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P2p => "p2p",
            Self::Relay => "relay",
            Self::Both => "both",
            Self::None => "none",
        }
    }
}

/// Whether two pages should connect at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topology {
    /// They do, and the relay helps out.
    Direct,
    /// They do not: everything takes the relay.
    RelayOnly,
}

/// Players that connect with each other; those of higher indices take the relay.
pub const MESH_PLAYERS: u8 = 4;

impl Topology {
    /// The topology between two of a game's players: all connected up to four players; above, the
    /// first four are, and everybody else is reached by the relay.
    #[must_use]
    pub const fn between(one: u8, other: u8) -> Self {
        if one < MESH_PLAYERS && other < MESH_PLAYERS { Self::Direct } else { Self::RelayOnly }
    }
}

/// The choice of the way to one other page.
#[derive(Debug, Clone)]
pub struct RouteChoice {
    topology: Topology,
    started: Option<Micros>,
    is_relay_open: bool,
    is_p2p_open: bool,
    was_p2p_open: bool,
    heard: Micros,
    current: Route,
    fallbacks: u32,
    returns: u32,
}

impl RouteChoice {
    /// Nothing is open yet.
    #[must_use]
    pub fn new(topology: Topology) -> Self {
        Self {
            topology,
            started: None,
            is_relay_open: false,
            is_p2p_open: false,
            was_p2p_open: false,
            heard: Micros(0),
            current: Route::None,
            fallbacks: 0,
            returns: 0,
        }
    }

    /// The connection to the server is open, or no longer.
    pub fn handle_relay(&mut self, is_open: bool) {
        self.is_relay_open = is_open;
    }

    /// The pages' own connection is open.
    pub fn handle_opened(&mut self, now: Micros) {
        (self.is_p2p_open, self.was_p2p_open) = (true, true);
        self.heard = now;
    }

    /// It is no longer.
    pub fn handle_closed(&mut self) {
        self.is_p2p_open = false;
    }

    /// Something came over it.
    pub fn handle_heard(&mut self, now: Micros) {
        self.heard = now;
    }

    /// The way that messages take at `now`.
    pub fn choose(&mut self, now: Micros) -> Route {
        let started = *self.started.get_or_insert(now);
        let is_healthy = self.is_p2p_open && now.since(self.heard) < SILENCE_MICROS;
        let may_relay = self.is_relay_open
            && (self.topology == Topology::RelayOnly
                || self.was_p2p_open
                || now.since(started) >= FIRST_CONNECTION_MICROS);
        let next = match (is_healthy, may_relay, self.is_p2p_open) {
            (true, ..) | (false, false, true) => Route::P2p,
            (false, true, true) => Route::Both,
            (false, true, false) => Route::Relay,
            (false, false, false) => Route::None,
        };
        let is_helped = |route| matches!(route, Route::Relay | Route::Both);
        if self.topology == Topology::Direct && self.was_p2p_open {
            if is_helped(next) && !is_helped(self.current) {
                self.fallbacks += 1;
            }
            if next == Route::P2p && self.fallbacks > self.returns {
                self.returns += 1;
            }
        }
        self.current = next;
        next
    }

    /// Whether these pages should connect at all.
    #[must_use]
    pub fn topology(&self) -> Topology {
        self.topology
    }

    /// Whether the pages' own connection is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_p2p_open
    }

    /// The way that was chosen last.
    #[must_use]
    pub fn current(&self) -> Route {
        self.current
    }

    /// How often the relay had to help out, and how often the connection came back after that.
    #[must_use]
    pub fn switches(&self) -> (u32, u32) {
        (self.fallbacks, self.returns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn opened(at: u64) -> RouteChoice {
        let mut route = RouteChoice::new(Topology::Direct);
        route.handle_relay(true);
        route.handle_opened(Micros(at));
        route
    }

    #[test]
    fn a_first_connection_is_given_time() {
        let mut route = RouteChoice::new(Topology::Direct);
        route.handle_relay(true);
        assert_eq!(route.choose(Micros(SECOND)), Route::None);
        assert_eq!(route.choose(Micros(SECOND * 5)), Route::Relay);
        route.handle_opened(Micros(SECOND * 6));
        assert_eq!(route.choose(Micros(SECOND * 6)), Route::P2p);
        assert_eq!(route.switches(), (0, 0), "a late first connection is no return");
    }

    #[test]
    fn a_closed_connection_falls_back_at_once_and_returns() {
        let mut route = opened(0);
        assert_eq!(route.choose(Micros(1)), Route::P2p);
        route.handle_closed();
        assert_eq!(route.choose(Micros(2)), Route::Relay);
        route.handle_opened(Micros(3 * SECOND));
        assert_eq!(route.choose(Micros(3 * SECOND)), Route::P2p);
        assert_eq!(route.switches(), (1, 1));
    }

    #[test]
    fn a_silent_connection_is_helped_until_it_is_heard() {
        let mut route = opened(0);
        assert_eq!(route.choose(Micros(SILENCE_MICROS - 1)), Route::P2p);
        assert_eq!(route.choose(Micros(SILENCE_MICROS)), Route::Both);
        route.handle_heard(Micros(SILENCE_MICROS + 5));
        assert_eq!(route.choose(Micros(SILENCE_MICROS + 6)), Route::P2p);
        assert_eq!(route.switches(), (1, 1));
    }

    #[test]
    fn without_a_server_the_connection_is_all_there_is() {
        let mut route = opened(0);
        route.handle_relay(false);
        assert_eq!(route.choose(Micros(9 * SECOND)), Route::P2p);
        route.handle_closed();
        assert_eq!(route.choose(Micros(9 * SECOND)), Route::None);
        route.handle_relay(true);
        assert_eq!(route.choose(Micros(10 * SECOND)), Route::Relay);
        assert_eq!(route.switches(), (1, 0));
    }

    #[test]
    fn more_than_four_players_are_a_mesh_and_a_relay() {
        assert_eq!(Topology::between(0, 3), Topology::Direct);
        assert_eq!(Topology::between(3, 4), Topology::RelayOnly);
        assert_eq!(Topology::between(5, 4), Topology::RelayOnly);
        let mut route = RouteChoice::new(Topology::RelayOnly);
        route.handle_relay(true);
        assert_eq!((route.choose(Micros(0)), route.switches()), (Route::Relay, (0, 0)));
    }
}
