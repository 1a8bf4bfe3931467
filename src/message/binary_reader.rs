//! Reads the compact form field by field; what is cut off or out of bounds is no message.

use super::binary::NO_FRAME;
use super::{
    MAX_CHUNK_BYTES, MAX_HASHES_PER_MESSAGE, MAX_INPUTS_PER_MESSAGE, MAX_STATE_BYTES,
    MissingChunks, PeerMessage, PeerStatus, PredictionRule, SessionSettings,
};
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::player::{MAX_PLAYERS, PlayerId};

/// What is left of a message behind its head.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
}

impl Reader<'_> {
    /// The message of a kind; `None` when the bytes are none of it.
    pub(super) fn message(&mut self, kind: u8) -> Option<PeerMessage> {
        match kind {
            1 => self.hello(),
            2 => {
                let (player, count) = (self.player()?, usize::from(self.u8()?));
                Some(PeerMessage::Inputs {
                    episode: self.episode()?,
                    player,
                    current: self.frame()?,
                    received_through: self.frame_or_none()?,
                    first: self.frame()?,
                    actions: self.actions(count)?,
                })
            }
            3 => {
                let (player, count) = (self.player()?, usize::from(self.u8()?));
                let episode = self.episode()?;
                if count > MAX_HASHES_PER_MESSAGE {
                    return None;
                }
                let hashes = (0..count)
                    .map(|_| Some((self.frame()?, self.u64()?)))
                    .collect::<Option<_>>()?;
                Some(PeerMessage::StateHashes { episode, player, hashes })
            }
            4 => Some(PeerMessage::Ping { stamp_micros: self.u64()? }),
            5 => Some(PeerMessage::Pong { stamp_micros: self.u64()? }),
            6 => Some(PeerMessage::HashesReceived {
                player: self.player()?,
                episode: self.episode()?,
                first: self.frame()?,
                last: self.frame()?,
            }),
            7 => {
                let player = self.player()?;
                let status = *PeerStatus::ALL.get(usize::from(self.u8()?))?;
                let has_ended = self.flags(1)? == 1;
                Some(PeerMessage::FrameSync {
                    episode: self.episode()?,
                    player,
                    tick: self.u32()?,
                    current: self.frame()?,
                    advantage_frames: self.array().map(i16::from_le_bytes)?,
                    status,
                    ended: if has_ended { Some(self.frame()?) } else { None },
                })
            }
            8 => self.state_request(),
            9 => self.state_chunk(),
            10 => self.confirmed_inputs(),
            11 => Some(PeerMessage::Watched {
                episode: self.episode()?,
                received_through: self.frame_or_none()?,
            }),
            12 => {
                let (player, count) = (self.player()?, usize::from(self.u8()?));
                Some(PeerMessage::HeldInputs {
                    episode: self.episode()?,
                    player,
                    oldest: self.frame()?,
                    through: self.frame_or_none()?,
                    first: self.frame()?,
                    actions: self.actions(count)?,
                })
            }
            13 => Some(PeerMessage::InputRequest {
                player: self.player()?,
                episode: self.episode()?,
                first: self.frame()?,
                last: self.frame()?,
            }),
            _ => None,
        }
    }

    fn hello(&mut self) -> Option<PeerMessage> {
        let (player, players, answered) = (self.player()?, self.u8()?, self.u8()?);
        Some(PeerMessage::Hello {
            episode: self.episode()?,
            player,
            players,
            answered: answered != 0,
            settings: SessionSettings {
                input_delay_frames: self.u32()?,
                snapshot_interval_frames: self.u32()?,
                max_prediction_frames: self.u32()?,
                frames_per_second: self.u32()?,
                prediction: *PredictionRule::ALL.get(usize::from(self.u8()?))?,
                default_action: Action(self.u32()?),
                seed: self.u32()?,
            },
        })
    }

    fn state_request(&mut self) -> Option<PeerMessage> {
        let (player, parts) = (self.player()?, self.flags(3)?);
        Some(PeerMessage::StateRequest {
            episode: self.episode()?,
            player,
            at_least: self.frame()?,
            base: if parts & 1 != 0 { Some((self.frame()?, self.u64()?)) } else { None },
            missing: if parts & 2 != 0 {
                Some(MissingChunks { frame: self.frame()?, first: self.u32()?, held: self.u64()? })
            } else {
                None
            },
        })
    }

    fn state_chunk(&mut self) -> Option<PeerMessage> {
        let (player, flags) = (self.player()?, self.flags(3)?);
        let (episode, frame, hash) = (self.episode()?, self.frame()?, self.u64()?);
        let base = if flags & 1 != 0 { Some(self.frame()?) } else { None };
        let (total_bytes, index) = (self.u32()?, self.u32()?);
        if self.bytes.len() > MAX_CHUNK_BYTES || total_bytes as usize > MAX_STATE_BYTES {
            return None;
        }
        let bytes = std::mem::take(&mut self.bytes).to_vec();
        Some(PeerMessage::StateChunk {
            episode,
            player,
            frame,
            hash,
            is_end: flags & 2 != 0,
            base,
            total_bytes,
            index,
            bytes,
        })
    }

    fn confirmed_inputs(&mut self) -> Option<PeerMessage> {
        let (player, players, count) = (self.player()?, self.u8()?, usize::from(self.u8()?));
        if !(1..=MAX_PLAYERS).contains(&usize::from(players)) || count % usize::from(players) != 0 {
            return None;
        }
        let has_ended = self.flags(1)? == 1;
        Some(PeerMessage::ConfirmedInputs {
            episode: self.episode()?,
            player,
            players,
            first: self.frame()?,
            ended: if has_ended { Some(self.frame()?) } else { None },
            actions: self.actions(count)?,
        })
    }

    fn actions(&mut self, count: usize) -> Option<Vec<Action>> {
        if count > MAX_INPUTS_PER_MESSAGE {
            return None;
        }
        (0..count).map(|_| self.u32().map(Action)).collect()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn flags(&mut self, known: u8) -> Option<u8> {
        self.u8().filter(|flags| flags & !known == 0)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn player(&mut self) -> Option<PlayerId> {
        self.u8().map(PlayerId)
    }

    fn episode(&mut self) -> Option<Episode> {
        self.u32().map(Episode)
    }

    fn frame(&mut self) -> Option<Frame> {
        self.u32().map(Frame)
    }

    fn frame_or_none(&mut self) -> Option<Option<Frame>> {
        self.u32().map(|number| Some(Frame(number)).filter(|_| number != NO_FRAME))
    }
}
