//! Every check against planted faults: it fires at the right place, stays silent on clean sessions
//! (see `reconstruction.rs`), and says *not checkable* where the traffic does not tell.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

mod support;

use rollscope::analysis::Analysis;
use rollscope::capture::decode_chunk;
use rollscope::capture::{ChunkBuilder, EventKind, PageId};
use rollscope::issue::IssueLog;
use rollscope::link::LinkProfile;
use rollscope::message::PeerMessage;
use rollscope::verify::{CheckResult, Severity, VerdictKind};
use support::{FAULT_FRAME, Fault, Setup, analyse, play};

fn check_of(analysis: &Analysis, code: &str) -> CheckResult {
    analysis.report().checks.into_iter().find(|check| check.code == code).unwrap()
}

const SEEDS: std::ops::Range<u64> = 100..112;

/// Plants `fault` at peer 0 and expects `code` to fire, first at or after the fault, before
/// `FAULT_FRAME + within_frames`; returns the analyses of the faulty side.
#[track_caller]
fn check_fires(fault: Fault, code: &str, within_frames: u32) -> Vec<Analysis> {
    let mut analyses = Vec::new();
    for seed in SEEDS {
        let [first, _] = play(&Setup { fault, ..Setup::new(seed) });
        let analysis = analyse(&first.into_chunks());
        let check = check_of(&analysis, code);
        assert!(check.outcome.failed > 0, "seed {seed}: {code} stays silent on {fault:?}");
        let finding = &check.outcome.findings[0];
        assert!(finding.text.chars().any(char::is_numeric), "{}", finding.text);
        if let Some((frame, _)) = finding.frames {
            let expected = FAULT_FRAME.saturating_sub(45)..FAULT_FRAME + within_frames;
            assert!(expected.contains(&frame.0), "seed {seed}: {} at {frame}", finding.text);
        }
        analyses.push(analysis);
    }
    analyses
}

#[track_caller]
fn check_silent(analyses: &[Analysis], codes: &[&str]) {
    for analysis in analyses {
        for code in codes {
            let check = check_of(analysis, code);
            assert_eq!(check.outcome.failed, 0, "{:?}", check.outcome.findings);
        }
    }
}

#[test]
fn a_dropped_rollback_is_a_missed_one() {
    let analyses = check_fires(Fault::DropRollback, "rollback-missed", 60);
    for analysis in &analyses {
        // Hashes differ unless a later rollback happens to start before the missed one.
        let kind = analysis.verdict().kind;
        assert!(matches!(kind, VerdictKind::Desync | VerdictKind::Risk), "{kind:?}");
    }
    check_silent(&analyses, &["batch-contract", "hash-not-of-state", "input-conflict"]);
}

#[test]
fn a_wrong_snapshot_is_an_altered_one() {
    let analyses = check_fires(Fault::WrongSnapshot, "snapshot-altered", 60);
    check_silent(&analyses, &["rollback-missed", "rollback-content", "batch-contract"]);
}

#[test]
fn a_replay_with_another_action_or_too_few_frames_is_wrong_content() {
    let analyses = check_fires(Fault::ReplayOtherAction, "rollback-content", 60);
    check_silent(&analyses, &["snapshot-altered", "batch-contract", "hash-not-of-state"]);
    let analyses = check_fires(Fault::ReplayTooShort, "rollback-content", 60);
    check_silent(&analyses, &["snapshot-altered", "batch-contract", "hash-not-of-state"]);
}

#[test]
fn lost_and_swapped_results_and_replies_to_nothing_break_the_contract() {
    for fault in [Fault::DropResult, Fault::SwapResults, Fault::OrphanReply] {
        let analyses = check_fires(fault, "batch-contract", 60);
        check_silent(&analyses, &["rollback-missed", "rollback-content", "state-hash-mismatch"]);
        for analysis in &analyses {
            assert_eq!(check_of(analysis, "batch-contract").outcome.failed, 1, "{fault:?}");
            assert_eq!(analysis.verdict().kind, VerdictKind::Risk);
        }
    }
}

#[test]
fn a_report_of_another_states_hash_is_found_at_the_reporting_side() {
    let analyses = check_fires(Fault::ReportOtherHash, "hash-of-other-state", 60);
    check_silent(&analyses, &["hash-not-of-state", "rollback-content", "snapshot-altered"]);
}

