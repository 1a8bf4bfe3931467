//! The messages as JSON objects: the names of the seeds where they have one, camel case elsewhere.
//!
//! Numbers stay below 2^53, so that every reader keeps their digits; hashes and bytes are
//! hexadecimal text. MessagePack carries the same objects.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::{
    MAX_CHUNK_BYTES, MAX_HASHES_PER_MESSAGE, MAX_INPUTS_PER_MESSAGE, MAX_STATE_BYTES, MessageError,
    MissingChunks, PROTOCOL_VERSION, PeerMessage, PeerStatus, PredictionRule, SessionSettings,
};
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::player::{MAX_PLAYERS, PlayerId};

/// Integers that JavaScript keeps exactly.
const MAX_STAMP: u64 = (1 << 53) - 1;

/// The object of a message. Lists past their limit are cut to it.
pub(super) fn object(message: &PeerMessage) -> Value {
    let hashes = |hashes: &[(Frame, u64)]| -> Vec<Value> {
        let named = |(frame, hash): &(Frame, u64)| json!({"frame": frame, "hash": hex(*hash)});
        hashes.iter().take(MAX_HASHES_PER_MESSAGE).map(named).collect()
    };
    let limited = |actions: &[Action]| -> Vec<u32> {
        actions.iter().take(MAX_INPUTS_PER_MESSAGE).map(|action| action.0).collect()
    };
    let mut object = match message {
        PeerMessage::Hello { players, answered, settings, .. } => json!({
            "type": "hello", "players": players, "answered": answered,
            "settings": {
                "inputDelayFrames": settings.input_delay_frames,
                "snapshotIntervalFrames": settings.snapshot_interval_frames,
                "maxPredictionFrames": settings.max_prediction_frames,
                "framesPerSecond": settings.frames_per_second,
                "prediction": settings.prediction.name(),
                "defaultAction": settings.default_action,
                "seed": settings.seed,
            },
        }),
        PeerMessage::Inputs { current, received_through, first, actions, .. } => json!({
            "type": "input", "currentFrame": current, "receivedThrough": received_through,
            "frame": first, "actions": limited(actions),
        }),
        PeerMessage::StateHashes { hashes: list, .. } => {
            json!({"type": "state_hash", "hashes": hashes(list)})
        }
        PeerMessage::HashesReceived { first, last, .. } => {
            json!({"type": "state_hash_received", "firstFrame": first, "lastFrame": last})
        }
        PeerMessage::Ping { stamp_micros } => {
            json!({"type": "ping", "timestamp": stamp_micros.min(&MAX_STAMP)})
        }
        PeerMessage::Pong { stamp_micros } => {
            json!({"type": "pong", "echoTimestamp": stamp_micros.min(&MAX_STAMP)})
        }
        PeerMessage::FrameSync { tick, current, advantage_frames, status, ended, .. } => {
            json!({ "type": "frame_sync", "tick": tick, "frame": current, "advantageFrames": advantage_frames,
                "status": status.name(), "endedFrame": ended,
            })
        }
        PeerMessage::StateRequest { at_least, base, missing, .. } => json!({
            "type": "state_request", "atLeastFrame": at_least,
            "base": base.map(|(frame, hash)| json!({"frame": frame, "hash": hex(hash)})),
            "missing": missing.map(|missing| json!({
                "frame": missing.frame, "first": missing.first, "held": hex(missing.held),
            })),
        }),
        PeerMessage::StateChunk {
            frame, hash, is_end, base, total_bytes, index, bytes, ..
        } => json!({
            "type": "state_sync", "frame": frame, "hash": hex(*hash), "isEnd": is_end,
            "baseFrame": base, "totalBytes": total_bytes, "index": index, "bytes": hex_bytes(bytes),
        }),
        PeerMessage::ConfirmedInputs { players, first, ended, actions, .. } => json!({
            "type": "confirmed_input", "players": players, "frame": first, "endedFrame": ended,
            "actions": limited(actions),
        }),
        PeerMessage::HeldInputs { oldest, through, first, actions, .. } => json!({
            "type": "held_input", "oldestFrame": oldest, "through": through, "frame": first,
            "actions": limited(actions),
        }),
        PeerMessage::InputRequest { first, last, .. } => {
            json!({"type": "input_request", "firstFrame": first, "lastFrame": last})
        }
        PeerMessage::Watched { received_through, .. } => {
            json!({"type": "watched", "receivedThrough": received_through})
        }
    };
    if let Value::Object(members) = &mut object {
        members.insert("v".into(), PROTOCOL_VERSION.into());
        if let Some(episode) = message.episode() {
            members.insert("episode".into(), episode.0.into());
        }
        if let Some(player) = message.speaker() {
            members.insert("playerId".into(), player.0.into());
        }
    }
    object
}

/// First version whose messages could be objects; none was ever changed.
const FIRST_VERSION: u8 = 2;

