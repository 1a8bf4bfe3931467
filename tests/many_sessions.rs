//! Reconstruction against the engines' own logs, for sessions that two players, one channel and bytes
//! do not show: two to four players, every form of the messages, several episodes, repairs by another
//! peer's state, and inputs that go on through the server when their connection is lost.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

#[path = "support/convert.rs"]
mod convert;
#[path = "mug_support/interleave.rs"]
mod interleave;
mod mesh;

use std::collections::{BTreeMap, BTreeSet};

use interleave::{Merge, merged};
use mesh::{Peer, Plan};
use rollscope::capture::{Assembler, ChunkBuilder, PageId};
use rollscope::dialect::DialectReader;
use rollscope::frame::Frame;
use rollscope::issue::IssueLog;
use rollscope::link::SplitMix64;
use rollscope::message::{Form, PredictionRule};
use rollscope::observation::Observation;
use rollscope::rollback::{EngineEvent, ResyncRule};
use rollscope::session::{PeerSession, RollbackState, Session};

/// Sessions of the test; `ROLLSCOPE_SESSIONS` plays another number.
const SESSIONS: u64 = 48;

/// Episode, target, current and snapshot.
type Rollbacks = Vec<[u32; 4]>;

fn rebuild(chunks: &[Vec<u8>], skipped: u64) -> (Session, u64) {
    let (mut session, mut seen) = (Session::default(), 0);
    let (mut assembler, mut reader) = (Assembler::default(), DialectReader::default());
    let (mut issues, mut unread) = <(IssueLog, IssueLog)>::default();
    for chunk in chunks {
        assembler.handle_chunk(chunk, &mut issues, &mut |event| {
            let mut sink = |observation: &Observation<'_>| {
                seen += 1;
                if seen > skipped {
                    session.handle(observation);
                }
            };
            reader.handle_event(&event, &mut sink, &mut unread);
        });
    }
    assert_eq!((issues.issues(), unread.issues()), (&[][..], &[][..]));
    (session, seen)
}

fn rebuilt(peer: &PeerSession) -> Rollbacks {
    let of_episodes = peer.episodes.iter().flat_map(|record| {
        let executed = record.rollbacks.iter().filter(|one| one.state == RollbackState::Executed);
        executed.filter_map(|one| {
            Some([record.number.0, one.cause?.frame.0, one.current.0, one.snapshot.0])
        })
    });
    of_episodes.collect()
}

fn logged(events: &[EngineEvent]) -> Rollbacks {
    let rollback = |event: &EngineEvent| match event {
        EngineEvent::Rollback { episode, target, current, snapshot, .. } => {
            Some([episode.0, target.0, current.0, snapshot.0])
        }
        _ => None,
    };
    events.iter().filter_map(rollback).collect()
}

fn frames_logged(events: &[EngineEvent]) -> BTreeSet<(u32, u32)> {
    let frame = |event: &EngineEvent| match event {
        EngineEvent::Frame { episode, frame, .. } => Some((episode.0, frame.0)),
        _ => None,
    };
    events.iter().filter_map(frame).collect()
}

fn frames_rebuilt(peer: &PeerSession) -> BTreeSet<(u32, u32)> {
    let of_episodes = peer.episodes.iter().flat_map(|record| {
        let frames = (0..record.frames.len() as u32).map(Frame);
        frames
            .filter(|frame| record.frames.inputs(*frame).is_some())
            .map(|frame| (record.number.0, frame.0))
    });
    of_episodes.collect()
}

fn sessions() -> u64 {
    let said = std::env::var("ROLLSCOPE_SESSIONS").ok();
    said.map_or(SESSIONS, |number| number.parse().unwrap())
}

