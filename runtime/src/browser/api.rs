//! The runtime for pages in JavaScript: one object with options, one with callbacks.

use std::rc::Rc;

use js_sys::{Function, Promise};
use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::player::PlayerId;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use super::game_session::{GameConfig, GameSession, PageGame, Status};
use super::rtc::RtcOptions;
use super::words;
use crate::options::SessionOptions;
use crate::presence::Presence;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Options of a session; what is not given is the default. */
export interface SessionOptions {
  /** Server of rooms; the page's own without it. */
  url?: string;
  /** Module worker that runs the game. Default `worker.js`. */
  worker?: string;
  /** The worker that keeps time, this package's `timer.js`. Default `timer.js`. */
  timer?: string;
  game_id?: string;
  game_seed?: number;
  /** 2 to 8; default 2. */
  num_players?: number;
  /**
   * Inputs that the server keeps for a page that lost its connection, 1 to 250; above that it lets go of them and the page
   * hears `resync_required`. The first page of a room decides; default 50.
   */
  queue_resync_threshold?: number;
  /**
   * Default `player`. A spectator sees what the players of `game_id` have confirmed, may come in mid-game, and is waited
   * for by nobody; its page is never asked for an action.
   */
  role?: "player" | "spectator";
  /** Frames; default 2. */
  INPUT_DELAY?: number;
  /** Frames between snapshots and between state hashes; default 5. */
  snapshotInterval?: number;
  /** The other name of the same. */
  state_sync_frequency_frames?: number;
  action_population_method?: "previous_submitted_action" | "default_action" | "frequency";
  /** Default true; false lets the server carry everything. */
  p2p_mode?: boolean;
  p2p_ice_servers?: string[];
  p2p_turn_servers?: { urls: string; username: string; credential: string }[];
  /** Use paths through a TURN server only. */
  force_relay?: boolean;
  /** Frames; default 20. */
  max_prediction_frames?: number;
  /** Default 30. */
  frames_per_second?: number;
  default_action?: number;
  /** Episodes to play one after the other, each with a seed of its own; default 1. */
  num_episodes?: number;
  /** Frames of an episode; without it an episode ends when `step` says that all are terminated. */
  episode_frames?: number;
  /** Default false: a hidden page plays on, and catches up if the browser froze it. True: it holds the game up. */
  pause_when_hidden?: boolean;
  /** Default false. True: the server is handed the rows and the counters of every episode (docs/peer-protocol.md). */
  rows?: boolean;
  /** After a desync the state of one page replaces the others'; default `off`. Seed 001, A1. */
  resync?: "off" | "full" | "delta";
  /** Form of what is sent; default `binary`. Every page reads all three. Seed 001, A2. */
  form?: "binary" | "json" | "msgpack";
  /** Frames between two messages of inputs, 1 to 10; default 1. Seed 001, A3. */
  send_interval?: number;
  /** Which snapshots' hashes are said; default `every_snapshot`. Seed 001, B1 and B3. */
  hash_rate?: "every_snapshot" | "adaptive" | "predictive";
  /** Default true: the page that is ahead slows down. Seed 001, D2. */
  frame_sync?: boolean;
  /** What goes first while more waits than may be sent; default `priority`. Seed 001, E2. */
  send_order?: "priority" | "made";
  /** Bytes that may be sent per frame on average, 40 to 100,000; no limit without it. */
  bytes_per_tick?: number;
  /** The data channel; default `unreliable` and unordered. The page that offers decides. Seed 001, E1. */
  transport?: "unreliable" | "reliable";
  /** Default `fixed`; `since_last` only to see what that is good for. Seed 001, D1. */
  timestep?: "fixed" | "since_last";
  /** Default `high` (`performance.now`); `date` only to see what that is good for. Seed 001, C1. */
  clock?: "high" | "date";
  packages?: string[];
  environment?: string;
  environment_config?: unknown;
}

/**
 * Another player's page: heard, or not for two seconds, or gone for good. `left`: the server has missed it for 15 seconds, or
 * it left. `unreachable`: no way led to it for 20 seconds. With either of these the game is over.
 */
export type Presence = "here" | "silent" | "left" | "unreachable";

/** The way to another page. */
export interface RouteStats {
  player: number; route: "p2p" | "relay" | "both" | "none"; presence: Presence;
  /** How often the server had to help out, and the connection came back. */
  fallbacks: number; returns: number;
  /** Messages that the connection did not take. */
  unsent: number; iceRestarts: number;
  /** How far the other page's clock is ahead of this one's. */
  clockOffsetMs: number | null;
}

/** Figures of a session; null for what is not known yet. */
export interface SessionStats {
  status: SessionStatus; player: number | null; episode: number | null;
  /** Frames stepped, and the highest one with all players' real inputs. */
  frame: number | null; confirmed: number | null;
  rollbacks: number; resimulatedFrames: number; stalls: number; desyncs: number; resyncs: number;
  /** Ticks that a pause held up, and frames caught up in batches. */
  held: number; fastForwardedFrames: number;
  /** Messages that could not be read, that there was no room for, or that name another speaker than their page. */
  unreadable: number; dropped: number; foreign: number;
  roundTripMs: number | null; advantageFrames: number;
  routes: RouteStats[]; isServerConnected: boolean; spectators: number;
}

export type SessionStatus = "waiting" | "connecting" | "playing" | "stopped" | "failed";

