//! One frame of the game.
//!
//! Only `+ - * /`, `sqrt` and comparisons touch floats: they are exact in IEEE 754 and so the same
//! in every browser. `min`, `max`, powers and trigonometry are not, or not for every value.

use rollscope::action::Action;

use super::buttons;
use super::state::{
    Craft, FRESH_RADIUS, FULL_TANK, GameState, Gem, GemKind, PAUSE_FRAMES, ROUND_FRAMES,
};

/// Radius of a craft.
const CRAFT_RADIUS: f64 = 6.5;
/// Distance at which a craft takes a gem.
const REACH: f64 = 10.0;
const THRUST: f64 = 0.034;
const BOOST_THRUST: f64 = 0.105;
/// Share of its speed that a craft keeps per frame.
const GLIDE: f64 = 0.984;
/// Share of the closing speed that a bump gives back; above 1, because bumps should be felt.
const BOUNCE: f64 = 1.25;
/// Share of the way that a craft turns towards its thrust per frame.
const TURN: f64 = 0.16;
const DIAGONAL: f64 = std::f64::consts::FRAC_1_SQRT_2;
const SUNK_FRAMES: u32 = 80;
const BUMPED_FRAMES: u32 = 100;
/// Radius of the floe at the end of a round.
const LAST_RADIUS: f64 = 64.0;

pub(super) fn step(state: &mut GameState, actions: &[Action]) {
    state.frame = state.frame.wrapping_add(1);
    if state.pause_left > 0 {
        state.pause_left -= 1;
        if state.pause_left == 0 {
            begin_round(state);
        }
        return;
    }
    for (craft, action) in state.craft.iter_mut().zip(actions) {
        drive(craft, action.0);
    }
    let players = state.craft.len();
    for first in 0..players {
        for second in first + 1..players {
            bump(&mut state.craft, first, second);
        }
    }
    for player in 0..players {
        fall(&mut state.craft, player, state.radius);
    }
    for gem in &mut state.gems {
        step_gem(gem, &mut state.craft, state.radius, &mut state.random);
    }
    state.play_left = state.play_left.saturating_sub(1);
    let half = ROUND_FRAMES / 2;
    if state.play_left < half {
        let melted = f64::from(half - state.play_left) / f64::from(half);
        state.radius = FRESH_RADIUS - (FRESH_RADIUS - LAST_RADIUS) * melted;
    }
    if state.play_left == 0 {
        end_round(state);
    }
}

fn drive(craft: &mut Craft, action: u32) {
    craft.bumped = craft.bumped.saturating_sub(1);
    craft.boosts = false;
    if craft.sunk > 0 {
        return;
    }
    let axis = |negative: u32, positive: u32| {
        f64::from(u8::from(action & positive != 0)) - f64::from(u8::from(action & negative != 0))
    };
    let (mut dx, mut dy) = (axis(buttons::LEFT, buttons::RIGHT), axis(buttons::UP, buttons::DOWN));
    let is_diagonal = dx * dy != 0.0;
    if is_diagonal {
        (dx, dy) = (dx * DIAGONAL, dy * DIAGONAL);
    }
    let has_direction = dx != 0.0 || dy != 0.0;
    craft.boosts = action & buttons::BOOST != 0 && craft.fuel > 0 && has_direction;
    let thrust = if craft.boosts { BOOST_THRUST } else { THRUST };
    craft.vx = (craft.vx + dx * thrust) * GLIDE;
    craft.vy = (craft.vy + dy * thrust) * GLIDE;
    craft.x += craft.vx;
    craft.y += craft.vy;
    if has_direction {
        turn(craft, dx, dy);
    }
    if craft.boosts {
        craft.fuel -= 1;
    }
}

fn turn(craft: &mut Craft, dx: f64, dy: f64) {
    // A turn by half a circle needs a side to turn to; the small share of the normal gives it.
    let (hx, hy) = (
        craft.hx + (dx - craft.hx) * TURN - craft.hy * 0.01,
        craft.hy + (dy - craft.hy) * TURN + craft.hx * 0.01,
    );
    let length = (hx * hx + hy * hy).sqrt();
    if length > 0.001 {
        (craft.hx, craft.hy) = (hx / length, hy / length);
    }
}

