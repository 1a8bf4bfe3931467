//! The sync test of any environment: every frame is rolled back and what comes out is compared.
//!
//! The game runs in this process, without worker, peer or clock; `rollscope::rollback::SyncTest`
//! decides what is restored and stepped when.

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::rollback::{Request, SyncTest, SyncTestMismatch};
use rollscope::worker::{Env, EnvError};

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
    env.reset(Some(plan.seed));
    for frame in (0..plan.frames).map(Frame) {
        let actions: Vec<Action> = (0..plan.players).map(|player| action(player, frame)).collect();
        test.tick(&actions, &mut requests);
        for request in &requests {
            match request {
                Request::LoadSnapshot { frame } => {
                    let state = test.snapshot(*frame);
                    let missing = || EnvError(format!("the state of {frame} is not held"));
                    env.set_state_json(state.ok_or_else(missing)?)?;
                }
                Request::SaveSnapshot { frame } => {
                    let state = env.state_json();
                    let hash = leading_u64(&env.hash_state(&state)?)?;
                    test.handle_snapshot(*frame, state, hash);
                }
                Request::AdvanceFrame { inputs, .. } => {
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

fn leading_u64(hash: &str) -> Result<u64, EnvError> {
    hash.get(..16)
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .ok_or_else(|| EnvError(format!("{hash:?} is no hash of 16 hexadecimal digits")))
}
