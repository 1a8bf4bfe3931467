//! The user's markers: kept with the capture, shown in the episode that they belong to.

use super::Analysis;
use crate::capture::{MAX_MARKERS, Marker};
use crate::frame::Frame;

impl Analysis {
    /// Marks a place; a second marker there takes the place of the first. Beyond
    /// [`MAX_MARKERS`] further ones are not kept.
    pub fn add_marker(&mut self, mut marker: Marker) {
        marker.shorten();
        let place = |known: &Marker| (known.seed, known.episode, known.frame);
        match self.markers.binary_search_by_key(&place(&marker), place) {
            Ok(found) => {
                if let Some(known) = self.markers.get_mut(found) {
                    *known = marker;
                }
            }
            Err(free) if self.markers.len() < MAX_MARKERS => self.markers.insert(free, marker),
            Err(_) => return,
        }
        self.note_change();
    }

    /// Marks a frame of the episode that the views show, or writes another text to its marker.
    pub fn mark(&mut self, frame: Frame, text: String) {
        if let Some((seed, episode)) = self.marked_episode() {
            self.add_marker(Marker { seed, episode, frame: frame.0, text });
        }
    }

    /// Takes the marker of a frame of the shown episode away.
    pub fn unmark(&mut self, frame: Frame) {
        let Some(shown) = self.marked_episode() else { return };
        let is_kept =
            |marker: &Marker| (marker.seed, marker.episode) != shown || marker.frame != frame.0;
        self.markers.retain(is_kept);
        self.note_change();
    }

    /// The markers of the shown episode in order of frame: frame and text.
    #[must_use]
    pub fn markers(&self) -> Vec<(Frame, String)> {
        let shown = self.marked_episode();
        let of_episode =
            self.markers.iter().filter(|marker| Some((marker.seed, marker.episode)) == shown);
        of_episode.map(|marker| (Frame(marker.frame), marker.text.clone())).collect()
    }

    fn marked_episode(&self) -> Option<(Option<u32>, u32)> {
        let (game, episode) = self.chosen()?;
        let game = self.session.games().get(game)?;
        let number = game.episode_number(episode).map_or(episode as u32, |number| number.0);
        Some((game.seed, number))
    }
}
