//! Writes the two modules of a cut.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use anyhow::{Context, bail};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType,
    ExportKind, ExportSection, Function, FunctionSection, ImportSection, Instruction, Module,
    TableSection, TypeSection,
};
use wasmparser::{FunctionBody, Operator, Parser, Payload};

use super::facts::Facts;
use super::parts::{Bound, Parts};
use super::{Halves, IMPORTED_FROM};

/// Bytes of one owner between two of the other that are worth a segment of their own.
const SHORT_BYTES: usize = 8;

/// What both writers need.
struct Plan<'a> {
    bound: &'a Bound<'a>,
    parts: &'a Parts,
    /// Slots of the gates that the first part calls.
    gates: BTreeMap<u32, u32>,
    /// Slots of the table in all.
    slots: u64,
    /// Functions that the second part takes from the first one, imported ones among them.
    shared: Vec<u32>,
    /// Segments of data: of the first part, and of the second.
    data: [Vec<(u64, &'a [u8])>; 2],
}

/// Makes both modules from the bound one.
pub(super) fn halves(
    module: &[u8],
    bound: &Bound<'_>,
    parts: &Parts,
    facts: &Facts,
) -> anyhow::Result<Halves> {
    let mut gates = BTreeMap::new();
    let in_table: BTreeMap<u32, u32> =
        bound.slots.iter().map(|(slot, function)| (*function, *slot)).collect();
    let mut slots = table_slots(module, bound.table)?;
    for gate in &parts.gates {
        let slot = match in_table.get(gate) {
            Some(slot) => *slot,
            None => {
                slots += 1;
                u32::try_from(slots - 1)?
            }
        };
        gates.insert(*gate, slot);
    }
    let called = parts.second.iter().filter_map(|each| bound.calls.get(bound.own(*each)?));
    let shared: BTreeSet<u32> =
        called.flatten().filter(|each| !parts.second.contains(each)).copied().collect();
    let shared = shared.into_iter().collect();
    let plan = Plan { bound, parts, gates, slots, shared, data: data(bound, parts, facts) };
    Ok(Halves { first: First::write(&plan, module)?, second: Second::write(&plan, module)? })
}

fn table_slots(module: &[u8], table: u32) -> anyhow::Result<u64> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::TableSection(tables) = payload? {
            let found = tables.into_iter().nth(table as usize).context("there is no table")??;
            return Ok(found.ty.initial);
        }
    }
    bail!("there is no table")
}

/// Gives each byte to its owner.
fn data<'a>(bound: &Bound<'a>, parts: &Parts, facts: &Facts) -> [Vec<(u64, &'a [u8])>; 2] {
    let mut cut = [Vec::new(), Vec::new()];
    for (first, bytes) in &bound.segments {
        let mut is_second = vec![false; bytes.len()];
        // What no symbol covers stays in the first part, and so does what both reach.
        for owner in [true, false] {
            for (at, data) in facts.data.iter().enumerate() {
                if parts.data.contains(&at) == owner {
                    continue;
                }
                let place = |address: u64| address.saturating_sub(*first).min(bytes.len() as u64);
                let (from, to) = (place(data.addresses.start), place(data.addresses.end));
                if let Some(marks) = is_second.get_mut(from as usize..to as usize) {
                    marks.fill(owner);
                }
            }
        }
        let mut from = 0;
        for run in runs(&is_second) {
            let to = from + run.1;
            if let (Some(bytes), Some(part)) = (bytes.get(from..to), cut.get_mut(run.0)) {
                part.push((first + from as u64, bytes));
            }
            from = to;
        }
    }
    cut
}

/// Owners and lengths, short ones of the second part left to the first.
fn runs(is_second: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for same in is_second.chunk_by(|left, right| left == right) {
        let is_second = same.first() == Some(&true) && same.len() > SHORT_BYTES;
        match runs.last_mut() {
            Some((owner, length)) if *owner == usize::from(is_second) => *length += same.len(),
            _ => runs.push((usize::from(is_second), same.len())),
        }
    }
    runs
}

impl Plan<'_> {
    /// How the first part names a function for the second.
    fn export(&self, function: u32) -> String {
        let place = self.shared.binary_search(&function).unwrap_or_default();
        format!("f{place:x}")
    }

    fn data_section(&self, part: usize) -> DataSection {
        let mut section = DataSection::new();
        for (address, bytes) in self.data.get(part).into_iter().flatten() {
            let place = ConstExpr::i32_const(address_of(*address));
            section.active(0, &place, bytes.iter().copied());
        }
        section
    }

    /// The slots whose functions one of the parts has, `place` being where its functions stand in its own order.
    fn elements(&self, of: &BTreeSet<u32>, table: u32, place: impl Fn(u32) -> u32) -> ElementSection {
        let mut slots: BTreeMap<u32, u32> = self.bound.slots.clone();
        slots.extend(self.gates.iter().map(|(gate, slot)| (*slot, *gate)));
        slots.retain(|_, function| of.contains(function));
        let slots: Vec<(u32, u32)> = slots.into_iter().collect();
        let mut section = ElementSection::new();
        for run in slots.chunk_by(|left, right| left.0 + 1 == right.0) {
            let Some((slot, _)) = run.first() else { continue };
            let functions: Vec<u32> = run.iter().map(|(_, function)| place(*function)).collect();
            let table = (table != 0).then_some(table);
            let offset = ConstExpr::i32_const(slot.cast_signed());
            section.active(table, &offset, Elements::Functions(functions.into()));
        }
        section
    }
}

