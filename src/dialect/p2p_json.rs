//! The dialect of the older design of the game channel: JSON texts between two peers, one input a
//! message (the second seed's message protocol; MUG wire notes, §2.5).

use std::collections::VecDeque;

use super::memory::{Memory, clipped, name_of};
use super::native::{emit, text};
use super::{Dialect, Place, Sink, json};
use crate::action::Action;
use crate::capture::{ChannelKind, Value};
use crate::frame::Frame;
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact};
use crate::player::PlayerId;

/// Place of the dialect's issues.
const PLACE: &str = "p2p_json data channel";

/// The dialect.
pub(super) struct P2pJson;

/// Inputs that may wait until the names of both players are known.
const MAX_WAITING: usize = 256;

/// Longest name of a player, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// The names by which the two ends of a channel call their players.
#[derive(Debug, Default)]
pub(super) struct Ends {
    sent: Option<String>,
    received: Option<String>,
    // Inputs of before that, in their order.
    waiting: VecDeque<Waiting>,
}

/// One input whose player has no number yet.
#[derive(Debug)]
struct Waiting {
    place: Place,
    name: String,
    frame: Frame,
    action: Action,
}

impl Waiting {
    fn fact(&self, player: PlayerId) -> Fact<'static> {
        Fact::FrameInputsAnnounced {
            direction: self.place.direction,
            player,
            current: Some(self.frame),
            inputs: vec![(self.frame, self.action)],
            repeats_earlier: false,
        }
    }
}

impl Ends {
    fn hear(&mut self, direction: Direction, name: &str) {
        let slot = match direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        };
        slot.get_or_insert_with(|| name.to_owned());
    }

    fn is_complete(&self) -> bool {
        self.sent.is_some() && self.received.is_some()
    }

    // Of two players the one whose name sorts first is the first.
    fn player(&self, name: &str) -> Option<PlayerId> {
        let (Some(sent), Some(received)) = (&self.sent, &self.received) else {
            return None;
        };
        let other = if name == sent { received } else { sent };
        let is_known = name == sent || name == received;
        let is_first = name.encode_utf16().lt(other.encode_utf16());
        is_known.then_some(PlayerId(u8::from(!is_first)))
    }
}

impl Dialect for P2pJson {
    fn name(&self) -> &'static str {
        "p2p_json"
    }

    fn documentation(&self) -> &'static str {
        "Data channels between two peers that speak JSON texts: input (one frame and action a \
         message, the delay applied), state_hash, state_sync, ping and pong. Players are numbered \
         by the list that the page's server gave, else by their sorted names once both have spoken; \
         inputs wait until then. \
         Nothing says an episode. Which text a state hash was made of is not told, so the two peers' \
         hashes compare with each other, where both have as many digits and the frame was confirmed \
         when this page sent its own, and with nothing that is recomputed. Matchmaking probes and this project's own JSON \
         messages are not of this family."
    }

    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool {
        let Value::String(message) = message else {
            return false;
        };
        if place.kind != ChannelKind::DataChannel || !message.starts_with('{') {
            return false;
        }
        let Some(object) = json::read(message) else {
            return false;
        };
        let has = |key: &str| object.get(key).is_some();
        // This project's own messages carry their version, probes a sequence number.
        if has("v") || has("seq") {
            return false;
        }
        match text(&object, "type") {
            Some("input") => has("frame") && has("playerId") && has("action"),
            Some("state_hash") => has("frame") && has("hash"),
            Some("state_sync") => has("frame") && has("state"),
            Some("ping") => has("timestamp"),
            Some("pong") => has("echoTimestamp"),
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
        let Some(object) = message.as_str().and_then(json::read) else {
            return issues.push(PLACE, "a message that is no JSON text");
        };
        let input = match text(&object, "type") {
            Some("input") => input(place, &object),
            _ => {
                return match fact(place, &object) {
                    Ok(Some(fact)) => emit(place, fact, sink),
                    Ok(None) => {}
                    Err(trouble) => issues.push(PLACE, trouble),
                };
            }
        };
        match input {
            Ok(input) => take(input, memory, sink, issues),
            Err(trouble) => issues.push(PLACE, trouble),
        }
    }
}

