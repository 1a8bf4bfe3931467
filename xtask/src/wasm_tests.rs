//! Runs `#[wasm_bindgen_test]` tests under Node.
//!
//! wasm-bindgen's own runner costs about 40 s of compilation for servers and drivers that are not
//! used here, so this binds the test module as the runner does and drives its exports from a
//! script of a few lines. The names of those exports are internal to wasm-bindgen-test: a new
//! version of it may ask for changes in `DRIVER`, and nowhere else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::{bind, setup, shell};

/// Packages whose `tests/wasm.rs` is run.
const TESTED: [&str; 1] = ["rollscope"];

/// Runs in Node beside the bound module; ends with code 1 when a test fails or none exists.
const DRIVER: &str = r#"
const handlers = {};
for (const method of ["debug", "log", "info", "warn", "error"]) {
  const original = console[method];
  // Output of a test is captured by its context, which prints it when the test fails.
  console[method] = (...args) => handlers[method]?.(args) ?? undefined;
  if (method === "log") globalThis.__wbgtest_og_console_log = original;
  if (method === "error") globalThis.__wbgtest_og_console_error = original;
}
globalThis.__wbg_test_invoke = (f) => f();
const wasm = require("./tests.js");
const context = new wasm.WasmBindgenTestContext(false);
for (const method of ["debug", "log", "info", "warn", "error"]) {
  handlers[method] = wasm[`__wbgtest_console_${method}`];
}
context.include_ignored(false);
context.filtered_count(0);
const names = Object.keys(wasm.__wasm).filter((name) => name.startsWith("__wbgt_")).sort();
if (names.length === 0) {
  globalThis.__wbgtest_og_console_error("the module holds no #[wasm_bindgen_test]");
  process.exit(1);
}
context.run(names.map((name) => wasm.__wasm[name])).then(
  (ok) => process.exit(ok ? 0 : 1),
  (error) => {
    globalThis.__wbgtest_og_console_error(error);
    process.exit(1);
  },
);
"#;

/// Compiles, binds and runs the wasm tests.
///
/// # Errors
///
/// When they do not compile or one fails.
pub(crate) fn run(repo: &Repo) -> anyhow::Result<()> {
    setup::wasm_target()?;
    setup::node()?;
    for package in TESTED {
        let wasm = compile(repo, package)?;
        let folder = repo.target("rollscope-bound").join(format!("tests-{package}"));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        bind::for_node_tests(&wasm, "tests", &folder)?;
        let driver = folder.join("run.cjs");
        fs::write(&driver, DRIVER).context("the driver script cannot be written")?;
        shell::run(Command::new("node").arg(&driver), "see the failed test above")?;
    }
    Ok(())
}

/// Compiles `tests/wasm.rs` of `package`; returns the path of its module.
fn compile(repo: &Repo, package: &str) -> anyhow::Result<PathBuf> {
    let output = shell::cargo(repo.root())
        .args(["test", "--no-run", "--target", "wasm32-unknown-unknown"])
        .args(["-p", package, "--test", "wasm", "--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo did not start")?;
    if !output.status.success() {
        bail!("the wasm tests of {package} do not compile: see the compiler's message above");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().rev().find_map(executable).with_context(|| {
        format!("cargo named no test module of {package}: is tests/wasm.rs there?")
    })
}

/// The file that a line of cargo's JSON messages says was built, when it is a wasm module.
fn executable(line: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let path = Path::new(message.get("executable")?.as_str()?);
    path.extension().is_some_and(|e| e == "wasm").then(|| path.to_path_buf())
}
