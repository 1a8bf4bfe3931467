//! What a page does in its room: it plays or it watches. The browser's side drives both alike.

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::player::PlayerId;
use rollscope::time::Micros;
use rollscope::worker::{Operation, Reply, Request};
use serde_json::Value;

use crate::session::{Counts, Phase, Session};
use crate::watching::Watching;

/// The session of a page; the methods are those of [`Session`].
#[derive(Debug)]
pub enum Part {
    /// It plays.
    Player(Box<Session>),
    /// It watches.
    Spectator(Box<Watching>),
}

/// The same call to whichever it is.
macro_rules! either {
    ($part:expr, $session:ident => $call:expr) => {
        match $part {
            Part::Player($session) => $call,
            Part::Spectator($session) => $call,
        }
    };
}

#[expect(missing_docs, reason = "each is the method of the same name of Session")]
impl Part {
    pub fn prepare(&mut self, operations: impl IntoIterator<Item = Operation>) {
        either!(self, session => session.prepare(operations));
    }

    pub fn handle_message(&mut self, now: Micros, from: PlayerId, bytes: &[u8]) {
        either!(self, session => session.handle_message(now, from, bytes));
    }

    pub fn handle_reply(&mut self, reply: Reply) {
        either!(self, session => session.handle_reply(reply));
    }

    pub fn advance(&mut self, now: Micros, local_action: &mut dyn FnMut(Frame) -> Action) {
        match self {
            Self::Player(session) => session.advance(now, local_action),
            Self::Spectator(session) => session.advance(now),
        }
    }

    pub fn stop(&mut self) {
        either!(self, session => session.stop());
    }

    pub fn fail(&mut self, reason: &str) {
        either!(self, session => session.fail(reason));
    }

    #[must_use]
    pub fn is_returning(&self) -> bool {
        match self {
            Self::Player(session) => session.is_returning(),
            Self::Spectator(_) => false,
        }
    }

    pub fn set_hidden(&mut self, is_hidden: bool) {
        // Nobody is held up by a spectator that is hidden.
        if let Self::Player(session) = self {
            session.set_hidden(is_hidden);
        }
    }

    pub fn poll_message(&mut self) -> Option<(PlayerId, Vec<u8>)> {
        either!(self, session => session.poll_message())
    }

    pub fn poll_request(&mut self) -> Option<Request> {
        either!(self, session => session.poll_request())
    }

    pub fn poll_render_state(&mut self) -> Option<Value> {
        either!(self, session => session.poll_render_state())
    }

    #[must_use]
    pub fn phase(&self) -> &Phase {
        either!(self, session => session.phase())
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        either!(self, session => session.is_over())
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        either!(self, session => session.counts())
    }

    #[must_use]
    pub fn current(&self) -> Option<Frame> {
        match self {
            Self::Player(session) => session.current(),
            Self::Spectator(session) => Some(session.current()),
        }
    }

    #[must_use]
    pub fn confirmed_frame(&self) -> Option<Frame> {
        either!(self, session => session.confirmed_frame())
    }

    #[must_use]
    pub fn confirmed_state(&self) -> Option<(Frame, &str)> {
        match self {
            Self::Player(session) => session.confirmed_state(),
            Self::Spectator(_) => None,
        }
    }

    #[must_use]
    pub fn episode(&self) -> Option<Episode> {
        match self {
            Self::Player(session) => session.episode(),
            Self::Spectator(session) => Some(session.episode()),
        }
    }

    #[must_use]
    pub fn round_trip_micros(&self) -> Option<u64> {
        either!(self, session => session.round_trip_micros())
    }

    #[must_use]
    pub fn clock_offset_micros(&self, player: PlayerId) -> Option<i64> {
        match self {
            Self::Player(session) => session.clock_offset_micros(player),
            Self::Spectator(_) => None,
        }
    }

    #[must_use]
    pub fn advantage_frames(&self) -> f64 {
        match self {
            Self::Player(session) => session.advantage_frames(),
            Self::Spectator(_) => 0.0,
        }
    }

    #[must_use]
    pub fn log_text(&self) -> String {
        either!(self, session => session.log_text())
    }
}
