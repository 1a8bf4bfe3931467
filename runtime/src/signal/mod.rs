//! What page and server say to each other, one Socket.IO event each: places, the negotiation of
//! WebRTC, and what the server carries between pages that have no connection of their own.
//!
//! Both sides use these types; names are those of the architecture that they come from, where it
//! has one. `docs/peer-protocol.md` shows them on the wire. Descriptions, candidates and relayed
//! messages pass through unread.

mod payloads;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use payloads::{
    BrokenOff, Candidate, Counters, Description, EpisodeData, FullState, Hud, Join, Place, Relayed,
    Resume, Role, Saved, Speaker, StateWish, Told,
};

/// Longest event that either side accepts; a description has 1 to 4 KB.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Most bytes of the rows of one episode.
pub const MAX_ROWS_BYTES: usize = 2 * 1024 * 1024;

/// Name of the event that brings the rows of an episode, as binary data: its argument is an
/// [`EpisodeData`] with the MessagePack of the rows in `data`, its acknowledgement a [`Saved`].
pub const EPISODE_DATA: &str = "emit_episode_data";

/// Longest name of a room.
pub const MAX_ROOM_NAME_CHARS: usize = 40;

/// `player_id` of a room's first spectator: a room has eight players at most, and spectators count
/// on from here.
pub const FIRST_SPECTATOR: u8 = 8;

/// Spectators of one room.
pub const MAX_SPECTATORS: u8 = 8;

/// Inputs that wait for a page without a connection where its room names no other number; above it
/// they are let go of, and the page needs a whole state.
pub const QUEUE_RESYNC_THRESHOLD: u16 = 50;

/// Most inputs that a room may have wait for one page: eight seconds of what the server is told.
pub const MAX_QUEUE_RESYNC_THRESHOLD: u16 = 250;

/// Longest text of a HUD.
pub const MAX_HUD_CHARS: usize = 300;

/// What a page says to the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum ToServer {
    /// Asks for a place in a room.
    JoinGame(Join),
    /// Leaves for good; a page that only loses its connection comes back instead.
    LeaveGame(Speaker),
    /// The description of the page that opens the channel.
    WebrtcOffer(Description),
    /// The description of the other page.
    WebrtcAnswer(Description),
    /// A way to reach the speaker.
    WebrtcIce(Candidate),
    /// The page can reach every other one, directly or by the server.
    P2pConnected(Speaker),
    /// The page has found a channel to another one.
    P2pValidationSuccess(Told),
    /// It found none in time; the server carries the game.
    P2pValidationFailed(Told),
    /// It has lost a channel.
    P2pConnectionLost(Told),
    /// It has the channel again.
    P2pReconnectionSuccess(Told),
    /// It has played all episodes.
    MultiplayerGameComplete(Told),
    /// Inputs for other pages.
    PyodidePlayerAction(Relayed),
    /// State hashes for other pages.
    PyodideStateHash(Relayed),
    /// Where the page stands, for other pages.
    PyodideFrameSync(Relayed),
    /// Any further message for other pages.
    P2pMessage(Relayed),
    /// The page has lost too much and asks for a whole state.
    PyodideRequestResync(StateWish),
    /// Answers the server's question for a whole state.
    PyodideSendFullState(FullState),
    /// The text that all pages show.
    PyodideHudUpdate(Hud),
    /// What the page counted, at the end of an episode.
    EmitMultiplayerMetrics(Counters),
}

/// What the server says to a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum FromServer {
    /// The page has a place.
    PyodidePlayerAssigned(Place),
    /// Somebody came or went before the room was full.
    WaitingRoom {
        /// Pages that have a place.
        players: u8,
        /// Places of the room.
        num_players: u8,
    },
    /// All places are taken: pages connect, of two the one with the lower index offers.
    StartP2pConnection {
        /// The room.
        game_id: String,
        /// The indices of all players; a spectator hears that of the one who feeds it.
        players: Vec<u8>,
    },
    /// All pages can reach each other: the game begins.
    GameReady {
        /// The room.
        game_id: String,
    },
    /// From another page.
    WebrtcOffer(Description),
    /// From another page.
    WebrtcAnswer(Description),
    /// From another page.
    WebrtcIce(Candidate),
    /// Another page's inputs.
    PyodideOtherPlayerAction(Relayed),
    /// Another page's hashes.
    PyodideStateHash(Relayed),
    /// Where another page stands.
    PyodideFrameSync(Relayed),
    /// Any further message of another page.
    P2pMessage(Relayed),
    /// Another page needs a whole state; any page may be asked, there is no host.
    PyodideRequestFullState(StateWish),
    /// The whole state that this page asked for.
    PyodideApplyFullState(FullState),
    /// The text that another page has put up.
    PyodideHudSync(Hud),
    /// More inputs waited for this page than its queue holds: they are gone, it needs a state.
    ResyncRequired {
        /// Inputs that were let go of.
        dropped: u64,
    },
    /// A page has lost its connection to the server; its place is kept for a while.
    PlayerDisconnected {
        /// Its index.
        player_id: u8,
    },
    /// It is back.
    PlayerReconnected {
        /// Its index.
        player_id: u8,
    },
    /// A page that was loaded anew has its place back: it knows nothing of the game any more.
    PlayerReloaded {
        /// Its index.
        player_id: u8,
        /// How often that happened at this place: what is said again is no news.
        reloads: u32,
    },
    /// A page is gone for good.
    PlayerLeft {
        /// Its index.
        player_id: u8,
    },
    /// A game of a fixed number of frames is over before its end.
    P2pGameEnded(BrokenOff),
    /// A page watches the game; this page is to feed it.
    SpectatorJoined {
        /// Its index, from [`FIRST_SPECTATOR`] on.
        player_id: u8,
    },
    /// It is gone.
    SpectatorLeft {
        /// Its index.
        player_id: u8,
    },
    /// The server refuses; it closes the connection after this.
    Refused {
        /// Why, for people.
        reason: String,
    },
}

