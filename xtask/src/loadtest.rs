//! `loadtest` and `optimisations`: run the program of `examples/loadtest` and put what it finds into
//! `docs/`. Its figures depend on no clock.

use std::ffi::OsStr;
use std::fs;
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::bench::with_section;
use crate::repo::Repo;
use crate::shell;

const PROGRAM: [&str; 8] =
    ["run", "--quiet", "--release", "--package", "rollscope", "--example", "loadtest", "--"];

/// Plays every combination of network and settings; writes table and chart, and the tables of their page.
///
/// # Errors
///
/// When the program does not build or cannot write into `docs/`.
pub(crate) fn run(repo: &Repo) -> anyhow::Result<()> {
    shell::step("play every combination of network and settings", || {
        let folder = repo.path("docs");
        section(repo, folder.as_os_str(), "docs/tuning.md", "loadtest")
    })
}

/// Plays a session with and without each optimisation; replaces the table of its page and leaves
/// the rest of it.
///
/// # Errors
///
/// When the program does not build or the page cannot be read or written.
pub(crate) fn optimisations(repo: &Repo) -> anyhow::Result<()> {
    shell::step("play a session with and without each optimisation", || {
        section(repo, "--optimisations".as_ref(), "docs/optimisations.md", "optimisations")
    })
}

/// Runs the program and puts what it prints into a section of a page.
fn section(repo: &Repo, argument: &OsStr, name: &str, section: &str) -> anyhow::Result<()> {
    let output = shell::cargo(repo.root())
        .args(PROGRAM)
        .arg(argument)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo did not start")?;
    if !output.status.success() {
        bail!("the program ended with {}: see its message above", output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let page = fs::read_to_string(repo.path(name))
        .with_context(|| format!("{name} is missing: restore it from git"))?;
    fs::write(repo.path(name), with_section(&page, section, &text))
        .with_context(|| format!("cannot write {name}"))
}
