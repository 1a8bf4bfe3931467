//! What the views ask of the analysis: games and episodes, messages, states. Against each session
//! alone, and against what stands in the chunks.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use rollscope::analysis::Analysis;
use rollscope::capture::{EventKind, PageTexts, decode_chunk};
use rollscope::filter::Filter;
use rollscope::issue::IssueLog;
use rollscope::observation::Direction;
use rollscope::rollback::EngineEvent;
use rollscope::session::text_digest;
use rollscope::summary::Choice;
use rollscope::timeline::{Axis, StateDiff, StateMap};
use rollscope::traffic::{Family, TrafficFilter, TrafficList, TrafficRow};
use rollscope::verify::VerdictKind;
use support::{FAULT_FRAME, Fault, Setup, analyse, play};

#[test]
fn every_game_can_be_chosen_and_shows_what_it_shows_alone() {
    let [first, _] = play(&Setup::new(11));
    let [_, second] = play(&Setup { frames: 120, ..Setup::new(12) });
    let sessions = [first.into_chunks(), second.into_chunks()];
    let mut both = analyse(&sessions.concat());
    let seeds: Vec<_> = both.choices().iter().map(|game| game.seed).collect();
    let alone: Vec<_> = sessions.iter().map(|chunks| analyse(chunks)).collect();
    assert_eq!(seeds, alone.iter().map(|one| one.seed()).collect::<Vec<_>>());
    assert_eq!(both.chosen(), Some((1, 0)), "the newest at first");
    for (place, one) in alone.iter().enumerate().rev() {
        both.choose(Choice { game: Some(place), episode: Some(0) });
        assert_eq!(both.verdict(), one.verdict());
        assert_eq!(both.rollback_count(), one.rollback_count());
        let listed = both.choices().get(place).unwrap().episodes.first().unwrap().frames;
        assert_eq!(Some(listed - 1), one.verdict().last_frame.map(|frame| frame.0));
    }
    // What is not there is the newest.
    both.choose(Choice { game: Some(7), episode: Some(7) });
    assert_eq!(both.chosen(), Some((1, 0)));
    assert_eq!(analyse(&[]).chosen(), None);
}

#[test]
fn a_check_is_as_bad_as_the_worst_it_found_and_the_worst_stand_first() {
    let mut seen = BTreeSet::new();
    for fault in [Fault::Nondeterminism, Fault::DropRollback] {
        let [first, second] = play(&Setup { fault, ..Setup::new(25) });
        let view = analyse(&[first.into_chunks(), second.into_chunks()].concat()).verdict();
        for check in &view.checks {
            // A finding may also say what is well, such as what batches saved.
            let of_it = view.findings.iter().filter(|finding| finding.code == check.code);
            let worst = of_it.map(|finding| finding.severity).min().filter(|_| check.failed > 0);
            assert_eq!(check.severity, worst, "{}", check.code);
            assert_eq!(check.severity.is_some(), check.failed > 0, "{}", check.code);
        }
        let ranks: Vec<_> = view.checks.iter().map_while(|check| check.severity).collect();
        assert!(ranks.is_sorted(), "{ranks:?}");
        assert!(view.checks.iter().skip(ranks.len()).all(|check| check.failed == 0));
        seen.extend(ranks.iter().map(|severity| format!("{severity:?}")));
    }
    assert!(seen.len() > 1, "only {seen:?}");
}

/// Sequence number, time, direction and latency of every message, straight from the chunks.
fn messages(chunks: &[Vec<u8>]) -> Vec<(u32, u64, Direction, Option<u64>)> {
    let (mut issues, mut texts) = (IssueLog::default(), PageTexts::default());
    let (mut list, mut asked) = (Vec::new(), BTreeMap::new());
    for bytes in chunks {
        let chunk = decode_chunk(bytes, &mut issues).unwrap();
        for event in chunk.events_after(&texts, &mut issues) {
            let (message, direction) = match &event.kind {
                EventKind::MessageSent(message) => (message, Direction::Sent),
                EventKind::MessageReceived(message) => (message, Direction::Received),
                _ => continue,
            };
            let id = message.value.get("id").and_then(|id| id.as_u32());
            let latency = match (id, direction) {
                (Some(id), Direction::Sent) => {
                    asked.insert(id, event.time);
                    None
                }
                (Some(id), Direction::Received) => asked.get(&id).map(|at| event.time.since(*at)),
                (None, _) => None,
            };
            list.push((event.seq.0, event.time.0, direction, latency));
        }
        chunk.teach(&mut texts);
    }
    list
}

