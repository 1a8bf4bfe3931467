//! The dialect of MUG's game channel: short binary messages between two peers, big-endian, the
//! first byte their type (MUG wire notes, §2). A matchmaking probe has the same label and speaks
//! JSON; it is never claimed here.

use super::{Dialect, Memory, Place, Sink};
use crate::action::Action;
use crate::capture::{ChannelKind, Value};
use crate::frame::{Episode, Frame};
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact, HandshakeStep, Observation};
use crate::player::{MAX_PLAYERS, PlayerId};

/// Place of the dialect's issues.
const PLACE: &str = "p2p_binary data channel";

/// The dialect.
pub(super) struct P2pBinary;

impl Dialect for P2pBinary {
    fn name(&self) -> &'static str {
        "p2p_binary"
    }

    fn documentation(&self) -> &'static str {
        "MUG's data channel between two peers: binary messages with inputs, pings, state hashes, \
         episode ends and starts, input requests and focus. Inputs, hashes and focus carry frames \
         and no episode. Handshake pings and the one JSON test message are part of it; a \
         matchmaking probe on a channel of the same label is not."
    }

    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool {
        let message = message.bytes().and_then(Message::decode);
        place.kind == ChannelKind::DataChannel
            && !matches!(message, None | Some(Message::KeepAlive))
    }

    fn read(
        &self,
        place: &Place,
        message: &Value<'_>,
        _memory: &mut Memory<'_>,
        sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    ) {
        let direction = place.direction;
        let mut emit = |fact| {
            sink(&Observation { evidence: place.evidence, time: place.time, fact });
        };
        let Some(bytes) = message.bytes() else {
            // One test message in JSON follows the handshake.
            if message.as_str().is_some_and(|text| text.starts_with("{\"type\":\"test\"")) {
                emit(Fact::HandshakeSeen { direction, step: HandshakeStep::Test });
            } else {
                issues.push(PLACE, "a message that is not binary");
            }
            return;
        };
        let Some(message) = Message::decode(bytes) else {
            return issues.push(PLACE, trouble(bytes));
        };
        let step = match bytes.first() {
            Some(0x10) => Some(HandshakeStep::Ping),
            Some(0x11) => Some(HandshakeStep::Pong),
            _ => None,
        };
        if let Some(step) = step {
            emit(Fact::HandshakeSeen { direction, step });
        }
        if let Some(fact) = message.fact(direction, issues) {
            emit(fact);
        }
    }
}

fn trouble(bytes: &[u8]) -> String {
    match bytes.first() {
        None => "an empty message".to_owned(),
        Some(kind @ (1..=7 | 0x10..=0x14)) => {
            format!("a message of type {kind:#04x} whose length is not that of its content")
        }
        Some(kind) => format!("a message of unknown type {kind:#04x}"),
    }
}

/// One message as it stands on the wire.
#[derive(Debug, Clone, PartialEq)]
enum Message {
    Inputs { player: u16, current: u32, inputs: Vec<(Frame, Action)> },
    Ping { millis: f64 },
    Pong { millis: f64 },
    KeepAlive,
    EpisodeEnd { frame: u32, episode: u32 },
    EpisodeReady { episode: u32, hash: u32 },
    StateHash { frame: u32, hash: u64 },
    InputRequest { first: u32, last: u32 },
    InputResponse { player: u16, inputs: Vec<(Frame, Action)> },
    Focus { is_focused: bool, frame: u32 },
}

