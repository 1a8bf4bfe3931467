//! Two whole sessions with bots, workers and seeded links in one process: what the arena does,
//! without a browser.

#![expect(clippy::indexing_slicing, reason = "helpers of tests may panic like tests")]

mod pages;

use std::collections::BTreeMap;

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::link::{Link, LinkProfile};
use rollscope::message::{PeerMessage, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig, EngineEvent};
use rollscope::time::Micros;
use rollscope::worker::{Env, Request, execute};
use rollscope_demo::faults::Faults;
use rollscope_demo::game::Game;
use rollscope_runtime::batch::{operations, read_results};
use rollscope_runtime::route::{Route, RouteChoice, Topology};
use rollscope_runtime::session::Phase;

use pages::{Page, ROUGH, SEED, play, settings};

#[test]
fn bots_over_a_rough_link_cause_rollbacks_and_no_desync() {
    let pages = play(60, ROUGH);
    let mut hashes = Vec::new();
    for page in &pages {
        let (counts, log) = (page.session.counts(), page.log());
        assert_eq!(page.session.phase(), &Phase::Playing);
        assert!(page.session.current().unwrap() > Frame(3500), "{:?}", page.session.current());
        assert!(counts.rollbacks > 100, "{counts:?}");
        assert_eq!((counts.desyncs, counts.unreadable, counts.dropped), (0, 0, 0));
        assert_eq!(
            (log[0]["event"].as_str(), log[0]["seed"].as_u64()),
            (Some("session"), Some(20))
        );
        let of = |event: &'static str| log.iter().filter(move |line| line["event"] == event);
        assert_eq!(of("rollback").count(), counts.rollbacks as usize);
        // A frame is logged when the worker has answered: the last one may be under way.
        let is_under_way = page.under_way.next_arrival().is_some();
        let stepped = of("frame").count() + usize::from(is_under_way);
        assert_eq!(stepped, page.session.current().unwrap().index());
        let known = of("hash")
            .map(|line| (line["frame"].as_u64(), line["hash"].as_str().map(str::to_owned)));
        hashes.push(known.collect::<Vec<_>>());
    }
    let [first, second] = pages.each_ref().map(|page| page.session.counts().rollbacks);
    assert!(
        first < second * 2 && second < first * 2,
        "one peer repairs for both: {first}, {second}"
    );
    let common = hashes[0].len().min(hashes[1].len());
    assert!(common > 600, "{common}");
    assert_eq!(hashes[0][..common], hashes[1][..common]);
}

/// Both ways of one direction: the pages' own connection and the slower relay.
struct Ways {
    p2p: Link<Vec<u8>>,
    relay: Link<Vec<u8>>,
    choice: RouteChoice,
}

/// The connection dies three times in mid-game: closed, closed again, and silent without a word.
/// What was under way in it is lost, what takes the relay comes later and may come twice.
#[test]
fn a_lost_connection_loses_and_doubles_no_input() {
    const SECOND: u64 = 1_000_000;
    let is_closed =
        |at: u64| (6 * SECOND..9 * SECOND).contains(&at) || (15..16).contains(&(at / SECOND));
    let is_silent = |at: u64| (20 * SECOND..25 * SECOND).contains(&at);
    let mut pages = [Page::new(0, SEED), Page::new(1, SEED)];
    let slow = LinkProfile { latency_micros: 130_000, ..ROUGH };
    let mut ways = [0, 1].map(|side: u64| Ways {
        p2p: Link::new(side, ROUGH),
        relay: Link::new(side + 2, slow),
        choice: RouteChoice::new(Topology::Direct),
    });
    let mut was_closed = true;
    for now in (0..32 * SECOND).step_by(4_000).map(Micros) {
        for (side, way) in ways.iter_mut().enumerate() {
            way.choice.handle_relay(true);
            match (was_closed, is_closed(now.0)) {
                (true, false) => way.choice.handle_opened(now),
                (false, true) => {
                    way.choice.handle_closed();
                    way.p2p = Link::new(side as u64 + now.0, ROUGH);
                }
                _ => {}
            }
        }
        was_closed = is_closed(now.0);
        for side in 0..2 {
            let from = PlayerId(1 - side as u8);
            while let Some(message) = ways[1 - side].p2p.poll(now) {
                if !is_silent(now.0) {
                    ways[side].choice.handle_heard(now);
                    pages[side].session.handle_message(now, from, &message);
                }
            }
            while let Some(message) = ways[1 - side].relay.poll(now) {
                pages[side].session.handle_message(now, from, &message);
            }
            pages[side].advance(now);
            let route = ways[side].choice.choose(now);
            while let Some((_, message)) = pages[side].session.poll_message() {
                if matches!(route, Route::P2p | Route::Both) {
                    ways[side].p2p.send(now, message.clone());
                }
                if matches!(route, Route::Relay | Route::Both) {
                    ways[side].relay.send(now, message);
                }
            }
        }
    }
    for (page, way) in pages.iter().zip(&ways) {
        assert_eq!(way.choice.switches(), (3, 3));
        let counts = page.session.counts();
        assert_eq!((counts.desyncs, counts.foreign, counts.unreadable), (0, 0, 0));
        assert!(page.session.confirmed_frame().unwrap() > Frame(1_700));
    }
    // The truth: a game that knows what both players did in every frame.
    let mut game = Game::new(Faults::default());
    game.reset(Some(SEED)).unwrap();
    let mut truth = BTreeMap::new();
    for frame in 0..1_700 {
        truth.insert(frame, game.hash_state(&game.state_json().unwrap()).unwrap());
        let of = |page: &Page| page.actions.get(&frame).copied().unwrap_or(Action(0));
        game.step(&[of(&pages[0]), of(&pages[1])]).unwrap();
    }
    for page in &pages {
        let log = page.log();
        let hashes = log.iter().filter(|line| line["event"] == "hash");
        let mut compared = 0;
        for line in hashes.filter(|line| line["frame"].as_u64().unwrap() < 1_700) {
            let frame = line["frame"].as_u64().unwrap() as u32;
            assert_eq!(line["hash"].as_str(), truth.get(&frame).map(String::as_str), "{frame}");
            compared += 1;
        }
        assert_eq!(compared, 340);
    }
}

