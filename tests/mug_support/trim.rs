//! Trims a recording to what reconstruction reads: no page text, no drawings, no words of random
//! generators, no lines of the network simulator.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use rollscope::state::envelope;
use serde_json::{Map, Value, json};

/// Members of a scene, a game or an input that are kept.
const CONFIGURATION: [&str; 22] = [
    "action",
    "action_population_method",
    "default_action",
    "episode_num",
    "fps",
    "frame_number",
    "game_id",
    "game_seed",
    "input_delay",
    "max_steps",
    "num_episodes",
    "num_players",
    "player_id",
    "player_subjects",
    "players",
    "policy_mapping",
    "scene_id",
    "scene_metadata",
    "scene_type",
    "server_authoritative",
    "snapshot_interval",
    "data",
];

/// Events of the server's conversation that are kept.
const EVENTS: [&str; 6] = [
    "activate_scene",
    "start_game",
    "pyodide_player_assigned",
    "pyodide_game_ready",
    "pyodide_player_action",
    "emit_episode_data",
];

/// Kinds of the truth file that tests read, and the keys of its samples.
const TRUTH: [&str; 6] =
    ["rollback_start", "confirmed_hash", "sample", "reset_start", "step", "verified"];

const SAMPLE: [&str; 15] = [
    "t",
    "k",
    "ep",
    "frame",
    "confirmed",
    "verified",
    "inputBuffer",
    "snapshots",
    "predicted",
    "pendingIn",
    "hashHist",
    "pendingPeerHashes",
    "busy",
    "inRollback",
    "n",
];

pub(crate) fn recording(text: &str) -> String {
    let (mut out, mut attachments) = (String::new(), 0);
    for line in text.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if line.get("header").is_some() {
            line["header"] = json!({
                "timeOrigin": line["header"]["timeOrigin"], "url": "", "userAgent": "",
                "player": line["header"]["player"],
            });
        } else if !event(&mut line, &mut attachments) {
            continue;
        }
        out.push_str(&line.to_string());
        out.push('\n');
    }
    out
}

fn event(line: &mut Value, attachments: &mut u32) -> bool {
    let channel = line["ch"].as_str().unwrap().to_owned();
    let is_message = line["dir"] == "in" || line["dir"] == "out";
    if let Some(meta) = line.get_mut("meta").and_then(Value::as_object_mut) {
        meta.retain(|key, _| !["net", "url", "ets", "stack"].contains(&key.as_str()));
    }
    match channel.split(':').next() {
        Some("dc") => true,
        Some("worker") if is_message => worker(&mut line["data"]),
        Some("worker") => true,
        Some("ws") if is_message => socket(line, attachments),
        Some("ws") => true,
        _ => false,
    }
}

fn worker(data: &mut Value) -> bool {
    match data["type"].as_str() {
        Some("progress" | "ready") => return data["stage"] == "loading",
        Some("initEnv") => data["payload"] = json!({"envCode": "", "globals": null}),
        Some("setState") => {
            let text = state(data["payload"]["stateJson"].as_str().unwrap());
            data["payload"]["stateJson"] = Value::String(text);
        }
        Some("result") => match &mut data["result"] {
            Value::Array(results) => results.iter_mut().for_each(result),
            one => result(one),
        },
        _ => {}
    }
    true
}

fn result(value: &mut Value) {
    match value {
        Value::String(text) => *text = state(text),
        Value::Object(members) if members.contains_key("rewards") => {
            *value = json!({"rewards": members["rewards"]});
        }
        Value::Object(members) if members.contains_key("render_state") => {
            *value = json!({"render_state": []});
        }
        _ => {}
    }
}

/// Generators shrink to a digest of their words; the game's own part stays to the byte.
fn state(text: &str) -> String {
    let mut out = text.to_owned();
    for key in ["np_rng_state", "py_rng_state"] {
        let Some(part) = envelope::member(text, key) else { continue };
        let mut hasher = DefaultHasher::new();
        plain(serde_json::from_str(part).unwrap()).hash(&mut hasher);
        out = out.replace(part, &format!("[{}]", hasher.finish() >> 32));
    }
    out
}

/// The text of a value as JavaScript writes it back: a page restores `0` where Python saved `0.0`.
fn plain(value: Value) -> String {
    fn all(value: Value) -> Value {
        match value {
            Value::Number(number) => {
                let float = number.as_f64().unwrap();
                let whole = (float.fract() == 0.0 && float.abs() < 1e15).then_some(float as i64);
                whole.map_or(Value::Number(number), Value::from)
            }
            Value::Array(items) => items.into_iter().map(all).collect(),
            other => other,
        }
    }
    all(value).to_string()
}

fn socket(line: &mut Value, attachments: &mut u32) -> bool {
    if line.get("b64").is_some() {
        let is_kept = *attachments > 0;
        *attachments = attachments.saturating_sub(1);
        return is_kept;
    }
    let Some(text) = line["data"].as_str() else { return false };
    let Some(start) = text.find('[') else {
        return text.starts_with('0') || text.starts_with("40");
    };
    let Ok(Value::Array(parts)) = serde_json::from_str::<Value>(&text[start..]) else {
        return false;
    };
    // What the server answers to exported rows.
    if text.starts_with("43") && parts[0].get("saved").is_some() {
        return true;
    }
    let is_kept = parts[0].as_str().is_some_and(|name| EVENTS.contains(&name));
    if is_kept {
        let mut parts = parts.clone();
        parts.iter_mut().skip(1).for_each(configuration);
        *attachments += u32::from(text.starts_with("451"));
        line["data"] = Value::String(format!("{}{}", &text[..start], Value::Array(parts)));
    }
    is_kept
}

fn configuration(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|key, _| CONFIGURATION.contains(&key.as_str()));
        if let Some(inner) = members.get_mut("scene_metadata") {
            configuration(inner);
        }
    }
}

pub(crate) fn truth(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if !TRUTH.iter().any(|kind| line["k"] == *kind) {
            continue;
        }
        let keys: &[&str] = match line["k"].as_str() {
            Some("sample") => &SAMPLE,
            Some("step") => &["t", "k", "ep", "frame", "actions", "conf"],
            Some("reset_start") => &["t", "k", "ep", "frame"],
            _ => &["t", "k", "ep", "frame", "hash", "target", "current", "snapshot"],
        };
        let members = line.as_object().unwrap().iter();
        let kept: Map<String, Value> = members
            .filter(|(key, _)| keys.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        out.push_str(&Value::Object(kept).to_string());
        out.push('\n');
    }
    out
}
