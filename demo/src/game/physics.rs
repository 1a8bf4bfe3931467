//! One frame of the game.
//!
//! Only `+ - * /`, `sqrt` and comparisons touch floats: they are exact in IEEE 754 and so the same
//! in every browser. `min`, `max`, powers and trigonometry are not, or not for every value.

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

pub(super) fn step(state: &mut GameState, actions: [u32; 2]) {
    state.frame = state.frame.wrapping_add(1);
    if state.pause_left > 0 {
        state.pause_left -= 1;
        if state.pause_left == 0 {
            begin_round(state);
        }
        return;
    }
    for (craft, action) in state.craft.iter_mut().zip(actions) {
        drive(craft, action);
    }
    let [first, second] = &mut state.craft;
    bump(first, second);
    fall(first, second, 0, state.radius);
    fall(second, first, 1, state.radius);
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

fn bump(first: &mut Craft, second: &mut Craft) {
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
    first.bumped = BUMPED_FRAMES;
    second.bumped = BUMPED_FRAMES;
}

/// Lets a craft off the ice sink, and lifts a sunk one back in time.
fn fall(craft: &mut Craft, other: &mut Craft, player: usize, radius: f64) {
    if craft.sunk > 0 {
        craft.sunk -= 1;
        if craft.sunk == 0 {
            let fresh = Craft::at_start(player);
            let inwards = radius / FRESH_RADIUS;
            *craft = Craft { x: fresh.x * inwards, score: craft.score, wins: craft.wins, ..fresh };
        }
        return;
    }
    let is_off = craft.x * craft.x + craft.y * craft.y > (radius + 2.0) * (radius + 2.0);
    if is_off {
        craft.sunk = SUNK_FRAMES;
        craft.boosts = false;
        craft.score = craft.score.saturating_sub(1);
        if craft.bumped > 0 {
            other.score += 2;
        }
    }
}

fn step_gem(
    gem: &mut Gem,
    craft: &mut [Craft; 2],
    radius: f64,
    random: &mut super::random::Random,
) {
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
    let [first, second] = craft;
    // The nearer craft takes it, so that neither player is favoured by order.
    let taker = if gap(first) <= gap(second) { first } else { second };
    if taker.sunk > 0 || gap(taker) > REACH * REACH {
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
    let [first, second] = &mut state.craft;
    match first.score.cmp(&second.score) {
        std::cmp::Ordering::Greater => first.wins += 1,
        std::cmp::Ordering::Less => second.wins += 1,
        std::cmp::Ordering::Equal => {}
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
