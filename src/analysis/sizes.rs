//! The figures that come from the traffic itself and not from the records: sizes and rates of
//! messages.

use super::Analysis;
use crate::fixed::Fixed;
use crate::observation::SourceId;
use crate::session::Game;
use crate::summary::{Figure, MESSAGE_RATE, MESSAGE_SIZE};
use crate::traffic::EventIndex;

/// Types of messages that a figure names.
const NAMED_TYPES: usize = 4;

impl Analysis {
    /// Fills in the figures that the records leave open, for the peers of a game.
    pub(super) fn fill_sizes(&self, game: &Game, figures: &mut [Figure]) {
        for figure in figures {
            let measure = match figure.name.as_str() {
                MESSAGE_SIZE => size,
                MESSAGE_RATE => rate,
                _ => continue,
            };
            for (player, value) in game.players().zip(&mut figure.values) {
                let source = game.observed(player).map(|peer| peer.source);
                *value = source.and_then(|source| measure(&self.traffic, source));
            }
        }
    }
}

fn size(traffic: &EventIndex, source: SourceId) -> Option<String> {
    let sizes = traffic.sizes(source);
    let texts = sizes.iter().take(NAMED_TYPES).filter_map(|(name, sizes)| {
        let [median, high, higher] = [50, 95, 99].map(|percent| sizes.quantile(percent));
        let error = match sizes.error() {
            0 => String::new(),
            error => format!(" (up to {error} too high)"),
        };
        Some(format!(
            "{name} {} / {} / {} / {} of {}{error}",
            median?,
            high?,
            higher?,
            sizes.max(),
            sizes.n()
        ))
    });
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn rate(traffic: &EventIndex, source: SourceId) -> Option<String> {
    let flow = traffic.flow(source)?;
    let seconds = flow.seen.1.since(flow.seen.0) as f64 / 1e6;
    let text = |(messages, bytes): (u64, u64)| {
        let (messages, bytes) = (messages as f64 / seconds, bytes as f64 / 1e3 / seconds);
        format!("{:.1} /s, {:.1} KB/s", Fixed(messages), Fixed(bytes))
    };
    let sizes = traffic.sizes(source);
    let types = sizes.iter().take(NAMED_TYPES);
    let types = types.map(|(name, sizes)| format!("; {name} {}", text((sizes.n(), sizes.sum()))));
    (seconds > 0.0).then(|| {
        let (sent, received) = (text(flow.sent), text(flow.received));
        format!("sent {sent}; received {received}{}", types.collect::<String>())
    })
}
