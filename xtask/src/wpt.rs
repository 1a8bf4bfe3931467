//! `wpt`: pages of web-platform-tests in a browser with the hook and in one without it.
//!
//! The suite is not part of the repository: a checkout of it is named. Its own servers are not needed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use crate::demo::Browser;
use crate::repo::Repo;
use crate::{build, setup, shell};

/// Options of `cargo xtask wpt`.
#[derive(Args)]
pub(crate) struct Options {
    /// Folder of web-platform-tests, with at least `resources` and what is run.
    #[arg(long, value_name = "DIR")]
    checkout: PathBuf,
    /// Beginnings of paths in the checkout.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "PATHS",
        default_value = "workers/,webrtc/RTCDataChannel,websockets/"
    )]
    only: Vec<String>,
    /// The browser to run them in.
    #[arg(long, value_enum, default_value_t = Browser::Chromium)]
    browser: Browser,
}

/// Runs the pages and prints a table.
///
/// # Errors
///
/// When a test passes without the hook and fails with it, or the checkout is not there.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    let checkout = repo.root().join(&options.checkout);
    if !checkout.join("resources/testharness.js").is_file() {
        bail!("{} holds no resources/testharness.js: name a checkout of it", checkout.display());
    }
    setup::everything(repo)?;
    build::run(repo)?;
    build::native_programs(repo)?;
    let plan = json!({
        "browser": options.browser.name(),
        "checkout": checkout,
        "only": options.only,
        "arena": repo.program("arena"),
        "arenaRoot": repo.path("dist/arena"),
        "hook": repo.path("dist/rollscope-hook.js"),
    });
    shell::step("run web-platform-tests with and without the hook", || {
        shell::run(
            Command::new("node").arg(repo.path("tests/e2e/wpt.mjs")).arg(plan.to_string()),
            "a test that passes only without the hook shows what a page can notice of it",
        )
    })
}