fn bump(craft: &mut [Craft], one: usize, other: usize) {
    let Ok([first, second]) = craft.get_disjoint_mut([one, other]) else {
        return;
    };
    if first.sunk > 0 || second.sunk > 0 {
        return;
    }
    let (dx, dy) = (second.x - first.x, second.y - first.y);
    let distance = (dx * dx + dy * dy).sqrt();
    if !(0.001..CRAFT_RADIUS * 2.0).contains(&distance) {
        return;
    }
    let (nx, ny) = (dx / distance, dy / distance);
    let overlap = CRAFT_RADIUS * 2.0 - distance;
    first.x -= nx * overlap / 2.0;
    first.y -= ny * overlap / 2.0;
    second.x += nx * overlap / 2.0;
    second.y += ny * overlap / 2.0;
    let closing = (first.vx - second.vx) * nx + (first.vy - second.vy) * ny;
    if closing > 0.0 {
        let push = closing * (1.0 + BOUNCE) / 2.0;
        first.vx -= push * nx;
        first.vy -= push * ny;
        second.vx += push * nx;
        second.vy += push * ny;
    }
    (first.bumped, first.bumper) = (BUMPED_FRAMES, other as u32);
    (second.bumped, second.bumper) = (BUMPED_FRAMES, one as u32);
}

/// Lets a craft off the ice sink, and lifts a sunk one back in time.
fn fall(all: &mut [Craft], player: usize, radius: f64) {
    let Some(craft) = all.get_mut(player) else {
        return;
    };
    if craft.sunk > 0 {
        craft.sunk -= 1;
        if craft.sunk == 0 {
            let fresh = Craft::at_start(player);
            let inwards = radius / FRESH_RADIUS;
            let (x, y) = (fresh.x * inwards, fresh.y * inwards);
            *craft = Craft { x, y, score: craft.score, wins: craft.wins, ..fresh };
        }
        return;
    }
    let is_off = craft.x * craft.x + craft.y * craft.y > (radius + 2.0) * (radius + 2.0);
    if is_off {
        craft.sunk = SUNK_FRAMES;
        craft.boosts = false;
        craft.score = craft.score.saturating_sub(1);
        let bumper = (craft.bumped > 0).then_some(craft.bumper as usize);
        if let Some(bumper) = bumper.and_then(|bumper| all.get_mut(bumper)) {
            bumper.score += 2;
        }
    }
}

fn step_gem(gem: &mut Gem, craft: &mut [Craft], radius: f64, random: &mut super::random::Random) {
    if gem.hidden > 0 {
        gem.hidden -= 1;
        if gem.hidden == 0 {
            place(gem, radius, random);
        }
        return;
    }
    if gem.x * gem.x + gem.y * gem.y > radius * radius {
        gem.hidden = 40;
        return;
    }
    let gap = |craft: &Craft| {
        let (dx, dy) = (craft.x - gem.x, craft.y - gem.y);
        dx * dx + dy * dy
    };
    // The nearest craft takes it; of two that are equally near the one of the lower index.
    let nearest = craft
        .iter()
        .map(&gap)
        .enumerate()
        .reduce(|best, next| if next.1 < best.1 { next } else { best });
    let Some((player, gap)) = nearest else {
        return;
    };
    let Some(taker) = craft.get_mut(player).filter(|taker| taker.sunk == 0) else {
        return;
    };
    if gap > REACH * REACH {
        return;
    }
    match gem.kind {
        GemKind::Small => taker.score += 1,
        GemKind::Big => taker.score += 3,
        GemKind::Fuel => taker.fuel = FULL_TANK,
    }
    gem.hidden = 45 + random.below(120);
}

fn place(gem: &mut Gem, radius: f64, random: &mut super::random::Random) {
    for _ in 0..16 {
        let (x, y) = (random.signed_unit(), random.signed_unit());
        if x * x + y * y < 1.0 {
            (gem.x, gem.y) = (x * radius * 0.9, y * radius * 0.9);
            break;
        }
    }
    gem.kind = match random.below(10) {
        0 | 1 => GemKind::Big,
        2 | 3 => GemKind::Fuel,
        _ => GemKind::Small,
    };
}

fn end_round(state: &mut GameState) {
    state.pause_left = PAUSE_FRAMES;
    let best = state.craft.iter().map(|craft| craft.score).max().unwrap_or(0);
    let mut winners = state.craft.iter_mut().filter(|craft| craft.score == best);
    if let (Some(winner), None) = (winners.next(), winners.next()) {
        winner.wins += 1;
    }
}

fn begin_round(state: &mut GameState) {
    state.round += 1;
    state.play_left = ROUND_FRAMES;
    state.radius = FRESH_RADIUS;
    for (player, craft) in state.craft.iter_mut().enumerate() {
        *craft = Craft { wins: craft.wins, ..Craft::at_start(player) };
    }
    for gem in &mut state.gems {
        gem.hidden = 30 + state.random.below(60);
    }
}
