//! Rules that need no understanding of the code: length, head comment, open ends.

use super::Complaint;

/// The wall: a file that everybody edits grows past it first, and is split there.
const MOST_LINES: usize = 400;
/// Written in two parts, so that this file does not break its own rule.
const OPEN_END: &str = concat!("TO", "DO");

/// Whether the rules apply to a file of this name.
pub(super) fn is_source(name: &str) -> bool {
    [".rs", ".js", ".mjs", ".css"].iter().any(|end| name.ends_with(end))
}

/// Breaks of the rules on length, head comments and open ends.
pub(super) fn check(name: &str, source: &str) -> Vec<Complaint> {
    [check_length(name, source), check_head(name, source), check_open_ends(source)]
        .into_iter()
        .flatten()
        .collect()
}

fn check_length(name: &str, source: &str) -> Option<Complaint> {
    let is_test = name.split('/').any(|part| part == "tests" || part == "tests.rs");
    let count = source.lines().take_while(|line| line.trim_end() != "#[cfg(test)]").count();
    (!is_test && count > MOST_LINES).then(|| Complaint {
        line: MOST_LINES + 1,
        message: format!(
            "{count} lines, {MOST_LINES} are the most: split the file by its concepts"
        ),
    })
}

fn check_head(name: &str, source: &str) -> Option<Complaint> {
    let head = source
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("#!/") && !line.contains("@ts-check"))
        .unwrap_or_default();
    let (has_head, form) = if name.ends_with(".rs") {
        (head.starts_with("//!"), "`//!`")
    } else {
        (head.starts_with("//") || head.starts_with("/*"), "a comment")
    };
    (!has_head).then(|| Complaint {
        line: 1,
        message: format!(
            "begin the file with {form}: what it holds, where its data goes, what it must not know"
        ),
    })
}

fn check_open_ends(source: &str) -> Option<Complaint> {
    source.lines().enumerate().find_map(|(index, line)| {
        let after = line.split_once(OPEN_END)?.1;
        (!after.starts_with("(#")).then(|| Complaint {
            line: index + 1,
            message: format!("a bare {OPEN_END}: do it, or name its issue as {OPEN_END}(#12)"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{OPEN_END, check};

    #[track_caller]
    fn check_complaints(name: &str, source: &str, expected: &[(usize, &str)]) {
        let found = check(name, source);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (complaint, (line, part)) in found.iter().zip(expected) {
            assert_eq!(complaint.line, *line);
            assert!(complaint.message.contains(part), "{complaint:?}");
        }
    }

    fn lines(count: usize) -> String {
        format!("//! Head.\n{}", "x\n".repeat(count - 1))
    }

    #[test]
    fn a_file_of_four_hundred_lines_passes() {
        check_complaints("src/a.rs", &lines(400), &[]);
    }

    #[test]
    fn one_line_more_is_too_long() {
        check_complaints("src/a.rs", &lines(401), &[(401, "401 lines")]);
    }

    #[test]
    fn tests_do_not_count() {
        check_complaints("src/a.rs", &format!("{}#[cfg(test)]\n{}", lines(400), lines(300)), &[]);
        check_complaints("tests/a.rs", &lines(900), &[]);
        check_complaints("src/a/tests.rs", &lines(900), &[]);
    }

    #[test]
    fn a_file_without_a_head_is_named() {
        check_complaints("src/a.rs", "use std::fs;\n", &[(1, "`//!`")]);
        check_complaints("extension/a.js", "// @ts-check\nlet a;\n", &[(1, "a comment")]);
        check_complaints("extension/a.js", "// @ts-check\n/** Head. */\n", &[]);
    }

    #[test]
    fn an_open_end_needs_an_issue() {
        check_complaints("src/a.rs", &format!("//! A.\n// {OPEN_END}: later\n"), &[(2, "bare")]);
        check_complaints("src/a.rs", &format!("//! A.\n// {OPEN_END}(#7): later\n"), &[]);
    }
}