fn address_of(address: u64) -> i32 {
    u32::try_from(address).unwrap_or(u32::MAX).cast_signed()
}

/// Writes a body anew; a call to a gate goes by the table.
fn body<T: Reencode<Error = Infallible>>(
    writer: &mut T,
    plan: &Plan<'_>,
    is_cut: bool,
    body: &FunctionBody<'_>,
) -> Result<Function, Error<Infallible>> {
    let mut function = writer.new_function_with_parsed_locals(body)?;
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index } if is_cut && plan.gates.contains_key(&function_index) => {
                let slot = plan.gates.get(&function_index).copied().unwrap_or_default();
                let type_index = writer.type_index(plan.bound.kind(function_index))?;
                let table_index = plan.bound.table;
                function.instruction(&Instruction::I32Const(slot.cast_signed()));
                function.instruction(&Instruction::CallIndirect { type_index, table_index });
            }
            operator => {
                function.instruction(&writer.instruction(operator)?);
            }
        }
    }
    Ok(function)
}

/// The writer of the first part: the bound module without what is in the second.
struct First<'a> {
    plan: &'a Plan<'a>,
    places: BTreeMap<u32, u32>,
}

impl<'a> First<'a> {
    fn write(plan: &'a Plan<'a>, module: &[u8]) -> anyhow::Result<Vec<u8>> {
        let places = (plan.bound.imported..).zip(&plan.parts.first);
        let places = places.map(|(place, function)| (*function, place)).collect();
        let mut out = Module::new();
        Self { plan, places }.parse_core_module(&mut out, Parser::new(0), module)?;
        Ok(out.finish())
    }

    fn own<'b, T>(&self, items: impl IntoIterator<Item = T> + 'b) -> impl Iterator<Item = T> + 'b
    where
        'a: 'b,
    {
        let parts = self.plan.parts;
        let numbered = (self.plan.bound.imported..).zip(items);
        numbered.filter(|(function, _)| parts.first.contains(function)).map(|(_, item)| item)
    }
}

impl Reencode for First<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.places.get(&function).copied().unwrap_or(function))
    }

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: wasmparser::TableSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for (number, table) in (0..).zip(section) {
            let mut table = self.table_type(table?.ty)?;
            if number == self.plan.bound.table {
                table.minimum = self.plan.slots;
                table.maximum = table.maximum.map(|most| most.max(self.plan.slots));
            }
            tables.table(table);
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_export_section(self, exports, section)?;
        for function in &self.plan.shared {
            let place = self.function_index(*function)?;
            exports.export(&self.plan.export(*function), ExportKind::Func, place);
        }
        exports.export("m", ExportKind::Memory, 0);
        for table in used(self.plan, &self.plan.bound.tables, self.plan.bound.table) {
            exports.export(&format!("t{table}"), ExportKind::Table, table);
        }
        for global in used(self.plan, &self.plan.bound.globals, None) {
            exports.export(&format!("g{global}"), ExportKind::Global, global);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
        for kind in self.own(types) {
            functions.function(kind);
        }
        Ok(())
    }

    fn parse_element_section(
        &mut self,
        elements: &mut ElementSection,
        _: wasmparser::ElementSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let places = &self.places;
        let place = |function: u32| places.get(&function).copied().unwrap_or(function);
        let mut of = self.plan.parts.first.clone();
        of.extend(0..self.plan.bound.imported);
        *elements = self.plan.elements(&of, self.plan.bound.table, place);
        Ok(())
    }

    fn data_count(&mut self, _: u32) -> Result<u32, Error<Infallible>> {
        let [first, _] = &self.plan.data;
        Ok(first.len() as u32)
    }

    fn parse_data_section(
        &mut self,
        data: &mut DataSection,
        _: wasmparser::DataSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        *data = self.plan.data_section(0);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies = section.into_iter().collect::<Result<Vec<FunctionBody<'_>>, _>>()?;
        let plan = self.plan;
        for own in self.own(bodies).collect::<Vec<_>>() {
            let function = body(self, plan, true, &own)?;
            code.function(&function);
        }
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        Ok(())
    }
}

/// Globals or tables that functions of the second part use, and one more.
fn used(plan: &Plan<'_>, lists: &[Vec<u32>], more: impl Into<Option<u32>>) -> BTreeSet<u32> {
    let second = plan.parts.second.iter();
    let used = second.filter_map(|function| lists.get(plan.bound.own(*function)?)).flatten();
    used.copied().chain(more.into()).collect()
}

/// The writer of the second part.
struct Second {
    functions: BTreeMap<u32, u32>,
    globals: BTreeMap<u32, u32>,
    tables: BTreeMap<u32, u32>,
}

impl Second {
    fn write(plan: &Plan<'_>, module: &[u8]) -> anyhow::Result<Vec<u8>> {
        let numbered = |items: Vec<u32>| -> BTreeMap<u32, u32> {
            items.into_iter().zip(0..).collect()
        };
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