#[test]
fn hashes_by_another_rule_are_not_those_of_the_state() {
    let analyses = check_fires(Fault::HashByOtherRule, "hash-not-of-state", 60);
    check_silent(&analyses, &["rollback-missed", "rollback-content", "batch-contract"]);
}

#[test]
fn nondeterminism_is_a_desync_bracketed_by_the_last_agreed_frame() {
    let analyses = check_fires(Fault::Nondeterminism, "state-hash-mismatch", 6);
    check_silent(&analyses, &["hash-not-of-state", "hash-of-other-state", "rollback-missed"]);
    for analysis in &analyses {
        let verdict = analysis.verdict();
        assert_eq!(verdict.kind, VerdictKind::Desync);
        let first = verdict.place.first_mismatch.unwrap();
        // Rollbacks that cross the fault's frame replay earlier frames with noise as well.
        assert!(first.0 + 45 > FAULT_FRAME && first.0 <= FAULT_FRAME + 5, "{first}");
        assert!(verdict.numbers.contains("Last agreed"), "{}", verdict.numbers);
    }
}

#[test]
fn a_game_that_reads_a_clock_is_named_by_its_own_replays() {
    let (mut named, mut repeated) = (0, 0);
    for seed in SEEDS {
        let fault = Fault::WallClock;
        let setup = Setup { fault, hashes_each_step: true, ..Setup::new(seed) };
        let [first, second] = play(&setup);
        let analysis = analyse(&first.into_chunks());
        let check = check_of(&analysis, "nondeterministic-step");
        for finding in &check.outcome.findings {
            assert_eq!(finding.peers, ["P1"], "{}", finding.text);
            let (first, _) = finding.frames.unwrap();
            assert!(first.0 + 45 > FAULT_FRAME, "{}", finding.text);
            named += 1;
        }
        let other = check_of(&analyse(&second.into_chunks()), "nondeterministic-step");
        assert_eq!(other.outcome.failed, 0, "the other peer is deterministic");
        repeated += other.outcome.passed;
    }
    assert!(named > 8 && repeated > 8, "{named} named, {repeated} repeats");
}

#[test]
fn clean_repeats_agree_in_a_page_and_across_pages() {
    let [first, second] = play(&Setup::new(300));
    let chunks: Vec<_> = first.into_chunks().into_iter().chain(second.into_chunks()).collect();
    let both = analyse(&chunks);
    let check = check_of(&both, "nondeterministic-step");
    assert_eq!(check.outcome.failed, 0, "{:?}", check.outcome.findings);
    assert!(check.outcome.passed > 40, "{}", check.outcome.passed);
}

#[test]
fn without_a_rollback_nothing_was_repeated() {
    let calm = Setup { profile: LinkProfile::default(), ..Setup::new(4) };
    let [first, _] = play(&calm);
    let analysis = analyse(&first.into_chunks());
    for code in ["nondeterministic-step", "state-not-restored"] {
        let check = check_of(&analysis, code);
        assert_eq!((check.outcome.passed, check.outcome.failed), (0, 0), "{code}");
        assert!(check.outcome.not_checkable > 0 && check.outcome.reason.is_some(), "{code}");
    }
}

#[test]
fn a_restore_that_leaves_something_out_is_found_in_the_next_save() {
    let saving = |fault, seed| Setup { fault, saves_after_restore: true, ..Setup::new(seed) };
    for seed in SEEDS {
        let [first, second] = play(&saving(Fault::LossyRestore, seed));
        let analysis = analyse(&first.into_chunks());
        let check = check_of(&analysis, "state-not-restored");
        let (frame, _) = check.outcome.findings[0].frames.unwrap();
        assert!(frame.0 + 45 > FAULT_FRAME && frame.0 < FAULT_FRAME + 60, "seed {seed}: {frame}");
        check_silent(&[analysis], &["rollback-content", "batch-contract"]);
        let clean = check_of(&analyse(&second.into_chunks()), "state-not-restored");
        assert!(clean.outcome.failed == 0 && clean.outcome.passed > 10);
    }
}

