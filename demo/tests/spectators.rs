//! A spectator beside two pages, each with its session and worker: it takes part by a state or from
//! the start, over a link that loses messages, and the players never notice.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic like tests"
)]

mod pages;

use std::collections::BTreeMap;

use pages::{Page, ROUGH, SEED};
use rollscope::link::Link;
use rollscope::player::PlayerId;
use rollscope::time::Micros;
use rollscope::worker::{Operation, Request, execute};
use rollscope_demo::faults::Faults;
use rollscope_demo::game::Game;
use rollscope_runtime::session::Phase;
use rollscope_runtime::signal::{FIRST_SPECTATOR, MAX_SPECTATORS};
use rollscope_runtime::watching::Watching;
use serde_json::{Value, json};

const VIEWER: PlayerId = PlayerId(FIRST_SPECTATOR);
const FEEDER: PlayerId = PlayerId(0);

/// A page that watches.
struct Viewer {
    session: Watching,
    worker: Game,
    under_way: Link<Request>,
}

impl Viewer {
    fn new(episodes: u32) -> Self {
        let mut config = Page::config(VIEWER.0, SEED);
        config.num_episodes = episodes;
        let mut session = Watching::new(config);
        session.prepare([Operation::InitEnv { env: None, config: json!({"players": 2}) }]);
        session.set_feeder(FEEDER);
        Self {
            session,
            worker: Game::new(Faults::parse("").unwrap()),
            under_way: Link::new(3, rollscope::link::LinkProfile::default()),
        }
    }

    fn advance(&mut self, now: Micros) {
        while let Some(request) = self.under_way.poll(now) {
            self.session.handle_reply(execute(&mut self.worker, &request));
        }
        self.session.advance(now);
        while let Some(request) = self.session.poll_request() {
            self.under_way.send(now, request);
        }
    }

    fn lines(&self, event: &str) -> Vec<Value> {
        let text = self.session.log_text();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.filter(|line: &Value| line["event"] == event).collect()
    }
}

/// Two pages play so long; `joins` is when the page comes that watches, if one does, and `is_awake`
/// says when it runs.
fn play(
    millis: u64,
    joins: Option<u64>,
    is_awake: impl Fn(u64) -> bool,
    episode: Option<u32>,
) -> ([Page; 2], Option<Viewer>) {
    let mut pages = [0, 1].map(|player| {
        let mut config = Page::config(player, SEED);
        config.options.spectators = MAX_SPECTATORS;
        config.options.episode_frames = episode;
        config.num_episodes = episode.map_or(1, |_| 3);
        Page::with(config, "")
    });
    let mut viewer = None;
    let mut links: [Link<Vec<u8>>; 2] = [Link::new(1, ROUGH), Link::new(2, ROUGH)];
    let mut to_viewer: Link<Vec<u8>> = Link::new(4, ROUGH);
    let mut from_viewer: Link<Vec<u8>> = Link::new(5, ROUGH);
    for now in (0..millis * 1000).step_by(4_000).map(Micros) {
        for (side, page) in pages.iter_mut().enumerate() {
            while let Some(message) = links[1 - side].poll(now) {
                page.session.handle_message(now, PlayerId(1 - side as u8), &message);
            }
            while side == 0
                && let Some(message) = from_viewer.poll(now)
            {
                page.session.handle_message(now, VIEWER, &message);
            }
            page.advance(now);
            while let Some((to, message)) = page.session.poll_message() {
                if to == VIEWER {
                    assert_eq!(side, 0, "only one page feeds it");
                    to_viewer.send(now, message);
                } else {
                    links[side].send(now, message);
                }
            }
        }
        if joins.is_some_and(|at| at * 1000 <= now.0) && is_awake(now.0 / 1000) {
            let viewer = viewer.get_or_insert_with(|| Viewer::new(episode.map_or(1, |_| 3)));
            while let Some(message) = to_viewer.poll(now) {
                viewer.session.handle_message(now, FEEDER, &message);
            }
            viewer.advance(now);
            while let Some((to, message)) = viewer.session.poll_message() {
                assert_eq!(to, FEEDER);
                from_viewer.send(now, message);
            }
        }
    }
    (pages, viewer)
}

