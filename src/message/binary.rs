//! The compact form: magic, version, kind, then little-endian fields without names.

use super::binary_reader::Reader;
use super::{
    MAX_CHUNK_BYTES, MAX_HASHES_PER_MESSAGE, MAX_INPUTS_PER_MESSAGE, MessageError,
    PROTOCOL_VERSION, PeerMessage,
};
use crate::action::Action;
use crate::frame::Frame;

const MAGIC: u8 = b'R';
pub(super) const NO_FRAME: u32 = u32::MAX;

/// Versions that an observer can read, each with its last kind: none was ever changed. Before it was
/// version 3, kind 12 was said under the number 2.
const READABLE_KINDS: [(u8, u8); 3] = [(1, 6), (2, 12), (3, 13)];

impl PeerMessage {
    /// Whether `bytes` begin like a message of this protocol, whatever its version.
    #[must_use]
    pub fn is_ours(bytes: &[u8]) -> bool {
        matches!(bytes, [MAGIC, version, kind, ..] if *version < 32 && (1..=13).contains(kind))
    }

    /// The message as bytes of its own.
    #[must_use]
    pub fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.encoded_len());
        self.encode(&mut bytes);
        bytes
    }

    /// Bytes that [`PeerMessage::encode`] appends.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let frame = |frame: &Option<_>| if frame.is_some() { 4 } else { 0 };
        match self {
            Self::Hello { .. } => 35,
            Self::Inputs { actions, .. } => 21 + 4 * actions.len().min(MAX_INPUTS_PER_MESSAGE),
            Self::StateHashes { hashes, .. } => 9 + 12 * hashes.len().min(MAX_HASHES_PER_MESSAGE),
            Self::Ping { .. } | Self::Pong { .. } => 11,
            Self::HashesReceived { .. } => 16,
            Self::FrameSync { ended, .. } => 20 + frame(ended),
            Self::StateRequest { base, missing, .. } => {
                13 + if base.is_some() { 12 } else { 0 } + if missing.is_some() { 16 } else { 0 }
            }
            Self::StateChunk { base, bytes, .. } => {
                29 + frame(base) + bytes.len().min(MAX_CHUNK_BYTES)
            }
            Self::ConfirmedInputs { ended, actions, .. } => {
                15 + frame(ended) + 4 * actions.len().min(MAX_INPUTS_PER_MESSAGE)
            }
            Self::HeldInputs { actions, .. } => 21 + 4 * actions.len().min(MAX_INPUTS_PER_MESSAGE),
            Self::Watched { .. } => 11,
            Self::InputRequest { .. } => 16,
        }
    }

    /// Appends the message to `out`. Lists past their limit are cut to it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend([MAGIC, PROTOCOL_VERSION, self.kind()]);
        match self {
            Self::Hello { episode, player, players, answered, settings } => {
                out.extend([player.0, *players, u8::from(*answered)]);
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
                out.extend([player.0, count as u8]);
                put_u32(out, episode.0);
                put_u32(out, current.0);
                put_frame(out, *received_through);
                put_u32(out, first.0);
                put_actions(out, actions);
            }
            Self::StateHashes { episode, player, hashes } => {
                let count = hashes.len().min(MAX_HASHES_PER_MESSAGE);
                out.extend([player.0, count as u8]);
                put_u32(out, episode.0);
                for (frame, hash) in hashes.iter().take(count) {
                    put_u32(out, frame.0);
                    out.extend(hash.to_le_bytes());
                }
            }
            Self::HashesReceived { episode, player, first, last }
            | Self::InputRequest { episode, player, first, last } => {
                out.push(player.0);
                put_u32(out, episode.0);
                put_u32(out, first.0);
                put_u32(out, last.0);
            }
            Self::Ping { stamp_micros } | Self::Pong { stamp_micros } => {
                out.extend(stamp_micros.to_le_bytes());
            }
            Self::FrameSync { episode, player, tick, current, advantage_frames, status, ended } => {
                out.extend([player.0, *status as u8, u8::from(ended.is_some())]);
                put_u32(out, episode.0);
                put_u32(out, *tick);
                put_u32(out, current.0);
                out.extend(advantage_frames.to_le_bytes());
                ended.iter().for_each(|frame| put_u32(out, frame.0));
            }
            Self::StateRequest { episode, player, at_least, base, missing } => {
                let parts = u8::from(base.is_some()) | u8::from(missing.is_some()) << 1;
                out.extend([player.0, parts]);
                put_u32(out, episode.0);
                put_u32(out, at_least.0);
                if let Some((frame, hash)) = base {
                    put_u32(out, frame.0);
                    out.extend(hash.to_le_bytes());
                }
                if let Some(missing) = missing {
                    put_u32(out, missing.frame.0);
                    put_u32(out, missing.first);
                    out.extend(missing.held.to_le_bytes());
                }
            }
            Self::StateChunk {
                episode,
                player,
                frame,
                hash,
                is_end,
                base,
                total_bytes,
                index,
                bytes,
            } => {
                let flags = u8::from(base.is_some()) | u8::from(*is_end) << 1;
                out.extend([player.0, flags]);
                put_u32(out, episode.0);
                put_u32(out, frame.0);
                out.extend(hash.to_le_bytes());
                base.iter().for_each(|frame| put_u32(out, frame.0));
                put_u32(out, *total_bytes);
                put_u32(out, *index);
                out.extend(bytes.iter().take(MAX_CHUNK_BYTES));
            }
            Self::ConfirmedInputs { episode, player, players, first, ended, actions } => {
                let count = actions.len().min(MAX_INPUTS_PER_MESSAGE);
                out.extend([player.0, *players, count as u8, u8::from(ended.is_some())]);
                put_u32(out, episode.0);
                put_u32(out, first.0);
                ended.iter().for_each(|frame| put_u32(out, frame.0));
                put_actions(out, actions);
            }
            Self::HeldInputs { episode, player, oldest, through, first, actions } => {
                let count = actions.len().min(MAX_INPUTS_PER_MESSAGE);
                out.extend([player.0, count as u8]);
                put_u32(out, episode.0);
                put_u32(out, oldest.0);
                put_frame(out, *through);
                put_u32(out, first.0);
                put_actions(out, actions);
            }
            Self::Watched { episode, received_through } => {
                put_u32(out, episode.0);
                put_frame(out, *received_through);
            }
        }
    }

    /// Reads one message as a peer does.
    ///
    /// # Errors
    ///
    /// [`MessageError`] when the bytes are another protocol's, another version's, cut off, longer
    /// than their message, or name more list entries than allowed.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        match bytes {
            [MAGIC, version, ..] if *version != PROTOCOL_VERSION => {
                Err(MessageError::Version { theirs: *version, ours: PROTOCOL_VERSION })
            }
            _ => Self::decode_observed(bytes),
        }
    }

    /// Reads one message as an observer does, of every version up to this one.
    ///
    /// # Errors
    ///
    /// As [`PeerMessage::decode`], for later versions only.
    pub fn decode_observed(bytes: &[u8]) -> Result<Self, MessageError> {
        let &[MAGIC, version, kind, ..] = bytes else {
            return Err(MessageError::NotOurs);
        };
        let kinds = READABLE_KINDS.iter().find(|(known, _)| *known == version);
        let Some((_, last_kind)) = kinds else {
            return Err(MessageError::Version { theirs: version, ours: PROTOCOL_VERSION });
        };
        if !(1..=*last_kind).contains(&kind) {
            return Err(MessageError::UnknownKind(kind));
        }
        let mut reader = Reader { bytes: bytes.get(3..).unwrap_or_default() };
        reader
            .message(kind)
            .filter(|_| reader.bytes.is_empty())
            .ok_or(MessageError::Malformed { length: bytes.len() })
    }

    const fn kind(&self) -> u8 {
        match self {
            Self::Hello { .. } => 1,
            Self::Inputs { .. } => 2,
            Self::StateHashes { .. } => 3,
            Self::Ping { .. } => 4,
            Self::Pong { .. } => 5,
            Self::HashesReceived { .. } => 6,
            Self::FrameSync { .. } => 7,
            Self::StateRequest { .. } => 8,
            Self::StateChunk { .. } => 9,
            Self::ConfirmedInputs { .. } => 10,
            Self::Watched { .. } => 11,
            Self::HeldInputs { .. } => 12,
            Self::InputRequest { .. } => 13,
        }
    }
}

fn put_u32(out: &mut Vec<u8>, number: u32) {
    out.extend(number.to_le_bytes());
}

fn put_frame(out: &mut Vec<u8>, frame: Option<Frame>) {
    put_u32(out, frame.map_or(NO_FRAME, |frame| frame.0));
}

// The actions of as many frames in a row as the message says; more have no place in it.
fn put_actions(out: &mut Vec<u8>, actions: &[Action]) {
    let kept = actions.iter().take(MAX_INPUTS_PER_MESSAGE);
    kept.for_each(|action| put_u32(out, action.0));
}
