//! Writes the second part: a module that has nothing of its own but functions and data, and imports the rest.

use std::collections::BTreeMap;
use std::convert::Infallible;

use anyhow::Context;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, DataCountSection, EntityType, FunctionSection, ImportSection, Module, TypeSection,
};
use wasmparser::{Parser, Payload};

use super::IMPORTED_FROM;
use super::plan::{Plan, body, used};

/// The writer of the second part.
pub(super) struct Second {
    functions: BTreeMap<u32, u32>,
    globals: BTreeMap<u32, u32>,
    tables: BTreeMap<u32, u32>,
}

impl Second {
    pub(super) fn write(plan: &Plan<'_>, module: &[u8]) -> anyhow::Result<Vec<u8>> {
        let numbered =
            |items: Vec<u32>| -> BTreeMap<u32, u32> { items.into_iter().zip(0..).collect() };
        let globals: Vec<u32> = used(plan, &plan.bound.globals, None).into_iter().collect();
        let tables: Vec<u32> =
            used(plan, &plan.bound.tables, plan.bound.table).into_iter().collect();
        let functions = plan.shared.iter().chain(&plan.parts.second).copied().collect();
        let mut writer = Self {
            functions: numbered(functions),
            globals: numbered(globals),
            tables: numbered(tables),
        };
        let mut types = TypeSection::new();
        let mut imports = ImportSection::new();
        for function in &plan.shared {
            let kind = EntityType::Function(plan.bound.kind(*function));
            imports.import(IMPORTED_FROM, &plan.export(*function), kind);
        }
        let mut declared = FunctionSection::new();
        for function in &plan.parts.second {
            declared.function(plan.bound.kind(*function));
        }
        let mut code = CodeSection::new();
        let mut number = plan.bound.imported;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => writer.parse_type_section(&mut types, section)?,
                Payload::MemorySection(memories) => {
                    let memory = memories.into_iter().next().context("there is no memory")??;
                    imports.import(IMPORTED_FROM, "m", writer.memory_type(memory)?);
                }
                Payload::TableSection(section) => {
                    for (number, table) in (0..).zip(section) {
                        let mut table = writer.table_type(table?.ty)?;
                        if number == plan.bound.table {
                            table.minimum = plan.slots;
                            table.maximum = table.maximum.map(|most| most.max(plan.slots));
                        }
                        if writer.tables.contains_key(&number) {
                            imports.import(IMPORTED_FROM, &format!("t{number}"), table);
                        }
                    }
                }
                Payload::GlobalSection(section) => {
                    for (number, global) in (0..).zip(section) {
                        if writer.globals.contains_key(&number) {
                            let kind = writer.global_type(global?.ty)?;
                            imports.import(IMPORTED_FROM, &format!("g{number}"), kind);
                        }
                    }
                }
                Payload::CodeSectionEntry(own) => {
                    if plan.parts.second.contains(&number) {
                        code.function(&body(&mut writer, plan, false, &own)?);
                    }
                    number += 1;
                }
                _ => {}
            }
        }
        let places = writer.functions.clone();
        let table = writer.tables.get(&plan.bound.table).copied().unwrap_or_default();
        let place = |function: u32| places.get(&function).copied().unwrap_or_default();
        let elements = plan.elements(&plan.parts.second, table, place);
        let data = plan.data_section(1);
        let count = DataCountSection { count: data.len() };
        let mut out = Module::new();
        out.section(&types).section(&imports).section(&declared);
        out.section(&elements).section(&count).section(&code).section(&data);
        Ok(out.finish())
    }
}

impl Reencode for Second {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.functions.get(&function).copied().unwrap_or(function))
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.globals.get(&global).copied().unwrap_or(global))
    }

    fn table_index(&mut self, table: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.tables.get(&table).copied().unwrap_or(table))
    }
}
