//! The canonical text straight from a state text, in one pass and without a document in between.
//!
//! It knows the ordinary case alone: plain strings, every key once. Everything else it gives up, also
//! what is no JSON; then `Json::parse` and the printer do the work, so there is one place that decides
//! what a text means. Tests hold both ways against each other.
//!
//! Most of a state text is canonical as it stands. So the pass only looks, and copies what it has
//! passed in one piece when something must change: a space, a float with many decimals, the order of
//! an object. It keeps its places in variables and the open lists and objects in a stack of its own,
//! which is quicker than a function for each kind of value.

mod eight;
mod members;
mod numbers;
#[cfg(test)]
mod tests;

use super::rule::{HashRule, Rounding, Separators};
use eight::{after_digits, are_plain, eight_at, is_plain};
use members::Member;
use numbers::{Ordinary, SAFE_DIGITS, ordinary_number, push_number};

/// Members for which there is room at once.
const MEMBERS: usize = 24;

/// Lists and objects that may be open at once; deeper texts go the long way.
const MAX_OPEN: usize = 24;

/// Adds the canonical text of a state text. `None` if the text is not of the ordinary kind; what was
/// added until then stays.
pub(super) fn push_straight(out: &mut Vec<u8>, text: &str, rule: &HashRule) -> Option<()> {
    if rule.rounding != Rounding::TenDecimals || rule.separators != Separators::Compact {
        return None;
    }
    let bytes = text.as_bytes();
    let mut members = Vec::with_capacity(MEMBERS);
    let mut open = [Open::Nothing; MAX_OPEN];
    let mut depth = 0;
    let mut here = Open::Nothing;
    let mut at = after_spaces(bytes, 0);
    // From here to `at` the text is canonical and not added yet.
    let mut kept = at;
    loop {
        match *bytes.get(at)? {
            b'-' | b'0'..=b'9' => match ordinary_number(bytes, at) {
                Some(Ordinary::Stays(end)) => at = end,
                Some(Ordinary::Rounded { cut, is_up, end }) => {
                    add(out, bytes, kept, cut);
                    if is_up {
                        *out.last_mut()? += 1;
                    }
                    (at, kept) = (end, end);
                }
                None => {
                    add(out, bytes, kept, at);
                    at = push_number(out, text, at, rule)?;
                    kept = at;
                }
            },
            b'"' => at = after_string(bytes, at)?,
            bracket @ (b'[' | b'{') => {
                at += 1;
                skip_spaces(out, bytes, &mut at, &mut kept);
                let is_list = bracket == b'[';
                if *bytes.get(at)? == if is_list { b']' } else { b'}' } {
                    at += 1;
                } else {
                    *open.get_mut(depth)? = here;
                    depth += 1;
                    here = Open::List;
                    if !is_list {
                        here = Open::Object(Object {
                            first: members.len(),
                            begin: out.len() + (at - kept),
                            is_sorted: true,
                        });
                        member(out, bytes, &mut at, &mut kept, &mut members)?;
                    }
                    continue;
                }
            }
            b'n' => at = after_word(bytes, at, b"null")?,
            b't' => at = after_word(bytes, at, b"true")?,
            b'f' => at = after_word(bytes, at, b"false")?,
            _ => return None,
        }
        // A value has ended: what follows, and what ends with it.
        loop {
            skip_spaces(out, bytes, &mut at, &mut kept);
            let Some(sign) = bytes.get(at) else {
                add(out, bytes, kept, at);
                return matches!(here, Open::Nothing).then_some(());
            };
            match (&mut here, sign) {
                (Open::List, b',') => {
                    at += 1;
                    skip_spaces(out, bytes, &mut at, &mut kept);
                    // `0.5` begins no integer.
                    if bytes.get(at + 1) != Some(&b'.') {
                        (at, kept) = integers(out, bytes, at, kept);
                    }
                    break;
                }
                (Open::List, b']') => at += 1,
                (Open::Object(object), b',') => {
                    members.last_mut()?.added[1] = out.len() + (at - kept);
                    at += 1;
                    skip_spaces(out, bytes, &mut at, &mut kept);
                    member(out, bytes, &mut at, &mut kept, &mut members)?;
                    if let [.., left, right] = members.as_slice() {
                        object.is_sorted &= left.is_before(bytes, right);
                    }
                    break;
                }
                (Open::Object(object), b'}') => {
                    members.last_mut()?.added[1] = out.len() + (at - kept);
                    if !object.is_sorted {
                        add(out, bytes, kept, at);
                        kept = at;
                        let of_it = members.get_mut(object.first..)?;
                        members::sort(out, bytes, of_it, object.begin)?;
                    }
                    members.truncate(object.first);
                    at += 1;
                }
                _ => return None,
            }
            depth = depth.checked_sub(1)?;
            here = *open.get(depth)?;
        }
    }
}

