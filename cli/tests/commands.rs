//! The command as a user runs it: exit codes, output and errors.

#![expect(
    clippy::unwrap_used,
    reason = "a test reads its fixtures and stops at its first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures");

fn rollscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rollscope")).args(arguments).output().unwrap()
}

/// A file of this test's own with `contents`.
fn file(name: &str, contents: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, contents).unwrap();
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn check_prints_one_line_and_its_exit_code_is_the_verdict() {
    let capture = format!("{FIXTURES}/session-v1.rollscope");
    let output = rollscope(&["check", &capture]);
    assert_eq!(text(&output.stdout).lines().count(), 1);
    let as_json = rollscope(&["check", "--json", &capture]);
    let object: Value = serde_json::from_slice(&as_json.stdout).unwrap();
    assert_eq!(object["verdict"]["exit_code"], output.status.code().unwrap());
    let verdict = &object["verdict"];
    assert!(
        ["verified", "desync", "risk", "untested", "incomplete"]
            .contains(&verdict["kind"].as_str().unwrap())
    );
    assert!(verdict["text"].as_str().unwrap().contains("One side observed"));
    assert_eq!(object["coverage"]["compared"], object["coverage"]["episodes"][0]["compared"]);
    for finding in object["findings"].as_array().unwrap() {
        for key in ["code", "severity", "peers", "episode", "frames", "count", "text", "evidence"] {
            assert!(finding.get(key).is_some(), "{key} in {finding}");
        }
    }
    for key in ["findings", "coverage", "stress", "accounting"] {
        assert!(object.get(key).is_some(), "{key}");
    }
}

