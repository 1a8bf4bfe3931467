//! The parts of a saved state text, without reading all of it: a page saves its game beside thousands
//! of words of random generators (MUG wire notes, §1.3).

/// The text of one member of the object that `text` is; `None` if there is no such member, or no
/// object. What stands inside other members is skipped and not checked.
#[must_use]
pub fn member<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let mut found = None;
    members(text, &mut |name, value| {
        if name == key {
            found = Some(value);
        }
        found.is_none()
    });
    found
}

/// Gives the members of the object that `text` is, name and text as they stand, as long as `take`
/// says so. Returns whether `text` is one whole object; what stands inside members is not checked.
pub fn members<'t>(text: &'t str, take: &mut dyn FnMut(&'t str, &'t str) -> bool) -> bool {
    read_members(text, take).is_some()
}

fn read_members<'t>(text: &'t str, take: &mut dyn FnMut(&'t str, &'t str) -> bool) -> Option<()> {
    let bytes = text.as_bytes();
    let mut at = skip_spaces(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    at = skip_spaces(bytes, at + 1);
    while bytes.get(at) == Some(&b'"') {
        let end = end_of_value(bytes, at)?;
        let name = text.get(at + 1..end.checked_sub(1)?)?;
        at = skip_spaces(bytes, end);
        if bytes.get(at) != Some(&b':') {
            return None;
        }
        at = skip_spaces(bytes, at + 1);
        let end = end_of_value(bytes, at)?;
        if !take(name, text.get(at..end)?.trim_end()) {
            return None;
        }
        at = skip_spaces(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = skip_spaces(bytes, at + 1),
            _ => return ends(bytes, at),
        }
    }
    // An object without members; a comma needs a member behind it.
    let is_empty =
        text.trim_start().get(1..).is_some_and(|rest| rest.trim_start().starts_with('}'));
    ends(bytes, at).filter(|()| is_empty)
}

fn ends(bytes: &[u8], at: usize) -> Option<()> {
    let is_end = bytes.get(at) == Some(&b'}') && skip_spaces(bytes, at + 1) == bytes.len();
    is_end.then_some(())
}

fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

// The place after the value that begins at `at`.
fn end_of_value(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        if depth > 0 {
            at = skip_numbers(bytes, at);
        }
        match bytes.get(at)? {
            b'"' => {
                at = end_of_text(bytes, at + 1)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return Some(at),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

// The place after the quotation mark that ends the text around `at`.
fn end_of_text(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

// Skips eight bytes at a time as long as none of them can be a bracket or a quotation mark: digits,
// commas, spaces, signs and points are all below 0x40.
fn skip_numbers(bytes: &[u8], mut at: usize) -> usize {
    const HIGH: u64 = 0xc0c0_c0c0_c0c0_c0c0;
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let rest = bytes.get(at..).unwrap_or_default();
    for chunk in rest.as_chunks::<8>().0 {
        let word = u64::from_le_bytes(*chunk);
        let quotes = word ^ (ONES * 0x22);
        let has_quote = quotes.wrapping_sub(ONES) & !quotes & TOPS != 0;
        if word & HIGH != 0 || has_quote {
            break;
        }
        at += 8;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_whatever_stands_before_them() {
        let text = r#" { "a" : [1, {"env_state": 3}, "]}\""], "env_state": {"t": 5, "x": "}"} , "step_num":40}"#;
        assert_eq!(member(text, "env_state"), Some(r#"{"t": 5, "x": "}"}"#));
        assert_eq!(member(text, "step_num"), Some("40"));
        assert_eq!(member(text, "a"), Some(r#"[1, {"env_state": 3}, "]}\""]"#));
        assert_eq!(member(text, "t"), None);
    }

    #[test]
    fn all_members_are_given_and_what_is_not_whole_is_noticed() {
        let list = |text| {
            let mut seen = Vec::new();
            let is_whole = members(text, &mut |name, value| {
                seen.push((name, value));
                true
            });
            (seen, is_whole)
        };
        let text = "{\"a\":[1234567, 8901234, -0.5, \"]\\\\\", 7],\"b\": {} } ";
        let expected = vec![("a", "[1234567, 8901234, -0.5, \"]\\\\\", 7]"), ("b", "{}")];
        assert_eq!(list(text), (expected, true));
        assert_eq!(list("{}"), (vec![], true));
        for text in ["{\"a\":1", "{\"a\":1} x", "{\"a\":[1}", "[]", "{,}"] {
            assert!(!list(text).1, "{text}");
        }
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in ["", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{a:1}", "{\"a\" 1}", "\"a\""]
        {
            assert_eq!(member(text, "a"), None, "{text}");
        }
        assert_eq!(member("{\"a\":1}", "a"), Some("1"));
    }
}