/// An event as Socket.IO carries it: its name and its one argument.
#[must_use]
pub fn to_event(message: &impl Serialize) -> Option<(String, Value)> {
    let mut value = serde_json::to_value(message).ok()?;
    let name = value.get("event")?.as_str()?.to_owned();
    Some((name, value.get_mut("data").map(Value::take).unwrap_or_else(|| json!({}))))
}

/// Reads an event.
///
/// # Errors
///
/// When there is no event of that name, or its argument is none of it.
pub fn from_event<T: for<'de> Deserialize<'de>>(
    name: &str,
    argument: Value,
) -> Result<T, serde_json::Error> {
    let members = [("event".to_owned(), Value::from(name)), ("data".to_owned(), argument)];
    serde_json::from_value(Value::Object(members.into_iter().collect()))
}

/// Names of the events that a page listens to.
pub const FROM_SERVER: [&str; 23] = [
    "pyodide_player_assigned",
    "waiting_room",
    "start_p2p_connection",
    "game_ready",
    "webrtc_offer",
    "webrtc_answer",
    "webrtc_ice",
    "pyodide_other_player_action",
    "pyodide_state_hash",
    "pyodide_frame_sync",
    "p2p_message",
    "pyodide_request_full_state",
    "pyodide_apply_full_state",
    "pyodide_hud_sync",
    "resync_required",
    "player_disconnected",
    "player_reconnected",
    "player_reloaded",
    "player_left",
    "p2p_game_ended",
    "spectator_joined",
    "spectator_left",
    "refused",
];

/// Whether `name` can be a room: 1 to [`MAX_ROOM_NAME_CHARS`] of `a-z`, `A-Z`, `0-9`, `-`, `_`.
#[must_use]
pub fn is_room_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=MAX_ROOM_NAME_CHARS).contains(&name.len()) && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_wire<T>(message: &T, name: &str, argument: &Value)
    where
        T: Serialize + for<'a> Deserialize<'a> + PartialEq + std::fmt::Debug,
    {
        assert_eq!(to_event(message), Some((name.to_owned(), argument.clone())));
        assert_eq!(&from_event::<T>(name, argument.clone()).unwrap(), message);
    }

    #[test]
    fn messages_stand_on_the_wire_as_documented() {
        check_wire(&ToServer::JoinGame(Join::default()), "join_game", &json!({}));
        let place = Place {
            game_id: "ice".to_owned(),
            player_id: 1,
            num_players: 2,
            game_seed: 7,
            max_steps: None,
            token: "t".to_owned(),
            is_running: false,
        };
        let wire = json!({
            "game_id": "ice", "player_id": 1, "num_players": 2, "game_seed": 7, "token": "t",
        });
        check_wire(&FromServer::PyodidePlayerAssigned(place), "pyodide_player_assigned", &wire);
        let candidate = Candidate {
            game_id: "ice".to_owned(),
            player_id: 0,
            target_player: 1,
            connection: 2,
            candidate: "candidate:1".to_owned(),
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: Some(0),
        };
        let wire = json!({
            "game_id": "ice", "player_id": 0, "target_player": 1, "connection": 2,
            "candidate": "candidate:1", "sdpMid": "0", "sdpMLineIndex": 0,
        });
        check_wire(&ToServer::WebrtcIce(candidate), "webrtc_ice", &wire);
        let left = json!({"player_id": 3});
        check_wire(&FromServer::PlayerLeft { player_id: 3 }, "player_left", &left);
    }

    #[test]
    fn the_list_of_names_is_that_of_the_events() {
        // An unknown name is told apart from a bad argument by its words.
        let is_known = |error: serde_json::Error| !error.to_string().contains("unknown variant");
        for name in FROM_SERVER {
            let read = from_event::<FromServer>(name, json!(0));
            assert!(read.is_ok() || read.is_err_and(is_known), "{name}");
        }
        assert!(from_event::<ToServer>("run_python", json!({})).is_err());
    }

    #[test]
    fn room_names_are_short_and_plain() {
        assert!(is_room_name("quiet-fox_7"));
        for name in ["", "a b", "ä", "a/b", &"x".repeat(41)] {
            assert!(!is_room_name(name), "{name}");
        }
    }
}
