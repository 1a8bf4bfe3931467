//! The panel in two parts: one wasm module in, two out, which share memory, table and globals.
//!
//! A browser shows the first part while the second is on its way; the second is instantiated with the first one's
//! exports. A call from the first part into the second goes by the table, where the second part's functions stand once
//! it is there. `facts` reads what the linker knew, `parts` says what stands where, `plan` what
//! both modules are written by, `first` and `second` write them.

mod facts;
mod first;
mod parts;
mod plan;
mod second;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use anyhow::Context;

/// The two modules.
#[derive(Debug)]
pub(crate) struct Halves {
    /// Has all imports and exports of the whole one, and exports what the second needs.
    pub(crate) first: Vec<u8>,
    /// Imports everything from the first, as the module [`IMPORTED_FROM`].
    pub(crate) second: Vec<u8>,
}

/// Under this name the second part asks for what the first one exports.
pub(crate) const IMPORTED_FROM: &str = "first";

/// Where the second part of the panel begins: functions of these modules, and what only they need. `ui/src/store.rs`
/// and `ui/src/app.rs` see to it that none of them is called before.
const GATES: [&str; 3] =
    ["rollscope_ui::analysed::", "rollscope_ui::shown::", "rollscope_ui::decode::"];

/// Cuts the panel. `linked` is the module as it was linked; `bound` the same after binding, with its names.
///
/// # Errors
///
/// When one of them cannot be read, or is not of the form that it has since Rust 1.88 and wasm-bindgen 0.2.
pub(crate) fn panel(linked: &Path, bound: &Path) -> anyhow::Result<Halves> {
    let read =
        |path: &Path| fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
    in_two(&read(linked)?, &read(bound)?, is_gate).context("the panel cannot be cut in two")
}

fn in_two(linked: &[u8], bound: &[u8], is_gate: impl Fn(&str) -> bool) -> anyhow::Result<Halves> {
    let facts = facts::read(linked)?;
    let module = parts::Bound::read(bound)?;
    let parts = parts::cut(&module, &facts, is_gate)?;
    plan::halves(bound, &module, &parts, &facts)
}

/// Whether a mangled name is that of a function in one of the modules.
fn is_gate(name: &str) -> bool {
    GATES.iter().any(|gate| name.starts_with(&mangled(gate)))
}

/// How names begin that the compiler makes for functions of a module.
fn mangled(path: &str) -> String {
    let parts = path.split("::").filter(|part| !part.is_empty());
    let parts: String = parts.map(|part| format!("{}{part}", part.len())).collect();
    format!("_ZN{parts}")
}
