//! A page that plays by the rules of the MUG wire notes (§2.2, 4.1 to 4.6), written down here once more
//! from those notes: only its messages go to the reconstruction, and what it did is compared. The
//! recorded sessions guess by the default action, never hide a page and never let one fall far behind;
//! these do otherwise.
//!
//! Two rules that the notes only touch stand here as MUG's published source has them: of more than 120
//! frames with inputs a page with a worker forgets the oldest, and after a catch-up it forgets its
//! snapshots further back than 30 frames, a page without one those before its anchor.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};

use rollscope::capture::{
    Assembler, ChannelDetails, ChannelId, ChannelKind, ChannelOpened, ChunkBuilder, EventKind,
    Message, MessageFlags, PageId, Value,
};
use rollscope::dialect::DialectReader;
use rollscope::frame::Frame;
use rollscope::issue::IssueLog;
use rollscope::link::SplitMix64;
use rollscope::observation::Direction;
use rollscope::session::{EpisodeRecord, Session};
use rollscope::time::Micros;

const SOCKET: u32 = 1;
const WORKER: u32 = 2;
const PEER: u32 = 3;

const INTERVAL: u32 = 5;
const TICK_MICROS: u64 = 33_333;

/// How a session is played.
#[derive(Debug, Clone, Copy)]
struct Plan {
    seed: u64,
    has_worker: bool,
    repeats_last: bool,
    delay: u32,
    frames: u32,
    /// The frame at which the page hides, and for how many ticks.
    hidden: Option<(u32, u32)>,
    /// Ticks in which the other page, hidden, sends nothing.
    partner_hidden: (u32, u32),
    /// Ticks in which the page, too slow, acts on every fourth one only.
    slow: (u32, u32),
}

/// What the page holds (§4.2).
#[derive(Default)]
struct Page {
    buffer: BTreeMap<u32, [Option<u8>; 2]>,
    used: BTreeMap<u32, [u8; 2]>,
    predicted: BTreeSet<u32>,
    last: [Option<u8>; 2],
    snapshots: Vec<u32>,
    confirmed: Option<u32>,
    frame: u32,
    pending: Option<u32>,
    rollbacks: Vec<[u32; 3]>,
    /// Rollbacks for which there was no snapshot any more.
    given_up: usize,
    /// Frames whose inputs were forgotten because there were too many.
    too_many: usize,
}

impl Page {
    fn store(&mut self, player: usize, frame: u32, action: u8) {
        let slot = &mut self.buffer.entry(frame).or_default()[player];
        if slot.is_some() {
            return;
        }
        *slot = Some(action);
        self.last[player] = Some(action);
        let is_wrong = self.used.get(&frame).is_none_or(|used| used[player] != action);
        if frame < self.frame && self.predicted.contains(&frame) && is_wrong {
            self.pending = Some(self.pending.map_or(frame, |known| known.min(frame)));
        }
    }

    fn simulate(&mut self, plan: &Plan, frame: u32) {
        let held = self.buffer.get(&frame).copied().unwrap_or_default();
        let guess = |player: usize| self.last[player].filter(|_| plan.repeats_last).unwrap_or(0);
        let used = [0, 1].map(|player| held[player].unwrap_or_else(|| guess(player)));
        self.last = [0, 1].map(|player| held[player].or(self.last[player]));
        if held.iter().all(Option::is_some) {
            self.predicted.remove(&frame);
        } else {
            self.predicted.insert(frame);
        }
        self.used.insert(frame, used);
    }

    fn save(&mut self, plan: &Plan, frame: u32) {
        if !self.snapshots.contains(&frame) {
            self.snapshots.push(frame);
        }
        if plan.has_worker && self.snapshots.len() > 30 {
            self.snapshots.remove(0);
        }
    }

    fn anchor(&self) -> Option<u32> {
        let confirmed = self.confirmed?;
        self.snapshots.iter().copied().filter(|saved| *saved <= confirmed).max()
    }

    fn tick(&mut self, plan: &Plan, came: &[(u32, u8)], own: u8) {
        self.pending = None;
        came.iter().for_each(|(frame, action)| self.store(1, *frame, *action));
        self.store(0, self.frame + plan.delay, own);
        let target = self.pending.take();
        let snapshot =
            target.and_then(|target| self.snapshots.iter().copied().filter(|s| *s <= target).max());
        self.given_up += usize::from(target.is_some() && snapshot.is_none());
        if let (Some(target), Some(snapshot)) = (target, snapshot) {
            self.rollbacks.push([target, self.frame, snapshot]);
            for frame in snapshot..self.frame {
                if frame.is_multiple_of(INTERVAL) {
                    self.save(plan, frame);
                }
                self.simulate(plan, frame);
            }
        }
        self.confirm();
        if self.frame.is_multiple_of(INTERVAL) {
            self.save(plan, self.frame);
            self.forget_snapshots(self.anchor().filter(|_| !plan.has_worker));
        }
        self.simulate(plan, self.frame);
        self.frame += 1;
        self.prune(plan);
    }

