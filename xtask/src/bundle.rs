//! Puts built and plain files together: `dist/rollscope` (the extension, a mirror of the
//! repository's folders) and `dist/arena` (what the arena's server serves).

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::build::{DEMO, UI};
use crate::repo::Repo;
use crate::{npm, shell, stylesheet};

/// Files of `extension/` that serve people and tools, not browsers.
const NOT_SHIPPED: [&str; 4] = [".d.ts", ".md", "jsconfig.json", "standalone.js"];

/// What the arena's pages load of other people's: place in `demo/node_modules`, place in `vendor`.
const VENDOR: [(&str, &str); 6] = [
    ("socket.io-client/dist/socket.io.esm.min.js", "socket.io.esm.min.js"),
    ("pyodide/pyodide.mjs", "pyodide/pyodide.mjs"),
    ("pyodide/pyodide.asm.mjs", "pyodide/pyodide.asm.mjs"),
    ("pyodide/pyodide.asm.wasm", "pyodide/pyodide.asm.wasm"),
    ("pyodide/pyodide-lock.json", "pyodide/pyodide-lock.json"),
    ("pyodide/python_stdlib.zip", "pyodide/python_stdlib.zip"),
];

/// What the panel loads before it can be used.
const FIRST: [&str; 3] = [
    "dist/rollscope/ui/rollscope_ui_bg.wasm",
    "dist/rollscope/ui/rollscope_ui.js",
    "dist/rollscope/ui/rollscope.css",
];

/// What it loads beside that: everything that reads a capture and shows one.
const SECOND: &str = "dist/rollscope/ui/rollscope_ui_analysis.wasm";

/// What is built of the arena.
const ARENA: [&str; 2] = ["dist/arena/rollscope_demo_bg.wasm", "dist/arena/rollscope_demo.js"];

/// What the files may have, compressed, that opening the panel waits for.
const FIRST_GZIP_BYTES: usize = 400_000;

/// What all of the panel's files may have together, compressed: what they have now and about 2 % more.
const PANEL_GZIP_BYTES: usize = 625_000;

/// Assembles both folders anew from the repository and from `bound`, the bound wasm modules.
///
/// # Errors
///
/// When a part is missing or a file cannot be written.
pub(crate) fn assemble(repo: &Repo, bound: &Path) -> anyhow::Result<()> {
    let extension = repo.path("dist/rollscope");
    empty(&extension)?;
    copy(&repo.path("manifest.json"), &extension.join("manifest.json"))?;
    copy_shipped(&repo.path("extension"), &extension.join("extension"))?;
    write(&extension.join("extension/relay.js"), relay(repo)?.as_bytes())?;
    copy_module(bound, UI.1, &extension.join("ui"))?;
    let analysis = format!("{}_analysis.wasm", UI.1);
    copy(&bound.join(UI.1).join(&analysis), &extension.join("ui").join(&analysis))?;
    let css = styles(repo)?;
    write(&extension.join("ui/rollscope.css"), css.as_bytes())?;

    write(&repo.path("dist/rollscope-hook.js"), standalone_hook(repo)?.as_bytes())?;

    let arena = repo.path("dist/arena");
    empty(&arena)?;
    copy_shipped(&repo.path("demo/web"), &arena)?;
    copy_module(bound, DEMO.1, &arena)?;
    copy_shipped(&repo.path("runtime/js"), &arena.join("runtime"))?;
    for (from, to) in VENDOR {
        copy(&repo.path("demo/node_modules").join(from), &arena.join("vendor").join(to))?;
    }
    // The example in the npm folder is played on the arena's server.
    copy_shipped(&repo.path(npm::FOLDER), &arena.join("npm"))?;
    // The panel as an ordinary page: the same files under the same relative addresses.
    for folder in ["extension", "ui"] {
        copy_shipped(&extension.join(folder), &arena.join("panel").join(folder))?;
    }
    Ok(())
}

/// The hook as one script: the files of the MAIN world in the order of the manifest, with
/// `standalone.js` in the place of `start.js`.
fn standalone_hook(repo: &Repo) -> anyhow::Result<String> {
    let text =
        fs::read_to_string(repo.path("manifest.json")).context("manifest.json is missing")?;
    let manifest: serde_json::Value = serde_json::from_str(&text)?;
    let scripts = manifest.get("content_scripts").and_then(|scripts| scripts.as_array());
    let main_world = scripts
        .into_iter()
        .flatten()
        .find(|script| script.get("world").and_then(serde_json::Value::as_str) == Some("MAIN"));
    let files = main_world.and_then(|script| script.get("js")).and_then(|files| files.as_array());
    let files = files.context("manifest.json names no scripts of the MAIN world")?;
    let mut script = format!(
        "// Rollscope {}: the hook without the extension. MIT or Apache-2.0. docs/standalone.md\n",
        env!("CARGO_PKG_VERSION")
    );
    for file in files.iter().filter_map(serde_json::Value::as_str) {
        let file = file.replace("start.js", "standalone.js");
        let part =
            fs::read_to_string(repo.path(&file)).with_context(|| format!("{file} is missing"))?;
        script.push_str(&format!("// {file}\n{part}"));
    }
    Ok(script)
}

