//! `loadtest` and `optimisations`: run the program of `examples/loadtest` and put what it finds into
//! `docs/`. Its figures depend on no clock.

use std::fs;
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::bench::with_section;
use crate::repo::Repo;
use crate::shell;

const OPTIMISATIONS: &str = "docs/optimisations.md";

const PROGRAM: [&str; 7] =
    ["run", "--quiet", "--package", "rollscope", "--example", "loadtest", "--"];

/// Plays every combination of network and settings; writes table and chart.
///
/// # Errors
///
/// When the program does not build or cannot write into `docs/`.
pub(crate) fn run(repo: &Repo) -> anyhow::Result<()> {
    shell::step("play every combination of network and settings", || {
        let mut command = shell::cargo(repo.root());
        command.args(PROGRAM).arg(repo.path("docs"));
        shell::run(&mut command, "see its message above")
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
        let output = shell::cargo(repo.root())
            .args(PROGRAM)
            .arg("--optimisations")
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .context("cargo did not start")?;
        if !output.status.success() {
            bail!("the program ended with {}: see its message above", output.status);
        }
        let table = String::from_utf8_lossy(&output.stdout);
        let page = fs::read_to_string(repo.path(OPTIMISATIONS))
            .with_context(|| format!("{OPTIMISATIONS} is missing: restore it from git"))?;
        fs::write(repo.path(OPTIMISATIONS), with_section(&page, "optimisations", &table))
            .with_context(|| format!("cannot write {OPTIMISATIONS}"))
    })
}
