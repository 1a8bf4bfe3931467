//! What one worker's state is known to be, from its last known state on over the steps since.

use std::hash::{DefaultHasher, Hasher};

use crate::frame::{Episode, Frame};
use crate::state::PortableState;
use crate::time::Micros;

/// What one worker's state is known to be.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail {
    /// The newest known state, where there is one.
    pub(super) start: Option<Start>,
    actions: u64,
    /// Steps since.
    pub(super) steps: u32,
    // The known states before that: two workers save at different frames, and what they both did is
    // seen only from a state that both saved.
    earlier: [Option<Earlier>; EARLIER],
    /// Whether the stretch since then ended otherwise than before already.
    pub(super) is_diverged: bool,
    /// When the worker was done with its last request, where it says so.
    pub(super) finished: Micros,
    /// What was read of the state.
    pub(super) read: Readings,
}

/// Known states before the newest one that are followed too.
const EARLIER: usize = 3;

/// An earlier known state, and what was stepped since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Earlier {
    /// The state.
    pub(super) start: Start,
    /// Digest of the actions of all steps since.
    pub(super) actions: u64,
    /// Steps since.
    pub(super) steps: u32,
}

/// What was read of a state since it last changed: its contents and its hash, each with its event.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Readings {
    pub(super) state: Option<(u64, u32)>,
    pub(super) hash: Option<(u64, u32)>,
}

/// A known state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// Its contents.
    pub(super) state: PortableState,
    /// Whether it was restored, and not saved.
    pub(super) is_restored: bool,
    /// The episode that was played then.
    pub(super) episode: Option<Episode>,
    /// The frame that it stands before.
    pub(super) frame: Option<Frame>,
}

impl Trail {
    /// A state is known.
    pub(super) fn begin(&mut self, start: Start) {
        let is_continued = !start.is_restored && self.steps > 0;
        if let (Some(before), true) = (self.start, is_continued) {
            self.earlier.rotate_right(1);
            let since = Earlier { start: before, actions: self.actions, steps: self.steps };
            self.earlier[0] = Some(since);
        } else if !is_continued {
            self.earlier = [None; EARLIER];
        }
        self.start = Some(start);
        self.actions = 0;
        self.steps = 0;
        self.is_diverged = false;
    }

    /// A frame was stepped with actions of this digest.
    pub(super) fn step(&mut self, actions: u64) {
        let added = |before: u64| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(before);
            hasher.write_u64(actions);
            hasher.finish()
        };
        self.actions = added(self.actions);
        self.steps = self.steps.saturating_add(1);
        for since in self.earlier.iter_mut().flatten() {
            since.actions = added(since.actions);
            since.steps = since.steps.saturating_add(1);
        }
    }

    /// Changes the numbers of the episodes that its known states are of.
    pub(super) fn renumber(&mut self, put: impl Fn(&mut Option<Episode>)) {
        let earlier = self.earlier.iter_mut().flatten().map(|earlier| &mut earlier.start);
        self.start.iter_mut().chain(earlier).for_each(|start| put(&mut start.episode));
    }

    /// Nothing is known of the state any more.
    pub(super) fn lose(&mut self) {
        self.start = None;
        self.earlier = [None; EARLIER];
        self.read = Readings::default();
    }

    /// The frame that is stepped next.
    pub(super) fn next_frame(&self) -> Option<Frame> {
        self.start?.frame.map(|first| first.plus(self.steps))
    }

    /// The known states from which a stretch ends here, the newest one first; hashes come after every
    /// step of a replay, so that the newest is enough for them.
    pub(super) fn since(&self, is_state: bool) -> impl Iterator<Item = Earlier> + use<> {
        let start = self.start.filter(|_| self.steps > 0);
        let newest = start.map(|start| Earlier { start, actions: self.actions, steps: self.steps });
        let earlier =
            self.earlier.into_iter().flatten().filter(move |_| is_state && start.is_some());
        newest.into_iter().chain(earlier)
    }
}
