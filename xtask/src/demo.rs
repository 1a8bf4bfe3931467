//! `demo`: builds everything, plays the arena in a real browser, and shows or keeps the session.

use std::env;
use std::fs;
use std::process::Command;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::repo::Repo;
use crate::{build, setup, shell};

/// Options of `cargo xtask demo`.
#[derive(Args)]
pub(crate) struct Options {
    /// How long to play; without it 20 s headless, and until the browser is closed on a display.
    #[arg(long, value_name = "N")]
    seconds: Option<u32>,
    /// Play without a window even where there is a display, and write the session into out/.
    #[arg(long)]
    headless: bool,
    /// The browser to play in.
    #[arg(long, value_enum, default_value_t = Browser::Chromium)]
    browser: Browser,
    /// One-way delay of the simulated link, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 80)]
    latency_ms: u32,
    /// Most that a packet may be late beyond that, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 30)]
    jitter_ms: u32,
    /// Share of packets that the link loses: `5%` or `0.05`.
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = parse_share)]
    loss: f64,
    /// Frames between reading a local input and the frame that it applies to.
    #[arg(long, value_name = "FRAMES", default_value_t = 2)]
    input_delay: u32,
    /// What the recorded page does wrong: names of the switches of docs/truth.md, with commas between
    /// them, for instance `drop-rollback`.
    #[arg(long, value_name = "NAMES", default_value = "")]
    fault: String,
    /// The frame from which faults are at work.
    #[arg(long, value_name = "FRAME", default_value_t = 300)]
    from: u32,
    /// Port of the arena's server; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// A browser that the tests can drive.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    /// The name that the drivers of `tests/e2e` go by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }
}

/// Seconds that a session without a display lasts, by the plan of the demo.
const HEADLESS_SECONDS: u32 = 20;

/// Plays the arena.
///
/// # Errors
///
/// When something cannot be built or driven, or the session found is empty.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    setup::everything(repo)?;
    build::run(repo)?;
    build::native_programs(repo)?;
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|v| !v.is_empty()));
    let is_headless = options.headless || !has_display;
    let out = repo.path("out");
    fs::create_dir_all(&out).context("cannot make out/")?;
    let plan = json!({
        "browser": options.browser.name(),
        "headless": is_headless,
        "seconds": if is_headless { Some(options.seconds.unwrap_or(HEADLESS_SECONDS)) } else { options.seconds },
        "latencyMs": options.latency_ms,
        "jitterMs": options.jitter_ms,
        "loss": options.loss,
        "inputDelay": options.input_delay,
        "fault": options.fault,
        "from": options.from,
        "port": options.port,
        "arena": repo.program("arena"),
        "arenaRoot": repo.path("dist/arena"),
        "extension": repo.path("dist/rollscope"),
        "out": out,
    });
    let what =
        if is_headless { "play without a display" } else { "play until the browser is closed" };
    shell::step(what, || {
        shell::run(
            Command::new("node").arg(repo.path("tests/e2e/demo.mjs")).arg(plan.to_string()),
            "see the message above",
        )
    })?;
    if is_headless { print_verdict(repo) } else { Ok(()) }
}

/// Lets the command line judge the capture file that the panel wrote: a second opinion on the panel.
fn print_verdict(repo: &Repo) -> anyhow::Result<()> {
    println!();
    let status = Command::new(repo.program("rollscope"))
        .arg("check")
        .arg(repo.path("out/session.rollscope"))
        .status()
        .context("the rollscope command did not start: run `cargo build -p rollscope-cli`")?;
    println!(
        "written to out/: report.json report.html session.rollscope devtools.png engine-log.jsonl"
    );
    // Small codes are verdicts (`VerdictKind::exit_code`), and no verdict is a failure of the demo;
    // from 64 on, as in sysexits.h, the file could not be judged.
    match status.code() {
        Some(0..=63) => Ok(()),
        _ => bail!(
            "`rollscope check out/session.rollscope` ended with {status}: see its message above"
        ),
    }
}

/// A share given as a fraction (`0.05`) or in percent (`5%`).
fn parse_share(text: &str) -> Result<f64, String> {
    let (digits, unit) = text.strip_suffix('%').map_or((text, 1.0), |percent| (percent, 100.0));
    let share = digits.trim().parse::<f64>().map_err(|error| error.to_string())? / unit;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(format!("{text} is not between 0 and 1: write 5% or 0.05"))
    }
}

#[cfg(test)]
mod tests {
    use super::parse_share;

    #[test]
    fn a_share_is_a_fraction_or_percent() {
        assert_eq!(parse_share("0.05"), Ok(0.05));
        assert_eq!(parse_share("5%"), Ok(0.05));
        assert_eq!(parse_share("0"), Ok(0.0));
        assert!(parse_share("5").is_err());
        assert!(parse_share("-1%").is_err());
        assert!(parse_share("many").is_err());
    }
}
