//! Which branches of a tree the user has folded and unfolded, by their paths. Pure; the State view keeps one.

/// Most branches that are remembered; the oldest are forgotten first.
const MOST: usize = 256;

/// The choices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folds {
    chosen: Vec<(String, bool)>,
    is_all_open: bool,
}

impl Folds {
    /// What the user chose for a branch; `None` where nothing was chosen.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<bool> {
        let chosen = self.chosen.iter().rev().find(|(known, _)| known == path);
        chosen.map(|(_, is_open)| *is_open).or(self.is_all_open.then_some(true))
    }

    /// Folds or unfolds one branch.
    pub fn set(&mut self, path: String, is_open: bool) {
        self.chosen.retain(|(known, _)| *known != path);
        if self.chosen.len() >= MOST {
            self.chosen.remove(0);
        }
        self.chosen.push((path, is_open));
    }

    /// Unfolds every branch.
    pub fn open_all(&mut self) {
        self.chosen.clear();
        self.is_all_open = true;
    }

    /// Unfolds the branches around a path.
    pub fn reveal(&mut self, path: &str) {
        self.chosen.retain(|(known, is_open)| {
            let rest = path.strip_prefix(known.as_str());
            *is_open || !rest.is_some_and(|rest| rest.starts_with(['.', '[']))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_choice_counts() {
        let mut folds = Folds::default();
        assert_eq!(folds.of("a"), None);
        folds.set("a".to_owned(), false);
        folds.open_all();
        assert_eq!((folds.of("a"), folds.of("b")), (Some(true), Some(true)));
        folds.set("a".to_owned(), false);
        folds.set("a".to_owned(), true);
        folds.set("b".to_owned(), false);
        assert_eq!((folds.of("a"), folds.of("b")), (Some(true), Some(false)));
    }

    #[test]
    fn what_is_revealed_has_no_folded_branch_around_it() {
        let mut folds = Folds::default();
        for path in ["agents", "agents[1]", "agents[0]", "agent", "agents[1].pos[0]"] {
            folds.set(path.to_owned(), false);
        }
        folds.reveal("agents[1].pos[0]");
        let left: Vec<_> = folds.chosen.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(left, ["agents[0]", "agent", "agents[1].pos[0]"]);
    }

    #[test]
    fn no_more_than_so_many_are_remembered() {
        let mut folds = Folds::default();
        (0..2 * MOST).for_each(|at| folds.set(at.to_string(), false));
        assert_eq!(folds.chosen.len(), MOST);
        assert_eq!((folds.of("0"), folds.of("511")), (None, Some(false)));
    }
}
