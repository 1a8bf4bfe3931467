//! A game between two pages: signalling, connection, worker, timer and session put together.
//!
//! Every event of the browser comes in as one call, the session decides, and [`Inner::pump`] moves
//! what it decided, all in one task: the batches of a tick leave together.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::{Function, Promise};
use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::link::LinkProfile;
use rollscope::message::SessionSettings;
use rollscope::player::PlayerId;
use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::clock::now;
use super::connection::Connection;
use super::rtc::{RtcEvent, RtcManager};
use super::signal_client::{SignalClient, SignalEvent};
use super::timer::Timer;
use super::words;
use super::worker_client::{WorkerClient, WorkerEvent};
use crate::session::{Counts, Phase, Session, SessionConfig};
use crate::signal::{FromServer, Negotiation, ToServer};

/// Players of a game.
const PLAYERS: u8 = 2;

/// What a page asks of a game session.
#[derive(Debug, Clone)]
pub struct GameConfig {
    /// Address of the signalling socket.
    pub signal_url: String,
    /// Address of the module that calls [`super::worker_main`].
    pub worker_url: String,
    /// Address of a worker that posts anything at least once per tick.
    pub timer_url: String,
    /// The room; none lets the server make one.
    pub room: Option<String>,
    /// Seed of the room's games; the server's word counts.
    pub seed: Option<u32>,
    /// This peer's settings; the server's seed replaces the one in them.
    pub settings: SessionSettings,
    /// What is done to sent messages.
    pub link: LinkProfile,
}

/// What the page's game does for its session.
pub trait PageGame {
    /// A place was given.
    fn handle_joined(&mut self, room: &str, player: PlayerId);
    /// The local player's action, which will apply to `frame`; asked once per tick.
    fn local_action(&mut self, frame: Frame) -> Action;
    /// The newest picture, as the worker's environment describes it.
    fn handle_render_state(&mut self, state: Value);
    /// The session stands elsewhere now.
    fn handle_status(&mut self, status: &Status);
}

/// Where a game session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Nobody else is in the room yet.
    Waiting,
    /// The pages find each other.
    Connecting,
    /// The game runs.
    Playing,
    /// The game has ended; the text says why.
    Stopped(String),
    /// The game cannot go on; the text says why.
    Failed(String),
}

/// Figures of a session; what is not known yet is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stats {
    /// The local player.
    pub player: Option<PlayerId>,
    /// Frames stepped so far.
    pub frame: Option<Frame>,
    /// Highest frame with all players' real inputs.
    pub confirmed: Option<Frame>,
    /// Counts of the session.
    pub counts: Counts,
    /// Newest round trip to the other peer, shaping included.
    pub round_trip_micros: Option<u64>,
    /// Frames ahead of the other peer.
    pub advantage_frames: f64,
}

/// A running game; dropping it leaves the room.
pub struct GameSession {
    inner: Rc<RefCell<Inner>>,
}

struct Inner {
    this: Weak<RefCell<Inner>>,
    config: GameConfig,
    game: Box<dyn PageGame>,
    status: Status,
    player: Option<PlayerId>,
    signal: Option<SignalClient>,
    worker: Option<WorkerClient>,
    timer: Option<Timer>,
    connection: Option<Connection>,
    session: Option<Session>,
    stop_waiters: Vec<Function>,
}

impl GameSession {
    /// Asks for a place and goes on from there.
    ///
    /// # Errors
    ///
    /// When the browser refuses a worker or a socket.
    pub fn start(config: GameConfig, game: Box<dyn PageGame>) -> Result<Self, JsValue> {
        let inner = Rc::new(RefCell::new(Inner {
            this: Weak::new(),
            game,
            status: Status::Waiting,
            player: None,
            signal: None,
            worker: None,
            timer: None,
            connection: None,
            session: None,
            stop_waiters: Vec::new(),
            config,
        }));
        let mut state = inner.borrow_mut();
        state.this = Rc::downgrade(&inner);
        state.worker = Some(WorkerClient::start(
            &state.config.worker_url,
            handler(&state.this, Inner::handle_worker),
        )?);
        state.signal = Some(SignalClient::connect(
            &state.config.signal_url,
            handler(&state.this, Inner::handle_signal),
        )?);
        drop(state);
        Ok(Self { inner })
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.inner.borrow().status.clone()
    }

