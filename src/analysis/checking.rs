//! The Verdict view: all checks at once, or in slices by whoever must also keep a screen moving.

use std::rc::Rc;

use super::Analysis;
use crate::summary::{Figure, figure, figures};
use crate::timeline::VerdictView;
use crate::verify::{CHECKS, Case, CheckResult, Shared, run_check, run_checks};

/// What was found out of the state that is held now, slice by slice: checks first, then figures.
#[derive(Debug, Default)]
pub(super) struct Checking {
    /// Results of the first checks.
    results: Vec<CheckResult>,
    /// The first figures, those of the traffic not filled in.
    figures: Vec<Figure>,
    are_figures_done: bool,
    /// What checks, figures and views ask of the chosen game, worked out once.
    shared: Rc<Shared>,
}

impl Analysis {
    /// The Verdict view. Runs the checks that [`Analysis::check_on`] has not run yet.
    #[must_use]
    pub fn verdict(&self) -> VerdictView {
        self.verdict.get_or_init(|| self.verdict_of(self.figures())).clone()
    }

    /// Runs checks one by one and measures figures one by one as long as `has_time` says so, then
    /// makes the Verdict view of them. Returns whether the view is ready. Whatever comes in between
    /// begins anew, so a verdict always speaks of one state.
    pub fn check_on(&mut self, mut has_time: impl FnMut() -> bool) -> bool {
        while self.verdict.get().is_none() {
            let slice = self.with_case(|game, episode| self.next_slice(game, episode));
            match slice {
                Slice::Check(result) => self.checking.results.push(result),
                Slice::Figure(Some(figure)) => self.checking.figures.push(figure),
                Slice::Figure(None) => self.checking.are_figures_done = true,
                Slice::View(view) => {
                    self.verdict.get_or_init(|| *view);
                    break;
                }
            }
            if !has_time() {
                return false;
            }
        }
        true
    }

    /// The results of all checks, of those that were run in slices already or of new ones.
    pub(super) fn results(&self) -> Vec<CheckResult> {
        if self.checking.results.len() == CHECKS.len() {
            return self.checking.results.clone();
        }
        self.with_case(run_checks)
    }

    /// Every figure, likewise.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let mut all = if self.checking.are_figures_done {
            self.checking.figures.clone()
        } else {
            self.with_case(figures)
        };
        self.with_game(|game, _| self.fill_sizes(game, &mut all));
        all
    }

    pub(super) fn with_case<T>(&self, view: impl FnOnce(&Case<'_>, usize) -> T) -> T {
        self.with_game(|game, episode| {
            view(&Case::resumed(game, Rc::clone(&self.checking.shared)), episode)
        })
    }

    fn next_slice(&self, game: &Case<'_>, episode: usize) -> Slice {
        let Checking { results, figures, are_figures_done, .. } = &self.checking;
        match CHECKS.get(results.len()) {
            Some(check) => Slice::Check(run_check(*check, game, episode)),
            None if !are_figures_done => Slice::Figure(figure(game, episode, figures.len())),
            None => Slice::View(Box::new(self.verdict_of(self.figures()))),
        }
    }

    fn verdict_of(&self, figures: Vec<Figure>) -> VerdictView {
        let checks = self.results();
        self.with_case(|game, episode| {
            VerdictView::of_checks((game, episode), self.account_of(game), &checks, figures)
        })
    }
}

/// What one slice gives.
enum Slice {
    Check(CheckResult),
    Figure(Option<Figure>),
    View(Box<VerdictView>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    const FIXTURE: &[u8] = include_bytes!("../../tests/fixtures/session-v1.rollscope");

    #[test]
    fn slices_give_the_verdict_of_all_checks_at_once() {
        let mut whole = Analysis::new();
        whole.open_file(FIXTURE).unwrap();
        let mut sliced = Analysis::new();
        sliced.open_file(FIXTURE).unwrap();
        let mut slices = 1;
        while !sliced.check_on(|| false) {
            slices += 1;
        }
        let figures = whole.verdict().figures.len();
        assert_eq!(
            slices,
            CHECKS.len() + figures + 2,
            "a check or a figure a slice, then the view"
        );
        assert_eq!(sliced.verdict(), whole.verdict());
        assert_eq!(sliced.report_json(), whole.report_json());
        assert!(sliced.check_on(|| false), "and stays ready");
    }

    #[test]
    fn what_comes_in_between_begins_the_checks_anew() {
        let mut analysis = Analysis::new();
        analysis.open_file(FIXTURE).unwrap();
        assert!(!analysis.check_on(|| false));
        analysis.mark(Frame(3), String::new());
        assert!(analysis.checking.results.is_empty());
        assert!(analysis.check_on(|| true));
        analysis.mark(Frame(4), String::new());
        assert!(!analysis.check_on(|| false), "the old verdict is no verdict of the new state");
    }
}
