//! The session report as JSON, for scripts and for other tools.

use super::{Format, Report};

/// JSON text, two spaces a level.
pub struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn title(&self) -> &'static str {
        "Session JSON"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn documentation(&self) -> &'static str {
        "Everything in the report as one JSON object; times in microseconds, frames as numbers."
    }

    fn write(&self, report: &Report) -> String {
        // Plain structs with text keys cannot fail to serialise; an empty text would show it.
        let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
        text.push('\n');
        text
    }
}
