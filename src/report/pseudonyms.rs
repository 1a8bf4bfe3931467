//! Pseudonymisation of a report: ids become keyed hashes that are the same in every report under one key, addresses
//! are replaced, and what was removed is searched for in the bytes of the file.
//!
//! It sees a [`Report`] and the text that a format made of it; it knows no format.

use crate::sorted::SortedMap;
use crate::sorting;

use sha2::{Digest, Sha256};

use super::Report;

/// Shortest text that can be searched for, in bytes: `140` stands in every report by chance.
const LEAST_BYTES: usize = 6;

/// Hexadecimal digits of a pseudonym: 40 bits, so that two of a thousand sessions share one in two million studies.
const DIGITS: usize = 10;

/// What kind of value was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removed {
    /// The seed, by which a session is known to everybody who played it.
    Session,
    /// The address of a page, a worker or a socket, or a part of one.
    Address,
    /// The label of a channel that is no plain word.
    Label,
}

impl Removed {
    const fn letter(self) -> char {
        match self {
            Self::Session => 'S',
            Self::Address => 'A',
            Self::Label => 'L',
        }
    }
}

/// The values that were removed from a report, with what stands in their place.
#[derive(Clone)]
pub struct Pseudonyms {
    key: [u8; 32],
    // By value. Longer values are replaced before those that stand in them.
    removed: SortedMap<String, (Removed, String)>,
}

impl Pseudonyms {
    /// Pseudonyms under a key, any text; the same key gives the same pseudonyms.
    #[must_use]
    pub fn under(key: &str) -> Self {
        Self { key: Sha256::digest(key.as_bytes()).into(), removed: SortedMap::new() }
    }

    /// Takes everything out of a report that tells where it comes from. Names of players, frames, figures and
    /// evidence stay.
    pub fn apply(&mut self, report: &mut Report) {
        if let Some(seed) = report.session.seed.take() {
            let name = self.pseudonym(Removed::Session, &format!("{seed:08x}"));
            for form in [format!("{seed:08x}"), seed.to_string()] {
                self.remove(Removed::Session, &form, &name);
            }
            report.session.pseudonym = Some(name);
        }
        if let Some(url) = report.capture.url.take() {
            self.address(&url);
        }
        for loss in &mut report.capture.losses {
            loss.page = self.label(&loss.page);
        }
        for channel in &mut report.capture.channels {
            channel.label = self.label(&channel.label);
        }
        // Sentences may quote what was removed above.
        let mut texts: Vec<&mut String> =
            vec![&mut report.verdict.text, &mut report.verdict.numbers];
        texts.extend(report.capture.file_notice.as_mut());
        texts.extend(&mut report.not_measured);
        texts.extend(report.capture.issues.iter_mut().flat_map(|(place, text, _)| [place, text]));
        let losses = report.capture.losses.iter_mut();
        texts.extend(losses.flat_map(|loss| loss.channels.iter_mut().map(|(name, _)| name)));
        let values = report.figures.iter_mut().flat_map(|figure| &mut figure.values);
        texts.extend(values.flatten());
        for check in &mut report.checks {
            texts.extend(check.outcome.reason.as_mut());
            let findings = check.outcome.findings.iter_mut();
            texts.extend(findings.flat_map(|finding| [&mut finding.text, &mut finding.detail]));
        }
        for exclusion in &mut report.exclusions {
            texts.push(&mut exclusion.text);
        }
        let mut values: Vec<_> = self.removed.iter().collect();
        sorting::sort_by_key(&mut values, |(value, _)| std::cmp::Reverse(value.len()));
        for text in texts {
            for (value, (_, name)) in &values {
                if text.contains(value.as_str()) {
                    *text = text.replace(value.as_str(), name);
                }
            }
        }
    }

