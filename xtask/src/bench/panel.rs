//! `bench panel`: what the panel needs to open an hour, to draw, and to follow a live session.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::json;

use crate::repo::Repo;
use crate::{build, setup, shell};

/// Frames of an hour at 60 frames a second.
const HOUR_FRAMES: &str = "216000";

/// Builds the panel, plays an hour in memory into a file, has the panel measured with it in
/// Chromium and returns a table in Markdown.
///
/// # Errors
///
/// When something does not build, or the browser cannot be driven.
pub(super) fn measure(repo: &Repo) -> anyhow::Result<String> {
    setup::browser_tests(repo)?;
    build::run(repo)?;
    build::native_programs(repo)?;
    let capture = repo.target("bench-panel.rollscope");
    shell::step("play an hour in memory", || {
        let mut command = shell::cargo(repo.root());
        command
            .args(["run", "--quiet", "--release", "--package", "rollscope"])
            .args(["--example", "panel_capture", "--", HOUR_FRAMES])
            .arg(&capture);
        shell::run(&mut command, "see the message above")
    })?;
    let plan = json!({
        "arena": repo.program("arena"),
        "arenaRoot": repo.path("dist/arena"),
        "capture": capture,
    });
    let output = Command::new("node")
        .arg(repo.path("tests/e2e/bench/panel.mjs"))
        .arg(plan.to_string())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("node did not start")?;
    if !output.status.success() {
        bail!("tests/e2e/bench/panel.mjs ended with {}: see its message above", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