/// What a peer's session is when nothing of it is missing, and its own log.
#[track_caller]
fn check(plan: &Plan, place: usize, peer: &Peer) -> usize {
    let (session, _) = rebuild(&peer.chunks, 0);
    assert_eq!(session.issues.issues(), [], "{plan:?}");
    let [game] = session.games() else { unreachable!("one game, {plan:?}") };
    let seen = &game.peers[0];
    assert_eq!(usize::from(seen.local.unwrap().0), place, "{plan:?}");
    let truth = logged(&peer.events);
    assert_eq!(rebuilt(seen), truth, "player {place}, {plan:?}");
    assert_eq!(frames_rebuilt(seen), frames_logged(&peer.events), "player {place}, {plan:?}");
    truth.len()
}

#[test]
fn sessions_of_every_kind_are_rebuilt_as_the_engines_log_them() {
    let (mut rollbacks, mut kinds) = (0, BTreeMap::<&str, u32>::new());
    for seed in 0..sessions() {
        let plan = Plan::new(seed);
        let peers = mesh::play(&plan);
        for (place, peer) in peers.iter().enumerate() {
            rollbacks += check(&plan, place, peer);
        }
        let logs = || peers.iter().flat_map(|peer| &peer.events);
        let has = |is: fn(&EngineEvent) -> bool| logs().any(is);
        for (kind, is_there) in [
            ("three or four players", plan.players > 2),
            ("JSON", plan.form == Form::Json),
            ("MessagePack", plan.form == Form::MessagePack),
            ("a second episode", has(|e| matches!(e, EngineEvent::EpisodeEnded { .. }))),
            ("a repair", has(|e| matches!(e, EngineEvent::Resynced { .. }))),
            ("the relay", plan.relayed_from.is_some()),
        ] {
            *kinds.entry(kind).or_default() += u32::from(is_there);
        }
    }
    println!("{} sessions, {rollbacks} rollbacks, of these sessions: {kinds:?}", sessions());
    assert!(rollbacks as u64 > 4 * sessions(), "{rollbacks} rollbacks");
    for (kind, times) in &kinds {
        assert!(u64::from(*times) * 16 > sessions(), "{kind}: {kinds:?}");
    }
}

/// A page that is loaded anew, after a second and after minutes of one episode: what is recorded of the
/// new page shows every frame and rollback that its engine logs, from the state on that it was given.
#[test]
fn a_page_that_is_loaded_anew_is_rebuilt_from_the_state_it_was_given() {
    let mut rollbacks = 0;
    for (seed, players, reloaded_at) in [(3, 3, 60), (4, 3, 4_000), (5, 2, 20_000)] {
        let plan = Plan {
            players,
            resync: ResyncRule::Off,
            relayed_from: None,
            episodes: 1,
            input_delay_frames: 0,
            prediction: PredictionRule::RepeatLast,
            episode_frames: reloaded_at + 300,
            reload: Some((1, reloaded_at)),
            ..Plan::new(seed)
        };
        let peers = mesh::play(&plan);
        let new = &peers[1];
        let returned = new.events.iter().find_map(|event| match event {
            EngineEvent::Returned { frame, .. } => Some(*frame),
            _ => None,
        });
        let returned = returned.unwrap();
        assert!(returned.0 + 100 > reloaded_at, "{returned} {plan:?}");
        rollbacks += check(&plan, 1, new);
        let (session, _) = rebuild(&new.chunks, 0);
        let record = &session.games()[0].peers[0].episodes[0];
        assert_eq!(record.confirmed_frame(), Some(Frame(plan.episode_frames - 1)), "{plan:?}");
        // What is counted from the frame numbers of messages begins with the first one, wherever it is.
        let (lost, sent) = record.arrivals.lost();
        assert!((200..320).contains(&sent) && lost < sent / 2, "{lost} of {sent}: {plan:?}");
        assert!(record.arrivals.sent(returned.plus(100)).is_some(), "{plan:?}");
        let (first, last) = record.announcements.own_range().unwrap();
        assert!(first.since(returned) < 100 && last > returned.plus(100), "{first} to {last}");
        assert_eq!(record.frames.confirmed_at(Frame(returned.0 - 1)), None);
        assert!(record.frames.confirmed_at(returned.plus(1)).is_some(), "{plan:?}");
    }
    assert!(rollbacks > 20, "{rollbacks} rollbacks");
}

