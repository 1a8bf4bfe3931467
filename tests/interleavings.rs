//! Any interleaving of channels that keeps each channel's order gives the same result: every event keeps its
//! number and its time, and stands elsewhere in the capture. What is compared is everything that panel,
//! command line and reports show, letter by letter.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

#[path = "support/convert.rs"]
mod convert;
#[allow(dead_code, clippy::allow_attributes, reason = "many_sessions.rs uses the rest")]
mod mesh;
mod mug_support;

use std::collections::BTreeMap;
use std::fmt::Write;

use mesh::Plan;
use mug_support::interleave::{Interleaving, Piece, interleaved, pieces};
use mug_support::json::{Digits, in_json};
use mug_support::python::{Change, with_python};
use mug_support::{SESSIONS, chunks_of_recording, recordings, trimmed, unpack};
use rollscope::analysis::Analysis;
use rollscope::capture::assembly::MAX_WAITING_CHUNKS;
use rollscope::capture::{FileHeader, FileWriter};
use rollscope::link::SplitMix64;
use rollscope::report::TABLES;
use rollscope::rollback::ResyncRule;
use rollscope::summary::Choice;
use rollscope::traffic::{Event, TrafficRow};

/// How chunks come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// One by one from a hook.
    Live,
    /// In a capture file.
    File,
}

fn analyse(chunks: &[Vec<u8>], door: Door) -> Analysis {
    let mut analysis = Analysis::new();
    match door {
        Door::Live => chunks.iter().for_each(|chunk| analysis.handle_chunk(chunk)),
        Door::File => analysis.open_file(&file(chunks)).unwrap(),
    }
    analysis.flush();
    analysis
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = FileHeader { created_by: "a test".to_owned(), created_at_ms: 0.0 };
    let (mut writer, mut bytes) = FileWriter::start(&header);
    for chunk in chunks {
        bytes.extend(writer.chunk(chunk).unwrap());
    }
    bytes.extend(writer.end());
    bytes
}

/// Everything that is known: each line of each table, every check, the Capture view, the report on each
/// episode of each game with its findings, figures and verdict, and every 97th message, read again.
fn everything(mut analysis: Analysis) -> String {
    let mut text = String::new();
    for table in TABLES {
        analysis.lines(*table, &mut |line| writeln!(text, "{} {line:?}", table.name()).unwrap());
    }
    let view = analysis.capture_view();
    let seen = (analysis.check(), view.pages, view.losses, view.holes, view.channels);
    writeln!(text, "{seen:?}").unwrap();
    for (game, choices) in analysis.choices().iter().enumerate() {
        for episode in 0..choices.episodes.len() {
            analysis.choose(Choice { game: Some(game), episode: Some(episode) });
            writeln!(text, "{}\n{:?}", analysis.report_json(), analysis.peer_clocks()).unwrap();
        }
    }
    let (messages, left_out) = analysis.traffic_count();
    assert_eq!(left_out, 0);
    let rows = (0..messages as u32).map(|event| analysis.traffic_row(Event(event)).unwrap());
    let mut rows: Vec<TrafficRow> = rows.collect();
    rows.sort_by_key(|row| (row.evidence.source, row.evidence.seq));
    for row in rows.into_iter().step_by(97) {
        let content = analysis.decode(row.event).unwrap();
        // In the table the messages of all pages stand as they came.
        let answered = row.partner.map(|partner| analysis.traffic_row(partner).unwrap().evidence);
        let row = TrafficRow { event: Event(0), partner: None, ..row };
        writeln!(text, "{row:?} {answered:?} {content:?}").unwrap();
    }
    text
}

#[track_caller]
fn check_same(name: &str, expected: &str, seen: &str) {
    if expected == seen {
        return;
    }
    let mut lines = expected.lines().zip(seen.lines());
    let (left, right) = lines.find(|(left, right)| left != right).unwrap_or_default();
    let at = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
    let around =
        |text: &str| -> String { text.chars().skip(at.saturating_sub(200)).take(400).collect() };
    panic!("{name}:\n{}\n----\n{}", around(left), around(right));
}