#[test]
fn a_session_stops_when_its_replies_have_come() {
    let mut page = play(2, LinkProfile::default()).map(Some)[0].take().unwrap();
    let now = Micros(2_000_000);
    page.advance(now.plus(17_000));
    let is_waiting = page.under_way.next_arrival().is_some();
    page.session.stop();
    assert!(is_waiting && page.session.phase() == &Phase::Playing);
    page.advance(now.plus(30_000));
    assert_eq!(page.session.phase(), &Phase::Stopped);
    let frame = page.session.current();
    page.advance(now.plus(200_000));
    assert_eq!((page.session.current(), page.under_way.next_arrival()), (frame, None));
    let log = page.session.log_text();
    assert_eq!(page.log().last().unwrap()["event"], "frame");
    let mut late = Vec::new();
    PeerMessage::StateHashes { episode: Episode(0), player: PlayerId(1), hashes: Vec::new() }
        .encode(&mut late);
    (0..5_000).for_each(|_| page.session.handle_message(now, PlayerId(1), &late));
    assert_eq!(page.session.log_text(), log, "what comes after the end changes nothing");
}

#[test]
fn a_rollback_that_the_worker_refused_is_not_in_the_log() {
    let mut pages = play(20, ROUGH);
    let page = &mut pages[0];
    let before = page.log().iter().filter(|line| line["event"] == "rollback").count();
    let mut now = Micros(20_000_000);
    // The worker breaks: every batch fails from here on.
    page.worker = Game::new(Faults::default());
    while *page.session.phase() == Phase::Playing {
        now = now.plus(4_000);
        page.session.advance(now, &mut |_| Action(0));
        // What was under way when it broke fails as well.
        while let Some(request) = page.under_way.poll(now).or_else(|| page.session.poll_request()) {
            let failed = serde_json::json!({"type": "error", "id": request.id,
                "error": {"message": "out of memory", "failedIndex": 0, "partialResults": []}});
            page.session.handle_reply(serde_json::from_value(failed).unwrap());
        }
        // Inputs from far away, all different from the guesses.
        let current = page.session.current().unwrap();
        let mut bytes = Vec::new();
        PeerMessage::Inputs {
            episode: Episode(0),
            player: PlayerId(1),
            current,
            received_through: None,
            first: page.session.confirmed_frame().unwrap().next(),
            actions: vec![Action(31); 6],
        }
        .encode(&mut bytes);
        page.session.handle_message(now, PlayerId(1), &bytes);
    }
    assert!(
        matches!(page.session.phase(), Phase::Failed(reason) if reason.contains("out of memory"))
    );
    let log = page.log();
    assert_eq!(log.last().unwrap()["event"], "failed");
    assert_eq!(log.iter().filter(|line| line["event"] == "rollback").count(), before);
}

