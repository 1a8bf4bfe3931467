//! Faults of what a page hands to its server: rows that are lacking, doubled, shifted, early or of other
//! contents, and counters that are wrong.

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::player::PlayerId;
use rollscope_runtime::rows::{EpisodeRows, Handover, PlayerColumns};

use super::Fault;
use super::requests::PageFaults;

impl PageFaults {
    /// Whether the rows go out now, although inputs of their newest frames are guessed.
    pub(super) fn is_too_early(&mut self) -> bool {
        let guesses = self.known.first_guessed() + 1 < self.course.frame;
        self.is_early_due = guesses && self.course.happens(Fault::ExportEarly);
        self.is_early_due
    }

    /// What is handed over in place of what the session would; nothing of an episode whose rows went
    /// out early.
    pub(super) fn hand_over(&mut self, mut handed: Handover) -> Option<Handover> {
        if self.early == Some(handed.rows.episode) {
            return None;
        }
        if std::mem::take(&mut self.is_early_due) {
            self.early = Some(handed.rows.episode);
        }
        if self.course.has_happened(Fault::BackgroundForgotten) {
            handed.hidden_ms.clear();
        }
        let rows = &mut handed.rows;
        let at = |from| rows.frames.iter().position(|frame| frame.0 == from);
        let from = self.course.faults.from();
        let (Some(from), Some(place)) = (from, from.and_then(at)) else {
            return Some(handed);
        };
        let other = rows
            .players
            .len()
            .checked_sub(1)
            .map_or(0, |last| if rows.player.index() == last { 0 } else { last });
        if self.course.happens(Fault::ExportGap) {
            rows.frames.remove(place);
            each_column(rows, |cells| cells.remove(place));
        }
        if self.course.happens(Fault::ExportTwice) {
            rows.frames.insert(place, Frame(from));
            each_column(rows, |cells| cells.repeat(place));
        }
        if let Some(columns) = rows.players.get_mut(other)
            && let Some(action) = columns.actions.get_mut(place)
            && self.course.happens(Fault::ExportGuess)
        {
            *action = Action(action.0 ^ 1);
        }
        for fault in [Fault::ExportRewards, Fault::ExportOtherReward] {
            if let Some(columns) = rows.players.get_mut(other)
                && let Some(reward) = columns.rewards.get_mut(place)
                && self.course.happens(fault)
            {
                *reward += 1.0;
            }
        }
        if self.course.happens(Fault::ExportShifted) {
            rows.frames.iter_mut().skip(place).for_each(|frame| *frame = frame.next());
        }
        if self.course.happens(Fault::ExportUnsaved) {
            rows.player = PlayerId(other as u8);
        }
        if let Some(counters) = handed.counters.last_mut()
            && self.course.happens(Fault::WrongCounters)
        {
            counters.rollback_count += 1;
        }
        Some(handed)
    }
}

/// The cells of one column.
trait Cells {
    fn remove(&mut self, place: usize);
    fn repeat(&mut self, place: usize);
}

impl<T: Clone> Cells for Vec<T> {
    fn remove(&mut self, place: usize) {
        if place < self.len() {
            Vec::remove(self, place);
        }
    }

    fn repeat(&mut self, place: usize) {
        if let Some(cell) = self.get(place).cloned() {
            self.insert(place, cell);
        }
    }
}

fn each_column(rows: &mut EpisodeRows, change: impl Fn(&mut dyn Cells)) {
    for PlayerColumns { actions, rewards, terminateds, truncateds } in &mut rows.players {
        let columns: [&mut dyn Cells; 4] = [actions, rewards, terminateds, truncateds];
        columns.into_iter().for_each(&change);
    }
}
