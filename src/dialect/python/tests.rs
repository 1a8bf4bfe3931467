//! Calls in, facts out. The pieces of code have the words by which the routines are known, and
//! nothing else of the application's.

use super::super::{ChannelMemory, PageMemory};
use super::*;
use crate::capture::NotCapturedReason;
use crate::observation::{Evidence, Observation};
use crate::time::Micros;

fn place(direction: Direction) -> Place {
    Place {
        kind: ChannelKind::Python,
        channel: 4,
        direction,
        evidence: Evidence::default(),
        time: Micros(9),
        time_origin_ms: None,
    }
}

#[derive(Default)]
struct Interpreter {
    channel: ChannelMemory,
    page: PageMemory,
    facts: Vec<String>,
    issues: IssueLog,
    calls: u32,
}

impl Interpreter {
    fn hear(&mut self, direction: Direction, message: &Value<'_>) {
        let mut sink = |seen: &Observation<'_>| self.facts.push(format!("{:?}", seen.fact));
        let mut memory = Memory { channel: &mut self.channel, page: &mut self.page };
        PythonMainThread.read(&place(direction), message, &mut memory, &mut sink, &mut self.issues);
    }

    fn call(&mut self, code: &str) -> String {
        self.calls += 1;
        let id = Value::Integer(self.calls as i32);
        let message = [("id", id), ("code", Value::String(code.into()))];
        self.hear(Direction::Sent, &object(message.into()));
        self.facts.pop().unwrap_or_default()
    }

    fn result(&mut self, result: Value<'_>) -> String {
        let message = vec![("id", Value::Integer(self.calls as i32)), ("result", result)];
        self.hear(Direction::Received, &object(message));
        self.facts.pop().unwrap_or_default()
    }
}

