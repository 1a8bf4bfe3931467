//! The dialect of this project's own runtime: messages between peers in three forms, and worker
//! requests whose operations carry frames (`docs/peer-protocol.md`, `docs/worker-protocol.md`).

use super::{Dialect, Memory, Place, Sink};
use crate::action::Action;
use crate::capture::{ChannelKind, Value};
use crate::frame::Frame;
use crate::issue::IssueLog;
use crate::message::{MessageError, PeerMessage, PeerStatus};
use crate::observation::{
    Direction, Fact, Logger, Observation, Operation, OperationResult, Outcome, Rewards,
};
use crate::player::{MAX_PLAYERS, PlayerId};
use crate::time::Micros;

/// Most operations of one batch that are read.
const MAX_OPERATIONS: usize = 8192;

/// The dialect.
pub(super) struct Native;

impl Dialect for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn documentation(&self) -> &'static str {
        "Games on Rollscope's own runtime. On data channels: messages that begin with the letter R \
         and a version, or the same ones as JSON or MessagePack objects with their version in v: \
         hello, inputs, state hashes, ping and pong, and in frame syncs the end of an episode and \
         whether the page is hidden, and requests for inputs. What the server carries between pages is read \
         from its Socket.IO events. On workers: \
         requests {type, id, payload} and batches of operations that name their frame, and \
         replies with the worker's own times. Frames, inputs, guesses, rollbacks and hashes are \
         exact; what a peer drew or how its player felt is not in the traffic."
    }

    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool {
        match (place.kind, place.direction) {
            (ChannelKind::DataChannel, _) => wire(message).is_some_and(|wire| {
                PeerMessage::is_ours(wire)
                    || decode(wire).is_ok()
                    || PeerMessage::is_of_other_version(wire)
            }),
            (ChannelKind::Worker, Direction::Received) => {
                text(message, "protocol") == Some("rollscope-worker")
            }
            (ChannelKind::Worker, Direction::Sent) => {
                let operations = message.get("payload").and_then(|p| p.get("operations"));
                let mut operations = operations.and_then(Value::items).into_iter().flatten();
                operations.any(|operation| {
                    operation.get("params").is_some_and(|params| params.get("frame").is_some())
                })
            }
            _ => false,
        }
    }

    fn read(
        &self,
        place: &Place,
        message: &Value<'_>,
        memory: &mut Memory<'_>,
        sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    ) {
        match (place.kind, place.direction) {
            (ChannelKind::DataChannel, _) => {
                read_peer_message(place, message, memory, sink, issues);
            }
            (_, Direction::Sent) => read_request(place, message, sink, issues),
            (_, Direction::Received) => read_reply(place, message, sink, issues),
        }
    }
}

pub(super) fn emit(place: &Place, fact: Fact<'_>, sink: &mut Sink<'_>) {
    sink(&Observation { evidence: place.evidence, time: place.time, fact });
}

/// Whether a worker's message of a kind is a line of a log.
pub(super) fn is_log(kind: &str) -> bool {
    matches!(kind, "log" | "console" | "debug" | "print" | "stdout" | "stderr")
}

pub(super) fn text<'v>(value: &'v Value<'_>, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn read_peer_message(
    place: &Place,
    message: &Value<'_>,
    memory: &mut Memory<'_>,
    sink: &mut Sink<'_>,
    issues: &mut IssueLog,
) {
    let Some(wire) = wire(message) else {
        issues.push("native data channel", "a message that is neither binary nor text");
        return;
    };
    match decode(wire) {
        Ok(message) => {
            let statuses = &mut memory.channel.statuses;
            tell(message, place.direction, statuses, &mut |fact| emit(place, fact, sink));
        }
        Err(error) => issues.push("native data channel", error.to_string()),
    }
}

// A form that is text may come as bytes, too.
fn wire<'v>(message: &'v Value<'_>) -> Option<&'v [u8]> {
    message.bytes().or_else(|| message.as_str().map(str::as_bytes))
}

