//! The order of the functions in a bound wasm module: read, placed by `likeness`, written anew.
//!
//! Nothing but the order changes: every mention of a function is given its new number. On the panel,
//! compressed, the order that wasm-bindgen leaves (the largest first) costs an eighth of the module.

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use anyhow::Context;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, MemArg, Module};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef,
};

use crate::likeness;

/// Writes the module in `file` anew, with like functions beside each other.
///
/// # Errors
///
/// When `file` is no wasm module, or cannot be written.
pub(crate) fn place_alike(file: &Path) -> anyhow::Result<()> {
    let module = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let placed =
        placed_alike(&module).with_context(|| format!("{} is no module", file.display()))?;
    fs::write(file, placed).with_context(|| format!("cannot write {}", file.display()))
}

fn placed_alike(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut imported = 0;
    let mut bodies: Vec<&[u8]> = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    let order = likeness::order(&bodies);
    let mut places = vec![0; order.len()];
    for (place, index) in order.iter().enumerate() {
        if let Some(found) = places.get_mut(*index) {
            *found = u32::try_from(place)?;
        }
    }
    let mut out = Module::new();
    Renumbering { imported, order, places }.parse_core_module(&mut out, Parser::new(0), module)?;
    Ok(out.finish())
}

/// How a module says that something lies at a multiple of four bytes.
const FOUR_BYTES: u8 = 2;

/// Copies a module with its own functions in another order.
struct Renumbering {
    /// Functions that are imported; they come first and keep their numbers.
    imported: u32,
    /// The functions by their new places.
    order: Vec<usize>,
    /// The new place of each function.
    places: Vec<u32>,
}

impl Renumbering {
    fn in_order<T: Clone>(&self, items: &[T]) -> Vec<T> {
        self.order.iter().filter_map(|index| items.get(*index).cloned()).collect()
    }
}

impl Reencode for Renumbering {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        let own = function.checked_sub(self.imported).and_then(|own| usize::try_from(own).ok());
        let place = own.and_then(|own| self.places.get(own));
        Ok(place.map_or(function, |place| place + self.imported))
    }

    // Says of eight bytes what it says of four: it is only a hint, which the processors at hand make nothing of, and
    // which differs between loads that are alike otherwise.
    fn mem_arg(&mut self, arg: wasmparser::MemArg) -> Result<MemArg, Error<Infallible>> {
        let hint = wasmparser::MemArg { align: arg.align.min(FOUR_BYTES), ..arg };
        utils::mem_arg(self, hint)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
        for kind in self.in_order(&types) {
            functions.function(kind);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies = section.into_iter().collect::<Result<Vec<FunctionBody<'_>>, _>>()?;
        for body in self.in_order(&bodies) {
            self.parse_function_body(code, body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ExportKind, ExportSection, Function, MemorySection, MemoryType, TypeSection, ValType,
    };
    use wasmparser::{ExternalKind, Operator, Validator};

    use super::*;

    /// Functions that return these texts' characters in turn as a sum; the last calls the second.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I64]);
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for numbers in [[1; 9], [3; 9], [1; 9]] {
            functions.function(0);
            let mut body = Function::new([]);
            let mut sink = body.instructions();
            sink.i64_const(0);
            for number in numbers {
                sink.i64_const(number).i64_add();
            }
            sink.call(1).i64_add().end();
            code.function(&body);
        }
        let mut exports = ExportSection::new();
        exports.export("second", ExportKind::Func, 1);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code);
        module.finish()
    }

    #[test]
    fn eight_bytes_are_said_to_lie_as_four_do() -> anyhow::Result<()> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I64]);
        let (mut functions, mut memories, mut code) =
            (FunctionSection::new(), MemorySection::new(), CodeSection::new());
        functions.function(0);
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut body = Function::new([]);
        let aligned = MemArg { offset: 24, align: 3, memory_index: 0 };
        body.instructions().i32_const(0).i64_load(aligned).end();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&memories).section(&code);
        let placed = placed_alike(&module.finish())?;
        Validator::new().validate_all(&placed)?;
        let mut loads = Vec::new();
        for payload in Parser::new(0).parse_all(&placed) {
            if let Payload::CodeSectionEntry(body) = payload? {
                for operator in body.get_operators_reader()? {
                    if let Operator::I64Load { memarg } = operator? {
                        loads.push((memarg.offset, memarg.align));
                    }
                }
            }
        }
        assert_eq!(loads, [(24, FOUR_BYTES)]);
        Ok(())
    }

    #[test]
    fn an_export_and_a_call_follow_their_function_to_its_new_place() -> anyhow::Result<()> {
        let placed = placed_alike(&module())?;
        Validator::new().validate_all(&placed)?;
        let mut exported = None;
        let mut constants = Vec::new();
        let mut called = Vec::new();
        for payload in Parser::new(0).parse_all(&placed) {
            match payload? {
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        assert_eq!((export.name, export.kind), ("second", ExternalKind::Func));
                        exported = Some(export.index);
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut last = 0;
                    for operator in body.get_operators_reader()? {
                        match operator? {
                            Operator::I64Const { value } => last = value,
                            Operator::Call { function_index } => called.push(function_index),
                            _ => {}
                        }
                    }
                    constants.push(last);
                }
                _ => {}
            }
        }
        assert_eq!(constants, [1, 1, 3], "the two equal ones are neighbours");
        assert_eq!(exported, Some(2));
        assert_eq!(called, [2, 2, 2]);
        Ok(())
    }
}
