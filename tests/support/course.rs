//! What pages and their server say of a game's course, where the fault is about that.

use super::*;

/// The faults that the page's words to its server show.
pub(super) const SERVER_FAULTS: [Fault; 4] =
    [Fault::FailedPairing, Fault::LostChannel, Fault::BrokenOff, Fault::RelayedInputs];

/// The tick at which each of them happens; the game is past the frame of the fault by then.
const AT: u32 = 90;

/// Ticks between two pings.
const PING_TICKS: u32 = 30;

/// Ticks of a timer in one step: two for each frame, and a page catches six up.
const TICKS_TOO_MANY: usize = 20;

impl Peer {
    pub(super) fn say_course(&mut self, tick: u32, now: Micros) {
        let frame = self.engine.current();
        let words: Vec<(Way, String)> = match (self.fault, tick) {
            (Fault::FailedPairing, 0) => vec![
                (Way::Sent, event("p2p_validation_failed", r#""reason":"timeout""#)),
                (Way::Received, event("p2p_validation_repool", r#""reason":"timeout""#)),
                (Way::Sent, event("p2p_validation_success", r#""player_id":"0""#)),
            ],
            (Fault::LostChannel, AT) => vec![
                (Way::Sent, event("p2p_connection_lost", &format!(r#""frame_number":{frame}"#))),
                (Way::Received, event("p2p_pause", &format!(r#""pause_frame":{frame}"#))),
                (Way::Sent, event("p2p_reconnection_success", r#""duration_ms":300"#)),
                (Way::Received, event("p2p_resume", r#""game_id":"g""#)),
            ],
            (Fault::BrokenOff, AT) => {
                vec![(Way::Received, event("p2p_game_ended", r#""reason":"partner_disconnected""#))]
            }
            (Fault::RelayedInputs, AT) => {
                let players = r#""players":["0","1"]"#;
                let input =
                    |frame: Frame| format!(r#""player_id":"0","action":1,"frame_number":{frame}"#);
                vec![
                    (Way::Received, event("pyodide_game_ready", players)),
                    (Way::Sent, event("pyodide_player_action", &input(frame))),
                    (Way::Sent, event("pyodide_player_action", &input(frame.next()))),
                ]
            }
            (Fault::LatePings, tick) if tick % PING_TICKS == 0 => {
                // A second and a half long there is none.
                let next = 5 * PING_TICKS;
                if !(2 * PING_TICKS + 1..next).contains(&tick) {
                    let ping = [&[2][..], &now.as_millis().to_be_bytes()].concat();
                    self.record(now, MUG_CHANNEL, Way::Sent, Value::ArrayBuffer(&ping));
                }
                if tick == next {
                    self.note_planted();
                }
                return;
            }
            (Fault::LostTick, _) => return self.tick_of_timer(now),
            (Fault::Unannounced, _) => {
                self.planted_at = Frame(FAULT_FRAME);
                return;
            }
            _ => return,
        };
        self.note_planted();
        if self.fault == Fault::FailedPairing {
            self.planted_at = Frame::ZERO;
        }
        for (way, text) in words {
            self.say(now, way, &text);
        }
    }

    pub(super) fn tick_of_timer(&mut self, now: Micros) {
        let tick = json!({"type": "tick", "timestamp": now.as_millis()});
        // More than the page would catch up.
        for _ in 0..TICKS_TOO_MANY {
            self.record(now, TIMER, Way::Received, convert::value(&tick));
        }
    }
}

fn event(name: &str, members: &str) -> String {
    format!("42[\"{name}\",{{\"game_id\":\"g\",{members}}}]")
}
