//! Reconstruction against truth: the engines' own logs, over many seeds and networks.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads its fixtures and stops at its first surprise"
)]

mod support;

use rollscope::analysis::Analysis;
use rollscope::frame::Frame;
use rollscope::link::{LinkProfile, SplitMix64};
use rollscope::message::PredictionRule;
use rollscope::rollback::EngineEvent;
use rollscope::timeline::{Axis, Became, LaneQuery, Shown};
use rollscope::verify::VerdictKind;
use support::{FAULT_FRAME, Fault, Peer, Setup, analyse, logged_rollbacks, play};

fn seen_rollbacks(analysis: &Analysis) -> Vec<(Frame, Frame, Frame)> {
    let rows = analysis.rollbacks(0..analysis.rollback_count());
    rows.iter().map(|row| (row.target.unwrap(), row.current, row.snapshot)).collect()
}

fn varied(seed: u64) -> Setup {
    let mut random = SplitMix64(seed);
    let profile = LinkProfile {
        latency_micros: random.next_u64() % 150_000,
        jitter_micros: random.next_u64() % 80_000,
        loss: random.unit() * 0.25,
        duplication: random.unit() * 0.1,
    };
    Setup {
        profile,
        input_delay_frames: (random.next_u64() % 4) as u32,
        prediction: PredictionRule::ALL[(seed % 3) as usize],
        ..Setup::new(seed)
    }
}

#[track_caller]
fn check_peer(seed: u64, peer: Peer) {
    let truth = logged_rollbacks(&peer.events);
    let events = peer.events.clone();
    let chunks = peer.into_chunks();
    let analysis = analyse(&chunks);
    assert_eq!(seen_rollbacks(&analysis), truth, "seed {seed}");
    let verdict = analysis.verdict();
    let spoiled = verdict.checks.iter().find(|check| check.failed > 0);
    assert_eq!(spoiled, None, "seed {seed}: a false alarm, {}", verdict.headline);
    assert_eq!(verdict.sync.different, 0);
    let issues = analysis.health().issues;
    assert_eq!(issues, [], "seed {seed}");
    check_frames(seed, &analysis, &events);
}

fn query(units_per_column: u32, columns: usize) -> LaneQuery {
    LaneQuery { axis: Axis::Frame, first: 0, units_per_column, columns }
}

// Every frame that the engine stepped, and what it was stepped with at first, as the log says.
#[track_caller]
fn check_frames(seed: u64, analysis: &Analysis, events: &[EngineEvent]) {
    let stepped: Vec<Frame> = events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::Frame { frame, .. } => Some(*frame),
            _ => None,
        })
        .collect();
    let view = analysis.timeline(query(1, stepped.len() + 5));
    let lane = view.lanes.iter().find(|lane| lane.is_observed).unwrap();
    let shown = lane.cells.iter().filter(|cell| cell.shown != Shown::Nothing).count();
    assert_eq!(shown, stepped.len(), "seed {seed}");
    assert_eq!(analysis.verdict().last_frame, stepped.last().copied());
    for event in events {
        // A frame below the engine's confirmed frame was stepped with real inputs.
        if let EngineEvent::Frame { frame, confirmed, .. } = event {
            let cell = lane.cells[frame.index()];
            let is_real = confirmed.is_some_and(|confirmed| confirmed >= *frame);
            assert!(!is_real || cell.shown == Shown::Real, "seed {seed}, frame {frame}");
        }
    }
}

#[test]
fn every_rollback_is_found_with_its_exact_target_current_and_snapshot() {
    let mut rollbacks = 0;
    for seed in 0..120 {
        let [first, second] = play(&varied(seed));
        rollbacks += logged_rollbacks(&first.events).len();
        check_peer(seed, first);
        check_peer(seed, second);
    }
    assert!(rollbacks > 500, "the networks must cause rollbacks, but only {rollbacks}");
}

/// Half of the sessions have a planted fault at their first peer; what the second one did under it is
/// rebuilt from its own traffic all the same.
#[test]
fn a_thousand_sessions_with_faults_are_rebuilt_as_the_engines_log_them() {
    let (mut rollbacks, mut frames) = (0, 0);
    for seed in 1000..2000 {
        let fault = match seed % 2 {
            0 => Fault::None,
            _ => Fault::ALL[(seed / 2) as usize % Fault::ALL.len()],
        };
        let setup = Setup { frames: FAULT_FRAME + 30, fault, ..varied(seed) };
        let [first, second] = play(&setup);
        for peer in [(fault == Fault::None).then_some(first), Some(second)].into_iter().flatten() {
            let truth = logged_rollbacks(&peer.events);
            let stepped = peer.events.iter().filter(|e| matches!(e, EngineEvent::Frame { .. }));
            let stepped = stepped.count();
            let analysis = analyse(&peer.into_chunks());
            assert_eq!(seen_rollbacks(&analysis), truth, "seed {seed}, {fault:?}");
            let view = analysis.timeline(query(1, stepped + 5));
            let lane = view.lanes.iter().find(|lane| lane.is_observed).unwrap();
            let shown = lane.cells.iter().filter(|cell| cell.shown != Shown::Nothing).count();
            assert_eq!(shown, stepped, "seed {seed}, {fault:?}");
            (rollbacks, frames) = (rollbacks + truth.len(), frames + stepped);
        }
    }
    assert!(rollbacks > 2000 && frames > 100_000, "{rollbacks} rollbacks, {frames} frames");
}

