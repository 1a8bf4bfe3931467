//! What a user types to find messages: `frame:395..410 player:1 type:batch size>1000 latency>50 error`.

use super::list::TrafficFilter;
use crate::frame::Frame;
use crate::observation::Direction;

/// A filter out of what a user typed, and the words that mean nothing there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrafficQuery {
    /// What it asks for.
    pub filter: TrafficFilter,
    /// Words that were not understood, each with what would be.
    pub problems: Vec<String>,
}

impl TrafficQuery {
    /// Reads a text. `players` says which document each player's page is, players counted from 1.
    #[must_use]
    pub fn parse(text: &str, players: &[(u8, u16)]) -> Self {
        let mut query = Self::default();
        for word in text.split_whitespace() {
            if let Err(problem) = query.take(word, players) {
                query.problems.push(problem);
            }
        }
        query
    }

    fn take(&mut self, word: &str, players: &[(u8, u16)]) -> Result<(), String> {
        let filter = &mut self.filter;
        if let Some(value) = word.strip_prefix("frame:") {
            let range = frames(value).ok_or("frame: wants a number, or two as 395..410");
            filter.frames = Some(range?);
        } else if let Some(value) = word.strip_prefix("player:") {
            let number = value.trim_start_matches(['P', 'p']);
            let known = players.iter().find(|(player, _)| number.parse() == Ok(*player));
            let Some((_, source)) = known else {
                return Err(format!("player:{value} is not observed"));
            };
            filter.source = Some(*source);
        } else if let Some(value) = word.strip_prefix("is:") {
            filter.direction = Some(match value {
                "sent" => Direction::Sent,
                "received" => Direction::Received,
                _ => return Err("is: wants sent or received".to_owned()),
            });
        } else if let Some(value) = word.strip_prefix("size>") {
            filter.min_bytes = value.parse().map_err(|_| "size> wants a number of bytes")?;
        } else if let Some(value) = word.strip_prefix("latency>") {
            let millis: u32 = value.parse().map_err(|_| "latency> wants milliseconds")?;
            filter.min_latency_micros = millis.saturating_mul(1000).max(1);
        } else if word.contains([':', '>', '<']) && !word.starts_with("type:") {
            return Err(format!(
                "{word}: only frame, player, type, is, size and latency can be asked for"
            ));
        } else {
            filter.words.push(word.strip_prefix("type:").unwrap_or(word).to_lowercase());
        }
        Ok(())
    }
}

/// `400` or `395..410`, both ends included.
fn frames(value: &str) -> Option<(Frame, Frame)> {
    let number = |text: &str| text.parse().ok().map(Frame);
    match value.split_once("..") {
        Some((first, last)) => Some((number(first)?, number(last.trim_start_matches('='))?)),
        None => number(value).map(|frame| (frame, frame)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_conditions() {
        let query =
            TrafficQuery::parse("frame:395..410 player:2 size>10 latency>5 Batch", &[(2, 7)]);
        let filter = query.filter;
        assert_eq!(filter.frames, Some((Frame(395), Frame(410))));
        assert_eq!((filter.source, filter.min_bytes), (Some(7), 10));
        assert_eq!(filter.min_latency_micros, 5000);
        assert_eq!(filter.words, ["batch"]);
        assert!(query.problems.is_empty());
        assert_eq!(TrafficQuery::parse("frame:4", &[]).filter.frames, Some((Frame(4), Frame(4))));
    }

    #[test]
    fn what_is_not_understood_is_said_and_hides_nothing() {
        let query = TrafficQuery::parse("frame:x player:9 depth>3 is:red", &[(1, 0)]);
        assert_eq!(query.problems.len(), 4);
        assert_eq!(query.filter, TrafficFilter::default());
    }
}
