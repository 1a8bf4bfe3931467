//! Reports: what is known of a session, as files. Nothing here can change a record.
//!
//! One file per format; every format writes the same [`Report`], so that they cannot disagree.

mod exclusion;
mod html;
mod json;
mod lines;
mod model;
mod pseudonyms;

pub use exclusion::{Exclusion, Ruling};
pub use html::Html;
pub use json::Json;
pub use lines::{Line, LineSink, Seat, TABLES, Table, write_lines};
pub use model::{HashFigures, REPORT_VERSION, Report, SessionFigures};
pub use pseudonyms::{Pseudonyms, Removed};

/// A format of the session report.
pub trait Format: Sync {
    /// Name, as the command line takes it.
    fn name(&self) -> &'static str;

    /// What it is called on screen.
    fn title(&self) -> &'static str;

    /// Ending of its files.
    fn extension(&self) -> &'static str;

    /// Media type of its files.
    fn media_type(&self) -> &'static str;

    /// What it is for.
    fn documentation(&self) -> &'static str;

    /// Writes a report.
    fn write(&self, report: &Report) -> String;
}

/// Every format.
pub const FORMATS: &[&dyn Format] = &[&Json, &Html];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_format_is_documented() {
        let names: BTreeSet<_> = FORMATS.iter().map(|format| format.name()).collect();
        assert_eq!(names.len(), FORMATS.len());
        assert!(FORMATS.iter().all(|format| format.documentation().len() > 20));
    }
}
