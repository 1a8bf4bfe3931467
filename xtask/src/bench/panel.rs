//! `bench panel`: what the panel needs to open an hour, to draw, and to follow a live session.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::browsers::browsers;
use super::{Options, PAGE, write_section};
use crate::demo::Browser;
use crate::repo::Repo;
use crate::{build, setup, shell};

/// What drives a browser and measures.
const SCRIPT: &str = "tests/e2e/bench/panel.mjs";

/// Frames of an hour at 60 frames a second.
const HOUR_FRAMES: &str = "216000";

/// Of each of two peers: a million in all.
const MILLION_FRAMES: &str = "500000";

/// Where the recordings lie, beside the repository.
const RECORDINGS: &str = "../shared/captures";

/// Recorded sessions that are repeated for an hour, what they are, and most milliseconds to open one.
const HOURS: [(&str, &str, u32); 2] =
    [("H-clean", "MUG on the page's own thread", 3000), ("W-clean", "MUG in a worker", 12_000)];

/// Where Chromium's table stands, and Firefox's.
fn section(browser: Browser) -> &'static str {
    match browser {
        Browser::Chromium => "panel",
        Browser::Firefox => "panel-firefox",
    }
}

/// Builds the panel, plays an hour in memory into a file, and has the panel measured with it in each browser, whose
/// table is written as soon as it is there.
///
/// # Errors
///
/// When something does not build, a browser cannot be driven, or the page cannot be written.
pub(super) fn measure(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    setup::browser_tests(repo)?;
    build::run(repo)?;
    let capture = repo.target("bench-panel.rollscope");
    shell::step("play an hour in memory", || played(repo, HOUR_FRAMES, &capture))?;
    let million = repo.target("bench-million.rollscope");
    shell::step("play a million frames in memory", || played(repo, MILLION_FRAMES, &million))?;
    let mut hours = Vec::new();
    for (session, about, limit) in HOURS {
        let folder = repo.path(RECORDINGS).join(session);
        if !folder.is_dir() {
            bail!("the recordings are missing: put them into {RECORDINGS} beside the repository");
        }
        let file = repo.target(&format!("bench-{session}.rollscope"));
        shell::step(&format!("repeat {session} for an hour"), || {
            let mut command = example(repo, "reconstruct_speed");
            command.arg(&folder).arg("60").arg(&file);
            shell::run(&mut command, "see the message above")
        })?;
        hours.push(json!({ "file": file, "about": about, "limit": limit }));
    }
    let measured = browsers(options).try_for_each(|browser| {
        let plan = json!({
            "browser": browser.name(),
            "arenaRoot": repo.path("dist/arena"),
            "capture": capture,
            "million": million,
            "hours": hours,
        });
        let table = shell::step(&format!("measure the panel in {}", browser.name()), || {
            in_browser(repo, &plan)
        })?;
        println!("{table}");
        write_section(repo, section(browser), &table)
    });
    // They take gigabytes.
    for file in hours.iter().filter_map(|hour| hour["file"].as_str()) {
        fs::remove_file(file).with_context(|| format!("cannot remove {file}"))?;
    }
    fs::remove_file(&million).with_context(|| format!("cannot remove {}", million.display()))?;
    measured?;
    println!("written to {PAGE}");
    Ok(())
}

/// Runs the script that drives one browser; what it prints.
fn in_browser(repo: &Repo, plan: &Value) -> anyhow::Result<String> {
    let output = Command::new("node")
        .arg(repo.path(SCRIPT))
        .arg(plan.to_string())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("node did not start")?;
    if !output.status.success() {
        bail!("{SCRIPT} ended with {}: see its message above", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Plays so many frames of two peers into a file.
fn played(repo: &Repo, frames: &str, file: &Path) -> anyhow::Result<()> {
    let mut command = example(repo, "panel_capture");
    command.arg(frames).arg(file);
    shell::run(&mut command, "see the message above")
}

fn example(repo: &Repo, name: &str) -> Command {
    let mut command = shell::cargo(repo.root());
    command.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "rollscope",
        "--example",
        name,
        "--",
    ]);
    command
}