#[test]
fn states_of_the_first_differing_frame_are_compared_in_full() {
    for seed in SEEDS {
        let [first, second] = play(&Setup { fault: Fault::Nondeterminism, ..Setup::new(seed) });
        let (first, second) = (first.into_chunks(), second.into_chunks());
        let one = analyse(&first);
        let alone = check_of(&one, "state-difference");
        assert_eq!(alone.outcome.failed, 0);
        assert!(alone.outcome.not_checkable > 0 && alone.outcome.reason.is_some());
        let both = analyse(&first.into_iter().chain(second).collect::<Vec<_>>());
        let check = check_of(&both, "state-difference");
        let finding = &check.outcome.findings[0];
        let frame = both.verdict().place.first_mismatch.unwrap();
        assert_eq!(finding.frames, Some((frame, frame)), "seed {seed}");
        // The noise moves the numbers and leaves the random state alone.
        assert!(finding.text.contains("numbers[0]"), "{}", finding.text);
        assert!(!finding.text.contains("random"), "{}", finding.text);
        assert_eq!(finding.evidence.len(), 2);
    }
}

#[test]
fn two_actions_for_one_frame_conflict_at_the_receiving_side() {
    for seed in SEEDS {
        let [_, second] = play(&Setup { fault: Fault::AnnounceTwice, ..Setup::new(seed) });
        let check = check_of(&analyse(&second.into_chunks()), "input-conflict");
        assert!(check.outcome.failed > 0, "seed {seed}");
        let (first, _) = check.outcome.findings[0].frames.unwrap();
        assert!(first.0 >= FAULT_FRAME && first.0 < FAULT_FRAME + 40, "{first}");
    }
}

#[test]
fn a_worker_that_fails_is_a_risk_and_the_session_so_far_stays() {
    for analysis in check_fires(Fault::WorkerFails, "worker-stopped", 2) {
        let verdict = analysis.verdict();
        assert_eq!(verdict.kind, VerdictKind::Risk);
        assert!(verdict.headline.contains("out of memory"), "{}", verdict.headline);
        assert!(verdict.last_frame.unwrap().0 >= FAULT_FRAME);
    }
}

#[test]
fn a_restore_without_steps_is_a_round_trip_that_a_batch_would_save() {
    for analysis in check_fires(Fault::LoneRestore, "round-trips-saved", 60) {
        assert_eq!(check_of(&analysis, "round-trips-saved").outcome.failed, 1);
        assert_eq!(analysis.verdict().kind, VerdictKind::Verified, "a notice spoils nothing");
    }
}

#[test]
fn a_worker_that_the_page_ends_is_a_risk_only_while_it_is_needed() {
    check_fires(Fault::WorkerEnded, "worker-stopped", 2);
    let [first, _] = play(&Setup { ends_worker: true, ..Setup::new(100) });
    let analysis = analyse(&first.into_chunks());
    check_silent(&[analysis], &["worker-stopped"]);
}

#[test]
fn without_the_players_settings_guesses_are_not_checkable() {
    let [first, _] = play(&Setup::new(200));
    let truth = support::logged_rollbacks(&first.events);
    let chunks: Vec<Vec<u8>> = first.into_chunks().iter().map(|c| without_hello(c)).collect();
    let analysis = analyse(&chunks);
    for code in [
        "rollback-missed",
        "rollback-late",
        "rollback-content",
        "rollback-disabled",
        "rollback-spurious",
        "input-conflict",
        "input-bleed",
        "input-hole",
        "input-ignored",
        "input-below-delay",
        "hash-before-confirmed",
        "verification-blind",
    ] {
        let check = check_of(&analysis, code);
        assert_eq!((check.outcome.passed, check.outcome.failed), (0, 0), "{code}");
        assert!(check.outcome.not_checkable > 0, "{code}");
        assert!(check.outcome.reason.unwrap().contains("settings"), "{code}");
    }
    // What the worker's traffic says by itself stays checked.
    assert!(analysis.rollback_count() > 0);
    assert!(check_of(&analysis, "hash-not-of-state").outcome.passed > 0);
    // What was wrong is shown by the replay, not by any guess.
    let rows = analysis.rollbacks(0..analysis.rollback_count());
    let shown = rows.iter().filter_map(|row| Some((row.target?, row.current, row.snapshot)));
    let shown: Vec<_> = shown.collect();
    assert!(!shown.is_empty() && shown.iter().all(|one| truth.contains(one)), "{shown:?}");
}

