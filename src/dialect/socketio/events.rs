//! The events of MUG's server and of the older relayed design by name (MUG wire notes, §3), each
//! handed to what reads it. Events that say nothing of the game are known and passed over.

use super::super::memory::{Memory, clipped};
use super::super::native::{emit, text};
use super::super::{Place, Sink};
use super::{PLACE, configuration, export, metrics, relay};
use crate::capture::Value;
use crate::frame::Frame;
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact, Milestone, Signal};

/// Events that come often and say nothing of the game.
const MUTE: [&str; 3] = ["client_console_log", "ping", "pong"];

/// Events of the application that say nothing of the game's frames.
const SILENT: &[&str] = &[
    "register_subject",
    "server_session_id",
    "experiment_config",
    "pyodide_loading_start",
    "pyodide_loading_complete",
    "pyodide_loading_progress",
    "advance_scene",
    "leave_game",
    "request_current_scene",
    "sync_globals",
    "waiting_room",
    "single_player_waiting_room",
    "waiting_room_player_left",
    "match_found_countdown",
    "probe_prepare",
    "probe_start",
    "probe_ready",
    "probe_signal",
    "probe_result",
    "send_pressed_keys",
    "unity_episode_start",
    "unity_episode_end",
    "static_scene_data_emission",
    "emit_remote_game_data",
    "trigger_data_export",
    "execute_continuous_callback",
    "continuous_callback_result",
    "pyodide_hud_update",
    "pyodide_hud_sync",
    "request_redirect",
    "environment_state",
    "server_render_state",
    "player_action",
    "reset_complete",
    "game_reset",
    "end_game",
    "create_game_failed",
    "duplicate_session",
    "session_restored",
    "invalid_session",
    "rejoin_game",
    "rejoin_success",
    "rejoin_failed",
    "client_callback",
    "update_game_page_text",
    "execute_entry_callback",
    "entry_callback_result",
    // Of this project's own server.
    "start_p2p_connection",
    "p2p_connected",
    "game_ready",
    "resync_required",
    "player_disconnected",
    "player_reconnected",
    "player_left",
    "refused",
];

/// One event: its name, its first argument, and whether it asks for an acknowledgement.
pub(super) struct Event<'v, 'a> {
    pub(super) name: &'v str,
    pub(super) argument: &'v Value<'a>,
    pub(super) acknowledgement: Option<u64>,
}

impl<'v, 'a> Event<'v, 'a> {
    /// The event in a packet's list; `None` without a name.
    pub(super) fn of(list: &'v Value<'a>, acknowledgement: Option<u64>) -> Option<Self> {
        let Value::Array(items) = list else {
            return None;
        };
        let (name, arguments) = items.split_first()?;
        let argument = arguments.first().unwrap_or(&Value::Undefined);
        Some(Self { name: name.as_str()?, argument, acknowledgement })
    }

    /// The text of a member; empty if there is none.
    pub(super) fn text(&self, key: &str) -> &'v str {
        text(self.argument, key).unwrap_or_default()
    }

    /// The frame that a member names.
    pub(super) fn frame(&self, key: &str) -> Option<Frame> {
        self.argument.get(key).and_then(Value::as_u32).map(Frame)
    }
}

/// Where facts of one message go.
pub(super) struct Speaker<'s, 'p> {
    pub(super) place: &'p Place,
    pub(super) sink: &'s mut Sink<'p>,
}

impl Speaker<'_, '_> {
    pub(super) fn fact(&mut self, fact: Fact<'_>) {
        emit(self.place, fact, self.sink);
    }

    pub(super) fn milestone(&mut self, milestone: Milestone<'_>, frame: Option<Frame>) {
        let direction = self.place.direction;
        self.fact(Fact::MilestoneReached { direction, milestone, frame });
    }
}

/// Whether an event of a packet's data is one that is passed over without a look inside: it is
/// complete and of a name that comes often and tells nothing.
pub(super) fn is_mute(data: &str) -> bool {
    let name = data.strip_prefix("[\"").and_then(|rest| rest.split('"').next());
    name.is_some_and(|name| MUTE.contains(&name)) && data.ends_with(']')
}

/// Whether an event of a packet's data is a line of the page's log.
pub(super) fn is_log(data: &str) -> bool {
    data.starts_with("[\"client_console_log\"")
}