    fn forget_snapshots(&mut self, before: Option<u32>) {
        self.snapshots.retain(|saved| before.is_none_or(|before| *saved >= before));
    }

    fn prune(&mut self, plan: &Plan) {
        let oldest = if plan.has_worker { self.frame.checked_sub(60) } else { self.anchor() };
        let is_old = |frame: &u32| oldest.is_some_and(|oldest| *frame < oldest);
        for frame in self.buffer.keys().copied().filter(is_old).collect::<Vec<_>>() {
            self.forget(plan, frame);
        }
        while plan.has_worker && self.buffer.len() > 120 {
            let frame = *self.buffer.keys().next().unwrap();
            self.forget(plan, frame);
            self.too_many += 1;
        }
    }

    fn forget(&mut self, plan: &Plan, frame: u32) {
        self.buffer.remove(&frame);
        if plan.has_worker {
            self.predicted.remove(&frame);
        }
    }

    fn confirm(&mut self) {
        let mut frame = self.confirmed.map_or(0, |confirmed| confirmed + 1);
        frame = frame.max(self.buffer.keys().next().copied().unwrap_or(0));
        let is_full =
            |held: Option<&[Option<u8>; 2]>| held.is_some_and(|h| h.iter().all(Option::is_some));
        while frame < self.frame && is_full(self.buffer.get(&frame)) {
            self.confirmed = Some(frame);
            frame += 1;
        }
    }

    fn catch_up(&mut self, plan: &Plan, came: &[(u32, u8)], target: u32) {
        came.iter().for_each(|(frame, action)| self.store(1, *frame, *action));
        if target <= self.frame {
            return;
        }
        while self.frame < target {
            self.simulate(plan, self.frame);
            self.frame += 1;
        }
        self.confirmed = self.confirmed.max(self.frame.checked_sub(1));
        let kept = self.confirmed.unwrap().saturating_sub(30);
        self.forget_snapshots(if plan.has_worker { Some(kept) } else { self.anchor() });
        self.predicted.clear();
        self.prune(plan);
    }
}

/// The hook's side: what crosses the page's channels.
struct Wire {
    builder: ChunkBuilder,
    time: Micros,
}

impl Wire {
    fn new(plan: &Plan) -> Self {
        let mut wire = Self { builder: ChunkBuilder::new(PageId([3; 8])), time: Micros(0) };
        let kinds = [
            (SOCKET, ChannelKind::WebSocket),
            (WORKER, ChannelKind::Worker),
            (PEER, ChannelKind::DataChannel),
        ];
        for (channel, kind) in kinds {
            let opened = ChannelOpened { kind, details: ChannelDetails::default() };
            wire.builder.push(wire.time, ChannelId(channel), &EventKind::ChannelOpened(opened));
        }
        let method = if plan.repeats_last { "previous_submitted_action" } else { "default_action" };
        let scene = format!(
            r#"42["activate_scene",{{"scene_id":"s","input_delay":{},"fps":30,"max_steps":9000,"num_episodes":1,"action_population_method":"{method}","default_action":0,"snapshot_interval":{INTERVAL}}}]"#,
            plan.delay,
        );
        wire.put(SOCKET, Direction::Received, Value::String(scene.as_str().into()));
        if plan.has_worker {
            let code = ("envCode".into(), Value::String("env = Env()".into()));
            let requests = [(1, "initEnv", vec![code]), (2, "getState", Vec::new())];
            for (id, kind, payload) in requests {
                let request = Value::Object(vec![
                    ("type".into(), Value::String(kind.into())),
                    ("id".into(), Value::Integer(id)),
                    ("payload".into(), Value::Object(payload)),
                ]);
                wire.put(WORKER, Direction::Sent, request);
            }
        }
        wire
    }

    fn put(&mut self, channel: u32, direction: Direction, value: Value<'_>) {
        let message = Message { flags: MessageFlags::default(), value };
        let kind = match direction {
            Direction::Sent => EventKind::MessageSent(message),
            Direction::Received => EventKind::MessageReceived(message),
        };
        self.time = self.time.plus(1);
        self.builder.push(self.time, ChannelId(channel), &kind);
    }

