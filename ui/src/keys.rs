//! What each bare key does. Bare keys only: DevTools owns Escape and the combinations with Ctrl.

use crate::view::View;
use rollscope::sorting;

/// What a key or an entry of the palette asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Show fewer frames.
    ZoomIn,
    /// Show more frames.
    ZoomOut,
    /// Move the range to earlier frames.
    PanEarlier,
    /// Move the range to later frames.
    PanLater,
    /// Select the frame before.
    PreviousFrame,
    /// Select the frame after.
    NextFrame,
    /// Select the rollback before.
    PreviousRollback,
    /// Select the rollback after.
    NextRollback,
    /// Select the rollback that took longest, in the table of rollbacks.
    WorstRollback,
    /// Select the finding before.
    PreviousFinding,
    /// Select the finding after.
    NextFinding,
    /// Select the marker before.
    PreviousMarker,
    /// Select the marker after.
    NextMarker,
    /// List all sessions, or the episodes of the only one, the worst first.
    Sessions,
    /// Show the session before, or of a single one the episode.
    PreviousSession,
    /// Show the session after, or of a single one the episode.
    NextSession,
    /// Put the cursor into the frame box.
    GoToFrame,
    /// Put the cursor into the filter box of the view.
    Filter,
    /// Take the filter away.
    ClearFilter,
    /// Show the states at the selected frame.
    Diff,
    /// Mark the selected frame, or take its marker away.
    Marker,
    /// Show the whole episode.
    Fit,
    /// Count time on the axis, or frames again.
    Axis,
    /// Choose lanes.
    Lanes,
    /// Follow the newest frame, or stop following.
    Follow,
    /// Let the views stand still, or go on.
    Freeze,
    /// Open the list of all commands.
    Palette,
    /// Open or close the list of keys.
    Help,
    /// Show a view.
    Show(View),
}

/// Keys as the help lists them.
pub const HELP: [(&str, &str); 23] = [
    ("W S", "zoom in and out; also wheel or pinch"),
    ("A D", "move to earlier and later frames; also drag"),
    (", .", "previous and next frame"),
    ("Shift , .", "previous and next rollback"),
    ("X", "the rollback that took longest"),
    ("[ ]", "previous and next finding"),
    ("{ }", "previous and next marker"),
    ("O", "sessions and episodes, the worst first"),
    ("( )", "previous and next session, or episode of a single one"),
    ("G", "go to a frame"),
    ("/", "filter; Enter goes to the next match"),
    ("V", "states of the selected frame, compared"),
    ("M", "mark the frame, or take its marker away"),
    ("F", "fit the whole episode"),
    ("T", "frames or time on the axis"),
    ("L", "choose lanes: hide, pin, collapse"),
    ("Space", "follow the newest frame, or stop"),
    ("Z", "freeze the views, or go on"),
    ("1 … 7", "the views of the rail"),
    ("P", "all commands"),
    ("↑ ↓", "previous and next row of a table"),
    ("← → *", "fold and unfold a branch of the state; unfold all"),
    ("?", "open and close this list"),
];

/// Everything that the palette offers: the command, its words, its key.
pub const PALETTE: [(Command, &str, &str); 35] = [
    (Command::Show(View::Verdict), "Show Verdict", "1"),
    (Command::Show(View::Timeline), "Show Timeline", "2"),
    (Command::Show(View::Rollbacks), "Show Round trips of rollbacks", "3"),
    (Command::Show(View::State), "Show State", "4"),
    (Command::Show(View::Traffic), "Show Traffic", "5"),
    (Command::Show(View::Checks), "Show Checks", "6"),
    (Command::Show(View::Report), "Show Report", "7"),
    (Command::Show(View::Capture), "Show Capture settings", ""),
    (Command::Sessions, "Sessions and episodes, the worst first", "O"),
    (Command::NextSession, "Next session, or episode of a single one", ")"),
    (Command::PreviousSession, "Previous session, or episode of a single one", "("),
    (Command::NextFinding, "Next finding", "]"),
    (Command::PreviousFinding, "Previous finding", "["),
    (Command::NextRollback, "Next rollback", "Shift ."),
    (Command::PreviousRollback, "Previous rollback", "Shift ,"),
    (Command::WorstRollback, "Worst rollback: the one that took longest", "X"),
    (Command::NextFrame, "Next frame", "."),
    (Command::PreviousFrame, "Previous frame", ","),
    (Command::NextMarker, "Next marker", "}"),
    (Command::PreviousMarker, "Previous marker", "{"),
    (Command::Marker, "Mark the frame, or take its marker away", "M"),
    (Command::GoToFrame, "Go to a frame", "G"),
    (Command::Diff, "Compare the states of the frame", "V"),
    (Command::Filter, "Filter", "/"),
    (Command::ClearFilter, "Take the filter away", ""),
    (Command::Fit, "Fit the whole episode", "F"),
    (Command::ZoomIn, "Zoom in", "W"),
    (Command::ZoomOut, "Zoom out", "S"),
    (Command::PanEarlier, "Move to earlier frames", "A"),
    (Command::PanLater, "Move to later frames", "D"),
    (Command::Axis, "Frames or time on the axis", "T"),
    (Command::Lanes, "Choose lanes", "L"),
    (Command::Follow, "Follow the newest frame, or stop", "Space"),
    (Command::Freeze, "Freeze the views, or go on", "Z"),
    (Command::Help, "List of keys", "?"),
];