#[test]
fn peers_of_another_seed_or_version_are_refused_in_words() {
    let mut session = Page::new(0, 1).session;
    let mut other = Page::new(1, 2).session;
    other.advance(Micros(0), &mut |_| Action(0));
    let (_, mut hello) = other.poll_message().unwrap();
    session.handle_message(Micros(0), PlayerId(1), &hello);
    assert!(
        matches!(session.phase(), Phase::Failed(reason) if reason.contains("the seed: 1 here, 2 there"))
    );
    let mut session = Page::new(0, 1).session;
    hello[1] = 9;
    session.handle_message(Micros(0), PlayerId(1), &hello);
    assert!(matches!(
        session.phase(),
        Phase::Failed(reason) if reason.contains("version 9") && reason.contains("version 3")
    ));
    let mut session = Page::new(0, 1).session;
    session.handle_message(Micros(0), PlayerId(1), b"{\"type\":\"input\"}");
    assert_eq!((session.phase(), session.counts().unreadable), (&Phase::Greeting, 1));
}

#[test]
fn a_session_whose_worker_is_gone_stops_all_the_same() {
    let [mut page, _] = play(3, LinkProfile::default());
    let mut now = Micros(3_000_000);
    // The next tick's batch is posted and never answered.
    while page.session.poll_request().is_none() {
        now = now.plus(4_000);
        page.session.advance(now, &mut |_| Action(0));
    }
    page.session.stop();
    let asked = now;
    for _ in 0..10_000 {
        page.session.advance(now, &mut |_| Action(0));
        if *page.session.phase() == Phase::Stopped {
            break;
        }
        now = now.plus(4_000);
    }
    assert_eq!((page.session.phase(), now.since(asked)), (&Phase::Stopped, 5_000_000));
    assert_eq!(page.log().last().unwrap()["event"], "worker_silent");
}

/// Every remote input comes four frames late and differs from the guess, so that the engine rolls
/// back in every frame; the hashes must be those of a game that knew all inputs.
#[test]
fn rolling_back_every_frame_changes_nothing() {
    const FRAMES: u32 = 2_000;
    const LATE_FRAMES: u32 = 4;
    let action = |player: u32, frame: u32| Action((frame * (7 + player) + player) % 32);
    let delay_free = SessionSettings { input_delay_frames: 0, ..settings(SEED) };
    let (local, episode) = (PlayerId(0), Episode(0));
    let config = EngineConfig { local, settings: vec![delay_free; 2], episode };
    let mut engine: Engine<String> = Engine::new(&config).unwrap();
    let mut game = Game::new(Faults::default());
    game.reset(Some(SEED)).unwrap();
    let (mut rollbacks, mut hashes) = (0, Vec::new());
    for frame in 0..FRAMES {
        if let Some(late) = frame.checked_sub(LATE_FRAMES) {
            engine.handle_message(&PeerMessage::Inputs {
                episode,
                player: PlayerId(1),
                current: Frame(late),
                received_through: frame.checked_sub(1).map(Frame),
                first: Frame(late),
                actions: vec![action(1, late)],
            });
        }
        let tick = engine.tick(action(0, frame));
        let rollback = tick.rollback.map(|(_, requests)| requests.to_vec());
        let live = tick.live.to_vec();
        rollbacks += u32::from(rollback.is_some());
        for requests in rollback.into_iter().chain([live]) {
            let batch = operations(&requests, &engine).unwrap();
            let command = rollscope::worker::Command::Batch(batch.clone());
            let reply = execute(&mut game, &Request { id: 1, command });
            let rollscope::worker::ReplyBody::Result { result } = reply.body else {
                panic!("{reply:?}");
            };
            for saved in read_results(&batch, result).unwrap().saved {
                engine.handle_snapshot(saved.frame, saved.state_json, saved.hash);
            }
        }
        engine.handle_tick_done();
        while let Some(event) = engine.poll_event() {
            if let EngineEvent::Hash { frame, hash, .. } = event {
                hashes.push((frame, hash));
            }
        }
    }
    let mut truth = Vec::new();
    game.reset(Some(SEED)).unwrap();
    for frame in 0..hashes.last().unwrap().0.0 + 1 {
        if frame % 5 == 0 {
            let hash = game.hash_state(&game.state_json().unwrap()).unwrap();
            truth.push((Frame(frame), u64::from_str_radix(&hash, 16).unwrap()));
        }
        game.step(&[action(0, frame), action(1, frame)]).unwrap();
    }
    assert!(rollbacks > FRAMES - 20, "{rollbacks}");
    assert_eq!(hashes.len(), 400);
    assert_eq!(hashes, truth);
}
