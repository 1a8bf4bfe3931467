//! Pages that name tests: each row of `docs/rollback.md`, `docs/runtime.md` and `docs/reconstruction.md`
//! names some, and they are there.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that reads the page"
)]

use std::fs;
use std::path::Path;

const LIST: &str = "docs/rollback.md";

/// The rows of the tables of faults and detectors: their cells.
fn rows() -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(LIST)).expect("the list is there");
    let faults = text.split("## Faults").nth(1).and_then(|rest| rest.split("\n## ").next());
    let lines = faults.expect("the page has a list of faults").lines();
    let rows = lines.filter(|line| line.starts_with("| ") && !line.ends_with("| test |"));
    rows.map(|row| row.trim_matches(['|', ' ']).split(" | ").map(str::to_owned).collect()).collect()
}

#[test]
fn every_fault_has_a_decision_and_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for row in rows() {
        let [fault, decision, test] = row.as_slice() else { panic!("three cells: {row:?}") };
        assert!(!decision.is_empty(), "{fault}");
        check_is_there(root, fault, test);
    }
}

#[test]
fn every_promise_of_the_runtime_has_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/runtime.md")).expect("the page is there");
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.ends_with("| test |"));
    let mut count = 0;
    for row in rows {
        let Some((promise, test)) = row.trim_matches(['|', ' ']).split_once(" | ") else {
            panic!("two cells: {row}");
        };
        match test.split_once("` writes `") {
            Some(measured) => check_is_measured(root, promise, measured),
            None => check_is_there(root, promise, test),
        }
        count += 1;
    }
    assert!(count > 80, "{count} promises");
}

/// A command that measures, and the page that it writes its figures into.
#[track_caller]
fn check_is_measured(root: &Path, promise: &str, (command, page): (&str, &str)) {
    let section = command.strip_prefix("`cargo xtask bench ").expect("a command that measures");
    let page = page.strip_suffix('`').expect("a page");
    let text = fs::read_to_string(root.join(page)).unwrap_or_else(|_| panic!("no {page}"));
    let marker = format!("<!-- bench:{section} -->\n\n");
    let figures = text.split(&marker).nth(1).and_then(|rest| rest.split("<!-- /bench").next());
    assert!(figures.is_some_and(|figures| figures.contains('|')), "{promise}: nothing in {page}");
}

#[test]
fn every_promise_of_the_reconstruction_has_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/reconstruction.md")).expect("the page is there");
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.ends_with("shown by |"));
    let mut count = 0;
    for row in rows {
        let Some((promise, tests)) = row.trim_matches(['|', ' ']).rsplit_once(" | ") else {
            panic!("two cells: {row}");
        };
        tests.split("; ").for_each(|test| check_is_there(root, promise, test));
        count += 1;
    }
    assert!(count > 30, "{count} promises");
}

#[track_caller]
fn check_is_there(root: &Path, fault: &str, test: &str) {
    let named: Vec<&str> = test.split('`').collect();
    let [_, name, " in ", file, ""] = named.as_slice() else {
        panic!("`test` in `file`: {test}");
    };
    let text = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("no {file}"));
    let starts = [format!("fn {name}()"), format!("test(`{name}"), format!("test(\"{name}")];
    assert!(starts.iter().any(|start| text.contains(start)), "{fault}: no test {name} in {file}");
}

#[test]
fn every_fault_and_detector_of_the_system_is_listed() {
    let first_cells: Vec<String> =
        rows().into_iter().filter_map(|row| row.into_iter().next()).collect();
    let is_listed = |code: &str| {
        let words = |cell: &String| cell.split([' ', ',']).any(|word| word == code);
        first_cells.iter().any(words)
    };
    for (letter, most) in [("U", 21), ("L", 15), ("D", 24)] {
        for number in 1..=most {
            let code = format!("{letter}{number}");
            assert!(is_listed(&code), "{code} is missing");
        }
    }
}
