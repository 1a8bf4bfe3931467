//! Paths into a document, as the diff writes them: where their parts end, and which value they name.
//!
//! Takes the paths of `diff`; the parts go to the state tree, the values to the history of a path.

use super::diff::push_key;
use super::document::Json;

/// Ends of the parts of a path in bytes, the whole path's end included: `a.b[1]` ends at 1, 3 and 6.
/// Empty for the document itself.
#[must_use]
pub fn part_ends(path: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut letters = path.char_indices().peekable();
    while let Some((start, first)) = letters.next() {
        if start > 0 && matches!(first, '.' | '[') {
            ends.push(start);
        }
        if first != '[' {
            continue;
        }
        // A key that is no plain word may hold brackets and dots of its own; its quotes are escaped.
        let is_quoted = letters.next_if(|(_, letter)| *letter == '"').is_some();
        let mut is_escaped = false;
        for (_, letter) in letters.by_ref() {
            match letter {
                _ if is_escaped => is_escaped = false,
                '\\' if is_quoted => is_escaped = true,
                '"' if is_quoted => break,
                ']' if !is_quoted => break,
                _ => {}
            }
        }
    }
    if !path.is_empty() {
        ends.push(path.len());
    }
    ends
}

/// The value that a path names; `None` where the document has no such place.
#[must_use]
pub fn value_at<'v, 'a>(document: &'v Json<'a>, path: &str) -> Option<&'v Json<'a>> {
    let mut value = document;
    let mut start = 0;
    for end in part_ends(path) {
        let part = path.get(start..end)?;
        start = end;
        value = match value {
            Json::Object(object) => {
                let mut name = String::new();
                let mut members = object.members();
                members.find(|(key, _)| {
                    name.clear();
                    push_key(&mut name, key);
                    name == part.strip_prefix('.').unwrap_or(part)
                })
            }
            .map(|(_, value)| value)?,
            Json::Array(items) => {
                let index = part.strip_prefix('[')?.strip_suffix(']')?;
                items.get(index.parse::<usize>().ok()?)?
            }
            _ => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::compare;

    #[track_caller]
    fn check_parts(path: &str, expected: &[&str]) {
        let ends = part_ends(path);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let parts: Vec<&str> =
            starts.zip(&ends).filter_map(|(start, end)| path.get(start..*end)).collect();
        assert_eq!(parts, expected);
    }

    #[test]
    fn parts_are_keys_and_places() {
        check_parts("", &[]);
        check_parts("score", &["score"]);
        check_parts("agents.0.pos[1]", &["agents", ".0", ".pos", "[1]"]);
        check_parts("[3][0]", &["[3]", "[0]"]);
        check_parts(r#"a["x.y[0]\"]"].b"#, &["a", r#"["x.y[0]\"]"]"#, ".b"]);
        check_parts(r#"["größer \\"][2]"#, &[r#"["größer \\"]"#, "[2]"]);
    }

    #[test]
    fn every_path_of_a_comparison_names_its_value() {
        let text = r#"{"a":[1,{"b.c":2,"":3}],"x\"]":{"0":[4,[5]]},"größe":null,"\u0000":true}"#;
        let other = r#"{"a":[9,{"b.c":8,"":7}],"x\"]":{"0":[6,[7]]},"größe":1,"\u0000":false}"#;
        let (left, right) = (Json::parse(text).unwrap(), Json::parse(other).unwrap());
        let mut count = 0;
        compare(&left, &right, &mut |place| {
            count += 1;
            assert_eq!(value_at(&left, place.path), place.left, "{}", place.path);
            assert_eq!(value_at(&right, place.path), place.right, "{}", place.path);
        });
        assert_eq!(count, 7);
        assert_eq!(value_at(&left, ""), Some(&left));
        for missing in ["b", "a[2]", "a.b", "a[1].b", "a[x]", "größe.x", "a["] {
            assert_eq!(value_at(&left, missing), None, "{missing}");
        }
    }
}
