//! Which function and which data stand in which part of a module that is cut in two.
//!
//! The first part holds what can be reached from the module's exports without passing a *gate*, by calls, by addresses
//! that are taken, and by pointers in data. Everything else is the second part. So nothing that the first part holds
//! can come to a function of the second one but through a gate.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, KnownCustom, Name, Operator, Parser,
    Payload, TypeRef,
};

use super::facts::{Facts, Mention, first_address};

/// A bound module with its functions by number, imported ones first.
#[derive(Debug, Default)]
pub(crate) struct Bound<'a> {
    /// Number of imported functions.
    pub(crate) imported: u32,
    /// Name of each function; imported ones have none.
    pub(crate) names: BTreeMap<u32, String>,
    /// Type of each function.
    pub(crate) types: Vec<u32>,
    /// For each own function: the functions that it calls.
    pub(crate) calls: Vec<Vec<u32>>,
    /// For each own function: the globals that it uses.
    pub(crate) globals: Vec<Vec<u32>>,
    /// For each own function: the tables that it uses.
    pub(crate) tables: Vec<Vec<u32>>,
    /// Functions in the table of functions, by their slots.
    pub(crate) slots: BTreeMap<u32, u32>,
    /// The table of functions.
    pub(crate) table: u32,
    /// Exported functions.
    pub(crate) exported: Vec<u32>,
    /// Active segments: first address and bytes.
    pub(crate) segments: Vec<(u64, &'a [u8])>,
}

/// Where everything stands.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Own functions of the first part, by number.
    pub(crate) first: BTreeSet<u32>,
    /// Own functions of the second part.
    pub(crate) second: BTreeSet<u32>,
    /// Functions of the second part that the first part calls.
    pub(crate) gates: BTreeSet<u32>,
    /// Pieces of data that the first part can reach, by their places in the facts.
    pub(crate) data: BTreeSet<usize>,
}

impl<'a> Bound<'a> {
    /// Reads a bound module that still has its names.
    ///
    /// # Errors
    ///
    /// When it is no module, or holds something that wasm-bindgen does not make.
    pub(crate) fn read(module: &'a [u8]) -> anyhow::Result<Self> {
        let mut bound = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Func(kind) => {
                                bound.types.push(kind);
                                bound.imported += 1;
                            }
                            other => bail!("the bound module imports {other:?}, no function"),
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for kind in functions {
                        bound.types.push(kind?);
                    }
                }
                Payload::StartSection { func, .. } => bound.exported.push(func),
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            bound.exported.push(export.index);
                        }
                    }
                }
                Payload::ElementSection(elements) => {
                    for element in elements {
                        let element = element?;
                        bound.take_elements(&element)?;
                    }
                }
                Payload::CodeSectionEntry(body) => bound.take_body(&body)?,
                Payload::DataSection(section) => {
                    for data in section {
                        let data = data?;
                        if matches!(data.kind, DataKind::Active { .. }) {
                            bound.segments.push((first_address(&data.kind)?, data.data));
                        } else {
                            bail!("a segment of data has no fixed place");
                        }
                    }
                }
                Payload::CustomSection(custom) => {
                    if let KnownCustom::Name(names) = custom.as_known() {
                        for name in names {
                            if let Name::Function(names) = name? {
                                for naming in names {
                                    let naming = naming?;
                                    bound.names.insert(naming.index, naming.name.to_owned());
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(bound)
    }

    fn take_elements(&mut self, element: &wasmparser::Element<'_>) -> anyhow::Result<()> {
        let ElementKind::Active { table_index, offset_expr } = &element.kind else {
            bail!("a segment of the table has no fixed place");
        };
        let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
            bail!("a segment of the table is placed by no number");
        };
        let ElementItems::Functions(functions) = element.items.clone() else {
            bail!("a segment of the table holds no functions");
        };
        self.table = table_index.unwrap_or(0);
        for (slot, function) in (value.cast_unsigned()..).zip(functions) {
            self.slots.insert(slot, function?);
        }
        Ok(())
    }

    fn take_body(&mut self, body: &wasmparser::FunctionBody<'_>) -> anyhow::Result<()> {
        let (mut calls, mut globals, mut tables) = (Vec::new(), Vec::new(), Vec::new());
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } => calls.push(function_index),
                Operator::CallIndirect { table_index, .. } => tables.push(table_index),
                Operator::TableGet { table }
                | Operator::TableSet { table }
                | Operator::TableGrow { table }
                | Operator::TableFill { table }
                | Operator::TableSize { table } => tables.push(table),
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    globals.push(global_index);
                }
                other @ (Operator::RefFunc { .. } | Operator::ReturnCall { .. }) => {
                    bail!("a function holds {other:?}, which cannot be cut")
                }
                _ => {}
            }
        }
        for list in [&mut calls, &mut globals, &mut tables] {
            list.sort_unstable();
            list.dedup();
        }
        self.calls.push(calls);
        self.globals.push(globals);
        self.tables.push(tables);
        Ok(())
    }

    /// Place of an own function in the lists; `None` for an imported one.
    pub(crate) fn own(&self, function: u32) -> Option<usize> {
        function.checked_sub(self.imported).and_then(|own| usize::try_from(own).ok())
    }

    /// Type of a function.
    pub(crate) fn kind(&self, function: u32) -> u32 {
        self.types.get(function as usize).copied().unwrap_or_default()
    }

    /// The own functions.
    pub(crate) fn functions(&self) -> std::ops::Range<u32> {
        self.imported..self.types.len() as u32
    }
}

/// Cuts a module. `is_gate` says which functions the first part must not hold, by their names.
///
/// # Errors
///
/// When no function is a gate: then the names are no longer those of the sources.
pub(crate) fn cut(
    bound: &Bound<'_>,
    facts: &Facts,
    is_gate: impl Fn(&str) -> bool,
) -> anyhow::Result<Parts> {
    let mut by_name: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (function, name) in &bound.names {
        if *function >= bound.imported {
            by_name.entry(name).or_default().push(*function);
        }
    }
    let gates: BTreeSet<u32> = bound
        .functions()
        .filter(|function| bound.names.get(function).is_some_and(|name| is_gate(name)))
        .collect();
    if gates.is_empty() {
        bail!("no function of the module is a gate");
    }
    let mut parts = Parts::default();
    let mut open: Vec<Mention> = Vec::new();
    let mut reached: Vec<u32> = bound.exported.clone();
    // What the linker did not know was made by binding: nobody can say who takes its address.
    let is_known = |function: &&u32| {
        bound.names.get(*function).is_some_and(|name| facts.functions.contains_key(name))
    };
    reached.extend(bound.slots.values().filter(|function| !is_known(function)));
    loop {
        while let Some(function) = reached.pop() {
            if gates.contains(&function) {
                parts.gates.insert(function);
                continue;
            }
            let Some(own) = bound.own(function) else { continue };
            if !parts.first.insert(function) {
                continue;
            }
            reached.extend(bound.calls.get(own).context("a called function has no body")?);
            let name = bound.names.get(&function);
            let mentions = name.and_then(|name| facts.functions.get(name));
            open.extend(mentions.into_iter().flatten().cloned());
        }
        match open.pop() {
            None => break,
            Some(Mention::Function(name)) => {
                reached.extend(by_name.get(name.as_str()).into_iter().flatten());
            }
            Some(Mention::Data(at)) => {
                if parts.data.insert(at) {
                    let data = facts.data.get(at).context("a piece of data is missing")?;
                    open.extend(data.mentions.iter().cloned());
                }
            }
        }
    }
    parts.second = bound.functions().filter(|each| !parts.first.contains(each)).collect();
    Ok(parts)
}