impl Message {
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        let mut reader = Reader(rest);
        let message = match kind {
            0x01 => {
                let (player, current) = (reader.u16()?, reader.u32()?);
                let count = reader.u8()?;
                let _reserved = reader.u8()?;
                let inputs = reader.inputs(usize::from(count))?;
                Self::Inputs { player, current, inputs }
            }
            // The handshake's pings are pings too: they carry the sender's clock.
            0x02 | 0x10 => Self::Ping { millis: reader.f64()? },
            0x03 | 0x11 => Self::Pong { millis: reader.f64()? },
            0x04 => return Some(Self::KeepAlive),
            0x05 => Self::EpisodeEnd { frame: reader.u32()?, episode: reader.u32()? },
            0x06 => {
                let episode = reader.u32()?;
                let text = reader.array::<8>()?;
                let text = std::str::from_utf8(&text).ok()?;
                Self::EpisodeReady { episode, hash: u32::from_str_radix(text, 16).ok()? }
            }
            0x07 => Self::StateHash {
                frame: reader.u32()?,
                hash: reader.array().map(u64::from_be_bytes)?,
            },
            0x12 => Self::InputRequest { first: reader.u32()?, last: reader.u32()? },
            0x13 => {
                let (player, count) = (reader.u16()?, reader.u16()?);
                Self::InputResponse { player, inputs: reader.inputs(usize::from(count))? }
            }
            0x14 => Self::Focus { is_focused: reader.u8()? != 0, frame: reader.u32()? },
            _ => return None,
        };
        reader.0.is_empty().then_some(message)
    }

    fn fact(self, direction: Direction, issues: &mut IssueLog) -> Option<Fact<'static>> {
        Some(match self {
            Self::Inputs { player, current, inputs } => {
                let (player, current) = (known(player, issues)?, Some(Frame(current)));
                Fact::FrameInputsAnnounced {
                    direction,
                    player,
                    current,
                    inputs,
                    repeats_earlier: true,
                }
            }
            Self::InputResponse { player, inputs } => {
                let player = known(player, issues)?;
                Fact::FrameInputsAnnounced {
                    direction,
                    player,
                    current: None,
                    inputs,
                    repeats_earlier: true,
                }
            }
            Self::Ping { millis } if direction == Direction::Sent => {
                Fact::PingSent { stamp_micros: micros(millis) }
            }
            Self::Pong { millis } if direction == Direction::Received => {
                Fact::PongReceived { stamp_micros: micros(millis) }
            }
            Self::Ping { .. } | Self::Pong { .. } | Self::KeepAlive => return None,
            Self::EpisodeEnd { frame, episode } => {
                let (episode, frame) = (Episode(episode), Frame(frame));
                Fact::EpisodeEnded { direction, episode, frame }
            }
            // Ready messages count episodes from 1, end messages from 0.
            Self::EpisodeReady { episode, hash } => {
                let episode = Episode(episode.checked_sub(1)?);
                Fact::EpisodeReady { direction, episode, hash }
            }
            Self::StateHash { frame, hash } => {
                Fact::FrameHashReported { direction, frame: Frame(frame), hash }
            }
            Self::InputRequest { first, last } => {
                Fact::InputsRequested { direction, first: Frame(first), last: Frame(last) }
            }
            Self::Focus { is_focused, frame } => {
                Fact::FocusReported { direction, is_focused, frame: Frame(frame) }
            }
        })
    }
}

fn known(player: u16, issues: &mut IssueLog) -> Option<PlayerId> {
    let player = u8::try_from(player).ok().map(PlayerId).filter(|id| id.index() < MAX_PLAYERS);
    if player.is_none() {
        issues.push(PLACE, "inputs of a player beyond the highest number");
    }
    player
}