/// Reads a message of any form, of every version up to this one.
pub(super) fn decode(wire: &[u8]) -> Result<PeerMessage, MessageError> {
    PeerMessage::decode_any_observed(wire)
}

/// What was said last of a page's visibility: by way and player, the tick of it and whether it was seen.
#[derive(Debug, Default)]
pub(super) struct Statuses([[Option<(u32, bool)>; MAX_PLAYERS]; 2]);

impl Statuses {
    /// Takes a word of a player's page; returns whether it changes something. Of two words the one of
    /// the later tick holds, and a page that says nothing is seen.
    fn note(&mut self, direction: Direction, player: PlayerId, tick: u32, is_seen: bool) -> bool {
        let [sent, received] = &mut self.0;
        let side = if direction == Direction::Sent { sent } else { received };
        let Some(said) = side.get_mut(player.index()) else {
            return false;
        };
        let (last, was_seen) = said.unwrap_or((0, true));
        if tick >= last {
            *said = Some((tick, is_seen));
        }
        tick >= last && is_seen != was_seen
    }

    // Another page of the same player counts its ticks anew.
    fn forget(&mut self, player: PlayerId) {
        for said in self.0.iter_mut().filter_map(|side| side.get_mut(player.index())).flatten() {
            said.0 = 0;
        }
    }
}

/// Says what a message between peers tells.
pub(super) fn tell(
    message: PeerMessage,
    direction: Direction,
    statuses: &mut Statuses,
    say: &mut dyn FnMut(Fact<'static>),
) {
    if let PeerMessage::Hello { player, .. } = message {
        statuses.forget(player);
    }
    let PeerMessage::FrameSync { episode, player, tick, current: frame, status, ended, .. } =
        message
    else {
        return peer_fact(message, direction).into_iter().for_each(say);
    };
    let is_focused = status == PeerStatus::Running;
    if statuses.note(direction, player, tick, is_focused) {
        say(Fact::FocusReported { direction, is_focused, frame });
    }
    if let Some(frame) = ended {
        say(Fact::EpisodeEnded { direction, episode, frame });
    }
}

// What a message tells, if it is one thing; `None` for those that are about the connection alone.
fn peer_fact(message: PeerMessage, direction: Direction) -> Option<Fact<'static>> {
    Some(match message {
        PeerMessage::Hello { episode, player, players, settings, .. } => {
            Fact::Introduced { direction, episode, player, players, settings }
        }
        PeerMessage::Inputs { episode, player, current, received_through, first, actions } => {
            Fact::InputsAnnounced {
                direction,
                is_relayed: false,
                episode,
                player,
                current,
                received_through,
                first,
                actions,
            }
        }
        PeerMessage::StateHashes { episode, player, hashes } => {
            Fact::HashesReported { direction, episode, player, hashes }
        }
        PeerMessage::Ping { stamp_micros } if direction == Direction::Sent => {
            Fact::PingSent { stamp_micros }
        }
        PeerMessage::Pong { stamp_micros } if direction == Direction::Received => {
            Fact::PongReceived { stamp_micros }
        }
        PeerMessage::StateChunk { episode, frame, index, .. } => {
            Fact::StateOffered { direction, episode, frame, index }
        }
        PeerMessage::InputRequest { first, last, .. } => {
            Fact::InputsRequested { direction, first, last }
        }
        PeerMessage::ConfirmedInputs { .. } if direction == Direction::Received => Fact::Watching,
        PeerMessage::Watched { .. } if direction == Direction::Sent => Fact::Watching,
        // A spectator has nothing in common with anybody yet, and is none of the players.
        PeerMessage::StateRequest { player, at_least, base, .. }
            if player.index() < MAX_PLAYERS =>
        {
            let base = base.map(|(frame, _)| frame);
            Fact::StateRequested { direction, frame: Some(at_least), base }
        }
        PeerMessage::StateRequest { .. }
        | PeerMessage::HashesReceived { .. }
        | PeerMessage::Ping { .. }
        | PeerMessage::Pong { .. }
        | PeerMessage::FrameSync { .. }
        | PeerMessage::ConfirmedInputs { .. }
        | PeerMessage::HeldInputs { .. }
        | PeerMessage::Watched { .. } => return None,
    })
}

