//! Writes the first part: the bound module without what is in the second, and with exports for it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, DataSection, ElementSection, ExportKind, ExportSection, FunctionSection, Module,
    TableSection,
};
use wasmparser::{FunctionBody, Parser};

use super::plan::{Plan, body, used};

/// The writer of the first part: the bound module without what is in the second.
pub(super) struct First<'a> {
    plan: &'a Plan<'a>,
    places: BTreeMap<u32, u32>,
}

impl<'a> First<'a> {
    pub(super) fn write(plan: &'a Plan<'a>, module: &[u8]) -> anyhow::Result<Vec<u8>> {
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
