//! The page's address: which room, who plays, over what kind of network.
//!
//! The text after `?` comes in, a setup or sentences for the player go out.

use rollscope::link::LinkProfile;
use rollscope::message::PredictionRule;
use rollscope::rollback::ResyncRule;
use rollscope_runtime::options::TurnServer;
use rollscope_runtime::signal::{
    MAX_QUEUE_RESYNC_THRESHOLD, MAX_ROOM_NAME_CHARS, QUEUE_RESYNC_THRESHOLD, Role, is_room_name,
};
use rollscope_runtime::switches::{SWITCH, Switches, Transport, number, one_of};

use crate::faults::{Fault, Faults};

/// Most players of a game, bots among them.
const MOST_PLAYERS: u8 = 8;
/// Most latency and jitter that can be asked for.
pub const MAX_DELAY_MS: u32 = 2_000;
/// Most loss that can be asked for.
pub const MAX_LOSS: f64 = 0.9;
/// Most input delay that can be asked for.
pub const MAX_INPUT_DELAY_FRAMES: u32 = 15;
/// A third of a second: above it the game waits for the other player.
const MAX_PREDICTION_FRAMES: u32 = 20;
/// Most frames that a page can be asked to run ahead.
const MAX_WINDOW_FRAMES: u32 = 120;
/// Frames by which an episode ends too late.
const LATE_FRAMES: i32 = 10;
/// Frames that a game still had when a page left it.
const FAR_FRAMES: u32 = 600;
/// Frames from a fault of an episode's end to that end, where no other length is asked for.
const ENDING_FRAMES: u32 = 60;
/// Input delay when none is asked for.
pub const INPUT_DELAY_FRAMES: u32 = 2;

/// What the address asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct PageParams {
    /// The room; none lets the server make one.
    pub room: Option<String>,
    /// Seed of the bot that plays here; none leaves it to the keyboard.
    pub bot: Option<u32>,
    /// Latency, jitter and loss of what this page sends.
    pub link: LinkProfile,
    /// This player's input delay.
    pub input_delay_frames: u32,
    /// Seed of the room's games.
    pub seed: Option<u32>,
    /// Faults that are switched on.
    pub faults: Faults,
    /// Players of the room; the first page decides.
    pub players: u8,
    /// Inputs that the server keeps for a page without a connection; the first page decides.
    pub queue_resync_threshold: u16,
    /// Whether the page plays or watches.
    pub role: Role,
    /// Players whom no page plays: every page works out by itself what they do.
    pub bots: u8,
    /// Which worker runs the game.
    pub worker: GameWorker,
    /// Whether pages connect with each other; if not, the server carries everything.
    pub p2p_mode: bool,
    /// STUN servers.
    pub ice_servers: Vec<String>,
    /// TURN servers.
    pub turn_servers: Vec<TurnServer>,
    /// Use paths through a TURN server only.
    pub relay_only: bool,
    /// Episodes to play.
    pub episodes: u32,
    /// Frames by which the page counts an episode wrongly.
    pub miscounted_frames: i32,
    /// Whether it polls its server before its socket opens.
    pub polls_first: bool,
    /// Whether a hidden page holds the game up.
    pub pause_when_hidden: bool,
    /// Whether the server is handed the rows and counters of episodes.
    pub rows: bool,
    /// Frames that this page may run ahead of the others' inputs.
    pub window_frames: u32,
    /// How missing inputs are guessed.
    pub prediction: PredictionRule,
    /// The optimisations that are switched.
    pub switches: Switches,
}

/// A worker that runs the arena's game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GameWorker {
    /// The game in Rust, as wasm.
    #[default]
    Wasm,
    /// The game in Python, by Pyodide.
    Python,
}

impl Default for PageParams {
    fn default() -> Self {
        Self {
            room: None,
            bot: None,
            link: LinkProfile::default(),
            input_delay_frames: INPUT_DELAY_FRAMES,
            seed: None,
            faults: Faults::default(),
            players: 2,
            queue_resync_threshold: QUEUE_RESYNC_THRESHOLD,
            role: Role::default(),
            bots: 0,
            worker: GameWorker::default(),
            p2p_mode: true,
            ice_servers: Vec::new(),
            turn_servers: Vec::new(),
            relay_only: false,
            episodes: 1,
            miscounted_frames: 0,
            polls_first: false,
            pause_when_hidden: false,
            rows: false,
            window_frames: MAX_PREDICTION_FRAMES,
            prediction: PredictionRule::default(),
            switches: Switches::default(),
        }
    }
}

