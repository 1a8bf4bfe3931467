//! What a page tells its server of the course of its game: that it found a channel to another page or
//! found none, lost it and has it again. The words are those of the architecture that this one follows.
//!
//! How the way to a page stands comes in with the time, a word goes out where there is one to say.

use rollscope::time::Micros;

use crate::route::{Route, RouteChoice, Topology};
use crate::signal::{ToServer, Told};

/// Time without a channel after which it counts as lost: one that closes because its page goes away is
/// not worth a word.
const LOST_MICROS: u64 = 500_000;

/// Why a page has found no channel.
const NO_CHANNEL: &str = "connection_timeout";

/// What was told of the way to one other page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Way {
    /// Nothing yet.
    #[default]
    Sought,
    /// There was none in time.
    NotFound,
    /// It is open.
    Open,
    /// It has been closed since then, and whether that was told.
    Closed(Micros, bool),
}

/// What a page has told of the way to one other page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    way: Way,
}

impl Course {
    /// Takes how the way is; `told` says whose words these are. What is to be said is returned.
    pub fn note(&mut self, now: Micros, route: &RouteChoice, told: Told) -> Option<ToServer> {
        if route.topology() == Topology::RelayOnly {
            return None;
        }
        let (way, word) = match (self.way, route.is_open()) {
            (Way::Sought | Way::NotFound, true) => {
                (Way::Open, Some(ToServer::P2pValidationSuccess(told)))
            }
            // The game begins without one.
            (Way::Sought, false) if route.current() == Route::Relay => {
                let told = Told { reason: Some(NO_CHANNEL.to_owned()), ..told };
                (Way::NotFound, Some(ToServer::P2pValidationFailed(told)))
            }
            (Way::Open, false) => (Way::Closed(now, false), None),
            (Way::Closed(since, true), true) => {
                let duration_ms = Some(now.since(since) as f64 / 1e3);
                (Way::Open, Some(ToServer::P2pReconnectionSuccess(Told { duration_ms, ..told })))
            }
            (Way::Closed(_, false), true) => (Way::Open, None),
            (Way::Closed(since, false), false) if now.since(since) >= LOST_MICROS => {
                (Way::Closed(since, true), Some(ToServer::P2pConnectionLost(told)))
            }
            (way, _) => (way, None),
        };
        self.way = way;
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn told() -> Told {
        Told { game_id: "ice".to_owned(), player_id: 1, ..Told::default() }
    }

    fn words(route: &mut RouteChoice, course: &mut Course, millis: &[u64]) -> Vec<ToServer> {
        let note = |ms: &u64| {
            route.choose(Micros(ms * 1_000));
            course.note(Micros(ms * 1_000), route, told())
        };
        millis.iter().filter_map(note).collect()
    }

    fn relayed(topology: Topology) -> RouteChoice {
        let mut route = RouteChoice::new(topology);
        route.handle_relay(true);
        route
    }

    #[test]
    fn a_channel_that_is_lost_for_long_is_told_and_so_is_its_return() {
        let (mut route, mut course) = (relayed(Topology::Direct), Course::default());
        assert_eq!(words(&mut route, &mut course, &[0, 1_000]), []);
        route.handle_opened(Micros(SECOND));
        assert_eq!(
            words(&mut route, &mut course, &[1_000, 1_100]),
            [ToServer::P2pValidationSuccess(told())]
        );
        route.handle_closed();
        assert_eq!(words(&mut route, &mut course, &[1_200, 1_400]), []);
        route.handle_opened(Micros(1_500_000));
        assert_eq!(words(&mut route, &mut course, &[1_500]), [], "it was away for a moment");
        route.handle_closed();
        let lost = ToServer::P2pConnectionLost(told());
        assert_eq!(words(&mut route, &mut course, &[2_000, 2_500, 2_600]), [lost]);
        route.handle_opened(Micros(3 * SECOND));
        let back = Told { duration_ms: Some(1_000.0), ..told() };
        assert_eq!(
            words(&mut route, &mut course, &[3_000]),
            [ToServer::P2pReconnectionSuccess(back)]
        );
    }

    #[test]
    fn a_channel_that_is_not_found_in_time_is_told_and_may_come_later() {
        let (mut route, mut course) = (relayed(Topology::Direct), Course::default());
        let failed = Told { reason: Some(NO_CHANNEL.to_owned()), ..told() };
        assert_eq!(
            words(&mut route, &mut course, &[0, 3_000, 4_000, 5_000]),
            [ToServer::P2pValidationFailed(failed)]
        );
        route.handle_opened(Micros(6 * SECOND));
        assert_eq!(
            words(&mut route, &mut course, &[6_000]),
            [ToServer::P2pValidationSuccess(told())]
        );
    }

    #[test]
    fn pages_that_want_no_channel_say_nothing_of_it() {
        let (mut route, mut course) = (relayed(Topology::RelayOnly), Course::default());
        assert_eq!(words(&mut route, &mut course, &[0, 5_000, 9_000]), []);
    }
}