/// Hashes by episode and frame.
fn hashes(lines: impl IntoIterator<Item = Value>) -> BTreeMap<(u64, u64), String> {
    let of = |line: Value| {
        let place = (line["episode"].as_u64()?, line["frame"].as_u64()?);
        Some((place, line["hash"].as_str()?.to_owned()))
    };
    lines.into_iter().filter(|line| line["event"] == "hash").filter_map(of).collect()
}

/// Frames that both hashed, all of them equally.
#[track_caller]
fn check_equal(page: &Page, viewer: &Viewer) -> Vec<(u64, u64)> {
    assert_eq!(*viewer.session.phase(), Phase::Playing, "{}", viewer.session.log_text());
    let (played, seen) = (hashes(page.log()), hashes(viewer.lines("hash")));
    let both: Vec<_> = seen.keys().filter(|place| played.contains_key(place)).copied().collect();
    for place in &both {
        assert_eq!(seen[place], played[place], "{place:?}");
    }
    both
}

#[test]
fn a_spectator_that_comes_in_mid_game_takes_a_state_and_sees_what_was_played() {
    let (pages, viewer) = play(12_000, Some(5_000), |_| true, None);
    let viewer = viewer.unwrap();
    let taken = viewer.lines("state_taken");
    assert_eq!(taken.len(), 1, "{taken:?}");
    let from = taken[0]["frame"].as_u64().unwrap();
    assert!(from > 200, "{from}");
    let both = check_equal(&pages[0], &viewer);
    assert!(both.len() > 50 && both[0].1 >= from, "{both:?}");
    let behind = pages[0].session.confirmed_frame().unwrap().since(viewer.session.current());
    assert!(behind < 60, "{behind} frames behind");
}

#[test]
fn players_do_the_same_with_and_without_one_that_comes_sleeps_and_wakes() {
    let (alone, _) = play(14_000, None, |_| true, None);
    // It sleeps for longer than the peer that feeds it keeps inputs for it.
    let is_awake = |millis| !(2_000..13_000).contains(&millis);
    let (pages, viewer) = play(14_000, Some(0), is_awake, None);
    let viewer = viewer.unwrap();
    for (page, alone) in pages.iter().zip(&alone) {
        assert_eq!(page.session.log_text(), alone.session.log_text());
    }
    assert!(pages[0].session.counts().rollbacks > 20, "{:?}", pages[0].session.counts());
    assert_eq!(viewer.lines("state_taken").len(), 1, "after it slept; at the start it needs none");
    assert!(check_equal(&pages[0], &viewer).len() > 20);
}

#[test]
fn a_spectator_follows_from_one_episode_into_the_next() {
    let (pages, viewer) = play(20_000, Some(1_000), |_| true, Some(240));
    let viewer = viewer.unwrap();
    let both = check_equal(&pages[0], &viewer);
    for episode in 0..3 {
        let of = both.iter().filter(|(of, _)| *of == episode).count();
        assert!(of > 20, "{of} frames of episode {episode}");
    }
    assert!(viewer.session.is_over() && pages[0].session.is_over());
}

#[test]
fn what_no_spectator_says_is_counted_and_changes_nothing() {
    let (mut pages, viewer) = play(3_000, Some(0), |_| true, None);
    let mut viewer = viewer.unwrap();
    let before = pages[0].session.log_text();
    let hello = pages[1].session.poll_message();
    assert!(hello.is_none());
    let another_version = [b'R', 99, 1, 2, 3];
    for bytes in [&b"nonsense"[..], &another_version] {
        pages[0].session.handle_message(Micros(3_000_000), VIEWER, bytes);
    }
    assert_eq!(pages[0].session.counts().unreadable, 2);
    assert_eq!((pages[0].session.log_text(), pages[0].session.phase()), (before, &Phase::Playing));
    // A flood is bounded, and takes no place of a player's messages.
    let watched = br#"{"type": "watched", "v": 3, "episode": 0, "receivedThrough": 5}"#;
    for _ in 0..5_000 {
        pages[0].session.handle_message(Micros(3_000_000), VIEWER, watched);
    }
    assert_eq!(pages[0].session.counts().dropped, 5_000 - 64);
    // Nobody but the page that feeds it tells a spectator anything; another version ends it.
    viewer.session.handle_message(Micros(3_000_000), PlayerId(1), watched);
    assert_eq!(viewer.session.counts().foreign, 1);
    viewer.session.handle_message(Micros(3_000_000), FEEDER, &another_version);
    assert!(matches!(viewer.session.phase(), Phase::Failed(reason) if reason.contains("99")));
}