impl PageParams {
    /// Reads the part of an address after `?`; the `?` itself may be there. Empty values count as
    /// not given.
    ///
    /// # Errors
    ///
    /// One sentence per parameter that cannot be read or is not known.
    pub fn parse(query: &str) -> Result<Self, Vec<String>> {
        let mut params = Self::default();
        let mut problems = Vec::new();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if value.is_empty() {
                continue;
            }
            if let Err(problem) = params.set(name, &decoded(value)) {
                problems.push(problem);
            }
        }
        if params.worker == GameWorker::Python && params.faults.need_own_worker() {
            problems
                .push("These faults are in the worker in Rust: leave env=python out.".to_owned());
        }
        if params.players + params.bots > MOST_PLAYERS {
            problems.push(format!("players and bots are {MOST_PLAYERS} at most."));
        }
        if params.role == Role::Spectator && params.room.is_none() {
            problems.push("role=spectator needs the room to watch: room=NAME.".to_owned());
        }
        params.obey_faults();
        if problems.is_empty() { Ok(params) } else { Err(problems) }
    }

    /// How the data channel carries messages: as asked, if no fault says otherwise.
    #[must_use]
    pub fn transport(&self) -> Transport {
        match self.faults.has(Fault::OrderedChannel) && self.faults.from().is_some() {
            true => Transport::Reliable,
            false => self.switches.transport,
        }
    }

    // Faults of how a page is set up: what it would rather have is of no account.
    fn obey_faults(&mut self) {
        let is_on = self.faults.from().is_some();
        if is_on && self.faults.has(Fault::RelayedInputs) {
            self.p2p_mode = false;
        }
        self.polls_first = is_on && self.faults.has(Fault::PolledFirst);
        // Without a server that carries it, a connection that must take one is none.
        if is_on && self.faults.has(Fault::FailedPairing) {
            self.relay_only = true;
            self.turn_servers.clear();
        }
        self.obey_faults_of_length();
        self.rows |= self.faults.need_rows();
        if self.faults.has(Fault::BotDiffers) {
            self.bots = self.bots.max(1);
        }
        // Nobody asks for a state while nothing differs.
        if self.faults.has(Fault::WholeState) {
            self.switches.engine.resync = ResyncRule::Full;
        }
    }

    // Faults of an episode's end need one; the room's first page asks for it.
    fn obey_faults_of_length(&mut self) {
        let Some(from) = self.faults.from() else { return };
        let of = [Fault::EndsDiffer, Fault::EndsLate, Fault::BrokenOff];
        let [differs, is_late, breaks_off] = of.map(|fault| self.faults.has(fault));
        if !(differs || is_late || breaks_off) {
            return;
        }
        let usual = if breaks_off { FAR_FRAMES } else { ENDING_FRAMES };
        let asked = *self.switches.engine.episode_frames.get_or_insert(from.saturating_add(usual));
        if asked > from {
            // A page that counts a step too many is done one too early.
            self.miscounted_frames = if is_late { LATE_FRAMES } else { -i32::from(differs) };
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "room" if is_room_name(value) => self.room = Some(value.to_owned()),
            "room" => {
                return Err(format!(
                    "room is a name of 1 to {MAX_ROOM_NAME_CHARS} letters, digits, - and _, \
                     not “{value}”."
                ));
            }
            "bot" => self.bot = Some(number(name, value, 0, u32::MAX)?),
            "seed" => self.seed = Some(number(name, value, 0, u32::MAX)?),
            "latency_ms" => self.link.latency_micros = micros(name, value)?,
            "jitter_ms" => self.link.jitter_micros = micros(name, value)?,
            "loss" => {
                self.link.loss = number(name, value, 0.0, MAX_LOSS)
                    .map_err(|problem| format!("{problem} It is a share: 5 % is 0.05."))?;
            }
            "input_delay" => {
                self.input_delay_frames = number(name, value, 0, MAX_INPUT_DELAY_FRAMES)?;
            }
            "fault" => {
                let from = self.faults.from();
                self.faults = Faults::parse(value)?.starting(from);
            }
            "from" => self.faults = self.faults.starting(Faults::parse_from(value)?),
            "role" => {
                let known = [("player", Role::Player), ("spectator", Role::Spectator)];
                self.role = one_of(name, value, &known)?;
            }
            "players" => self.players = number(name, value, 2, MOST_PLAYERS)?,
            "bots" => self.bots = number(name, value, 0, MOST_PLAYERS - 2)?,
            "queue_resync_threshold" => {
                self.queue_resync_threshold = number(name, value, 1, MAX_QUEUE_RESYNC_THRESHOLD)?;
            }
            "env" => {
                let known = [("wasm", GameWorker::Wasm), ("python", GameWorker::Python)];
                self.worker = one_of(name, value, &known)?;
            }
            "p2p" => self.p2p_mode = one_of(name, value, &SWITCH)?,
            "relay_only" => self.relay_only = one_of(name, value, &SWITCH)?,
            "stun" => self.ice_servers.push(format!("stun:{value}")),
            "turn" => self.turn_servers.push(turn_server(value)?),
            "episodes" => self.episodes = number(name, value, 1, 1_000)?,
            "pause_hidden" => self.pause_when_hidden = one_of(name, value, &SWITCH)?,
            "rows" => self.rows = one_of(name, value, &SWITCH)?,
            "window" => self.window_frames = number(name, value, 1, MAX_WINDOW_FRAMES)?,
            "prediction" => {
                let known = PredictionRule::ALL.map(|rule| (rule.name(), rule));
                self.prediction = one_of(name, value, &known)?;
            }
            _ if self.switches.set(name, value)? => {}
            _ => {
                return Err(format!(
                    "“{name}” is not known here; known are room, bot, seed, latency_ms, jitter_ms, \
                     loss, input_delay, players, bots, queue_resync_threshold, role, env, p2p, stun, turn, \
                     relay_only, episodes, pause_hidden, rows, prediction, window, {}, fault and from.",
                    Switches::NAMES.join(", ")
                ));
            }
        }
        Ok(())
    }
}

