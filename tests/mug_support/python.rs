//! What the probe for Python would have recorded of a page without a worker: calls and results made
//! from the application's own log, in the words that the wire notes give (§1.14), laid between the
//! events of the recorded page. Only what a replay was stepped with comes from the reconstruction.

#![expect(clippy::indexing_slicing, reason = "a test stops at its first surprise")]

use std::collections::VecDeque;

use rollscope::capture::{
    Assembler, ChannelDetails, ChannelId, ChannelKind, ChannelOpened, ChunkBuilder, EventKind,
    Message, MessageFlags, NotCapturedReason, PageId, Value,
};
use rollscope::frame::Frame;
use rollscope::issue::IssueLog;
use rollscope::session::Session;
use rollscope::state::HashRule;
use rollscope::time::Micros;
use serde_json::Value as Json;

use super::{Page, number, of_kind, rebuild};

/// The channel of the interpreter; recordings have few channels.
pub(crate) const INTERPRETER: ChannelId = ChannelId(900);

/// Frames between two snapshots of the recorded pages.
const INTERVAL: u32 = 5;

/// What is done otherwise than the application did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// The restore and the replay of this rollback are left out.
    LeaveOut(usize),
    /// Player 1's first action in the replay of this rollback is another one.
    Replay(usize),
    /// The replay of this rollback fails.
    Fail(usize),
    /// Player 0's action in the first step of this frame is another one.
    Step(u32),
    /// After this restore the page finds another state.
    Restore(usize),
    /// The step counter beside this restored state lacks three steps, as after a nested rollback.
    Drift(usize),
    /// What every call brought stayed inside Python.
    Hidden,
}

/// Calls and results of one page.
#[derive(Default)]
struct Calls {
    out: Vec<(Micros, String, Option<String>)>,
}

impl Calls {
    fn add(&mut self, time: Micros, code: String, result: impl Into<Option<String>>) {
        self.out.push((time, code, result.into()));
    }
}

fn time_of(line: &Json) -> Micros {
    Micros::from_millis(line["t"].as_f64().unwrap())
}

/// The actions of every replay, in order of the rollbacks.
fn replays(page: &Page) -> Vec<Vec<[u32; 2]>> {
    let mut replays: Vec<Vec<[u32; 2]>> = Vec::new();
    let mut look = |session: &Session| {
        let peers = session.games().iter().flat_map(|game| &game.peers);
        let records: Vec<_> = peers.flat_map(|peer| &peer.episodes).collect();
        let mut rollbacks = records
            .iter()
            .flat_map(|record| record.rollbacks.iter().map(move |one| (record, one)))
            .skip(replays.len());
        // A tick makes one at most.
        if let Some((record, one)) = rollbacks.next() {
            let frames = (one.snapshot.0..one.current.0).map(|frame| {
                let inputs = record.frames.inputs(Frame(frame)).unwrap();
                [inputs.actions()[0].0, inputs.actions()[1].0]
            });
            replays.push(frames.collect());
        }
    };
    let session = rebuild(&page.chunks, &mut |session, _| {
        look(session);
        true
    });
    look(&session);
    replays
}

