//! Recorded MUG sessions, rebuilt from their traffic alone and held against the application's own
//! log: trimmed ones always, the full set where it stands beside the repository.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

mod mug_support;

use std::ops::RangeInclusive;

use mug_support::interleave::{Merge, merged};
use mug_support::merge::{late, outcome, outcome_of};
use mug_support::{
    Page, SESSIONS, executed, full, logged_rollbacks, number, of_kind, rebuild, recordings, trimmed,
};
use rollscope::analysis::Analysis;
use rollscope::capture::{Assembler, ChannelId, ChunkBuilder, EventKind, PageId};
use rollscope::frame::Frame;
use rollscope::issue::IssueLog;
use rollscope::link::SplitMix64;
use rollscope::observation::{Direction, Fact};
use rollscope::session::{PeerSession, QueueSizes, Session};
use rollscope::summary::Choice;
use rollscope::time::Micros;
use serde_json::Value;

/// Frames that a count in the middle of a tick may be off by: a replay's length.
const MID_TICK_FRAMES: i64 = 20;

fn peer(session: &Session) -> &PeerSession {
    &session.games()[0].peers[0]
}

fn check_rollbacks(pages: &[Page; 2]) {
    let chunks = pages.iter().flat_map(|page| &page.chunks);
    let rebuilt = rebuild(chunks, &mut |_, _| true);
    let [game] = rebuilt.games() else {
        unreachable!("{}: both pages play one game", pages[0].name);
    };
    assert_eq!(game.peers.len(), 2);
    for (peer, page) in game.peers.iter().zip(pages) {
        assert_eq!(executed(peer), logged_rollbacks(&page.truth), "{}", page.name);
    }
}

#[test]
fn every_executed_rollback_is_rebuilt_and_none_is_invented() {
    for session in SESSIONS {
        check_rollbacks(&trimmed(session));
        if let Some(root) = recordings() {
            check_rollbacks(&full(root, session));
        }
    }
}

#[test]
fn states_hash_to_what_the_application_reports() {
    for session in SESSIONS {
        for page in trimmed(session) {
            let rebuilt = rebuild(&page.chunks, &mut |_, _| true);
            let peer = peer(&rebuilt);
            let has_worker = session.starts_with('W');
            let mut hashes = 0;
            for line in of_kind(&page.truth, "confirmed_hash") {
                let hash = u64::from_str_radix(line["hash"].as_str().unwrap(), 16).ok();
                let (episode, frame) = (number(line, "ep"), Frame(number(line, "frame")));
                let place = || format!("{}, episode {episode}, frame {frame}", page.name);
                // The log counts an episode as over before its last frames are confirmed.
                let record = peer.episodes.get(episode as usize).or(peer.episodes.last()).unwrap();
                let Some(slot) = record.hashes.slot(frame) else {
                    // What is confirmed past the end is not reported any more (§4.7).
                    assert!(!record.has_frame(frame) && !has_worker, "{}", place());
                    continue;
                };
                let reported = slot.reported(peer.local.unwrap()).map(|report| report.hash);
                assert!(reported.is_none() || reported == hash, "{}", place());
                assert!(reported.is_some() || !record.has_frame(frame), "{}", place());
                if has_worker {
                    assert_eq!(slot.recomputed, hash, "{}", place());
                }
                hashes += 1;
            }
            assert!(hashes > 90, "{}: {hashes} hashes", page.name);
            let texts = peer.episodes.iter().map(|record| record.hashes.recomputed);
            let (equal, different) = texts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            assert_eq!(different, 0, "{}", page.name);
            assert_eq!(equal > 90, has_worker, "{}: {equal} hashed texts", page.name);
        }
    }
}

#[test]
fn frames_are_stepped_with_what_the_application_logged() {
    for session in SESSIONS {
        for page in trimmed(session) {
            let rebuilt = rebuild(&page.chunks, &mut |_, _| true);
            let peer = peer(&rebuilt);
            // The log holds the actions of each frame's first step, so only frames that were never
            // stepped again show them still.
            let mut compared = 0;
            for line in of_kind(&page.truth, "step") {
                let (episode, frame) = (number(line, "ep") as usize, Frame(number(line, "frame")));
                // At its end an episode is counted before the step of its last frame is logged.
                let Some(record) = peer.episodes.get(episode) else { continue };
                if record.frames.resimulated(frame) > 0 || record.frames.inputs(frame).is_none() {
                    continue;
                }
                let is_next = of_kind(&page.truth, "reset_start").count() > 1
                    && episode > 0
                    && line["t"].as_f64() < record.frames.stepped_at(frame).map(Micros::as_millis);
                if is_next {
                    continue;
                }
                let used = record.frames.inputs(frame).unwrap();
                let used: Vec<u64> = used.actions().iter().map(|a| a.0.into()).collect();
                let logged = ["0", "1"].map(|player| line["actions"][player].as_u64().unwrap());
                assert_eq!(used, logged, "{}, episode {episode}, frame {frame}", page.name);
                compared += 1;
            }
            assert!(compared > 300, "{}: {compared}", page.name);
        }
    }
}

