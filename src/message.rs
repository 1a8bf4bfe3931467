//! What Rollscope's own runtime says between peers, and how it stands on the wire.
//!
//! `rollback` makes these messages, `runtime` sends them, the `native` dialect reads them back.
//! The format is binary and little-endian; every message names its episode, so that nothing can
//! leak from one episode into the next. Lists are bounded, and reading never panics.

use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::player::PlayerId;

/// Version of the peer protocol; a peer of another version is refused with both named.
pub const PROTOCOL_VERSION: u8 = 1;

/// Most inputs that one message carries: two seconds at 60 frames per second, far beyond any
/// prediction window.
pub const MAX_INPUTS_PER_MESSAGE: usize = 120;

/// Most state hashes that one message carries.
pub const MAX_HASHES_PER_MESSAGE: usize = 16;

const MAGIC: u8 = b'R';
const NO_FRAME: u32 = u32::MAX;

/// How a player's missing input is guessed, as peers tell each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PredictionRule {
    /// The default action of the game.
    DefaultAction,
    /// The newest earlier input of the player that is held.
    #[default]
    RepeatLast,
    /// What most often followed the player's last inputs; without experience as `RepeatLast`.
    Frequency,
}

impl PredictionRule {
    /// All rules, each in the place of its number on the wire.
    pub const ALL: [Self; 3] = [Self::DefaultAction, Self::RepeatLast, Self::Frequency];

    /// Its name in logs and page addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DefaultAction => "default_action",
            Self::RepeatLast => "repeat_last",
            Self::Frequency => "frequency",
        }
    }
}

/// The settings that an observer must know to rebuild a peer's decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSettings {
    /// Frames between reading a local input and the frame that it applies to.
    pub input_delay_frames: u32,
    /// Frames between two snapshots; snapshots stand on multiples of it.
    pub snapshot_interval_frames: u32,
    /// Most frames that the peer runs past its confirmed frame.
    pub max_prediction_frames: u32,
    /// Simulation steps per second.
    pub frames_per_second: u32,
    /// How missing inputs are guessed.
    pub prediction: PredictionRule,
    /// Action of a player in frames that no input exists for.
    pub default_action: Action,
    /// Seed that the episode's first state is made from.
    pub seed: u32,
}

/// One message between peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerMessage {
    /// Opens an episode; repeated until the other peer's `Hello` with `answered` arrives.
    Hello {
        /// The episode that begins.
        episode: Episode,
        /// Who speaks.
        player: PlayerId,
        /// Number of players in the game.
        players: u8,
        /// Whether the speaker has already heard the other peer's `Hello`.
        answered: bool,
        /// The speaker's settings.
        settings: SessionSettings,
    },
    /// Inputs of the speaker, oldest first and without gaps.
    Inputs {
        /// The episode that the inputs belong to.
        episode: Episode,
        /// Whose inputs they are.
        player: PlayerId,
        /// The speaker's current frame: the next one that it will simulate.
        current: Frame,
        /// Newest frame up to which the speaker holds the listener's inputs without a gap.
        received_through: Option<Frame>,
        /// Frame of the first action.
        first: Frame,
        /// One action per frame from `first` on, at most [`MAX_INPUTS_PER_MESSAGE`].
        actions: Vec<Action>,
    },
    /// Hashes of confirmed states, taken before the frame was stepped.
    StateHashes {
        /// The episode that the states belong to.
        episode: Episode,
        /// Whose states they are.
        player: PlayerId,
        /// Frame and hash, at most [`MAX_HASHES_PER_MESSAGE`].
        hashes: Vec<(Frame, u64)>,
    },
    /// Says that a message of hashes arrived: the listener need not say these again.
    HashesReceived {
        /// The episode that the states belong to.
        episode: Episode,
        /// Who received them.
        player: PlayerId,
        /// Frame of the first hash of that message.
        first: Frame,
        /// Frame of its last hash.
        last: Frame,
    },
    /// Asks for a `Pong` with the same stamp.
    Ping {
        /// The speaker's clock in microseconds.
        stamp_micros: u64,
    },
    /// Answers a `Ping`.
    Pong {
        /// The stamp of the `Ping`.
        stamp_micros: u64,
    },
}