// What a form or a script writes in an address: `%3A` for a colon. What is no such code stays.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let mut after = rest.clone();
        let mut digit = || after.next().and_then(|byte| char::from(byte).to_digit(16));
        match (byte, byte == b'%', digit(), digit()) {
            (_, true, Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = after;
            }
            (b'+', ..) => bytes.push(b' '),
            (byte, ..) => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

// `user:password@host:port`, with what else the address of a server may say behind it.
fn turn_server(value: &str) -> Result<TurnServer, String> {
    let parts = value.split_once('@').and_then(|(who, at)| Some((who.split_once(':')?, at)));
    let ((username, credential), at) =
        parts.ok_or_else(|| format!("turn is user:password@host:port, not “{value}”."))?;
    Ok(TurnServer {
        urls: format!("turn:{at}"),
        username: username.to_owned(),
        credential: credential.to_owned(),
    })
}

fn micros(name: &str, value: &str) -> Result<u64, String> {
    number(name, value, 0, MAX_DELAY_MS).map(|millis| u64::from(millis) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_can_be_asked_for() {
        let query = "?room=ice-1&bot=7&latency_ms=80&jitter_ms=30&loss=0.05&input_delay=3&seed=9";
        let params = PageParams::parse(query).unwrap();
        assert_eq!(
            (params.room.as_deref(), params.bot, params.seed),
            (Some("ice-1"), Some(7), Some(9))
        );
        assert_eq!((params.link.latency_micros, params.link.jitter_micros), (80_000, 30_000));
        assert_eq!((params.link.loss, params.input_delay_frames), (0.05, 3));
    }

    #[test]
    fn the_way_of_playing_can_be_asked_for() {
        let query = "players=6&role=spectator&room=a&env=python&p2p=off&stun=localhost:3478&relay_only=on&\
                     prediction=frequency&turn=me:secret@localhost:3478?transport=udp&\
                     episodes=3&pause_hidden=on&rows=on";
        let params = PageParams::parse(query).unwrap();
        assert_eq!((params.players, params.worker), (6, GameWorker::Python));
        assert_eq!(params.role, Role::Spectator);
        assert_eq!((params.p2p_mode, params.relay_only), (false, true));
        assert_eq!(params.ice_servers, ["stun:localhost:3478"]);
        assert_eq!(params.prediction, PredictionRule::Frequency);
        assert_eq!((params.episodes, params.pause_when_hidden, params.rows), (3, true, true));
        let turn = TurnServer {
            urls: "turn:localhost:3478?transport=udp".to_owned(),
            username: "me".to_owned(),
            credential: "secret".to_owned(),
        };
        assert_eq!(params.turn_servers, [turn]);
    }

    #[test]
    fn an_address_may_be_written_in_codes() {
        let query = "turn=me%3Asecret%2f%25@localhost%3A3478%3Ftransport%3Dudp&stun=a%3A1";
        let params = PageParams::parse(query).unwrap();
        assert_eq!(params.turn_servers[0].credential, "secret/%");
        assert_eq!(params.turn_servers[0].urls, "turn:localhost:3478?transport=udp");
        assert_eq!(params.ice_servers, ["stun:a:1"]);
        check_refused("stun=a&lag=%zz+%4", "“lag”");
        check_refused("role=%zz+%4", "not “%zz %4”");
    }

    #[test]
    fn faults_and_their_frame_can_be_asked_for_in_either_order() {
        for query in
            ["fault=ordered-channel,no-hashes&from=90", "from=90&fault=ordered-channel,no-hashes"]
        {
            let params = PageParams::parse(query).unwrap();
            assert_eq!(params.faults.query(), "?fault=no-hashes,ordered-channel&from=90");
            assert_eq!(params.transport(), Transport::Reliable);
        }
        let never = PageParams::parse("fault=ordered-channel,export-gap&from=never").unwrap();
        assert_eq!((never.transport(), never.rows), (Transport::default(), false));
        assert!(PageParams::parse("fault=export-gap").unwrap().rows);
    }

    #[test]
    fn nothing_asked_is_the_default() {
        assert_eq!(PageParams::parse("").unwrap(), PageParams::default());
        assert_eq!(PageParams::parse("?room=&loss=").unwrap(), PageParams::default());
    }

    #[track_caller]
    fn check_refused(query: &str, words: &str) {
        let problems = PageParams::parse(query).unwrap_err().join(" ");
        assert!(problems.contains(words), "{problems}");
    }

    #[test]
    fn what_cannot_be_read_is_said_in_words() {
        check_refused("latency_ms=fast", "latency_ms is a number from 0 to 2000, not “fast”.");
        check_refused("latency_ms=-1", "from 0 to 2000");
        check_refused("loss=5", "It is a share: 5 % is 0.05.");
        check_refused("loss=NaN", "loss is a number from 0 to 0.9");
        check_refused("window=0", "window is a number from 1 to 120");
        check_refused("input_delay=99", "from 0 to 15");
        check_refused("room=a%20b", "room is a name of");
        check_refused("fault=unseeded", "no fault of the name “unseeded”");
        check_refused("fault=wall-clock&env=python", "leave env=python out");
        check_refused("from=soon", "from is a frame's number or “never”, not “soon”.");
        check_refused("role=spectator", "needs the room to watch");
        check_refused("role=judge&room=a", "role is one of player, spectator");
        check_refused("queue_resync_threshold=0", "is a number from 1 to 250");
        check_refused("players=7&bots=2", "players and bots are 8 at most");
        check_refused("players=9", "players is a number from 2 to 8");
        check_refused("env=ruby", "env is one of wasm, python, not “ruby”.");
        check_refused("turn=localhost:3478", "turn is user:password@host:port");
        check_refused("p2p=maybe", "p2p is one of on, off");
        check_refused("lag=3", "“lag” is not known here");
        assert_eq!(PageParams::parse("loss=2&bot=x").unwrap_err().len(), 2);
    }
}
