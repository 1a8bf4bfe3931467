//! What the linker knows of a module and the module itself no longer says: which function mentions which data and takes
//! whose address, and which data points at what. From a module that was linked with `--emit-relocs`.
//!
//! Functions are named, since binding gives them other numbers; data stays at its addresses.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, bail};
use wasmparser::{
    DataKind, KnownCustom, Linking, Name, Operator, Parser, Payload, RelocationEntry,
    RelocationType, SymbolInfo,
};

/// Something that a function or data mentions by its address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mention {
    /// A function, by its name.
    Function(String),
    /// Data, by its place in [`Facts::data`].
    Data(usize),
}

/// A piece of data.
#[derive(Debug, Default)]
pub(crate) struct Data {
    /// Where it lies in memory.
    pub(crate) addresses: Range<u64>,
    /// What it points at.
    pub(crate) mentions: Vec<Mention>,
}

/// What is known of a module.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What each function mentions, by its name; every function of the module has an entry.
    pub(crate) functions: BTreeMap<String, Vec<Mention>>,
    /// Every piece of data.
    pub(crate) data: Vec<Data>,
}

/// Places in the file of what can hold mentions, while it is read.
#[derive(Default)]
struct Layout {
    names: BTreeMap<u32, String>,
    imported: u32,
    code_start: usize,
    bodies: Vec<Range<usize>>,
    data_start: usize,
    /// For each segment: its bytes in the file, and their first address.
    segments: Vec<(Range<usize>, u64)>,
    symbols: Vec<Symbol>,
    relocations: Vec<(String, Vec<RelocationEntry>)>,
}

#[derive(Clone)]
enum Symbol {
    Function(u32),
    Data { segment: usize, offset: u64, size: u64 },
    Other,
}

/// Reads a linked module.
///
/// # Errors
///
/// When it is no module, or was linked without `--emit-relocs`.
pub(crate) fn read(module: &[u8]) -> anyhow::Result<Facts> {
    let layout = layout(module)?;
    if layout.relocations.is_empty() || layout.symbols.is_empty() {
        bail!("the module was linked without --emit-relocs: ui/build.rs asks for it");
    }
    let mut facts = Facts::default();
    // Which piece of data a symbol is.
    let mut pieces: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, symbol) in layout.symbols.iter().enumerate() {
        if let Symbol::Data { segment, offset, size } = symbol {
            let (_, first) = layout.segments.get(*segment).context("a symbol has no segment")?;
            pieces.insert(at, facts.data.len());
            let addresses = first + offset..first + offset + size;
            facts.data.push(Data { addresses, mentions: Vec::new() });
        }
    }
    for index in 0..layout.bodies.len() {
        facts.functions.entry(layout.name(index)?).or_default();
    }
    let mut by_address: Vec<usize> = (0..facts.data.len()).collect();
    let start = |data: &[Data], at: usize| data.get(at).map_or(0, |data| data.addresses.start);
    by_address.sort_by_key(|at| start(&facts.data, *at));
    for (section, entries) in &layout.relocations {
        for entry in entries {
            let Some(mention) = layout.mention(entry, &pieces)? else { continue };
            let offset = entry.offset as usize;
            if section == "reloc.CODE" {
                let place = layout.code_start + offset;
                let index = layout.bodies.partition_point(|body| body.end <= place);
                facts.functions.entry(layout.name(index)?).or_default().push(mention);
            } else {
                let address = layout.address(layout.data_start + offset)?;
                // Several symbols may share a place: all of them point at what it points at.
                let end = by_address.partition_point(|at| start(&facts.data, *at) <= address);
                for at in by_address.get(..end).unwrap_or_default().iter().rev() {
                    let Some(data) = facts.data.get_mut(*at) else { continue };
                    if data.addresses.contains(&address) {
                        data.mentions.push(mention.clone());
                    }
                    if data.addresses.start + FAR_BYTES < address {
                        break;
                    }
                }
            }
        }
    }
    Ok(facts)
}

/// No piece of data with a pointer in it is longer.
const FAR_BYTES: u64 = 1 << 16;

