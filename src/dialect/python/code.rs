//! What a piece of MUG's Python code is for, by words that stand in no other piece (MUG wire notes,
//! §1.14), and the actions, frames and texts inside it.

use super::super::json;
use super::PLACE;
use crate::action::Action;
use crate::capture::Value;
use crate::frame::Frame;
use crate::issue::IssueLog;
use crate::observation::PythonRoutine;
use crate::player::MAX_PLAYERS;
use crate::sorting;

/// Most steps of one replay that are read.
const MAX_STEPS: usize = 8192;

const REPLAY: &str = "_replay_frames = [";
const FAST_FORWARD: &str = "_ff_frames = [";
const STEP: &str = "if k.isnumeric() or isinstance(k";
const SNAPSHOT_TEXT: &str = "_snapshot = json.loads('''";
const CONFIRMED_TEXT: &str = "_state_to_hash = json.loads('''";

/// Whether code is surely of MUG's game.
pub(super) fn is_of_game(code: &str) -> bool {
    const SIGNS: [&str; 6] = [
        REPLAY,
        FAST_FORWARD,
        STEP,
        CONFIRMED_TEXT,
        "has_get_state = hasattr(",
        "json.dumps(_snapshot)",
    ];
    SIGNS.iter().any(|sign| code.contains(sign))
        || (code.contains(SNAPSHOT_TEXT) && code.contains("_before_state"))
}

/// What a call is for. Frames and actions that cannot be read are issues.
pub(super) fn read<'c>(code: &'c str, issues: &mut IssueLog) -> PythonRoutine<'c> {
    if let Some(at) = code.find(REPLAY) {
        return PythonRoutine::Replay { steps: steps(after(code, at + REPLAY.len() - 1), issues) };
    }
    if let Some(at) = code.find(FAST_FORWARD) {
        let list = after(code, at + FAST_FORWARD.len() - 1);
        return PythonRoutine::FastForward { steps: steps(list, issues) };
    }
    if let Some(at) = code.find(SNAPSHOT_TEXT) {
        let text = quoted(after(code, at + SNAPSHOT_TEXT.len()));
        return PythonRoutine::LoadSnapshot { text, step_number: text.and_then(step_number) };
    }
    if let Some(at) = code.find(CONFIRMED_TEXT) {
        let text = quoted(after(code, at + CONFIRMED_TEXT.len()));
        return PythonRoutine::HashConfirmed { text };
    }
    if let Some(at) = code.find(STEP) {
        let actions = actions_in(after(code, at));
        if actions.is_none() {
            issues.push(PLACE, "a step whose actions could not be read");
        }
        return PythonRoutine::Step { actions };
    }
    let has = |sign: &str| code.contains(sign);
    if has("json.dumps(_snapshot)") {
        PythonRoutine::SaveSnapshot
    } else if has("has_get_state = hasattr(") {
        PythonRoutine::Probe
    } else if has("hashlib.md5(json.dumps(_state,") {
        PythonRoutine::HashEpisodeStart
    } else if has("hashlib.md5(json.dumps(_st,") {
        PythonRoutine::HashForLog
    } else if has("_env_state_dump") {
        PythonRoutine::Dump
    } else if has("env_state = json.loads('''") {
        PythonRoutine::Resync
    } else if has("env.reset(seed=") {
        PythonRoutine::Reset
    } else if has("np.random.seed(") {
        PythonRoutine::Seed
    } else if code.trim().lines().count() <= 3 && has("env.render()") {
        PythonRoutine::Render
    } else {
        PythonRoutine::Other
    }
}

fn after(code: &str, at: usize) -> &str {
    code.get(at..).unwrap_or_default()
}

// The text up to the closing quotes. Python reads a backslash in it, so a text with one is not what
// stands there.
fn quoted(rest: &str) -> Option<&str> {
    let (text, _) = rest.split_once("'''")?;
    (!text.contains('\\')).then_some(text)
}

// The page appends the member to the text of a saved state.
fn step_number(text: &str) -> Option<u32> {
    let (_, rest) = text.rsplit_once("\"step_num\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(..digits)?.parse().ok()
}

fn steps(list: &str, issues: &mut IssueLog) -> Vec<(Frame, Vec<Action>)> {
    let Some(Value::Array(items)) = json::read_first(list) else {
        issues.push(PLACE, "a list of frames that could not be read");
        return Vec::new();
    };
    if items.len() > MAX_STEPS {
        issues.push(PLACE, "a list of too many frames, the rest is left out");
    }
    let mut steps = Vec::new();
    for item in items.iter().take(MAX_STEPS) {
        let frame = item.get("frame").and_then(Value::as_u32).map(Frame);
        let actions = item.get("actions").and_then(Value::members).and_then(|members| {
            let named = members.iter().map(|(name, value)| Some((&**name, value.as_u32()?)));
            in_order(named.collect::<Option<Vec<_>>>()?)
        });
        match (frame, actions) {
            (Some(frame), Some(actions)) => steps.push((frame, actions)),
            _ => issues.push(PLACE, "a frame of a list without number or actions"),
        }
    }
    steps
}

// Players stand in order of their names, as everywhere (MUG wire notes, §2.2).
fn in_order(mut named: Vec<(&str, u32)>) -> Option<Vec<Action>> {
    sorting::sort_by(&mut named, |(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    let fits = !named.is_empty() && named.len() <= MAX_PLAYERS;
    fits.then(|| named.into_iter().map(|(_, action)| Action(action)).collect())
}

// The first dictionary of names and whole numbers.
fn actions_in(code: &str) -> Option<Vec<Action>> {
    let starts = code.match_indices('{').map(|(at, _)| after(code, at + 1)).take(64);
    starts.filter_map(dictionary).find_map(in_order)
}

fn dictionary(rest: &str) -> Option<Vec<(&str, u32)>> {
    let (inside, _) = rest.split_once('}')?;
    inside.split(',').filter(|part| !part.trim().is_empty()).map(entry).collect()
}

fn entry(text: &str) -> Option<(&str, u32)> {
    let (name, action) = text.split_once(':')?;
    let name = name.trim().trim_matches(['\'', '"']);
    let is_name = !name.is_empty() && !name.contains(['(', ' ', '\'', '"']);
    Some((name, action.trim().parse().ok().filter(|_| is_name)?))
}
