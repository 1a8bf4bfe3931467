//! Faults of what a page asks its worker: rollbacks that are dropped, changed, late or made up, and
//! steps with other actions.

use std::collections::BTreeMap;

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::worker::{Command, Operation, Request};
use rollscope_runtime::seam::Passed;
use serde_json::{Value, json};

use super::company::Company;
use super::known::{Actions, Known};
use super::parts::{with_drift, with_loss, with_rounding};
use super::{Course, Fault, Faults};

/// The id of the request that hands the worker code.
pub(super) const CODE_ID: u32 = 900_000;
/// Ids of other requests that the session knows nothing of, counted upwards.
const FIRST_OWN_ID: u32 = 900_001;
/// Ids of requests for pictures, which are many.
pub(super) const FIRST_PICTURE_ID: u32 = 1_000_000;

/// Frames for which wrong guesses pass for right ones: half a second.
const CLEARED_FRAMES: u32 = 30;

/// Frame syncs for which a page stays hidden: one goes out every ten ticks, so a second.
const HIDDEN_SYNCS: u32 = 6;

/// Frame syncs for which a page has no channel: a second and a half.
const CUT_SYNCS: u32 = 9;

/// Snapshots stand at multiples of this many frames.
const SNAPSHOT_FRAMES: u32 = 5;

/// An operation that is asked, and the place of the session's own that it answers, if any.
pub(super) type Asked = (Option<usize>, Operation);

/// A request under way: what the session asked, and what the worker was asked in its place.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) wanted: Vec<Operation>,
    pub(super) asked: Vec<Asked>,
}

/// A rollback that was put off.
#[derive(Debug)]
struct Late {
    snapshot: u32,
    actions: BTreeMap<u32, Actions>,
    current: u32,
}

/// The faults of a page, between its session and everything else.
#[derive(Debug)]
pub struct PageFaults {
    pub(super) course: Course,
    pub(super) known: Known,
    /// Bots that only requests to the worker know of.
    pub(super) company: Company,
    pub(super) open: BTreeMap<u32, Open>,
    /// The episode that inputs of another one were announced for.
    pub(super) leaked: Option<Episode>,
    /// Frame syncs that the page still says while it is hidden.
    pub(super) hidden_syncs: u32,
    /// Frame syncs that it says without a channel.
    pub(super) cut_syncs: u32,
    /// Messages of inputs that an input was left out of.
    pub(super) withheld: u32,
    /// From which frame on the page greets the other one again.
    pub(super) greets_at: u32,
    /// Whether the next rows are those that go out too early, and the episode whose rows did.
    pub(super) is_early_due: bool,
    pub(super) early: Option<Episode>,
    next_id: u32,
    next_picture_id: u32,
    late: Option<Late>,
    // The frame at which a rollback was asked for last.
    rolled_back_at: Option<u32>,
}

impl PageFaults {
    /// Those that are switched on, for a game with so many bots that nobody announces.
    #[must_use]
    pub fn new(faults: Faults, bots: u8) -> Self {
        Self {
            course: Course::new(faults),
            known: Known::default(),
            company: Company::new(bots),
            open: BTreeMap::new(),
            leaked: None,
            hidden_syncs: 0,
            cut_syncs: 0,
            withheld: 0,
            greets_at: 0,
            is_early_due: false,
            early: None,
            next_id: FIRST_OWN_ID,
            next_picture_id: FIRST_PICTURE_ID,
            late: None,
            rolled_back_at: None,
        }
    }

