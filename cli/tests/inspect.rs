//! `rollscope inspect` as a user runs it: the fields of every table, numbering of peers, errors.

#![expect(
    clippy::unwrap_used,
    reason = "a test reads its fixtures and stops at its first surprise"
)]

use std::process::{Command, Output};

use rollscope::capture::{FileHeader, FileWriter};
use serde_json::Value;

const CAPTURE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/session-v1.rollscope");

const W_PLAYER_1: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/mug/W-quiet-1.rollscope.gz");
const W_PLAYER_2: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/mug/W-quiet-2.rollscope.gz");

fn inspect(arguments: &[&str]) -> Output {
    let command = [&["inspect"], arguments].concat();
    Command::new(env!("CARGO_BIN_EXE_rollscope")).args(command).output().unwrap()
}

fn lines(table: &str, files: &[&str]) -> Vec<Value> {
    let output = inspect(&[&[table], files, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_line_has_the_fields_of_its_table() {
    let expected: [(&str, &[&str]); 6] = [
        ("rollbacks", &["target", "current", "snapshot", "resimulated", "cause_player"]),
        (
            "frames",
            &[
                "frame",
                "inputs",
                "status",
                "confirmed_at_micros",
                "resimulated",
                "predicted_frames",
                "pending_inputs",
                "local_inputs",
                "remote_inputs",
                "unacknowledged_inputs",
                "outstanding_requests",
                "frame_advantage",
                "confirmation_lag",
            ],
        ),
        ("hashes", &["frame", "hash", "route", "sender", "recomputed"]),
        ("inputs", &["frame", "player", "action", "is_predicted"]),
        ("round-trips", &["operations", "wait_micros", "execution_micros", "reply_micros"]),
        ("configuration", &["name", "value", "source"]),
    ];
    for (table, fields) in expected {
        let lines = lines(table, &[CAPTURE]);
        assert!(lines.len() > 2, "{table}");
        for line in &lines {
            for field in fields.iter().chain(&["peer", "episode"]) {
                assert!(line.get(*field).is_some(), "{table}: {field} in {line}");
            }
        }
    }
}

#[test]
fn the_lines_say_what_the_report_counts() {
    let report = Command::new(env!("CARGO_BIN_EXE_rollscope")).args(["report", CAPTURE]).output();
    let report: Value = serde_json::from_slice(&report.unwrap().stdout).unwrap();
    let rollbacks = lines("rollbacks", &[CAPTURE]);
    let executed = rollbacks.iter().filter(|line| line["state"] == "executed").count();
    assert_eq!(report["stress"]["rollbacks"].as_u64(), Some(executed as u64));
    for line in &rollbacks {
        let number = |key: &str| line[key].as_u64().unwrap();
        assert!(number("snapshot") <= number("target") && number("target") < number("current"));
        assert_eq!(number("resimulated"), number("current") - number("snapshot"));
        assert_eq!(number("depth"), number("current") - number("target"));
    }
    let hashes = lines("hashes", &[CAPTURE]);
    let own: Vec<_> = hashes.iter().filter(|line| line["sender"] == 0).collect();
    assert!(own.len() > 10);
    assert!(own.iter().all(|line| line["recomputed"] == line["hash"] && line["route"] == "direct"));
    let frames = lines("frames", &[CAPTURE]);
    let numbers: Vec<_> = frames.iter().map(|line| line["frame"].as_u64().unwrap()).collect();
    assert!(numbers.iter().enumerate().all(|(place, number)| place as u64 == *number));
    assert!(frames.iter().any(|line| line["status"] == "verified"));
    let inputs = lines("inputs", &[CAPTURE]);
    assert_eq!(inputs.len(), 2 * frames.len());
}

/// What the issue of these tables names must be there in its own type, in one object a line.
#[test]
fn the_named_fields_hold_what_their_names_say() {
    let is_word = |value: &Value, words: &[&str]| words.iter().any(|word| value == word);
    let is_hex = |value: &Value| {
        let digits = value.as_str().unwrap_or_default();
        digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let or_null =
        |value: &Value, is_right: &dyn Fn(&Value) -> bool| value.is_null() || is_right(value);
    for line in lines("rollbacks", &[CAPTURE]) {
        assert!((&line["peer"], &line["episode"]) == (&0.into(), &0.into()), "{line}");
        for key in ["target", "current", "snapshot", "resimulated"] {
            assert!(line[key].is_u64(), "{key}: {line}");
        }
        assert_eq!(line["cause_player"], 1, "of two players the other one is guessed: {line}");
    }
    for line in lines("hashes", &[CAPTURE]) {
        assert!(line["frame"].is_u64() && is_hex(&line["hash"]), "{line}");
        assert!(is_word(&line["route"], &["direct", "js_round_trip", "unknown"]), "{line}");
        assert!(line["sender"].as_u64().is_some_and(|sender| sender < 2), "{line}");
        assert!(or_null(&line["recomputed"], &is_hex), "{line}");
        assert_eq!(line["recomputed"].is_null(), line["sender"] == 1, "{line}");
    }
    let words = ["predicted", "confirmed", "verified", "mismatch", "unknown"];
    for line in lines("frames", &[CAPTURE]) {
        let inputs = line["inputs"].as_array().unwrap();
        assert!(inputs.len() == 2 && inputs.iter().all(Value::is_u64), "{line}");
        assert!(line["frame"].is_u64() && line["resimulated"].is_u64(), "{line}");
        assert!(is_word(&line["status"], &words), "{line}");
        assert!(or_null(&line["confirmed_at_micros"], &Value::is_u64), "{line}");
        assert_eq!(line["confirmed_at_micros"].is_null(), line["status"] == "predicted", "{line}");
    }
    // Two files are peers 0 and 1; which player sits there is another thing.
    let both = lines("frames", &[W_PLAYER_2, W_PLAYER_1]);
    let peers: std::collections::BTreeSet<u64> =
        both.iter().map(|line| line["peer"].as_u64().unwrap()).collect();
    assert_eq!(peers.into_iter().collect::<Vec<_>>(), [0, 1]);
    let local = |peer: u64| {
        let inputs = lines("inputs", &[W_PLAYER_2, W_PLAYER_1]);
        let own = inputs.into_iter().find(|line| line["peer"] == peer && line["is_local"] == true);
        own.unwrap()["player"].as_u64()
    };
    assert_eq!((local(0), local(1)), (Some(1), Some(0)));
    // MUG's pages acknowledge nothing, so nobody knows what still waits there; all else is told.
    for line in &both {
        assert!(line["unacknowledged_inputs"].is_null(), "{line}");
        for key in ["predicted_frames", "local_inputs", "remote_inputs", "outstanding_requests"] {
            assert!(line[key].is_u64(), "{key}: {line}");
        }
    }
}

#[test]
fn a_table_for_eyes_has_one_header_and_aligned_columns() {
    let output = inspect(&["rollbacks", CAPTURE]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let column = header.find("target").unwrap();
    assert!(header.starts_with("peer"));
    assert!(lines.clone().count() > 2);
    assert!(
        lines.all(|line| line.as_bytes()[column - 1] == b' ' && line.as_bytes()[column] != b' ')
    );
}

#[test]
fn a_table_that_does_not_exist_names_those_that_do_and_help_lists_fields() {
    let output = inspect(&["rollback", CAPTURE]);
    assert_eq!(output.status.code(), Some(64));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("rollbacks, frames, hashes, inputs, round-trips"), "{text}");
    let help = String::from_utf8(inspect(&["--help"]).stdout).unwrap();
    for word in ["cause_player", "confirmed_at_micros", "js_round_trip", "--json"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn every_setting_says_where_it_comes_from() {
    let lines = lines("configuration", &[CAPTURE]);
    let of = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap();
    for name in
        ["input-delay", "snapshot-interval", "prediction", "default-action", "frames-per-second"]
    {
        assert_eq!(of(name)["source"], "said", "{name}");
        assert!(of(name)["value"].is_string(), "{name}");
    }
}

#[test]
fn wrong_settings_are_told_with_the_right_ones() {
    for command in ["check", "report", "inspect frames"] {
        for (set, part) in [
            ("delay=3", "input-delay, snapshot-interval, prediction, default-action"),
            ("input-delay=soon", "0 to 60 frames"),
            ("prediction=none", "default_action or repeat_last"),
            ("input-delay", "NAME=VALUE"),
        ] {
            let arguments: Vec<&str> = command.split(' ').chain(["--set", set, CAPTURE]).collect();
            let output =
                Command::new(env!("CARGO_BIN_EXE_rollscope")).args(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(64), "{command} {set}");
            let text = String::from_utf8(output.stderr).unwrap();
            assert!(text.contains(part) && text.contains(set), "{command}: {text}");
        }
    }
    // What the traffic says wins.
    let output = inspect(&["configuration", "--set", "input-delay=9", CAPTURE, "--json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\"said\"") && !text.contains("\"set\""), "{text}");
}

#[test]
fn a_table_without_lines_says_why() {
    let path = std::env::temp_dir().join(format!("rollscope-empty-{}", std::process::id()));
    let header = FileHeader { created_by: "test".to_owned(), created_at_ms: 0.0 };
    let (writer, mut bytes) = FileWriter::start(&header);
    bytes.extend(writer.end());
    std::fs::write(&path, bytes).unwrap();
    let output = inspect(&["frames", path.to_str().unwrap(), "--json"]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("no frames to show: no game is in it"), "{text}");
}
