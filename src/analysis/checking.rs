//! The Verdict view: all checks at once, or in slices by whoever must also keep a screen moving.

use super::Analysis;
use crate::timeline::VerdictView;
use crate::verify::{CHECKS, CheckResult, run_check, run_checks};

impl Analysis {
    /// The Verdict view. Runs the checks that [`Analysis::check_on`] has not run yet.
    #[must_use]
    pub fn verdict(&self) -> VerdictView {
        let view = || {
            if self.checked.len() == CHECKS.len() {
                return self.verdict_of(&self.checked);
            }
            self.verdict_of(&self.with_case(run_checks))
        };
        self.verdict.get_or_init(view).clone()
    }

    /// Runs checks one by one as long as `has_time` says so, then makes the Verdict view of them.
    /// Returns whether the view is ready. Whatever comes in between begins the checks anew, so a
    /// verdict always speaks of one state.
    pub fn check_on(&mut self, mut has_time: impl FnMut() -> bool) -> bool {
        while self.verdict.get().is_none() {
            let next = CHECKS.get(self.checked.len()).copied();
            let Some(check) = next else {
                let view = self.verdict_of(&self.checked);
                self.verdict.get_or_init(|| view);
                break;
            };
            let result = self.with_case(|game, episode| run_check(check, game, episode));
            self.checked.push(result);
            if !has_time() {
                return false;
            }
        }
        true
    }

    fn verdict_of(&self, checks: &[CheckResult]) -> VerdictView {
        self.with_case(|game, episode| {
            let mut view = VerdictView::of_checks(game, episode, self.account(), checks);
            self.fill_sizes(game, &mut view.figures);
            view
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(slices, CHECKS.len() + 1, "one check a slice, then the view");
        assert_eq!(sliced.verdict(), whole.verdict());
        assert_eq!(sliced.report_json(), whole.report_json());
        assert!(sliced.check_on(|| false), "and stays ready");
    }

    #[test]
    fn what_comes_in_between_begins_the_checks_anew() {
        let mut analysis = Analysis::new();
        analysis.open_file(FIXTURE).unwrap();
        assert!(!analysis.check_on(|| false));
        analysis.mark(crate::frame::Frame(3), String::new());
        assert!(analysis.checked.is_empty());
        assert!(analysis.check_on(|| true));
        analysis.mark(crate::frame::Frame(4), String::new());
        assert!(!analysis.check_on(|| false), "the old verdict is no verdict of the new state");
    }
}