/// Reads one event. Events that nobody knows are issues.
pub(super) fn read(
    event: &Event<'_, '_>,
    speaker: &mut Speaker<'_, '_>,
    memory: &mut Memory<'_>,
    issues: &mut IssueLog,
) {
    let is_sent = speaker.place.is_sent();
    let reason = event.text("reason");
    if let Some(message) = event.argument.get("message").filter(|one| one.get("v").is_some()) {
        return relay::read_native(message, speaker, memory, issues);
    }
    let milestone = match event.name {
        "activate_scene" => {
            configuration::read(event, speaker, memory, issues);
            Milestone::SceneActivated { scene: event.text("scene_id") }
        }
        "terminate_scene" => Milestone::SceneTerminated { scene: event.text("scene_id") },
        "join_game" => Milestone::GameJoined,
        "start_game" => {
            configuration::read(event, speaker, memory, issues);
            Milestone::GameStarted
        }
        "pyodide_player_assigned" | "pyodide_game_ready" => {
            return configuration::read(event, speaker, memory, issues);
        }
        "p2p_validation_status" => Milestone::ValidationRunning,
        "p2p_validation_success" => Milestone::ValidationSucceeded,
        "p2p_validation_failed" => Milestone::ValidationFailed { reason },
        "p2p_validation_complete" => Milestone::ValidationCompleted,
        "p2p_validation_repool" => Milestone::Repooled { reason },
        "p2p_connection_type" => Milestone::ConnectionFound { kind: event.text("connection_type") },
        "p2p_health_report" => Milestone::HealthReported { status: event.text("status") },
        "p2p_connection_lost" => Milestone::ConnectionLost,
        "p2p_pause" => Milestone::Paused,
        "p2p_reconnection_success" => Milestone::Reconnected,
        "p2p_resume" => Milestone::Resumed,
        "p2p_reconnection_timeout" => Milestone::ReconnectionTimedOut,
        "multiplayer_game_complete" | "server_game_complete" => Milestone::GameCompleted,
        "p2p_game_ended" => Milestone::GameEnded { reason },
        "mid_game_exclusion" | "partner_excluded" => Milestone::PlayerExcluded { reason },
        "participant_terminal_state" => Milestone::Terminal { reason },
        "webrtc_signal" => return signal(event.text("type"), speaker, issues),
        "webrtc_offer" => return signal("offer", speaker, issues),
        "webrtc_answer" => return signal("answer", speaker, issues),
        "webrtc_ice" => return signal("ice-candidate", speaker, issues),
        "pyodide_player_action" | "pyodide_other_player_action" => {
            return relay::read_input(event, speaker, memory, issues);
        }
        "p2p_state_sync"
        | "pyodide_state_hash"
        | "p2p_state_request"
        | "pyodide_request_resync"
        | "pyodide_request_full_state"
        | "p2p_state_response"
        | "pyodide_send_full_state"
        | "pyodide_apply_full_state"
        | "server_authoritative_state"
        | "server_episode_start" => {
            return relay::read_state(event, speaker, issues);
        }
        "emit_episode_data" => return export::read_rows(event, speaker, memory, issues),
        "emit_multiplayer_metrics" => return metrics::read(event, speaker, issues),
        name if SILENT.contains(&name) || MUTE.contains(&name) => return,
        name => {
            let way = if is_sent { "sent" } else { "received" };
            return issues.push(PLACE, format!("an unknown event {:?}, {way}", clipped(name)));
        }
    };
    let frames = ["frame_number", "pause_frame", "termination_frame"];
    let frame = frames.into_iter().find_map(|key| event.frame(key));
    speaker.milestone(milestone, frame);
}

fn signal(kind: &str, speaker: &mut Speaker<'_, '_>, issues: &mut IssueLog) {
    let signal = match kind {
        "offer" => Signal::Offer,
        "answer" => Signal::Answer,
        "ice-candidate" => Signal::Candidate,
        other => {
            let text = format!("signalling of unknown type {:?}", clipped(other));
            return issues.push(PLACE, text);
        }
    };
    let direction: Direction = speaker.place.direction;
    speaker.fact(Fact::Signalled { direction, signal });
}