#[test]
fn traffic_is_every_message_and_each_can_be_read_again() {
    let [first, _] = play(&Setup::new(21));
    let chunks = first.into_chunks();
    let truth = messages(&chunks);
    let analysis = analyse(&chunks);
    let mut list = TrafficList::default();
    analysis.list_traffic(&mut list, &TrafficFilter::default());
    assert_eq!(list.len(), truth.len());
    let mut names = BTreeSet::new();
    for (place, (seq, time, direction, latency)) in truth.iter().enumerate() {
        let row = analysis.traffic_row(list.event(place).unwrap()).unwrap();
        assert_eq!((row.evidence.seq, row.time.0, row.direction), (*seq, *time, *direction));
        if row.family == Family::Worker {
            assert_eq!(row.latency_micros.map(u64::from), *latency, "message {seq}");
        }
        assert_eq!(analysis.traffic_of(row.evidence), Some(row.event));
        let decoded = analysis.decode(row.event).unwrap();
        assert!(!decoded.tree.is_empty());
        if row.family == Family::Peer {
            assert_eq!(decoded.bytes.map(|bytes| bytes.len() as u32), Some(row.size_bytes));
        }
        names.insert(row.name);
    }
    for name in ["HELLO", "INPUT", "STATE_HASH", "batch", "results"] {
        assert!(names.contains(name), "{name} of {names:?}");
    }
    // The sums are those of the rows, and a filter counts what it lets through.
    let sums = analysis.traffic_sums(&list);
    assert_eq!(sums.iter().map(|sum| sum.messages).sum::<u64>(), truth.len() as u64);
    assert!(sums.windows(2).all(|pair| pair[0].bytes >= pair[1].bytes));
    let hidden = vec![Family::Worker];
    let query = Filter::parse("frame:50..60").unwrap();
    analysis.list_traffic(&mut list, &TrafficFilter { hidden, query, ..TrafficFilter::default() });
    assert!(!list.is_empty() && list.len() < truth.len() / 4);
    for place in 0..list.len() {
        let row = analysis.traffic_row(list.event(place).unwrap()).unwrap();
        assert!(row.family == Family::Peer && (50..=60).contains(&row.frame.unwrap().0));
    }
}

/// Every term of the one filter language keeps the messages that it says and no other.
#[test]
fn the_filter_of_messages_is_that_of_the_timeline() {
    let [first, second] = play(&Setup::new(11));
    let analysis = analyse(&[first.into_chunks(), second.into_chunks()].concat());
    let players = analysis.player_sources();
    assert_eq!(players.len(), 2);
    let mut list = TrafficList::default();
    analysis.list_traffic(&mut list, &TrafficFilter::default());
    let all: Vec<_> = (0..list.len())
        .map(|row| analysis.traffic_row(list.event(row).unwrap()).unwrap())
        .collect();
    let mut check = |text: &str, keeps: &dyn Fn(&TrafficRow) -> bool| {
        let query = Filter::parse(text).unwrap();
        let filter = TrafficFilter { query, players: players.clone(), ..TrafficFilter::default() };
        analysis.list_traffic(&mut list, &filter);
        let expected: Vec<_> = all.iter().filter(|row| keeps(row)).map(|row| row.event).collect();
        let kept: Vec<_> = (0..list.len()).filter_map(|row| list.event(row)).collect();
        assert!(kept == expected && !kept.is_empty(), "{text}: {} kept", kept.len());
        assert!(kept.len() < all.len(), "{text} asks for a part");
    };
    check("dir:sent", &|row| row.direction == Direction::Sent);
    check("is:received", &|row| row.direction == Direction::Received);
    check("size>200", &|row| row.size_bytes > 200);
    check("latency>=1", &|row| row.latency_micros.is_some_and(|micros| micros >= 1000));
    check("type:batch", &|row| row.name.to_ascii_lowercase().contains("batch"));
    check("-input", &|row| !row.name.to_ascii_lowercase().contains("input"));
    check("kind:hash", &|row| row.name.to_ascii_lowercase().contains("hash"));
    check("kind:reply", &|row| {
        row.family == Family::Worker && row.direction == Direction::Received
    });
    check("frame:..9,50..60", &|row| {
        row.frame.is_some_and(|frame| frame.0 <= 9 || (50..=60).contains(&frame.0))
    });
    for (player, source) in &players {
        check(&format!("player:{player}"), &|row| row.evidence.source.0 == *source);
    }
}

