//! A small module that is cut: what stands where, and that both parts are modules which fit together.

use std::borrow::Cow;

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, Encode,
    EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    LinkingSection, MemorySection, MemoryType, Module, NameMap, NameSection, RefType, SymbolTable,
    TableSection, TableType, TypeSection,
};
use wasmparser::{ExternalKind, Operator, Parser, Payload, TypeRef, Validator};

use super::*;

/// Numbers of the functions; the first is imported.
const HOST: u32 = 0;
const OPEN: u32 = 1;
const NEAR: u32 = 2;
const GATE: u32 = 3;
const FAR: u32 = 4;
const POINTED: u32 = 5;
const NAMES: [&str; 6] = ["host", "open", "near", "gate", "far", "pointed"];

/// First address of the data, and the texts of the two pieces: long enough to be worth a segment.
const ADDRESS: u32 = 1024;
const SEEN_AT_ONCE: &[u8] = b"seen at once, by whoever opens the panel";
const SEEN_LATER: &[u8] = b"seen later, when the analysis is there..";

/// `open` calls `near` and `gate`; `near` mentions the first text; `gate` calls `far`, `near` and `host`; `far` mentions
/// the second text, which points at `pointed`.
fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    imports.import("page", "host", EntityType::Function(0));
    let mut functions = FunctionSection::new();
    for _ in OPEN..=POINTED {
        functions.function(0);
    }
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 2,
        maximum: Some(2),
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("open", ExportKind::Func, OPEN);
    let mut elements = ElementSection::new();
    let pointed = Elements::Functions(Cow::Borrowed(&[POINTED]));
    elements.active(None, &ConstExpr::i32_const(1), pointed);
    let mut code = CodeSection::new();
    let calls: [&[u32]; 5] = [&[NEAR, GATE], &[], &[FAR, NEAR, HOST], &[], &[]];
    for called in calls {
        let mut body = Function::new([]);
        let mut sink = body.instructions();
        // What a relocation stands for.
        sink.i32_const(1 << 20).drop();
        for function in called {
            sink.call(*function);
        }
        sink.end();
        code.function(&body);
    }
    let mut data = DataSection::new();
    let bytes = [SEEN_AT_ONCE, SEEN_LATER].concat();
    data.active(0, &ConstExpr::i32_const(ADDRESS.cast_signed()), bytes);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables);
    module.section(&memories).section(&exports).section(&elements);
    module.section(&code).section(&data);
    let mut names = NameMap::new();
    for (number, name) in (0..).zip(NAMES) {
        names.append(number, name);
    }
    let mut section = NameSection::new();
    section.functions(&names);
    module.section(&section);
    module.finish()
}

/// The same with what the linker leaves where it is asked to.
fn linked() -> Vec<u8> {
    let mut module = module();
    let (mut bodies, mut code, mut data) = (Vec::new(), 0, 0);
    for payload in Parser::new(0).parse_all(&module) {
        match payload.unwrap() {
            Payload::CodeSectionStart { range, .. } => code = range.start,
            Payload::CodeSectionEntry(body) => bodies.push(body.range().start),
            Payload::DataSection(section) => {
                let only = section.clone().into_iter().next().unwrap().unwrap();
                data = only.range.end - only.data.len() - section.range().start;
            }
            _ => {}
        }
    }
    let mut symbols = SymbolTable::new();
    symbols.function(0, POINTED, Some("pointed"));
    let (first, second) = (SEEN_AT_ONCE.len() as u32, SEEN_LATER.len() as u32);
    for (offset, size, name) in [(0, first, "first"), (first, second, "second")] {
        let place = wasm_encoder::DataSymbolDefinition { index: 0, offset, size };
        symbols.data(0, name, Some(place));
    }
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);
    let body = |function: u32| bodies[(function - OPEN) as usize] + 2 - code;
    for (name, entries) in [
        ("reloc.CODE", vec![(4_u8, body(NEAR), 1_u32), (4, body(FAR), 2)]),
        ("reloc.DATA", vec![(2, data + SEEN_AT_ONCE.len() + 4, 0)]),
    ] {
        let mut content = Vec::new();
        0_u32.encode(&mut content);
        (entries.len() as u32).encode(&mut content);
        for (kind, offset, symbol) in entries {
            content.push(kind);
            (offset as u32).encode(&mut content);
            symbol.encode(&mut content);
            if kind == 4 {
                0_i32.encode(&mut content);
            }
        }
        let section = CustomSection { name: Cow::Borrowed(name), data: Cow::Owned(content) };
        let mut more = Module::new();
        if name == "reloc.CODE" {
            more.section(&linking);
        }
        more.section(&section);
        module.extend(&more.finish()[8..]);
    }
    module
}