fn object<'a>(members: Vec<(&'a str, Value<'a>)>) -> Value<'a> {
    Value::Object(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

#[track_caller]
fn check(fact: &str, part: &str) {
    assert!(fact.contains(part), "{fact} lacks {part}");
}

#[test]
fn a_rollback_is_a_restore_and_a_replay_with_frames_and_actions() {
    let mut python = Interpreter::default();
    let load = python.call(concat!(
        "import json\n_snapshot = json.loads('''{\"env_state\":{\"t\":10},\"step_num\":10}''')\n",
        "_before_state = env.get_state()\n",
    ));
    check(&load, "LoadSnapshot { text: Some(\"{\\\"env_state\\\"");
    check(&load, "step_number: Some(10)");
    let restored = python.result(Value::String(r#"{"snapshot_t":10,"match":true}"#.into()));
    check(&restored, "Restored { is_same: Some(true) }");
    let replay = python.call(
        "_replay_frames = [{\"frame\":10,\"actions\":{\"1\":3,\"0\":2}},{\"frame\":11,\"actions\":{\"0\":0,\"1\":0}}]\nfor f in _replay_frames: pass",
    );
    check(
        &replay,
        "Replay { steps: [(Frame(10), [Action(2), Action(3)]), (Frame(11), [Action(0), Action(0)])] }",
    );
    let told = Value::Map(vec![(Value::String("num_steps".into()), Value::Integer(2))]);
    check(&python.result(told), "Stepped { steps: Some(2), rewards: [] }");
    assert_eq!(python.issues.issues(), []);
}

#[test]
fn every_other_routine_is_known_by_its_words() {
    let mut python = Interpreter::default();
    let step = "agent_actions = {int(k) if k.isnumeric() or isinstance(k, (float, int)) else k: v for k, v in {'0': 1, '1': 4}.items()}";
    check(&python.call(step), "Step { actions: Some([Action(1), Action(4)]) }");
    for (code, part) in [
        ("obs, infos = env.reset(seed=7)", "Reset"),
        ("import numpy as np\nnp.random.seed(7)\nrandom.seed(7)", "Seed"),
        ("has_get_state = hasattr(env, 'get_state')", "Probe"),
        ("hashlib.md5(json.dumps(_state, sort_keys=True))", "HashEpisodeStart"),
        ("hashlib.md5(json.dumps(_st, sort_keys=True))", "HashForLog"),
        ("json.dumps(_snapshot)", "SaveSnapshot"),
        (
            "_ff_frames = [{\"frame\":3,\"actions\":{\"0\":1}}]",
            "FastForward { steps: [(Frame(3), [Action(1)])] }",
        ),
        (
            "_state_to_hash = json.loads('''{\"t\":5}''')",
            "HashConfirmed { text: Some(\"{\\\"t\\\":5}\") }",
        ),
        ("_state_to_hash = json.loads('''{\"t\":\"\\\\n\"}''')", "HashConfirmed { text: None }"),
        ("_env_state_dump = env.get_state()", "Dump"),
        ("env_state = json.loads('''{}''')", "Resync"),
        ("env.render()", "Render"),
        ("class Env:\n  def step(self): pass", "Other"),
    ] {
        check(&python.call(code), &format!("routine: {part}"));
    }
    assert_eq!(python.issues.issues(), []);
}

#[test]
fn results_are_read_by_what_was_called() {
    let mut python = Interpreter::default();
    python.call("json.dumps(_snapshot)");
    check(&python.result(Value::String("{}".into())), "State(\"{}\")");
    python.call("_state_to_hash = json.loads('''{}''')");
    check(&python.result(Value::String("44136fa355b3678a".into())), "Hash(\"44136fa355b3678a\")");
    python.call("_replay_frames = []");
    let lost = Value::NotCaptured(NotCapturedReason::NotCloneable, "PyProxy".into());
    check(&python.result(lost), "NotCaptured");
    python.call("_replay_frames = []");
    check(&python.result(Value::String(r#"{"replay_log":[{},{},{}]}"#.into())), "steps: Some(3)");
    python.call("_ff_frames = []");
    let rows = r#"{"per_frame_data":[{"rewards":{"1":2,"0":-1}},{"rewards":{"1":0.5,"0":0}}]}"#;
    let told = python.result(Value::String(rows.into()));
    check(&told, "steps: Some(2), rewards: [Rewards { values: [-1.0, 2.0,");
    python.call("_ff_frames = []");
    let rows = r#"{"per_frame_data":[{"rewards":{"1":2}},{"rewards":null}]}"#;
    check(&python.result(Value::String(rows.into())), "steps: Some(2), rewards: []");
    python.call("env.render()");
    check(&python.result(Value::Undefined), "Done");
    python.call("env.render()");
    let error = object(vec![
        ("name", Value::String("PythonError".into())),
        ("message", Value::String("boom".into())),
    ]);
    let failed = object(vec![("id", Value::Integer(python.calls as i32)), ("error", error)]);
    python.hear(Direction::Received, &failed);
    check(&python.facts.pop().unwrap(), "Failed { message: \"boom\" }");
    // The same number again is of no call.
    python.hear(Direction::Received, &failed);
    assert_eq!(python.facts, [] as [String; 0]);
    assert_eq!(python.issues.issues(), []);
}

#[test]
fn what_cannot_be_read_is_counted() {
    let mut python = Interpreter::default();
    python.hear(Direction::Sent, &Value::Null);
    python.hear(Direction::Sent, &object(vec![("id", Value::Integer(900))]));
    check(&python.call("_replay_frames = [{\"frame\":"), "Replay { steps: [] }");
    check(&python.call("_replay_frames = [{\"frame\":-1,\"actions\":{}}]"), "Replay { steps: [] }");
    check(&python.call("if k.isnumeric() or isinstance(k, int)"), "Step { actions: None }");
    python.call("json.dumps(_snapshot)");
    check(&python.result(Value::Integer(3)), "Done");
    python.call("_state_to_hash = json.loads('''{}''')");
    check(&python.result(Value::String("no hash".into())), "Done");
    assert_eq!(python.issues.total(), 7, "{:#?}", python.issues);
    for _ in 0..2 * MAX_CALLS {
        python.call("env.render()");
    }
    assert!(python.channel.python.open.len() <= MAX_CALLS);
}

#[test]
fn python_of_other_pages_is_not_claimed() {
    let is = |code: &str| {
        PythonMainThread.recognises(
            &place(Direction::Sent),
            &object(vec![("code", Value::String(code.into()))]),
        )
    };
    assert!(is("json.dumps(_snapshot)"));
    assert!(!is("env.render()"));
    assert!(!is("print(1)"));
    let worker = Place { kind: ChannelKind::Worker, ..place(Direction::Sent) };
    let message = object(vec![("code", Value::String("json.dumps(_snapshot)".into()))]);
    assert!(!PythonMainThread.recognises(&worker, &message));
}