#[test]
fn without_worker_traffic_nothing_of_the_worker_is_checkable() {
    let [first, _] = play(&Setup::new(200));
    let is_worker = |event: &EventKind<'_>| match event {
        EventKind::MessageSent(message) | EventKind::MessageReceived(message) => {
            message.value.bytes().is_none()
        }
        _ => false,
    };
    let chunks = first.into_chunks();
    let chunks: Vec<Vec<u8>> = chunks.iter().map(|chunk| without(chunk, is_worker)).collect();
    let analysis = analyse(&chunks);
    for code in [
        "batch-interrupted",
        "step-after-failure",
        "loop-dead",
        "arbitrary-code",
        "worker-stopped",
        "state-not-portable",
        "state-not-restored",
        "nondeterministic-step",
        "hash-of-other-state",
        "input-announced-otherwise",
        "state-changed-unasked",
        "requests-overlap",
        "hash-leaves-out",
        "hash-before-confirmed",
        "action-unsendable",
    ] {
        let check = check_of(&analysis, code);
        assert_eq!((check.outcome.passed, check.outcome.failed), (0, 0), "{code}");
        assert!(check.outcome.not_checkable > 0 && check.outcome.reason.is_some(), "{code}");
    }
    // The hashes on the wire are compared all the same.
    assert!(check_of(&analysis, "state-hash-mismatch").outcome.passed > 0);
}

#[test]
fn without_a_handshake_an_echo_storm_is_not_checkable() {
    let [first, _] = play(&Setup::new(200));
    let chunks: Vec<Vec<u8>> = first.into_chunks().iter().map(|c| without_hello(c)).collect();
    let check = check_of(&analyse(&chunks), "echo-storm");
    assert_eq!((check.outcome.passed, check.outcome.failed), (0, 0));
    assert_eq!(check.outcome.reason.as_deref(), Some("no handshake was captured"));
}

#[test]
fn what_peers_did_not_say_of_their_episodes_is_not_checkable() {
    let [first, _] = play(&Setup::new(200));
    let analysis = analyse(&first.into_chunks());
    for code in [
        "episode-ends-differ",
        "page-in-background",
        "input-request-unanswered",
        "export-rows",
        "export-actions",
        "export-mismatch",
        "export-unsaved",
        "telemetry-mismatch",
        "step-counter-drift",
        "reward-sum-wrong",
        "export-rewards",
        "paired-anew",
        "connection-interrupted",
        "game-broken-off",
        "page-throttled",
        "ticks-lost",
    ] {
        let check = check_of(&analysis, code);
        assert_eq!((check.outcome.passed, check.outcome.failed), (0, 0), "{code}");
        assert!(check.outcome.not_checkable > 0 && check.outcome.reason.is_some(), "{code}");
    }
}

#[test]
fn without_announcements_nothing_of_own_inputs_is_checkable() {
    let [first, _] = play(&Setup::new(200));
    let has_inputs = |event: &EventKind<'_>| match event {
        EventKind::MessageSent(message) | EventKind::MessageReceived(message) => {
            let message = message.value.bytes().map(PeerMessage::decode);
            matches!(message, Some(Ok(PeerMessage::Inputs { .. })))
        }
        _ => false,
    };
    let chunks = first.into_chunks();
    let chunks: Vec<_> = chunks.iter().map(|chunk| without(chunk, has_inputs)).collect();
    let analysis = analyse(&chunks);
    for code in ["inputs-relayed", "fast-forwarded", "inputs-unannounced"] {
        let check = check_of(&analysis, code);
        assert_eq!((check.outcome.passed, check.outcome.failed), (0, 0), "{code}");
        assert!(check.outcome.not_checkable > 0, "{code}");
    }
}

#[test]
fn rows_that_hold_what_was_played_pass_in_every_check_of_exports() {
    let [first, second] = play(&Setup { fault: Fault::ExportUnsaved, ..Setup::new(200) });
    let one = analyse(&first.into_chunks());
    for (code, at_least) in [
        ("export-rows", 240),
        ("export-actions", 240),
        ("export-rewards", 240),
        ("telemetry-mismatch", 2),
    ] {
        let outcome = check_of(&one, code).outcome;
        assert!(outcome.passed >= at_least && outcome.failed == 0, "{code}: {outcome:?}");
    }
    assert_eq!(check_of(&one, "export-unsaved").outcome.failed, 1);
    let mut both = analyse(&second.into_chunks());
    assert_eq!(check_of(&both, "export-unsaved").outcome.passed, 1);
    let [first, second] = play(&Setup { fault: Fault::ExportUnsaved, ..Setup::new(200) });
    both = analyse(&[first.into_chunks(), second.into_chunks()].concat());
    let parity = check_of(&both, "export-mismatch").outcome;
    assert_eq!((parity.passed, parity.failed), (240, 0));
}

