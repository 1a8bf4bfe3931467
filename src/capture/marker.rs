//! Markers: places that the user named, kept in the capture file beside the chunks.

use serde::Serialize;
use serde_json::Value;

use crate::json;

/// A place in a game that the user marked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Marker {
    /// Seed of the game; `None` where the capture does not tell it.
    pub seed: Option<u32>,
    /// Number of the episode.
    pub episode: u32,
    /// The frame.
    pub frame: u32,
    /// What the user wrote to it.
    pub text: String,
}

/// Markers that one capture keeps.
pub const MAX_MARKERS: usize = 4096;

/// Bytes of text that one marker keeps.
const MAX_MARKER_BYTES: usize = 1024;

/// Version of the payload of a marker record.
const VERSION: u8 = 1;

impl Marker {
    /// The payload of its record: the version, then a JSON object.
    pub(super) fn payload(&self) -> Vec<u8> {
        let mut payload = vec![VERSION];
        // A struct of numbers and a text always has a JSON form.
        payload.extend(serde_json::to_vec(self).unwrap_or_default());
        payload
    }

    /// Reads a payload; `None` for what is no marker of a known version.
    pub(super) fn of_payload(payload: &[u8]) -> Option<Self> {
        let json = payload.strip_prefix(&[VERSION])?;
        let object = json::plain(json).ok()?;
        let number = |name| {
            let whole = |value: &Value| value.as_u64().and_then(|whole| u32::try_from(whole).ok());
            json::member(&object, name, whole).ok()
        };
        let text = json::member(&object, "text", Value::as_str).ok()?.unwrap_or_default();
        let mut marker = Self {
            seed: number("seed")?,
            episode: number("episode")??,
            frame: number("frame")??,
            text: text.to_owned(),
        };
        marker.shorten();
        Some(marker)
    }

    /// Cuts the text to what is kept.
    pub fn shorten(&mut self) {
        let mut end = MAX_MARKER_BYTES.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_give_their_marker_back() {
        let marker =
            Marker {
                seed: Some(7), episode: 2, frame: 1875, text: "first bad frame ≠".to_owned()
            };
        assert_eq!(Marker::of_payload(&marker.payload()), Some(marker));
    }

    #[test]
    fn what_is_no_marker_is_none() {
        for payload in [&b""[..], b"\x01", b"\x02{}", b"\x01{\"episode\":-1}", b"\x01[]"] {
            assert_eq!(Marker::of_payload(payload), None);
        }
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        let mut marker = Marker { text: "ü".repeat(1000), ..Marker::default() };
        marker.shorten();
        assert_eq!(marker.text.len(), MAX_MARKER_BYTES);
        marker.text.insert(0, 'a');
        marker.shorten();
        assert_eq!(marker.text.len(), MAX_MARKER_BYTES - 1);
    }
}
