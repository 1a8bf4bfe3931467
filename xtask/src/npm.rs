//! The runtime as a folder that npm could publish: wasm, JavaScript, TypeScript types, an example.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use crate::repo::Repo;
use crate::{bind, bundle};

/// Where the folder is put.
pub(crate) const FOLDER: &str = "dist/npm/rollscope-runtime";

/// Stem of the module.
const STEM: &str = "rollscope_runtime";

/// Binds the compiled runtime and assembles the folder.
///
/// # Errors
///
/// When it was not compiled or a file cannot be written.
pub(crate) fn assemble(repo: &Repo) -> anyhow::Result<()> {
    let folder = repo.path(FOLDER);
    bundle::empty(&folder)?;
    let wasm = repo.target(&format!("wasm32-unknown-unknown/wasm/{STEM}.wasm"));
    bind::for_npm(&wasm, STEM, &folder)?;
    bundle::copy_shipped(&repo.path("runtime/js"), &folder)?;
    bundle::copy(&repo.path("runtime/js/python.d.ts"), &folder.join("python.d.ts"))?;
    bundle::copy_shipped(&repo.path("runtime/example"), &folder.join("example"))?;
    bundle::copy(&repo.path("runtime/README.md"), &folder.join("README.md"))?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        bundle::copy(&repo.path(licence), &folder.join(licence))?;
    }
    write_manifest(&folder)
}

fn write_manifest(folder: &Path) -> anyhow::Result<()> {
    let manifest = json!({
        "name": "rollscope-runtime",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Rollback netcode for games between browsers: engine, WebRTC, relay, worker protocol.",
        "license": "MIT OR Apache-2.0",
        "type": "module",
        "main": format!("{STEM}.js"),
        "types": format!("{STEM}.d.ts"),
        "exports": {
            ".": {"types": format!("./{STEM}.d.ts"), "default": format!("./{STEM}.js")},
            "./python": {"types": "./python.d.ts", "default": "./python.js"},
            "./timer": "./timer.js",
            "./wasm": format!("./{STEM}_bg.wasm"),
        },
        "sideEffects": false,
        "peerDependencies": {"socket.io-client": "^4.8.0"},
        "peerDependenciesMeta": {"socket.io-client": {"optional": true}},
    });
    let text = format!("{}\n", serde_json::to_string_pretty(&manifest)?);
    fs::write(folder.join("package.json"), text).context("package.json cannot be written")
}
