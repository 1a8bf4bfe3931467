//! What a page hands to its server at the end of an episode, in the bytes that MUG's pages send.

use super::*;

/// The page's web socket.
const SOCKET: ChannelId = ChannelId(4);

/// The faults of what a page hands over; both pages hand over their rows where one is planted.
pub(super) const EXPORT_FAULTS: [Fault; 9] = [
    Fault::ExportGap,
    Fault::ExportTwice,
    Fault::ExportGuess,
    Fault::ExportEarly,
    Fault::ExportUnsaved,
    Fault::ExportRewards,
    Fault::WrongCounters,
    Fault::ExportOtherReward,
    Fault::ExportShifted,
];

/// A value of MessagePack.
enum Pack {
    Number(u16),
    Float(f64),
    Array(Vec<Pack>),
    Map(Vec<(String, Pack)>),
}

impl Pack {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Number(number) => {
                out.push(0xcd);
                out.extend(number.to_be_bytes());
            }
            Self::Float(number) => {
                out.push(0xcb);
                out.extend(number.to_be_bytes());
            }
            Self::Array(items) => {
                out.push(0xdc);
                out.extend((items.len() as u16).to_be_bytes());
                items.iter().for_each(|item| item.write(out));
            }
            Self::Map(members) => {
                out.push(0x80 | members.len() as u8);
                for (key, value) in members {
                    out.push(0xa0 | key.len() as u8);
                    out.extend(key.as_bytes());
                    value.write(out);
                }
            }
        }
    }
}

impl Peer {
    pub(super) fn say(&mut self, now: Micros, way: Way, text: &str) {
        self.record(now, SOCKET, way, Value::String(Cow::Borrowed(text)));
    }

    pub(super) fn record_socket(&mut self) {
        let details = ChannelDetails {
            url: Some(Cow::Borrowed("ws://127.0.0.1/socket.io/?EIO=4&transport=websocket")),
            ..ChannelDetails::default()
        };
        let opened =
            EventKind::ChannelOpened(ChannelOpened { kind: ChannelKind::WebSocket, details });
        self.builder.push(Micros(0), SOCKET, &opened);
        let open = "0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":8000,\"pingTimeout\":8000}";
        self.say(Micros(0), Way::Received, open);
    }

    /// Hands over the rows of frames before `end`, spoiled by the fault.
    pub(super) fn export(&mut self, now: Micros, end: u32) {
        let fault = self.fault;
        let mut frames: Vec<u32> = (0..end).collect();
        match fault {
            Fault::ExportGap => frames.retain(|frame| *frame != FAULT_FRAME),
            Fault::ExportTwice => frames.insert(FAULT_FRAME as usize, FAULT_FRAME),
            _ => {}
        }
        let action = |frame: u32, player: &str| {
            let other = fault == Fault::ExportGuess && frame == FAULT_FRAME && player == "1";
            self.used[&Frame(frame)][player].0 as u16 + u16::from(other)
        };
        let spoils_reward = matches!(fault, Fault::ExportRewards | Fault::ExportOtherReward);
        let reward = |frame: u32, player: &str| {
            let other = spoils_reward && frame == FAULT_FRAME;
            reward(self.used[&Frame(frame)][player]) + f64::from(u8::from(other))
        };
        let is_shifted = fault == Fault::ExportShifted;
        let numbered = |frame: u32| frame + u32::from(is_shifted && frame >= FAULT_FRAME);
        let columns = |cell: &dyn Fn(u32, &str) -> Pack| {
            let column = |player: &str| {
                let cells = frames.iter().map(|frame| cell(*frame, player));
                (player.to_owned(), Pack::Array(cells.collect()))
            };
            Pack::Map(vec![column("0"), column("1")])
        };
        let data = Pack::Map(vec![
            ("actions".to_owned(), columns(&|frame, player| Pack::Number(action(frame, player)))),
            ("rewards".to_owned(), columns(&|frame, player| Pack::Float(reward(frame, player)))),
            (
                "t".to_owned(),
                Pack::Array(
                    frames.iter().map(|frame| Pack::Number(numbered(*frame) as u16)).collect(),
                ),
            ),
        ]);
        let mut packed = Vec::new();
        data.write(&mut packed);
        let event = "451-7[\"emit_episode_data\",{\"data\":{\"_placeholder\":true,\"num\":0},\
                     \"scene_id\":\"s\",\"episode_num\":0}]";
        self.say(now, Way::Sent, event);
        self.record(now, SOCKET, Way::Sent, Value::ArrayBuffer(&packed));
        let is_saved = fault != Fault::ExportUnsaved;
        let answer = format!("437[{{\"status\":\"ok\",\"saved\":{is_saved}}}]");
        self.say(now, Way::Received, &answer);
        self.export_counters(now);
        if EXPORT_FAULTS.contains(&fault) {
            self.is_fault_spent = true;
            self.planted_at = Frame(FAULT_FRAME);
        }
    }

    fn export_counters(&mut self, now: Micros) {
        let off = usize::from(self.fault == Fault::WrongCounters);
        let rollbacks = logged_rollbacks(&self.events).len() + off;
        let counters = format!(
            "42[\"emit_multiplayer_metrics\",{{\"scene_id\":\"s\",\"metrics\":{{\"validation\":\
             {{\"episodes\":[{{\"episodeNum\":1,\"rollbackCount\":{rollbacks},\"desyncCount\":0}}]}}}}}}]"
        );
        self.say(now, Way::Sent, &counters);
    }

    /// Reports the times in the background: the one of a second, unless the fault leaves it out.
    pub(super) fn report_background(&mut self, now: Micros) {
        let millis = 60.0 * TICK_MICROS as f64 / 1e3;
        let periods = match self.fault {
            Fault::BackgroundForgotten => String::new(),
            _ => format!("{{\"start\":1,\"end\":2,\"durationMs\":{millis}}}"),
        };
        let counters = format!(
            "42[\"emit_multiplayer_metrics\",{{\"scene_id\":\"s\",\"metrics\":{{\"focusLoss\":\
             {{\"backgroundPeriods\":[{periods}]}}}}}}]"
        );
        self.say(now, Way::Sent, &counters);
    }
}
