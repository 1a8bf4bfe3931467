//! The sync test of any environment: every frame is rolled back and what comes out is compared.
//!
//! [`run_sync_test`] plays an environment of this process, [`WorkerSyncTest`] one behind the Worker
//! protocol, one batch per frame; `rollscope::rollback::SyncTest` decides what is restored and
//! stepped when. Neither knows a clock or a worker.

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::rollback::{self, SyncTest, SyncTestMismatch};
use rollscope::worker::{Command, Env, EnvError, Operation, Reply, ReplyBody, Request};

use crate::batch::{operations_from, read_results};

/// What a sync test does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncTestPlan {
    /// Players of the game.
    pub players: usize,
    /// Seed of the episode.
    pub seed: u32,
    /// Frames to play.
    pub frames: u32,
    /// Frames that every frame is rolled back by, at least 2. Try two that share no divisor: a
    /// fault that repeats with this period comes out equal.
    pub check_distance_frames: u32,
}

/// Plays `env` from its reset on and returns the earliest frame whose state came out differently
/// the second time; `None` when all came out equal. `action` says what a player does in a frame.
///
/// # Errors
///
/// [`EnvError`] when the environment refuses a step, a state of its own, or a hash that is not
/// hexadecimal.
pub fn run_sync_test(
    env: &mut impl Env,
    plan: SyncTestPlan,
    mut action: impl FnMut(usize, Frame) -> Action,
) -> Result<Option<SyncTestMismatch>, EnvError> {
    let mut test = SyncTest::<String>::new(plan.players, plan.check_distance_frames);
    let mut requests = Vec::new();
    env.reset(Some(plan.seed))?;
    for frame in (0..plan.frames).map(Frame) {
        let actions: Vec<Action> = (0..plan.players).map(|player| action(player, frame)).collect();
        test.tick(&actions, &mut requests);
        for request in &requests {
            match request {
                rollback::Request::LoadSnapshot { frame } => {
                    let state = test.snapshot(*frame);
                    let missing = || EnvError(format!("the state of {frame} is not held"));
                    env.set_state_json(state.ok_or_else(missing)?)?;
                }
                rollback::Request::SaveSnapshot { frame } => {
                    let state = env.state_json()?;
                    let hash = leading_u64(&env.hash_state(&state)?)?;
                    test.handle_snapshot(*frame, state, hash);
                }
                rollback::Request::AdvanceFrame { inputs, .. } => {
                    env.step(inputs.actions())?;
                }
            }
        }
        if let Some(mismatch) = test.earliest_mismatch() {
            return Ok(Some(mismatch));
        }
    }
    Ok(None)
}

/// The sync test of an environment behind the Worker protocol: requests out, replies in.
#[derive(Debug)]
pub struct WorkerSyncTest {
    plan: SyncTestPlan,
    test: SyncTest<String>,
    next_frame: Frame,
    posted: Option<(u32, Vec<Operation>)>,
    next_id: u32,
}

/// Where the sync test of a worker stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It has a request to post.
    Ask(Request),
    /// All frames came out equal.
    Equal,
    /// A frame came out differently.
    Differs(SyncTestMismatch),
    /// The worker refused something, in words.
    Refused(String),
}

impl WorkerSyncTest {
    /// A sync test whose first request is a `reset`. Ids count from `first_id`.
    #[must_use]
    pub fn new(plan: SyncTestPlan, first_id: u32) -> (Self, Request) {
        let test = SyncTest::new(plan.players, plan.check_distance_frames);
        let reset = Command::Single(Operation::Reset { seed: Some(plan.seed) });
        let this = Self {
            plan,
            test,
            next_frame: Frame::ZERO,
            posted: Some((first_id, Vec::new())),
            next_id: first_id.wrapping_add(1),
        };
        (this, Request { id: first_id, command: reset })
    }

    /// Takes a reply; replies to other requests change nothing. `action` says what a player does in
    /// a frame.
    pub fn handle_reply(
        &mut self,
        reply: Reply,
        mut action: impl FnMut(usize, Frame) -> Action,
    ) -> Option<Progress> {
        let (_, operations) = self.posted.take_if(|(id, _)| *id == reply.id)?;
        let result = match reply.body {
            ReplyBody::Result { result } => result,
            ReplyBody::Error { error } => return Some(Progress::Refused(error.message)),
        };
        if !operations.is_empty() {
            match read_results(&operations, result) {
                Ok(outcome) => {
                    for saved in outcome.saved {
                        self.test.handle_snapshot(saved.frame, saved.state_json, saved.hash);
                    }
                }
                Err(error) => return Some(Progress::Refused(error.to_string())),
            }
        }
        if let Some(mismatch) = self.test.earliest_mismatch() {
            return Some(Progress::Differs(mismatch));
        }
        if self.next_frame.0 >= self.plan.frames {
            return Some(Progress::Equal);
        }
        let frame = self.next_frame;
        self.next_frame = frame.next();
        let actions: Vec<Action> =
            (0..self.plan.players).map(|player| action(player, frame)).collect();
        let mut requests = Vec::new();
        self.test.tick(&actions, &mut requests);
        let operations = match operations_from(&requests, |frame| self.test.snapshot(frame)) {
            Ok(operations) => operations,
            Err(error) => return Some(Progress::Refused(error.to_string())),
        };
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        self.posted = Some((id, operations.clone()));
        Some(Progress::Ask(Request { id, command: Command::Batch(operations) }))
    }
}

fn leading_u64(hash: &str) -> Result<u64, EnvError> {
    hash.get(..16)
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .ok_or_else(|| EnvError(format!("{hash:?} is no hash of 16 hexadecimal digits")))
}