#[test]
fn every_form_of_the_messages_gives_the_same_reconstruction() {
    for seed in 0..4 {
        let plan = Plan { resync: ResyncRule::Off, ..Plan::new(seed * 7) };
        let reports = Form::ALL.map(|form| {
            let plan = Plan { form, ..plan };
            let peers = mesh::play(&plan);
            let all = peers.iter().enumerate().map(|(place, peer)| {
                check(&plan, place, peer);
                let (session, _) = rebuild(&peer.chunks, 0);
                let seen = &session.games()[0].peers[0];
                let hashes = seen.episodes.iter().flat_map(|record| {
                    let slots = record.hashes.iter();
                    slots.map(|(frame, slot)| {
                        (frame, slot.recomputed, slot.reports().map(|r| r.1.hash).collect())
                    })
                });
                let confirmed = seen.episodes.iter().map(|record| record.confirmed_frame());
                let hashes: Vec<(_, _, Vec<u64>)> = hashes.collect();
                (rebuilt(seen), hashes, confirmed.collect::<Vec<_>>())
            });
            all.collect::<Vec<_>>()
        });
        assert!(reports[0] == reports[1] && reports[0] == reports[2], "{plan:?}");
    }
}

// The same events in chunks of other sizes.
fn cut_anew(chunks: &[Vec<u8>], random: &mut SplitMix64) -> Vec<Vec<u8>> {
    let (mut assembler, mut issues) = (Assembler::default(), IssueLog::default());
    let (mut builder, mut out) = (ChunkBuilder::new(PageId([5; 8])), Vec::new());
    for chunk in chunks {
        assembler.handle_chunk(chunk, &mut issues, &mut |event| {
            builder.push(event.time, event.channel, &event.kind);
            if random.next_u64().is_multiple_of(60) {
                out.push(builder.finish());
            }
        });
    }
    out.push(builder.finish());
    out
}

/// Episode, current frame and snapshot of every executed rollback: what requests show without what
/// came before them.
fn shown(peer: &PeerSession) -> Vec<[u32; 3]> {
    let of_episodes = peer.episodes.iter().flat_map(|record| {
        let executed = record.rollbacks.iter().filter(|one| one.state == RollbackState::Executed);
        executed.map(|one| [record.number.0, one.current.0, one.snapshot.0])
    });
    of_episodes.collect()
}

#[test]
fn a_late_observation_and_any_chunks_show_the_same_tail() {
    let mut random = SplitMix64(11);
    let (mut tails, mut targets) = (0, 0);
    for seed in 0..12 {
        let plan = Plan { resync: ResyncRule::Off, ..Plan::new(seed) };
        for peer in &mesh::play(&plan)[..2] {
            let (whole, observations) = rebuild(&peer.chunks, 0);
            let whole = &whole.games()[0].peers[0];
            let (cut, _) = rebuild(&cut_anew(&peer.chunks, &mut random), 0);
            assert_eq!(rebuilt(&cut.games()[0].peers[0]), rebuilt(whole), "{plan:?}");
            for _ in 0..3 {
                let (late, _) = rebuild(&peer.chunks, random.next_u64() % (observations * 4 / 5));
                let late = &late.games()[0].peers[0];
                let (tail, all) = (shown(late), shown(whole));
                assert!(all.ends_with(&tail), "{plan:?}: {tail:?} of {all:?}");
                tails += tail.len();
                // The replay of frames that were seen shows what was wrong, without any settings.
                let (known, all) = (rebuilt(late), rebuilt(whole));
                let invented: Vec<_> = known.iter().filter(|one| !all.contains(one)).collect();
                assert!(invented.is_empty(), "{plan:?}: {invented:?} of {all:?}");
                targets += known.len();
                for record in &late.episodes {
                    let full = whole.episodes.iter().find(|full| full.number == record.number);
                    let full = full.unwrap();
                    let first =
                        (0..record.next_frame().0).find_map(|f| record.frames.stepped_at(Frame(f)));
                    let last = full.next_frame().previous();
                    // Own messages that were held back above the channel name the episode before for a
                    // while; who comes right then cannot know that it is over.
                    if first > last.and_then(|last| full.frames.stepped_at(last)) {
                        continue;
                    }
                    let seen = |frame: &Frame| record.frames.inputs(*frame).is_some();
                    for frame in (0..record.next_frame().0).map(Frame).skip_while(|f| !seen(f)) {
                        let actions = [record, full].map(|one| one.frames.inputs(frame).unwrap());
                        let [late, full] = actions.map(|one| one.actions().to_vec());
                        assert_eq!(late, full, "{plan:?}, frame {frame}");
                    }
                }
            }
        }
    }
    assert!(tails > 300, "{tails} rollbacks in tails");
    assert!(targets * 10 > tails * 8, "{targets} targets of {tails} rollbacks");
}

