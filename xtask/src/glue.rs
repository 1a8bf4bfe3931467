//! wasm-bindgen's script and its module with fewer bytes between them: short names, and nothing that only people read.
//!
//! Each import of the module has a name with a hash in it, which no compression shortens and which stands in both:
//! 4 KB of the panel. Text and bytes in, text and bytes out.

use std::convert::Infallible;

use anyhow::bail;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ImportSection, Module};
use wasmparser::{Import, Imports, Parser};

/// A script and the module that it loads.
#[derive(Debug)]
pub(crate) struct Small {
    pub(crate) script: String,
    pub(crate) module: Vec<u8>,
}

/// The same pair, smaller.
///
/// # Errors
///
/// When `module` is none, or the script does not give each of its imports once.
pub(crate) fn small(script: &str, module: &[u8]) -> anyhow::Result<Small> {
    let (mut renaming, mut out) = (Renaming::default(), Module::new());
    renaming.parse_core_module(&mut out, Parser::new(0), module)?;
    let mut script = bare(script);
    for (long, short) in &renaming.names {
        let given = format!("\n{long}: ");
        if script.matches(&given).count() != 1 {
            bail!("the script does not give {long} once: has wasm-bindgen changed what it writes?");
        }
        script = script.replace(&given, &format!("\n{short}: "));
    }
    Ok(Small { script, module: out.finish() })
}

/// Without indentation, empty lines and lines of comment. wasm-bindgen writes no text over several lines.
fn bare(script: &str) -> String {
    let is_comment =
        |line: &str| ["//", "/*", "* ", "*/"].iter().any(|mark| line.starts_with(mark));
    let lines = script.lines().map(str::trim);
    let mut bare = String::with_capacity(script.len());
    for line in lines.filter(|line| !line.is_empty() && !is_comment(line)) {
        bare.push_str(line);
        bare.push('\n');
    }
    bare
}

/// Copies a module with other names for what it imports.
#[derive(Default)]
struct Renaming {
    /// Each import's name, and its new one.
    names: Vec<(String, String)>,
}

impl Reencode for Renaming {
    type Error = Infallible;

    fn parse_imports(
        &mut self,
        section: &mut ImportSection,
        imports: Imports<'_>,
    ) -> Result<(), Error<Infallible>> {
        for import in imports {
            let (_, import) = import?;
            let short = format!("i{:x}", self.names.len());
            let renamed = Import { name: &short, ..import };
            utils::parse_imports(self, section, Imports::Single(0, renamed))?;
            self.names.push((import.name.to_owned(), short));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{EntityType, TypeSection};
    use wasmparser::{Payload, Validator};

    use super::*;

    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        for name in ["__wbg_call_0a1b", "__wbg_call_0a1b2c"] {
            imports.import("./panel_bg.js", name, EntityType::Function(0));
        }
        let mut module = Module::new();
        module.section(&types).section(&imports);
        module.finish()
    }

    #[test]
    fn script_and_module_agree_on_the_short_names() {
        let script = "/**\n * @returns {any}\n */\nconst given = {\n    __wbg_call_0a1b: () => a * b, // both\n\n    \
                      // why\n    __wbg_call_0a1b2c: () => 2,\n};\n";
        let small = small(script, &module()).unwrap();
        assert_eq!(small.script, "const given = {\ni0: () => a * b, // both\ni1: () => 2,\n};\n");
        Validator::new().validate_all(&small.module).unwrap();
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(&small.module) {
            if let Payload::ImportSection(imports) = payload.unwrap() {
                names.extend(imports.into_imports().map(|import| import.unwrap().name.to_owned()));
            }
        }
        assert_eq!(names, ["i0", "i1"]);
    }

    #[test]
    fn a_script_that_gives_an_import_twice_or_not_at_all_is_refused() {
        for script in
            ["", "__wbg_call_0a1b: 1,\n", "x;\n__wbg_call_0a1b: 1,\n__wbg_call_0a1b: 2,\n"]
        {
            let error = small(script, &module()).unwrap_err();
            assert!(error.to_string().contains("__wbg_call_0a1b"), "{error}");
        }
    }
}