/** What a page does for its session. */
export interface SessionPage {
  /** The local player's action: a whole number that will apply to `frame`; asked once per frame. */
  localAction(frame: number): number;
  /** The newest picture, as the environment's `render` gave it. */
  onRender(picture: any): void;
  onStatus?(status: SessionStatus, reason?: string): void;
  /** The page of another player stands elsewhere now. While one is silent the game waits for it. */
  onPeer?(player: number, presence: Presence): void;
  /** A place was given in a room; spectators count from 8. */
  onJoined?(game_id: string, player: number, num_players: number): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The page's callbacks; the interface above.
    #[wasm_bindgen(typescript_type = "SessionPage")]
    pub type SessionPage;

    #[wasm_bindgen(method, structural, catch, js_name = localAction)]
    fn local_action(this: &SessionPage, frame: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = onRender)]
    fn on_render(this: &SessionPage, picture: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = onStatus)]
    fn on_status(
        this: &SessionPage,
        status: &str,
        reason: Option<&str>,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = onPeer)]
    fn on_peer(this: &SessionPage, player: u8, presence: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = onJoined)]
    fn on_joined(
        this: &SessionPage,
        game_id: &str,
        player: u8,
        players: u8,
    ) -> Result<JsValue, JsValue>;

    /// The options; the interface above.
    #[wasm_bindgen(typescript_type = "SessionOptions")]
    pub type OptionsObject;
}

/// A game between pages.
#[wasm_bindgen]
pub struct Session {
    inner: Rc<GameSession>,
}

#[wasm_bindgen]
impl Session {
    /// Asks for a place and goes on from there. `io` is the function of `socket.io-client`.
    ///
    /// # Errors
    ///
    /// When the options cannot be, or the browser refuses a worker.
    #[wasm_bindgen(constructor)]
    pub fn new(io: Function, options: &OptionsObject, page: SessionPage) -> Result<Self, JsError> {
        let text = js_sys::JSON::stringify(options).ok().and_then(|text| text.as_string());
        let options = SessionOptions::parse(text.as_deref().unwrap_or("{}"))
            .map_err(|reason| JsError::new(&reason))?;
        let url = if options.url.is_empty() { own_origin() } else { options.url.clone() };
        let config = GameConfig {
            io,
            server_url: url,
            worker_url: options.worker.clone(),
            timer_url: options.timer.clone(),
            room: options.game_id.clone(),
            seed: options.game_seed,
            players: options.num_players,
            queue_resync_threshold: options.queue_resync_threshold,
            role: options.role,
            settings: options.settings(),
            switches: options.switches,
            miscounted_frames: 0,
            polls_first: false,
            num_episodes: options.num_episodes,
            pause_when_hidden: options.pause_when_hidden,
            hands_over_rows: options.rows,
            link: rollscope::link::LinkProfile::default(),
            p2p_mode: options.p2p_mode,
            rtc: RtcOptions {
                ice_servers: options.p2p_ice_servers,
                turn_servers: options.p2p_turn_servers,
                relay_only: options.force_relay,
                transport: options.switches.transport,
            },
            packages: options.packages,
            environment: options.environment,
        };
        let bridge = Bridge { page, config: options.environment_config };
        let inner = GameSession::start(config, Box::new(bridge));
        inner
            .map(|inner| Self { inner: Rc::new(inner) })
            .map_err(|error| JsError::new(&words(&error)))
    }

    /// Where it stands, and its figures: `{player, frame, confirmed, rollbacks, desyncs, routes, …}`.
    ///
    /// # Errors
    ///
    /// Never in practice: the figures are plain numbers.
    #[wasm_bindgen(unchecked_return_type = "SessionStats")]
    pub fn stats(&self) -> Result<JsValue, JsValue> {
        let mut stats = self.inner.stats().to_json();
        if let Some(members) = stats.as_object_mut() {
            members.insert("status".to_owned(), json!(self.inner.status().name()));
        }
        js_sys::JSON::parse(&stats.to_string())
    }

    /// What the engine really did, as JSON lines.
    #[wasm_bindgen(js_name = engineLog)]
    #[must_use]
    pub fn engine_log(&self) -> String {
        self.inner.engine_log()
    }

    /// Ends the game between two frames; resolves when the worker has answered everything.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn stop(&self) -> Promise {
        self.inner.stop()
    }

    /// Looks for new network paths of all connections, as a page does by itself when one is lost.
    #[wasm_bindgen(js_name = restartIce)]
    pub fn restart_ice(&self) {
        self.inner.restart_ice();
    }

    /// Tells the server that this page goes away for good.
    pub fn leave(&self) {
        self.inner.leave();
    }
}

struct Bridge {
    page: SessionPage,
    config: Value,
}

// What a page's callback throws is the page's business: it is told to the console by nobody else.
impl PageGame for Bridge {
    fn handle_joined(&mut self, room: &str, player: PlayerId, players: u8) {
        let _ = self.page.on_joined(room, player.0, players);
    }

    fn environment_config(&mut self, _: u8) -> Value {
        self.config.clone()
    }

    fn local_action(&mut self, frame: Frame) -> Action {
        let action = self.page.local_action(frame.0).ok().and_then(|action| action.as_f64());
        Action(action.unwrap_or(0.0) as u32)
    }

    fn handle_render_state(&mut self, state: Value) {
        if let Ok(picture) = js_sys::JSON::parse(&state.to_string()) {
            let _ = self.page.on_render(&picture);
        }
    }

    fn handle_presence(&mut self, player: PlayerId, presence: Presence) {
        let _ = self.page.on_peer(player.0, presence.name());
    }

    fn handle_status(&mut self, status: &Status) {
        let _ = self.page.on_status(status.name(), status.reason());
    }
}

fn own_origin() -> String {
    let location = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("location"));
    let origin =
        location.and_then(|location| js_sys::Reflect::get(&location, &JsValue::from_str("origin")));
    origin.ok().and_then(|origin| origin.as_string()).unwrap_or_default()
}
