//! Pages that speak the older design's JSON texts with each other: recorded sessions whose data channel
//! was put into those words, held against the application's own log.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

mod mug_support;

use mug_support::interleave::{Merge, merged};
use mug_support::json::{Digits, in_json};
use mug_support::merge::{late, outcome};
use mug_support::{executed, logged_rollbacks, number, of_kind, rebuild, trimmed};
use rollscope::analysis::Analysis;
use rollscope::capture::Assembler;
use rollscope::dialect::DialectReader;
use rollscope::issue::IssueLog;
use rollscope::link::SplitMix64;
use rollscope::observation::{Fact, Observation};
use rollscope::session::{PeerSession, Session};
use rollscope::summary::{configurations, inferred_sentence, settings_of};
use rollscope::verify::{Case, CheckOutcome, Comparison};

/// Sessions of one episode: these messages do not say where one ends.
const SESSIONS: [&str; 4] = ["H-nondet", "H-quiet", "W-nondet", "W-quiet"];

const SIXTEEN: (Digits, Digits) = (Digits::Sixteen, Digits::Sixteen);

fn peer(session: &Session) -> &PeerSession {
    &session.games()[0].peers[0]
}

fn check(pages: [&[Vec<u8>]; 2], code: &str) -> CheckOutcome {
    let mut analysis = Analysis::new();
    pages.into_iter().flatten().for_each(|chunk| analysis.handle_chunk(chunk));
    analysis.flush();
    let checks = analysis.check().checks;
    checks.into_iter().find(|check| check.code == code).unwrap().outcome
}

fn compared(pages: [&[Vec<u8>]; 2]) -> Comparison {
    let session = rebuild(pages.into_iter().flatten(), &mut |_, _| true);
    let [game] = session.games() else { unreachable!("both pages play one game") };
    let comparison = Case::new(game).comparison(0).as_ref().clone();
    // All hashes are passed over at once; asked one by one they must say the same.
    for (frame, same) in &comparison.frames {
        let hashes = game.players().filter_map(|player| game.reported_hash(0, player, *frame));
        let hashes: Vec<u64> = hashes.collect();
        let expected = (hashes.len() > 1).then(|| hashes.windows(2).all(|two| two[0] == two[1]));
        assert_eq!(*same, expected, "{frame}");
    }
    comparison
}

#[test]
fn every_executed_rollback_is_rebuilt_and_none_is_invented() {
    for page in SESSIONS.into_iter().flat_map(trimmed) {
        let rebuilt = rebuild(&in_json(&page, SIXTEEN, None), &mut |_, _| true);
        assert_eq!(executed(peer(&rebuilt)), logged_rollbacks(&page.truth), "{}", page.name);
        let stepped = of_kind(&page.truth, "step").map(|line| number(line, "frame")).max();
        assert!(peer(&rebuilt).episodes[0].next_frame().0 > stepped.unwrap(), "{}", page.name);
    }
}

#[test]
fn hashes_of_both_peers_compare_as_those_of_the_binary_wire_do() {
    for session in SESSIONS {
        let pages = trimmed(session);
        let binary = compared([&pages[0].chunks, &pages[1].chunks]);
        for digits in [SIXTEEN, (Digits::ThirtyTwo, Digits::ThirtyTwo)] {
            let [a, b] = [&pages[0], &pages[1]].map(|page| in_json(page, digits, None));
            let texts = compared([&a, &b]);
            assert!(texts.compared > 90, "{session}: {}", texts.compared);
            let of = |one: &Comparison| (one.equal, one.first_different, one.last_agreed());
            assert_eq!(of(&texts), of(&binary), "{session} {digits:?}");
            // Where the rule is not told, nothing that is recomputed says anything.
            let reported = check([&a, &b], "hash-of-other-state");
            assert_eq!((reported.passed, reported.failed), (0, 0), "{session}");
            assert!(reported.not_checkable > 90, "{session}");
        }
    }
}

#[test]
fn hashes_of_two_rules_never_compare() {
    let pages = trimmed("W-quiet");
    let (one, other) = (Digits::Sixteen, Digits::ThirtyTwo);
    let a = in_json(&pages[0], (one, other), None);
    let b = in_json(&pages[1], (other, one), None);
    for chunks in [vec![&a], vec![&b], vec![&a, &b]] {
        let mut analysis = Analysis::new();
        chunks.iter().copied().flatten().for_each(|chunk| analysis.handle_chunk(chunk));
        analysis.flush();
        let checks = analysis.check().checks;
        let mismatch = checks.iter().find(|check| check.code == "state-hash-mismatch").unwrap();
        assert_eq!((mismatch.outcome.passed, mismatch.outcome.failed), (0, 0));
        assert!(mismatch.outcome.not_checkable > 90);
        let issues = analysis.health().issues;
        assert!(issues.iter().any(|one| one.1.contains("two rules")), "{issues:?}");
    }
}

#[test]
fn a_hash_that_rests_on_a_guess_compares_with_nothing() {
    let pages = trimmed("W-quiet");
    let early = r#"{"type":"state_hash","frame":400,"hash":"00000000000000aa"}"#;
    let a = in_json(&pages[0], SIXTEEN, Some((200, true, early)));
    let b = in_json(&pages[1], SIXTEEN, Some((205, false, early)));
    let mismatch = check([&a, &b], "state-hash-mismatch");
    assert_eq!(mismatch.failed, 0, "{mismatch:?}");
    assert!((20..=60).contains(&mismatch.passed), "{mismatch:?}");
    let early = check([&a, &b], "hash-before-confirmed");
    assert_eq!((early.failed, early.findings.len()), (1, 1), "{early:?}");
    let silent = in_json(&pages[0], SIXTEEN, None);
    assert_eq!(check([&silent, &b], "hash-before-confirmed").failed, 0);
}