/// What reports say of the size of the chunks, which is another one where they are cut otherwise.
fn without_sizes(text: &str) -> String {
    let lines = text.lines().filter(|line| {
        !line.trim_start().starts_with("\"bytes\": ") && !line.contains("chunks_delivered")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Holds interleavings of pages against the capture as the pages saw it.
#[track_caller]
fn check(name: &str, pages: &[&[Vec<u8>]], ways: &[(Interleaving, Door)], random: &mut SplitMix64) {
    let whole = everything(analyse(&pages.concat(), Door::Live));
    let pieces: Vec<Piece> = pieces(pages);
    let cut = interleaved(&pieces, Interleaving::AsCaptured, random);
    let expected = everything(analyse(&cut, Door::Live));
    check_same(&format!("{name}, cut anew"), &without_sizes(&whole), &without_sizes(&expected));
    for (how, door) in ways {
        let chunks = interleaved(&pieces, *how, random);
        assert!(chunks != cut, "{name} {how:?}");
        let seen = everything(analyse(&chunks, *door));
        check_same(&format!("{name} {how:?} {door:?}"), &expected, &seen);
    }
}

const ALL_WAYS: [(Interleaving, Door); 4] = [
    (Interleaving::ByWhatIsLeft, Door::Live),
    (Interleaving::ByChannel, Door::File),
    (Interleaving::OneByOne, Door::Live),
    (Interleaving::LastFirst, Door::File),
];

/// Both versions of MUG, with and without a worker, and all their sockets' events.
#[test]
fn recorded_sessions_are_the_same_however_their_channels_are_interleaved() {
    let mut random = SplitMix64(41);
    for (place, session) in SESSIONS.into_iter().enumerate() {
        let [a, b] = trimmed(session);
        let ways = &ALL_WAYS[place % 2 * 2..][..2];
        check(session, &[&a.chunks, &b.chunks], ways, &mut random);
    }
}

#[test]
fn pages_of_the_older_design_and_python_on_the_page_s_thread_are_the_same() {
    let mut random = SplitMix64(42);
    let digits = (Digits::Sixteen, Digits::Sixteen);
    for session in ["H-nondet", "W-quiet"] {
        let [a, b] = trimmed(session).map(|page| in_json(&page, digits, None));
        check(session, &[&a, &b], &ALL_WAYS[1..3], &mut random);
    }
    let [a, b] = trimmed("H-nondet").map(|page| with_python(&page, Change::None));
    check("Python", &[&a, &b], &ALL_WAYS[2..], &mut random);
}

/// This project's own pages: two to four of them, in every form of the messages, with two episodes, repairs and
/// inputs that go on through the server. Here the order of channels decides guesses and causes.
#[test]
fn own_sessions_are_the_same_however_their_channels_are_interleaved() {
    let mut random = SplitMix64(43);
    let mut is_there = [false; 3];
    for seed in 0..10 {
        let plan = Plan::new(seed);
        is_there[0] |= plan.players > 2;
        is_there[1] |= plan.relayed_from.is_some();
        is_there[2] |= plan.resync != ResyncRule::Off;
        let peers = mesh::play(&plan);
        let pages: Vec<&[Vec<u8>]> = peers.iter().map(|peer| &peer.chunks[..]).collect();
        check(&format!("{plan:?}"), &pages, &ALL_WAYS, &mut random);
    }
    assert_eq!(is_there, [true; 3]);
}

#[test]
fn what_comes_too_late_to_wait_for_is_put_in_its_place_while_the_page_goes_on() {
    let [a, _] = trimmed("W-nondet");
    let chunks = interleaved(&pieces(&[&a.chunks]), Interleaving::AsCaptured, &mut SplitMix64(1));
    let chunks = &chunks[..4 * MAX_WAITING_CHUNKS];
    let mut live = Analysis::new();
    for chunk in chunks[..40].iter().chain(&chunks[41..]) {
        live.handle_chunk(chunk);
    }
    let is_lossless = |analysis: &Analysis| analysis.health().lost_events == 0;
    assert!(!is_lossless(&live), "nothing says yet that it will come");
    let verdict = live.verdict().headline;
    live.handle_chunk(&chunks[40]);
    assert!(is_lossless(&live), "{verdict}");
    let mut in_order = Analysis::new();
    chunks.iter().for_each(|chunk| in_order.handle_chunk(chunk));
    assert_eq!(live.capture_file(0.0), in_order.capture_file(0.0));
    check_same("live", &everything(in_order), &everything(live));

    // What is not kept cannot be taken once more: it stays lost, and the report says so.
    let mut capped = Analysis::new();
    capped.set_memory_cap(0);
    for chunk in chunks[..40].iter().chain(&chunks[41..]).chain([&chunks[40]]) {
        capped.handle_chunk(chunk);
    }
    capped.flush();
    assert!(!is_lossless(&capped));
}

/// Two captures of one page, the second part before the first.
#[test]
fn parts_of_a_page_in_two_files_are_one_whole_in_either_order() {
    let [a, _] = trimmed("H-quiet");
    let chunks = interleaved(&pieces(&[&a.chunks]), Interleaving::AsCaptured, &mut SplitMix64(1));
    let (first, second) = chunks.split_at(chunks.len() / 2);
    // Both have what lies between them, as two panels that were open together have.
    let (first, second) = (file(first), file(&[&first[first.len() - 9..], second].concat()));
    let [forward, backward] = [[&first, &second], [&second, &first]].map(|files| {
        let mut analysis = Analysis::new();
        files.iter().for_each(|file| analysis.open_file(file).unwrap());
        assert_eq!(analysis.health().lost_events, 0);
        analysis.report_json()
    });
    assert_eq!(forward, analyse(&chunks, Door::File).report_json());
    assert_eq!(backward, forward);
}

/// Recordings as they are, where they stand beside the repository: the lines of a file interleaved otherwise.
#[test]
fn recordings_are_the_same_however_their_lines_are_interleaved() {
    let Some(root) = recordings() else { return };
    let mut random = SplitMix64(44);
    for path in ["W-quiet/player1.jsonl.gz", "H-nondet/player2.jsonl.gz"] {
        let bytes = unpack(&root.join(path));
        let (head, lines) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap());
        let mut channels: BTreeMap<String, Vec<&[u8]>> = BTreeMap::new();
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).rev() {
            let event: Line = serde_json::from_slice(line).unwrap();
            channels.entry(event.ch).or_default().push(line);
        }
        let mut left: Vec<_> = channels.into_values().collect();
        let mut text = head.to_vec();
        while !left.is_empty() {
            let list = random.next_u64() as usize % left.len();
            text.push(b'\n');
            text.extend(left[list].pop().unwrap());
            left.retain(|list| !list.is_empty());
        }
        assert!(text != bytes[..bytes.len() - 1]);
        assert!(chunks_of_recording(&text) == chunks_of_recording(&bytes), "{path}");
    }
}

#[derive(serde::Deserialize)]
struct Line {
    ch: String,
}