/// Entries of the palette whose words hold every word of `text`, those that begin with it first.
#[must_use]
pub fn found(text: &str) -> Vec<(Command, &'static str, &'static str)> {
    let text = text.trim().to_ascii_lowercase();
    let holds = |words: &str| {
        let words = words.to_ascii_lowercase();
        text.split_whitespace().all(|word| words.contains(word))
    };
    let mut found: Vec<_> = PALETTE.into_iter().filter(|(_, words, _)| holds(words)).collect();
    sorting::sort_by_key(&mut found, |(_, words, _)| {
        let words = words.to_ascii_lowercase();
        !words.trim_start_matches("show ").starts_with(&text) && !words.starts_with(&text)
    });
    found
}

/// Command of a key by its name and physical place; `shift` says whether Shift is held.
#[must_use]
pub fn command(key: &str, code: &str, shift: Shift) -> Option<Command> {
    match (code, shift) {
        ("Comma", Shift::Held) => return Some(Command::PreviousRollback),
        ("Period", Shift::Held) => return Some(Command::NextRollback),
        _ => {}
    }
    Some(match key {
        "w" | "W" => Command::ZoomIn,
        "s" | "S" => Command::ZoomOut,
        "a" | "A" => Command::PanEarlier,
        "d" | "D" => Command::PanLater,
        "," => Command::PreviousFrame,
        "." => Command::NextFrame,
        "x" | "X" => Command::WorstRollback,
        "[" => Command::PreviousFinding,
        "]" => Command::NextFinding,
        "{" => Command::PreviousMarker,
        "}" => Command::NextMarker,
        "o" | "O" => Command::Sessions,
        "(" => Command::PreviousSession,
        ")" => Command::NextSession,
        "g" | "G" => Command::GoToFrame,
        "/" => Command::Filter,
        "v" | "V" => Command::Diff,
        "m" | "M" => Command::Marker,
        "f" | "F" => Command::Fit,
        "t" | "T" => Command::Axis,
        "l" | "L" => Command::Lanes,
        " " => Command::Follow,
        "z" | "Z" => Command::Freeze,
        "p" | "P" => Command::Palette,
        "?" => Command::Help,
        digit => {
            let place = digit.parse::<usize>().ok()?.checked_sub(1)?;
            Command::Show(*View::RAIL.get(place)?)
        }
    })
}

/// Whether Shift is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// It is.
    Held,
    /// It is not.
    Free,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_turns_frames_into_rollbacks_on_every_layout() {
        assert_eq!(command(",", "Comma", Shift::Free), Some(Command::PreviousFrame));
        assert_eq!(command("<", "Comma", Shift::Held), Some(Command::PreviousRollback));
        assert_eq!(command(";", "Comma", Shift::Held), Some(Command::PreviousRollback));
    }

    #[test]
    fn other_keys_are_left_to_the_browser() {
        assert_eq!(command("Escape", "Escape", Shift::Free), None);
        assert_eq!(command("Tab", "Tab", Shift::Held), None);
        assert_eq!(command("0", "Digit0", Shift::Free), None);
        assert_eq!(command("9", "Digit9", Shift::Free), None);
    }

    #[test]
    fn every_key_of_the_palette_does_what_it_says() {
        for (wanted, words, key) in PALETTE {
            let (key, shift) = match key.strip_prefix("Shift ") {
                Some(key) => (key, Shift::Held),
                None => (key, Shift::Free),
            };
            let code = if key == "." {
                "Period"
            } else if key == "," {
                "Comma"
            } else {
                ""
            };
            let key = if key == "Space" { " " } else { key };
            if !key.is_empty() {
                assert_eq!(command(key, code, shift), Some(wanted), "{words}");
            }
        }
    }

    #[test]
    fn the_help_lists_every_key_and_the_palette_every_command() {
        let caps = || HELP.iter().flat_map(|(keys, _)| keys.split(' '));
        let listed = |cap: &str| caps().any(|known| known == cap);
        for (_, words, key) in PALETTE {
            let is_view = key.parse::<usize>().is_ok_and(|place| place <= View::RAIL.len());
            assert!(is_view || key.split_whitespace().all(listed), "{words}: {key}");
        }
        // Every key that does something is in the palette; the palette's own key opens it.
        let typed = (' '..='~').map(String::from);
        for (key, shift) in typed.flat_map(|key| [(key.clone(), Shift::Free), (key, Shift::Held)]) {
            let code = match key.as_str() {
                "," => "Comma",
                "." => "Period",
                _ => "",
            };
            let Some(found) = command(&key, code, shift) else { continue };
            let is_there = PALETTE.iter().any(|(command, ..)| *command == found);
            assert!(is_there || found == Command::Palette, "{key}: {found:?}");
        }
        assert!(listed("P") && HELP.iter().any(|(keys, _)| *keys == "1 … 7"));
        assert_eq!(View::RAIL.len(), 7);
    }

    #[test]
    fn the_palette_finds_by_words_and_puts_beginnings_first() {
        assert_eq!(found("time")[0].0, Command::Show(View::Timeline));
        assert_eq!(found("next find")[0].0, Command::NextFinding);
        assert_eq!(found("").len(), PALETTE.len());
        assert!(found("no such thing").is_empty());
    }
}