/// What must not depend on how channels are merged.
type Independent = (Vec<[u32; 3]>, Vec<(u32, u32, Vec<u32>, u16)>, Vec<Option<Frame>>, Vec<Hashes>);

/// Episode, frame, recomputed hash and reported ones.
type Hashes = (u32, u32, Option<u64>, Vec<u64>);

fn independent(peer: &PeerSession) -> Independent {
    let (mut frames, mut hashes) = (Vec::new(), Vec::new());
    for record in &peer.episodes {
        for frame in (0..record.frames.len() as u32).map(Frame) {
            let Some(inputs) = record.frames.inputs(frame) else { continue };
            let actions = inputs.actions().iter().map(|action| action.0).collect();
            let again = record.frames.resimulated(frame);
            frames.push((record.number.0, frame.0, actions, again));
        }
        for (frame, slot) in record.hashes.iter() {
            let reports = slot.reports().map(|(_, report)| report.hash).collect();
            hashes.push((record.number.0, frame.0, slot.recomputed, reports));
        }
    }
    let confirmed = peer.episodes.iter().map(|record| record.confirmed_frame());
    (shown(peer), frames, confirmed.collect(), hashes)
}

/// Messages between a page and its worker name their frames, so what was stepped, restored and hashed in
/// an episode is told whatever stands between them. That it has begun, which episode a request belongs to,
/// and what a page knew when it posted it, is told by the order of messages and requests alone.
#[test]
fn no_merging_of_channels_changes_what_messages_name() {
    let mut random = SplitMix64(17);
    let mut compared = 0;
    for seed in 0..10 {
        let (resync, relayed_from) = (ResyncRule::Off, None);
        let plan = Plan { resync, relayed_from, episodes: 1, ..Plan::new(seed) };
        for peer in &mesh::play(&plan)[..2] {
            let (whole, observed) = rebuild(&peer.chunks, 0);
            let whole = independent(&whole.games()[0].peers[0]);
            // The introductions come first.
            let kept = (observed / 8) as usize;
            for merge in [Merge::AsCaptured, Merge::AtRandom { kept }] {
                let (anew, _) = rebuild(&merged(&peer.chunks, merge, &mut random), 0);
                let anew = independent(&anew.games()[0].peers[0]);
                assert_eq!(anew.0, whole.0, "{plan:?} {merge:?}");
                assert!(anew.1 == whole.1, "{plan:?} {merge:?}: frames");
                assert_eq!(anew.2, whole.2, "{plan:?} {merge:?}");
                assert!(anew.3 == whole.3, "{plan:?} {merge:?}: hashes");
                compared += anew.1.len();
            }
        }
    }
    assert!(compared > 3000, "{compared} frames");
}