// Both pages echo the eight bytes, so rounding cannot part a ping from its pong.
fn micros(millis: f64) -> u64 {
    (millis * 1000.0).round() as u64
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_be_bytes)
    }

    // The list is made only when the bytes for it are there: a lying length costs nothing.
    fn inputs(&mut self, count: usize) -> Option<Vec<(Frame, Action)>> {
        if self.0.len() != count * 5 {
            return None;
        }
        (0..count).map(|_| Some((Frame(self.u32()?), Action(self.u8()?.into())))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ChannelMemory, PageMemory};
    use super::*;
    use crate::observation::Evidence;
    use crate::time::Micros;

    const PLACE_SENT: Place = Place {
        kind: ChannelKind::DataChannel,
        channel: 1,
        direction: Direction::Sent,
        evidence: Evidence { source: crate::observation::SourceId(0), seq: 7 },
        time: Micros(9),
        time_origin_ms: None,
    };

    fn read(bytes: &[u8]) -> (Vec<String>, u64) {
        let (mut facts, mut issues) = (Vec::new(), IssueLog::default());
        let mut sink = |seen: &Observation<'_>| facts.push(format!("{:?}", seen.fact));
        let (mut channel, mut page) = <(ChannelMemory, PageMemory)>::default();
        let mut memory = Memory { channel: &mut channel, page: &mut page };
        let message = Value::ArrayBuffer(bytes);
        P2pBinary.read(&PLACE_SENT, &message, &mut memory, &mut sink, &mut issues);
        (facts, issues.total())
    }

    #[test]
    fn inputs_keep_their_frames() {
        let bytes = [1, 0, 1, 0, 0, 1, 4, 2, 0, 0, 0, 1, 3, 9, 0, 0, 1, 4, 255];
        let (facts, issues) = read(&bytes);
        assert_eq!(issues, 0);
        let expected = Fact::FrameInputsAnnounced {
            direction: Direction::Sent,
            player: PlayerId(1),
            current: Some(Frame(260)),
            inputs: vec![(Frame(259), Action(9)), (Frame(260), Action(255))],
            repeats_earlier: true,
        };
        assert_eq!(facts, [format!("{expected:?}")]);
    }

    #[test]
    fn the_handshake_is_told_apart_from_pings_of_the_game() {
        let stamp = 2.5_f64.to_be_bytes();
        let (game, _) = read(&[&[2], &stamp[..]].concat());
        assert_eq!(game, ["PingSent { stamp_micros: 2500 }"]);
        let (handshake, issues) = read(&[&[0x10], &stamp[..]].concat());
        let step = "HandshakeSeen { direction: Sent, step: Ping }";
        assert_eq!((handshake, issues), (vec![step.to_owned(), game[0].clone()], 0));
        let (answer, _) = read(&[&[0x11], &stamp[..]].concat());
        assert_eq!(answer, ["HandshakeSeen { direction: Sent, step: Pong }"]);
    }

    #[test]
    fn cut_off_overlong_lying_and_unknown_messages_are_issues() {
        let inputs = [1, 0, 1, 0, 0, 1, 4, 1, 0, 0, 0, 1, 3, 9];
        for length in 0..inputs.len() {
            assert_eq!(read(&inputs[..length]), (vec![], 1), "{length} bytes");
        }
        let mut lying = inputs;
        lying[7] = 255;
        for bytes in [&lying[..], &[inputs.as_slice(), &[0]].concat(), &[0x42], &[2, 0]] {
            assert_eq!(read(bytes), (vec![], 1));
        }
    }

    #[test]
    fn probes_in_json_and_other_channels_are_not_claimed() {
        let probe = Value::String(r#"{"type":"ping","seq":1,"ts":5}"#.into());
        let ping = [2, 0, 0, 0, 0, 0, 0, 0, 0];
        assert!(!P2pBinary.recognises(&PLACE_SENT, &probe));
        assert!(P2pBinary.recognises(&PLACE_SENT, &Value::ArrayBuffer(&ping)));
        let socket = Place { kind: ChannelKind::WebSocket, ..PLACE_SENT };
        assert!(!P2pBinary.recognises(&socket, &Value::ArrayBuffer(&ping)));
    }

    #[test]
    fn random_and_changed_bytes_never_panic() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut bytes = [0_u8; 40];
        for round in 0..200_000_usize {
            for byte in &mut bytes {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = state as u8;
            }
            bytes[0] %= 0x18;
            let (facts, issues) = read(&bytes[..round % 41]);
            assert!(facts.len() as u64 + issues <= 2);
        }
    }
}
