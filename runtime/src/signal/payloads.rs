//! What the events carry: places, speakers, steps of WebRTC, messages and states on their way.
//!
//! Plain data with the names of the wire; which event carries what stands in the parent module.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A wish for a place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Join {
    /// The room; none lets the server make one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub game_id: Option<String>,
    /// Seed for the room's games; the first page that names one decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub game_seed: Option<u32>,
    /// Players of the room, 2 to 8; the first page decides, none means 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_players: Option<u8>,
    /// Inputs that wait for a page without a connection before it needs a whole state, 1 to 250;
    /// the first page decides, none means 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_resync_threshold: Option<u16>,
    /// Frames of an episode; the first page decides, none leaves the end to the game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<u32>,
    /// The place that the page had before it lost its connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// Whether the page plays or watches.
    #[serde(skip_serializing_if = "Role::is_player")]
    pub role: Role,
}

/// What a page is in its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It has a player.
    #[default]
    Player,
    /// It sees what the players have confirmed, and nobody waits for it.
    Spectator,
}

impl Role {
    fn is_player(&self) -> bool {
        *self == Self::Player
    }
}

/// A place that a page had and wants back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// Its index.
    pub player_id: u8,
    /// What the server gave out with it.
    pub token: String,
    /// Whether its game had begun: a server that was started anew does not know.
    pub is_playing: bool,
    /// Whether the page was loaded anew and has lost its game.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_lost_game: bool,
}

/// A place in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The room.
    pub game_id: String,
    /// Index of the player at this page, or of the spectator, which has no token.
    pub player_id: u8,
    /// Players of the room.
    pub num_players: u8,
    /// Seed of the room's games.
    pub game_seed: u32,
    /// Frames of an episode, if the room's first page named a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<u32>,
    /// Proves later that the place was this page's.
    pub token: String,
    /// Whether the game runs and this page, loaded anew, takes it from the others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_running: bool,
}

/// Who speaks, in which room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speaker {
    /// The room.
    pub game_id: String,
    /// Index of the speaker.
    pub player_id: u8,
}

/// What a page tells of the course of its game.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Told {
    /// The room.
    pub game_id: String,
    /// Index of the speaker.
    pub player_id: u8,
    /// Why, where it is told of something that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The frame that the speaker is about to step, once its game runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_number: Option<u32>,
    /// How long it lasted, where it is told of an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
}

/// The end of a game before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenOff {
    /// The room.
    pub game_id: String,
    /// Why: `partner_disconnected`.
    pub reason: String,
    /// Index of the page that is gone.
    pub disconnected_player_id: u8,
}

/// A description of WebRTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The room.
    pub game_id: String,
    /// Index of the speaker.
    pub player_id: u8,
    /// Index of the page that it is for.
    pub target_player: u8,
    /// Which connection of the two pages is meant, counted from 1 by the page that offers.
    pub connection: u32,
    /// The description.
    pub sdp: String,
}

/// A candidate of WebRTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The room.
    pub game_id: String,
    /// Index of the speaker.
    pub player_id: u8,
    /// Index of the page that it is for.
    pub target_player: u8,
    /// As in [`Description`].
    pub connection: u32,
    /// The candidate line.
    pub candidate: String,
    /// The media section that it belongs to.
    #[serde(rename = "sdpMid")]
    pub sdp_mid: Option<String>,
    /// The same by index.
    #[serde(rename = "sdpMLineIndex")]
    pub sdp_m_line_index: Option<u16>,
}

/// A message between pages that the server carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relayed {
    /// The room.
    pub game_id: String,
    /// Index of the speaker.
    pub player_id: u8,
    /// Index of the page that it is for; none means all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_player: Option<u8>,
    /// First frame that an input applies to, or the speaker's frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_number: Option<u32>,
    /// When it was sent: the speaker's milliseconds since the epoch with fractions, on a clock that
    /// never jumps.
    pub timestamp: f64,
    /// The message as an object (`docs/peer-protocol.md`).
    pub message: Value,
}

/// A wish for a whole state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateWish {
    /// The room.
    pub game_id: String,
    /// Index of the page that needs it.
    pub player_id: u8,
    /// No state of an earlier frame helps.
    pub frame_number: u32,
}

/// A whole state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullState {
    /// The room.
    pub game_id: String,
    /// Index of the page whose state it is.
    pub player_id: u8,
    /// Index of the page that asked.
    pub target_player: u8,
    /// Frame that the state stands before.
    pub frame_number: u32,
    /// The state text.
    pub state: String,
}

/// A text for all pages of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hud {
    /// The room.
    pub game_id: String,
    /// Index of the speaker.
    pub player_id: u8,
    /// The text.
    pub hud_text: String,
}

/// A page's own counters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    /// The room.
    pub game_id: String,
    /// Index of the page that counted.
    pub player_id: u8,
    /// What it counted (`docs/peer-protocol.md`).
    pub metrics: Value,
}

/// Whose rows are handed over, beside the rows themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodeData {
    /// The room.
    pub game_id: String,
    /// Index of the page that hands them over.
    pub player_id: u8,
    /// The episode, counted from 0.
    pub episode_num: u32,
}

/// What the server answers to rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// `ok`, or why not.
    pub status: String,
    /// Whether it keeps them.
    pub saved: bool,
}