    pub(super) fn replay(&mut self, id: u32, wanted: Vec<Operation>) -> Vec<Passed> {
        let steps = steps_of(&wanted);
        let (Some(first), Some(last)) = (steps.keys().next(), steps.keys().next_back()) else {
            return self.ask(id, wanted.clone(), numbered(wanted));
        };
        let (snapshot, current) = (*first, last + 1);
        self.course.frame = current;
        self.rolled_back_at = Some(current);
        if let Some(late) = &mut self.late {
            late.snapshot = late.snapshot.min(snapshot);
            late.actions.extend(steps);
            return self.skip(id, &wanted);
        }
        if self.is_dropped() {
            return self.skip(id, &wanted);
        }
        if self.course.happens(Fault::LateRollback) {
            self.late = Some(Late { snapshot, actions: steps, current });
            return self.skip(id, &wanted);
        }
        let mut passed = Vec::new();
        let mut asked = numbered(wanted.clone());
        self.restore_otherwise(&mut asked);
        if self.course.happens(Fault::LoneRestore) {
            let alone = asked.first().cloned().into_iter().map(|(_, one)| one).collect();
            passed.extend(self.ask_besides(alone));
        }
        if asked.len() > 3 && self.course.happens(Fault::ReplayTooShort) {
            asked.pop();
        }
        self.start_later(&mut asked, &steps);
        self.step_otherwise(&mut asked, true);
        passed.extend(self.ask(id, wanted, asked));
        passed
    }

    fn is_dropped(&mut self) -> bool {
        let cleared = self.course.faults.from().map(|from| from + CLEARED_FRAMES);
        let is_cleared = cleared.is_some_and(|until| self.course.frame < until);
        self.course.is_on(Fault::NoRollbacks)
            || is_cleared && self.course.is_on(Fault::ClearedGuesses)
            || self.course.happens(Fault::DropRollback)
    }

    /// The state that is restored, and whether it is read again at once.
    fn restore_otherwise(&mut self, asked: &mut Vec<Asked>) {
        let Some((_, Operation::SetState { state_json, frame: Some(frame) })) = asked.first_mut()
        else {
            return;
        };
        let frame = *frame;
        if let Some(newest) = self.known.newest(frame.0, state_json) {
            state_json.clone_from(newest);
        }
        if self.course.happens(Fault::WrongSnapshot) {
            *state_json = state_json.replacen("\"round\":", "\"round\":1", 1);
        }
        if self.course.happens(Fault::StepDrift) {
            *state_json = with_drift(state_json, frame.0);
        }
        if self.course.happens(Fault::RewardLoss) {
            *state_json = with_loss(state_json);
        }
        if self.course.happens(Fault::RoundedInteger) {
            *state_json = with_rounding(state_json);
        }
        let faults = self.course.faults;
        if faults.has(Fault::LossyRestore) && faults.from().is_some() {
            let again = [
                (None, Operation::GetState { frame: Some(frame) }),
                (None, Operation::ComputeHash { state_json: None }),
            ];
            asked.splice(1..1, again);
        }
    }

    /// Leaves out the beginning of a replay, the first wrong frame with it.
    fn start_later(&mut self, asked: &mut Vec<Asked>, steps: &BTreeMap<u32, Actions>) {
        let is_wrong = |frame: &u32| self.known.used.get(frame) != steps.get(frame);
        let Some(wrong) = steps.keys().copied().find(is_wrong) else {
            return;
        };
        let save = asked.iter().position(
            |(_, one)| matches!(one, Operation::GetState { frame: Some(frame) } if frame.0 > wrong),
        );
        let Some(place) = save else { return };
        let Some((_, Operation::GetState { frame: Some(frame) })) = asked.get(place).cloned()
        else {
            return;
        };
        // The saved state and its hash, then the steps that are left.
        let rest = asked.get(place + 2..).unwrap_or_default().to_vec();
        let text = self.known.texts.get(&frame.0).cloned();
        if let (Some(state_json), false) = (text, rest.is_empty())
            && self.course.happens(Fault::TooShallow)
        {
            let restore = Operation::SetState { state_json, frame: Some(frame) };
            *asked = [vec![(Some(0), restore)], rest].concat();
        }
    }

