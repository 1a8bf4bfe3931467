//! The first line of the engine log: who plays with which settings.

use rollscope::frame::Episode;
use rollscope::message::SessionSettings;
use serde_json::{Value, json};

use super::SessionConfig;

/// The line of the peer of `config`; `settings` are those of all players by index, `episode`
/// the one that the page begins in.
pub(super) fn header(
    config: &SessionConfig,
    settings: &[SessionSettings],
    episode: Episode,
) -> Value {
    let ours = &config.settings;
    let delays: Vec<u32> = settings.iter().map(|player| player.input_delay_frames).collect();
    json!({
        "event": "session",
        "player": config.player,
        "players": config.players,
        "episode": episode,
        "settings": {
            "input_delay_frames": ours.input_delay_frames,
            "snapshot_interval_frames": ours.snapshot_interval_frames,
            "max_prediction_frames": ours.max_prediction_frames,
            "frames_per_second": ours.frames_per_second,
            "prediction": ours.prediction.name(),
            "default_action": ours.default_action,
        },
        "input_delays_frames": delays,
        "seed": ours.seed.wrapping_add(episode.0.saturating_sub(config.episode.0)),
    })
}