/// What a value stands in.
#[derive(Clone, Copy)]
enum Open {
    Nothing,
    List,
    Object(Object),
}

#[derive(Clone, Copy)]
struct Object {
    // Its first member among those of all open objects.
    first: usize,
    // Where its members begin in what was added.
    begin: usize,
    is_sorted: bool,
}

/// Passes a key with its colon and begins its member.
#[inline(always)]
fn member(
    out: &mut Vec<u8>,
    bytes: &[u8],
    at: &mut usize,
    kept: &mut usize,
    members: &mut Vec<Member>,
) -> Option<()> {
    let start = *at;
    if *bytes.get(start)? != b'"' {
        return None;
    }
    *at = after_string(bytes, start)?;
    members.push(Member::new(bytes, [start + 1, *at - 1], out.len() + (start - *kept)));
    skip_spaces(out, bytes, at, kept);
    if *bytes.get(*at)? != b':' {
        return None;
    }
    *at += 1;
    skip_spaces(out, bytes, at, kept);
    Some(())
}

/// Passes plain integers with their commas as long as one follows the other: random states are
/// hundreds of them.
#[inline(always)]
fn integers(out: &mut Vec<u8>, bytes: &[u8], mut at: usize, mut kept: usize) -> (usize, usize) {
    loop {
        let end = after_digits(bytes, at);
        let digits = end - at;
        let is_plain = digits == 1 || ((2..=SAFE_DIGITS).contains(&digits) && !is_zero(bytes, at));
        if !is_plain || bytes.get(end) != Some(&b',') {
            return (at, kept);
        }
        at = end + 1;
        skip_spaces(out, bytes, &mut at, &mut kept);
    }
}

#[inline(always)]
fn is_zero(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'0')
}

/// The place after a string of plain letters whose quote stands at a place.
#[inline(always)]
fn after_string(bytes: &[u8], quote: usize) -> Option<usize> {
    let mut at = quote + 1;
    while eight_at(bytes, at).is_some_and(are_plain) {
        at += 8;
    }
    while is_plain(*bytes.get(at)?) {
        at += 1;
    }
    (bytes.get(at) == Some(&b'"')).then_some(at + 1)
}

#[inline(always)]
fn after_word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(word).then_some(at + word.len())
}

#[inline(always)]
fn is_space(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b' ' | b'\n' | b'\r' | b'\t'))
}

#[inline(always)]
fn after_spaces(bytes: &[u8], mut at: usize) -> usize {
    while is_space(bytes.get(at)) {
        at += 1;
    }
    at
}

/// Goes on after spaces, which are not added.
#[inline(always)]
fn skip_spaces(out: &mut Vec<u8>, bytes: &[u8], at: &mut usize, kept: &mut usize) {
    if is_space(bytes.get(*at)) {
        add(out, bytes, *kept, *at);
        *at = after_spaces(bytes, *at);
        *kept = *at;
    }
}

/// Adds a part of the text; short parts as so many bytes at once of which the rest is taken back, which
/// is quicker than to copy so many bytes as there are.
#[inline(always)]
fn add(out: &mut Vec<u8>, bytes: &[u8], from: usize, to: usize) {
    const AT_ONCE: usize = 16;
    let rest = bytes.get(from..).unwrap_or_default();
    let length = to - from;
    match rest.first_chunk::<AT_ONCE>() {
        Some(chunk) if length <= AT_ONCE => {
            let length = out.len() + length;
            out.extend_from_slice(chunk);
            out.truncate(length);
        }
        _ => out.extend_from_slice(rest.get(..length).unwrap_or_default()),
    }
}
