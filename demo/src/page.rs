//! The page: what is drawn and pressed, around a game session of the runtime.
//!
//! `arena.js` calls [`mount`] once and keeps the result as `window.arena`; `worker.js` calls
//! [`worker_main`].

mod draw;
mod front;
mod hud;
mod keyboard;
mod trails;

use std::rc::Rc;

use js_sys::{Function, Promise};
use rollscope::action::Action;
use rollscope::message::SessionSettings;
use rollscope_runtime::browser::{GameConfig, GameSession, RtcOptions, Status};
use rollscope_runtime::seam::Seam;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Window};

use crate::faults::{Faults, PageFaults, WorkerFaults};
use crate::game::{Game, Outside};
use crate::params::{GameWorker, PageParams};
use front::Front;

/// Snapshots stand this far apart (`docs/worker-protocol.md`).
const SNAPSHOT_INTERVAL_FRAMES: u32 = 5;

/// The running page, for scripts and tests.
#[wasm_bindgen]
pub struct Arena {
    // None if the address asks for what there is not.
    session: Option<Rc<GameSession>>,
}

#[wasm_bindgen]
impl Arena {
    /// `waiting`, `connecting`, `playing`, `stopped` or `failed`.
    #[must_use]
    pub fn state(&self) -> String {
        let status = self.session.as_ref().map(|session| session.status());
        status.as_ref().map_or("failed", Status::name).to_owned()
    }

    /// What the engine really did, as JSON lines; empty before the game began.
    #[wasm_bindgen(js_name = engineLog)]
    #[must_use]
    pub fn engine_log(&self) -> String {
        let session = self.session.as_ref();
        session.map(|session| session.engine_log()).unwrap_or_default()
    }

    /// Ends the game at a tick boundary; resolves when all replies of the worker have come.
    pub fn stop(&self) -> Promise {
        match &self.session {
            Some(session) => session.stop(),
            None => Promise::resolve(&JsValue::UNDEFINED),
        }
    }

    /// Tells the server that this page goes away for good.
    pub fn leave(&self) {
        if let Some(session) = &self.session {
            session.leave();
        }
    }

    /// Cuts the connections to other pages and makes no new ones (`true`), or allows them again.
    #[wasm_bindgen(js_name = cutP2p)]
    pub fn cut_p2p(&self, is_cut: bool) {
        if let Some(session) = &self.session {
            session.cut_p2p(is_cut);
        }
    }

    /// Looks for new network paths of all connections that this page has offered.
    #[wasm_bindgen(js_name = restartIce)]
    pub fn restart_ice(&self) {
        if let Some(session) = &self.session {
            session.restart_ice();
        }
    }

    /// `{player, frame, confirmed, rollbacks, desyncs, …}`; null for what is not known yet.
    ///
    /// # Errors
    ///
    /// Never in practice: the figures are plain numbers.
    pub fn stats(&self) -> Result<JsValue, JsValue> {
        let stats = self.session.as_ref().map(|session| session.stats()).unwrap_or_default();
        js_sys::JSON::parse(&stats.to_json().to_string())
    }
}

/// Starts the page; `io` is the function of `socket.io-client`.
///
/// # Errors
///
/// When the document is not the arena's, or the browser refuses a worker or a socket.
#[wasm_bindgen]
pub fn mount(io: Function) -> Result<Arena, JsValue> {
    let window = web_sys::window().ok_or("this is no page")?;
    let document = window.document().ok_or("this is no page")?;
    let query = window.location().search()?;
    let params = match PageParams::parse(&query) {
        Ok(params) => params,
        Err(problems) => {
            hud::show_failure(&document, "This address cannot be used", &problems.join("\n"));
            return Ok(Arena { session: None });
        }
    };
    start(&window, &document, &query, &params, io)
}

/// Runs the game in a worker; `query` is that of the worker's address, `?fault=…&from=…`.
///
/// # Errors
///
/// When this is no worker, or a fault is not known.
#[wasm_bindgen(js_name = workerMain)]
pub fn worker_main(query: &str) -> Result<(), JsValue> {
    let faults = Faults::parse_query(query)?;
    if !faults.any() {
        return rollscope_runtime::browser::worker_main(Game::new(faults));
    }
    let outside = Outside { clock_ms: js_sys::Date::now, random: js_sys::Math::random };
    let game = Game::looking(faults, outside);
    let seam = WorkerFaults::new(faults, game.frame());
    rollscope_runtime::browser::worker_main_with(game, Box::new(seam))
}

fn worker_url(params: &PageParams) -> String {
    match params.worker {
        GameWorker::Python => "python_worker.js".to_owned(),
        GameWorker::Wasm => format!("worker.js{}", params.faults.query()),
    }
}

fn start(
    window: &Window,
    document: &Document,
    query: &str,
    params: &PageParams,
    io: Function,
) -> Result<Arena, JsValue> {
    let config = GameConfig {
        io,
        server_url: window.location().origin()?,
        worker_url: worker_url(params),
        timer_url: "runtime/timer.js".to_owned(),
        room: params.room.clone(),
        seed: params.seed,
        settings: SessionSettings {
            input_delay_frames: params.input_delay_frames,
            snapshot_interval_frames: SNAPSHOT_INTERVAL_FRAMES,
            max_prediction_frames: params.window_frames,
            frames_per_second: 60,
            prediction: params.prediction,
            default_action: Action(0),
            seed: 0,
        },
        switches: params.switches,
        miscounted_frames: params.miscounted_frames,
        polls_first: params.polls_first,
        num_episodes: params.episodes,
        pause_when_hidden: params.pause_when_hidden,
        hands_over_rows: params.rows,
        link: params.link,
        players: params.players,
        queue_resync_threshold: params.queue_resync_threshold,
        role: params.role,
        p2p_mode: params.p2p_mode,
        rtc: RtcOptions {
            ice_servers: params.ice_servers.clone(),
            turn_servers: params.turn_servers.clone(),
            relay_only: params.relay_only,
            transport: params.transport(),
        },
        packages: Vec::new(),
        environment: Some(crate::game::NAME.to_owned()),
    };
    let front = Front::new(window, document, query, params)?;
    let needs_seam = params.faults.any() || params.bots > 0;
    let seam =
        needs_seam.then(|| Box::new(PageFaults::new(params.faults, params.bots)) as Box<dyn Seam>);
    let session = Rc::new(GameSession::start_with(config, Box::new(front.clone()), seam)?);
    front.draw_forever(window, Rc::clone(&session))?;
    Ok(Arena { session: Some(session) })
}
