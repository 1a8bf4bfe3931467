//! The way to one other page: its WebRTC connection, the relay beside it, and the seeded link above
//! both, on the sending side.
//!
//! Browser throttling does not reach data channels, so latency, jitter and loss are made here,
//! before a message is sent: an observer sees messages when they really leave. Which way they take
//! is decided by `route`, when a connection is repaired by `reconnect`; this only carries it out.

use std::collections::VecDeque;
use std::rc::Rc;

use rollscope::link::{Link, LinkProfile};
use rollscope::player::PlayerId;
use rollscope::time::Micros;
use wasm_bindgen::prelude::*;

use super::rtc::{Negotiation, RtcEvent, RtcManager, RtcOptions};
use crate::course::Course;
use crate::presence::PresenceWatch;
use crate::reconnect::{Reconnect, Repair};
use crate::relay::is_inputs;
use crate::route::{Route, RouteChoice, Topology};
use crate::signal::{ToServer, Told};

/// Candidates of a connection whose offer has not come yet.
const MAX_EARLY: usize = 64;

/// Least time between two messages of inputs by the relay: every page's pass through one server, and
/// one that is behind must not be given more to do by pages that wait.
const RELAYED_INPUTS_MICROS: u64 = 30_000;

/// What a link hears of its connections: which one, and what.
pub(super) type Handler = Rc<dyn Fn(PlayerId, u32, RtcEvent)>;

/// The way to the page of one player.
pub(super) struct PeerLink {
    player: PlayerId,
    is_initiator: bool,
    topology: Topology,
    options: Rc<RtcOptions>,
    handle: Handler,
    rtc: Option<RtcManager>,
    // Number of the newest connection, counted from 1 by the page that offers.
    connection: u32,
    early: VecDeque<(u32, Negotiation)>,
    link: Link<Vec<u8>>,
    route: RouteChoice,
    presence: PresenceWatch,
    course: Course,
    reconnect: Reconnect,
    is_cut: bool,
    unsent: u32,
    ice_restarts: u32,
    inputs_relayed: Option<Micros>,
}

impl PeerLink {
    /// The link from `local` to `player`; the page of the lower index offers.
    pub(super) fn new(
        local: PlayerId,
        player: PlayerId,
        topology: Topology,
        options: Rc<RtcOptions>,
        shaping: (u64, LinkProfile),
        handle: Handler,
    ) -> Self {
        Self {
            player,
            is_initiator: local < player,
            topology,
            options,
            handle,
            rtc: None,
            connection: 0,
            early: VecDeque::new(),
            link: Link::new(shaping.0, shaping.1),
            route: RouteChoice::new(topology),
            presence: PresenceWatch::default(),
            course: Course::default(),
            reconnect: Reconnect::new(Micros(0)),
            is_cut: false,
            unsent: 0,
            ice_restarts: 0,
            inputs_relayed: None,
        }
    }

    pub(super) fn player(&self) -> PlayerId {
        self.player
    }

    pub(super) fn route(&self) -> &RouteChoice {
        &self.route
    }

    /// Whether the page there is heard.
    pub(super) fn presence(&self) -> &PresenceWatch {
        &self.presence
    }

    pub(super) fn presence_mut(&mut self) -> &mut PresenceWatch {
        &mut self.presence
    }

    /// What the server has not been told yet of the channel.
    pub(super) fn news(&mut self, now: Micros, told: Told) -> Option<ToServer> {
        self.course.note(now, &self.route, told)
    }

    /// Messages that the connection did not take because too many bytes waited in it.
    pub(super) fn unsent(&self) -> u32 {
        self.unsent
    }

    /// Searches for new paths of a connection that was there.
    pub(super) fn ice_restarts(&self) -> u32 {
        self.ice_restarts
    }

    /// Looks for new paths of the connection, if this page has offered it.
    pub(super) fn restart_ice(&mut self) {
        if let Some(rtc) = self.rtc.as_ref().filter(|_| self.is_initiator) {
            rtc.restart_ice();
            self.ice_restarts = self.ice_restarts.saturating_add(1);
        }
    }

    /// Goes on where another link to the same player ended. If this page offers, its connections count
    /// on, so that no step of an older one is taken for one of a new one; a new page there counts anew.
    pub(super) fn follow(&mut self, before: &Self) {
        self.is_cut = before.is_cut;
        self.presence = before.presence.clone();
        self.course = before.course;
        if self.is_initiator {
            self.connection = before.connection;
        }
    }

    /// Makes the first connection, if these pages have one and this one offers.
    pub(super) fn start(&mut self, now: Micros) -> Result<(), JsValue> {
        self.reconnect = Reconnect::new(now);
        self.offer_anew()
    }

