//! Reads the text of a filter into terms; every error says what can stand in the place.

use super::{Condition, Filter, FilterError, Quantity, Span, States, Term};

/// Terms of one filter; a longer text is no filter that a person wrote.
const MOST_TERMS: usize = 64;

const KEYS: &str = "frame, player, kind, depth, state, type, dir, size, ms";

const STATES: [(&str, States); 8] = [
    ("predicted", States::PREDICTED),
    ("confirmed", States::CONFIRMED),
    ("verified", States::VERIFIED),
    ("mismatch", States::MISMATCH),
    ("unchecked", States::UNCHECKED),
    ("resimulated", States::RESIMULATED),
    ("stalled", States::STALLED),
    ("missed", States::MISSED),
];

/// Reads a filter.
pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut terms = Vec::new();
    for word in words(text)? {
        if terms.len() == MOST_TERMS {
            return Err(error(&word.text, format!("a filter has {MOST_TERMS} terms at most")));
        }
        terms.push(term(&word)?);
    }
    Ok(Filter { terms })
}

/// A word and whether any of it was quoted.
struct Word {
    text: String,
    is_quoted: bool,
}

fn words(text: &str) -> Result<Vec<Word>, FilterError> {
    let mut words = Vec::new();
    let mut word = Word { text: String::new(), is_quoted: false };
    let mut is_open = false;
    for letter in text.chars() {
        match letter {
            '"' => {
                is_open = !is_open;
                word.is_quoted = true;
            }
            space if space.is_whitespace() && !is_open => {
                if !word.text.is_empty() {
                    words.push(std::mem::replace(
                        &mut word,
                        Word { text: String::new(), is_quoted: false },
                    ));
                }
                word.is_quoted = false;
            }
            letter => word.text.push(letter),
        }
    }
    if is_open {
        return Err(error(&word.text, "a quotation mark is open; close it with \"".to_owned()));
    }
    if !word.text.is_empty() {
        words.push(word);
    }
    Ok(words)
}

fn term(word: &Word) -> Result<Term, FilterError> {
    let (is_negated, rest) = match word.text.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, word.text.as_str()),
    };
    let place = rest.find([':', '=', '<', '>']).filter(|_| !word.is_quoted);
    let Some(place) = place else {
        return Ok(Term { is_negated, condition: Condition::Text(rest.to_ascii_lowercase()) });
    };
    let (key, rest) = rest.split_at(place);
    let operators = [":", ">=", "<=", ">", "<", "="];
    let operator = operators.into_iter().find(|operator| rest.starts_with(operator)).unwrap_or(":");
    let value = rest.strip_prefix(operator).unwrap_or_default();
    if value.is_empty() {
        return Err(error(&word.text, format!("a value is missing after `{operator}`")));
    }
    let condition = condition(key, operator, value).map_err(|reason| error(&word.text, reason))?;
    Ok(Term { is_negated, condition })
}

fn condition(key: &str, operator: &str, value: &str) -> Result<Condition, String> {
    let quantity = match key.to_ascii_lowercase().as_str() {
        "frame" | "frames" => Some(Quantity::Frame),
        "player" | "peer" => Some(Quantity::Player),
        "depth" => Some(Quantity::Depth),
        "size" | "bytes" => Some(Quantity::Bytes),
        "ms" | "took" | "latency" => Some(Quantity::Millis),
        _ => None,
    };
    if let Some(quantity) = quantity {
        return Ok(Condition::Quantity(quantity, spans(quantity, operator, value)?));
    }
    let is_order = matches!(operator, "<" | ">" | "<=" | ">=");
    let list = || value.split(',').filter(|name| !name.is_empty()).map(str::to_ascii_lowercase);
    match key.to_ascii_lowercase().as_str() {
        "kind" | "state" | "type" | "dir" | "direction" | "is" if is_order => {
            Err(format!("{key} has no order; write {key}:{value}"))
        }
        "kind" => {
            let unknown = list().find(|name| !Filter::KINDS.contains(&name.as_str()));
            match unknown {
                Some(name) => {
                    Err(format!("there is no kind {name}; kinds are {}", Filter::KINDS.join(", ")))
                }
                None => Ok(Condition::Kind(list().collect())),
            }
        }
        "state" => list()
            .try_fold(States::default(), |all, name| {
                let known = STATES.iter().find(|(known, _)| *known == name);
                known.map(|(_, state)| all.with(*state)).ok_or_else(|| {
                    let names: Vec<&str> = STATES.iter().map(|(name, _)| *name).collect();
                    format!("there is no state {name}; states are {}", names.join(", "))
                })
            })
            .map(Condition::State),
        "type" => Ok(Condition::Type(list().collect())),
        "dir" | "direction" | "is" => {
            let full = |name: String| match name.as_str() {
                "sent" | "out" => Ok("sent".to_owned()),
                "received" | "in" => Ok("received".to_owned()),
                _ => Err(format!("{name} is no direction; write dir:sent or dir:received")),
            };
            list().map(full).collect::<Result<_, _>>().map(Condition::Direction)
        }
        _ => Err(format!("there is no key {key}; keys are {KEYS}; put a text into quotes")),
    }
}