#[test]
fn what_the_memory_cap_keeps_out_is_counted_and_cannot_be_read_again() {
    let [first, _] = play(&Setup::new(22));
    let chunks = first.into_chunks();
    let mut capped = Analysis::new();
    // Room for three chunks and what is known of their messages, and not for a fourth.
    capped.set_memory_cap(usize::MAX);
    for chunk in chunks.iter().take(3) {
        capped.handle_chunk(chunk);
    }
    let view = capped.capture_view();
    capped.set_memory_cap((view.kept.0 + view.index.0) as usize);
    for chunk in chunks.iter().skip(3) {
        capped.handle_chunk(chunk);
    }
    capped.flush();
    let left_out = format!("{} chunks came after the memory cap", chunks.len() - 3);
    assert!(capped.health().file_notice.unwrap().contains(&left_out));
    let mut saved = Analysis::new();
    saved.open_file(&capped.capture_file(0.0)).unwrap();
    assert_eq!(saved.verdict().kind, VerdictKind::Incomplete, "so is what is saved of it");
    assert!(saved.health().file_notice.unwrap().contains("memory cap"));
    let mut list = TrafficList::default();
    capped.list_traffic(&mut list, &TrafficFilter::default());
    assert_eq!(list.len(), messages(&chunks).len(), "the rows are all there");
    assert!(capped.decode(list.event(0).unwrap()).is_some());
    assert_eq!(capped.decode(list.event(list.len() - 1).unwrap()), None);
}

#[test]
fn the_memory_cap_is_for_chunks_index_and_lanes_together() {
    let [first, _] = play(&Setup::new(22));
    let chunks = first.into_chunks();
    // The most that chunks, index and lanes took, and the view at the end.
    let of = |is_timeline_seen: bool, cap: u64| {
        let mut analysis = Analysis::new();
        analysis.set_memory_cap(cap as usize);
        let mut most = 0;
        for chunk in &chunks {
            // Whoever looks at the timeline makes its lanes.
            if is_timeline_seen {
                let _ = analysis.minimap(Axis::Frame, 100);
            }
            analysis.handle_chunk(chunk);
            let view = analysis.capture_view();
            most = most.max(view.kept.0 + view.index.0 + view.lanes_bytes);
        }
        (most, analysis.capture_view())
    };
    let (chunks_and_index, unseen) = of(false, u64::from(u32::MAX));
    assert_eq!((unseen.kept.2, unseen.lanes_bytes), (0, 0));
    assert!(unseen.index.0 > 0 && chunks_and_index >= unseen.kept.0 + unseen.index.0);
    // Exactly enough for both, and not for lanes as well.
    assert_eq!(of(false, chunks_and_index).1.kept.2, 0);
    let (_, seen) = of(true, chunks_and_index);
    assert!(seen.lanes_bytes > 0 && seen.kept.2 > 0, "{seen:?}");
    // One byte less, and the index takes the room of a chunk.
    let (_, less) = of(false, chunks_and_index - 1);
    assert!(less.kept.2 > 0 && less.kept.0 < unseen.kept.0, "what gave way is counted");
}

