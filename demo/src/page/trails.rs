//! What the eye remembers of earlier pictures: tracks on the ice and points that float up.
//!
//! Only for drawing: the game's state knows nothing of it, and a rollback may rewrite it.

use std::collections::VecDeque;

use crate::game::View;

/// Marks of a track.
const TRACK_LENGTH: usize = 32;
/// Frames between two marks: closer ones are not seen and cost time.
const MARK_FRAMES: u32 = 2;
/// Pictures that a floating point lasts.
pub(super) const FLOAT_LENGTH: u32 = 55;
/// A step longer than this is no drive but a new start.
const LONGEST_STEP: f64 = 20.0;
/// Frames between two pictures above which nobody saw the way between them: the page was hidden.
const LONGEST_GAP_FRAMES: u32 = 6;

/// One place of a craft.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) boosts: bool,
    /// Whether the track goes on from the mark before.
    pub(super) continues: bool,
}

/// Points that were just made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floating {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) player: usize,
    pub(super) points: u32,
    pub(super) age: u32,
}

/// Memory of the drawing.
#[derive(Debug, Default)]
pub(super) struct Trails {
    pub(super) tracks: Vec<VecDeque<Mark>>,
    pub(super) floating: VecDeque<Floating>,
    last: Option<(u32, u32, Vec<u32>)>,
    marked_frame: u32,
}

impl Trails {
    /// Takes the picture that is about to be drawn; a picture of the same frame changes nothing.
    pub(super) fn note(&mut self, view: &View) {
        let scores = view.craft.iter().map(|craft| craft.score).collect();
        self.tracks.resize_with(view.craft.len(), VecDeque::new);
        let last = self.last.replace((view.frame, view.round, scores));
        if last.as_ref().is_some_and(|(frame, ..)| *frame == view.frame) {
            return;
        }
        let is_gap = |(frame, ..): &(u32, u32, Vec<u32>)| {
            view.frame.saturating_sub(*frame) > LONGEST_GAP_FRAMES
        };
        let last = last.filter(|last| !is_gap(last));
        if last.is_none() {
            self.tracks.iter_mut().for_each(VecDeque::clear);
            self.floating.clear();
        }
        if view.frame.abs_diff(self.marked_frame) >= MARK_FRAMES {
            self.marked_frame = view.frame;
            self.mark(view);
        }
        self.floating.retain_mut(|floating| {
            floating.age += 1;
            floating.age < FLOAT_LENGTH
        });
        let Some((_, _, before)) = last.filter(|(_, round, _)| *round == view.round) else {
            return;
        };
        for (player, (craft, before)) in view.craft.iter().zip(before).enumerate() {
            if let Some(points) = craft.score.checked_sub(before).filter(|points| *points > 0) {
                let (x, y) = (craft.x, craft.y);
                self.floating.push_back(Floating { x, y, player, points, age: 0 });
            }
        }
    }

    fn mark(&mut self, view: &View) {
        for (track, craft) in self.tracks.iter_mut().zip(&view.craft) {
            let near = |mark: &Mark| {
                let (dx, dy) = (craft.x - mark.x, craft.y - mark.y);
                dx * dx + dy * dy < LONGEST_STEP * LONGEST_STEP
            };
            let continues = !craft.is_sunk && track.back().is_some_and(near);
            track.push_back(Mark { x: craft.x, y: craft.y, boosts: craft.boosts, continues });
            while track.len() > TRACK_LENGTH {
                track.pop_front();
            }
        }
    }
}
