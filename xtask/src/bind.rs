//! Turns compiled wasm into a module that a page can import, with wasm-bindgen as a library.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{functions, glue, split};

/// Binds `wasm` for pages: writes `<name>.js` and `<name>_bg.wasm` into `out_dir`.
///
/// # Errors
///
/// When `wasm` was compiled with another wasm-bindgen than this program's, or cannot be read.
pub(crate) fn for_pages(wasm: &Path, name: &str, out_dir: &Path) -> anyhow::Result<()> {
    for_web(wasm, name)?
        .typescript(false)
        .remove_name_section(true)
        .generate(out_dir)
        .with_context(|| {
            format!("binding {name} failed: is wasm-bindgen in Cargo.toml the version of xtask's wasm-bindgen-cli-support?")
        })?;
    functions::place_alike(&out_dir.join(format!("{name}_bg.wasm")))
}

/// Binds the panel in two parts: `<name>.js`, `<name>_bg.wasm` and `<name>_analysis.wasm`.
///
/// # Errors
///
/// As [`for_pages`], and when the module cannot be cut.
pub(crate) fn for_panel(wasm: &Path, name: &str, out_dir: &Path) -> anyhow::Result<()> {
    for_web(wasm, name)?
        .typescript(false)
        // The parts are told apart by the functions' names, which are dropped then.
        .demangle(false)
        .generate(out_dir)
        .with_context(|| format!("binding {name} failed"))?;
    let first = out_dir.join(format!("{name}_bg.wasm"));
    let second = out_dir.join(format!("{name}_analysis.wasm"));
    check_doubles(&first)?;
    let halves = split::panel(wasm, &first)?;
    let script = out_dir.join(format!("{name}.js"));
    let text = fs::read_to_string(&script)
        .with_context(|| format!("{} cannot be read", script.display()))?;
    let small = glue::small(&text, &halves.first)?;
    fs::write(&script, small.script)
        .with_context(|| format!("cannot write {}", script.display()))?;
    for (file, module) in [(first, small.module), (second, halves.second)] {
        fs::write(&file, module).with_context(|| format!("cannot write {}", file.display()))?;
        functions::place_alike(&file)?;
    }
    Ok(())
}

/// Checks that a bound module, which still has its names, prints no double by the standard library: that prints any of
/// them in any form, and is 8 KB of the panel, compressed.
fn check_doubles(bound: &Path) -> anyhow::Result<()> {
    let name = b"flt2dec";
    let module = fs::read(bound).with_context(|| format!("{} cannot be read", bound.display()))?;
    if module.windows(name.len()).any(|found| found == name) {
        bail!(
            "the panel prints a double by the standard library: print it by rollscope::fixed, and keep f64::clamp away"
        );
    }
    Ok(())
}

/// Binds the runtime for bundlers' and pages' use, with its types.
///
/// # Errors
///
/// As [`for_pages`].
pub(crate) fn for_npm(wasm: &Path, name: &str, out_dir: &Path) -> anyhow::Result<()> {
    for_web(wasm, name)?
        .typescript(true)
        .remove_name_section(true)
        .generate(out_dir)
        .with_context(|| format!("binding {name} for npm failed"))?;
    functions::place_alike(&out_dir.join(format!("{name}_bg.wasm")))
}

/// What all modules for browsers have in common.
fn for_web(wasm: &Path, name: &str) -> anyhow::Result<Bindgen> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(name)
        .web(true)?
        // The module finds its wasm beside itself, in the extension and under any server path.
        .omit_default_module_path(false)
        .remove_producers_section(true);
    Ok(bindgen)
}

/// Binds a test module for Node: writes `<name>.js` (CommonJS) and `<name>_bg.wasm`.
///
/// # Errors
///
/// As [`for_pages`].
pub(crate) fn for_node_tests(wasm: &Path, name: &str, out_dir: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name(name)
        .nodejs(true)?
        .typescript(false)
        .debug(true)
        // The tests are plain exports, reached through `__wasm`.
        .export_wasm(true)
        .emit_start(false)
        .generate(out_dir)
        .with_context(|| format!("binding the tests of {name} for Node failed"))
}

/// Checks that generated glue never sets `innerHTML`: the extension stores' linter warns about it.
///
/// # Errors
///
/// When it does; the message says how to write the view instead.
pub(crate) fn check_glue(script: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(script)
        .with_context(|| format!("{} cannot be read", script.display()))?;
    if text.contains("innerHTML") {
        bail!(
            "{} uses innerHTML: write static texts in view! as expressions, `<h1>{{TITLE}}</h1>`",
            script.display()
        );
    }
    Ok(())
}