fn input(place: &Place, object: &Value<'_>) -> Result<Waiting, &'static str> {
    let frame = object.get("frame").and_then(Value::as_u32).map(Frame);
    let name = object.get("playerId").and_then(name_of);
    let name = name.filter(|name| name.len() <= MAX_NAME_BYTES);
    let action = object.get("action").and_then(Value::as_u32).map(Action);
    Ok(Waiting {
        place: *place,
        frame: frame.ok_or("an input without a frame")?,
        name: name.ok_or("an input without a player")?,
        action: action.ok_or("an input whose action is no whole number")?,
    })
}

// An input waits until the names of both players are known; those before it come first.
fn take(input: Waiting, memory: &mut Memory<'_>, sink: &mut Sink<'_>, issues: &mut IssueLog) {
    let ends = &mut memory.channel.json_ends;
    ends.hear(input.place.direction, &input.name);
    ends.waiting.push_back(input);
    while let Some(first) = ends.waiting.front() {
        let known = memory.page.names.player(&first.name).or_else(|| ends.player(&first.name));
        let is_known = ends.is_complete();
        let is_full = ends.waiting.len() > MAX_WAITING;
        if known.is_none() && !is_known && !is_full {
            return;
        }
        match known {
            Some(player) => emit(&first.place, first.fact(player), sink),
            None if is_known => {
                issues.push(PLACE, "an input of a player that the game does not have");
            }
            None => issues.push(PLACE, "an input before the names of both players were known"),
        }
        ends.waiting.pop_front();
    }
}

fn fact<'v>(place: &Place, object: &'v Value<'_>) -> Result<Option<Fact<'v>>, String> {
    let direction = place.direction;
    let kind = text(object, "type").ok_or("a message without a type")?;
    let frame = object.get("frame").and_then(Value::as_u32).map(Frame);
    let of_frame = || frame.ok_or(format!("a message of type {:?} without a frame", clipped(kind)));
    let stamp = |key: &str| {
        let millis = object.get(key).and_then(Value::as_f64).filter(|millis| millis.is_finite());
        let millis = millis.ok_or(format!("a {kind} without its stamp"))?;
        Ok::<_, String>((millis * 1000.0).round() as u64)
    };
    Ok(match kind {
        "state_hash" => {
            let hash = text(object, "hash").ok_or("a state hash without its text")?;
            Some(Fact::HashMentioned { direction, is_relayed: false, frame: of_frame()?, hash })
        }
        "state_sync" => Some(Fact::StateTransferred { direction, frame: Some(of_frame()?) }),
        "ping" => {
            let stamp_micros = stamp("timestamp")?;
            (direction == Direction::Sent).then_some(Fact::PingSent { stamp_micros })
        }
        "pong" => {
            let stamp_micros = stamp("echoTimestamp")?;
            (direction == Direction::Received).then_some(Fact::PongReceived { stamp_micros })
        }
        // The message that ends MUG's handshake is JSON on every kind of game channel.
        "test" => {
            Some(Fact::HandshakeSeen { direction, step: crate::observation::HandshakeStep::Test })
        }
        other => return Err(format!("a message of unknown type {:?}", clipped(other))),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{ChannelMemory, PageMemory};
    use super::*;
    use crate::observation::{Evidence, Observation};
    use crate::time::Micros;

    fn place(direction: Direction) -> Place {
        Place {
            kind: ChannelKind::DataChannel,
            channel: 1,
            direction,
            evidence: Evidence::default(),
            time: Micros(9),
            time_origin_ms: None,
        }
    }

    #[derive(Default)]
    struct Channel {
        channel: ChannelMemory,
        page: PageMemory,
        facts: Vec<String>,
        issues: IssueLog,
    }

    impl Channel {
        fn hear(&mut self, direction: Direction, text: &str) {
            let mut sink = |seen: &Observation<'_>| self.facts.push(format!("{:?}", seen.fact));
            let mut memory = Memory { channel: &mut self.channel, page: &mut self.page };
            let message = Value::String(text.into());
            P2pJson.read(&place(direction), &message, &mut memory, &mut sink, &mut self.issues);
        }
    }

    const FROM_B: &str = r#"{"type":"input","frame":12,"playerId":"b","action":3,"timestamp":1.5}"#;
    const FROM_A: &str = r#"{"type":"input","frame":13,"playerId":"a","action":0,"timestamp":2}"#;

    #[test]
    fn inputs_are_told_once_both_names_are_known() {
        let mut channel = Channel::default();
        channel.hear(Direction::Sent, FROM_B);
        assert_eq!((channel.facts.len(), channel.issues.total()), (0, 0));
        channel.hear(Direction::Received, FROM_A);
        assert_eq!(channel.facts.len(), 2);
        assert!(channel.facts[0].contains("Sent, player: PlayerId(1)"));
        assert!(channel.facts[0].contains("inputs: [(Frame(12), Action(3))]"));
        assert!(
            channel.facts[1].contains("Received, player: PlayerId(0), current: Some(Frame(13))")
        );
        channel.hear(Direction::Received, &FROM_A.replace("\"a\"", "\"c\""));
        assert_eq!((channel.facts.len(), channel.issues.total()), (2, 1));
    }

    #[test]
    fn inputs_of_a_page_that_nobody_answers_do_not_wait_without_end() {
        let mut channel = Channel::default();
        for _ in 0..2 * MAX_WAITING {
            channel.hear(Direction::Sent, FROM_B);
        }
        assert_eq!(channel.channel.json_ends.waiting.len(), MAX_WAITING);
        assert_eq!((channel.facts.len(), channel.issues.total()), (0, MAX_WAITING as u64));
    }

    #[test]
    fn the_server_s_list_of_players_tells_them_at_once() {
        let mut channel = Channel::default();
        channel.page.names.set_all(vec!["b".to_owned(), "a".to_owned()]);
        channel.hear(Direction::Sent, FROM_B);
        assert!(channel.facts[0].contains("player: PlayerId(1)"));
        assert_eq!(channel.issues.total(), 0);
    }

    #[test]
    fn every_other_message_is_told() {
        let mut channel = Channel::default();
        channel.hear(Direction::Sent, r#"{"type":"state_hash","frame":30,"hash":"0cc175b9"}"#);
        channel.hear(
            Direction::Received,
            r#"{"type":"state_sync","frame":31,"state":{},"rngState":{}}"#,
        );
        channel.hear(Direction::Sent, r#"{"type":"ping","timestamp":2.5}"#);
        channel.hear(Direction::Received, r#"{"type":"pong","timestamp":9,"echoTimestamp":2.5}"#);
        channel.hear(Direction::Received, r#"{"type":"ping","timestamp":2.5}"#);
        assert_eq!(channel.issues.issues(), []);
        let expected = [
            "HashMentioned",
            "StateTransferred",
            "PingSent { stamp_micros: 2500 }",
            "PongReceived { stamp_micros: 2500 }",
        ];
        assert_eq!(channel.facts.len(), expected.len());
        for (fact, part) in channel.facts.iter().zip(expected) {
            assert!(fact.contains(part), "{fact}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_counted() {
        let mut channel = Channel::default();
        for text in [
            "",
            "{",
            "[]",
            r#"{"type":"dance"}"#,
            r#"{"type":"input","playerId":1,"action":1}"#,
            r#"{"type":"input","frame":-1,"playerId":1,"action":1}"#,
            r#"{"type":"ping","timestamp":"x"}"#,
            r#"{"type":"state_hash","frame":1}"#,
            r#"{"type":"input","frame":1,"action":1}"#,
        ] {
            channel.hear(Direction::Received, text);
        }
        assert_eq!((channel.facts.len(), channel.issues.total()), (0, 9), "{:?}", channel.issues);
    }

    #[test]
    fn probes_own_messages_and_other_channels_are_not_claimed() {
        let is =
            |text: &str| P2pJson.recognises(&place(Direction::Sent), &Value::String(text.into()));
        assert!(is(FROM_A));
        assert!(is(r#"{"type":"ping","timestamp":1}"#));
        for text in [
            r#"{"type":"ping","seq":1,"ts":5}"#,
            r#"{"type":"ping","v":3,"timestamp":5}"#,
            r#"{"type":"test","from":0,"timestamp":5}"#,
            r#"{"type":"input"}"#,
            "{}",
            "ping",
        ] {
            assert!(!is(text), "{text}");
        }
        let socket = Place { kind: ChannelKind::WebSocket, ..place(Direction::Sent) };
        assert!(!P2pJson.recognises(&socket, &Value::String(FROM_A.into())));
    }
}