    fn inputs(&mut self, direction: Direction, current: u32, inputs: &[(u32, u8)]) {
        let player = u8::from(direction == Direction::Received);
        let mut bytes = vec![1, 0, player];
        bytes.extend(current.to_be_bytes());
        bytes.extend([inputs.len() as u8, 0]);
        for (frame, action) in inputs {
            bytes.extend(frame.to_be_bytes());
            bytes.push(*action);
        }
        self.put(PEER, direction, Value::ArrayBuffer(&bytes));
    }

    fn focus(&mut self, direction: Direction, is_focused: bool, frame: u32) {
        let mut bytes = vec![0x14, u8::from(is_focused)];
        bytes.extend(frame.to_be_bytes());
        self.put(PEER, direction, Value::ArrayBuffer(&bytes));
    }
}

/// Where a page stands that goes into the background once.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Away {
    Ahead,
    /// It is back in this tick.
    Until(u32),
    Over,
}

type Packet = (u32, Vec<(u32, u8)>);

fn newest(all: &[(u32, u8)]) -> Vec<(u32, u8)> {
    all[all.len().saturating_sub(10)..].to_vec()
}

/// Plays; returns what the page did and what the hook saw.
fn play(plan: &Plan) -> (Page, Vec<u8>) {
    let mut random = SplitMix64(plan.seed);
    let (mut page, mut wire) = (Page::default(), Wire::new(plan));
    let (mut own, mut theirs) = (Vec::<(u32, u8)>::new(), Vec::<(u32, u8)>::new());
    let mut flying: Vec<(u32, Packet)> = Vec::new();
    let (mut partner, mut aside, mut waiting) = (0_u32, Vec::<Packet>::new(), Vec::<Packet>::new());
    // What of the page's time in the background is to come: the tick in which it is back.
    let mut away = Away::Ahead;
    for tick in 0_u32.. {
        if page.frame >= plan.frames {
            break;
        }
        wire.time = wire.time.max(Micros(u64::from(tick) * TICK_MICROS));
        // The other page steps and sends, unless it is hidden; some of it gets lost.
        if (plan.partner_hidden.0..plan.partner_hidden.1).contains(&tick) {
            if tick == plan.partner_hidden.0 {
                wire.focus(Direction::Received, false, partner);
            }
        } else {
            if tick == plan.partner_hidden.1 && tick > 0 {
                wire.focus(Direction::Received, true, partner);
            }
            theirs.push((partner + plan.delay, (random.next_u64() % 4) as u8));
            let sent = (partner + plan.delay, newest(&theirs));
            if !random.next_u64().is_multiple_of(6) {
                flying.push((tick + (random.next_u64() % 9) as u32, sent));
            }
            partner += 1;
        }
        let (due, later) = flying.into_iter().partition(|(at, _)| *at <= tick);
        flying = later;
        let due: Vec<(u32, Packet)> = due;
        if let (Some((at, ticks)), Away::Ahead) = (plan.hidden, away)
            && page.frame == at
        {
            away = Away::Until(tick + ticks);
            wire.focus(Direction::Sent, false, at);
        }
        // Some of what is due comes just before the page is back, the rest just after it.
        let is_back = away == Away::Until(tick);
        for (place, (_, (current, inputs))) in due.into_iter().enumerate() {
            if is_back && place == 1 {
                wire.focus(Direction::Sent, true, page.frame);
                away = Away::Over;
            }
            wire.inputs(Direction::Received, current, &inputs);
            let is_hidden = matches!(away, Away::Until(_));
            if is_hidden { &mut aside } else { &mut waiting }.push((current, inputs));
        }
        if matches!(away, Away::Until(back) if tick < back) {
            continue;
        }
        if is_back {
            if away != Away::Over {
                wire.focus(Direction::Sent, true, page.frame);
                away = Away::Over;
            }
            let at = page.frame;
            let target = aside.iter().map(|(current, _)| *current).max().unwrap_or(at);
            let came: Vec<_> = std::mem::take(&mut aside).into_iter().flat_map(|p| p.1).collect();
            page.catch_up(plan, &came, target);
            // Of each fifty frames the encoder keeps fifteen.
            for first in (at..target).step_by(50) {
                let frames = first..target.min(first + 50).min(first + 15);
                let announced: Vec<_> = frames.map(|frame| (frame, 0)).collect();
                wire.inputs(Direction::Sent, target, &announced);
            }
            if target > at {
                own.clear();
            }
        }
        if (plan.slow.0..plan.slow.1).contains(&tick) && !tick.is_multiple_of(4) {
            continue;
        }
        let came: Vec<_> = std::mem::take(&mut waiting).into_iter().flat_map(|p| p.1).collect();
        let action = (random.next_u64() % 3) as u8;
        own.push((page.frame + plan.delay, action));
        wire.inputs(Direction::Sent, page.frame + plan.delay, &newest(&own));
        page.tick(plan, &came, action);
    }
    (page, wire.builder.finish())
}