#[test]
fn late_inputs_are_those_that_the_application_logged() {
    let mut compared = 0;
    for page in SESSIONS.into_iter().flat_map(trimmed) {
        let rebuilt = rebuild(&page.chunks, &mut |_, _| true);
        let peer = peer(&rebuilt);
        for record in &peer.episodes {
            let Some(export) = peer.exports.of(record.number) else { continue };
            let logged: Vec<[u32; 5]> = export
                .rows
                .late_inputs
                .iter()
                .flatten()
                .map(|one| {
                    let player = one.player.parse().unwrap();
                    let [guess, came] = [one.predicted, one.actual].map(|a| a.unwrap() as u32);
                    [one.frame.0, one.current.0, player, guess, came]
                })
                .collect();
            let came = &record.late_arrivals[..export.known.late_arrivals];
            let came: Vec<[u32; 5]> = came
                .iter()
                .map(|one| {
                    let wrong = one.wrong;
                    let player = u32::from(wrong.player.0);
                    [wrong.frame.0, one.current.0, player, wrong.predicted.0, wrong.actual.0]
                })
                .collect();
            assert!(export.rows.late_inputs.is_some(), "{}", page.name);
            assert_eq!(came, logged, "{}, episode {}", page.name, record.number.0);
            compared += logged.len();
        }
    }
    assert!(compared > 1000, "{compared} late inputs");
}

/// The page's queues at one sample of the truth file.
#[derive(Clone, Copy)]
struct AtSample {
    /// Before the tick that was shown last.
    before: QueueSizes,
    /// After it, and after everything that came since.
    after: QueueSizes,
    /// Messages with inputs that carry the very time of the sample.
    at_once: u32,
}

fn queues_at_samples(page: &Page) -> Vec<Option<AtSample>> {
    let times = of_kind(&page.truth, "sample").map(|line| line["t"].as_f64().unwrap());
    let times: Vec<Micros> = times.map(Micros::from_millis).collect();
    let mut seen: Vec<Option<AtSample>> = Vec::new();
    let (mut before, mut arrivals) = (None, Vec::new());
    let queues = |session: &Session| session.games().first()?.peers.first()?.queue_sizes();
    let at = |before: Option<QueueSizes>, session: &Session| {
        let after = queues(session)?;
        Some(AtSample { before: before.unwrap_or(after), after, at_once: 0 })
    };
    let rebuilt = rebuild(&page.chunks, &mut |session, observation| {
        while times.get(seen.len()).is_some_and(|time| *time < observation.time) {
            seen.push(at(before, session));
        }
        match &observation.fact {
            Fact::FrameInputsAnnounced { direction: Direction::Sent, .. }
            | Fact::InputRelayed { direction: Direction::Sent, .. } => before = queues(session),
            Fact::FrameInputsAnnounced { .. } => arrivals.push(observation.time),
            _ => {}
        }
        true
    });
    seen.resize(times.len(), at(before, &rebuilt));
    for (at, time) in seen.iter_mut().zip(&times) {
        let at_once = arrivals.iter().filter(|arrival| *arrival == time).count() as u32;
        at.iter_mut().for_each(|at| at.at_once = at_once);
    }
    seen
}

/// From each reset to the end of the first step after it.
fn between_episodes(truth: &[Value]) -> Vec<RangeInclusive<f64>> {
    let at = |line: &Value| line["t"].as_f64().unwrap();
    let first_steps: Vec<f64> =
        of_kind(truth, "step").filter(|line| line["frame"] == 0).map(at).collect();
    let resets = of_kind(truth, "reset_start").map(at);
    resets.zip(first_steps).map(|(reset, step)| reset..=step).collect()
}

