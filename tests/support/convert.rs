//! JSON values as the hook would capture them.

use std::borrow::Cow;

use rollscope::capture::Value;
use serde_json::Value as Wire;

pub(super) fn value(wire: &Wire) -> Value<'_> {
    match wire {
        Wire::Null => Value::Null,
        Wire::Bool(flag) => Value::Bool(*flag),
        Wire::Number(number) => {
            let small = number.as_i64().and_then(|number| i32::try_from(number).ok());
            small.map_or_else(|| Value::Number(number.as_f64().unwrap()), Value::Integer)
        }
        Wire::String(text) => Value::String(Cow::Borrowed(text)),
        Wire::Array(items) => Value::Array(items.iter().map(value).collect()),
        Wire::Object(members) => Value::Object(
            members.iter().map(|(key, item)| (Cow::Borrowed(key.as_str()), value(item))).collect(),
        ),
    }
}