fn rebuild(chunk: &[u8]) -> Session {
    let mut session = Session::default();
    let (mut assembler, mut reader) = (Assembler::default(), DialectReader::default());
    let (mut issues, mut unread) = <(IssueLog, IssueLog)>::default();
    assembler.handle_chunk(chunk, &mut issues, &mut |event| {
        reader.handle_event(&event, &mut |one| session.handle(one), &mut unread);
    });
    assert_eq!((issues.issues(), unread.issues()), (&[][..], &[][..]));
    session
}

fn rollbacks(record: &EpisodeRecord) -> Vec<[u32; 3]> {
    let known = record.rollbacks.iter();
    known.map(|one| [one.cause.unwrap().frame.0, one.current.0, one.snapshot.0]).collect()
}

#[track_caller]
fn check(plan: &Plan) -> Page {
    let (page, chunk) = play(plan);
    let session = rebuild(&chunk);
    assert_eq!(session.issues.issues(), [], "{plan:?}");
    let record = &session.games()[0].peers[0].episodes[0];
    assert_eq!(rollbacks(record), page.rollbacks, "{plan:?}");
    for (frame, used) in &page.used {
        let rebuilt = record.known_inputs(Frame(*frame)).unwrap();
        let rebuilt: Vec<u32> = rebuilt.actions().iter().map(|action| action.0).collect();
        assert_eq!(rebuilt, used.map(u32::from), "{plan:?}, frame {frame}");
    }
    assert_eq!(record.confirmed_frame().map(|frame| frame.0), page.confirmed, "{plan:?}");
    page
}

fn plan(seed: u64) -> Plan {
    Plan {
        seed,
        has_worker: seed.is_multiple_of(2),
        repeats_last: seed % 4 < 2,
        delay: (seed % 3) as u32,
        frames: 400,
        hidden: None,
        partner_hidden: (0, 0),
        slow: (0, 0),
    }
}

#[test]
fn both_rules_of_guessing_and_of_forgetting_are_rebuilt_exactly() {
    let rollbacks: usize = (0..60).map(|seed| check(&plan(seed)).rollbacks.len()).sum();
    assert!(rollbacks > 3000, "{rollbacks} rollbacks");
}

#[test]
fn a_page_that_was_hidden_catches_up_as_the_rule_says() {
    let (mut rollbacks, mut given_up) = (0, 0);
    for seed in 0..40 {
        // From a moment, in which the other page may be behind, to three seconds.
        let hidden = Some((118 + seed as u32 % 5, 1 + 2 * seed as u32));
        let page = check(&Plan { hidden, ..plan(seed * 3) });
        (rollbacks, given_up) = (rollbacks + page.rollbacks.len(), given_up + page.given_up);
    }
    assert!(rollbacks > 1000 && given_up > 3, "{rollbacks} rollbacks, {given_up} given up");
}

#[test]
fn a_page_that_falls_far_behind_forgets_inputs_that_it_has_not_used_yet() {
    let (mut rollbacks, mut too_many) = (0, 0);
    for seed in 0..40 {
        // With every fourth tick the page is 120 frames behind after 160 ticks, and may be more.
        let slow = (60, 160 + 5 * seed as u32);
        let page = check(&Plan { slow, ..plan(seed) });
        (rollbacks, too_many) = (rollbacks + page.rollbacks.len(), too_many + page.too_many);
    }
    assert!(rollbacks > 100 && too_many > 500, "{rollbacks} rollbacks, {too_many} forgotten");
}

#[test]
fn the_guesses_for_a_partner_that_was_hidden_are_repaired_when_it_is_back() {
    for seed in 0..40 {
        // A page with a worker has forgotten what is older than 60 frames.
        let away = 20 + (seed as u32 % 5) * 7;
        let plan = Plan { partner_hidden: (90, 90 + away), ..plan(seed) };
        assert!(check(&plan).rollbacks.len() > 10, "{plan:?}");
        let (_, chunk) = play(&plan);
        let session = rebuild(&chunk);
        let spans = &session.games()[0].peers[0].lifecycle.background;
        assert_eq!(spans.len(), 1, "{plan:?}");
        assert_eq!((spans[0].side, spans[0].first), (Direction::Received, Frame(90)));
        assert_eq!(spans[0].last, Some(Frame(90)));
    }
}
