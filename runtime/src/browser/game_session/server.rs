//! What the server says, as far as a session follows it.

use std::rc::Rc;

use rollscope::frame::Episode;
use rollscope::player::PlayerId;
use rollscope::worker::Operation;

use super::super::clock::now;
use super::super::peer_link::PeerLink;
use super::super::rtc::{Negotiation, RtcEvent};
use super::super::signal_client::SignalEvent;
use super::super::timer::Timer;
use super::super::visibility::Visibility;
use super::super::words;
use super::{Inner, Status, handler};
use crate::relay::bytes_of;
use crate::route::Topology;
use crate::session::{Session, SessionConfig};
use crate::signal::{
    FromServer, FullState, Join, Place, Relayed, Resume, Speaker, StateWish, ToServer,
};

impl Inner {
    pub(super) fn handle_signal(&mut self, event: SignalEvent) {
        match event {
            SignalEvent::Opened => self.join(),
            SignalEvent::Said(said) => self.handle_said(*said),
            // Without a place nothing can begin; with one the client comes back by itself.
            SignalEvent::Closed if self.place.is_none() => {
                self.fail("The server does not answer; is it running?");
            }
            SignalEvent::Closed => self.set_relay(false),
        }
    }

    fn handle_said(&mut self, said: FromServer) {
        match said {
            FromServer::PyodidePlayerAssigned(place) => self.handle_place(place),
            FromServer::WaitingRoom { .. } if self.status == Status::Connecting => {
                self.links.clear();
                self.is_connected_told = false;
                self.set_status(Status::Waiting);
            }
            FromServer::StartP2pConnection { players, .. } => self.connect(&players),
            FromServer::GameReady { .. } => self.is_ready = true,
            FromServer::WebrtcOffer(d) => {
                self.negotiate(d.player_id, d.connection, Negotiation::Offer(d.sdp));
            }
            FromServer::WebrtcAnswer(d) => {
                self.negotiate(d.player_id, d.connection, Negotiation::Answer(d.sdp));
            }
            FromServer::WebrtcIce(c) => {
                let (candidate, sdp_mid) = (c.candidate, c.sdp_mid);
                let sdp_m_line_index = c.sdp_m_line_index;
                let step = Negotiation::Candidate { candidate, sdp_mid, sdp_m_line_index };
                self.negotiate(c.player_id, c.connection, step);
            }
            FromServer::PyodideOtherPlayerAction(relayed)
            | FromServer::PyodideStateHash(relayed)
            | FromServer::PyodideFrameSync(relayed)
            | FromServer::P2pMessage(relayed) => self.handle_relayed(&relayed),
            FromServer::PyodideRequestFullState(wish) => self.send_state(&wish),
            FromServer::PlayerLeft { player_id } => self.left.push(PlayerId(player_id)),
            FromServer::Refused { reason } => self.fail(&reason),
            // Inputs are repeated until they are acknowledged: a queue that was let go of needs no
            // state, and a page that is away is waited for.
            FromServer::ResyncRequired { .. }
            | FromServer::PyodideApplyFullState(_)
            | FromServer::PyodideHudSync(_)
            | FromServer::PlayerDisconnected { .. }
            | FromServer::PlayerReconnected { .. }
            | FromServer::WaitingRoom { .. } => {}
        }
    }

    fn join(&mut self) {
        let resume = self.place.as_ref().map(|place| Resume {
            player_id: place.player_id,
            token: place.token.clone(),
            is_playing: self.is_ready,
        });
        let (game_id, seed, players) = match &self.place {
            Some(place) => (Some(place.game_id.clone()), Some(place.game_seed), place.num_players),
            None => (self.config.room.clone(), self.config.seed, self.config.players),
        };
        let join = Join { game_id, game_seed: seed, num_players: Some(players), resume };
        self.tell(&ToServer::JoinGame(join));
        self.set_relay(true);
    }

    fn handle_place(&mut self, place: Place) {
        if self.session.is_some() {
            return;
        }
        let player = PlayerId(place.player_id);
        self.config.settings.seed = place.game_seed;
        self.game.handle_joined(&place.game_id, player, place.num_players);
        let mut session = Session::new(SessionConfig {
            player,
            players: place.num_players,
            episode: Episode(0),
            settings: self.config.settings,
            num_episodes: self.config.num_episodes,
            pause_when_hidden: self.config.pause_when_hidden,
            timestep: self.config.switches.timestep,
            options: self.config.switches.engine,
            form: self.config.switches.form,
        });
        session.set_hidden(self.visibility.as_ref().is_some_and(Visibility::is_hidden));
        let packages = self.config.packages.clone();
        let env = self.config.environment.clone();
        let config = self.game.environment_config(place.num_players);
        let install = (!packages.is_empty()).then_some(Operation::InstallPackages { packages });
        session.prepare(install.into_iter().chain([Operation::InitEnv { env, config }]));
        self.session = Some(session);
        self.place = Some(place);
    }