#[test]
fn no_cutting_into_chunks_and_no_merging_of_channels_changes_anything() {
    let mut random = SplitMix64(5);
    let mut compared = 0;
    for page in SESSIONS.into_iter().flat_map(trimmed) {
        let chunks = in_json(&page, SIXTEEN, None);
        let mut is_relayed = false;
        let expected = outcome(&rebuild(&chunks, &mut |_, observation| {
            is_relayed |= matches!(observation.fact, Fact::InputRelayed { .. });
            true
        }));
        // Of two channels that carry inputs the merging alone says which did so first.
        if is_relayed {
            continue;
        }
        compared += 1;
        for merge in [
            Merge::AsCaptured,
            Merge::AtRandom { kept: 0 },
            Merge::OneByOne { is_reversed: false },
            Merge::OneByOne { is_reversed: true },
        ] {
            let rebuilt = outcome(&rebuild(&merged(&chunks, merge, &mut random), &mut |_, _| true));
            let place = format!("{} {merge:?}", page.name);
            assert_eq!(rebuilt.rollbacks, expected.rollbacks, "{place}");
            assert_eq!(rebuilt.confirmed, expected.confirmed, "{place}");
            assert!(rebuilt.frames == expected.frames, "{place}: frames differ");
            assert!(rebuilt.hashes == expected.hashes, "{place}: hashes differ");
        }
    }
    assert!(compared >= 5, "{compared} of 8 pages");
}

#[test]
fn a_late_observation_ends_like_the_full_one_from_its_anchor_on() {
    let mut random = SplitMix64(13);
    let mut anchored = 0;
    for page in SESSIONS.into_iter().flat_map(trimmed) {
        let chunks = in_json(&page, SIXTEEN, None);
        for _ in 0..2 {
            anchored += u32::from(late(&page.name, &chunks, &mut random));
        }
    }
    assert!(anchored >= 12, "{anchored} of 16");
}

#[test]
fn without_a_configuration_the_workers_steps_tell_the_input_delay_or_nothing_is_known() {
    let without = |chunks: &[Vec<u8>]| {
        rebuild(chunks, &mut |_, one| !matches!(one.fact, Fact::Configured(_)))
    };
    for page in ["W-nondet", "W-quiet"].into_iter().flat_map(trimmed) {
        let rebuilt = without(&in_json(&page, SIXTEEN, None));
        let peer = peer(&rebuilt);
        let configuration = peer.mug.as_ref().unwrap().configuration;
        let delay = if page.name.starts_with("W-quiet") { 4 } else { 2 };
        assert_eq!(configuration.inferred_input_delay_frames, Some(delay), "{}", page.name);
        assert_eq!(executed(peer), logged_rollbacks(&page.truth), "{}", page.name);
        assert!(configuration.inferred().contains(&"input delay"));
    }
    for page in trimmed("H-nondet") {
        let rebuilt = without(&in_json(&page, SIXTEEN, None));
        assert!(peer(&rebuilt).episodes.is_empty(), "{}: no message tells the delay", page.name);
    }
}

#[test]
fn a_user_can_say_what_no_message_tells() {
    for page in trimmed("H-nondet") {
        let mut session = Session::default();
        session.answers.set("input-delay", "2").unwrap();
        let chunks = in_json(&page, SIXTEEN, None);
        let (mut assembler, mut reader) = (Assembler::default(), DialectReader::default());
        let (mut issues, mut unread) = <(IssueLog, IssueLog)>::default();
        for chunk in &chunks {
            assembler.handle_chunk(chunk, &mut issues, &mut |event| {
                let mut sink = |one: &Observation<'_>| {
                    if !matches!(one.fact, Fact::Configured(_)) {
                        session.handle(one);
                    }
                };
                reader.handle_event(&event, &mut sink, &mut unread);
            });
        }
        let peer = peer(&session);
        assert_eq!(executed(peer), logged_rollbacks(&page.truth), "{}", page.name);
        let settings: Vec<_> = settings_of(peer)
            .into_iter()
            .map(|one| (one.name, one.value.unwrap(), one.source))
            .collect();
        assert_eq!(settings[0], ("input-delay", "2".to_owned(), "set"));
        assert_eq!(settings[1], ("snapshot-interval", "5".to_owned(), "default"));
        let sentence = inferred_sentence(&configurations(&session.games()[0]));
        assert!(sentence.starts_with("Not said by the traffic: input-delay 2 (set)"), "{sentence}");
    }
    // Binary messages list all inputs of an episode at first, which shows the delay.
    for page in trimmed("W-quiet") {
        let of = |is_told: bool| {
            let session = rebuild(&page.chunks, &mut |_, one| {
                is_told || !matches!(one.fact, Fact::Configured(_))
            });
            let delay = settings_of(peer(&session)).remove(0);
            (delay.value, delay.source, inferred_sentence(&configurations(&session.games()[0])))
        };
        // MUG's pages with a worker never say their interval.
        let sentence = "Not said by the traffic: snapshot-interval 5 (default).".to_owned();
        assert_eq!(of(true), (Some("4".to_owned()), "said", sentence));
        let (value, source, sentence) = of(false);
        assert_eq!((value.as_deref(), source), (Some("4"), "inferred"));
        assert!(sentence.contains("input-delay 4 (inferred), snapshot-interval 5 (default)"));
    }
}