    /// The actions of steps.
    fn step_otherwise(&mut self, asked: &mut [Asked], is_replay: bool) {
        for (index, (_, operation)) in asked.iter_mut().enumerate() {
            let Operation::Step { actions, frame: Some(frame) } = operation else {
                continue;
            };
            let known = &self.known;
            let other = actions.keys().find(|player| known.is_other(player)).cloned();
            if let (Some(action), true) =
                (other.as_ref().and_then(|player| actions.get_mut(player)), is_replay && index > 1)
                && self.course.happens(Fault::ReplayOtherAction)
            {
                *action = Action(action.0 ^ 3);
            }
            if let Some(old) = self.known.used.get(&frame.0)
                && is_replay
                && self.course.is_on(Fault::ReplayOldInputs)
            {
                actions.clone_from(old);
            }
            if let Some(player) = &other
                && let Some(action) = actions.get_mut(player)
                && self.known.held(frame.0, player) == Some(*action)
                && *action != Action(0)
                && !is_replay
                && self.course.happens(Fault::SkipPlayer)
            {
                *action = Action(0);
            }
            if let Some(local) = self.known.local
                && self.course.faults.from() == Some(frame.0)
                && self.course.faults.has(Fault::OwnOtherwise)
                && let Some(action) = actions.get_mut(&local.0.to_string())
            {
                *action = Action(action.0 ^ 1);
            }
            let is_below = frame.0 < self.known.input_delay_frames;
            if let Some(local) = self.known.local
                && is_below
                && self.course.faults.is_at_work(Fault::InputBelowDelay, u32::MAX)
            {
                actions.insert(local.0.to_string(), Action(3));
            }
        }
    }

    pub(super) fn live(&mut self, id: u32, wanted: Vec<Operation>) -> Vec<Passed> {
        let mut passed = Vec::new();
        if let Some(frame) = steps_of(&wanted).keys().next().copied() {
            self.course.frame = frame;
            self.known.forget_before(frame);
            passed.extend(self.before(frame));
        }
        let mut asked = numbered(wanted.clone());
        self.step_otherwise(&mut asked, false);
        passed.extend(self.ask(id, wanted, asked));
        if self.course.happens(Fault::RunPython) {
            let request = json!({"type": "runPython", "id": CODE_ID, "payload": {"code": "x = 1"}});
            passed.push(Passed::Request(request));
        }
        if self.course.is_on(Fault::QueueGrows) {
            let request = json!({"type": "render", "id": self.next_picture_id, "payload": {}});
            self.next_picture_id += 1;
            passed.push(Passed::Request(request));
        }
        if self.course.happens(Fault::WorkerEnded) {
            passed.push(Passed::EndWorker);
        }
        if self.course.happens(Fault::Background) || self.course.happens(Fault::BackgroundForgotten)
        {
            self.hidden_syncs = HIDDEN_SYNCS;
            passed.push(Passed::Hidden(true));
        }
        if self.course.happens(Fault::LostChannel) {
            self.cut_syncs = CUT_SYNCS;
            passed.push(Passed::CutP2p(true));
        }
        if self.course.happens(Fault::BrokenOff) {
            passed.push(Passed::Leave);
        }
        passed
    }

    /// A rollback of the page's own making before a live step.
    fn before(&mut self, frame: u32) -> Option<Passed> {
        if let Some(late) = self.late.take_if(|late| frame > late.current) {
            let mut known = self.known.used.clone();
            known.extend(late.actions);
            return self.rollback(late.snapshot, frame, &known);
        }
        let is_alone = self.rolled_back_at != Some(frame) && self.late.is_none();
        let (snapshot, _) = self.known.texts.range(..frame).next_back()?;
        let snapshot = *snapshot;
        if is_alone && self.course.happens(Fault::Spurious) {
            let known = self.known.used.clone();
            return self.rollback(snapshot, frame, &known);
        }
        None
    }

