//! Everything that must not depend on how a capture was cut and merged, nor on when it began.

#![expect(clippy::indexing_slicing, reason = "a test stops at its first surprise")]

use std::collections::BTreeMap;

use rollscope::frame::Frame;
use rollscope::link::SplitMix64;
use rollscope::observation::Fact;
use rollscope::session::{PeerSession, Session};

use super::{executed, rebuild};

/// Everything that must not depend on how the capture was cut and merged.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub rollbacks: Vec<[u32; 4]>,
    pub frames: BTreeMap<(u32, u32), (Vec<u32>, bool, u16)>,
    pub confirmed: Vec<Option<Frame>>,
    pub hashes: BTreeMap<(u32, u32), (Option<u64>, Vec<u64>)>,
}

pub(crate) fn outcome(session: &Session) -> Outcome {
    outcome_of(&session.games()[0].peers[0])
}

pub(crate) fn outcome_of(peer: &PeerSession) -> Outcome {
    let mut outcome = Outcome {
        rollbacks: executed(peer),
        frames: BTreeMap::new(),
        confirmed: Vec::new(),
        hashes: BTreeMap::new(),
    };
    for record in &peer.episodes {
        // Past its end an episode's frames do not count, and how many of them are confirmed depends on
        // whether the last step was answered when the end was known.
        let last = record.end().and_then(Frame::previous);
        let confirmed = record.confirmed_frame();
        outcome.confirmed.push(last.map_or(confirmed, |last| confirmed.min(Some(last))));
        let frames = (0..record.frames.len() as u32).map(Frame);
        for frame in frames.filter(|frame| record.has_frame(*frame)) {
            let Some(inputs) = record.frames.inputs(frame) else { continue };
            let actions = inputs.actions().iter().map(|action| action.0).collect();
            let is_confirmed = record.frames.confirmed_at(frame).is_some();
            let again = record.frames.resimulated(frame);
            outcome.frames.insert((record.number.0, frame.0), (actions, is_confirmed, again));
        }
        for (frame, slot) in record.hashes.iter() {
            let reports = slot.reports().map(|(_, report)| report.hash).collect();
            outcome.hashes.insert((record.number.0, frame.0), (slot.recomputed, reports));
        }
    }
    outcome
}

/// Holds an observation that begins at a random place against the full one, from its anchor on.
/// Returns whether anything could be compared.
pub(crate) fn late(name: &str, chunks: &[Vec<u8>], random: &mut SplitMix64) -> bool {
    let mut observations = 0_u64;
    let whole = rebuild(chunks, &mut |_, _| {
        observations += 1;
        true
    });
    let skipped = random.next_u64() % (observations * 3 / 4);
    let mut seen = 0;
    // By episode, where the page stood when the late observation had its anchor.
    let mut anchored_at = BTreeMap::new();
    // The configuration is known whenever the panel comes: its user can say it.
    let late = rebuild(chunks, &mut |session, observation| {
        seen += 1;
        let peers = session.games().iter().flat_map(|game| &game.peers);
        for record in peers.flat_map(|peer| &peer.episodes) {
            if record.anchor.is_some() {
                anchored_at.entry(record.number.0).or_insert(record.next_frame());
            }
        }
        seen > skipped || matches!(observation.fact, Fact::Configured(_))
    });
    let peers = [&whole, &late].map(|session| &session.games()[0].peers[0]);
    compare_late(name, peers[0], peers[1], &anchored_at)
}

// Whether anything could be compared. A rollback that was demanded before the anchor was known has no
// known cause in the late observation, so those of later frames are compared.
fn compare_late(
    name: &str,
    whole: &PeerSession,
    late: &PeerSession,
    anchored_at: &BTreeMap<u32, Frame>,
) -> bool {
    let Some(first) = late.episodes.iter().position(|record| !record.frames.is_empty()) else {
        return false;
    };
    // Those before it were not seen and stand there empty, so that two pages' episodes are the same.
    assert_eq!(late.episodes[first].number.0 as usize, first, "{name}");
    let place = format!("{name}, late in episode {first}");
    let mut compared = 0;
    for record in &late.episodes {
        let full = whole.episodes.iter().find(|full| full.number == record.number).unwrap();
        let Some(anchor) = record.anchor else { continue };
        let stood = anchored_at[&record.number.0];
        let known = |rollbacks: &PeerSession, from: Frame| -> Vec<[u32; 4]> {
            let of_episode = executed(rollbacks).into_iter();
            let is_after = |one: &[u32; 4]| {
                one[0] == record.number.0 && one[1] > from.0 && (from.0 == 0 || one[2] > stood.0)
            };
            of_episode.filter(is_after).collect()
        };
        assert_eq!(
            known(late, anchor),
            known(whole, anchor),
            "{place}, anchor {anchor} at {stood}"
        );
        for frame in (anchor.0..record.next_frame().0).map(Frame) {
            let (a, b) = (record.frames.inputs(frame), full.frames.inputs(frame));
            assert_eq!(a.unwrap().actions(), b.unwrap().actions(), "{place}, frame {frame}");
            compared += 1;
        }
        assert_eq!(record.confirmed_frame(), full.confirmed_frame(), "{place}");
    }
    compared > 0
}
