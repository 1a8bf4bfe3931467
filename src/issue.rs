//! Issues: what stood in observed data and could not be read. An issue is a fact, never an error.

use serde::Serialize;

/// One kind of unreadable data with how often it was seen and one sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// Where it was seen, for people: a channel, a file, a chunk.
    pub place: String,
    /// What could not be read and why, in one sentence with the numbers in it.
    pub text: String,
    /// How often it was seen.
    pub count: u64,
}

/// Issues by place and text, in order of first appearance; bounded, so that hostile data cannot
/// fill the memory.
#[derive(Debug, Clone, Default)]
pub struct IssueLog {
    issues: Vec<Issue>,
    beyond_limit: u64,
}

/// Different issues that one log keeps; further ones are only counted.
const MAX_ISSUES: usize = 256;

impl IssueLog {
    /// Adds one sighting. The same place and text again only count up.
    pub fn push(&mut self, place: &str, text: impl Into<String>) {
        let text = text.into();
        if let Some(known) =
            self.issues.iter_mut().find(|issue| issue.place == place && issue.text == text)
        {
            known.count += 1;
        } else if self.issues.len() < MAX_ISSUES {
            self.issues.push(Issue { place: place.to_owned(), text, count: 1 });
        } else {
            self.beyond_limit += 1;
        }
    }

    /// Adds everything that another log holds.
    pub fn append(&mut self, other: Self) {
        self.beyond_limit += other.beyond_limit;
        for Issue { place, text, count } in other.issues {
            let more = count.saturating_sub(1);
            self.push(&place, text.as_str());
            match self.issues.iter_mut().find(|i| i.place == place && i.text == text) {
                Some(known) => known.count += more,
                None => self.beyond_limit += more,
            }
        }
    }

    /// The issues in order of first appearance.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// All sightings, the ones past the limit included.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.issues.iter().map(|issue| issue.count).sum::<u64>() + self.beyond_limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_issues_count_up_and_the_log_stays_bounded() {
        let mut log = IssueLog::default();
        log.push("worker:1", "no type");
        log.push("worker:1", "no type");
        for n in 0..1000 {
            log.push("dc:1", format!("strange {n}"));
        }
        assert_eq!(log.issues()[0].count, 2);
        assert_eq!(log.issues().len(), MAX_ISSUES);
        assert_eq!(log.total(), 1002);
    }
}
