//! The course of whole sessions: episodes after episodes, pages that are hidden, paused or frozen, and
//! a state that replaces one that differs. In every one the pages settle on the same states.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic like tests"
)]

mod pages;

use std::collections::BTreeMap;

use rollscope::frame::{Episode, Frame};
use rollscope::link::LinkProfile;
use rollscope::message::Form;
use rollscope::player::PlayerId;
use rollscope::rollback::{HashRate, ResyncRule};
use rollscope_runtime::session::{Phase, SessionConfig};
use serde_json::Value;

use pages::{Page, ROUGH, SEED, play_on};

fn pair(change: impl Fn(&mut SessionConfig)) -> [Page; 2] {
    [0, 1].map(|player| {
        let mut config = Page::config(player, SEED);
        change(&mut config);
        Page::with(config, "")
    })
}

/// The hashes that a page said, by episode and frame.
fn hashes(log: &[Value]) -> BTreeMap<(u64, u64), String> {
    let said = log.iter().filter(|line| line["event"] == "hash");
    said.map(|line| {
        let at = (line["episode"].as_u64().unwrap(), line["frame"].as_u64().unwrap());
        (at, line["hash"].as_str().unwrap().to_owned())
    })
    .collect()
}

/// Both pages said at least so many hashes of the same frames, all of them equal.
#[track_caller]
fn check_agreement(pages: &[Page; 2], least: usize) -> BTreeMap<(u64, u64), String> {
    let [ours, theirs] = pages.each_ref().map(|page| hashes(&page.log()));
    let common: BTreeMap<_, _> =
        ours.into_iter().filter(|(at, _)| theirs.contains_key(at)).collect();
    assert!(common.len() >= least, "{} common hashes", common.len());
    for (at, hash) in &common {
        assert_eq!(Some(hash), theirs.get(at), "{at:?}");
    }
    common
}

#[test]
fn three_episodes_follow_each_other_and_nothing_leaks_from_one_into_the_next() {
    let pages = pair(|config| {
        config.num_episodes = 3;
        config.options.episode_frames = Some(301);
    });
    let pages = play_on(pages, 0..30_000, ROUGH, |_, _, _| true);
    for page in &pages {
        assert_eq!((page.session.phase(), page.session.is_over()), (&Phase::Playing, true));
        assert_eq!(page.session.episode(), Some(Episode(2)));
        assert_eq!(page.session.current(), Some(Frame(301)));
        assert_eq!((page.session.counts().desyncs, page.session.counts().dropped), (0, 0));
    }
    let common = check_agreement(&pages, 3 * 61);
    for episode in 0..3 {
        assert!(common.contains_key(&(episode, 301)), "the last state of {episode} was compared");
    }
    let first = |episode| common.get(&(episode, 0)).unwrap();
    assert!(first(0) != first(1) && first(1) != first(2), "each episode has a seed of its own");
}

#[test]
fn a_page_that_froze_catches_up_in_batches_and_settles_on_the_same_states() {
    let is_awake = |side, millis, _: &mut Page| side == 0 || !(6_000..9_000).contains(&millis);
    // A long window, so that the other page plays on and there is something to catch up.
    let pages = pair(|config| config.settings.max_prediction_frames = 100);
    let pages = play_on(pages, 0..20_000, ROUGH, is_awake);
    let [awake, froze] = pages.each_ref().map(|page| page.session.counts());
    assert!(froze.fast_forwarded_frames >= 40, "{froze:?}");
    assert!(awake.stalls > 0 && awake.desyncs + froze.desyncs == 0, "{awake:?}");
    let ends = pages.each_ref().map(|page| page.session.current().unwrap().0);
    assert!(ends[0].abs_diff(ends[1]) < 20, "{ends:?}");
    check_agreement(&pages, 180);
}

#[test]
fn a_hidden_page_holds_the_game_up_only_if_it_is_told_to() {
    for pauses in [false, true] {
        let pages = pair(|config| config.pause_when_hidden = pauses);
        let mut pages = play_on(pages, 0..6_000, ROUGH, |_, _, _| true);
        pages[1].session.set_hidden(true);
        let mut pages = play_on(pages, 6_000..10_000, ROUGH, |_, _, _| true);
        let hidden = pages.each_ref().map(|page| page.session.counts().held);
        let at = pages[0].session.current().unwrap().0;
        pages[1].session.set_hidden(false);
        let pages = play_on(pages, 10_000..16_000, ROUGH, |_, _, _| true);
        match pauses {
            true => assert!(hidden.iter().all(|held| *held > 150) && at < 420, "{hidden:?} {at}"),
            false => assert!(hidden == [0, 0] && at > 540, "{hidden:?} {at}"),
        }
        assert!(pages[0].session.current().unwrap().0 > at + 300);
        check_agreement(&pages, 120);
    }
}