    /// Its figures.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let inner = self.inner.borrow();
        let Some(session) = &inner.session else {
            return Stats { player: inner.player, ..Stats::default() };
        };
        Stats {
            player: inner.player,
            frame: session.current(),
            confirmed: session.confirmed_frame(),
            counts: session.counts(),
            round_trip_micros: session.round_trip_micros(),
            advantage_frames: session.advantage_frames(),
        }
    }

    /// The engine log as JSON lines; empty before the game began.
    #[must_use]
    pub fn engine_log(&self) -> String {
        let inner = self.inner.borrow();
        inner.session.as_ref().map(Session::log_text).unwrap_or_default()
    }

    /// Ends the game at a tick boundary; the promise resolves when all replies have come.
    pub fn stop(&self) -> Promise {
        let mut inner = self.inner.borrow_mut();
        let promise = Promise::new(&mut |resolve, _| inner.stop_waiters.push(resolve));
        inner.stop("The game was stopped.");
        inner.pump();
        promise
    }
}

/// A callback that finds the session again, if it still lives.
fn handler<E: 'static>(
    this: &Weak<RefCell<Inner>>,
    handle: fn(&mut Inner, E),
) -> impl Fn(E) + Clone + 'static {
    let this = this.clone();
    move |event| {
        if let Some(inner) = this.upgrade() {
            let mut inner = inner.borrow_mut();
            handle(&mut inner, event);
            inner.pump();
        }
    }
}

impl Inner {
    fn handle_signal(&mut self, event: SignalEvent) {
        match event {
            SignalEvent::Opened => {
                let (room, seed) = (self.config.room.clone(), self.config.seed);
                self.tell(&ToServer::Join { room, seed });
            }
            SignalEvent::Said(FromServer::Joined { room, player, seed }) => {
                self.player = Some(PlayerId(player));
                self.config.settings.seed = seed;
                self.game.handle_joined(&room, PlayerId(player));
            }
            SignalEvent::Said(FromServer::PeerJoined { player }) => self.connect(PlayerId(player)),
            SignalEvent::Said(FromServer::PeerLeft) => self.handle_peer_left(),
            SignalEvent::Said(FromServer::Relay { message }) => {
                if let Some(connection) = &self.connection {
                    connection.handle(message);
                }
            }
            SignalEvent::Said(FromServer::Refused { reason }) => self.fail(&reason),
            // A game that runs does not need the server any more.
            SignalEvent::Closed if self.session.is_none() => {
                self.fail("The server does not answer; is it running?");
            }
            SignalEvent::Closed => {}
        }
    }

    fn connect(&mut self, other: PlayerId) {
        let (Some(player), Status::Waiting) = (self.player, &self.status) else {
            return;
        };
        let handle = Rc::new(handler(&self.this, Self::handle_rtc));
        let made =
            if player < other { RtcManager::initiate(handle) } else { RtcManager::wait(handle) };
        match made {
            Ok(rtc) => {
                // Both directions of a room follow its seed, each in its own way.
                let seed = (u64::from(self.config.settings.seed) << 8) | u64::from(player.0);
                self.connection = Some(Connection::new(rtc, seed, self.config.link));
                self.set_status(Status::Connecting);
            }
            Err(error) => self.fail(&format!("No connection is possible: {}.", words(&error))),
        }
    }

    fn handle_rtc(&mut self, event: RtcEvent) {
        match event {
            RtcEvent::Negotiate(message) => self.negotiate(message),
            RtcEvent::Opened => self.begin(),
            RtcEvent::Received(bytes) => {
                if let Some(session) = &mut self.session {
                    session.handle_message(now(), &bytes);
                }
            }
            RtcEvent::Lost(reason) if self.status == Status::Connecting => self.fail(&reason),
            RtcEvent::Lost(_) => self.handle_peer_left(),
        }
    }