fn spans(quantity: Quantity, operator: &str, value: &str) -> Result<Vec<Span>, String> {
    let one = |text: &str| number(quantity, text);
    let span = match operator {
        ">" => Span { low: one(value)?.saturating_add(1), high: u64::MAX },
        ">=" => Span { low: one(value)?, high: u64::MAX },
        "<" => match one(value)?.checked_sub(1) {
            Some(high) => Span { low: 0, high },
            None => return Err("nothing is below 0".to_owned()),
        },
        "<=" => Span { low: 0, high: one(value)? },
        _ => return value.split(',').map(|part| range(quantity, part)).collect(),
    };
    Ok(vec![span])
}

fn range(quantity: Quantity, text: &str) -> Result<Span, String> {
    let Some((low, high)) = text.split_once("..") else {
        return number(quantity, text).map(Span::of);
    };
    let low = if low.is_empty() { 0 } else { number(quantity, low)? };
    let high = if high.is_empty() { u64::MAX } else { number(quantity, high)? };
    if low > high {
        return Err(format!("{low} is past {high}; write {high}..{low}"));
    }
    Ok(Span { low, high })
}

fn number(quantity: Quantity, text: &str) -> Result<u64, String> {
    let digits = match quantity {
        Quantity::Player => text.strip_prefix(['p', 'P']).unwrap_or(text),
        _ => text,
    };
    digits
        .parse()
        .map_err(|_| format!("{text} is no number; write a number, a range 120..140 or a list 1,2"))
}

fn error(term: &str, reason: String) -> FilterError {
    FilterError { term: term.chars().take(60).collect(), reason }
}

#[cfg(test)]
mod tests {
    use super::super::FilterItem;
    use super::*;

    fn rollback(frame: u64, depth: u64) -> FilterItem<'static> {
        FilterItem {
            frames: Some(Span::of(frame)),
            player: Some(1),
            depth: Some(Span::of(depth)),
            kinds: &["rollback"],
            states: States::CONFIRMED,
            text: "Rollback at frame",
            ..FilterItem::default()
        }
    }

    #[track_caller]
    fn check_passes(text: &str, item: &FilterItem<'_>, passes: bool) {
        assert_eq!(Filter::parse(text).unwrap().matches(item), passes, "{text}");
    }

    #[track_caller]
    fn check_error(text: &str, says: &str) {
        let error = Filter::parse(text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn the_example_of_the_help_is_read() {
        let text = "frame:120..140 player:1 kind:rollback depth>3 -state:confirmed";
        let mut item = rollback(125, 4);
        check_passes(text, &item, false);
        item.states = States::PREDICTED;
        check_passes(text, &item, true);
        check_passes(text, &FilterItem { frames: Some(Span::of(141)), ..item }, false);
        check_passes(text, &FilterItem { depth: Some(Span::of(3)), ..item }, false);
        check_passes(text, &FilterItem { kinds: &["stall"], ..item }, false);
        check_passes(text, &FilterItem { player: Some(2), ..item }, false);
    }

    #[test]
    fn comparisons_ranges_and_lists() {
        let item = rollback(10, 4);
        for (text, passes) in [
            ("", true),
            ("frame:10", true),
            ("frame:..9", false),
            ("frame:11..", false),
            ("frame<=10 frame>=10", true),
            ("depth<4", false),
            ("depth=4", true),
            ("player:2,1", true),
            ("player:P1", true),
            ("-player:1", false),
            ("rollback", true),
            ("\"at frame\"", true),
            ("-\"at frame\"", false),
            ("nothing", false),
            ("size>10", false),
            ("-size>10", true),
        ] {
            check_passes(text, &item, passes);
        }
    }

    #[test]
    fn a_bucket_passes_if_one_of_its_frames_may() {
        let bucket = FilterItem {
            frames: Some(Span { low: 100, high: 199 }),
            depth: Some(Span { low: 0, high: 7 }),
            states: States::CONFIRMED.with(States::MISMATCH),
            is_bucket: true,
            ..FilterItem::default()
        };
        check_passes("frame:150", &bucket, true);
        check_passes("-frame:150", &bucket, true);
        check_passes("-frame:100..199", &bucket, false);
        check_passes("depth>6", &bucket, true);
        check_passes("depth>7", &bucket, false);
        check_passes("-state:confirmed", &bucket, true);
        check_passes("-state:confirmed,mismatch", &bucket, false);
    }

    #[test]
    fn errors_say_what_can_stand_there() {
        check_error("depht>3", "keys are frame, player");
        check_error("kind:rollbak", "kinds are frame, rollback");
        check_error("state:bad", "states are predicted");
        check_error("frame:12..x", "a range 120..140");
        check_error("frame:20..10", "write 10..20");
        check_error("depth>", "a value is missing after `>`");
        check_error("kind>rollback", "write kind:rollback");
        check_error("dir:up", "dir:sent or dir:received");
        check_error("\"open", "close it");
        check_error(&"a ".repeat(80), "64 terms at most");
    }
}
