//! `rollscope inspect`: the records of a session, line by line.
//!
//! Prints what `rollscope::report::TABLES` gives, as JSON or as a table for eyes.

use std::io::{self, BufWriter, Write};

use anyhow::{Result, bail};
use rollscope::analysis::Analysis;
use rollscope::report::{Line, TABLES};
use serde_json::Value;

/// Lines whose widths decide the columns of a table for eyes; later ones may be wider.
const MEASURED_LINES: usize = 1000;

/// What `--help` says of the tables and their fields.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "Tables and their fields; every line also has peer (0 for the first file), game and episode \
         (both from 0), and what is not known is null:\n",
    );
    for table in TABLES {
        text.push_str(&format!("\n  {}\n    {}\n", table.name(), table.documentation()));
    }
    text
}

/// Prints one table.
pub(crate) fn run(
    name: &str,
    open: impl FnOnce() -> Result<Analysis>,
    as_json: bool,
) -> Result<u8> {
    let Some(table) = TABLES.iter().find(|table| table.name() == name) else {
        let known: Vec<_> = TABLES.iter().map(|table| table.name()).collect();
        bail!("there is nothing called {name:?} to inspect: choose one of {}", known.join(", "));
    };
    let analysis = open()?;
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut result, mut count) = (Ok(()), 0_u64);
    if as_json {
        analysis.lines(*table, &mut |line| {
            count += 1;
            if result.is_ok() {
                result = write_json(&mut out, line);
            }
        });
    } else {
        let mut columns = Columns::default();
        analysis.lines(*table, &mut |line| {
            count += 1;
            if result.is_ok() {
                result = columns.take(&mut out, line);
            }
        });
        result = result.and_then(|()| columns.flush(&mut out));
    }
    if count == 0 {
        let what =
            if analysis.has_session() { "the games in it have none" } else { "no game is in it" };
        writeln!(io::stderr(), "rollscope: no {name} to show: {what}")?;
    }
    crate::warn(analysis.health().file_notice)?;
    // Whoever reads may have seen enough.
    match result.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(0),
    }
}

fn write_json(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Rows in aligned columns; widths are those of the first rows.
#[derive(Default)]
struct Columns {
    held: Vec<Vec<String>>,
    widths: Vec<usize>,
}

impl Columns {
    fn take(&mut self, out: &mut impl Write, line: &Line) -> io::Result<()> {
        if self.held.is_empty() && self.widths.is_empty() {
            self.held.push(line.fields().iter().map(|(name, _)| (*name).to_owned()).collect());
        }
        self.held.push(line.fields().iter().map(|(_, value)| shown(value)).collect());
        if self.held.len() > MEASURED_LINES {
            self.flush(out)?;
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.widths.is_empty() {
            let columns = self.held.first().map_or(0, Vec::len);
            let width = |column| {
                let cells = self.held.iter().filter_map(|row| row.get(column));
                cells.map(|cell: &String| cell.chars().count()).max().unwrap_or(0)
            };
            self.widths = (0..columns).map(width).collect();
        }
        for row in self.held.drain(..) {
            let mut text = String::new();
            for (cell, width) in row.iter().zip(&self.widths) {
                text.push_str(&format!("{cell:<width$}  "));
            }
            writeln!(out, "{}", text.trim_end())?;
        }
        Ok(())
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
