//! The palettes: every command by its words, and every session by what it comes to.

use super::chooser::{Entry, Words, chooser};
use crate::commands;
use crate::html::IntoNode;
use crate::icons;
use crate::keys;
use crate::overview::{self, Line};
use crate::state::Ui;

/// The palette of commands, over the view while it is open.
pub fn palette(ui: Ui) -> impl IntoNode {
    let words = Words {
        id: "palette",
        dialog: "All commands",
        label: "Command",
        placeholder: "What shall be done?",
        nothing: "No command has these words; try “frame” or “show”.",
    };
    let entry = |(_, words, key): (keys::Command, &'static str, &'static str)| Entry {
        sign: None,
        name: words.to_owned(),
        more: String::new(),
        key,
    };
    let find = move |text: &str| keys::found(text).into_iter().map(entry).collect();
    let run = move |text: &str, chosen: usize| {
        if let Some((command, ..)) = keys::found(text).get(chosen) {
            commands::carry_out(ui, *command);
        }
    };
    move || ui.is_palette_open.get().then(|| chooser(words, ui.is_palette_open, find, run))
}

/// All sessions, or the episodes of the only one, the worst first.
pub fn sessions(ui: Ui) -> impl IntoNode {
    let words = Words {
        id: "sessions",
        dialog: "Sessions and episodes, the worst first",
        label: "Session or episode",
        placeholder: "Which one? A file’s name, or what it comes to: desync",
        nothing: "None has these words, or there is only one: the Verdict view is about it.",
    };
    let find = move |text: &str| lines(ui, text).into_iter().map(entry).collect();
    let run = move |text: &str, chosen: usize| {
        if let Some(line) = lines(ui, text).get(chosen) {
            commands::choose(ui, line.choice);
        }
    };
    move || ui.is_sessions_open.get().then(|| chooser(words, ui.is_sessions_open, find, run))
}

fn lines(ui: Ui, text: &str) -> Vec<Line> {
    let text = text.trim().to_ascii_lowercase();
    let mut lines = ui.sessions.with(|rows| overview::lines(rows));
    lines.retain(|line| {
        let said = format!("{} {}", line.name, line.verdict.headline).to_ascii_lowercase();
        text.split_whitespace().all(|word| said.contains(word))
    });
    lines
}

fn entry(line: Line) -> Entry {
    let Line { name, verdict, .. } = line;
    Entry {
        sign: Some(icons::of_verdict(verdict.kind)),
        name,
        more: format!("{}. {}", verdict.headline, verdict.numbers),
        key: "",
    }
}
