//! The order of a recording's lines: that of their running numbers, wherever they stand in the file.
//!
//! A recording whose numbers ascend is left as it is, at the price of one comparison a line. Knows of a line
//! only when and where it happened.

use serde_json::Value;

use crate::json::{self, JsonError};
use crate::sorted::SortedMap;
use crate::sorting;

/// What tells a line's place.
#[derive(Debug, Clone, Default)]
struct Place {
    number: Option<f64>,
    time_ms: f64,
    ch: String,
}

impl Place {
    fn of(line: &[u8]) -> Result<Self, JsonError> {
        let line = json::plain(line)?;
        let number = |name| json::member(&line, name, Value::as_f64);
        let ch = json::member(&line, "ch", Value::as_str)?.ok_or(JsonError::OtherType)?;
        Ok(Self {
            number: number("n")?,
            time_ms: number("t")?.ok_or(JsonError::OtherType)?,
            ch: ch.to_owned(),
        })
    }
}

/// The lines in the order of their numbers. Where an event has none, all are in the order of their times, and
/// of one time in that of their channels' names, so that here too the order in the file says nothing but
/// what of one channel came first. A line that cannot be read stays behind the one before it.
pub(super) fn in_order(lines: Vec<&[u8]>) -> Vec<&[u8]> {
    let mut last = None;
    let is_next = |line: &&[u8]| {
        let number = number_of(line);
        number.is_some() && number > std::mem::replace(&mut last, number)
    };
    if lines.iter().all(is_next) {
        return lines;
    }
    let mut placed: Vec<(Place, &[u8])> = Vec::with_capacity(lines.len());
    let mut is_numbered = true;
    for line in lines {
        let place = Place::of(line);
        is_numbered &= place.as_ref().map_or(true, |place| place.number.is_some());
        let place = place.unwrap_or_else(|_| {
            let before = placed.last().map(|(place, _)| place.clone()).unwrap_or_default();
            // Of half a line the number may still be there.
            let number = number_of(line).map(|number| number as f64);
            Place { number: number.or(before.number), ..before }
        });
        placed.push((place, line));
    }
    if !is_numbered {
        order_by_time(&mut placed);
    }
    sorting::sort_by(&mut placed, |(one, _), (other, _)| {
        let by_number = match (one.number, other.number) {
            (Some(one), Some(other)) if is_numbered => one.total_cmp(&other),
            _ => std::cmp::Ordering::Equal,
        };
        let by_time = || one.time_ms.total_cmp(&other.time_ms);
        by_number.then_with(by_time).then_with(|| one.ch.cmp(&other.ch))
    });
    placed.into_iter().map(|(_, line)| line).collect()
}

// Within a channel the order in the file is known, whatever its times say.
fn order_by_time(placed: &mut [(Place, &[u8])]) {
    let mut latest: SortedMap<String, f64> = SortedMap::new();
    for (place, _) in placed {
        let Place { time_ms, ch, .. } = place;
        *time_ms = latest.change(
            ch.clone(),
            || *time_ms,
            |latest| {
                *latest = latest.max(*time_ms);
                *latest
            },
        );
    }
}

/// The number of a line that begins as the recorder writes it; `None` for any other.
fn number_of(line: &[u8]) -> Option<u64> {
    let behind_key = line.strip_prefix(b"{\"t\":")?;
    let comma = behind_key.iter().position(|byte| *byte == b',')?;
    let digits = behind_key.get(comma..)?.strip_prefix(b",\"n\":")?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    let (number, rest) = digits.split_at_checked(end)?;
    let is_whole = matches!(rest.first(), Some(b',' | b'}'));
    std::str::from_utf8(number).ok().filter(|_| is_whole)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::import;
    use super::*;
    use crate::issue::IssueLog;
    use crate::link::SplitMix64;

    const HEAD: &str = r#"{"header":{"timeOrigin":1.5,"url":"u","userAgent":"x","player":1}}"#;

    /// Lines of three channels, many at one time; channel, then its line.
    fn lines(has_numbers: bool) -> Vec<(usize, String)> {
        let mut random = SplitMix64(3);
        let channels = ["ws:1", "dc:1", "worker:1"];
        let lines = (0..600).map(|number| {
            let channel = if number < 3 { number } else { (random.next_u64() % 3) as usize };
            let (time, name) = (number / 4, channels[channel]);
            let numbered = if has_numbers { format!(r#""n":{number},"#) } else { String::new() };
            let rest = match (number, number % 97) {
                (..3, _) => r#""dir":"create","meta":{"url":"x"}}"#.to_owned(),
                (_, 0) => r#""dir":"in","da"#.to_owned(),
                _ => format!(r#""dir":"in","data":{{"number":{number}}}}}"#),
            };
            (channel, format!(r#"{{"t":{time},{numbered}"ch":"{name}",{rest}"#))
        });
        lines.collect()
    }

    fn interleaved(lines: &[(usize, String)], random: &mut SplitMix64) -> Vec<(usize, String)> {
        let of = |channel| lines.iter().filter(move |line| line.0 == channel).rev().cloned();
        let mut left: Vec<Vec<_>> = (0..3).map(|channel| of(channel).collect()).collect();
        let mut out = Vec::new();
        while left.iter().any(|lines| !lines.is_empty()) {
            out.extend(left[(random.next_u64() % 3) as usize].pop());
        }
        out
    }

    fn chunks(lines: &[(usize, String)]) -> (Vec<Vec<u8>>, IssueLog) {
        let (mut chunks, mut issues) = (Vec::new(), IssueLog::default());
        let lines = lines.iter().map(|(_, line)| format!("\n{line}"));
        let text = HEAD.to_owned() + &lines.collect::<String>();
        import(text.as_bytes(), &mut issues, &mut |chunk| chunks.push(chunk.to_vec()));
        (chunks, issues)
    }

    #[test]
    fn lines_in_any_interleaving_of_their_channels_give_the_same_chunks() {
        let mut random = SplitMix64(9);
        let numbered = lines(true);
        let (expected, issues) = chunks(&numbered);
        assert_eq!(issues.total(), 6, "{:?}", issues.issues());
        for _ in 0..20 {
            let other = interleaved(&numbered, &mut random);
            assert!(other != numbered);
            assert!(chunks(&other).0 == expected);
        }
    }

    #[test]
    fn without_numbers_the_time_says_the_order_and_the_file_only_that_of_a_channel() {
        let mut random = SplitMix64(10);
        let mut unnumbered = lines(false);
        // Half a line tells no channel then.
        unnumbered.retain(|(_, line)| line.ends_with('}'));
        let (expected, issues) = chunks(&unnumbered);
        assert_eq!(issues.total(), 0);
        for _ in 0..20 {
            assert!(chunks(&interleaved(&unnumbered, &mut random)).0 == expected);
        }
    }

    #[test]
    fn a_number_is_read_where_the_recorder_writes_it() {
        assert_eq!(number_of(br#"{"t":2652.30,"n":17,"ch":"ws:1"}"#), Some(17));
        for other in
            [r#"{"n":17,"t":2}"#, r#"{"t":1,"n":"17"}"#, r#"{"t":1,"n":17.5}"#, r#"{"t":1,"n":17"#]
        {
            assert_eq!(number_of(other.as_bytes()), None, "{other}");
        }
    }
}
