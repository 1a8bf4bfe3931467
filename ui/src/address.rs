//! Deep links: what is shown, as the part of an address behind `#`, and back.
//!
//! `#view=timeline&frame=400&episode=1&range=380..440&axis=time&filter=depth%3E3`

use rollscope::fixed::Fixed;
use rollscope::frame::Frame;
use rollscope::state::double_of;
use rollscope::timeline::Axis;

use crate::range::Range;
use crate::view::View;

/// What an address asks to show. What it does not name stays as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Address {
    /// The view.
    pub view: Option<View>,
    /// The game, by its place in the capture.
    pub game: Option<usize>,
    /// The episode, by its place in the game.
    pub episode: Option<usize>,
    /// What the axis counts.
    pub axis: Option<Axis>,
    /// The selected frame.
    pub frame: Option<Frame>,
    /// The visible range, in units of the axis.
    pub range: Option<Range>,
    /// The filter.
    pub filter: Option<String>,
}

/// Reads an address; what cannot be read is left out.
#[must_use]
pub fn parse(hash: &str) -> Address {
    let mut address = Address::default();
    for (key, value) in hash.trim_start_matches('#').split('&').filter_map(|p| p.split_once('=')) {
        match key {
            "view" => address.view = View::ALL.into_iter().find(|view| view.id() == value),
            "game" => address.game = place(value),
            "episode" => address.episode = place(value),
            "axis" => {
                address.axis = match value {
                    "time" => Some(Axis::Time),
                    "frame" => Some(Axis::Frame),
                    _ => None,
                }
            }
            "frame" => address.frame = value.parse().ok().map(Frame),
            "range" => address.range = range(value),
            "filter" => address.filter = decode(value),
            _ => {}
        }
    }
    address
}

/// Writes an address; empty if there is nothing to say.
#[must_use]
pub fn print(address: &Address) -> String {
    let number = |place: usize| (place + 1).to_string();
    let parts = [
        ("view", address.view.map(|view| view.id().to_owned())),
        ("game", address.game.map(number)),
        ("episode", address.episode.map(number)),
        ("axis", address.axis.filter(|axis| *axis == Axis::Time).map(|_| "time".to_owned())),
        ("frame", address.frame.map(|frame| frame.to_string())),
        (
            "range",
            address.range.map(|range| format!("{}..{}", Fixed(range.first), Fixed(range.end()))),
        ),
        ("filter", address.filter.as_deref().filter(|text| !text.is_empty()).map(encode)),
    ];
    let parts = parts.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", value?)));
    parts.collect::<Vec<_>>().join("&")
}

/// People count from 1.
fn place(value: &str) -> Option<usize> {
    value.parse::<usize>().ok()?.checked_sub(1)
}

fn range(value: &str) -> Option<Range> {
    let (from, to) = value.split_once("..")?;
    let (from, to) = (double_of(from)?, double_of(to)?);
    (from >= 0.0 && to > from && to <= f64::from(u32::MAX))
        .then_some(Range { first: from, frames: to - from })
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.:,".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let address = Address {
            view: Some(View::Timeline),
            game: Some(0),
            episode: Some(2),
            axis: Some(Axis::Time),
            frame: Some(Frame(400)),
            range: Some(Range { first: 380.0, frames: 60.0 }),
            filter: Some("depth>3 \"größer\" -state:confirmed&x=%".to_owned()),
        };
        assert_eq!(parse(&format!("#{}", print(&address))), address);
    }

    #[test]
    fn a_frame_alone_is_enough() {
        assert_eq!(
            parse("#frame=1875"),
            Address { frame: Some(Frame(1875)), ..Address::default() }
        );
        assert_eq!(print(&parse("#frame=1875")), "frame=1875");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let address = parse("#view=nothing&frame=-1&episode=0&range=9..3&filter=%zz&axis=up&x");
        assert_eq!(address, Address::default());
        assert_eq!(print(&address), "");
    }
}