    fn connect(&mut self, players: &[u8]) {
        let (Some(place), Status::Waiting) = (&self.place, &self.status) else {
            return;
        };
        let local = PlayerId(place.player_id);
        let this = self.this.clone();
        let handle: Rc<dyn Fn(PlayerId, u32, RtcEvent)> = Rc::new(move |player, number, event| {
            let heard = handler(&this, Inner::handle_rtc);
            heard((player, number, event));
        });
        let options = Rc::new(self.config.rtc.clone());
        self.links = players
            .iter()
            .map(|player| PlayerId(*player))
            .filter(|player| *player != local)
            .map(|player| {
                let topology = match self.config.p2p_mode {
                    true => Topology::between(local.0, player.0),
                    false => Topology::RelayOnly,
                };
                // Every direction of a room follows its seed, each in its own way.
                let way = u64::from(local.0) << 4 | u64::from(player.0);
                let seed = (u64::from(place.game_seed) << 8) | way;
                let (options, handle) = (Rc::clone(&options), Rc::clone(&handle));
                let shaping = (seed, self.config.link);
                PeerLink::new(local, player, topology, options, shaping, handle)
            })
            .collect();
        self.set_relay(true);
        for link in &mut self.links {
            if let Err(error) = link.start(now()) {
                let reason = format!("No connection is possible: {}.", words(&error));
                return self.fail(&reason);
            }
        }
        self.set_status(Status::Connecting);
        if self.timer.is_none() {
            let ticks = handler(&self.this, |inner, ()| inner.advance());
            match Timer::start(&self.config.timer_url, ticks) {
                Ok(timer) => self.timer = Some(timer),
                Err(error) => self.fail(&format!("No timer is possible: {}.", words(&error))),
            }
        }
    }

    fn negotiate(&mut self, from: u8, connection: u32, step: Negotiation) {
        if let Some(link) = self.link(PlayerId(from)) {
            link.handle_negotiation(connection, step);
        }
    }

    fn handle_relayed(&mut self, relayed: &Relayed) {
        self.handle_received(PlayerId(relayed.player_id), &bytes_of(&relayed.message));
    }

    /// Hands out the newest state that nothing can change any more.
    fn send_state(&self, wish: &StateWish) {
        let (Some(session), Some(place)) = (&self.session, &self.place) else {
            return;
        };
        if let Some((frame, state)) = session.confirmed_state() {
            self.tell(&ToServer::PyodideSendFullState(FullState {
                game_id: place.game_id.clone(),
                player_id: place.player_id,
                target_player: wish.player_id,
                frame_number: frame.0,
                state: state.to_owned(),
            }));
        }
    }

    /// Tells the server once that this page reaches all others.
    pub(super) fn tell_when_connected(&mut self) {
        let reaches_all = !self.links.is_empty()
            && self.links.iter().all(|link| link.route().current() != crate::route::Route::None);
        if reaches_all && !self.is_connected_told {
            self.is_connected_told = true;
            if let Some(speaker) = self.speaker() {
                self.tell(&ToServer::P2pConnected(speaker));
            }
        }
    }

    pub(super) fn speaker(&self) -> Option<Speaker> {
        let place = self.place.as_ref()?;
        Some(Speaker { game_id: place.game_id.clone(), player_id: place.player_id })
    }

    fn set_relay(&mut self, is_open: bool) {
        for link in &mut self.links {
            link.handle_relay(is_open);
        }
    }

    fn link(&mut self, player: PlayerId) -> Option<&mut PeerLink> {
        self.links.iter_mut().find(|link| link.player() == player)
    }

    fn handle_rtc(&mut self, (player, number, event): (PlayerId, u32, RtcEvent)) {
        if let RtcEvent::Negotiate(step) = event {
            return self.tell_step(player, number, step);
        }
        let bytes = self.link(player).and_then(|link| link.handle_event(number, event, now()));
        if let Some(bytes) = bytes {
            self.handle_received(player, &bytes);
        }
    }

    fn tell_step(&self, player: PlayerId, connection: u32, step: Negotiation) {
        let Some(Speaker { game_id, player_id }) = self.speaker() else {
            return;
        };
        let target_player = player.0;
        let described = |sdp| crate::signal::Description {
            game_id: game_id.clone(),
            player_id,
            target_player,
            connection,
            sdp,
        };
        self.tell(&match step {
            Negotiation::Offer(sdp) => ToServer::WebrtcOffer(described(sdp)),
            Negotiation::Answer(sdp) => ToServer::WebrtcAnswer(described(sdp)),
            Negotiation::Candidate { candidate, sdp_mid, sdp_m_line_index } => {
                ToServer::WebrtcIce(crate::signal::Candidate {
                    game_id,
                    player_id,
                    target_player,
                    connection,
                    candidate,
                    sdp_mid,
                    sdp_m_line_index,
                })
            }
        });
    }
}
