//! `bench hook` and `bench capture`: what the hook costs and what the capture loses, measured by
//! scripts that drive the browsers and print Markdown.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::{Options, PAGE, write_section};
use crate::demo::Browser;
use crate::repo::Repo;
use crate::{build, setup, shell};

const HOOK_SCRIPT: &str = "tests/e2e/bench/hook.mjs";
const CAPTURE_SCRIPT: &str = "tests/e2e/bench/capture.mjs";

/// Ends each state of a table on the script's standard output (`tests/e2e/bench/table.mjs`).
const END_OF_TABLE: &str = "<!-- end of table -->";

/// T1 to T4: pages without the extension.
///
/// # Errors
///
/// When a browser cannot be driven or the script fails.
pub(super) fn measure_hook(repo: &Repo, options: &Options) -> anyhow::Result<String> {
    setup::browser_tests(repo)?;
    let mut tables = Vec::new();
    for browser in browsers(options) {
        let what = format!("measure the hook in {}", browser.name());
        let run = || measure(repo, HOOK_SCRIPT, browser, options, &mut |_| Ok(()));
        tables.push(shell::step(&what, run)?);
    }
    Ok(tables.join("\n"))
}

/// T1 to T12: pages, panel and profiler; needs the built extension and the arena's server. Each
/// browser has a section of its own, written anew whenever a round is done: a run that is stopped
/// leaves what it has.
///
/// # Errors
///
/// As [`measure_hook`], and when the page cannot be written.
pub(super) fn measure_capture(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    setup::everything(repo)?;
    build::run(repo)?;
    build::native_programs(repo)?;
    for browser in browsers(options) {
        let section = format!("capture-{}", browser.name());
        let wants = |ids: &[&str]| {
            options.only.is_empty()
                || options
                    .only
                    .iter()
                    .any(|only| ids.iter().any(|id| only.eq_ignore_ascii_case(id)))
        };
        let mut hook = String::new();
        if wants(&["T1", "T2", "T3", "T4"]) {
            let what = format!("measure the hook in {}", browser.name());
            let run = || measure(repo, HOOK_SCRIPT, browser, options, &mut |_| Ok(()));
            hook = shell::step(&what, run)?;
            println!("{hook}");
        }
        if wants(&["T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12"]) {
            let what = format!("measure the capture in {}", browser.name());
            let mut write = |table: &str| {
                if !options.only.is_empty() {
                    return Ok(());
                }
                write_section(repo, &section, &format!("{hook}\n{table}"))
            };
            let run = || measure(repo, CAPTURE_SCRIPT, browser, options, &mut write);
            println!("{}", shell::step(&what, run)?);
        }
        if options.only.is_empty() {
            println!("written to {PAGE}");
        }
    }
    Ok(())
}

/// The asked one, or each in turn.
pub(super) fn browsers(options: &Options) -> impl Iterator<Item = Browser> {
    let only = options.browser;
    [Browser::Chromium, Browser::Firefox]
        .into_iter()
        .filter(move |browser| only.is_none_or(|only| only == *browser))
}

/// Runs a script, which prints Markdown on standard output and its progress on standard error. A
/// table that is printed again and again goes to `take` each time; the last state is returned.
fn measure(
    repo: &Repo,
    script: &str,
    browser: Browser,
    options: &Options,
    take: &mut dyn FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<String> {
    if !repo.path(script).is_file() {
        bail!("{script} is missing: restore it from git");
    }
    let mut child = Command::new("node")
        .arg(repo.path(script))
        .env("ROLLSCOPE_ARENA", repo.program("arena"))
        .env("ROLLSCOPE_DIST", repo.path("dist"))
        .args(["--browser", browser.name(), "--rounds", &options.rounds.to_string()])
        .args(["--only", &options.only.join(",")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("node did not start")?;
    let output = child.stdout.take().context("node has no standard output")?;
    let (mut text, mut table) = (String::new(), String::new());
    for line in BufReader::new(output).lines() {
        let line = line.context("what the script printed cannot be read")?;
        if line == END_OF_TABLE {
            table = std::mem::take(&mut text);
            take(&table)?;
        } else {
            text.push_str(&line);
            text.push('\n');
        }
    }
    let status = child.wait().context("node cannot be waited for")?;
    if !status.success() {
        bail!("{script} ended with {status}: see its message above");
    }
    Ok(if table.is_empty() { text } else { table })
}