#[test]
fn a_cut_off_file_is_incomplete_and_its_notice_goes_to_standard_error() {
    let whole = fs::read(format!("{FIXTURES}/session-v1.rollscope")).unwrap();
    let cut = file("cut.rollscope", &whole[..whole.len() * 2 / 3]);
    let output = rollscope(&["check", cut.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stdout).starts_with("CAPTURE INCOMPLETE"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("cut off at byte"), "{}", text(&output.stderr));
}

#[test]
fn what_is_made_of_a_cut_off_file_is_no_whole_one() {
    let whole = fs::read(format!("{FIXTURES}/session-v1.rollscope")).unwrap();
    let cut = file("cut-to-convert.rollscope", &whole[..whole.len() / 2]);
    let [once, twice] = ["once.rollscope", "twice.rollscope"].map(|name| file(name, b""));
    for (from, to) in [(&cut, &once), (&once, &twice)] {
        let output = rollscope(&["convert", from.to_str().unwrap(), "--out", to.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stderr).contains("cut off"), "{}", text(&output.stderr));
        let output = rollscope(&["check", to.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(4), "{}", text(&output.stdout));
        assert!(text(&output.stderr).contains("make this one anew"), "{}", text(&output.stderr));
    }
    for command in [vec!["report"], vec!["inspect", "frames"]] {
        let output = rollscope(&[command, vec![cut.to_str().unwrap()]].concat());
        assert!(text(&output.stderr).contains("cut off at byte"), "{}", text(&output.stderr));
    }
}

#[test]
fn a_cut_off_recording_is_incomplete() {
    let recording = concat!(
        r#"{"header":{"timeOrigin":1000.5,"url":"u","userAgent":"x","player":1}}"#,
        "\n",
        r#"{"t":1,"n":0,"ch":"ws:1","dir":"create","meta":{"url":"ws://x"}}"#,
        "\n",
        r#"{"t":2,"n":1,"ch":"ws:1","dir":"in","me"#,
    );
    let path = file("cut-recording.jsonl", recording.as_bytes());
    let output = rollscope(&["check", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stdout));
}

#[test]
fn what_cannot_be_read_names_the_next_step_and_ends_with_64() {
    let other = file("other.rollscope", b"not a capture");
    for (path, named) in
        [(other.to_str().unwrap(), "choose a file"), ("/nowhere/x.rollscope", "check the path")]
    {
        let output = rollscope(&["check", path]);
        assert_eq!(output.status.code(), Some(64), "{path}");
        assert!(text(&output.stderr).contains(named), "{}", text(&output.stderr));
    }
    let capture = format!("{FIXTURES}/session-v1.rollscope");
    let output = rollscope(&["report", &capture, "--format", "pdf"]);
    assert!(text(&output.stderr).contains("choose one of json, html"), "{}", text(&output.stderr));
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn every_wrong_file_is_told_apart_with_what_to_do_about_it() {
    let whole = fs::read(format!("{FIXTURES}/session-v1.rollscope")).unwrap();
    let gz = packed(&whole);
    let mut broken = gz.clone();
    broken[40..60].fill(0xff);
    let report = fs::read(format!("{FIXTURES}/session-v1.report.json")).unwrap();
    let newer = [b"ROLLSCOP".as_slice(), &99_u32.to_le_bytes(), &[0; 8]].concat();
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("empty", Vec::new(), "is empty: save the capture again"),
        ("empty.gz", packed(b""), "is empty: save the capture again"),
        ("cut.gz", gz[..gz.len() / 2].to_vec(), "is cut off after"),
        ("broken.gz", broken, "is damaged, so it cannot be unpacked: copy or save it again"),
        ("twice.gz", packed(&gz), "packed twice: unpack it"),
        ("report.json", report, "it is JSON, perhaps a report: name the capture"),
        ("report.html", b"<!doctype html>".to_vec(), "it is a page, perhaps a report"),
        ("files.zip", b"PK\x03\x04xxxx".to_vec(), "a zip archive: unpack it"),
        ("files.zst", b"\x28\xb5\x2f\xfdxx".to_vec(), "`zstd -d`"),
        ("picture.png", b"\x89PNG\r\n".to_vec(), "choose a file that Rollscope saved"),
        ("newer.rollscope", newer, "update Rollscope"),
        ("header.rollscope", whole[..14].to_vec(), "copy or save the file again"),
    ];
    for command in ["check", "report", "inspect frames"] {
        for (name, contents, named) in &cases {
            let path = file(name, contents);
            let path = path.to_str().unwrap();
            let arguments: Vec<&str> = command.split(' ').chain([path]).collect();
            let output = rollscope(&arguments);
            assert_eq!((output.status.code(), output.stdout.len()), (Some(64), 0), "{name}");
            let told = text(&output.stderr);
            assert!(told.contains(named) && told.contains(path), "{command} {name}: {told}");
        }
        let arguments: Vec<&str> = command.split(' ').chain([FIXTURES]).collect();
        let output = rollscope(&arguments);
        assert_eq!(output.status.code(), Some(64));
        assert!(text(&output.stderr).contains("is a directory: name the files in it"));
    }
    // A capture that is packed opens as it is.
    let plain = rollscope(&["check", &format!("{FIXTURES}/session-v1.rollscope")]);
    let path = file("session.rollscope.gz", &gz);
    assert_eq!(rollscope(&["check", path.to_str().unwrap()]).stdout, plain.stdout);
}

#[test]
fn what_is_in_a_capture_and_not_understood_is_told() {
    let header = r#"{"header":{"timeOrigin":1000.5,"url":"u","userAgent":"x","player":1}}"#;
    let channel = r#"{"t":1,"n":0,"ch":"dc:1","dir":"create","meta":{"label":"game"}}"#;
    let told = |name: &str, lines: &[&str]| {
        let path = file(name, [&[header], lines].concat().join("\n").as_bytes());
        let output = rollscope(&["check", path.to_str().unwrap()]);
        assert!(text(&output.stdout).starts_with("NOT CHECKABLE"), "{}", text(&output.stdout));
        assert_eq!(output.status.code(), Some(3));
        text(&output.stderr)
    };
    let nothing = told("nothing.jsonl", &[]);
    assert!(nothing.contains("record again with the panel open before"), "{nothing}");
    let foreign = r#"{"t":2,"n":1,"ch":"dc:1","dir":"in","data":"of no dialect"}"#;
    let foreign = told("foreign.jsonl", &[channel, foreign]);
    assert!(foreign.contains("on 1 channels, and no message of a known dialect"), "{foreign}");
    // Peers of this project's own protocol in versions to come.
    for (name, data) in [
        ("text.jsonl", r#""data":"{\"v\":99,\"type\":\"input\",\"episode\":0,\"playerId\":1}""#),
        ("bytes.jsonl", r#""b64":"UhsC""#),
    ] {
        let message = format!(r#"{{"t":2,"n":1,"ch":"dc:1","dir":"in",{data}}}"#);
        let version = told(name, &[channel, &message]);
        assert!(version.contains("1 things in it could not be read"), "{version}");
        assert!(version.contains("protocol version") && version.contains("update it"), "{version}");
    }
}

#[test]
fn the_report_is_the_one_that_the_core_writes() {
    let capture = format!("{FIXTURES}/session-v1.rollscope");
    let output = rollscope(&["report", &capture]);
    let expected = fs::read_to_string(format!("{FIXTURES}/session-v1.report.json")).unwrap();
    assert_eq!(text(&output.stdout), expected);
}

#[test]
fn hashes_are_those_of_cpython_on_both_routes() {
    let vectors = fs::read_to_string(format!("{FIXTURES}/state-hash.json")).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&vectors).unwrap();
    let states: Vec<&str> = vectors.iter().map(|v| v["state_json"].as_str().unwrap()).collect();
    assert!(states.iter().all(|state| !state.contains('\n')), "one state per line");
    let file = file("states.txt", states.join("\n").as_bytes());
    let output = rollscope(&["hash", file.to_str().unwrap()]);
    let printed = text(&output.stdout);
    let mut checked = 0;
    for (line, vector) in printed.lines().zip(&vectors) {
        let object: Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["direct"]["sha256"], vector["sha256"], "{}", vector["name"]);
        let md5 = object["direct"]["md5"].as_str().unwrap();
        assert_eq!(&md5[..8], vector["md5_8"].as_str().unwrap(), "{}", vector["name"]);
        if let Some(expected) = vector["js_sha256_16"].as_str() {
            let digest = object["js_round_trip"]["sha256"].as_str().unwrap();
            assert_eq!(&digest[..16], expected, "{}", vector["name"]);
        }
        checked += 1;
    }
    assert_eq!(checked, vectors.len());
}

#[test]
fn a_line_that_is_no_state_is_named_and_the_others_are_hashed() {
    let file = file("mixed.txt", b"{\"a\":1}\n{nonsense\n[2]\n");
    let output = rollscope(&["hash", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1]["direct"]["error"].is_string());
    assert!(lines[2]["direct"]["sha256"].is_string());
}

#[test]
fn a_recording_opens_as_it_is_and_converted() {
    let recording = concat!(
        r#"{"header":{"timeOrigin":1000.5,"url":"u","userAgent":"x","player":1}}"#,
        "\n",
        r#"{"t":1,"n":0,"ch":"ws:1","dir":"create","meta":{"url":"ws://x"}}"#,
        "\n",
        r#"{"t":2,"n":1,"ch":"ws:1","dir":"in","meta":{},"data":"2"}"#,
        "\n",
        "no event\n",
    );
    let path = file("recording.jsonl", recording.as_bytes());
    let out = file("converted.rollscope", b"");
    let check = |path: &PathBuf| {
        let output = rollscope(&["check", "--json", path.to_str().unwrap()]);
        let object: Value = serde_json::from_slice(&output.stdout).unwrap();
        object["accounting"].clone()
    };
    assert_eq!(check(&path)["events"], 3);
    assert_eq!(check(&path)["issues"][0][2], 1);
    let convert = ["convert", path.to_str().unwrap(), "--out", out.to_str().unwrap()];
    assert_eq!(rollscope(&convert).status.code(), Some(0));
    assert_eq!(check(&out)["events"], 3);
}

#[test]
fn a_pseudonymised_report_holds_no_address_and_one_key_gives_one_name() {
    let capture = format!("{FIXTURES}/session-v1.rollscope");
    let (key, empty) = (file("key.txt", b"any words\n"), file("empty-key.txt", b" \n"));
    let written = |key: &Path| {
        let key = key.display().to_string();
        rollscope(&["report", &capture, "--pseudonymise", &key])
    };
    let output = written(&key);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let plain: Value = serde_json::from_slice(&rollscope(&["report", &capture]).stdout).unwrap();
    let url = plain["capture"]["url"].as_str().unwrap();
    assert!(!text(&output.stdout).contains(url), "{url}");
    assert_eq!(
        (&report["session"]["seed"], &report["capture"]["url"]),
        (&json!(null), &json!(null))
    );
    assert!(report["session"]["pseudonym"].as_str().unwrap().starts_with("S-"));
    assert_eq!(report["verdict"], plain["verdict"]);
    assert_eq!(output.stdout, written(&key).stdout);
    let refused = written(&empty);
    assert_eq!(refused.status.code(), Some(64));
    assert!(text(&refused.stderr).contains("write any words into it"));
}

#[test]
fn several_sessions_have_a_line_each_and_the_exit_code_of_the_worst() {
    let side = |session: &str, player: u8| {
        let packed = format!("{FIXTURES}/mug/{session}-{player}.rollscope.gz");
        assert!(Path::new(&packed).exists());
        packed
    };
    let [a, b] = [side("H-clean", 1), side("H-clean", 2)];
    let [c, d] = [side("H-nondet", 1), side("H-nondet", 2)];
    let output = rollscope(&["check", &a, &c, &d, &b]);
    let lines: Vec<_> = text(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(output.status.code(), Some(1));
    for (line, files) in lines.iter().zip([[&a, &b], [&c, &d]]) {
        let alone = rollscope(&["check", files[0], files[1]]);
        assert_eq!(
            *line,
            format!("{} + {}: {}", files[0], files[1], text(&alone.stdout).trim_end())
        );
    }
    assert_eq!(lines[2], "2 sessions: 1 DESYNC, 1 RISK");
    let as_json = rollscope(&["check", "--json", &a, &c, &d, &b]);
    let object: Value = serde_json::from_slice(&as_json.stdout).unwrap();
    assert_eq!(object["verdict"]["text"], "2 sessions: 1 DESYNC, 1 RISK");
    assert_eq!(object["sessions"][1]["files"], json!([c, d]));
    assert_eq!(object["sessions"][1]["verdict"]["exit_code"], 1);
    assert!(object["sessions"][0]["findings"].as_array().is_some_and(|all| !all.is_empty()));
}
