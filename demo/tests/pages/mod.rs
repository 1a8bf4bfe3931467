//! Pages for tests of whole sessions: each has a session, a worker of its own pace and a bot, all
//! in one process.

#![expect(dead_code, reason = "each test file uses its part")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like tests")]

use std::collections::BTreeMap;

use rollscope::action::Action;
use rollscope::frame::Episode;
use rollscope::link::{Link, LinkProfile};
use rollscope::message::{Form, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::EngineOptions;
use rollscope::time::Micros;
use rollscope::worker::{Env, Request, execute};
use rollscope_demo::bot::Bot;
use rollscope_demo::faults::Faults;
use rollscope_demo::game::{Game, View};
use rollscope_runtime::pace::Timestep;
use rollscope_runtime::session::{Session, SessionConfig};
use serde_json::Value;

pub(crate) const SEED: u32 = 20;
pub(crate) const ROUGH: LinkProfile =
    LinkProfile { latency_micros: 80_000, jitter_micros: 30_000, loss: 0.05, duplication: 0.02 };

pub(crate) fn settings(seed: u32) -> SessionSettings {
    SessionSettings {
        input_delay_frames: 2,
        snapshot_interval_frames: 5,
        max_prediction_frames: 20,
        frames_per_second: 60,
        prediction: PredictionRule::RepeatLast,
        default_action: Action(0),
        seed,
    }
}

/// One page: its session, its worker, its bot.
pub(crate) struct Page {
    pub(crate) session: Session,
    pub(crate) worker: Game,
    // Requests come back as replies this much later: a worker of its own pace.
    pub(crate) under_way: Link<Request>,
    bot: Bot,
    view: Option<View>,
    // What the player did, by the frame that it applies to.
    pub(crate) actions: BTreeMap<u32, Action>,
}

impl Page {
    pub(crate) fn new(player: u8, seed: u32) -> Self {
        Self::with(Self::config(player, seed), "")
    }

    pub(crate) fn config(player: u8, seed: u32) -> SessionConfig {
        SessionConfig {
            player: PlayerId(player),
            players: 2,
            episode: Episode(0),
            settings: settings(seed),
            options: EngineOptions::default(),
            form: Form::default(),
            num_episodes: 1,
            is_returning: false,
            pause_when_hidden: false,
            timestep: Timestep::Fixed,
        }
    }

    /// A page of this configuration, whose game has these faults.
    pub(crate) fn with(config: SessionConfig, faults: &str) -> Self {
        let player = config.player;
        let latency_micros = 3_000;
        let profile = LinkProfile { latency_micros, ..LinkProfile::default() };
        Self {
            session: Session::new(config),
            worker: Game::new(Faults::parse(faults).unwrap()),
            under_way: Link::new(0, profile),
            bot: Bot::new(u32::from(player.0) + 50, player),
            view: None,
            actions: BTreeMap::new(),
        }
    }

    pub(crate) fn advance(&mut self, now: Micros) {
        while let Some(request) = self.under_way.poll(now) {
            let wire = serde_json::to_value(&request).unwrap();
            let reply = execute(&mut self.worker, &serde_json::from_value(wire).unwrap());
            let wire = serde_json::to_value(reply).unwrap();
            self.session.handle_reply(serde_json::from_value(wire).unwrap());
        }
        if let Some(state) = self.session.poll_render_state() {
            self.view = Some(serde_json::from_value(state).unwrap());
        }
        let (bot, view) = (&mut self.bot, self.view.as_ref());
        let actions = &mut self.actions;
        self.session.advance(now, &mut |frame| {
            let action = bot.action(frame, view);
            actions.insert(frame.0, action);
            action
        });
        while let Some(request) = self.session.poll_request() {
            self.under_way.send(now, request);
        }
    }

    /// Another random state than the game's own, as a game that differs has.
    pub(crate) fn disturb(&mut self, seed: u32) {
        self.worker.seed_rng(seed).unwrap();
    }

    pub(crate) fn log(&self) -> Vec<Value> {
        let text = self.session.log_text();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Two pages over two links for so long.
pub(crate) fn play(seconds: u64, profile: LinkProfile) -> [Page; 2] {
    let pages = [Page::new(0, SEED), Page::new(1, SEED)];
    play_on(pages, 0..seconds * 1000, profile, |_, _, _| true)
}

/// Plays pages on through milliseconds; `is_awake` says whether a page runs at a time, and may do
/// something to it. What comes to one that does not run waits.
pub(crate) fn play_on(
    mut pages: [Page; 2],
    millis: std::ops::Range<u64>,
    profile: LinkProfile,
    mut is_awake: impl FnMut(usize, u64, &mut Page) -> bool,
) -> [Page; 2] {
    let mut links: [Link<Vec<u8>>; 2] = [Link::new(1, profile), Link::new(2, profile)];
    for now in (millis.start * 1000..millis.end * 1000).step_by(4_000).map(Micros) {
        for (side, page) in pages.iter_mut().enumerate() {
            if !is_awake(side, now.0 / 1000, page) {
                continue;
            }
            while let Some(message) = links[1 - side].poll(now) {
                page.session.handle_message(now, PlayerId(1 - side as u8), &message);
            }
            page.advance(now);
            while let Some((_, message)) = page.session.poll_message() {
                links[side].send(now, message);
            }
        }
    }
    pages
}