    /// Cuts the connection and makes no other until it is allowed again: how a dead path is tried out.
    pub(super) fn cut(&mut self, is_cut: bool, now: Micros) {
        self.is_cut = is_cut;
        if is_cut {
            self.rtc = None;
            self.route.handle_closed();
        }
        self.reconnect.handle_closed(now);
    }

    /// Takes a step of the negotiation of a connection from the other page.
    pub(super) fn handle_negotiation(&mut self, connection: u32, step: Negotiation) {
        if self.is_cut || self.topology == Topology::RelayOnly || connection < self.connection {
            return;
        }
        let is_offer = matches!(step, Negotiation::Offer(_));
        if !self.is_initiator && is_offer && connection > self.connection {
            self.connection = connection;
            self.route.handle_closed();
            self.rtc = RtcManager::wait(&self.options, self.handler()).ok();
        }
        match &self.rtc {
            Some(rtc) if connection == self.connection => rtc.handle(step),
            _ if self.early.len() < MAX_EARLY => self.early.push_back((connection, step)),
            _ => {}
        }
        if is_offer {
            for (connection, step) in std::mem::take(&mut self.early) {
                self.handle_negotiation(connection, step);
            }
        }
    }

    /// Takes what a connection says; `None` or the bytes that came.
    pub(super) fn handle_event(
        &mut self,
        connection: u32,
        event: RtcEvent,
        now: Micros,
    ) -> Option<Vec<u8>> {
        if connection != self.connection || self.rtc.is_none() {
            return None;
        }
        match event {
            RtcEvent::Opened => {
                self.route.handle_opened(now);
                self.reconnect.handle_connected();
            }
            RtcEvent::Connected if self.rtc.as_ref().is_some_and(RtcManager::is_open) => {
                self.reconnect.handle_connected();
            }
            RtcEvent::Received(bytes) => {
                self.route.handle_heard(now);
                return Some(bytes);
            }
            RtcEvent::Disconnected => self.reconnect.handle_disconnected(now),
            RtcEvent::Failed => self.reconnect.handle_failed(now),
            RtcEvent::Closed => {
                self.route.handle_closed();
                self.reconnect.handle_closed(now);
            }
            RtcEvent::Connected | RtcEvent::Negotiate(_) => {}
        }
        None
    }

    pub(super) fn handle_relay(&mut self, is_open: bool) {
        self.route.handle_relay(is_open);
    }

    /// Puts a message on its way.
    pub(super) fn send(&mut self, now: Micros, message: Vec<u8>) {
        self.link.send(now, message);
    }

    /// Sends what the link has let through by `now`, repairs the connection where that is due, and
    /// returns what the relay has to carry. What no way takes is lost, as on any unreliable way.
    pub(super) fn flush(&mut self, now: Micros) -> Vec<Vec<u8>> {
        if self.is_initiator && !self.is_cut && self.topology == Topology::Direct {
            match self.reconnect.poll(now) {
                Some(Repair::RestartIce) => self.restart_ice(),
                // A browser that makes no connection now may do so later.
                Some(Repair::Reconnect) => drop(self.offer_anew()),
                None => {}
            }
        }
        let route = self.route.choose(now);
        let mut relayed = Vec::new();
        while let Some(message) = self.link.poll(now) {
            if matches!(route, Route::P2p | Route::Both)
                && !self.rtc.as_ref().is_some_and(|rtc| rtc.send(&message))
            {
                self.unsent = self.unsent.saturating_add(1);
            }
            if matches!(route, Route::Relay | Route::Both) && self.may_relay(now, &message) {
                relayed.push(message);
            }
        }
        relayed
    }

    fn may_relay(&mut self, now: Micros, message: &[u8]) -> bool {
        if !is_inputs(message) {
            return true;
        }
        let due = |last: Micros| now.since(last) >= RELAYED_INPUTS_MICROS;
        let is_due = self.inputs_relayed.is_none_or(due);
        if is_due {
            self.inputs_relayed = Some(now);
        }
        is_due
    }

    fn offer_anew(&mut self) -> Result<(), JsValue> {
        if !self.is_initiator || self.is_cut || self.topology == Topology::RelayOnly {
            return Ok(());
        }
        self.route.handle_closed();
        self.connection += 1;
        self.rtc = None;
        self.rtc = Some(RtcManager::initiate(&self.options, self.handler())?);
        Ok(())
    }

    fn handler(&self) -> Rc<dyn Fn(RtcEvent)> {
        let (handle, player, connection) = (Rc::clone(&self.handle), self.player, self.connection);
        Rc::new(move |event| handle(player, connection, event))
    }
}
