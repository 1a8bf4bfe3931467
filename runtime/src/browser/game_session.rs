//! A game between pages: server, connections, worker, timer and session put together.
//!
//! Every event of the browser comes in as one call, the session decides, and [`Inner::pump`] moves
//! what it decided, all in one task: the batches of a tick leave together. What the server says is
//! followed in `server`.

mod anew;
mod config;
mod course;
mod presence;
mod rows;
mod seam;
mod server;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use js_sys::{Function, Promise};
use rollscope::player::PlayerId;
use wasm_bindgen::prelude::*;

use super::clock::{epoch_millis, now, use_clock};
use super::kept_place::{self, Leaving};
use super::peer_link::PeerLink;
use super::signal_client::SignalClient;
use super::timer::Timer;
use super::visibility::Visibility;
use super::words;
use super::worker_client::{WorkerClient, WorkerEvent};
use crate::part::Part;
use crate::relay::event_of;
use crate::rows::Handover;
use crate::seam::Seam;
use crate::session::Phase;
use crate::signal::{Place, ToServer};
pub use config::{GameConfig, PageGame, RouteStats, Stats, Status};

/// A running game; dropping it leaves the room.
pub struct GameSession {
    inner: Rc<RefCell<Inner>>,
}

struct Inner {
    this: Weak<RefCell<Inner>>,
    config: GameConfig,
    game: Box<dyn PageGame>,
    seam: Option<Box<dyn Seam>>,
    status: Status,
    place: Option<Place>,
    signal: Option<SignalClient>,
    worker: Option<WorkerClient>,
    timer: Option<Timer>,
    visibility: Option<Visibility>,
    leaving: Option<Leaving>,
    has_left: bool,
    links: Vec<PeerLink>,
    // Ways to the spectators that this page feeds; the game depends on none of them.
    audience: Vec<PeerLink>,
    is_connected_told: bool,
    // Whether the server has said that the game begins.
    is_ready: bool,
    // How often the pages of others were loaded anew, as far as this page has heard.
    reloads: BTreeMap<PlayerId, u32>,
    session: Option<Part>,
    stop_waiters: Vec<Function>,
    // Rows that the server has not been handed yet.
    handovers: VecDeque<Handover>,
}

impl GameSession {
    /// Asks for a place and goes on from there.
    ///
    /// # Errors
    ///
    /// When the browser refuses a worker or a socket.
    pub fn start(config: GameConfig, game: Box<dyn PageGame>) -> Result<Self, JsValue> {
        Self::start_with(config, game, None)
    }

    /// Like [`GameSession::start`], with something between the session and the outside.
    ///
    /// # Errors
    ///
    /// When the browser refuses a worker or a socket.
    pub fn start_with(
        config: GameConfig,
        game: Box<dyn PageGame>,
        seam: Option<Box<dyn Seam>>,
    ) -> Result<Self, JsValue> {
        use_clock(config.switches.clock);
        let inner = Rc::new(RefCell::new(Inner {
            this: Weak::new(),
            game,
            seam,
            status: Status::Waiting,
            place: None,
            signal: None,
            worker: None,
            timer: None,
            visibility: None,
            leaving: None,
            has_left: false,
            links: Vec::new(),
            audience: Vec::new(),
            is_connected_told: false,
            is_ready: false,
            reloads: BTreeMap::new(),
            session: None,
            stop_waiters: Vec::new(),
            handovers: VecDeque::new(),
            config,
        }));
        let mut state = inner.borrow_mut();
        state.this = Rc::downgrade(&inner);
        state.worker = Some(state.new_worker()?);
        state.signal = Some(SignalClient::connect(
            &state.config.io,
            (&state.config.server_url, state.config.polls_first),
            handler(&state.this, Inner::handle_signal),
        )?);
        state.leaving = Leaving::watch(handler(&state.this, Inner::handle_hide));
        state.visibility = Visibility::watch(handler(&state.this, Inner::handle_visibility));
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
        let player = inner.place.as_ref().map(|place| PlayerId(place.player_id));
        let spectators = inner.audience.len();
        let is_server_connected = inner.signal.as_ref().is_some_and(SignalClient::is_open);
        let Some(session) = &inner.session else {
            return Stats { player, is_server_connected, spectators, ..Stats::default() };
        };
        let routes = inner.links.iter().map(|link| {
            let (fallbacks, returns) = link.route().switches();
            let (player, route) = (link.player(), link.route().current());
            let (unsent, ice_restarts) = (link.unsent(), link.ice_restarts());
            let clock_offset_micros = session.clock_offset_micros(player);
            let presence = link.presence().current();
            RouteStats {
                player,
                route,
                presence,
                fallbacks,
                returns,
                unsent,
                ice_restarts,
                clock_offset_micros,
            }
        });
        Stats {
            player,
            episode: session.episode(),
            frame: session.current(),
            confirmed: session.confirmed_frame(),
            counts: session.counts(),
            round_trip_micros: session.round_trip_micros(),
            advantage_frames: session.advantage_frames(),
            routes: routes.collect(),
            is_server_connected,
            spectators,
        }
    }

