//! What comes in while a MUG page is in the background (MUG wire notes, §4.6): it is kept aside, taken
//! by the page's first tick after that, before everything else, and by no other.
//!
//! The page's own words of its focus come in; when it takes what waits, its announcements tell.

use std::collections::VecDeque;

use super::{MAX_WAITING, MugPage, Waiting};
use crate::session::peer::PeerSession;

/// Messages of the other peer that a page in the background has not looked at.
#[derive(Debug, Default)]
pub(super) struct Background {
    is_hidden: bool,
    aside: VecDeque<Vec<Waiting>>,
    // Whether the page is back and took what waited.
    is_taken: bool,
}

impl Background {
    /// The page said whether it has the focus.
    pub(super) fn note_focus(&mut self, is_focused: bool) {
        self.is_hidden = !is_focused;
        self.is_taken = false;
    }

    /// Keeps the inputs of a message aside; returns them where the page is not in the background.
    pub(super) fn keep(&mut self, inputs: Vec<Waiting>) -> Option<Vec<Waiting>> {
        if !self.is_hidden {
            return Some(inputs);
        }
        self.aside.push_back(inputs);
        if self.aside.len() > MAX_WAITING {
            self.aside.pop_front();
        }
        None
    }

    /// An episode begins: what came before the page cleared its books is gone.
    pub(super) fn retain(&mut self, stays: impl Fn(&Waiting) -> bool) {
        self.aside.retain(|waiting| waiting.first().is_some_and(&stays));
        self.is_taken = false;
    }
}

impl MugPage {
    /// The page is back: it takes what came while it was hidden. Returns whether there was anything.
    pub(super) fn take_aside(&mut self, peer: &mut PeerSession) -> bool {
        let aside = std::mem::take(&mut self.background.aside);
        // Its channel may have been shut when it came back, so that it could not say so.
        self.background.is_hidden = false;
        self.background.is_taken |= !aside.is_empty();
        aside.into_iter().flatten().for_each(|input| self.take_input(peer, input));
        std::mem::take(&mut self.background.is_taken)
    }

    /// The page asks for inputs that it lacks: it looked at what came while it was hidden before.
    pub(super) fn note_asking(&mut self, peer: &mut PeerSession) {
        self.background.is_taken = self.take_aside(peer);
    }
}
