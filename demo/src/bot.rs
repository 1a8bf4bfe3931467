//! Seeded bots: they look at the newest picture and press buttons, like a player would.
//!
//! A bot's choices are local inputs and nothing else; they are sent like those of a keyboard, so
//! they need not be in the game's state. A choice holds for 6 to 20 frames, often enough that the
//! other peer guesses wrong.

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::link::SplitMix64;
use rollscope::player::PlayerId;

use crate::game::{CraftView, GemKind, View, buttons};

const SHORTEST_HOLD_FRAMES: u32 = 6;
const HOLD_SPREAD_FRAMES: u64 = 15;

/// One bot.
#[derive(Debug, Clone)]
pub struct Bot {
    player: PlayerId,
    random: SplitMix64,
    action: Action,
    hold_until: Frame,
}

impl Bot {
    /// A bot that plays `player`; equal seeds and pictures give equal actions.
    #[must_use]
    pub fn new(seed: u32, player: PlayerId) -> Self {
        let mixed = (u64::from(seed) << 8) | u64::from(player.0);
        Self { player, random: SplitMix64(mixed), action: Action(0), hold_until: Frame::ZERO }
    }

    /// The action for `frame`, seen from the newest picture; without one it stays at rest.
    pub fn action(&mut self, frame: Frame, view: Option<&View>) -> Action {
        if frame >= self.hold_until {
            let hold = self.random.next_u64() % HOLD_SPREAD_FRAMES;
            self.hold_until = frame.plus(SHORTEST_HOLD_FRAMES + hold as u32);
            self.action = view.map_or(Action(0), |view| Action(self.choose(view)));
        }
        self.action
    }

    fn choose(&mut self, view: &View) -> u32 {
        let own_index = self.player.index();
        let others = view.craft.iter().enumerate().filter(|(player, _)| *player != own_index);
        let Some(own) = view.craft.get(own_index) else {
            return 0;
        };
        let gap = |craft: &CraftView| (craft.x - own.x).powi(2) + (craft.y - own.y).powi(2);
        let nearest = others.map(|(_, craft)| craft).min_by(|a, b| gap(a).total_cmp(&gap(b)));
        let Some(other) = nearest else {
            return 0;
        };
        let (mood, impatience) = (self.random.unit(), self.random.unit());
        let (tx, ty) = target(view, own, other, mood);
        // Aim at where the drift will not carry past the target.
        let look_ahead_frames = 22.0;
        let (dx, dy) =
            (tx - own.x - own.vx * look_ahead_frames, ty - own.y - own.vy * look_ahead_frames);
        let mut pressed =
            steer(dx, buttons::LEFT, buttons::RIGHT) | steer(dy, buttons::UP, buttons::DOWN);
        let distance = (dx * dx + dy * dy).sqrt();
        let is_attack = mood > 0.72 && !other.is_sunk;
        let is_far_from_edge = (own.x * own.x + own.y * own.y).sqrt() < view.radius * 0.6;
        if own.fuel > 0.15 && is_far_from_edge && (is_attack || distance > 55.0 && impatience > 0.4)
        {
            pressed |= buttons::BOOST;
        }
        pressed
    }
}

/// Where a bot wants to be: away from the edge, at the other craft, or at the best gem.
fn target(view: &View, own: &CraftView, other: &CraftView, mood: f64) -> (f64, f64) {
    let ahead = 30.0;
    let (x, y) = (own.x + own.vx * ahead, own.y + own.vy * ahead);
    if (x * x + y * y).sqrt() > view.radius * 0.88 {
        return (0.0, 0.0);
    }
    if mood > 0.72 && !other.is_sunk {
        return (other.x + other.vx * 10.0, other.y + other.vy * 10.0);
    }
    let worth = |kind| match kind {
        GemKind::Small => 1.0,
        GemKind::Big => 2.2,
        GemKind::Fuel => 1.5 - own.fuel,
    };
    let mut best = (0.0, 0.0, 0.0);
    for gem in &view.gems {
        let (dx, dy) = (gem.x - own.x, gem.y - own.y);
        let value = worth(gem.kind) / ((dx * dx + dy * dy).sqrt() + 20.0);
        if value > best.2 {
            best = (gem.x, gem.y, value);
        }
    }
    (best.0, best.1)
}

fn steer(distance: f64, negative: u32, positive: u32) -> u32 {
    if distance > 4.0 {
        positive
    } else if distance < -4.0 {
        negative
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::GameState;

    fn actions(seed: u32, frames: u32) -> Vec<Action> {
        let view = View::of(&GameState::new(1, 2));
        let mut bot = Bot::new(seed, PlayerId(0));
        (0..frames).map(|frame| bot.action(Frame(frame), Some(&view))).collect()
    }

    #[test]
    fn equal_seeds_play_equally() {
        assert_eq!(actions(4, 600), actions(4, 600));
        assert_ne!(actions(4, 600), actions(5, 600));
    }

    #[test]
    fn a_bot_without_a_picture_rests() {
        assert_eq!(Bot::new(1, PlayerId(1)).action(Frame(0), None), Action(0));
    }
}
