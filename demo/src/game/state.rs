//! What the game remembers between two frames, and how a game begins.
//!
//! The state text is the JSON of [`GameState`]; lengths are in units of a hundredth of the fresh
//! floe's radius, times in frames.

use serde::{Deserialize, Serialize};

use super::random::Random;

/// Fewest and most players of a game.
pub const PLAYERS: std::ops::RangeInclusive<usize> = 2..=8;

/// Gems on the ice at once.
pub const GEMS: usize = 5;

/// Fuel of a full tank: frames of boost.
pub(super) const FULL_TANK: u32 = 75;

/// Frames of play per round.
pub(super) const ROUND_FRAMES: u32 = 1500;

/// Frames between two rounds.
pub(super) const PAUSE_FRAMES: u32 = 150;

/// Radius of the floe when a round begins.
pub(super) const FRESH_RADIUS: f64 = 100.0;

const DIAGONAL: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// Side of the floe that each player starts from, as a unit vector.
const SIDES: [(f64, f64); 8] = [
    (-1.0, 0.0),
    (1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (-DIAGONAL, -DIAGONAL),
    (DIAGONAL, DIAGONAL),
    (DIAGONAL, -DIAGONAL),
    (-DIAGONAL, DIAGONAL),
];

/// Everything that later frames depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GameState {
    /// Frames stepped since the reset.
    pub frame: u32,
    /// Round, counted from 1.
    pub round: u32,
    /// Frames left to play in this round.
    pub play_left: u32,
    /// Frames left of the pause after this round; 0 while it is played.
    pub pause_left: u32,
    /// Radius of the floe.
    pub radius: f64,
    /// The craft by player.
    pub craft: Vec<Craft>,
    /// The gems.
    pub gems: [Gem; GEMS],
    /// Random state.
    pub random: Random,
}

/// One player's hovercraft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Craft {
    /// Place, to the right of the middle.
    pub x: f64,
    /// Place, below the middle.
    pub y: f64,
    /// Speed to the right per frame.
    pub vx: f64,
    /// Speed downwards per frame.
    pub vy: f64,
    /// Where it points, as a unit vector.
    pub hx: f64,
    /// See `hx`.
    pub hy: f64,
    /// Frames of boost in the tank.
    pub fuel: u32,
    /// Whether it boosts in this frame.
    pub boosts: bool,
    /// Frames until it is lifted out of the water; 0 while it is on the ice.
    pub sunk: u32,
    /// Frames in which a fall still counts for the other player, who bumped it.
    pub bumped: u32,
    /// Index of the player who bumped it last.
    pub bumper: u32,
    /// Points of this round.
    pub score: u32,
    /// Rounds won.
    pub wins: u32,
}

/// What a gem is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GemKind {
    /// One point.
    Small,
    /// Three points.
    Big,
    /// A full tank.
    Fuel,
}

/// One gem, or the place for the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gem {
    /// Place, to the right of the middle.
    pub x: f64,
    /// Place, below the middle.
    pub y: f64,
    /// What it is worth.
    pub kind: GemKind,
    /// Frames until it appears; 0 while it lies on the ice.
    pub hidden: u32,
}

impl GameState {
    /// The first state of a game of so many players.
    #[must_use]
    pub fn new(seed: u32, players: usize) -> Self {
        Self::with_random(Random::new(seed), players)
    }

    pub(super) fn with_random(mut random: Random, players: usize) -> Self {
        let gems = std::array::from_fn(|_| Gem {
            x: 0.0,
            y: 0.0,
            kind: GemKind::Small,
            hidden: 30 + random.below(60),
        });
        Self {
            frame: 0,
            round: 1,
            play_left: ROUND_FRAMES,
            pause_left: 0,
            radius: FRESH_RADIUS,
            craft: (0..players).map(Craft::at_start).collect(),
            gems,
            random,
        }
    }
}

impl Craft {
    /// A craft of `player` at its place when a round begins.
    pub(super) fn at_start(player: usize) -> Self {
        let (x, y) = SIDES.get(player).copied().unwrap_or_default();
        Self {
            x: 55.0 * x,
            y: 55.0 * y,
            vx: 0.0,
            vy: 0.0,
            // Towards the middle; no zero gets a sign.
            hx: 0.0 - x,
            hy: 0.0 - y,
            fuel: FULL_TANK,
            boosts: false,
            sunk: 0,
            bumped: 0,
            bumper: 0,
            score: 0,
            wins: 0,
        }
    }
}
