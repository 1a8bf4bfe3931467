//! `build`: compiles what runs in browsers and on the host, then assembles `dist/`.

use std::fs;

use anyhow::Context;

use crate::repo::Repo;
use crate::{bind, bundle, npm, setup, shell};

/// The two wasm modules: package, file stem of its library.
pub(crate) const UI: (&str, &str) = ("rollscope-ui", "rollscope_ui");
pub(crate) const DEMO: (&str, &str) = ("rollscope-demo", "rollscope_demo");

/// How LLVM compiles for wasm32. What asks to be inlined (much of the standard library does) is only where
/// it is hardly longer than the call: the panel is 21 KB smaller by it, compressed, and reads as fast (docs/measurements.md).
const SHORT_INLINES: &str =
    "target.wasm32-unknown-unknown.rustflags = ['-C', 'llvm-args=-inlinehint-threshold=50']";

/// How cargo is asked for a module for browsers.
pub(crate) const WASM: [&str; 6] =
    ["--profile", "wasm", "--config", SHORT_INLINES, "--target", "wasm32-unknown-unknown"];

/// The package of the module for npm.
pub(crate) const RUNTIME: &str = "rollscope-runtime";

/// Builds the extension into `dist/rollscope`, the arena into `dist/arena` and the runtime for npm
/// into `dist/npm/rollscope-runtime`.
///
/// # Errors
///
/// When something does not compile, or the extension's files are not all there.
pub(crate) fn run(repo: &Repo) -> anyhow::Result<()> {
    setup::wasm_target()?;
    setup::arena_pages(repo)?;
    shell::step("compile the panel and the arena for wasm32", || compile_wasm(repo))?;
    let bound = repo.target("rollscope-bound");
    shell::step("bind them for pages", || {
        for (_, stem) in [UI, DEMO] {
            let wasm = repo.target(&format!("wasm32-unknown-unknown/wasm/{stem}.wasm"));
            let out = bound.join(stem);
            fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
            if stem == UI.1 {
                bind::for_panel(&wasm, stem, &out)?;
            } else {
                bind::for_pages(&wasm, stem, &out)?;
            }
        }
        bind::check_glue(&bound.join(UI.1).join(format!("{}.js", UI.1)))
    })?;
    shell::step("build dist/npm/rollscope-runtime", || npm::assemble(repo))?;
    shell::step("assemble dist/rollscope and dist/arena", || bundle::assemble(repo, &bound))?;
    bundle::print_sizes(repo)
}

/// Builds the native programs that the demo and the browser tests run: arena server and `rollscope`.
///
/// # Errors
///
/// When one does not compile.
pub(crate) fn native_programs(repo: &Repo) -> anyhow::Result<()> {
    shell::step("compile the arena's server and the rollscope command", || {
        shell::run(
            shell::cargo(repo.root()).args([
                "build",
                "-p",
                "rollscope-demo",
                "--bin",
                "arena",
                "-p",
                "rollscope-cli",
                "--bin",
                "rollscope",
            ]),
            "see the compiler's message above",
        )
    })
}

fn compile_wasm(repo: &Repo) -> anyhow::Result<()> {
    shell::run(
        shell::cargo(repo.root())
            .args(["build", "--lib", "-p", UI.0, "-p", DEMO.0, "-p", RUNTIME])
            .args(WASM),
        "see the compiler's message above",
    )
}