#[test]
fn states_of_both_peers_are_found_and_compared_as_the_check_does() {
    let [first, second] = play(&Setup { fault: Fault::Nondeterminism, ..Setup::new(23) });
    let chunks = [first.into_chunks(), second.into_chunks()].concat();
    let analysis = analyse(&chunks);
    let peers = analysis.state_peers();
    let [left, right] = peers.as_slice() else { panic!("two peers saved states") };
    assert_eq!((left.name.as_str(), right.name.as_str()), ("P1", "P2"));
    for state in &left.states {
        let text = analysis.state_text(left.source, state).unwrap();
        assert_eq!(text_digest(&text), state.digest);
    }
    let mut map = StateMap::default();
    while !map.is_complete() {
        analysis.map_states(&mut map, (0, 1));
    }
    let first = map.first().unwrap();
    let mismatch = analysis.verdict().place.first_mismatch.unwrap();
    assert!(first.frame <= mismatch, "{} is after {mismatch}", first.frame);
    assert!(first.frame.0 >= FAULT_FRAME);
    let texts = [left, right].map(|peer| {
        let (state, _) = peer.at(first.frame).unwrap();
        analysis.state_text(peer.source, state).unwrap()
    });
    let view = StateDiff::of(&texts[0], &texts[1]).unwrap();
    assert_eq!(view.rows.first().map(|row| &row.path), Some(&first.path));
    assert!(map.history(&first.path).iter().any(|moment| moment.frame == first.frame));
    // The user may turn the sides, or ask for a peer that is not there.
    let mut turned = StateMap::default();
    while !turned.is_complete() {
        analysis.map_states(&mut turned, (1, 0));
    }
    let (ours, theirs) = (map.history(&first.path), turned.history(&first.path));
    assert!(!ours.is_empty() && ours.len() == theirs.len());
    for (one, other) in ours.iter().zip(&theirs) {
        assert_eq!((&one.values.0, &one.values.1), (&other.values.1, &other.values.0));
    }
    analysis.map_states(&mut turned, (0, 2));
    assert_eq!(turned.frames().count(), 0);
    // One side alone has nothing to compare with.
    let [alone, _] = play(&Setup::new(24));
    let alone = analyse(&alone.into_chunks());
    assert_eq!(alone.state_peers().len(), 1);
    alone.map_states(&mut map, (0, 1));
    assert_eq!(map.frames().count(), 0);
}

#[test]
fn round_trips_count_a_restore_of_its_own_and_split_the_whole_time() {
    for (fault, extra) in [(Fault::None, 0), (Fault::LoneRestore, 1)] {
        let [first, _] = play(&Setup { fault, ..Setup::new(25) });
        let steps: u32 = first
            .events
            .iter()
            .filter_map(|event| match event {
                EngineEvent::Rollback { current, snapshot, .. } => Some(current.0 - snapshot.0),
                _ => None,
            })
            .sum();
        let analysis = analyse(&first.into_chunks());
        let (rows, sums) = (analysis.rollbacks(0..analysis.rollback_count()), analysis.savings());
        let count = rows.len() as u32;
        assert!(count > 3);
        assert_eq!((sums.rollbacks, sums.as_is.0), (count, count + extra), "{fault:?}");
        assert_eq!((sums.one_batch.0, sums.unbatched.0), (count, steps + 2 * count));
        assert_eq!(rows.iter().map(|row| row.round_trips).sum::<u32>(), count + extra);
        for row in &rows {
            let parts = [row.wait_micros, row.execute_micros, row.reply_micros];
            let whole: u64 = parts.into_iter().map(Option::unwrap).sum();
            assert_eq!(Some(whole), row.total_micros);
        }
        let overhead = sums.overhead.clone().unwrap();
        assert_eq!(overhead.at_most, None, "the worker says its times");
        assert_eq!(sums.as_is.1 - sums.one_batch.1, u64::from(extra) * overhead.micros);
        assert!(sums.sentence().contains("% of the time of the rollbacks"));
    }
}
