//! `bench batch`: a rollback over a real worker, as single requests and as one batch.

use std::process::Command;

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::{build, setup};

const SCRIPT: &str = "tests/e2e/bench/batch.mjs";

/// Builds the arena, measures in Chromium, and returns the tables.
///
/// # Errors
///
/// When the arena cannot be built or Chromium cannot be driven.
pub(super) fn measure(repo: &Repo, rounds: u32) -> anyhow::Result<String> {
    setup::browser_tests(repo)?;
    build::run(repo)?;
    let output = Command::new("node")
        .arg(repo.path(SCRIPT))
        .args(["--rounds", &rounds.to_string()])
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("node did not start")?;
    if !output.status.success() {
        bail!("{SCRIPT} ended with {}: see its message above", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
