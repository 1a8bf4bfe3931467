//! What dialects remember from message to message: of one channel, and of one page.

use super::Place;
use super::native::Statuses;
use super::p2p_json::Ends;
use super::python::PythonMemory;
use super::socketio::SocketMemory;
use crate::capture::Value;
use crate::player::{MAX_PLAYERS, PlayerId};
use crate::sorting;

/// What a dialect remembers of one channel; the channel's dialect uses its own member.
#[derive(Debug, Default)]
pub struct ChannelMemory {
    pub(super) socket: SocketMemory,
    pub(super) json_ends: Ends,
    pub(super) python: PythonMemory,
    pub(super) statuses: Statuses,
}

/// What the channels of one page have in common.
#[derive(Debug, Clone, Default)]
pub struct PageMemory {
    pub(super) names: PlayerNames,
}

/// What a dialect remembers when it reads a message.
#[derive(Debug)]
pub struct Memory<'m> {
    /// Of the message's channel.
    pub channel: &'m mut ChannelMemory,
    /// Of the message's page.
    pub page: &'m mut PageMemory,
}

/// Players as an application names them, and who of them plays at the page. MUG numbers players by
/// the place of their names in sorted order (MUG wire notes, §2.2).
#[derive(Debug, Clone, Default)]
pub(super) struct PlayerNames {
    game: Option<String>,
    own: Option<String>,
    all: Vec<String>,
}

impl PlayerNames {
    /// Forgets the names of another game.
    pub(super) fn enter_game(&mut self, game: Option<&str>) {
        if let Some(game) = game.filter(|game| self.game.as_deref() != Some(game)) {
            *self = Self { game: Some(game.to_owned()), ..Self::default() };
        }
    }

    /// The player at the page has this name.
    pub(super) fn set_own(&mut self, name: String) {
        self.own = Some(name);
    }

    /// These are all players. Returns whether there are no more of them than a game may have.
    pub(super) fn set_all(&mut self, mut names: Vec<String>) -> bool {
        // The page sorts as JavaScript does, by units of UTF-16.
        sorting::sort_by(&mut names, |a, b| a.encode_utf16().cmp(b.encode_utf16()));
        names.dedup();
        let fits = names.len() <= MAX_PLAYERS;
        self.all = if fits { names } else { Vec::new() };
        fits
    }

    /// The number of the player of a name; `None` while the names of all players are not known.
    pub(super) fn player(&self, name: &str) -> Option<PlayerId> {
        let index = self.all.iter().position(|known| known == name)?;
        u8::try_from(index).ok().map(PlayerId)
    }

    /// The player at the page.
    pub(super) fn local(&self) -> Option<PlayerId> {
        self.player(self.own.as_deref()?)
    }

    /// Number of players; `None` while it is not known.
    pub(super) fn count(&self) -> Option<u8> {
        u8::try_from(self.all.len()).ok().filter(|count| *count > 0)
    }
}

/// The name that a value is, as JavaScript's `String` gives it; `None` for anything but texts and
/// whole numbers.
pub(super) fn name_of(value: &Value<'_>) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone().into_owned()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Number(_) => value.as_u32().map(|number| number.to_string()),
        _ => None,
    }
}

/// At most 60 characters of a text, for the sample of an issue.
pub(super) fn clipped(text: &str) -> &str {
    text.char_indices().nth(60).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

impl Place {
    /// Whether the page sent it.
    pub(super) fn is_sent(&self) -> bool {
        self.direction == crate::observation::Direction::Sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_are_numbered_by_their_sorted_names_and_another_game_forgets_them() {
        let mut names = PlayerNames::default();
        names.enter_game(Some("g"));
        names.set_own("9".to_owned());
        assert_eq!(names.local(), None);
        assert!(names.set_all(vec!["9".to_owned(), "10".to_owned()]));
        assert_eq!(names.player("10"), Some(PlayerId(0)));
        assert_eq!((names.local(), names.count()), (Some(PlayerId(1)), Some(2)));
        names.enter_game(None);
        assert_eq!(names.count(), Some(2));
        names.enter_game(Some("h"));
        assert_eq!((names.local(), names.count()), (None, None));
        assert!(!names.set_all((0..9).map(|n: u8| n.to_string()).collect()));
    }

    #[test]
    fn samples_are_cut_between_characters() {
        assert_eq!(clipped("short"), "short");
        assert_eq!(clipped(&"é".repeat(99)).chars().count(), 60);
    }
}