/// Keys of a sample and what is rebuilt for each.
fn figures(queues: &QueueSizes) -> [(&'static str, i64); 9] {
    let or_none = |frame: Option<Frame>| frame.map_or(-1, |frame| i64::from(frame.0));
    [
        ("frame", i64::from(queues.frame.0)),
        ("confirmed", or_none(queues.confirmed)),
        ("verified", or_none(queues.verified)),
        ("inputBuffer", queues.inputs.into()),
        ("predicted", queues.predicted.into()),
        ("snapshots", queues.snapshots.into()),
        ("pendingIn", queues.waiting.into()),
        ("hashHist", queues.own_hashes.into()),
        ("pendingPeerHashes", queues.peer_hashes.into()),
    ]
}

/// Why a figure of a sample may differ from the rebuilt one, by a rule of the wire notes.
fn explanation(session: &str, sample: &Value, key: &str, at: &AtSample) -> Option<&'static str> {
    let logged = sample[key].as_i64().unwrap();
    let of = |queues: &QueueSizes| figures(queues).into_iter().find(|(k, _)| *k == key).unwrap().1;
    let (before, after) = (of(&at.before), of(&at.after));
    let span = before.min(after)..=before.max(after);
    let is_busy = sample["busy"] == true;
    let is_without_worker = session.starts_with('H');
    match key {
        "pendingIn" if (logged - after).unsigned_abs() <= at.at_once.into() => {
            Some("a message that arrives at the time of the sample stands before or after it")
        }
        // §4.5: only the page knows how long its rollback runs on its own thread.
        "verified" | "pendingPeerHashes" if is_without_worker => {
            let is_less = key == "verified" && logged <= after;
            let is_more = key == "pendingPeerHashes" && logged >= after;
            (is_less || is_more).then_some("§4.5: a hash that comes during a rollback waits")
        }
        // §4.7: the frame after the last one is hashed and not announced any more.
        "hashHist" if (is_busy || sample["ep"].as_i64() > Some(0)) && logged == after + 1 => {
            Some("§4.3, §4.7: a hash is made before it is announced, the last one is not announced")
        }
        // §4.3: a tick takes inputs, repairs, confirms, saves, steps and prunes, in this order.
        _ if is_busy && span.contains(&logged) => Some("§4.3: the tick is not at its end"),
        "inputBuffer" | "predicted" if is_busy && (logged - after).abs() <= MID_TICK_FRAMES => {
            Some("§4.3: a replay marks again, and inputs are pruned last")
        }
        _ => None,
    }
}

#[test]
fn queues_are_those_of_the_page_at_every_sample() {
    for session in SESSIONS {
        for page in trimmed(session) {
            let resets = between_episodes(&page.truth);
            let (mut equal, mut explained) = (0, 0);
            for (sample, at) in of_kind(&page.truth, "sample").zip(queues_at_samples(&page)) {
                // Nothing is known before the first message. From clearing the books to the end of the
                // next episode's first tick nothing tells of them (§4.7).
                let time = sample["t"].as_f64().unwrap();
                let is_between = resets.iter().any(|span| span.contains(&time));
                let Some(at) = at.filter(|_| !is_between) else { continue };
                for (key, rebuilt) in figures(&at.after) {
                    if sample[key].as_i64() == Some(rebuilt) {
                        equal += 1;
                        continue;
                    }
                    explained += 1;
                    let why = explanation(session, sample, key, &at);
                    assert!(
                        why.is_some(),
                        "{} at {time}: {key} {} and {rebuilt}, before {:?}",
                        page.name,
                        sample[key],
                        figures(&at.before),
                    );
                }
            }
            assert!(equal > 2 * explained, "{}: {equal} equal, {explained} not", page.name);
        }
    }
}

#[test]
fn no_cutting_into_chunks_and_no_merging_of_channels_changes_anything() {
    let mut random = SplitMix64(2026);
    let mut compared = 0;
    for session in ["H-clean", "W-nondet", "W-quiet", "H-quiet"] {
        for page in trimmed(session) {
            let mut is_relayed = false;
            let expected = outcome(&rebuild(&page.chunks, &mut |_, observation| {
                is_relayed |= matches!(observation.fact, Fact::InputRelayed { .. });
                true
            }));
            // A page that goes on through its server has two channels that carry inputs, and which
            // of them did so first is in the merging alone.
            if is_relayed {
                continue;
            }
            compared += 1;
            assert!(!expected.frames.is_empty());
            for merge in [
                Merge::AsCaptured,
                Merge::AtRandom { kept: 0 },
                Merge::OneByOne { is_reversed: false },
                Merge::OneByOne { is_reversed: true },
            ] {
                let chunks = merged(&page.chunks, merge, &mut random);
                let rebuilt = outcome(&rebuild(&chunks, &mut |_, _| true));
                let place = format!("{} {merge:?}", page.name);
                assert_eq!(rebuilt.rollbacks, expected.rollbacks, "{place}");
                assert_eq!(rebuilt.confirmed, expected.confirmed, "{place}");
                assert!(rebuilt.frames == expected.frames, "{place}: frames differ");
                assert!(rebuilt.hashes == expected.hashes, "{place}: hashes differ");
            }
        }
    }
    assert!(compared >= 6, "{compared} of 8 pages");
}

