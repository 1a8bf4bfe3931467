//! `truth`: plants every kind of fault over many seeds and networks, and writes what the checks found
//! into `docs/truth.md`. The work is done by `tests/truth.rs`
//! and `tests/oracle_power.rs`.

use std::fs;

use anyhow::Context;
use clap::Args;

use crate::bench::with_section;
use crate::repo::Repo;
use crate::shell;

/// Options of `cargo xtask truth`.
#[derive(Args)]
pub(crate) struct Options {
    /// Seeds per kind of fault; four times as many clean sessions are played.
    #[arg(long, default_value_t = 200)]
    seeds: u32,
    /// Kinds of fault to play, with commas between them, `none` for clean sessions; the rows of the
    /// others stay. All without it.
    #[arg(long, default_value = "")]
    kinds: String,
    /// Counts what the determinism oracle found against how often something was repeated, instead.
    #[arg(long)]
    oracle: bool,
}

const PAGE: &str = "docs/truth.md";

const SECTION: &str = "faults";
const ORACLE_SECTION: &str = "oracle";

/// What one run writes: a section of the page, and what stands above its table.
struct Part {
    section: &'static str,
    head: &'static str,
    test: &'static str,
    files: &'static [&'static str],
}

const FAULTS: Part = Part {
    section: SECTION,
    head: "| fault | check | city | country | continent | ocean | recall | reported | precision | frames \
           off | seeds | seconds |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    test: "truth",
    files: &["faults.md", "clean.md"],
};

const ORACLE: Part = Part {
    section: ORACLE_SECTION,
    head: "| chance and repeats | sessions | named | share | expected |\n|---|---:|---:|---:|---:|",
    test: "oracle_power",
    files: &["oracle.md"],
};

/// Plays, prints the table and writes the page.
///
/// # Errors
///
/// When a fault is missed, a false alarm is raised, or the page cannot be written.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    let part = if options.oracle { &ORACLE } else { &FAULTS };
    let folder = repo.target("truth");
    fs::create_dir_all(&folder).context("cannot make a directory in target")?;
    for file in part.files {
        fs::write(folder.join(file), "").context("cannot write into target")?;
    }
    let seeds = options.seeds;
    let played = shell::step(&format!("plant faults in {seeds} sessions of each kind"), || {
        let mut command = shell::cargo(repo.root());
        command.args(["test", "--quiet", "--package", "rollscope", "--test", part.test]);
        command.env("ROLLSCOPE_TRUTH_SEEDS", seeds.to_string());
        command.env("ROLLSCOPE_TRUTH_KINDS", &options.kinds);
        command.env("ROLLSCOPE_TRUTH_TABLE", &folder);
        shell::run(&mut command, "the lines above name what was missed or wrong")
    });
    let mut rows = String::new();
    for file in part.files {
        rows += &fs::read_to_string(folder.join(file)).context("the test wrote no rows")?;
    }
    println!("{}\n{rows}", part.head);
    played?;
    let page = fs::read_to_string(repo.path(PAGE)).with_context(|| format!("no {PAGE}"))?;
    let known = if options.kinds.is_empty() { "" } else { section_of(&page, part.section) };
    let table = with_rows(known, part.head, &rows);
    fs::write(repo.path(PAGE), with_section(&page, part.section, &table))
        .with_context(|| format!("cannot write {PAGE}"))?;
    println!("written to {PAGE}");
    Ok(())
}

/// What stands in a section of the page now.
fn section_of<'p>(page: &'p str, section: &str) -> &'p str {
    let begin = format!("<!-- bench:{section} -->");
    let rest = page.split_once(&begin).map_or("", |(_, rest)| rest);
    rest.split_once("<!-- /bench:").map_or("", |(text, _)| text)
}

/// A table with new rows in the place of those of the same kinds, and the rest as it was.
fn with_rows(table: &str, head: &str, rows: &str) -> String {
    let kind = |row: &str| row.split('|').nth(1).map(|cell| cell.trim().to_owned());
    let mut all: Vec<&str> = table.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    for row in rows.lines() {
        match all.iter_mut().find(|known| kind(known) == kind(row)) {
            Some(known) => *known = row,
            None => all.push(row),
        }
    }
    format!("{head}\n{}\n", all.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{section_of, with_rows};

    #[test]
    fn rows_of_the_same_kind_are_replaced_and_others_stay() {
        let known = "| kind | n |\n|---|---|\n| A | 1 |\n| B | 2 |\n";
        let table = with_rows(known, "| kind | n |\n|---|---|", "| B | 3 |\n| C | 4 |\n");
        assert_eq!(table, "| kind | n |\n|---|---|\n| A | 1 |\n| B | 3 |\n| C | 4 |\n");
        assert_eq!(with_rows("", "h\n-", "| A | 1 |"), "h\n-\n| A | 1 |\n");
    }

    #[test]
    fn a_section_is_what_stands_between_its_markers() {
        let page = "a\n<!-- bench:x -->\n\n| t |\n\n<!-- /bench:x -->\nb";
        assert_eq!(section_of(page, "x").trim(), "| t |");
        assert_eq!(section_of(page, "y"), "");
    }
}