#[test]
fn equal_ready_messages_pass_and_only_one_side_is_not_enough() {
    let [first, _] = play(&Setup { fault: Fault::ReadyStorm, ..Setup::new(200) });
    let chunks = first.into_chunks();
    let starts = check_of(&analyse(&chunks), "episode-starts-differ").outcome;
    assert_eq!((starts.passed, starts.failed, starts.not_checkable), (1, 0, 0));
    // A hash of the first state is such a word, too.
    let is_word = |bytes: &[u8]| {
        bytes[0] == 6 || matches!(PeerMessage::decode(bytes), Ok(PeerMessage::StateHashes { .. }))
    };
    let is_received_word = |event: &EventKind<'_>| match event {
        EventKind::MessageReceived(message) => message.value.bytes().is_some_and(is_word),
        _ => false,
    };
    let chunks: Vec<_> = chunks.iter().map(|chunk| without(chunk, is_received_word)).collect();
    let starts = check_of(&analyse(&chunks), "episode-starts-differ").outcome;
    assert_eq!((starts.passed, starts.failed, starts.not_checkable), (0, 0, 1));
}

#[test]
fn the_first_hashes_of_both_sides_say_from_which_state_they_begin() {
    let [first, second] = play(&Setup::new(200));
    for page in [first, second] {
        let starts = check_of(&analyse(&page.into_chunks()), "episode-starts-differ").outcome;
        assert_eq!((starts.passed, starts.failed, starts.not_checkable), (1, 0, 0));
    }
}

#[test]
fn states_are_read_twice_where_pages_hash_every_step() {
    let [first, _] = play(&Setup { hashes_each_step: true, ..Setup::new(200) });
    let check = check_of(&analyse(&first.into_chunks()), "state-changed-unasked").outcome;
    assert!(check.passed > 30 && check.failed == 0, "{check:?}");
}

#[test]
fn equal_hashes_of_two_pages_mean_equal_states() {
    let [first, second] = play(&Setup::new(200));
    let both: Vec<_> = first.into_chunks().into_iter().chain(second.into_chunks()).collect();
    let check = check_of(&analyse(&both), "hash-leaves-out").outcome;
    assert!(check.passed > 30 && check.failed == 0, "{check:?}");
}

#[test]
fn states_of_a_document_that_a_player_left_are_not_held_against_the_next_ones() {
    let [first, second] = play(&Setup { fault: Fault::HashLeavesOut, ..Setup::new(200) });
    let (first, second) = (first.into_chunks(), second.into_chunks());
    // The same player's other document: what the hash leaves out differs in its states.
    let mut again = first.clone();
    for chunk in &mut again {
        chunk[4] ^= 0x80;
        while let Some(at) = chunk.windows(12).position(|text| text == b"\"left_out\":7") {
            chunk[at + 11] = b'8';
        }
    }
    assert_ne!(again, first);
    let outcome = |chunks: &[Vec<u8>]| check_of(&analyse(chunks), "hash-leaves-out").outcome;
    let players = outcome(&[first.clone(), second].concat());
    assert!(players.failed > 0, "{players:?}");
    let documents = outcome(&[first, again].concat());
    assert_eq!((documents.passed, documents.failed), (0, 0), "{documents:?}");
    assert!(documents.not_checkable > 30 && documents.reason.is_some(), "{documents:?}");
}

#[test]
fn pages_that_step_different_actions_are_told_apart_by_the_announcement() {
    let mut found = 0;
    for seed in SEEDS {
        let profile = LinkProfile { latency_micros: 15_000, ..Setup::new(seed).profile };
        let [first, second] =
            play(&Setup { fault: Fault::SkipPlayer, profile, ..Setup::new(seed) });
        let was_planted = first.is_planted();
        let first = first.into_chunks();
        let alone = check_of(&analyse(&first), "input-mismatch").outcome;
        assert_eq!((alone.passed, alone.failed), (0, 0));
        assert_eq!(alone.reason.as_deref(), Some("only one page was observed"));
        let both: Vec<_> = first.into_iter().chain(second.into_chunks()).collect();
        let outcome = check_of(&analyse(&both), "input-mismatch").outcome;
        assert!(outcome.passed > 300, "{}", outcome.passed);
        // A later rollback across the frame may repair it.
        for finding in &outcome.findings {
            assert!(was_planted && finding.count == 1, "{}", finding.text);
            assert_eq!(finding.peers, ["P1"], "{}", finding.text);
            assert!(finding.text.contains("actions of P2"), "{}", finding.text);
            found += 1;
        }
    }
    assert!(found > 0);
}

