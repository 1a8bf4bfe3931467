//! Lines of the configuration.

use super::{LineSink, Seat, Table};
use crate::summary::settings_of;

/// One line per setting of a peer.
pub(super) struct ConfigurationLines;

impl Table for ConfigurationLines {
    fn name(&self) -> &'static str {
        "configuration"
    }

    fn documentation(&self) -> &'static str {
        "name: the setting, as --set takes it; value; source: said by a message, set by --set, \
         inferred from other messages, default of the application, or unknown. Episode is null"
    }

    fn write(&self, at: &Seat<'_>, sink: &mut LineSink<'_>) {
        for setting in settings_of(at.records) {
            let mut line = at.line(None);
            line.push("name", setting.name);
            line.push("value", setting.value);
            line.push("source", setting.source);
            sink(&line);
        }
    }
}
