//! Puts the tests of the panel's elements and signals where the arena's server finds them:
//! `dist/arena/elements`, run by `tests/e2e/specs/elements.test.mjs` in both browsers.

use std::fs;

use anyhow::Context;

use crate::build::{DEMO, UI};
use crate::repo::Repo;
use crate::{bind, build, shell};

/// The example of the panel's package that holds them (`ui/tests/elements`).
const NAME: &str = "elements";

/// Compiles and binds them; `dist/arena` is built before.
///
/// # Errors
///
/// When they do not compile.
pub(crate) fn build(repo: &Repo) -> anyhow::Result<()> {
    // With the packages and options of the panel's own build, so that Leptos is not compiled again.
    let mut cargo = shell::cargo(repo.root());
    cargo.args(["build", "--example", NAME, "-p", UI.0, "-p", DEMO.0, "-p", build::RUNTIME]);
    shell::run(cargo.args(build::WASM), "see the compiler's message above")?;
    let out = repo.path("dist/arena").join(NAME);
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let wasm = repo.target("wasm32-unknown-unknown/wasm/examples").join(format!("{NAME}.wasm"));
    bind::for_pages(&wasm, NAME, &out)
}