    fn rollback(
        &mut self,
        snapshot: u32,
        current: u32,
        actions: &BTreeMap<u32, Actions>,
    ) -> Option<Passed> {
        let state_json = self.known.texts.get(&snapshot)?.clone();
        let mut operations = vec![Operation::SetState { state_json, frame: Some(Frame(snapshot)) }];
        for frame in snapshot..current {
            if frame > snapshot && frame % SNAPSHOT_FRAMES == 0 {
                operations.push(Operation::GetState { frame: Some(Frame(frame)) });
                operations.push(Operation::ComputeHash { state_json: None });
            }
            let actions = actions.get(&frame)?.clone();
            self.known.used.insert(frame, actions.clone());
            operations.push(Operation::Step { actions, frame: Some(Frame(frame)) });
        }
        self.ask_besides(operations)
    }

    /// Asks what the session does not know of.
    fn ask_besides(&mut self, operations: Vec<Operation>) -> Option<Passed> {
        let id = self.next_id;
        self.next_id += 1;
        let asked = operations.into_iter().map(|operation| (None, operation)).collect();
        self.ask(id, Vec::new(), asked).pop()
    }

    fn ask(&mut self, id: u32, wanted: Vec<Operation>, asked: Vec<Asked>) -> Vec<Passed> {
        let asked = self.with_hashes(asked);
        let operations: Vec<Operation> = asked.iter().map(|(_, one)| one.clone()).collect();
        self.known.used.extend(steps_of(&operations));
        let request = Request { id, command: Command::Batch(operations) };
        let mut wire = serde_json::to_value(&request).unwrap_or_default();
        let is_live = !matches!(asked.first(), Some((_, Operation::SetState { .. })));
        if is_live && self.course.happens(Fault::TextAction) {
            write_text_action(&mut wire);
        }
        self.open.insert(id, Open { wanted, asked });
        vec![Passed::Request(wire)]
    }

    /// Hashes after every step, where only that shows what a fault does at once.
    fn with_hashes(&self, asked: Vec<Asked>) -> Vec<Asked> {
        let faults = self.course.faults;
        let ones = [Fault::WallClock, Fault::UnseededRandom, Fault::ChangesUnasked];
        if faults.from().is_none() || !ones.into_iter().any(|fault| faults.has(fault)) {
            return asked;
        }
        let hash = || (None, Operation::ComputeHash { state_json: None });
        let with = |one: Asked| {
            let is_step = matches!(one.1, Operation::Step { .. });
            [Some(one), is_step.then(hash)].into_iter().flatten()
        };
        asked.into_iter().flat_map(with).collect()
    }

    /// Answers what the worker is not asked.
    fn skip(&mut self, id: u32, wanted: &[Operation]) -> Vec<Passed> {
        let answers = self.known.made_up(wanted);
        self.known.note_told(wanted, &answers);
        self.answered(id, &answers).into_iter().collect()
    }

    /// Whether a request is one that the session knows of.
    pub(super) fn is_own(id: u64) -> bool {
        id >= u64::from(CODE_ID)
    }
}

fn numbered(operations: Vec<Operation>) -> Vec<Asked> {
    operations.into_iter().enumerate().map(|(index, one)| (Some(index), one)).collect()
}

fn steps_of(operations: &[Operation]) -> BTreeMap<u32, Actions> {
    let step = |operation: &Operation| match operation {
        Operation::Step { actions, frame: Some(frame) } => Some((frame.0, actions.clone())),
        _ => None,
    };
    operations.iter().filter_map(step).collect()
}

/// The first player's action of the first step as a text.
fn write_text_action(request: &mut Value) {
    let operations = request.pointer_mut("/payload/operations").and_then(Value::as_array_mut);
    let mut steps = operations
        .into_iter()
        .flatten()
        .filter(|one| one.get("op").and_then(Value::as_str) == Some("step"));
    if let Some(action) = steps.find_map(|step| step.pointer_mut("/params/actions/0")) {
        *action = json!("left");
    }
}
