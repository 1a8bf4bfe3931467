//! What the page draws and bots look at: the state without its random words, by stable names.
//!
//! The worker makes it from the state, the page reads it back from the reply of `render`.

use serde::{Deserialize, Serialize};

use super::state::{FULL_TANK, GEMS, GameState, GemKind, ROUND_FRAMES};

/// One picture of the game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Frames stepped.
    pub frame: u32,
    /// Round, counted from 1.
    pub round: u32,
    /// Share of the round that is left, 0 to 1.
    pub time_left: f64,
    /// Whether the round is over.
    pub is_pause: bool,
    /// Radius of the floe.
    pub radius: f64,
    /// The craft by player.
    pub craft: Vec<CraftView>,
    /// The gems that lie on the ice.
    pub gems: Vec<GemView>,
}

/// One craft.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CraftView {
    /// Place, to the right of the middle.
    pub x: f64,
    /// Place, below the middle.
    pub y: f64,
    /// Speed to the right per frame.
    pub vx: f64,
    /// Speed downwards per frame.
    pub vy: f64,
    /// Where it points.
    pub hx: f64,
    /// See `hx`.
    pub hy: f64,
    /// Fuel, 0 to 1.
    pub fuel: f64,
    /// Whether it boosts.
    pub boosts: bool,
    /// Whether it is in the water.
    pub is_sunk: bool,
    /// Points of this round.
    pub score: u32,
    /// Rounds won.
    pub wins: u32,
}

/// One gem on the ice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GemView {
    /// Which of the game's gems it is.
    pub index: u8,
    /// Place, to the right of the middle.
    pub x: f64,
    /// Place, below the middle.
    pub y: f64,
    /// What it is worth.
    pub kind: GemKind,
}

impl View {
    /// The picture of a state.
    #[must_use]
    pub fn of(state: &GameState) -> Self {
        let as_seen = |craft: &super::state::Craft| CraftView {
            x: craft.x,
            y: craft.y,
            vx: craft.vx,
            vy: craft.vy,
            hx: craft.hx,
            hy: craft.hy,
            fuel: f64::from(craft.fuel) / f64::from(FULL_TANK),
            boosts: craft.boosts,
            is_sunk: craft.sunk > 0,
            score: craft.score,
            wins: craft.wins,
        };
        let mut gems = Vec::with_capacity(GEMS);
        for (index, gem) in state.gems.iter().enumerate() {
            if gem.hidden == 0 {
                let (index, kind) = (index as u8, gem.kind);
                gems.push(GemView { index, x: gem.x, y: gem.y, kind });
            }
        }
        Self {
            frame: state.frame,
            round: state.round,
            time_left: f64::from(state.play_left) / f64::from(ROUND_FRAMES),
            is_pause: state.pause_left > 0,
            radius: state.radius,
            craft: state.craft.iter().map(as_seen).collect(),
            gems,
        }
    }
}
