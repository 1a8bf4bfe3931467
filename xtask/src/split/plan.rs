//! What both modules of a cut are written by: slots of the gates, what is shared, and to whom each byte of data belongs.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use anyhow::{Context, bail};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{ConstExpr, DataSection, ElementSection, Elements, Function, Instruction};
use wasmparser::{FunctionBody, Operator, Parser, Payload};

use super::Halves;
use super::facts::Facts;
use super::first::First;
use super::parts::{Bound, Parts};
use super::second::Second;

/// Bytes of one owner between two of the other that are worth a segment of their own.
const SHORT_BYTES: usize = 32;

/// What both writers need.
pub(super) struct Plan<'a> {
    pub(super) bound: &'a Bound<'a>,
    pub(super) parts: &'a Parts,
    /// Slots of the gates that the first part calls.
    pub(super) gates: BTreeMap<u32, u32>,
    /// Slots of the table in all.
    pub(super) slots: u64,
    /// Functions that the second part takes from the first one, imported ones among them, in the order in which it does.
    pub(super) shared: Vec<u32>,
    /// Segments of data: of the first part, and of the second.
    pub(super) data: [Vec<(u64, &'a [u8])>; 2],
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
    // Those with the most callers first: the first 128 numbers take one byte of a call.
    let mut callers: BTreeMap<u32, usize> = BTreeMap::new();
    for function in called.flatten().filter(|each| !parts.second.contains(each)) {
        *callers.entry(*function).or_default() += 1;
    }
    let mut shared: Vec<u32> = callers.keys().copied().collect();
    shared.sort_by_key(|function| std::cmp::Reverse(callers.get(function)));
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
    pub(super) fn export(&self, function: u32) -> String {
        let place = self.shared.iter().position(|each| *each == function).unwrap_or_default();
        format!("f{place:x}")
    }

    pub(super) fn data_section(&self, part: usize) -> DataSection {
        let mut section = DataSection::new();
        for (address, bytes) in self.data.get(part).into_iter().flatten() {
            let place = ConstExpr::i32_const(address_of(*address));
            section.active(0, &place, bytes.iter().copied());
        }
        section
    }

    /// The slots whose functions one of the parts has, `place` being where its functions stand in its own order.
    pub(super) fn elements(
        &self,
        of: &BTreeSet<u32>,
        table: u32,
        place: impl Fn(u32) -> u32,
    ) -> ElementSection {
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
pub(super) fn body<T: Reencode<Error = Infallible>>(
    writer: &mut T,
    plan: &Plan<'_>,
    is_cut: bool,
    body: &FunctionBody<'_>,
) -> Result<Function, Error<Infallible>> {
    let mut function = writer.new_function_with_parsed_locals(body)?;
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index }
                if is_cut && plan.gates.contains_key(&function_index) =>
            {
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

/// Globals or tables that functions of the second part use, and one more.
pub(super) fn used(
    plan: &Plan<'_>,
    lists: &[Vec<u32>],
    more: impl Into<Option<u32>>,
) -> BTreeSet<u32> {
    let second = plan.parts.second.iter();
    let used = second.filter_map(|function| lists.get(plan.bound.own(*function)?)).flatten();
    used.copied().chain(more.into()).collect()
}