/// Reads the object of a message as an observer does, of every version up to this one; members that
/// no message has are passed over.
///
/// # Errors
///
/// [`MessageError`] when the object is no message of these versions.
pub(super) fn observed(value: &Value) -> Result<PeerMessage, MessageError> {
    message_of(value, FIRST_VERSION..=PROTOCOL_VERSION)
}

/// Reads the object of a message as a peer does.
///
/// # Errors
///
/// [`MessageError`] when the object is no message of this version.
pub(super) fn message(value: &Value) -> Result<PeerMessage, MessageError> {
    message_of(value, PROTOCOL_VERSION..=PROTOCOL_VERSION)
}

fn message_of(value: &Value, versions: RangeInclusive<u8>) -> Result<PeerMessage, MessageError> {
    let fields = Fields(value.as_object().ok_or(MessageError::NotOurs)?);
    let kind = fields.text("type").map_err(|_| MessageError::NotOurs)?;
    let version: u8 = fields.number("v").map_err(|_| MessageError::NotOurs)?;
    if !versions.contains(&version) {
        return Err(MessageError::Version { theirs: version, ours: PROTOCOL_VERSION });
    }
    if let ("ping" | "pong", stamp) = (kind, ["timestamp", "echoTimestamp"]) {
        return Ok(match kind {
            "ping" => PeerMessage::Ping { stamp_micros: fields.number(stamp[0])? },
            _ => PeerMessage::Pong { stamp_micros: fields.number(stamp[1])? },
        });
    }
    let episode = Episode(fields.number("episode")?);
    if kind == "watched" {
        let received_through = fields.frame_or_none("receivedThrough")?;
        return Ok(PeerMessage::Watched { episode, received_through });
    }
    let player = PlayerId(fields.number("playerId")?);
    fields.of_player(kind, episode, player)
}

/// Whether an object names a version of this protocol that cannot be read, an episode, a player and a type of message.
pub(super) fn is_of_other_version(value: &Value) -> bool {
    const TYPES: [&str; 6] =
        ["hello", "input", "state_hash", "state_hash_received", "frame_sync", "state_sync"];
    let is_number = |key: &str| value.get(key).is_some_and(Value::is_u64);
    let kind = value.get("type").and_then(Value::as_str);
    let known = u64::from(FIRST_VERSION)..=u64::from(PROTOCOL_VERSION);
    let version = value.get("v").and_then(Value::as_u64);
    let is_other = version.is_some_and(|version| !known.contains(&version));
    is_other
        && ["episode", "playerId"].into_iter().all(is_number)
        && kind.is_some_and(|kind| TYPES.contains(&kind))
}

struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn of_player(
        &self,
        kind: &str,
        episode: Episode,
        player: PlayerId,
    ) -> Result<PeerMessage, MessageError> {
        Ok(match kind {
            "hello" => PeerMessage::Hello {
                episode,
                player,
                players: self.number("players")?,
                answered: self.is_true("answered")?,
                settings: self.inner("settings")?.settings()?,
            },
            "input" => PeerMessage::Inputs {
                episode,
                player,
                current: self.frame("currentFrame")?,
                received_through: self.frame_or_none("receivedThrough")?,
                first: self.frame("frame")?,
                actions: self.actions()?,
            },
            "state_hash" => {
                let listed = self.list("hashes", MAX_HASHES_PER_MESSAGE)?;
                let read = |entry: &Value| {
                    let fields = Fields(entry.as_object().ok_or(MessageError::Field("hashes"))?);
                    Ok((fields.frame("frame")?, fields.hash("hash")?))
                };
                let hashes = listed.iter().map(read).collect::<Result<_, MessageError>>()?;
                PeerMessage::StateHashes { episode, player, hashes }
            }
            "state_hash_received" => PeerMessage::HashesReceived {
                episode,
                player,
                first: self.frame("firstFrame")?,
                last: self.frame("lastFrame")?,
            },
            "frame_sync" => PeerMessage::FrameSync {
                episode,
                player,
                tick: self.number("tick")?,
                current: self.frame("frame")?,
                advantage_frames: self.number("advantageFrames")?,
                status: named(&PeerStatus::ALL, self.text("status")?, PeerStatus::name)
                    .ok_or(MessageError::Field("status"))?,
                ended: self.frame_or_none("endedFrame")?,
            },
            "state_request" => PeerMessage::StateRequest {
                episode,
                player,
                at_least: self.frame("atLeastFrame")?,
                base: match self.inner_or_none("base")? {
                    Some(base) => Some((base.frame("frame")?, base.hash("hash")?)),
                    None => None,
                },
                missing: match self.inner_or_none("missing")? {
                    Some(missing) => Some(MissingChunks {
                        frame: missing.frame("frame")?,
                        first: missing.number("first")?,
                        held: missing.hash("held")?,
                    }),
                    None => None,
                },
            },
            "state_sync" => {
                let total_bytes: u32 = self.number("totalBytes")?;
                let bytes =
                    bytes_of_hex(self.text("bytes")?).ok_or(MessageError::Field("bytes"))?;
                if total_bytes as usize > MAX_STATE_BYTES || bytes.len() > MAX_CHUNK_BYTES {
                    return Err(MessageError::Field("totalBytes"));
                }
                PeerMessage::StateChunk {
                    episode,
                    player,
                    frame: self.frame("frame")?,
                    hash: self.hash("hash")?,
                    is_end: self.is_true("isEnd")?,
                    base: self.frame_or_none("baseFrame")?,
                    total_bytes,
                    index: self.number("index")?,
                    bytes,
                }
            }
            "confirmed_input" => {
                let (players, actions) = (self.number::<u8>("players")?, self.actions()?);
                let count = usize::from(players);
                if !(1..=MAX_PLAYERS).contains(&count) || actions.len() % count != 0 {
                    return Err(MessageError::Field("players"));
                }
                PeerMessage::ConfirmedInputs {
                    episode,
                    player,
                    players,
                    first: self.frame("frame")?,
                    ended: self.frame_or_none("endedFrame")?,
                    actions,
                }
            }
            "input_request" => PeerMessage::InputRequest {
                episode,
                player,
                first: self.frame("firstFrame")?,
                last: self.frame("lastFrame")?,
            },
            "held_input" => PeerMessage::HeldInputs {
                episode,
                player,
                oldest: self.frame("oldestFrame")?,
                through: self.frame_or_none("through")?,
                first: self.frame("frame")?,
                actions: self.actions()?,
            },
            _ => return Err(MessageError::UnknownType),
        })
    }

    fn settings(&self) -> Result<SessionSettings, MessageError> {
        let rule = self.text("prediction")?;
        Ok(SessionSettings {
            input_delay_frames: self.number("inputDelayFrames")?,
            snapshot_interval_frames: self.number("snapshotIntervalFrames")?,
            max_prediction_frames: self.number("maxPredictionFrames")?,
            frames_per_second: self.number("framesPerSecond")?,
            prediction: named(&PredictionRule::ALL, rule, PredictionRule::name)
                .ok_or(MessageError::Field("prediction"))?,
            default_action: Action(self.number("defaultAction")?),
            seed: self.number("seed")?,
        })
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn number<N: TryFrom<i128>>(&self, name: &'static str) -> Result<N, MessageError> {
        let number = self.get(name).and_then(|value| {
            value.as_u64().map(i128::from).or_else(|| value.as_i64().map(i128::from))
        });
        number.and_then(|number| N::try_from(number).ok()).ok_or(MessageError::Field(name))
    }

    fn frame(&self, name: &'static str) -> Result<Frame, MessageError> {
        self.number(name).map(Frame)
    }

    fn frame_or_none(&self, name: &'static str) -> Result<Option<Frame>, MessageError> {
        if self.get(name).is_none() { Ok(None) } else { self.frame(name).map(Some) }
    }

    fn text(&self, name: &'static str) -> Result<&'a str, MessageError> {
        self.get(name).and_then(Value::as_str).ok_or(MessageError::Field(name))
    }

    fn is_true(&self, name: &'static str) -> Result<bool, MessageError> {
        self.get(name).and_then(Value::as_bool).ok_or(MessageError::Field(name))
    }

    fn hash(&self, name: &'static str) -> Result<u64, MessageError> {
        let digits = self.text(name)?;
        let is_whole = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_whole.then(|| u64::from_str_radix(digits, 16).ok()).flatten();
        number.ok_or(MessageError::Field(name))
    }

    fn list(&self, name: &'static str, limit: usize) -> Result<&'a [Value], MessageError> {
        let items = self.get(name).and_then(Value::as_array);
        items
            .filter(|items| items.len() <= limit)
            .map(Vec::as_slice)
            .ok_or(MessageError::Field(name))
    }

    // The seeds' message of a single input has `action`.
    fn actions(&self) -> Result<Vec<Action>, MessageError> {
        if self.get("action").is_some() {
            return Ok(vec![Action(self.number("action")?)]);
        }
        let read = |value: &Value| {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            number.map(Action).ok_or(MessageError::Field("actions"))
        };
        self.list("actions", MAX_INPUTS_PER_MESSAGE)?.iter().map(read).collect()
    }

    fn inner(&self, name: &'static str) -> Result<Self, MessageError> {
        self.get(name).and_then(Value::as_object).map(Fields).ok_or(MessageError::Field(name))
    }

    fn inner_or_none(&self, name: &'static str) -> Result<Option<Self>, MessageError> {
        if self.get(name).is_none() { Ok(None) } else { self.inner(name).map(Some) }
    }
}

fn named<T: Copy>(all: &[T], name: &str, name_of: impl Fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|one| name_of(*one) == name)
}

fn hex(number: u64) -> String {
    format!("{number:016x}")
}

fn hex_bytes(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    let digits = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().take(MAX_CHUNK_BYTES).flat_map(digits).collect()
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).map(|digit| digit as u8);
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}
