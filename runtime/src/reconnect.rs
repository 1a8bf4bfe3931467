//! When the page that offers repairs a connection: an ICE restart first, then a connection of its
//! own anew, ever more seldom.
//!
//! States of the connection come in with their times, what to do goes out.

use rollscope::time::Micros;

/// Time that a connection that lost its path may find another one by itself.
const PATIENCE_MICROS: u64 = 1_000_000;

/// Time that a restart or a new connection may take.
const ATTEMPT_MICROS: u64 = 5_000_000;

/// Pause before the first new connection; it doubles with every one that fails.
const FIRST_PAUSE_MICROS: u64 = 500_000;

/// Longest pause between two new connections.
const LONGEST_PAUSE_MICROS: u64 = 8_000_000;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Look for new paths of the same connection.
    RestartIce,
    /// Make a new connection.
    Reconnect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Connected,
    // A restart is due then.
    Lost(Micros),
    // A restart or a new connection is under way until then.
    Trying(Micros),
    // A new connection is due then.
    Closed(Micros),
}

/// The repair of one connection.
#[derive(Debug, Clone)]
pub struct Reconnect {
    state: State,
    failures: u32,
}

impl Reconnect {
    /// A first connection is being made since `now`.
    #[must_use]
    pub fn new(now: Micros) -> Self {
        Self { state: State::Trying(now.plus(ATTEMPT_MICROS)), failures: 0 }
    }

    /// The connection works.
    pub fn handle_connected(&mut self) {
        *self = Self { state: State::Connected, failures: 0 };
    }

    /// The connection has lost its path.
    pub fn handle_disconnected(&mut self, now: Micros) {
        if self.state == State::Connected {
            self.state = State::Lost(now.plus(PATIENCE_MICROS));
        }
    }

    /// No path was found: only a restart helps.
    pub fn handle_failed(&mut self, now: Micros) {
        match self.state {
            State::Connected | State::Lost(_) => self.state = State::Lost(now),
            State::Trying(_) => self.handle_closed(now),
            State::Closed(_) => {}
        }
    }

    /// The connection is gone for good.
    pub fn handle_closed(&mut self, now: Micros) {
        if !matches!(self.state, State::Closed(_)) {
            let pause = FIRST_PAUSE_MICROS << self.failures.min(4);
            self.state = State::Closed(now.plus(pause.min(LONGEST_PAUSE_MICROS)));
            self.failures += 1;
        }
    }

    /// What is due at `now`.
    pub fn poll(&mut self, now: Micros) -> Option<Repair> {
        let trying = State::Trying(now.plus(ATTEMPT_MICROS));
        match self.state {
            State::Lost(due) if now >= due => {
                self.state = trying;
                Some(Repair::RestartIce)
            }
            State::Trying(until) if now >= until => {
                self.handle_closed(now);
                None
            }
            State::Closed(due) if now >= due => {
                self.state = trying;
                Some(Repair::Reconnect)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connected() -> Reconnect {
        let mut reconnect = Reconnect::new(Micros(0));
        reconnect.handle_connected();
        reconnect
    }

    #[test]
    fn a_lost_path_is_waited_for_then_restarted_then_given_up() {
        let mut reconnect = connected();
        reconnect.handle_disconnected(Micros(0));
        assert_eq!(reconnect.poll(Micros(PATIENCE_MICROS - 1)), None);
        assert_eq!(reconnect.poll(Micros(PATIENCE_MICROS)), Some(Repair::RestartIce));
        assert_eq!(reconnect.poll(Micros(PATIENCE_MICROS + 1)), None);
        let given_up = PATIENCE_MICROS + ATTEMPT_MICROS;
        assert_eq!(reconnect.poll(Micros(given_up)), None);
        let due = Micros(given_up + FIRST_PAUSE_MICROS);
        assert_eq!(reconnect.poll(due), Some(Repair::Reconnect));
    }

    #[test]
    fn a_path_that_comes_back_needs_nothing() {
        let mut reconnect = connected();
        reconnect.handle_disconnected(Micros(0));
        reconnect.handle_connected();
        assert_eq!(reconnect.poll(Micros(60_000_000)), None);
    }

    #[test]
    fn connections_that_fail_are_tried_ever_more_seldom() {
        let mut reconnect = connected();
        let (mut now, mut pauses) = (Micros(0), Vec::new());
        for _ in 0..7 {
            reconnect.handle_closed(now);
            let closed = now;
            while reconnect.poll(now).is_none() {
                now = now.plus(100_000);
            }
            pauses.push(now.since(closed) / 100_000);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 80, 80]);
    }

    #[test]
    fn a_failed_connection_is_restarted_at_once() {
        let mut reconnect = connected();
        reconnect.handle_failed(Micros(7));
        assert_eq!(reconnect.poll(Micros(7)), Some(Repair::RestartIce));
        reconnect.handle_failed(Micros(8));
        assert_eq!(reconnect.poll(Micros(8 + FIRST_PAUSE_MICROS)), Some(Repair::Reconnect));
    }
}
