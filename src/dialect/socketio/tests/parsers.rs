//! Framing held against the packages that pages use (`tests/fixtures/socketio.mjs`).

use serde_json::{Map, Number, json};

use super::super::super::msgpack;
use super::super::attachments::Waiting;
use super::*;

type Json = serde_json::Value;

fn fixture() -> Json {
    serde_json::from_str(include_str!("../../../../tests/fixtures/socketio.json")).unwrap()
}

fn as_json(value: &Value<'_>) -> Json {
    let number = |number: f64| match number as i64 {
        whole if whole as f64 == number => json!(whole),
        _ => Number::from_f64(number).map_or(Json::Null, Json::Number),
    };
    match value {
        Value::Null => Json::Null,
        Value::Bool(is) => json!(is),
        Value::Integer(whole) => json!(whole),
        Value::Number(value) => number(*value),
        Value::String(text) => json!(text),
        Value::Array(items) => items.iter().map(as_json).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.to_string(), as_json(value)));
            members.collect::<Map<_, _>>().into()
        }
        Value::ArrayBuffer(bytes) => json!({ "$bytes": hex(bytes) }),
        other => panic!("{other:?} is no JSON"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digits).collect()
}

// Numbers compare by value: a fixture may hold 1 or 1.0 for the same one.
fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, l)| right.get(key).is_some_and(|r| same(l, r)))
        }
        _ => left == right,
    }
}

// The type that the package gives a decoded packet: binary ones become plain ones.
fn number(kind: PacketKind) -> u32 {
    match kind {
        PacketKind::Connect => 0,
        PacketKind::Disconnect => 1,
        PacketKind::Event | PacketKind::BinaryEvent => 2,
        PacketKind::Ack | PacketKind::BinaryAck => 3,
        PacketKind::ConnectError => 4,
    }
}

fn parts(packet: &Packet<'_>, buffers: &[Option<Vec<u8>>]) -> Option<Json> {
    let mut data = match packet.data {
        "" => Value::Null,
        data => json::read(data)?,
    };
    let is_filled = fill(&mut data, buffers);
    let (kind, id) = (number(packet.kind), packet.id);
    is_filled
        .then(|| json!({"type": kind, "nsp": packet.namespace, "id": id, "data": as_json(&data)}))
}

#[test]
fn encoded_packets_give_their_contents_back() {
    let fixture = fixture();
    let sequences = fixture["sequences"].as_array().unwrap();
    assert!(sequences.len() >= 14);
    for sequence in sequences {
        let (mut waiting, mut read) = (Waiting::default(), None);
        for frame in sequence["frames"].as_array().unwrap() {
            if let Some(text) = frame.as_str() {
                let Some(EngineFrame::Message(text)) = EngineFrame::read(text) else {
                    panic!("{text} is no message");
                };
                let packet = Packet::read(text).unwrap();
                match packet.attachments {
                    0 => read = parts(&packet, &[]),
                    count => assert!(waiting.expect(text, count)),
                }
            } else {
                match waiting.attach(&unhex(frame["$bytes"].as_str().unwrap())) {
                    Attached::Waiting => {}
                    Attached::Complete { text, buffers } => {
                        read = parts(&Packet::read(&text).unwrap(), &buffers);
                    }
                    Attached::Unexpected | Attached::TooLarge => panic!("{sequence}"),
                }
            }
        }
        let read = read.unwrap_or_else(|| panic!("incomplete: {sequence}"));
        assert!(same(&read, &sequence["packet"]), "{read} is not {sequence}");
    }
}

#[test]
fn changed_texts_are_taken_and_refused_as_the_package_does() {
    let fixture = fixture();
    let (mut taken, mut refused) = (0, 0);
    for case in fixture["texts"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let packet = Packet::read(text);
        // The package takes "5-", "50x1-" and "51e1-" for counts: these are refused here.
        let count = text.get(1..).and_then(|rest| rest.split('-').next()).unwrap_or_default();
        let is_odd_count = text.starts_with(['5', '6'])
            && (count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()));
        match case["verdict"].as_str().unwrap() {
            // It takes an empty text for a packet of type 0.
            "taken" if is_odd_count || text.is_empty() => assert!(packet.is_err(), "{text}"),
            "taken" => {
                let packet = packet.unwrap_or_else(|trouble| panic!("{text}: {trouble}"));
                let read = parts(&packet, &[]).unwrap_or_else(|| panic!("{text} is no JSON"));
                assert!(same(&read, &case["packet"]), "{text}: {read} is not {}", case["packet"]);
                taken += 1;
            }
            "waiting" if is_odd_count => assert!(packet.is_err(), "{text}"),
            "waiting" => assert!(packet.is_ok_and(|packet| packet.attachments > 0), "{text}"),
            _ => {
                // What the package refuses says nothing here: no packet, no JSON, no named event.
                let mut page = Page::default();
                page.received(&format!("4{text}"));
                page.facts.retain(|fact| !fact.contains("Server"));
                let is_waiting = packet.is_ok_and(|packet| packet.attachments > 0);
                assert!(page.facts.is_empty(), "{text}: {:?}", page.facts);
                let is_connection = text.starts_with(['0', '1', '4']);
                let is_issue = page.issues.total() == 1;
                assert!(is_issue || is_connection || is_waiting, "{text}: {:?}", page.issues);
                refused += 1;
            }
        }
    }
    assert!(taken > 300 && refused > 300);
}

#[test]
fn frames_have_the_types_that_the_package_gives_them() {
    for case in fixture()["frames"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let read = EngineFrame::read(text);
        let (kind, data) = match read {
            Some(EngineFrame::Open(data)) => ("open", data),
            Some(EngineFrame::Close) => ("close", ""),
            Some(EngineFrame::Ping) => ("ping", text.get(1..).unwrap()),
            Some(EngineFrame::Pong) => ("pong", ""),
            Some(EngineFrame::Message(data)) => ("message", data),
            Some(EngineFrame::Upgrade) => ("upgrade", ""),
            Some(EngineFrame::Noop) => ("noop", ""),
            None => ("error", "parser error"),
        };
        assert_eq!(
            (case["type"].as_str().unwrap(), case["data"].as_str().unwrap_or_default()),
            (kind, data)
        );
    }
}

#[test]
fn packed_values_are_those_that_went_in() {
    let fixture = fixture();
    let packed = fixture["packed"].as_array().unwrap();
    assert!(packed.len() > 25);
    for case in packed {
        let bytes = unhex(case["bytes"].as_str().unwrap());
        let read = as_json(&msgpack::read(&bytes).unwrap_or_else(|| panic!("{case}")));
        assert!(same(&read, &case["value"]), "{read} is not {}", case["value"]);
        for cut in 0..bytes.len() {
            assert_eq!(msgpack::read(&bytes[..cut]), None);
        }
    }
}
