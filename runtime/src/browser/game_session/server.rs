//! What the server says, as far as a session follows it.

use std::rc::Rc;

use rollscope::frame::Episode;
use rollscope::player::PlayerId;
use rollscope::worker::Operation;

use super::super::clock::now;
use super::super::kept_place;
use super::super::peer_link::PeerLink;
use super::super::rtc::{Negotiation, RtcEvent};
use super::super::signal_client::{SignalClient, SignalEvent};
use super::super::timer::Timer;
use super::super::visibility::Visibility;
use super::super::words;
use super::{Inner, Status, handler};
use crate::part::Part;
use crate::relay::bytes_of;
use crate::route::Topology;
use crate::session::{Session, SessionConfig};
use crate::signal::{
    FIRST_SPECTATOR, FromServer, FullState, Join, MAX_SPECTATORS, Place, Relayed, Resume, Role,
    Speaker, StateWish, ToServer,
};
use crate::watching::Watching;

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
            FromServer::PlayerReloaded { player_id, reloads } => {
                self.take_back(PlayerId(player_id), reloads);
            }
            FromServer::PlayerLeft { .. } if self.config.role == Role::Spectator => {
                self.stop("A player has left.");
            }
            FromServer::PlayerLeft { .. }
                if self.session.as_ref().is_some_and(Part::is_returning) =>
            {
                self.begin_anew();
            }
            FromServer::PlayerLeft { player_id } => {
                if let Some(link) = self.link(PlayerId(player_id)) {
                    link.presence_mut().handle_left();
                }
            }
            FromServer::SpectatorJoined { player_id } => self.feed(PlayerId(player_id)),
            FromServer::SpectatorLeft { player_id } => {
                self.audience.retain(|link| link.player().0 != player_id);
            }
            FromServer::Refused { reason } => self.fail(&reason),
            // Inputs are repeated until they are acknowledged: a queue that was let go of needs no
            // state, and a page that is away is waited for.
            FromServer::ResyncRequired { .. }
            | FromServer::PyodideApplyFullState(_)
            | FromServer::PyodideHudSync(_)
            | FromServer::PlayerDisconnected { .. }
            | FromServer::PlayerReconnected { .. }
            | FromServer::P2pGameEnded(_)
            | FromServer::WaitingRoom { .. } => {}
        }
    }

    pub(super) fn join(&mut self) {
        let role = self.config.role;
        let place = self.place.as_ref().filter(|_| role == Role::Player);
        let resume = place.map(|place| Resume {
            player_id: place.player_id,
            token: place.token.clone(),
            is_playing: self.is_ready,
            has_lost_game: false,
        });
        // A page that was loaded anew has its place from the page before.
        let kept = || self.config.room.as_deref().and_then(kept_place::take);
        let may_keep = role == Role::Player && self.place.is_none();
        let resume = resume.or_else(|| may_keep.then(kept).flatten());
        let (game_id, seed, players) = match &self.place {
            Some(place) => (Some(place.game_id.clone()), Some(place.game_seed), place.num_players),
            None => (self.config.room.clone(), self.config.seed, self.config.players),
        };
        let join = Join {
            game_id,
            game_seed: seed,
            num_players: Some(players),
            queue_resync_threshold: Some(self.config.queue_resync_threshold),
            max_steps: self.config.switches.engine.episode_frames,
            resume,
            role,
        };
        self.tell(&ToServer::JoinGame(join));
        self.set_relay(true);
    }

    fn handle_place(&mut self, place: Place) {
        if self.session.is_some() {
            // A spectator that comes back gets a new place, and is fed anew.
            if self.config.role == Role::Spectator {
                self.place = Some(place);
            }
            return;
        }
        let player = PlayerId(place.player_id);
        self.config.settings.seed = place.game_seed;
        self.game.handle_joined(&place.game_id, player, place.num_players);
        let mut options = self.config.switches.engine;
        options.spectators = MAX_SPECTATORS;
        // The room's word counts.
        let asked = place.max_steps.or(options.episode_frames);
        let counted = |asked: u32| asked.saturating_add_signed(self.config.miscounted_frames);
        options.episode_frames = asked.map(|asked| counted(asked).max(1));
        let config = SessionConfig {
            player,
            players: place.num_players,
            episode: Episode(0),
            settings: self.config.settings,
            num_episodes: self.config.num_episodes,
            is_returning: place.is_running,
            pause_when_hidden: self.config.pause_when_hidden,
            timestep: self.config.switches.timestep,
            options,
            form: self.config.switches.form,
        };
        let mut session = match self.config.role {
            Role::Player => {
                let mut session = Session::new(config);
                if self.config.hands_over_rows {
                    session.keep_rows();
                }
                Part::Player(Box::new(session))
            }
            Role::Spectator => Part::Spectator(Box::new(Watching::new(config))),
        };
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
        let Some(local) = self.place.as_ref().map(|place| PlayerId(place.player_id)) else {
            return;
        };
        match (&mut self.session, players, &self.status) {
            // Every time that it is let in: the page that feeds it begins anew, too.
            (Some(Part::Spectator(session)), [feeder], _) => {
                session.set_feeder(PlayerId(*feeder));
                self.is_ready = true;
            }
            (Some(Part::Player(_)), _, Status::Waiting) => {}
            _ => return,
        }
        let others = players.iter().map(|player| PlayerId(*player));
        self.links = others
            .filter(|player| *player != local)
            .filter_map(|player| self.link_to(local, player))
            .collect();
        self.set_relay(true);
        for link in &mut self.links {
            if let Err(error) = link.start(now()) {
                let reason = format!("No connection is possible: {}.", words(&error));
                return self.fail(&reason);
            }
        }
        if self.status == Status::Waiting {
            self.set_status(Status::Connecting);
        }
        if self.timer.is_none() {
            let ticks = handler(&self.this, |inner, ()| inner.advance());
            match Timer::start(&self.config.timer_url, ticks) {
                Ok(timer) => self.timer = Some(timer),
                Err(error) => self.fail(&format!("No timer is possible: {}.", words(&error))),
            }
        }
    }

    /// Takes in another page that was loaded anew: the way to the page before is given up.
    fn take_back(&mut self, player: PlayerId, reloads: u32) {
        let known = self.reloads.entry(player).or_default();
        if *known >= reloads {
            return;
        }
        *known = reloads;
        if let Some(Part::Player(session)) = &mut self.session {
            session.handle_returned(player);
        }
        let local = self.place.as_ref().map(|place| PlayerId(place.player_id));
        let link = local.and_then(|local| self.link_to(local, player));
        let is_open = self.signal.as_ref().is_some_and(SignalClient::is_open);
        let before = self.links.iter_mut().find(|link| link.player() == player);
        if let (Some(mut link), Some(before)) = (link, before) {
            link.follow(before);
            link.handle_relay(is_open);
            // Where no connection can be made, the server carries what the pages say.
            let _ = link.start(now());
            *before = link;
        }
    }

    /// Makes a way to a spectator, in place of an older one to the same place.
    fn feed(&mut self, spectator: PlayerId) {
        self.audience.retain(|link| link.player() != spectator);
        let Some(local) = self.place.as_ref().map(|place| PlayerId(place.player_id)) else {
            return;
        };
        if let Some(mut link) = self.link_to(local, spectator) {
            link.handle_relay(true);
            // Where no connection can be made, the server carries what it sees.
            let _ = link.start(now());
            self.audience.push(link);
        }
    }

    fn link_to(&self, local: PlayerId, player: PlayerId) -> Option<PeerLink> {
        let place = self.place.as_ref()?;
        let this = self.this.clone();
        let handle: Rc<dyn Fn(PlayerId, u32, RtcEvent)> = Rc::new(move |player, number, event| {
            let heard = handler(&this, Inner::handle_rtc);
            heard((player, number, event));
        });
        let is_watched = local.0.max(player.0) >= FIRST_SPECTATOR;
        let topology = match self.config.p2p_mode {
            true if is_watched => Topology::Direct,
            true => Topology::between(local.0, player.0),
            false => Topology::RelayOnly,
        };
        // Every direction of a room follows its seed, each in its own way.
        let way = u64::from(local.0) << 4 | u64::from(player.0);
        let seed = (u64::from(place.game_seed) << 8) | way;
        let options = Rc::new(self.config.rtc.clone());
        let shaping = (seed, self.config.link);
        Some(PeerLink::new(local, player, topology, options, shaping, handle))
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
        if self.config.role == Role::Spectator {
            return;
        }
        // To the server, a page that comes back is there when it has the game.
        if self.session.as_ref().is_some_and(Part::is_returning) {
            return;
        }
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
        for link in self.links.iter_mut().chain(&mut self.audience) {
            link.handle_relay(is_open);
        }
    }

    /// The way to a player, or to a spectator that this page feeds.
    pub(super) fn link(&mut self, player: PlayerId) -> Option<&mut PeerLink> {
        self.links.iter_mut().chain(&mut self.audience).find(|link| link.player() == player)
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
