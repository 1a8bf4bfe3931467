//! One line: named fields in their order.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// Named fields in a fixed order; every line of one table has the same names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line(Vec<(&'static str, Value)>);

impl Line {
    /// Appends a field; a value that is no JSON, as an infinite number, is null.
    pub(super) fn push(&mut self, name: &'static str, value: impl Serialize) {
        self.0.push((name, serde_json::to_value(value).unwrap_or(Value::Null)));
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> &[(&'static str, Value)] {
        &self.0
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