#[test]
fn failures_are_checkable_only_where_a_request_failed() {
    let [first, _] = play(&Setup::new(200));
    let clean = analyse(&first.into_chunks());
    let [first, _] = play(&Setup { fault: Fault::StepAfterFailure, ..Setup::new(101) });
    let failed = analyse(&first.into_chunks());
    for code in ["step-after-failure", "loop-dead"] {
        let reason = check_of(&clean, code).outcome.reason;
        assert_eq!(reason.as_deref(), Some("no request failed"), "{code}");
    }
    assert!(check_of(&failed, "step-after-failure").outcome.failed > 0);
    // The loop went on, so it did not die.
    let loop_dead = check_of(&failed, "loop-dead").outcome;
    assert_eq!((loop_dead.passed, loop_dead.failed), (1, 0));
}

#[test]
fn a_fault_in_many_frames_is_a_few_findings_with_a_count() {
    let [first, _] = play(&Setup { fault: Fault::Nondeterminism, ..Setup::new(101) });
    let check = check_of(&analyse(&first.into_chunks()), "state-hash-mismatch");
    assert!(check.outcome.failed > 20);
    assert!(check.outcome.findings.len() <= 3, "{:?}", check.outcome.findings);
    let counted: u32 = check.outcome.findings.iter().map(|finding| finding.count).sum();
    assert_eq!(counted, check.outcome.failed);
}

#[test]
fn an_introduction_after_the_first_steps_causes_no_alarm() {
    for seed in SEEDS {
        let [first, _] = play(&Setup { is_late: true, ..Setup::new(seed) });
        let analysis = analyse(&first.into_chunks());
        let report = analysis.report();
        for check in &report.checks {
            assert_eq!(check.outcome.failed, 0, "seed {seed}: {:?}", check.outcome.findings);
        }
        assert!(check_of(&analysis, "rollback-content").outcome.not_checkable > 0);
        // Every frame is still there, and so are the comparisons that need no guess.
        assert!(analysis.verdict().last_frame.unwrap().0 >= 240);
        assert!(analysis.verdict().sync.equal > 40);
    }
}

#[test]
fn notices_never_lower_the_verdict() {
    let [first, _] = play(&Setup::new(201));
    let analysis = analyse(&first.into_chunks());
    let report = analysis.report();
    let findings: Vec<_> = report.checks.iter().flat_map(|c| &c.outcome.findings).collect();
    assert!(!findings.is_empty());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Notice));
    assert_eq!(analysis.verdict().kind, VerdictKind::Verified);
}

/// The chunk without introductions.
fn without_hello(chunk: &[u8]) -> Vec<u8> {
    without(chunk, |event| match event {
        EventKind::MessageSent(message) | EventKind::MessageReceived(message) => {
            let hello = message.value.bytes().map(PeerMessage::decode);
            matches!(hello, Some(Ok(PeerMessage::Hello { .. })))
        }
        _ => false,
    })
}

/// The chunk without some of its events.
fn without(chunk: &[u8], is_left_out: impl Fn(&EventKind<'_>) -> bool) -> Vec<u8> {
    let mut issues = IssueLog::default();
    let chunk = decode_chunk(chunk, &mut issues).unwrap();
    let mut builder = ChunkBuilder::new(PageId([7; 8]));
    for event in chunk.events(&mut issues) {
        if is_left_out(&event.kind) {
            continue;
        }
        builder.push(event.time, event.channel, &event.kind);
    }
    let mut bytes = builder.finish();
    // Chunk number and sequence numbers start anew per builder: keep the order of the original.
    let number = chunk.header().number.0;
    bytes[12..16].copy_from_slice(&number.to_le_bytes());
    let first_seq = chunk.header().first_seq.0;
    bytes[16..20].copy_from_slice(&first_seq.to_le_bytes());
    bytes
}
