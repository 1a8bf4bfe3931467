//! `screenshots`: pictures of the real panel and of the arena, for eyes and for the README.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::demo::Browser;
use crate::repo::Repo;
use crate::{build, setup, shell};

/// Options of `cargo xtask screenshots`.
#[derive(Args)]
pub(crate) struct Options {
    /// Capture file to show (of a recording, `rollscope convert` makes one), best one with a difference between two
    /// pages; given twice, both sides of one session.
    #[arg(long, value_name = "FILE", default_value = "out/session.rollscope")]
    capture: Vec<PathBuf>,
    /// Capture file of a session without a difference, for the pictures named `verified`; also twice for both sides.
    #[arg(long, value_name = "FILE")]
    clean: Vec<PathBuf>,
    /// Only the pictures whose names begin so, e.g. `--only state,empty` or `--only arena`; all of them without it.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    only: Vec<String>,
    /// The browser to take them in.
    #[arg(long, value_enum, default_value_t = Browser::Chromium)]
    browser: Browser,
    /// Seconds to play before the pictures of DevTools; 0 leaves these out.
    #[arg(long, default_value_t = 8)]
    seconds: u32,
}

/// Takes the pictures.
///
/// # Errors
///
/// When the capture file is missing or a browser cannot be driven.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    let found = |path: &PathBuf| {
        repo.root().join(path).canonicalize().with_context(|| {
            format!("{} is missing: make one with `cargo xtask demo --headless`", path.display())
        })
    };
    let all = |paths: &[PathBuf]| paths.iter().map(found).collect::<anyhow::Result<Vec<_>>>();
    // The arena's pages need no capture.
    let is_arena = |name: &String| name.starts_with("arena");
    let is_arena_alone = !options.only.is_empty() && options.only.iter().all(is_arena);
    let capture = if is_arena_alone { Vec::new() } else { all(&options.capture)? };
    let clean = all(&options.clean)?;
    setup::everything(repo)?;
    build::run(repo)?;
    build::native_programs(repo)?;
    let plan = json!({
        "browser": options.browser.name(),
        "seconds": options.seconds,
        "capture": capture,
        "clean": clean,
        "only": options.only,
        "arena": repo.program("arena"),
        "arenaRoot": repo.path("dist/arena"),
        "extension": repo.path("dist/rollscope"),
        "out": repo.path("out/screenshots"),
    });
    shell::step("take pictures into out/screenshots", || {
        shell::run(
            Command::new("node").arg(repo.path("tests/e2e/screenshots.mjs")).arg(plan.to_string()),
            "see the message above",
        )
    })
}
