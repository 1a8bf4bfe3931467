//! What a page tells its session and hears from it.

use js_sys::Function;
use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::link::LinkProfile;
use rollscope::message::SessionSettings;
use rollscope::player::PlayerId;
use serde_json::{Value, json};

use super::super::rtc::RtcOptions;
use crate::presence::Presence;
use crate::route::Route;
use crate::session::Counts;
use crate::signal::Role;
use crate::switches::Switches;

/// What a page asks of a game session.
#[derive(Debug, Clone)]
pub struct GameConfig {
    /// The function `io` of `socket.io-client`.
    pub io: Function,
    /// Address of the server of rooms.
    pub server_url: String,
    /// Address of the module worker that runs the game.
    pub worker_url: String,
    /// Address of a worker that posts anything at least once per tick.
    pub timer_url: String,
    /// The room; none lets the server make one.
    pub room: Option<String>,
    /// Seed of the room's games; the server's word counts.
    pub seed: Option<u32>,
    /// Players of the room, 2 to 8; the first page's word counts.
    pub players: u8,
    /// Inputs that the server keeps for a page without a connection; the first page's word counts.
    pub queue_resync_threshold: u16,
    /// Whether the page plays or watches.
    pub role: Role,
    /// This peer's settings; the server's seed replaces the one in them.
    pub settings: SessionSettings,
    /// What this page does differently without the others' knowledge.
    pub switches: Switches,
    /// Frames by which this page counts an episode wrongly; 0 but for a page that shows what comes of it.
    pub miscounted_frames: i32,
    /// Whether the connection to the server begins by polling, as it must not: only a page that shows
    /// what comes of it does so.
    pub polls_first: bool,
    /// Episodes to play.
    pub num_episodes: u32,
    /// Whether a hidden page holds the game up.
    pub pause_when_hidden: bool,
    /// Whether the server is handed the rows and counters of episodes.
    pub hands_over_rows: bool,
    /// What is done to sent messages.
    pub link: LinkProfile,
    /// Whether pages connect with each other; if not, everything takes the relay.
    pub p2p_mode: bool,
    /// How they connect.
    pub rtc: RtcOptions,
    /// Packages that the worker is to make available first.
    pub packages: Vec<String>,
    /// The worker's environment; none means the only one.
    pub environment: Option<String>,
}

/// What the page's game does for its session.
pub trait PageGame {
    /// A place was given in a room of so many players; spectators count on from
    /// [`FIRST_SPECTATOR`](crate::signal::FIRST_SPECTATOR).
    fn handle_joined(&mut self, room: &str, player: PlayerId, players: u8);
    /// What `initEnv` gets for a game of so many players.
    fn environment_config(&mut self, players: u8) -> Value;
    /// The local player's action, which will apply to `frame`; asked once per tick.
    fn local_action(&mut self, frame: Frame) -> Action;
    /// The newest picture, as the worker's environment describes it.
    fn handle_render_state(&mut self, state: Value);
    /// Another player's page stands elsewhere now: it fell silent, is heard again, or is gone for good.
    fn handle_presence(&mut self, player: PlayerId, presence: Presence);
    /// The session stands elsewhere now.
    fn handle_status(&mut self, status: &Status);
}

/// Where a game session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The room is not full yet.
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

impl Status {
    /// `waiting`, `connecting`, `playing`, `stopped` or `failed`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::Playing => "playing",
            Self::Stopped(_) => "stopped",
            Self::Failed(_) => "failed",
        }
    }

    /// Why a game has ended, for people.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Stopped(reason) | Self::Failed(reason) => Some(reason),
            _ => None,
        }
    }
}

/// The way to another page, for people and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteStats {
    /// The player there.
    pub player: PlayerId,
    /// The way that messages take.
    pub route: Route,
    /// Whether the page is heard.
    pub presence: Presence,
    /// How often the relay had to help out.
    pub fallbacks: u32,
    /// How often the connection came back after that.
    pub returns: u32,
    /// Messages that the connection did not take.
    pub unsent: u32,
    /// Searches for new paths of the connection that is there.
    pub ice_restarts: u32,
    /// Microseconds by which the other page's clock is ahead of this one's.
    pub clock_offset_micros: Option<i64>,
}

/// Figures of a session; what is not known yet is none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stats {
    /// The local player.
    pub player: Option<PlayerId>,
    /// The episode that is played.
    pub episode: Option<Episode>,
    /// Frames stepped so far in it.
    pub frame: Option<Frame>,
    /// Highest frame with all players' real inputs.
    pub confirmed: Option<Frame>,
    /// Counts of the session.
    pub counts: Counts,
    /// Newest round trip to the page that is furthest away, shaping included.
    pub round_trip_micros: Option<u64>,
    /// Frames ahead of the peer that is furthest behind.
    pub advantage_frames: f64,
    /// The ways to the other pages.
    pub routes: Vec<RouteStats>,
    /// Whether the connection to the server is open.
    pub is_server_connected: bool,
    /// Spectators that this page feeds.
    pub spectators: usize,
}

impl Stats {
    /// The figures as an object for pages; null for what is not known yet.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let routes = self.routes.iter().map(|way| {
            json!({
                "player": way.player,
                "route": way.route.name(),
                "presence": way.presence.name(),
                "fallbacks": way.fallbacks,
                "returns": way.returns,
                "unsent": way.unsent,
                "iceRestarts": way.ice_restarts,
                "clockOffsetMs": way.clock_offset_micros.map(|micros| micros as f64 / 1000.0),
            })
        });
        json!({
            "player": self.player,
            "episode": self.episode,
            "frame": self.frame,
            "confirmed": self.confirmed,
            "rollbacks": self.counts.rollbacks,
            "resimulatedFrames": self.counts.resimulated_frames,
            "stalls": self.counts.stalls,
            "desyncs": self.counts.desyncs,
            "resyncs": self.counts.resyncs,
            "held": self.counts.held,
            "fastForwardedFrames": self.counts.fast_forwarded_frames,
            "unreadable": self.counts.unreadable,
            "dropped": self.counts.dropped,
            "foreign": self.counts.foreign,
            "roundTripMs": self.round_trip_micros.map(|micros| micros as f64 / 1000.0),
            "advantageFrames": self.advantage_frames,
            "routes": routes.collect::<Vec<_>>(),
            "isServerConnected": self.is_server_connected,
            "spectators": self.spectators,
        })
    }
}