/// Why bytes are no peer message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The first byte is another protocol's.
    #[error("not a message of this protocol")]
    NotOurs,
    /// The other peer speaks another version.
    #[error("peer protocol version {theirs}, this side speaks version {ours}")]
    Version {
        /// Version named by the message.
        theirs: u8,
        /// Version of this code.
        ours: u8,
    },
    /// The kind of message is unknown.
    #[error("unknown message kind {0}")]
    UnknownKind(u8),
    /// The message ends too early, or a list is longer than allowed.
    #[error("message of {length} bytes is cut off or names a list that is too long")]
    Malformed {
        /// Bytes of the message.
        length: usize,
    },
}

impl PeerMessage {
    /// Whether `bytes` begin like a message of this protocol, whatever its version.
    #[must_use]
    pub fn is_ours(bytes: &[u8]) -> bool {
        matches!(bytes, [MAGIC, version, kind, ..] if *version < 32 && (1..=6).contains(kind))
    }

    /// The message as bytes of its own.
    #[must_use]
    pub fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        self.encode(&mut bytes);
        bytes
    }

    /// Appends the message to `out`. Lists past their limit are cut to it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hello { episode, player, players, answered, settings } => {
                out.extend([MAGIC, PROTOCOL_VERSION, 1, player.0, *players, u8::from(*answered)]);
                put_u32(out, episode.0);
                put_u32(out, settings.input_delay_frames);
                put_u32(out, settings.snapshot_interval_frames);
                put_u32(out, settings.max_prediction_frames);
                put_u32(out, settings.frames_per_second);
                out.push(settings.prediction as u8);
                put_u32(out, settings.default_action.0);
                put_u32(out, settings.seed);
            }
            Self::Inputs { episode, player, current, received_through, first, actions } => {
                let count = actions.len().min(MAX_INPUTS_PER_MESSAGE);
                out.extend([MAGIC, PROTOCOL_VERSION, 2, player.0, count as u8]);
                put_u32(out, episode.0);
                put_u32(out, current.0);
                put_u32(out, received_through.map_or(NO_FRAME, |frame| frame.0));
                put_u32(out, first.0);
                for action in actions.iter().take(count) {
                    put_u32(out, action.0);
                }
            }
            Self::StateHashes { episode, player, hashes } => {
                let count = hashes.len().min(MAX_HASHES_PER_MESSAGE);
                out.extend([MAGIC, PROTOCOL_VERSION, 3, player.0, count as u8]);
                put_u32(out, episode.0);
                for (frame, hash) in hashes.iter().take(count) {
                    put_u32(out, frame.0);
                    out.extend(hash.to_le_bytes());
                }
            }
            Self::HashesReceived { episode, player, first, last } => {
                out.extend([MAGIC, PROTOCOL_VERSION, 6, player.0]);
                put_u32(out, episode.0);
                put_u32(out, first.0);
                put_u32(out, last.0);
            }
            Self::Ping { stamp_micros } => {
                out.extend([MAGIC, PROTOCOL_VERSION, 4]);
                out.extend(stamp_micros.to_le_bytes());
            }
            Self::Pong { stamp_micros } => {
                out.extend([MAGIC, PROTOCOL_VERSION, 5]);
                out.extend(stamp_micros.to_le_bytes());
            }
        }
    }

    /// Reads one message.
    ///
    /// # Errors
    ///
    /// [`MessageError`] when the bytes are another protocol's, another version's, cut off, longer
    /// than their message, or name more list entries than allowed.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let &[magic, version, kind, ..] = bytes else {
            return Err(MessageError::NotOurs);
        };
        if magic != MAGIC {
            return Err(MessageError::NotOurs);
        }
        if version != PROTOCOL_VERSION {
            return Err(MessageError::Version { theirs: version, ours: PROTOCOL_VERSION });
        }
        if !(1..=6).contains(&kind) {
            return Err(MessageError::UnknownKind(kind));
        }
        let mut reader = Reader { bytes: bytes.get(3..).unwrap_or_default() };
        let message = read_body(kind, &mut reader);
        message
            .filter(|_| reader.bytes.is_empty())
            .ok_or(MessageError::Malformed { length: bytes.len() })
    }
}