#[test]
fn a_late_observation_ends_like_the_full_one_from_its_anchor_on() {
    let mut random = SplitMix64(7);
    let mut anchored = 0;
    for session in ["H-nondet", "W-nondet", "W-quiet", "H-clean"] {
        for page in trimmed(session) {
            for _ in 0..2 {
                anchored += u32::from(late(&page.name, &page.chunks, &mut random));
            }
        }
    }
    assert!(anchored >= 12, "{anchored} of 16");
}

/// Sessions one after another on one page: later ones on channels of their own, later in time.
fn one_after_another(page: u8, parts: &[&Page]) -> Vec<Vec<u8>> {
    let mut builder = ChunkBuilder::new(PageId([page; 8]));
    let (mut offset, mut channels, mut chunks) = (0, 0, Vec::new());
    for (place, part) in parts.iter().enumerate() {
        let (mut assembler, mut issues) = (Assembler::default(), IssueLog::default());
        let (mut end, mut newest_channel) = (offset, channels);
        for chunk in &part.chunks {
            assembler.handle_chunk(chunk, &mut issues, &mut |event| {
                if place > 0 && matches!(event.kind, EventKind::PageStarted(_)) {
                    return;
                }
                let channel = match event.channel {
                    ChannelId::PAGE => ChannelId::PAGE,
                    ChannelId(number) => ChannelId(number + channels),
                };
                let time = Micros(event.time.0 + offset);
                builder.push(time, channel, &event.kind);
                (end, newest_channel) = (time.0.max(end), channel.0.max(newest_channel));
            });
            chunks.push(builder.finish());
        }
        (offset, channels) = (end + 100_000, newest_channel);
    }
    chunks
}

#[test]
fn sessions_one_after_another_on_one_page_stay_apart() {
    for sessions in [
        &["H-clean", "H-clean"][..],
        &["H-nondet", "H-nondet", "H-nondet"],
        &["W-nondet", "W-nondet", "W-nondet"],
        &["W-clean", "W-clean"],
        &["H-clean", "H-quiet", "H-nondet"],
        &["W-quiet", "W-clean", "W-nondet"],
    ] {
        let parts: Vec<[Page; 2]> = sessions.iter().map(|session| trimmed(session)).collect();
        let pages = [0_u8, 1].map(|player| {
            let of_player: Vec<&Page> =
                parts.iter().map(|pages| &pages[usize::from(player)]).collect();
            one_after_another(player, &of_player)
        });
        let rebuilt = rebuild(pages.iter().flatten(), &mut |_, _| true);
        assert_eq!(rebuilt.games().len(), sessions.len(), "{sessions:?}");
        for (game, pages) in rebuilt.games().iter().zip(&parts) {
            assert_eq!(game.peers.len(), 2, "{sessions:?}");
            for (peer, page) in game.peers.iter().zip(pages) {
                let place = format!("{} among {sessions:?}", page.name);
                let alone = rebuild(&page.chunks, &mut |_, _| true);
                assert_eq!(executed(peer), logged_rollbacks(&page.truth), "{place}");
                let (here, alone) = (outcome_of(peer), outcome(&alone));
                assert!(here.frames == alone.frames, "{place}: frames differ");
                assert!(here == alone, "{place}: confirmed frames or hashes differ");
            }
        }
    }
}

/// No time of another episode, the restore before a batch included, and none where no worker was asked.
#[test]
fn the_cost_of_an_episode_is_the_time_of_its_rollbacks_rows() {
    let mut seen = [0, 0];
    for session in SESSIONS {
        let mut analysis = Analysis::new();
        for chunk in trimmed(session).iter().flat_map(|page| &page.chunks) {
            analysis.handle_chunk(chunk);
        }
        analysis.flush();
        for episode in 0..analysis.choices()[0].episodes.len() {
            analysis.choose(Choice { game: Some(0), episode: Some(episode) });
            let rows = analysis.rollbacks(0..analysis.rollback_count());
            let times: Vec<u64> = rows.iter().filter_map(|row| row.total_micros).collect();
            if rows.is_empty() {
                continue;
            }
            let expected = (!times.is_empty()).then(|| times.iter().sum());
            assert_eq!(analysis.verdict().cost.worker_micros, expected, "{session}, {episode}");
            seen[usize::from(expected.is_some())] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