fn state(frame: u32) -> String {
    format!(r#"{{"env_state":{{"t":{frame}}},"np_rng_state":[1],"py_rng_state":[2]}}"#)
}

fn actions_of(line: &Json) -> [u32; 2] {
    ["0", "1"].map(|player| line["actions"][player].as_u64().unwrap() as u32)
}

fn calls(page: &Page, change: Change) -> Calls {
    let mut calls = Calls::default();
    let mut replays = replays(page).into_iter().enumerate();
    let hash = |text: &str| {
        format!("{:016x}", HashRule::MUG_STATE_HASH.hash_text(text).unwrap().leading_u64())
    };
    for line in &page.truth {
        let time = time_of(line);
        match line["k"].as_str().unwrap() {
            "reset_start" => {
                if calls.out.is_empty() {
                    calls.add(time, "has_get_state = hasattr(env, 'get_state')".to_owned(), None);
                }
                calls.add(time, "np.random.seed(7)".to_owned(), None);
                calls.add(time, "obs, infos = env.reset(seed=7)".to_owned(), None);
            }
            "rollback_start" => {
                let (place, replay) = replays.next().unwrap();
                let snapshot = number(line, "snapshot");
                assert_eq!(replay.len() as u32, number(line, "current") - snapshot);
                if change == Change::LeaveOut(place) {
                    continue;
                }
                let steps = snapshot - if change == Change::Drift(place) { 3 } else { 0 };
                let books = format!(r#""cumulative_rewards":{{"0":0,"1":0}},"step_num":{steps}"#);
                let text = format!("{},{books}}}", state(snapshot).trim_end_matches('}'));
                let is_same = change != Change::Restore(place);
                calls.add(
                    time,
                    format!(
                        "_snapshot = json.loads('''{text}''')\n_before_state = env.get_state()"
                    ),
                    format!(r#"{{"snapshot_t":{snapshot},"match":{is_same}}}"#),
                );
                let frames =
                    replay.iter().zip(snapshot..).enumerate().map(|(at, ([a, b], frame))| {
                        let b = if at == 0 && change == Change::Replay(place) { b + 1 } else { *b };
                        format!(r#"{{"frame":{frame},"actions":{{"0":{a},"1":{b}}}}}"#)
                    });
                let frames = frames.collect::<Vec<_>>().join(",");
                let rows = vec![r#"{"rewards":{"0":0.5,"1":-1}}"#; replay.len()].join(",");
                let result = format!(r#"{{"num_steps":{},"replay_log":[{rows}]}}"#, replay.len());
                let result = Some(result).filter(|_| change != Change::Fail(place));
                calls.add(
                    time,
                    format!("_replay_frames = [{frames}]\nfor f in _replay_frames: pass"),
                    result,
                );
            }
            "step" => {
                let frame = number(line, "frame");
                if frame.is_multiple_of(INTERVAL) {
                    calls.add(time, "json.dumps(_snapshot)".to_owned(), state(frame));
                }
                let [mut a, b] = actions_of(line);
                a += u32::from(change == Change::Step(frame));
                let code = format!(
                    "{{int(k) if k.isnumeric() or isinstance(k, int) else k: v for k, v in {{'0': {a}, '1': {b}}}.items()}}"
                );
                calls.add(time, code, None);
            }
            "confirmed_hash" => {
                let text = format!(r#"{{"t":{}}}"#, number(line, "frame"));
                let code = format!("_state_to_hash = json.loads('''{text}''')");
                calls.add(time, code, hash(&text));
            }
            _ => {}
        }
    }
    calls
}

fn push<'v>(
    builder: &mut ChunkBuilder,
    time: Micros,
    is_sent: bool,
    members: Vec<(&'v str, Value<'v>)>,
) {
    let members = members.into_iter().map(|(key, value)| (key.into(), value)).collect();
    let message = Message { flags: MessageFlags::default(), value: Value::Object(members) };
    let event =
        if is_sent { EventKind::MessageSent(message) } else { EventKind::MessageReceived(message) };
    builder.push(time, INTERPRETER, &event);
}

fn page_id(page: &Page) -> PageId {
    let player = page.name.bytes().last().unwrap_or_default();
    PageId([b'p', b'y', b't', b'h', b'o', b'n', 0, player])
}

/// The chunks of a page with the calls of its Python.
pub(crate) fn with_python(page: &Page, change: Change) -> Vec<Vec<u8>> {
    let calls = calls(page, change);
    let mut calls: VecDeque<_> = calls.out.into_iter().zip(1..).collect();
    let mut builder = ChunkBuilder::new(page_id(page));
    let details = ChannelDetails { label: Some("pyodide".into()), ..ChannelDetails::default() };
    let opened = EventKind::ChannelOpened(ChannelOpened { kind: ChannelKind::Python, details });
    let (mut assembler, mut issues, mut is_open) =
        (Assembler::default(), IssueLog::default(), false);
    let mut out = Vec::new();
    let mut due = |builder: &mut ChunkBuilder, until: Option<Micros>| {
        let is_due = |call: &((Micros, String, Option<String>), i32)| {
            until.is_none_or(|until| call.0.0 < until)
        };
        while calls.front().is_some_and(is_due) {
            let ((time, code, result), id) = calls.pop_front().unwrap();
            let id = Value::Integer(id);
            let method = ("method", Value::String("runPythonAsync".into()));
            push(
                builder,
                time,
                true,
                vec![("id", id.clone()), method, ("code", Value::String((&*code).into()))],
            );
            let is_replay = code.starts_with("_replay");
            let brought = match &result {
                _ if change == Change::Hidden => (
                    "result",
                    Value::NotCaptured(NotCapturedReason::NotCloneable, "PyProxy".into()),
                ),
                Some(text) => ("result", Value::String((&**text).into())),
                None if is_replay => {
                    let members = vec![("name".into(), Value::String("PythonError".into()))];
                    ("error", Value::Object(members))
                }
                None => ("result", Value::Undefined),
            };
            push(builder, time, false, vec![("id", id), brought]);
        }
    };
    for chunk in &page.chunks {
        assembler.handle_chunk(chunk, &mut issues, &mut |event| {
            due(&mut builder, Some(event.time));
            builder.push(event.time, event.channel, &event.kind);
            if !is_open {
                is_open = true;
                builder.push(event.time, INTERPRETER, &opened);
            }
        });
        out.push(builder.finish());
    }
    due(&mut builder, None);
    out.push(builder.finish());
    out
}

/// Calls that the log gives rise to.
pub(crate) fn count(page: &Page) -> usize {
    let of = |kind| of_kind(&page.truth, kind).count();
    let saves =
        of_kind(&page.truth, "step").filter(|line| number(line, "frame").is_multiple_of(INTERVAL));
    1 + 2 * of("reset_start")
        + 2 * of("rollback_start")
        + of("step")
        + saves.count()
        + of("confirmed_hash")
}