/// One page's game differs from a frame on; the state of the other replaces it, in any form of
/// messages and however the hashes are said.
#[test]
fn a_state_that_differs_is_replaced_and_the_pages_agree_again() {
    let ways = [
        (ResyncRule::Full, Form::Binary, HashRate::EverySnapshot),
        (ResyncRule::Delta, Form::MessagePack, HashRate::Predictive),
        (ResyncRule::Full, Form::Json, HashRate::Adaptive),
    ];
    for (resync, form, hash_rate) in ways {
        let profile = LinkProfile { loss: 0.02, ..ROUGH };
        let pages = pair(|config| {
            (config.options.resync, config.form) = (resync, form);
            config.options.hash_rate = hash_rate;
        });
        let pages = play_on(pages, 0..30_000, profile, |side, millis, page| {
            if side == 0 && (6_000..7_000).contains(&millis) {
                page.disturb(millis as u32);
            }
            true
        });
        let counts = pages.each_ref().map(|page| page.session.counts());
        assert!(counts[0].desyncs > 0, "{counts:?}");
        assert!(counts[0].resyncs > 0 && counts[1].resyncs == 0, "{counts:?}");
        let [ours, theirs] = pages.each_ref().map(|page| hashes(&page.log()));
        let log = pages[0].log();
        let at = log.iter().rfind(|line| line["event"] == "resynced").unwrap()["frame"].as_u64();
        let after = ours.iter().filter(|((_, frame), _)| Some(*frame) > at);
        let compared = after.filter(|(at, _)| theirs.contains_key(at));
        let compared = compared.inspect(|(at, hash)| assert_eq!(theirs.get(at), Some(*hash)));
        assert!(compared.count() >= 10);
    }
}

#[test]
fn the_other_pages_clock_is_found_from_pings() {
    let pages = play_on(pair(|_| {}), 0..8_000, ROUGH, |_, _, _| true);
    for (side, page) in pages.iter().enumerate() {
        // Both run on one clock here; half of what the ways differ by is the error.
        let offset = page.session.clock_offset_micros(PlayerId(1 - side as u8)).unwrap();
        assert!(offset.abs() <= 20_000, "{offset}");
    }
}

/// A page is loaded anew in mid-game while the other one plays on: what it takes up is what the other
/// one holds, also across an episode's end, and in both places.
#[test]
fn a_page_that_is_loaded_anew_takes_the_game_from_the_other_one() {
    for (player, gone_at, form) in
        [(0, 4_000, Form::Binary), (1, 4_000, Form::Json), (1, 9_900, Form::MessagePack)]
    {
        let change = |config: &mut SessionConfig| {
            config.num_episodes = 2;
            config.options.episode_frames = Some(600);
            config.form = form;
        };
        let pages = play_on(pair(change), 0..gone_at, ROUGH, |_, _, _| true);
        let back_at = gone_at + 900;
        let mut pages = play_on(pages, gone_at..back_at, ROUGH, |side, _, _| side != player);
        let mut config = Page::config(player as u8, SEED);
        change(&mut config);
        config.is_returning = true;
        let before = std::mem::replace(&mut pages[player], Page::with(config, ""));
        // As the server says it.
        pages[1 - player].session.handle_returned(PlayerId(player as u8));
        let pages = play_on(pages, back_at..40_000, ROUGH, |_, _, _| true);
        let counts = pages.each_ref().map(|page| page.session.counts());
        assert_eq!(counts.map(|of| (of.desyncs, of.foreign)), [(0, 0); 2]);
        for page in &pages {
            assert!(page.session.is_over(), "{:?}", page.session.phase());
            assert_eq!(page.session.episode(), Some(Episode(1)));
        }
        let event =
            |page: &Page, name: &str| page.log().iter().filter(|l| l["event"] == name).count();
        assert_eq!(event(&pages[player], "returned"), 1);
        assert_eq!(event(&pages[1 - player], "peer_returned"), 1);
        let common = check_agreement(&pages, 121);
        // What the page before had said and everybody held, the other page still says.
        let said: BTreeMap<_, _> = hashes(&before.log());
        let other = hashes(&pages[1 - player].log());
        let known: Vec<_> = said.iter().filter(|(at, _)| other.contains_key(at)).collect();
        assert!(known.len() > 30 && common.contains_key(&(1, 600)));
    }
}