    /// Number of values that were removed, and of their kinds.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let kinds = [Removed::Session, Removed::Address, Removed::Label].into_iter();
        let kinds = kinds.filter(|kind| self.removed.values().any(|(known, _)| known == kind));
        (self.removed.len(), kinds.count())
    }

    /// Number of removed values that stand in the text of a file all the same, as they are or as JSON or HTML
    /// writes them.
    #[must_use]
    pub fn leaks(&self, file: &str) -> usize {
        let is_there = |value: &&String| {
            let json = serde_json::to_string(value).unwrap_or_default();
            let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            let forms = [value.as_str(), json.trim_matches('"'), &html];
            forms.into_iter().any(|form| file.contains(form))
        };
        self.removed.keys().filter(is_there).count()
    }

    /// What stands for a label: itself if it is a plain word, else a pseudonym.
    fn label(&mut self, label: &str) -> String {
        let is_plain = label.len() <= 16
            && label.chars().all(|letter| letter.is_ascii_alphabetic() || "-_ ".contains(letter));
        if is_plain {
            return label.to_owned();
        }
        if label.contains([':', '/']) {
            return self.address(label);
        }
        let name = self.pseudonym(Removed::Label, label);
        self.remove(Removed::Label, label, &name);
        name
    }

    /// Removes an address and those parts of it that can tell a person or a place apart.
    fn address(&mut self, address: &str) -> String {
        let name = self.pseudonym(Removed::Address, address);
        self.remove(Removed::Address, address, &name);
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let (place, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
        let mut segments = place.split('/');
        let host = segments.next().unwrap_or_default();
        let host = if rest.len() < address.len() { host } else { "" };
        let ids = segments.filter(|part| part.bytes().any(|byte| byte.is_ascii_digit()));
        let values =
            query.split(['&', '#', ' ', ')']).filter_map(|pair| Some(pair.split_once('=')?.1));
        let parts = [host, host.split(':').next().unwrap_or_default()];
        for part in parts.into_iter().chain(ids).chain(values) {
            let name = self.pseudonym(Removed::Address, part);
            self.remove(Removed::Address, part, &name);
        }
        name
    }

    fn remove(&mut self, kind: Removed, value: &str, name: &str) {
        if value.len() >= LEAST_BYTES {
            self.removed.insert_new(value.to_owned(), (kind, name.to_owned()));
        }
    }

    /// HMAC with SHA-256 (RFC 2104) over the kind and the value.
    fn pseudonym(&self, kind: Removed, value: &str) -> String {
        let mut pad = [0; 64];
        for (place, byte) in pad.iter_mut().zip(self.key) {
            *place = byte;
        }
        let mixed = |with: u8| pad.map(|byte: u8| byte ^ with);
        let inner = Sha256::new()
            .chain_update(mixed(0x36))
            .chain_update([kind.letter() as u8])
            .chain_update(value);
        let whole = Sha256::new().chain_update(mixed(0x5c)).chain_update(inner.finalize());
        let mut digits: String =
            whole.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        digits.truncate(DIGITS);
        format!("{}-{digits}", kind.letter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FORMATS;
    use crate::session::Game;
    use crate::summary::{ChannelRow, HealthView};
    use crate::verify::CaptureAccount;

    const URL: &str = "https://study.example.org/run/p4711?PROLIFIC_PID=5f1a2b3c4d&delay=140";

    fn report() -> Report {
        let channel = |label: &str| ChannelRow {
            kind: "data channel",
            label: label.to_owned(),
            sent: 1,
            received: 1,
            dialect: None,
        };
        let health = HealthView {
            url: Some(URL.to_owned()),
            channels: vec![
                channel("game"),
                channel("dc_8d1f00"),
                channel("blob:https://study.example.org/1a&2"),
            ],
            issues: vec![("hook".to_owned(), format!("{URL} went away"), 1)],
            ..HealthView::default()
        };
        let game = Game { seed: Some(0xa945_7116), ..Game::default() };
        Report::of(&game, 0, CaptureAccount::default(), health)
    }

    #[test]
    fn nothing_that_was_removed_is_left_in_any_format() {
        let plain = report();
        let (mut hidden, mut names) = (plain.clone(), Pseudonyms::under("words"));
        names.apply(&mut hidden);
        let (values, kinds) = names.counts();
        assert!(values >= 7 && kinds == 3, "{values} values of {kinds} kinds");
        for format in FORMATS {
            assert_eq!(names.leaks(&format.write(&hidden)), 0, "{}", format.name());
            assert!(names.leaks(&format.write(&plain)) > 3, "the search finds what is there");
            for part in ["example.org", "5f1a2b3c4d", "p4711", "a9457116", "dc_8d1f00"] {
                assert!(!format.write(&hidden).contains(part), "{part} in {}", format.name());
            }
        }
        assert_eq!(hidden.capture.channels[0].label, "game", "a plain word names no one");
        assert!(hidden.capture.issues[0].1.starts_with("A-"));
        let name = hidden.session.pseudonym.unwrap();
        assert!(name.starts_with("S-") && name.len() == 2 + DIGITS, "{name}");
    }

    #[test]
    fn one_key_gives_one_name_and_another_key_another() {
        let name = |key: &str| {
            let (mut report, mut names) = (report(), Pseudonyms::under(key));
            names.apply(&mut report);
            report.session.pseudonym.unwrap()
        };
        assert_eq!(name("words"), name("words"));
        assert_ne!(name("words"), name("other words"));
    }

    #[test]
    fn the_keyed_hash_is_that_of_the_rfc() {
        // HMAC-SHA-256 of "Svalue" under SHA-256("key"), made with CPython's hmac module.
        assert_eq!(Pseudonyms::under("key").pseudonym(Removed::Session, "value"), "S-6bb6bc5152");
    }

    #[test]
    fn a_report_without_any_id_loses_nothing() {
        let mut empty =
            Report::of(&Game::default(), 0, CaptureAccount::default(), HealthView::default());
        let (before, mut names) = (empty.clone(), Pseudonyms::under(""));
        names.apply(&mut empty);
        assert_eq!((empty, names.counts()), (before, (0, 0)));
    }
}
