//! Settings of the hook as a user chooses them here, as the JSON text that the hook reads at the start
//! of a page (`docs/standalone.md`).

use rollscope::fixed::Fixed;

/// What a user chose for the observed site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// How much of which channels is recorded: kind, label or address, level.
    pub levels: Vec<(String, String, String)>,
    /// Whether everything is recorded whatever the load.
    pub keeps_under_load: bool,
    /// The network shaper; `None` is off.
    pub shaper: Option<Shaper>,
    /// Whether Python on the page's own thread is watched.
    pub watches_python: bool,
}

/// One rule for all channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shaper {
    /// Seed of its draws.
    pub seed: u32,
    /// Delay of every message in milliseconds.
    pub delay_millis: u32,
    /// Further delay, drawn evenly from 0 to this.
    pub jitter_millis: u32,
    /// Lost attempts in a thousand.
    pub loss_per_mille: u32,
}

impl Settings {
    /// The JSON text; empty where nothing differs from what the hook does by itself.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members = Vec::new();
        if !self.levels.is_empty() {
            let rule = |(kind, label, level): &(String, String, String)| {
                format!(
                    "{{\"kind\":{},\"label\":{},\"level\":{}}}",
                    quoted(kind),
                    quoted(label),
                    quoted(level)
                )
            };
            let rules: Vec<String> = self.levels.iter().map(rule).collect();
            members.push(format!("\"levels\":[{}]", rules.join(",")));
        }
        if self.keeps_under_load {
            members.push("\"load\":\"keep\"".to_owned());
        }
        if let Some(shaper) = self.shaper {
            members.push(format!(
                "\"shaper\":{{\"seed\":{},\"rules\":[{{\"delayMillis\":{},\"jitterMillis\":{},\
                 \"loss\":{:.3}}}]}}",
                shaper.seed,
                shaper.delay_millis,
                shaper.jitter_millis,
                Fixed(f64::from(shaper.loss_per_mille.min(1000)) / 1000.0)
            ));
        }
        if self.watches_python {
            members.push("\"python\":true".to_owned());
        }
        if members.is_empty() { String::new() } else { format!("{{{}}}", members.join(",")) }
    }

    /// Records more or less of a channel.
    pub fn set_level(&mut self, kind: &str, label: &str, level: &str) {
        self.levels.retain(|(known, at, _)| (known.as_str(), at.as_str()) != (kind, label));
        if level != "full" {
            self.levels.push((kind.to_owned(), label.to_owned(), level.to_owned()));
        }
    }
}

/// A JSON string. Everything beyond plain ASCII is escaped, so that the text can stand anywhere.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for unit in text.encode_utf16() {
        match u8::try_from(unit).map(char::from) {
            Ok(letter @ (' '..='~')) if !matches!(letter, '"' | '\\' | '<' | '\'') => {
                out.push(letter);
            }
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_chosen_is_written() {
        assert_eq!(Settings::default().to_json(), "");
        let mut settings = Settings { watches_python: true, ..Settings::default() };
        settings.set_level("dataChannel", "chat", "counters");
        settings.set_level("dataChannel", "chat", "headers");
        settings.set_level("worker", "w.js", "full");
        settings.shaper =
            Some(Shaper { seed: 7, delay_millis: 60, jitter_millis: 20, loss_per_mille: 25 });
        assert_eq!(
            settings.to_json(),
            "{\"levels\":[{\"kind\":\"dataChannel\",\"label\":\"chat\",\"level\":\"headers\"}],\
             \"shaper\":{\"seed\":7,\"rules\":[{\"delayMillis\":60,\"jitterMillis\":20,\"loss\":0.025}]},\
             \"python\":true}"
        );
    }

    #[test]
    fn labels_of_a_page_cannot_leave_their_text() {
        assert_eq!(
            quoted("a\"b\\</script>'é"),
            "\"a\\u0022b\\u005c\\u003c/script>\\u0027\\u00e9\""
        );
    }
}