    /// The engine log as JSON lines; empty before the game began.
    #[must_use]
    pub fn engine_log(&self) -> String {
        let inner = self.inner.borrow();
        inner.session.as_ref().map(Part::log_text).unwrap_or_default()
    }

    /// Ends the game at a tick boundary; the promise resolves when all replies have come.
    pub fn stop(&self) -> Promise {
        let mut inner = self.inner.borrow_mut();
        let promise = Promise::new(&mut |resolve, _| inner.stop_waiters.push(resolve));
        inner.stop("The game was stopped.");
        inner.pump();
        promise
    }

    /// Tells the server that this page goes away for good.
    pub fn leave(&self) {
        self.inner.borrow_mut().leave();
    }

    /// Cuts all connections to other pages and makes no new ones, or allows them again: shows how
    /// the game goes on by the relay.
    pub fn cut_p2p(&self, is_cut: bool) {
        let mut inner = self.inner.borrow_mut();
        inner.cut_links(is_cut);
        inner.pump();
    }

    /// Looks for new paths of all connections that this page has offered, as it does by itself when
    /// one is lost; the game goes on meanwhile.
    pub fn restart_ice(&self) {
        for link in &mut self.inner.borrow_mut().links {
            link.restart_ice();
        }
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
    fn handle_worker(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::Ready => {
                if let Some(Err(error)) = self.worker.as_mut().map(WorkerClient::handle_ready) {
                    self.fail(&format!("The worker takes nothing: {}.", words(&error)));
                }
            }
            WorkerEvent::Replied(text) => {
                self.handle_reply(&text);
                // A tick that was due while the worker was busy runs now.
                self.advance();
            }
            WorkerEvent::Failed(reason) => self.fail(&reason),
        }
    }

    /// The page goes away, perhaps to be loaded anew: then it has its place back.
    fn handle_hide(&mut self, (): ()) {
        let is_over = self.is_over();
        if let Some(place) =
            self.place.as_ref().filter(|_| self.is_ready && !is_over && !self.has_left)
        {
            kept_place::keep(&place.game_id, place.player_id, &place.token);
        }
    }

    fn handle_visibility(&mut self, is_hidden: bool) {
        if let Some(session) = &mut self.session {
            session.set_hidden(is_hidden);
        }
        self.advance();
    }

    fn advance(&mut self) {
        self.tell_when_connected();
        self.tell_course();
        self.watch_others();
        let Self { session: Some(session), game, is_ready: true, .. } = self else {
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
        self.post_requests();
        while let Some((to, message)) = self.session.as_mut().and_then(Part::poll_message) {
            self.send(now, to, message);
        }
        let mut relayed = Vec::new();
        for link in self.links.iter_mut().chain(&mut self.audience) {
            let to = link.player();
            relayed.extend(link.flush(now).into_iter().map(|message| (to, message)));
        }
        if let Some(place) = &self.place {
            for (to, message) in relayed {
                let timestamp = epoch_millis();
                let event = event_of(&message, &place.game_id, place.player_id, to.0, timestamp);
                if let Some(event) = event {
                    self.tell(&event);
                }
            }
        }
        self.hand_over();
        self.follow_session();
        self.resolve_stops();
    }

    fn resolve_stops(&mut self) {
        let has_ended = self
            .session
            .as_ref()
            .is_none_or(|session| matches!(session.phase(), Phase::Stopped | Phase::Failed(_)));
        if self.is_over() && has_ended {
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
            Phase::Playing if session.is_over() && !matches!(self.status, Status::Stopped(_)) => {
                self.tell_complete();
                self.set_status(Status::Stopped("All episodes have been played.".to_owned()));
            }
            Phase::Failed(reason) if !matches!(self.status, Status::Failed(_)) => {
                let reason = reason.clone();
                self.fail(&reason);
            }
            _ => {}
        }
    }

    fn stop(&mut self, reason: &str) {
        if let Some(session) = &mut self.session {
            session.stop();
        }
        if !self.is_over() {
            self.set_status(Status::Stopped(reason.to_owned()));
        }
    }

    /// Ends everything but the log and the figures.
    fn fail(&mut self, reason: &str) {
        if let Some(session) = &mut self.session {
            session.fail(reason);
        }
        self.links.clear();
        self.audience.clear();
        self.timer = None;
        self.signal = None;
        self.set_status(Status::Failed(reason.to_owned()));
    }

    fn is_over(&self) -> bool {
        matches!(self.status, Status::Stopped(_) | Status::Failed(_))
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