#[derive(Debug, Default)]
struct Read {
    imports: Vec<(String, String)>,
    exports: Vec<(String, ExternalKind)>,
    functions: usize,
    /// For each function: what it calls; `None` for a call by the table, with its slot before it.
    calls: Vec<Vec<Option<u32>>>,
    slots: Vec<(i32, Vec<u32>)>,
    texts: Vec<Vec<u8>>,
    least_slots: u64,
}

fn read(module: &[u8]) -> Read {
    Validator::new().validate_all(module).unwrap();
    let mut read = Read::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.unwrap();
                    if let TypeRef::Table(table) = import.ty {
                        read.least_slots = table.initial;
                    }
                    read.imports.push((import.module.to_owned(), import.name.to_owned()));
                }
            }
            Payload::TableSection(tables) => {
                read.least_slots = tables.into_iter().next().unwrap().unwrap().ty.initial;
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.unwrap();
                    read.exports.push((export.name.to_owned(), export.kind));
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let element = element.unwrap();
                    let wasmparser::ElementKind::Active { offset_expr, .. } = element.kind else {
                        panic!("a passive segment")
                    };
                    let Ok(Operator::I32Const { value }) =
                        offset_expr.get_operators_reader().read()
                    else {
                        panic!("a segment without a place")
                    };
                    let wasmparser::ElementItems::Functions(functions) = element.items else {
                        panic!("a segment of expressions")
                    };
                    let functions = functions.into_iter().map(Result::unwrap).collect();
                    read.slots.push((value, functions));
                }
            }
            Payload::CodeSectionEntry(body) => {
                read.functions += 1;
                let mut calls = Vec::new();
                for operator in body.get_operators_reader().unwrap() {
                    match operator.unwrap() {
                        Operator::Call { function_index } => calls.push(Some(function_index)),
                        Operator::CallIndirect { .. } => calls.push(None),
                        _ => {}
                    }
                }
                read.calls.push(calls);
            }
            Payload::DataSection(data) => {
                read.texts.extend(data.into_iter().map(|data| data.unwrap().data.to_vec()));
            }
            _ => {}
        }
    }
    read
}

#[test]
fn what_only_a_gate_needs_stands_behind_it() {
    let halves = in_two(&linked(), &module(), |name| name == "gate").unwrap();
    let (first, second) = (read(&halves.first), read(&halves.second));
    assert_eq!((first.functions, second.functions), (2, 3));
    assert_eq!(first.texts, [SEEN_AT_ONCE]);
    assert_eq!(second.texts, [SEEN_LATER]);
}

#[test]
fn the_first_part_calls_a_gate_by_a_slot_that_the_second_fills() {
    let halves = in_two(&linked(), &module(), |name| name == "gate").unwrap();
    let (first, second) = (read(&halves.first), read(&halves.second));
    assert_eq!(
        first.calls,
        [vec![Some(2), None], vec![]],
        "open calls near, and the gate by the table"
    );
    assert!(first.slots.is_empty(), "what is pointed at is only pointed at from the second part");
    // In the second part: host and near from the first, then gate, far and pointed.
    assert_eq!(second.calls, [vec![Some(3), Some(1), Some(0)], vec![], vec![]]);
    assert_eq!(second.slots, [(1, vec![4, 2])], "the slot that was, and one more for the gate");
    assert_eq!((first.least_slots, second.least_slots), (3, 3));
}

#[test]
fn the_second_part_imports_only_what_the_first_exports() {
    let halves = in_two(&linked(), &module(), |name| name == "gate").unwrap();
    let (first, second) = (read(&halves.first), read(&halves.second));
    assert_eq!(first.imports, [("page".to_owned(), "host".to_owned())]);
    assert!(
        first.exports.contains(&("open".to_owned(), ExternalKind::Func)),
        "what there was stays"
    );
    assert!(!second.imports.is_empty());
    for (from, name) in &second.imports {
        assert_eq!(from, IMPORTED_FROM);
        assert!(first.exports.iter().any(|(known, _)| known == name), "{name} is not exported");
    }
}

#[test]
fn without_a_gate_or_without_relocations_nothing_is_cut() {
    let error = in_two(&linked(), &module(), |_| false).unwrap_err();
    assert!(error.to_string().contains("gate"), "{error}");
    let error = in_two(&module(), &module(), |name| name == "gate").unwrap_err();
    assert!(error.to_string().contains("--emit-relocs"), "{error}");
}

#[test]
fn gates_are_named_as_the_compiler_names_them() {
    assert!(is_gate("_ZN12rollscope_ui8analysed3ask17h0123456789abcdefE"));
    assert!(!is_gate("_ZN12rollscope_ui5store6attach17h0123456789abcdefE"));
}
