//! The parts of a saved state text, without reading all of it: a page saves its game beside thousands
//! of words of random generators (MUG wire notes, §1.3).

/// The text of one member of the object that `text` is; `None` if there is no such member, or no
/// object. What stands inside other members is skipped and not checked.
#[must_use]
pub fn member<'t>(text: &'t str, key: &str) -> Option<&'t str> {
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
        if name == key {
            return text.get(at..end).map(str::trim_end);
        }
        at = skip_spaces(bytes, end);
        if bytes.get(at) != Some(&b',') {
            return None;
        }
        at = skip_spaces(bytes, at + 1);
    }
    None
}

fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

// The place after the value that begins at `at`.
fn end_of_value(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (offset, byte) in bytes.get(at..)?.iter().enumerate() {
        let place = at + offset;
        if is_text {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    is_text = false;
                    if depth == 0 {
                        return Some(place + 1);
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => is_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return Some(place),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(place + 1);
                }
            }
            _ => {}
        }
    }
    None
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
    fn what_is_no_object_has_no_members() {
        for text in ["", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{a:1}", "{\"a\" 1}", "\"a\""]
        {
            assert_eq!(member(text, "a"), None, "{text}");
        }
        assert_eq!(member("{\"a\":1}", "a"), Some("1"));
    }
}
