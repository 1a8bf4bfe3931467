//! The same measuring programs in wasm: built for WASI and run by Node, with files and a clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::shell;

/// The target whose programs Node runs with files and a clock.
const TARGET: &str = "wasm32-wasip1";

/// The profile of the wasm that ships (`cargo xtask build`).
const PROFILE: &str = "wasm";

/// Runs a WASI program in Node and prints the processor time of the whole process after its last line
/// of output. It ends there: Node 20 may fall over when it takes down a module with much memory.
const DRIVER: &str = r#"
import { readFileSync, writeSync } from 'node:fs';
import { WASI } from 'node:wasi';
const [, , program, lines, preopens, ...args] = process.argv;
const wasi = new WASI({ version: 'preview1', args: [program, ...args], preopens: JSON.parse(preopens) });
const imports = wasi.getImportObject();
const calls = imports.wasi_snapshot_preview1;
const write = calls.fd_write;
let printed = 0;
calls.fd_write = (file, ...rest) => {
  const result = write(file, ...rest);
  if (file !== 1 || ++printed < Number(lines)) return result;
  const { user, system } = process.cpuUsage();
  writeSync(1, `${(user + system) / 1e6}\n`);
  process.reallyExit(0);
};
const { instance } = await WebAssembly.instantiate(readFileSync(program), imports);
wasi.start(instance);
"#;

/// Builds an example of the core for WASI and returns its program.
///
/// # Errors
///
/// When the target cannot be installed or the example does not build.
pub(super) fn build(repo: &Repo, example: &str) -> anyhow::Result<PathBuf> {
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    shell::run(&mut rustup, "install rustup, or the target by your system's means")?;
    let mut command = shell::cargo(repo.root());
    command.args(["build", "--quiet", "--profile", PROFILE, "--target", TARGET]);
    command.args(["--package", "rollscope", "--example", example]);
    shell::run(&mut command, "see the compiler's message above")?;
    Ok(repo.target(TARGET).join(format!("{PROFILE}/examples/{example}.wasm")))
}

/// How a program is run.
pub(super) struct Run<'a> {
    /// The program.
    pub(super) program: &'a Path,
    /// Lines that it prints.
    pub(super) lines: u32,
    /// Folders that it sees, by the name that it sees.
    pub(super) folders: &'a [(&'a str, &'a Path)],
    /// Its arguments.
    pub(super) args: &'a [&'a str],
}

/// Runs a program and returns its lines, and after them the seconds of processor time.
///
/// # Errors
///
/// When node does not start or the program fails.
pub(super) fn run(repo: &Repo, run: &Run<'_>) -> anyhow::Result<String> {
    let driver = repo.target("wasi-bench.mjs");
    fs::write(&driver, DRIVER).context("the driver script cannot be written")?;
    let folders: serde_json::Map<String, serde_json::Value> = run
        .folders
        .iter()
        .map(|(name, folder)| ((*name).to_owned(), folder.to_string_lossy().into()))
        .collect();
    let output = Command::new("node")
        .arg("--no-warnings")
        .arg(&driver)
        .arg(run.program)
        .arg(run.lines.to_string())
        .arg(serde_json::Value::Object(folders).to_string())
        .args(run.args)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("node did not start")?;
    if !output.status.success() {
        bail!("the benchmark in wasm ended with {}: see its message above", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
