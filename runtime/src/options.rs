//! What a page in JavaScript asks of a session, as plain data with the names of the seeds.
//!
//! An object comes in as JSON text, settings go out; functions and sockets are the browser's
//! business.

use rollscope::action::Action;
use rollscope::message::{PredictionRule, SessionSettings};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::signal::{MAX_QUEUE_RESYNC_THRESHOLD, QUEUE_RESYNC_THRESHOLD, Role};
use crate::switches::Switches;

/// Options of a session; what is not given is the default.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionOptions {
    /// Address of the server of rooms; empty means the page's own.
    pub url: String,
    /// Address of the module worker that runs the game.
    pub worker: String,
    /// Address of the worker that keeps time (`timer.js`).
    pub timer: String,
    /// The room; none lets the server make one.
    pub game_id: Option<String>,
    /// Seed of the room's games; the first page that names one decides.
    pub game_seed: Option<u32>,
    /// Players of the room, 2 to 8; the first page decides.
    pub num_players: u8,
    /// Inputs that the server keeps for a page without a connection, 1 to 250; above that they are
    /// let go of, and the page needs a whole state. The first page decides.
    pub queue_resync_threshold: u16,
    /// Whether the page plays or watches the room of `game_id`.
    pub role: Role,
    /// Frames between reading a local input and the frame that it applies to.
    #[serde(rename = "INPUT_DELAY")]
    pub input_delay: u32,
    /// Frames between two snapshots and between two state hashes.
    #[serde(rename = "snapshotInterval")]
    pub snapshot_interval: Option<u32>,
    /// The other name of the same: hashes are those of snapshots.
    pub state_sync_frequency_frames: Option<u32>,
    /// How missing inputs are guessed.
    pub action_population_method: Population,
    /// Whether pages connect with each other; if not, the server carries everything.
    pub p2p_mode: bool,
    /// STUN servers: `stun:host:port`.
    pub p2p_ice_servers: Vec<String>,
    /// TURN servers.
    pub p2p_turn_servers: Vec<TurnServer>,
    /// Use paths through a TURN server only.
    pub force_relay: bool,
    /// Most frames that a page runs past its confirmed frame.
    pub max_prediction_frames: u32,
    /// Simulation steps per second.
    pub frames_per_second: u32,
    /// Episodes to play one after the other.
    pub num_episodes: u32,
    /// Whether a hidden page holds the game up; if not, it plays on and catches up.
    pub pause_when_hidden: bool,
    /// Whether the server is handed the rows and counters of every episode (`docs/peer-protocol.md`).
    pub rows: bool,
    /// The optimisations; in the object their names stand beside the others.
    #[serde(skip)]
    pub switches: Switches,
    /// Action of a player in frames that no input exists for.
    pub default_action: u32,
    /// Packages that the worker is to make available first.
    pub packages: Vec<String>,
    /// The worker's environment; none means the only one.
    pub environment: Option<String>,
    /// Plain data for the environment.
    pub environment_config: Value,
}

/// A TURN server.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, Deserialize)]
pub struct TurnServer {
    /// Its address: `turn:host:port`.
    pub urls: String,
    /// User name.
    pub username: String,
    /// Password.
    pub credential: String,
}

/// How missing inputs are guessed, by the names of the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// The newest earlier action.
    #[default]
    PreviousSubmittedAction,
    /// The default action.
    DefaultAction,
    /// What most often followed.
    Frequency,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            url: String::new(),
            worker: "worker.js".to_owned(),
            timer: "timer.js".to_owned(),
            game_id: None,
            game_seed: None,
            num_players: 2,
            queue_resync_threshold: QUEUE_RESYNC_THRESHOLD,
            role: Role::default(),
            input_delay: 2,
            snapshot_interval: None,
            state_sync_frequency_frames: None,
            action_population_method: Population::default(),
            p2p_mode: true,
            p2p_ice_servers: Vec::new(),
            p2p_turn_servers: Vec::new(),
            force_relay: false,
            max_prediction_frames: 20,
            frames_per_second: 30,
            num_episodes: 1,
            pause_when_hidden: false,
            rows: false,
            switches: Switches::default(),
            default_action: 0,
            packages: Vec::new(),
            environment: None,
            environment_config: Value::Null,
        }
    }
}

/// Snapshots stand this far apart where nothing else is asked for.
const SNAPSHOT_INTERVAL_FRAMES: u32 = 5;

