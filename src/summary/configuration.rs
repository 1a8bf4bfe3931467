//! The configuration of each observed peer, with where every value comes from.

use serde::Serialize;

use crate::message::SessionSettings;
use crate::session::{Game, PeerSession, Setting, Source};

/// One setting of one peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingRow {
    /// Its name, as `--set` takes it.
    pub name: &'static str,
    /// Its value; `None` if nothing tells it.
    pub value: Option<String>,
    /// `said` by a message, `set` by the user, `inferred` from other messages, `default` of the
    /// application, or `unknown`.
    pub source: &'static str,
}

/// The settings of one observed peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigurationRow {
    /// The peer; empty while its player is not known.
    pub peer: String,
    /// Its settings.
    pub settings: Vec<SettingRow>,
}

/// The settings of every observed peer of a game.
#[must_use]
pub fn configurations(game: &Game) -> Vec<ConfigurationRow> {
    let row = |peer: &PeerSession| ConfigurationRow {
        peer: peer.local.map_or_else(String::new, |player| player.to_string()),
        settings: settings_of(peer),
    };
    game.peers.iter().map(row).collect()
}

/// What is not said by the traffic, in one sentence; empty if it says everything.
#[must_use]
pub fn inferred_sentence(rows: &[ConfigurationRow]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for setting in rows.iter().flat_map(|row| &row.settings).filter(|one| one.source != "said") {
        let part = match &setting.value {
            Some(value) => format!("{} {value} ({})", setting.name, setting.source),
            None => format!("{} unknown", setting.name),
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("Not said by the traffic: {}.", parts.join(", "))
}

/// The settings of one observed peer.
#[must_use]
pub fn settings_of(peer: &PeerSession) -> Vec<SettingRow> {
    let said = peer.local.and_then(|local| peer.settings.get(local.index()).copied().flatten());
    let row = |setting: Setting| {
        let (value, source) = match (&peer.mug, said) {
            (Some(page), _) => page.configuration.setting(setting),
            (None, Some(said)) => (Some(value_of(&said, setting)), Source::Said),
            (None, None) => (None, Source::Unknown),
        };
        SettingRow { name: setting.name(), value, source: source.name() }
    };
    Setting::ALL.into_iter().map(row).collect()
}

fn value_of(said: &SessionSettings, setting: Setting) -> String {
    match setting {
        Setting::InputDelay => said.input_delay_frames.to_string(),
        Setting::SnapshotInterval => said.snapshot_interval_frames.to_string(),
        Setting::Prediction => said.prediction.name().to_owned(),
        Setting::DefaultAction => said.default_action.to_string(),
        Setting::FramesPerSecond => said.frames_per_second.to_string(),
    }
}
