//! The engine log: what was truly executed, one JSON object per line, bounded.
//!
//! Lines come from the session once the worker has answered; readers get them as one text.
//! Nothing here decides what is written.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::json;

/// Lines that are kept by default: about 40 minutes of play at 60 frames per second.
pub const MAX_LINES: usize = 200_000;

/// A bounded list of JSON lines; the first one written stays for good.
#[derive(Debug, Clone)]
pub struct EngineLog {
    header: Option<String>,
    lines: VecDeque<String>,
    max_lines: usize,
    let_go: u64,
}

impl Default for EngineLog {
    fn default() -> Self {
        Self::with_capacity(MAX_LINES)
    }
}

impl EngineLog {
    /// A log that keeps its first line and the newest `max_lines` others.
    #[must_use]
    pub fn with_capacity(max_lines: usize) -> Self {
        Self { header: None, lines: VecDeque::new(), max_lines, let_go: 0 }
    }

    /// Appends one line. An entry that has no JSON text is counted as let go.
    pub fn write(&mut self, entry: &impl Serialize) {
        let Ok(line) = serde_json::to_string(entry) else {
            self.let_go += 1;
            return;
        };
        if self.header.is_none() {
            self.header = Some(line);
            return;
        }
        if self.lines.len() >= self.max_lines {
            self.lines.pop_front();
            self.let_go += 1;
        }
        self.lines.push_back(line);
    }

    /// Lines let go so far.
    #[must_use]
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// All lines as one text. Where lines were let go, a line `{"event":"let_go","lines":…}`
    /// stands in their place, right after the first line.
    #[must_use]
    pub fn text(&self) -> String {
        let gap = (self.let_go > 0)
            .then(|| json!({ "event": "let_go", "lines": self.let_go }).to_string());
        let lines = self.header.iter().chain(&gap).chain(&self.lines);
        let mut text = String::with_capacity(self.lines.len() * 80 + 256);
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_keeps_its_first_line_and_says_what_it_let_go() {
        let mut log = EngineLog::with_capacity(2);
        for number in 0..5 {
            log.write(&json!({ "n": number }));
        }
        assert_eq!(log.let_go(), 2);
        let expected = "{\"n\":0}\n{\"event\":\"let_go\",\"lines\":2}\n{\"n\":3}\n{\"n\":4}\n";
        assert_eq!(log.text(), expected);
    }

    #[test]
    fn an_empty_log_is_an_empty_text() {
        assert_eq!(EngineLog::default().text(), "");
    }
}