impl SessionOptions {
    /// Reads options.
    ///
    /// # Errors
    ///
    /// What is wrong with them, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let in_words = |error| format!("These options: {error}.");
        let mut members: Map<String, Value> = serde_json::from_str(text).map_err(in_words)?;
        let switches = switches_of(&mut members)?;
        let options: Self = serde_json::from_value(Value::Object(members)).map_err(in_words)?;
        let options = Self { switches, ..options };
        let range = |name: &str, value: u32, least: u32, most: u32| {
            let is_in = (least..=most).contains(&value);
            is_in.then_some(()).ok_or(format!("{name} is from {least} to {most}, not {value}."))
        };
        range("num_players", u32::from(options.num_players), 2, 8)?;
        let (threshold, most) = (options.queue_resync_threshold, MAX_QUEUE_RESYNC_THRESHOLD);
        range("queue_resync_threshold", u32::from(threshold), 1, u32::from(most))?;
        range("INPUT_DELAY", options.input_delay, 0, 30)?;
        range("snapshotInterval", options.interval(), 1, 120)?;
        range("max_prediction_frames", options.max_prediction_frames, 1, 120)?;
        range("frames_per_second", options.frames_per_second, 1, 240)?;
        range("num_episodes", options.num_episodes, 1, 1_000_000)?;
        match (options.snapshot_interval, options.state_sync_frequency_frames) {
            (Some(one), Some(other)) if one != other => Err(format!(
                "snapshotInterval is {one} and state_sync_frequency_frames {other}: hashes are \
                 those of snapshots, give one of them."
            )),
            _ if options.role == Role::Spectator && options.game_id.is_none() => {
                Err("role spectator needs the game_id of the room to watch.".to_owned())
            }
            _ if options.force_relay && options.p2p_turn_servers.is_empty() => {
                Err("force_relay needs a server in p2p_turn_servers.".to_owned())
            }
            _ => Ok(options),
        }
    }

    /// The settings of the session.
    #[must_use]
    pub fn settings(&self) -> SessionSettings {
        SessionSettings {
            input_delay_frames: self.input_delay,
            snapshot_interval_frames: self.interval(),
            max_prediction_frames: self.max_prediction_frames,
            frames_per_second: self.frames_per_second,
            prediction: match self.action_population_method {
                Population::PreviousSubmittedAction => PredictionRule::RepeatLast,
                Population::DefaultAction => PredictionRule::DefaultAction,
                Population::Frequency => PredictionRule::Frequency,
            },
            default_action: Action(self.default_action),
            seed: self.game_seed.unwrap_or_default(),
        }
    }

    fn interval(&self) -> u32 {
        let given = self.snapshot_interval.or(self.state_sync_frequency_frames);
        given.unwrap_or(SNAPSHOT_INTERVAL_FRAMES)
    }
}

/// Takes the switches out of an object; numbers and `true` or `false` may stand for their words.
fn switches_of(members: &mut Map<String, Value>) -> Result<Switches, String> {
    let mut switches = Switches::default();
    for name in Switches::NAMES {
        let Some(value) = members.remove(name) else { continue };
        let text = match value {
            Value::String(text) => text,
            Value::Bool(true) => "on".to_owned(),
            Value::Bool(false) => "off".to_owned(),
            other => other.to_string(),
        };
        switches.set(name, &text)?;
    }
    Ok(switches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_seeds_are_understood() {
        let text = r#"{"INPUT_DELAY": 3, "state_sync_frequency_frames": 20,
            "action_population_method": "previous_submitted_action", "p2p_mode": false,
            "p2p_ice_servers": ["stun:a:1"], "queue_resync_threshold": 80,
            "p2p_turn_servers": [{"urls": "turn:b:2", "username": "u", "credential": "c"}]}"#;
        let options = SessionOptions::parse(text).unwrap();
        let settings = options.settings();
        assert_eq!((settings.input_delay_frames, settings.snapshot_interval_frames), (3, 20));
        assert_eq!(settings.prediction, PredictionRule::RepeatLast);
        assert_eq!(options.p2p_turn_servers[0].credential, "c");
        assert_eq!(options.queue_resync_threshold, 80);
        assert_eq!(SessionOptions::parse("{}").unwrap(), SessionOptions::default());
    }

    #[test]
    fn the_optimisations_stand_beside_the_other_options() {
        let text = r#"{"resync": "delta", "form": "msgpack", "send_interval": 2, "frame_sync": false,
            "hash_rate": "predictive", "send_order": "made", "bytes_per_tick": 400,
            "episode_frames": 450, "num_episodes": 3, "transport": "reliable",
            "timestep": "since_last", "clock": "date", "pause_when_hidden": true, "rows": true}"#;
        let options = SessionOptions::parse(text).unwrap();
        assert_eq!((options.num_episodes, options.pause_when_hidden), (3, true));
        assert!(options.rows);
        assert_eq!(options.switches.words().len(), Switches::NAMES.len());
        assert_eq!(options.switches.engine.frame_sync_interval_ticks, 0);
    }

    #[track_caller]
    fn check_refused(text: &str, words: &str) {
        let reason = SessionOptions::parse(text).unwrap_err();
        assert!(reason.contains(words), "{reason}");
    }

    #[test]
    fn what_cannot_be_is_refused_in_words() {
        check_refused(r#"{"input_delay": 3}"#, "unknown field `input_delay`");
        check_refused(r#"{"num_players": 9}"#, "num_players is from 2 to 8, not 9.");
        for none in ["0", "251"] {
            let text = format!(r#"{{"queue_resync_threshold": {none}}}"#);
            check_refused(&text, "queue_resync_threshold is from 1 to 250");
        }
        check_refused(r#"{"snapshotInterval": 5, "state_sync_frequency_frames": 6}"#, "give one");
        check_refused(r#"{"role": "spectator"}"#, "needs the game_id");
        check_refused(r#"{"role": "judge"}"#, "judge");
        check_refused(r#"{"force_relay": true}"#, "p2p_turn_servers");
        check_refused(r#"{"resync": "magic"}"#, "resync is one of off, full, delta");
        check_refused(r#"{"send_interval": 99}"#, "send_interval is a number from 1 to 10");
        check_refused(r#"{"action_population_method": "magic"}"#, "magic");
    }
}
