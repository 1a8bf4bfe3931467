//! The configuration of a game out of `activate_scene`, `pyodide_player_assigned`,
//! `pyodide_game_ready` and `start_game` (MUG wire notes, §3.2 and §4.1).

use super::super::memory::{Memory, clipped, name_of};
use super::super::native::text;
use super::PLACE;
use super::events::{Event, Speaker};
use crate::action::Action;
use crate::capture::Value;
use crate::issue::IssueLog;
use crate::observation::{Fact, GameConfiguration, PredictionMethod};
use crate::player::MAX_PLAYERS;

/// Says what an event tells of the configuration; nothing if it tells nothing.
pub(super) fn read(
    event: &Event<'_, '_>,
    speaker: &mut Speaker<'_, '_>,
    memory: &mut Memory<'_>,
    issues: &mut IssueLog,
) {
    let told = event.argument;
    let names = &mut memory.page.names;
    let game = text(told, "game_id");
    names.enter_game(game);
    if event.name == "pyodide_player_assigned" {
        match told.get("player_id").and_then(name_of) {
            Some(own) => names.set_own(own),
            None => issues.push(PLACE, "a player was assigned without a name"),
        }
    }
    if let Some(players) = told.get("players") {
        let list: Option<Vec<_>> =
            players.items().and_then(|items| items.map(|player| name_of(&player)).collect());
        if !list.is_some_and(|list| names.set_all(list)) {
            issues.push(PLACE, "a list of players that is none, or too long");
        }
    }
    let assigned = told.get("num_players").and_then(Value::as_u32);
    let assigned = assigned.and_then(|players| u8::try_from(players).ok());
    let assigned = assigned.filter(|players| (1..=MAX_PLAYERS).contains(&usize::from(*players)));
    let tells_players = told.get("players").or_else(|| told.get("player_id")).is_some();
    let scene = told.get("scene_metadata").unwrap_or(told);
    let authority = [told, scene].into_iter().find_map(|told| told.get("server_authoritative"));
    let configuration = GameConfiguration {
        game,
        players: names.count().filter(|_| tells_players).or(assigned),
        local: names.local().filter(|_| tells_players),
        seed: told.get("game_seed").and_then(Value::as_u32),
        is_server_authoritative: authority.and_then(Value::as_bool),
        ..of_scene(scene, issues)
    };
    if configuration != GameConfiguration::default() {
        speaker.fact(Fact::Configured(configuration));
    }
}

// A scene without a game has none of these members.
fn of_scene(scene: &Value<'_>, issues: &mut IssueLog) -> GameConfiguration<'static> {
    let number = |key: &str| scene.get(key).and_then(Value::as_u32);
    let method = text(scene, "action_population_method");
    let prediction = match method {
        Some("default_action") => Some(PredictionMethod::DefaultAction),
        Some("previous_submitted_action") => Some(PredictionMethod::PreviousSubmitted),
        Some(other) => {
            issues.push(PLACE, format!("an unknown way to guess inputs {:?}", clipped(other)));
            None
        }
        None => None,
    };
    let default_action = scene.get("default_action").filter(|action| !action.is_nothing());
    if default_action.is_some_and(|action| action.as_u32().is_none()) {
        issues.push(PLACE, "a default action that is no whole number");
    }
    GameConfiguration {
        input_delay_frames: number("input_delay"),
        frames_per_second: number("fps"),
        max_steps: number("max_steps"),
        episodes: number("num_episodes"),
        prediction,
        default_action: default_action.and_then(Value::as_u32).map(Action),
        snapshot_interval_frames: number("snapshot_interval"),
        ..GameConfiguration::default()
    }
}
