//! Pages for people link to what is there: every relative link of a Markdown file names a file or folder.

use super::Complaint;

/// Whether the rule applies to a file of this name.
pub(super) fn is_page(name: &str) -> bool {
    name.ends_with(".md")
}

/// Links of a page that lead nowhere; `exists` says whether something stands at a path from the root.
pub(super) fn check(name: &str, source: &str, exists: &dyn Fn(&str) -> bool) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (index, line) in source.lines().enumerate() {
        // Whatever stands between "](" and ")" is a link.
        for link in line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)) {
            let path = link.split_once('#').map_or(link, |(path, _)| path);
            if path.is_empty() || path.contains(':') || exists(&from_root(name, path)) {
                continue;
            }
            let message = format!("the link to {link} leads nowhere: mend it or take it out");
            complaints.push(Complaint { line: index + 1, message });
        }
    }
    complaints
}

/// The path from the root of a path that stands in the file `name`.
fn from_root(name: &str, path: &str) -> String {
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::check;

    #[track_caller]
    fn check_lines(name: &str, source: &str, expected: &[usize]) {
        let there = ["README.md", "docs/a.md", "tests/e2e"];
        let found = check(name, source, &|path| there.contains(&path));
        let lines: Vec<usize> = found.iter().map(|complaint| complaint.line).collect();
        assert_eq!(lines, expected, "{found:?}");
    }

    #[test]
    fn links_to_what_is_there_pass() {
        check_lines("README.md", "[a](docs/a.md) and [b](tests/e2e/), [c](docs/a.md#part)\n", &[]);
        check_lines("docs/a.md", "[up](../README.md), [here](#part), [out](https://a.org)\n", &[]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named_with_its_line() {
        check_lines("README.md", "fine\n[a](docs/b.md)\n", &[2]);
        check_lines("docs/a.md", "[a](README.md), [b](a.md), ![c](images/x.png)\n", &[1, 1]);
    }
}
