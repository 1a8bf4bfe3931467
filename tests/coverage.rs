//! The coverage map against sets that are built here, straight from the messages on the wire.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use rollscope::capture::{EventKind, decode_chunk};
use rollscope::issue::IssueLog;
use rollscope::link::LinkProfile;
use rollscope::message::PeerMessage;
use rollscope::verify::{Coverage, FrameCoverage};
use support::{Fault, Setup, analyse, play};

/// First reported hash by player and frame, as the messages of one page carry them.
fn reports(chunks: &[Vec<u8>]) -> [BTreeMap<u32, u64>; 2] {
    let mut reports = [BTreeMap::new(), BTreeMap::new()];
    let mut issues = IssueLog::default();
    for chunk in chunks {
        for event in decode_chunk(chunk, &mut issues).unwrap().events(&mut issues) {
            let (EventKind::MessageSent(message) | EventKind::MessageReceived(message)) =
                &event.kind
            else {
                continue;
            };
            if let Some(Ok(PeerMessage::StateHashes { player, hashes, .. })) =
                message.value.bytes().map(PeerMessage::decode)
            {
                for (frame, hash) in hashes {
                    reports[player.index()].entry(frame.0).or_insert(hash);
                }
            }
        }
    }
    reports
}

fn expand(coverage: &Coverage) -> BTreeMap<u32, FrameCoverage> {
    let frames = coverage
        .runs
        .iter()
        .flat_map(|run| (run.first.0..=run.last.0).step_by(5).map(move |frame| (frame, run.state)));
    frames.collect()
}

#[track_caller]
fn check_map(seed: u64, chunks: &[Vec<u8>]) -> Coverage {
    let checked = analyse(chunks).check();
    let coverage = checked.coverage.episodes[0].clone();
    let [ours, theirs] = reports(chunks);
    let set = |map: &BTreeMap<u32, u64>| map.keys().copied().collect::<BTreeSet<u32>>();
    let (a, b) = (set(&ours), set(&theirs));
    let hashed: BTreeSet<u32> = a.union(&b).copied().collect();
    let compared: BTreeSet<u32> = a.intersection(&b).copied().collect();
    let equal: BTreeSet<u32> =
        compared.iter().copied().filter(|frame| ours[frame] == theirs[frame]).collect();
    let counts = (coverage.hashed, coverage.compared, coverage.matched + coverage.invalidated);
    let expected = (hashed.len() as u32, compared.len() as u32, equal.len() as u32);
    assert_eq!(counts, expected, "seed {seed}");
    assert_eq!(coverage.mismatched, expected.1 - expected.2);
    assert_eq!(coverage.seen_through.map(|frame| frame.0), compared.last().copied());
    let map = expand(&coverage);
    assert_eq!(map.len() as u32, coverage.hashable, "every hashable frame stands in one run");
    for (frame, state) in &map {
        let expected: &[FrameCoverage] = match (hashed.contains(frame), compared.contains(frame)) {
            (false, _) => &[FrameCoverage::Never],
            (true, false) => &[FrameCoverage::Hashed],
            (true, true) if equal.contains(frame) => {
                &[FrameCoverage::Matched, FrameCoverage::Invalidated]
            }
            (true, true) => &[FrameCoverage::Mismatched],
        };
        assert!(expected.contains(state), "seed {seed}, frame {frame}: {state:?}");
    }
    let hashable = coverage.hashable;
    let on_grid: BTreeSet<u32> = map.keys().copied().collect();
    assert!(hashed.is_subset(&on_grid) && hashable >= hashed.len() as u32);
    let prefix = on_grid.iter().copied().take_while(|frame| equal.contains(frame)).last();
    assert_eq!(coverage.contiguous_through.map(|frame| frame.0), prefix, "seed {seed}");
    coverage
}

#[test]
fn the_map_is_the_set_computation() {
    let (mut holes, mut matched) = (0, 0);
    for seed in 0..30 {
        let profile = LinkProfile { loss: 0.02 * (seed % 10) as f64, ..Setup::new(seed).profile };
        let [first, second] = play(&Setup { profile, ..Setup::new(seed) });
        for chunks in [first.into_chunks(), second.into_chunks()] {
            let coverage = check_map(seed, &chunks);
            assert_eq!((coverage.mismatched, coverage.invalidated), (0, 0));
            assert_eq!(coverage.ceiling_percent, coverage.hashable * 100 / coverage.frames);
            holes += coverage.hashable - coverage.compared;
            matched += coverage.matched;
        }
    }
    assert!(holes > 0 && matched > 1000, "{holes} holes, {matched} matches");
}

#[test]
fn differing_frames_stand_in_the_map() {
    for seed in 0..6 {
        let [first, _] = play(&Setup { fault: Fault::Nondeterminism, ..Setup::new(seed) });
        assert!(check_map(seed, &first.into_chunks()).mismatched > 10);
    }
}

#[test]
fn an_empty_session_has_an_empty_map() {
    let checked = analyse(&[]).check();
    assert_eq!(checked.coverage.episodes[0], Coverage::default());
    assert_eq!(checked.coverage.matched_percent, 0);
}