impl Layout {
    fn name(&self, index: usize) -> anyhow::Result<String> {
        let number = self.imported + u32::try_from(index)?;
        Ok(self.names.get(&number).cloned().unwrap_or_else(|| format!("#{number}")))
    }

    fn address(&self, place: usize) -> anyhow::Result<u64> {
        let found = self.segments.iter().find(|(bytes, _)| bytes.contains(&place));
        let (bytes, first) = found.context("a relocation stands outside of the data")?;
        Ok(first + (place - bytes.start) as u64)
    }

    /// What a relocation mentions; `None` for what a bound module says itself.
    fn mention(
        &self,
        entry: &RelocationEntry,
        pieces: &BTreeMap<usize, usize>,
    ) -> anyhow::Result<Option<Mention>> {
        let symbol = || self.symbols.get(entry.index as usize).context("a symbol is missing");
        match entry.ty {
            RelocationType::TableIndexSleb | RelocationType::TableIndexI32 => match symbol()? {
                Symbol::Function(number) => {
                    let name = self.names.get(number).cloned();
                    Ok(Some(Mention::Function(name.unwrap_or_else(|| format!("#{number}")))))
                }
                _ => bail!("an address in the table is no function's"),
            },
            RelocationType::MemoryAddrLeb
            | RelocationType::MemoryAddrSleb
            | RelocationType::MemoryAddrI32 => {
                Ok(pieces.get(&(entry.index as usize)).map(|piece| Mention::Data(*piece)))
            }
            RelocationType::FunctionIndexLeb
            | RelocationType::TypeIndexLeb
            | RelocationType::GlobalIndexLeb
            | RelocationType::TableNumberLeb => Ok(None),
            other => bail!("the linker left a relocation that is not known here: {other:?}"),
        }
    }
}

fn layout(module: &[u8]) -> anyhow::Result<Layout> {
    let mut layout = Layout::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    layout.imported +=
                        u32::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionStart { range, .. } => layout.code_start = range.start,
            Payload::CodeSectionEntry(body) => layout.bodies.push(body.range()),
            Payload::DataSection(section) => {
                layout.data_start = section.range().start;
                for data in section {
                    let data = data?;
                    let bytes = data.range.end - data.data.len()..data.range.end;
                    layout.segments.push((bytes, first_address(&data.kind)?));
                }
            }
            Payload::CustomSection(custom) => match custom.as_known() {
                KnownCustom::Name(names) => {
                    for name in names {
                        if let Name::Function(names) = name? {
                            for naming in names {
                                let naming = naming?;
                                layout.names.insert(naming.index, naming.name.to_owned());
                            }
                        }
                    }
                }
                KnownCustom::Linking(linking) => {
                    for part in linking {
                        if let Linking::SymbolTable(symbols) = part? {
                            for symbol in symbols {
                                layout.symbols.push(symbol_of(&symbol?));
                            }
                        }
                    }
                }
                KnownCustom::Reloc(relocations) => {
                    let entries = relocations.entries().into_iter().collect::<Result<_, _>>()?;
                    layout.relocations.push((custom.name().to_owned(), entries));
                }
                _ => {}
            },
            _ => {}
        }
    }
    layout.relocations.retain(|(section, _)| section == "reloc.CODE" || section == "reloc.DATA");
    Ok(layout)
}

fn symbol_of(symbol: &SymbolInfo<'_>) -> Symbol {
    match symbol {
        SymbolInfo::Func { index, .. } => Symbol::Function(*index),
        SymbolInfo::Data { symbol: Some(data), .. } => Symbol::Data {
            segment: data.index as usize,
            offset: data.offset.into(),
            size: data.size.into(),
        },
        _ => Symbol::Other,
    }
}

/// The first address of an active segment.
pub(crate) fn first_address(kind: &DataKind<'_>) -> anyhow::Result<u64> {
    let DataKind::Active { memory_index: 0, offset_expr } = kind else {
        bail!("a segment of data has no fixed place");
    };
    match offset_expr.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(u64::from(value.cast_unsigned())),
        other => bail!("a segment of data is placed by {other:?}"),
    }
}