/// The relay with the parts that it shares with the hook in front of it. Chromium runs a file once
/// in a frame, even when two worlds ask for it, so the relay cannot name the hook's files.
fn relay(repo: &Repo) -> anyhow::Result<String> {
    let mut script = String::new();
    for file in ["builtins.js", "base64.js", "gaps.js", "relay.js"] {
        let path = repo.path("extension").join(file);
        let part = fs::read_to_string(&path).with_context(|| format!("{file} is missing"))?;
        script.push_str(&part);
    }
    Ok(script)
}

/// One style sheet, minified, of all `ui/**/*.css`: shallow folders first, then by path. So `ui/css/…` or
/// `ui/tokens.css` come before a component's own file in `ui/src/…/`, which may refine them.
fn styles(repo: &Repo) -> anyhow::Result<String> {
    let root = repo.path("ui");
    let mut sheets: Vec<PathBuf> = shell::files_under(&root, &["node_modules"])?;
    sheets.retain(|path| path.extension().is_some_and(|e| e == "css"));
    sheets.sort_by_key(|path| (path.components().count(), path.clone()));
    let mut text = String::new();
    for sheet in sheets {
        let name = sheet.strip_prefix(repo.root()).unwrap_or(&sheet).display();
        let css = fs::read_to_string(&sheet).with_context(|| format!("{name} cannot be read"))?;
        text.push_str(&css);
        text.push('\n');
    }
    Ok(stylesheet::minified(&text))
}

/// Prints the sizes of what a browser loads, as they are and compressed, and holds the panel's against
/// its limit.
///
/// # Errors
///
/// When a file of `dist/` cannot be read, or the panel has grown over the limit.
pub(crate) fn print_sizes(repo: &Repo) -> anyhow::Result<()> {
    println!("{:<42} {:>10} {:>10}", "bundle", "bytes", "gzip");
    let mut first = 0;
    for file in FIRST {
        first += print_size(repo, file)?;
    }
    let panel = first + print_size(repo, SECOND)?;
    for file in ARENA {
        print_size(repo, file)?;
    }
    for (name, limit, bytes) in
        [("opening the panel", FIRST_GZIP_BYTES, first), ("the panel", PANEL_GZIP_BYTES, panel)]
    {
        println!("{:<42} {limit:>10} {bytes:>10}", format!("{name}, of at most"));
        if bytes > limit {
            bail!(
                "{name} takes {bytes} bytes compressed, {limit} are the most: find what grew, or say in \
                 docs/measurements.md what the new bytes are worth and raise the limit in xtask/src/bundle.rs"
            );
        }
    }
    Ok(())
}

/// Prints one line and returns the file's compressed size in bytes.
fn print_size(repo: &Repo, file: &str) -> anyhow::Result<usize> {
    let bytes = fs::read(repo.path(file)).with_context(|| format!("{file} cannot be read"))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
    gzip.write_all(&bytes)?;
    let compressed = gzip.finish()?.len();
    println!("{file:<42} {:>10} {compressed:>10}", bytes.len());
    Ok(compressed)
}

pub(crate) fn empty(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

fn copy_module(bound: &Path, stem: &str, to: &Path) -> anyhow::Result<()> {
    let from = bound.join(stem);
    for name in [format!("{stem}.js"), format!("{stem}_bg.wasm")] {
        copy(&from.join(&name), &to.join(&name))?;
    }
    // Scripts that a crate brings along by `#[wasm_bindgen(module = …)]`.
    let snippets = from.join("snippets");
    if snippets.is_dir() { copy_shipped(&snippets, &to.join("snippets")) } else { Ok(()) }
}

pub(crate) fn copy_shipped(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() {
        bail!("the folder {} is missing: restore it from git", from.display());
    }
    for file in shell::files_under(from, &["node_modules"])? {
        let name = file.strip_prefix(from)?;
        let is_shipped = !NOT_SHIPPED.iter().any(|end| name.to_string_lossy().ends_with(end));
        if is_shipped {
            copy(&file, &to.join(name))?;
        }
    }
    Ok(())
}

pub(crate) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
    write(to, &bytes)
}

fn write(to: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))
}
