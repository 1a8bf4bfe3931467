//! The game of the load tests: a number that every step mixes, in a state text as large as a real
//! one, and players with habits.

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::link::SplitMix64;
use rollscope::player::PlayerId;
use rollscope::rollback::SavedState;

/// Words of random state in a state text, as many as a Mersenne Twister has.
const RANDOM_WORDS: u64 = 624;

/// Frames after which the words are drawn anew, one draw a frame.
const FRAMES_PER_DRAW: u32 = 624;

const SEED: u64 = 0x0123_4567_89ab_cdef;

/// A state. It crosses a link as the JSON text that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct State {
    mixed: u64,
    frame: u32,
}

impl State {
    /// Steps one frame: any wrong input anywhere changes the state for good.
    pub(crate) fn step(&mut self, actions: &[Action]) {
        for action in actions {
            self.mixed = SplitMix64(self.mixed ^ u64::from(action.0)).next_u64();
        }
        self.frame += 1;
    }

    /// Makes it another state than it should be.
    pub(crate) fn spoil(&mut self) {
        self.mixed ^= 1;
    }

    /// Its hash.
    pub(crate) fn hash(&self) -> u64 {
        self.mixed
    }
}

impl SavedState for State {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { mixed, frame } = *self;
        let mut random = SplitMix64(SEED ^ u64::from(frame / FRAMES_PER_DRAW));
        let words: Vec<u32> = (0..RANDOM_WORDS).map(|_| random.next_u64() as u32).collect();
        let [x, y] = [mixed % 1000, mixed / 1000 % 1000];
        let text = format!(
            "{{\"mixed\": {mixed}, \"frame\": {frame}, \"players\": [{{\"x\": {x}, \"y\": {y}}}], \
             \"rng\": [3, {words:?}, {}]}}",
            frame % FRAMES_PER_DRAW
        );
        out.extend(text.into_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
        let frame = value.get("frame")?.as_u64()?.try_into().ok()?;
        Some(Self { mixed: value.get("mixed")?.as_u64()?, frame })
    }
}

/// How players press their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Another action about every ten frames, unforeseeable.
    Wandering,
    /// The same pattern of taps again and again.
    Tapping,
}

impl Habit {
    /// What a player does in a frame.
    pub(crate) fn action(self, player: PlayerId, Frame(frame): Frame) -> Action {
        let shifted = frame + u32::from(player.0) * 3;
        match self {
            Self::Wandering => {
                let key = SEED ^ (u64::from(player.0) << 40) ^ u64::from(shifted / 10);
                Action((SplitMix64(key).next_u64() % 9) as u32)
            }
            Self::Tapping => Action(match shifted % 24 {
                0..3 => 1,
                8..14 => 2,
                _ => 0,
            }),
        }
    }
}
