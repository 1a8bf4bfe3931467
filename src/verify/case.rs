//! A game that is being checked, with what more than one check, figure or view asks of it worked out
//! once.
//!
//! What is shared is of one state of the game: whoever keeps it begins anew when the game changes.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use super::comparison::{Comparison, compare_hashes};
use super::coverage::Coverage;
use crate::session::Game;
use crate::sorted::SortedMap;

/// Answers that were worked out already, by episode.
#[derive(Debug, Default)]
pub struct Shared {
    comparisons: RefCell<SortedMap<usize, Rc<Comparison>>>,
    coverage: RefCell<SortedMap<usize, Rc<Coverage>>>,
}

/// A game and what is shared about it. It reads like the game itself.
#[derive(Debug, Clone)]
pub struct Case<'g> {
    game: &'g Game,
    shared: Rc<Shared>,
}

impl<'g> Case<'g> {
    /// A game of which nothing is worked out yet.
    #[must_use]
    pub fn new(game: &'g Game) -> Self {
        Self::resumed(game, Rc::default())
    }

    /// A game with what was worked out about this state of it before.
    #[must_use]
    pub fn resumed(game: &'g Game, shared: Rc<Shared>) -> Self {
        Self { game, shared }
    }

    /// The compared hashes of an episode.
    #[must_use]
    pub fn comparison(&self, episode: usize) -> Rc<Comparison> {
        once(&self.shared.comparisons, episode, || compare_hashes(self.game, episode))
    }

    /// The coverage map of an episode.
    #[must_use]
    pub fn coverage(&self, episode: usize) -> Rc<Coverage> {
        once(&self.shared.coverage, episode, || {
            Coverage::of(self.game, episode, &self.comparison(episode))
        })
    }
}

impl Deref for Case<'_> {
    type Target = Game;

    fn deref(&self) -> &Game {
        self.game
    }
}

fn once<T>(
    known: &RefCell<SortedMap<usize, Rc<T>>>,
    episode: usize,
    work_out: impl FnOnce() -> T,
) -> Rc<T> {
    if let Some(known) = known.borrow().get(&episode) {
        return Rc::clone(known);
    }
    let new = Rc::new(work_out());
    known.borrow_mut().insert(episode, Rc::clone(&new));
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_worked_out_once_and_is_that_of_its_episode() {
        let game = Game::default();
        let case = Case::new(&game);
        let first = case.comparison(0);
        assert!(Rc::ptr_eq(&first, &case.comparison(0)));
        assert!(Rc::ptr_eq(&first, &case.clone().comparison(0)));
        assert!(!Rc::ptr_eq(&first, &case.comparison(1)));
        assert_eq!(*first, compare_hashes(&game, 0));
        assert!(!Rc::ptr_eq(&first, &Case::new(&game).comparison(0)));
    }
}