#[test]
fn a_stressed_clean_session_is_verified_from_one_side_and_from_both() {
    let [first, second] = play(&Setup::new(3));
    let (first, second) = (first.into_chunks(), second.into_chunks());
    let one = analyse(&first).verdict();
    assert_eq!(one.kind, VerdictKind::Verified, "{} {}", one.headline, one.numbers);
    assert!(one.numbers.contains("One side observed"), "{}", one.numbers);
    let both: Vec<_> = first.into_iter().chain(second).collect();
    let both = analyse(&both).verdict();
    assert_eq!(both.kind, VerdictKind::Verified, "{} {}", both.headline, both.numbers);
    assert!(both.numbers.contains("Both sides observed"), "{}", both.numbers);
    assert!(both.sync.equal >= one.sync.equal);
}

#[test]
fn a_session_without_stress_or_without_hashes_is_never_verified() {
    let calm = Setup { profile: LinkProfile::default(), ..Setup::new(4) };
    let [first, _] = play(&calm);
    let verdict = analyse(&first.into_chunks()).verdict();
    assert_eq!(verdict.kind, VerdictKind::Untested, "{}", verdict.headline);

    let idle = Setup { is_idle: true, ..Setup::new(4) };
    let [first, _] = play(&idle);
    let verdict = analyse(&first.into_chunks()).verdict();
    assert_eq!(verdict.kind, VerdictKind::Untested, "{}", verdict.headline);

    let verdict = Analysis::new().verdict();
    assert_eq!(verdict.kind, VerdictKind::Untested);
    assert!(verdict.headline.starts_with("NOT CHECKABLE"), "{}", verdict.headline);
}

#[test]
fn a_capture_file_opens_again_with_the_same_report() {
    let [first, _] = play(&Setup::new(5));
    let live = analyse(&first.into_chunks());
    let file = live.capture_file(0.0);
    let mut opened = Analysis::new();
    opened.open_file(&file).unwrap();
    assert_eq!(opened.report_json(), live.report_json());
    assert_eq!(opened.report_html(), live.report_html());
    assert_eq!(opened.capture_file(0.0), file);
}

#[test]
fn chunks_in_any_order_and_twice_give_the_same_report() {
    let [first, _] = play(&Setup::new(6));
    let chunks = first.into_chunks();
    let truth = analyse(&chunks).report_json();
    let mut shuffled = chunks.clone();
    for pair in shuffled.chunks_mut(7) {
        pair.reverse();
    }
    let mut analysis = analyse(&shuffled);
    for chunk in &chunks {
        analysis.handle_chunk(chunk);
    }
    assert_eq!(analysis.report_json(), truth);
}

#[test]
fn a_cut_off_file_shows_what_is_there_and_says_so() {
    let [first, _] = play(&Setup::new(7));
    let whole = analyse(&first.into_chunks());
    let file = whole.capture_file(0.0);
    let mut cut = Analysis::new();
    cut.open_file(&file[..file.len() / 2]).unwrap();
    let verdict = cut.verdict();
    assert_eq!(verdict.kind, VerdictKind::Incomplete, "{}", verdict.headline);
    assert!(cut.health().file_notice.unwrap().contains("cut off at byte"));
    let (some, all) = (seen_rollbacks(&cut), seen_rollbacks(&whole));
    assert!(!some.is_empty() && some.len() < all.len());
    assert_eq!(some[..], all[..some.len()]);
}

#[test]
fn a_lost_chunk_makes_the_capture_incomplete() {
    let [first, _] = play(&Setup::new(8));
    let mut chunks = first.into_chunks();
    chunks.remove(chunks.len() / 2);
    let analysis = analyse(&chunks);
    assert_eq!(analysis.verdict().kind, VerdictKind::Incomplete);
    assert!(analysis.health().lost_events > 0);
}

#[test]
fn views_agree_at_every_zoom() {
    let [first, _] = play(&Setup::new(9));
    let analysis = analyse(&first.into_chunks());
    let frames = analysis.minimap(Axis::Frame, 10_000).units as usize;
    let fine = analysis.timeline(query(1, frames));
    let coarse = analysis.timeline(query(8, frames.div_ceil(8)));
    for (fine, coarse) in fine.lanes.iter().zip(&coarse.lanes) {
        for (cells, bucket) in fine.cells.chunks(8).zip(&coarse.cells) {
            let deepest = cells.iter().map(|cell| cell.rollback_depth_frames).max();
            assert_eq!(Some(bucket.rollback_depth_frames), deepest);
            let has_mismatch = cells.iter().any(|cell| cell.became == Became::Mismatch);
            assert_eq!(bucket.became == Became::Mismatch, has_mismatch);
        }
    }
}

/// A session in file version 1, with the report that it gives. Run with `UPDATE_FIXTURES=1` to write
/// the report anew after a change that is meant; the file stays as an old version wrote it.
#[test]
fn the_fixture_of_file_version_1_gives_its_report() {
    const CAPTURE: &str = "tests/fixtures/session-v1.rollscope";
    const REPORT: &str = "tests/fixtures/session-v1.report.json";
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        let mut opened = Analysis::new();
        opened.open_file(&std::fs::read(CAPTURE).unwrap()).unwrap();
        std::fs::write(REPORT, opened.report_json()).unwrap();
    }
    let mut analysis = Analysis::new();
    analysis.open_file(&std::fs::read(CAPTURE).unwrap()).unwrap();
    let (report, known) = (analysis.report_json(), std::fs::read_to_string(REPORT).unwrap());
    // A whole report says too much: the first line that differs is enough.
    let differs = report.lines().zip(known.lines()).find(|(now, then)| now != then);
    assert_eq!(differs, None, "{REPORT} is not what the code says");
    assert_eq!(report.len(), known.len());
}
