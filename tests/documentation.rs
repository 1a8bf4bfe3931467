//! Pages of `docs/` that are made from the registries: they must say what the code says. Run with
//! `UPDATE_FIXTURES=1` to write them anew.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its pages and stops at its first surprise"
)]

use std::fmt::Write as _;

use rollscope::capture::recorder;
use rollscope::dialect::DIALECTS;
use rollscope::report::FORMATS;
use rollscope::verify::CHECKS;

#[track_caller]
fn check_page(path: &str, expected: &str) {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(path, expected).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        page == expected,
        "{path} is not what the code says: run the tests with UPDATE_FIXTURES=1"
    );
}

#[test]
fn findings_page_says_what_the_checks_say() {
    let mut page = String::from(
        "# Checks and findings\n\n\
         Every check says for every item: it holds, it fails, or it is not checkable and why. What \
         fails becomes a finding with this code. Made from `src/verify`; do not edit by hand.\n",
    );
    for check in CHECKS {
        write!(page, "\n## `{}`\n\n", check.code()).unwrap();
        writeln!(page, "**{}.** {}", check.title(), check.documentation()).unwrap();
    }
    check_page("docs/findings.md", &page);
}

#[test]
fn dialects_page_says_what_the_dialects_say() {
    let mut page = String::from(
        "# Dialects\n\n\
         A dialect is a family of messages that Rollscope understands. It is recognised from the \
         messages themselves. Made from `src/dialect` and `src/capture/recorder`; do not edit by \
         hand.\n",
    );
    let read = DIALECTS.iter().map(|dialect| (dialect.name(), dialect.documentation()));
    for (name, documentation) in read.chain([(recorder::NAME, recorder::DOCUMENTATION)]) {
        write!(page, "\n## `{name}`\n\n{documentation}\n").unwrap();
    }
    check_page("docs/dialects.md", &page);
}

#[test]
fn formats_page_says_what_the_formats_say() {
    let mut page = String::from(
        "# Report formats\n\n\
         What `rollscope report --format` and the panel's Report view write. Made from \
         `src/report`; do not edit by hand.\n\n| format | ending | media type | holds |\n|---|---|---|---|\n",
    );
    for format in FORMATS {
        let (name, ending, media) = (format.name(), format.extension(), format.media_type());
        writeln!(page, "| `{name}` | `.{ending}` | `{media}` | {} |", format.documentation())
            .unwrap();
    }
    check_page("docs/report-formats.md", &page);
}