    fn negotiate(&self, message: Negotiation) {
        self.tell(&ToServer::Relay { message });
    }

    fn begin(&mut self) {
        let Some(player) = self.player.filter(|_| self.session.is_none()) else {
            return;
        };
        self.session = Some(Session::new(SessionConfig {
            player,
            players: PLAYERS,
            episode: Episode(0),
            settings: self.config.settings,
        }));
        match Timer::start(&self.config.timer_url, handler(&self.this, |inner, ()| inner.advance()))
        {
            Ok(timer) => self.timer = Some(timer),
            Err(error) => self.fail(&format!("No timer is possible: {}.", words(&error))),
        }
    }

    fn handle_worker(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::Ready => {
                if let Some(Err(error)) = self.worker.as_mut().map(WorkerClient::handle_ready) {
                    self.fail(&format!("The worker takes nothing: {}.", words(&error)));
                }
            }
            WorkerEvent::Replied(reply) => {
                if let Some(session) = &mut self.session {
                    session.handle_reply(reply);
                }
                // A tick that was due while the worker was busy runs now.
                self.advance();
            }
            WorkerEvent::Failed(reason) => self.fail(&reason),
        }
    }

    fn advance(&mut self) {
        let Self { session: Some(session), game, .. } = self else {
            return;
        };
        if let Some(state) = session.poll_render_state() {
            game.handle_render_state(state);
        }
        session.advance(now(), &mut |frame| game.local_action(frame));
    }

    /// Moves everything that the session has to say; called once after every event.
    fn pump(&mut self) {
        let now = now();
        if let (Some(session), Some(worker)) = (&mut self.session, &mut self.worker) {
            while let Some(request) = session.poll_request() {
                if let Err(error) = worker.post(&request) {
                    session.fail(&format!("The worker takes nothing: {}.", words(&error)));
                }
            }
        }
        if let Some(connection) = &mut self.connection {
            while let Some(message) = self.session.as_mut().and_then(Session::poll_message) {
                connection.send(now, message);
            }
            connection.flush(now);
        }
        self.follow_session();
        let is_over = matches!(self.status, Status::Stopped(_) | Status::Failed(_));
        let has_ended = self
            .session
            .as_ref()
            .is_none_or(|session| matches!(session.phase(), Phase::Stopped | Phase::Failed(_)));
        if is_over && has_ended {
            for resolve in self.stop_waiters.drain(..) {
                let _ = resolve.call0(&JsValue::UNDEFINED);
            }
        }
    }

    fn follow_session(&mut self) {
        let Some(session) = &self.session else {
            return;
        };
        match session.phase() {
            Phase::Playing if self.status == Status::Connecting => {
                self.set_status(Status::Playing);
            }
            Phase::Failed(reason) if !matches!(self.status, Status::Failed(_)) => {
                let reason = reason.clone();
                self.fail(&reason);
            }
            _ => {}
        }
    }

    fn handle_peer_left(&mut self) {
        match self.status {
            Status::Connecting if self.session.is_none() => {
                self.connection = None;
                self.set_status(Status::Waiting);
            }
            Status::Connecting | Status::Playing => self.stop("The other player has left."),
            _ => {}
        }
    }

    fn stop(&mut self, reason: &str) {
        if let Some(session) = &mut self.session {
            session.stop();
        }
        if !matches!(self.status, Status::Stopped(_) | Status::Failed(_)) {
            self.set_status(Status::Stopped(reason.to_owned()));
        }
    }

    /// Ends everything but the log and the figures.
    fn fail(&mut self, reason: &str) {
        if let Some(session) = &mut self.session {
            session.fail(reason);
        }
        self.connection = None;
        self.timer = None;
        self.signal = None;
        self.set_status(Status::Failed(reason.to_owned()));
    }

    fn set_status(&mut self, status: Status) {
        if self.status != status && !matches!(self.status, Status::Failed(_)) {
            self.status = status;
            self.game.handle_status(&self.status);
        }
    }

    fn tell(&self, message: &ToServer) {
        if let Some(signal) = &self.signal {
            signal.send(message);
        }
    }
}
