//! What each bare key does. Bare keys only: DevTools owns Escape and the combinations with Ctrl.

/// What a key asks for.
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
    /// Select the finding before.
    PreviousFinding,
    /// Select the finding after.
    NextFinding,
    /// Put the cursor into the frame box.
    GoToFrame,
    /// Show the whole episode.
    Fit,
    /// Follow the newest frame, or stop following.
    Follow,
    /// Open or close the list of keys.
    Help,
}

/// Keys as the help lists them.
pub const HELP: [(&str, &str); 10] = [
    ("W S", "zoom in and out"),
    ("A D", "move to earlier and later frames"),
    (", .", "previous and next frame"),
    ("Shift , .", "previous and next rollback"),
    ("[ ]", "previous and next finding"),
    ("G", "go to a frame"),
    ("F", "fit the whole episode"),
    ("Space", "follow the newest frame, or stop"),
    ("↑ ↓", "previous and next row of a table"),
    ("?", "open and close this list"),
];

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
        "[" => Command::PreviousFinding,
        "]" => Command::NextFinding,
        "g" | "G" => Command::GoToFrame,
        "f" | "F" => Command::Fit,
        " " => Command::Follow,
        "?" => Command::Help,
        _ => return None,
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
    }
}