fn read_body(kind: u8, reader: &mut Reader<'_>) -> Option<PeerMessage> {
    match kind {
        1 => {
            let (player, players, answered) = (PlayerId(reader.u8()?), reader.u8()?, reader.u8()?);
            Some(PeerMessage::Hello {
                episode: Episode(reader.u32()?),
                player,
                players,
                answered: answered != 0,
                settings: SessionSettings {
                    input_delay_frames: reader.u32()?,
                    snapshot_interval_frames: reader.u32()?,
                    max_prediction_frames: reader.u32()?,
                    frames_per_second: reader.u32()?,
                    prediction: *PredictionRule::ALL.get(usize::from(reader.u8()?))?,
                    default_action: Action(reader.u32()?),
                    seed: reader.u32()?,
                },
            })
        }
        2 => {
            let (player, count) = (PlayerId(reader.u8()?), usize::from(reader.u8()?));
            let episode = Episode(reader.u32()?);
            let current = Frame(reader.u32()?);
            let received_through = Some(reader.u32()?).filter(|&f| f != NO_FRAME).map(Frame);
            let first = Frame(reader.u32()?);
            if count > MAX_INPUTS_PER_MESSAGE {
                return None;
            }
            let actions = (0..count).map(|_| reader.u32().map(Action)).collect::<Option<_>>()?;
            Some(PeerMessage::Inputs { episode, player, current, received_through, first, actions })
        }
        3 => {
            let (player, count) = (PlayerId(reader.u8()?), usize::from(reader.u8()?));
            let episode = Episode(reader.u32()?);
            if count > MAX_HASHES_PER_MESSAGE {
                return None;
            }
            let hashes = (0..count)
                .map(|_| Some((Frame(reader.u32()?), reader.u64()?)))
                .collect::<Option<_>>()?;
            Some(PeerMessage::StateHashes { episode, player, hashes })
        }
        4 => Some(PeerMessage::Ping { stamp_micros: reader.u64()? }),
        5 => Some(PeerMessage::Pong { stamp_micros: reader.u64()? }),
        6 => Some(PeerMessage::HashesReceived {
            player: PlayerId(reader.u8()?),
            episode: Episode(reader.u32()?),
            first: Frame(reader.u32()?),
            last: Frame(reader.u32()?),
        }),
        _ => None,
    }
}

fn put_u32(out: &mut Vec<u8>, number: u32) {
    out.extend(number.to_le_bytes());
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<PeerMessage> {
        vec![
            PeerMessage::Hello {
                episode: Episode(3),
                player: PlayerId(1),
                players: 2,
                answered: true,
                settings: SessionSettings {
                    input_delay_frames: 2,
                    snapshot_interval_frames: 5,
                    max_prediction_frames: 30,
                    frames_per_second: 60,
                    prediction: PredictionRule::RepeatLast,
                    default_action: Action(0),
                    seed: 0xdead_beef,
                },
            },
            PeerMessage::Inputs {
                episode: Episode(3),
                player: PlayerId(0),
                current: Frame(17),
                received_through: None,
                first: Frame(12),
                actions: vec![Action(1), Action(70_000), Action(0)],
            },
            PeerMessage::StateHashes {
                episode: Episode(0),
                player: PlayerId(1),
                hashes: vec![(Frame(5), u64::MAX), (Frame(10), 0)],
            },
            PeerMessage::HashesReceived {
                episode: Episode(2),
                player: PlayerId(1),
                first: Frame(5),
                last: Frame(20),
            },
            PeerMessage::Ping { stamp_micros: 12 },
            PeerMessage::Pong { stamp_micros: 13 },
        ]
    }

    #[test]
    fn every_message_comes_back_as_it_was() {
        for message in samples() {
            let mut bytes = Vec::new();
            message.encode(&mut bytes);
            assert!(PeerMessage::is_ours(&bytes));
            assert_eq!(PeerMessage::decode(&bytes), Ok(message));
        }
    }

    #[test]
    fn cut_off_and_overlong_messages_are_refused() {
        for message in samples() {
            let mut bytes = Vec::new();
            message.encode(&mut bytes);
            for length in 0..bytes.len() {
                assert!(PeerMessage::decode(&bytes[..length]).is_err());
            }
            bytes.push(0);
            assert!(PeerMessage::decode(&bytes).is_err());
        }
    }

    #[test]
    fn another_version_is_named() {
        let mut bytes = Vec::new();
        PeerMessage::Ping { stamp_micros: 0 }.encode(&mut bytes);
        bytes[1] = 9;
        assert_eq!(
            PeerMessage::decode(&bytes),
            Err(MessageError::Version { theirs: 9, ours: PROTOCOL_VERSION })
        );
    }
}