pub(super) fn read_request(
    place: &Place,
    message: &Value<'_>,
    sink: &mut Sink<'_>,
    issues: &mut IssueLog,
) {
    let (Some(kind), Some(request)) =
        (text(message, "type"), message.get("id").and_then(Value::as_u32))
    else {
        issues.push("native worker", "a request without type or id");
        return;
    };
    const NOTHING: &Value<'_> = &Value::Undefined;
    let payload = message.get("payload").unwrap_or(NOTHING);
    let operations = if kind == "batch" {
        let Some(Value::Array(list)) = payload.get("operations") else {
            issues.push("native worker", "a batch without a list of operations");
            return;
        };
        if list.len() > MAX_OPERATIONS {
            issues.push("native worker", "a batch of too many operations, the rest is left out");
        }
        let read = |operation| {
            let params = Value::get(operation, "params").unwrap_or(NOTHING);
            read_operation(text(operation, "op").unwrap_or_default(), params)
        };
        list.iter().take(MAX_OPERATIONS).map(read).collect()
    } else {
        vec![read_operation(kind, payload)]
    };
    emit(place, Fact::WorkerRequested { worker: place.channel, request, operations }, sink);
}

fn read_operation<'v>(name: &'v str, params: &'v Value<'_>) -> Operation<'v> {
    let frame = params.get("frame").and_then(Value::as_u32).map(Frame);
    match name {
        "setState" => match text(params, "stateJson") {
            Some(text) => Operation::SetState { frame, text },
            None => Operation::Other(name),
        },
        "getState" => Operation::GetState { frame },
        "step" => match params.get("actions").and_then(read_actions) {
            Some(actions) => Operation::Step { frame, actions },
            None => Operation::Other(name),
        },
        "reset" => Operation::Reset,
        "computeHash" if params.get("stateJson").is_none_or(Value::is_nothing) => {
            Operation::ComputeHash
        }
        "computeHash" => match text(params, "stateJson").filter(|text| !text.is_empty()) {
            Some(text) => Operation::HashText { text },
            None => Operation::Other(name),
        },
        _ => Operation::Other(name),
    }
}

// Actions are keyed "0", "1", … by player.
fn read_actions(actions: &Value<'_>) -> Option<Vec<Action>> {
    let count = actions.members()?.len().min(MAX_PLAYERS);
    (0..count).map(|player| actions.get(&player.to_string())?.as_u32().map(Action)).collect()
}

fn read_reply(place: &Place, message: &Value<'_>, sink: &mut Sink<'_>, issues: &mut IssueLog) {
    let kind = text(message, "type").unwrap_or_default();
    if kind == "ready" {
        return;
    }
    if is_log(kind) {
        return emit(place, Fact::Logged(Logger::Worker), sink);
    }
    let Some(request) = message.get("id").and_then(Value::as_u32) else {
        issues.push("native worker", "a reply without id");
        return;
    };
    let outcome = match (kind, message.get("result"), message.get("error")) {
        ("result", Some(Value::Array(results)), _) => {
            Outcome::Results(results.iter().take(MAX_OPERATIONS).map(read_result).collect())
        }
        ("result", Some(result), _) => Outcome::Results(vec![read_result(result)]),
        ("error", _, Some(error)) => Outcome::Failed {
            message: text(error, "message").unwrap_or_default(),
            failed_index: error.get("failedIndex").and_then(Value::as_u32),
            partial_results: error
                .get("partialResults")
                .and_then(Value::items)
                .map(|results| results.len() as u32),
        },
        _ => {
            issues.push("native worker", "a reply that is neither a result nor an error");
            return;
        }
    };
    let handled = read_timing(place, message);
    emit(place, Fact::WorkerReplied { worker: place.channel, request, outcome, handled }, sink);
}

