//! An observation that began late learns which episode it sees: what was kept under an assumed number
//! gets the true one.

use super::Oracle;
use super::saved::Saved;
use super::stretches::Stretches;
use crate::frame::Episode;

impl Oracle {
    /// Gives everything of one episode its true number; nothing of that one was kept before.
    pub(in crate::session) fn renumber(&mut self, assumed: Episode, number: Episode) {
        if assumed == number {
            return;
        }
        let put = |episode: &mut Option<Episode>| {
            if *episode == Some(assumed) {
                *episode = Some(number);
            }
        };
        self.open.iter_mut().for_each(|open| put(&mut open.episode));
        self.workers.values_mut().for_each(|trail| trail.renumber(put));
        for divergence in &mut self.divergences {
            put(&mut divergence.before.episode);
            put(&mut divergence.after.episode);
        }
        self.restored_wrong.iter_mut().for_each(|(episode, ..)| put(episode));
        self.stretches.renumber(assumed, number);
        self.saved.renumber(assumed, number);
    }
}

impl Stretches {
    fn renumber(&mut self, assumed: Episode, number: Episode) {
        let [from, to] = [assumed, number].map(|episode| 1 + u64::from(episode.0));
        for at in 0..self.episodes.len() {
            if self.episodes.get(at) == Some(from) {
                self.episodes.set(at, to);
            }
        }
    }
}

impl Saved {
    fn renumber(&mut self, assumed: Episode, number: Episode) {
        if let Some(saved) = self.episodes.remove(&Some(assumed)) {
            self.episodes.insert(Some(number), saved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    #[test]
    fn what_was_kept_under_an_assumed_number_is_found_under_the_true_one() {
        let mut oracle = Oracle::default();
        oracle.saved.note(Some(Episode(0)), Frame(5), 7, 1);
        oracle.saved.note(None, Frame(5), 8, 2);
        oracle.restored_wrong.push((Some(Episode(0)), None, 3));
        oracle.renumber(Episode(0), Episode(2));
        assert_eq!(oracle.saved.get(Some(Episode(2)), Frame(5)), Some((7, 1)));
        assert_eq!(oracle.saved.get(Some(Episode(0)), Frame(5)), None);
        assert_eq!(oracle.saved.get(None, Frame(5)), Some((8, 2)));
        assert_eq!(oracle.restored_wrong, [(Some(Episode(2)), None, 3)]);
    }
}
