//! What the views ask of the analysis: games and episodes to choose, against each session alone.

mod support;

use rollscope::summary::Choice;
use support::{Setup, analyse, play};

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
