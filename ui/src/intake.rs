//! Files that were chosen together: how many are still to come, and which of them were refused.

/// Refused files that are named one by one; further ones are counted.
const MOST_NAMED: usize = 3;

/// Files that were chosen together.
#[derive(Debug, Default)]
pub struct Intake {
    count: usize,
    taken: usize,
    is_cancelled: bool,
    refused: Vec<String>,
}

/// What a file that comes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Chosen by itself.
    Alone,
    /// One of many: its place from 1, and how many these are.
    OfMany((usize, usize)),
    /// One that nobody wants any more.
    Cancelled,
}

impl Intake {
    /// So many files that come now.
    #[must_use]
    pub fn of(count: usize) -> Self {
        Self { count, ..Self::default() }
    }

    /// Whether files are still to come.
    #[must_use]
    pub fn is_awaiting(&self) -> bool {
        self.taken < self.count && !self.is_cancelled
    }

    /// A file comes.
    pub fn take(&mut self) -> Taken {
        if self.taken >= self.count {
            *self = Self::default();
            return Taken::Alone;
        }
        self.taken += 1;
        if self.is_cancelled {
            return Taken::Cancelled;
        }
        Taken::OfMany((self.taken, self.count))
    }

    /// Nobody wants those that are still to come.
    pub fn cancel(&mut self) {
        self.is_cancelled = true;
    }

    /// Notes that a file was refused; gives what is to be said of all of them.
    pub fn refuse(&mut self, name: &str, reason: &str) -> String {
        self.refused.push(format!("{name}: {reason}"));
        if let [one] = self.refused.as_slice() {
            return one.clone();
        }
        let named: Vec<&str> = self.refused.iter().take(MOST_NAMED).map(String::as_str).collect();
        let further = match self.refused.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            further => format!("; and {further} more"),
        };
        format!("{} files were not opened. {}{further}", self.refused.len(), named.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_stays_said_until_other_files_are_chosen() {
        let mut intake = Intake::of(5);
        assert_eq!(intake.take(), Taken::OfMany((1, 5)));
        assert_eq!(intake.refuse("a", "no"), "a: no");
        assert_eq!(intake.take(), Taken::OfMany((2, 5)));
        assert!(intake.is_awaiting());
        assert_eq!(intake.refuse("b", "no"), "2 files were not opened. a: no; b: no");
        intake.refuse("c", "no");
        let text = intake.refuse("d", "no");
        assert_eq!(text, "4 files were not opened. a: no; b: no; c: no; and 1 more");
        for _ in 2..5 {
            intake.take();
        }
        assert!(!intake.is_awaiting());
        assert_eq!(intake.take(), Taken::Alone, "one by itself begins anew");
        assert_eq!(intake.refuse("e", "no"), "e: no");
    }

    #[test]
    fn what_is_still_to_come_of_a_cancelled_choice_is_not_taken() {
        let mut intake = Intake::of(3);
        intake.take();
        intake.cancel();
        assert!(!intake.is_awaiting());
        assert_eq!([intake.take(), intake.take()], [Taken::Cancelled; 2]);
        assert_eq!(intake.take(), Taken::Alone);
    }
}
