//! Whether another page is there: heard, silent for a moment, or gone for good.
//!
//! What was heard of it, by whatever way, what the server says of it and the way that leads to it come
//! in with their times; changes go out, to the page's author and to the game, which ends with a page
//! that is gone.

use rollscope::time::Micros;

use crate::route::Route;

/// Time without a word of another page after which it is silent: every page says something each tick,
/// and pings twice a second also while it plays nothing.
pub const SILENT_MICROS: u64 = 2_000_000;

/// Time without any way to another page after which it is gone.
pub const UNREACHABLE_MICROS: u64 = 20_000_000;

/// Time between two looks above which this page itself stood still: what the others said meanwhile may
/// still wait for it.
const STANDSTILL_MICROS: u64 = 500_000;

/// Where another page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is heard.
    Here,
    /// Nothing was heard of it for [`SILENT_MICROS`]; it may come back.
    Silent,
    /// The server says that it is gone for good, and it is not heard.
    Left,
    /// No way led to it for [`UNREACHABLE_MICROS`].
    Unreachable,
}

impl Presence {
    /// Its name for pages: `here`, `silent`, `left` or `unreachable`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Silent => "silent",
            Self::Left => "left",
            Self::Unreachable => "unreachable",
        }
    }

    /// Why the game is over with it, for people; `None` while it is not.
    #[must_use]
    pub const fn end(self) -> Option<&'static str> {
        match self {
            Self::Here | Self::Silent => None,
            Self::Left => Some("Another player has left."),
            Self::Unreachable => Some("No way leads to another player any more."),
        }
    }
}

/// The watch over one other page, from the beginning of the game on.
#[derive(Debug, Clone)]
pub struct PresenceWatch {
    current: Presence,
    // Since when nothing was heard, and since when no way leads there.
    silent_since: Option<Micros>,
    lost_since: Option<Micros>,
    looked: Option<Micros>,
    has_left: bool,
}

impl Default for PresenceWatch {
    fn default() -> Self {
        Self {
            current: Presence::Here,
            silent_since: None,
            lost_since: None,
            looked: None,
            has_left: false,
        }
    }
}

impl PresenceWatch {
    /// Takes that something was heard of the page, by its connection or by the server.
    pub fn handle_heard(&mut self) {
        self.silent_since = None;
    }

    /// Takes that the server says that the page is gone for good.
    pub fn handle_left(&mut self) {
        self.has_left = true;
    }

    /// Where the page stood at the last look.
    #[must_use]
    pub fn current(&self) -> Presence {
        self.current
    }

    /// Looks at `now`, several times a second, with the way that leads to the page. Returns where it
    /// stands if that has changed; who is gone stays so.
    pub fn look(&mut self, now: Micros, route: Route) -> Option<Presence> {
        let stood = now.since(*self.looked.get_or_insert(now));
        self.looked = Some(now);
        if stood > STANDSTILL_MICROS {
            let later = |since: Micros| since.plus(stood);
            self.silent_since = self.silent_since.map(later);
            self.lost_since = self.lost_since.map(later);
        }
        let is_silent = now.since(*self.silent_since.get_or_insert(now)) >= SILENT_MICROS;
        if route != Route::None {
            self.lost_since = None;
        }
        let is_lost = route == Route::None
            && now.since(*self.lost_since.get_or_insert(now)) > UNREACHABLE_MICROS;
        let next = match (self.has_left && route != Route::P2p, is_lost, is_silent) {
            _ if self.current.end().is_some() => self.current,
            (true, ..) => Presence::Left,
            (_, true, _) => Presence::Unreachable,
            (_, _, true) => Presence::Silent,
            _ => Presence::Here,
        };
        let has_changed = next != self.current;
        self.current = next;
        has_changed.then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: u64 = 16_667;

    /// Looks every tick from `from` until before `to`, and says what changed when.
    fn watched(
        watch: &mut PresenceWatch,
        (from, to): (u64, u64),
        route: Route,
        is_heard: bool,
    ) -> Vec<(u64, Presence)> {
        let mut changes = Vec::new();
        for now in (from..to).step_by(TICK as usize) {
            if is_heard {
                watch.handle_heard();
            }
            changes.extend(watch.look(Micros(now), route).map(|presence| (now, presence)));
        }
        changes
    }

    #[test]
    fn a_page_that_is_not_heard_is_silent_within_two_seconds_and_here_with_its_first_word() {
        for route in [Route::P2p, Route::Both, Route::Relay] {
            let mut watch = PresenceWatch::default();
            assert_eq!(watched(&mut watch, (0, 60_000_000), route, true), []);
            let told = watched(&mut watch, (60_000_000, 90_000_000), route, false);
            let [(when, Presence::Silent)] = told[..] else { panic!("{told:?}") };
            assert!(when <= 60_000_000 + SILENT_MICROS + TICK, "told at {when}");
            let back = watched(&mut watch, (90_000_000, 91_000_000), route, true);
            assert_eq!(back, [(90_000_000, Presence::Here)]);
        }
    }

    #[test]
    fn a_page_that_never_comes_back_is_told_to_be_silent_and_then_to_have_left() {
        let mut watch = PresenceWatch::default();
        watched(&mut watch, (0, 5_000_000), Route::P2p, true);
        let silent = watched(&mut watch, (5_000_000, 20_000_000), Route::Both, false);
        assert!(matches!(silent[..], [(_, Presence::Silent)]), "{silent:?}");
        // What the server says after 15 seconds, at the next look.
        watch.handle_left();
        let left = watched(&mut watch, (20_000_000, 21_000_000), Route::Both, false);
        assert_eq!(left, [(20_000_000, Presence::Left)]);
        assert_eq!(watched(&mut watch, (21_000_000, 22_000_000), Route::P2p, true), [], "for good");
        assert!(watch.current().end().is_some());
    }

    #[test]
    fn what_the_server_says_of_a_page_whose_connection_lives_is_not_believed() {
        let mut watch = PresenceWatch::default();
        watch.handle_left();
        assert_eq!(watched(&mut watch, (0, 9_000_000), Route::P2p, true), []);
        let left = watched(&mut watch, (9_000_000, 9_100_000), Route::Both, false);
        assert!(matches!(left[..], [(_, Presence::Left)]), "{left:?}");
    }

    #[test]
    fn without_a_server_and_a_connection_a_page_is_gone_after_twenty_seconds() {
        let mut watch = PresenceWatch::default();
        watched(&mut watch, (0, 1_000_000), Route::P2p, true);
        // A way that comes back in time begins the count anew.
        watched(&mut watch, (1_000_000, 20_000_000), Route::None, false);
        let back = watched(&mut watch, (20_000_000, 20_100_000), Route::Relay, true);
        assert!(matches!(back[..], [(_, Presence::Here)]), "{back:?}");
        let gone = watched(&mut watch, (21_000_000, 45_000_000), Route::None, false);
        let [(_, Presence::Silent), (when, Presence::Unreachable)] = gone[..] else {
            panic!("{gone:?}")
        };
        assert!(when <= 21_000_000 + UNREACHABLE_MICROS + 2 * TICK, "told at {when}");
    }

    #[test]
    fn time_in_which_this_page_stood_still_is_nobodys_silence() {
        let mut watch = PresenceWatch::default();
        watched(&mut watch, (0, 1_000_000), Route::P2p, true);
        // The timer's tick comes before the messages that waited with it.
        assert_eq!(watch.look(Micros(31_000_000), Route::P2p), None);
        assert_eq!(watched(&mut watch, (31_000_000, 32_000_000), Route::P2p, true), []);
    }
}