pub(super) fn read_result<'v>(result: &'v Value<'_>) -> OperationResult<'v> {
    if let Some(text) = text(result, "stateJson") {
        OperationResult::State(text)
    } else if let Some(hash) = text(result, "hash") {
        let is_hash = hash.len() == 16;
        OperationResult::Hash(u64::from_str_radix(hash, 16).ok().filter(|_| is_hash))
    } else if let Some(rewards) = result.get("rewards") {
        let members = rewards.members().unwrap_or_default().iter();
        OperationResult::Stepped(Rewards::of(
            members.map(|(name, value)| (&**name, value.as_f64())),
        ))
    } else if result.get("renderState").or_else(|| result.get("render_state")).is_some() {
        OperationResult::Rendered
    } else if result.get("ok").and_then(Value::as_bool) == Some(true) {
        OperationResult::Done
    } else {
        OperationResult::Unreadable
    }
}

// The worker says its times since the epoch; the page's clock starts at its time origin.
fn read_timing(place: &Place, message: &Value<'_>) -> Option<(Micros, Micros)> {
    let timing = message.get("timing")?;
    let origin_ms = place.time_origin_ms?;
    let on_page_clock = |key: &str| {
        let since_origin = timing.get(key)?.as_f64()? - origin_ms;
        (since_origin.is_finite() && since_origin >= 0.0).then(|| Micros::from_millis(since_origin))
    };
    Some((on_page_clock("startedMs")?, on_page_clock("finishedMs")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Episode;

    fn sync(tick: u32, status: PeerStatus, ended: Option<u32>) -> PeerMessage {
        PeerMessage::FrameSync {
            episode: Episode(2),
            player: PlayerId(1),
            tick,
            current: Frame(tick),
            advantage_frames: 0,
            status,
            ended: ended.map(Frame),
        }
    }

    fn told(statuses: &mut Statuses, message: PeerMessage) -> Vec<Fact<'static>> {
        let mut facts = Vec::new();
        tell(message, Direction::Received, statuses, &mut |fact| facts.push(fact));
        facts
    }

    #[test]
    fn a_page_goes_away_once_and_comes_back_once_however_often_it_says_so() {
        use PeerStatus::{Background, Paused, Running};
        let mut statuses = Statuses::default();
        let said = [(10, Running), (20, Paused), (30, Background), (50, Running), (40, Paused)];
        let seen = said.map(|(tick, status)| told(&mut statuses, sync(tick, status, None)));
        let focus = |is_focused, frame| {
            let direction = Direction::Received;
            vec![Fact::FocusReported { direction, is_focused, frame: Frame(frame) }]
        };
        // What comes late is no news.
        assert_eq!(seen, [vec![], focus(false, 20), vec![], focus(true, 50), vec![]]);
    }

    #[test]
    fn a_page_that_is_loaded_anew_counts_its_ticks_anew() {
        let mut statuses = Statuses::default();
        told(&mut statuses, sync(900, PeerStatus::Background, None));
        assert!(told(&mut statuses, sync(5, PeerStatus::Running, None)).is_empty());
        let hello = PeerMessage::Hello {
            episode: Episode(2),
            player: PlayerId(1),
            players: 2,
            settings: crate::message::SessionSettings {
                input_delay_frames: 2,
                snapshot_interval_frames: 5,
                max_prediction_frames: 20,
                frames_per_second: 60,
                prediction: crate::message::PredictionRule::RepeatLast,
                default_action: Action(0),
                seed: 1,
            },
            answered: false,
        };
        told(&mut statuses, hello);
        assert_eq!(told(&mut statuses, sync(5, PeerStatus::Running, None)).len(), 1);
    }

    #[test]
    fn the_end_of_an_episode_is_told_once_it_is_certain() {
        let mut statuses = Statuses::default();
        assert!(told(&mut statuses, sync(5, PeerStatus::Running, None)).is_empty());
        let (direction, episode, frame) = (Direction::Received, Episode(2), Frame(120));
        let ended = Fact::EpisodeEnded { direction, episode, frame };
        assert_eq!(told(&mut statuses, sync(130, PeerStatus::Running, Some(120))), [ended]);
    }
}
