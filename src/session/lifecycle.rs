//! What the peers say of their episodes and pages: ends, starts, focus, and inputs that were asked
//! for.
//!
//! Facts of one observed page come in, in both directions; the checks read what they add up to.

use crate::frame::{Episode, Frame};
use crate::observation::{Direction, Fact};
use crate::sorted::SortedMap;
use crate::time::Micros;

/// Entries kept of each list.
const MAX_KEPT: usize = 1024;

/// Messages of inputs, one a tick, in which a requested input must come: a second of them, longer than
/// any way there and back.
pub const ANSWER_MESSAGES: u32 = 60;

/// Requests, the newest ones, that may still be answered.
const MAX_OPEN_REQUESTS: usize = 16;

/// Handshake messages whose times are kept.
const MAX_HANDSHAKES: usize = 1 << 16;

/// What one side said, with the capture sequence number of the first message that said it.
pub type Said<T> = Option<(T, u32)>;

/// What both sides said of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BothSides<T> {
    /// What the observed page sent.
    pub sent: Said<T>,
    /// What it received.
    pub received: Said<T>,
}

impl<T> Default for BothSides<T> {
    fn default() -> Self {
        Self { sent: None, received: None }
    }
}

impl<T> BothSides<T> {
    fn note(&mut self, direction: Direction, value: T, seq: u32) {
        let side = match direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        };
        side.get_or_insert((value, seq));
    }
}

/// A time during which a page was in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Background {
    /// Whose page: `Sent` for the observed one.
    pub side: Direction,
    /// The frame that it named when it went there.
    pub first: Frame,
    /// The frame that it named when it came back; `None` while it is there.
    pub last: Option<Frame>,
    /// When it went there, as the observed page saw it.
    pub since: Micros,
    /// When it came back.
    pub until: Option<Micros>,
    /// Capture sequence number of the message that said so.
    pub seq: u32,
}

/// A time during which the browser says that the page was hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden {
    /// When it was hidden.
    pub since: Micros,
    /// When it was shown again; `None` while it is not.
    pub until: Option<Micros>,
    /// Capture sequence number of the event that said so.
    pub seq: u32,
}

/// Inputs that one peer asked the other for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Which way the request went.
    pub direction: Direction,
    /// First frame.
    pub first: Frame,
    /// Last frame.
    pub last: Frame,
    /// Whether an answer came, in time where answers can be told from repetitions only by their time.
    pub is_answered: bool,
    /// Messages of inputs by episode that came after it and did not hold the first frame.
    pub passed_over: u32,
    /// Capture sequence number of the request.
    pub seq: u32,
}

/// Everything that was said of episodes and pages.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    /// The first frame that was not played, by episode.
    pub ends: SortedMap<Episode, BothSides<Frame>>,
    /// Steps that the server had asked for when the end of an episode was said first, by episode.
    pub asked_steps: SortedMap<Episode, u32>,
    /// Steps of an episode that the server asks for now.
    pub(super) asks_steps: Option<u32>,
    /// The first 32 bits of the hash of the first state, by episode.
    pub starts: SortedMap<Episode, BothSides<u32>>,
    /// Times in the background, in order.
    pub background: Vec<Background>,
    /// Times in which the browser says that the page was hidden; `None` if it said nothing of it.
    pub hidden: Option<Vec<Hidden>>,
    /// The newest episode that the page said it is ready for, and when it first did.
    pub ready: Option<(Episode, Micros)>,
    /// Requests for inputs, in order.
    pub requests: Vec<Request>,
    /// Handshake messages, sent and received, by time: players' settings, and words that an episode
    /// may begin.
    pub handshakes: Vec<Micros>,
}

impl Lifecycle {
    /// Takes one fact; those of other things are left alone.
    pub fn handle(&mut self, fact: &Fact<'_>, seq: u32, time: Micros) {
        let is_handshake = matches!(fact, Fact::Introduced { .. } | Fact::EpisodeReady { .. });
        if is_handshake && self.handshakes.len() < MAX_HANDSHAKES {
            self.handshakes.push(time);
        }
        if let Fact::EpisodeReady { direction: Direction::Sent, episode, .. } = fact
            && self.ready.is_none_or(|(newest, _)| newest < *episode)
        {
            self.ready = Some((*episode, time));
        }
        match fact {
            Fact::EpisodeEnded { direction, episode, frame } if has_room(&self.ends, *episode) => {
                self.ends.change(*episode, BothSides::default, |ends| {
                    ends.note(*direction, *frame, seq);
                });
                if let Some(steps) = self.asks_steps {
                    self.asked_steps.insert_new(*episode, steps);
                }
            }
            Fact::Configured(configuration) => {
                self.asks_steps = configuration.max_steps.or(self.asks_steps);
            }
            Fact::PageShown { is_visible } => self.note_shown(*is_visible, seq, time),
            Fact::EpisodeReady { direction, episode, hash } if has_room(&self.starts, *episode) => {
                let note = |starts: &mut BothSides<u32>| starts.note(*direction, *hash, seq);
                self.starts.change(*episode, BothSides::default, note);
            }
            // The hash before the first step is a peer's word of its first state, too.
            Fact::HashesReported { direction, episode, hashes, .. }
                if has_room(&self.starts, *episode) =>
            {
                if let Some((_, hash)) = hashes.iter().find(|(frame, _)| *frame == Frame::ZERO) {
                    let leading = (hash >> 32) as u32;
                    let note = |starts: &mut BothSides<u32>| starts.note(*direction, leading, seq);
                    self.starts.change(*episode, BothSides::default, note);
                }
            }
            Fact::FocusReported { direction, is_focused, frame } => {
                self.note_focus(*direction, *is_focused, *frame, (seq, time));
            }
            Fact::InputsRequested { direction, first, last } if self.requests.len() < MAX_KEPT => {
                let (direction, first, last) = (*direction, *first, *last);
                let (is_answered, passed_over) = (false, 0);
                let request = Request { direction, first, last, is_answered, passed_over, seq };
                self.requests.push(request);
            }
            // Inputs that name no current frame answer a request of the other direction.
            Fact::FrameInputsAnnounced { direction, current: None, .. } => {
                let mut newest_first = self.requests.iter_mut().rev();
                let asked = newest_first.find(|one| one.direction != *direction);
                if let Some(request) = asked {
                    request.is_answered = true;
                }
            }
            Fact::InputsAnnounced { direction, first, actions, .. } => {
                let end = first.plus(actions.len() as u32);
                let newest_first = self.requests.iter_mut().rev().take(MAX_OPEN_REQUESTS);
                for one in newest_first.filter(|one| one.direction != *direction) {
                    if one.is_answered || one.passed_over >= ANSWER_MESSAGES {
                        continue;
                    }
                    one.is_answered = (*first..end).contains(&one.first);
                    one.passed_over += u32::from(!one.is_answered);
                }
            }
            _ => {}
        }
    }

    /// Whether the page said that it was in the background at some time between two others.
    #[must_use]
    pub fn was_in_background(&self, from: Micros, to: Micros) -> bool {
        let own = self.background.iter().filter(|one| one.side == Direction::Sent);
        own.into_iter().any(|one| one.since <= to && one.until.is_none_or(|until| until >= from))
    }

    fn note_shown(&mut self, is_visible: bool, seq: u32, time: Micros) {
        let hidden = self.hidden.get_or_insert_default();
        let has_room = hidden.len() < MAX_KEPT;
        let open = hidden.last_mut().filter(|span| span.until.is_none());
        match (open, is_visible) {
            (Some(open), true) => open.until = Some(time),
            (None, false) if has_room => hidden.push(Hidden { since: time, until: None, seq }),
            _ => {}
        }
    }

    fn note_focus(
        &mut self,
        side: Direction,
        is_focused: bool,
        frame: Frame,
        (seq, time): (u32, Micros),
    ) {
        let has_room = self.background.len() < MAX_KEPT;
        let mut newest_first = self.background.iter_mut().rev();
        let open = newest_first.find(|one| one.side == side && one.until.is_none());
        match (open, is_focused) {
            (Some(open), true) => {
                open.last = Some(frame);
                open.until = Some(time);
            }
            (None, false) if has_room => {
                let (first, since) = (frame, time);
                self.background.push(Background {
                    side,
                    first,
                    last: None,
                    since,
                    until: None,
                    seq,
                });
            }
            _ => {}
        }
    }
}

fn has_room<T>(said: &SortedMap<Episode, T>, episode: Episode) -> bool {
    said.len() < MAX_KEPT || said.contains_key(&episode)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Direction = Direction::Sent;
    const RECEIVED: Direction = Direction::Received;

    #[test]
    fn the_first_word_of_each_side_stays() {
        let mut seen = Lifecycle::default();
        for (direction, frame, seq) in [(SENT, 100, 1), (RECEIVED, 102, 2), (SENT, 105, 3)] {
            let (episode, frame) = (Episode(0), Frame(frame));
            seen.handle(&Fact::EpisodeEnded { direction, episode, frame }, seq, Micros(0));
        }
        let ends = seen.ends.get(&Episode(0)).copied().unwrap();
        assert_eq!(ends.sent, Some((Frame(100), 1)));
        assert_eq!(ends.received, Some((Frame(102), 2)));
    }

    #[test]
    fn a_page_comes_back_from_the_background() {
        let mut seen = Lifecycle::default();
        let focus = |direction, is_focused, frame| Fact::FocusReported {
            direction,
            is_focused,
            frame: Frame(frame),
        };
        seen.handle(&focus(SENT, false, 10), 1, Micros(5));
        seen.handle(&focus(RECEIVED, true, 11), 2, Micros(6));
        seen.handle(&focus(SENT, true, 12), 3, Micros(9));
        assert_eq!(seen.background.len(), 1);
        let (last, until) = (seen.background[0].last, seen.background[0].until);
        assert_eq!((last, until), (Some(Frame(12)), Some(Micros(9))));
    }

    #[test]
    fn an_answer_belongs_to_the_newest_request_of_the_other_side() {
        let mut seen = Lifecycle::default();
        for direction in [SENT, RECEIVED] {
            let (first, last) = (Frame(1), Frame(9));
            seen.handle(&Fact::InputsRequested { direction, first, last }, 1, Micros(0));
        }
        let answer = Fact::FrameInputsAnnounced {
            direction: RECEIVED,
            player: crate::player::PlayerId(1),
            current: None,
            inputs: Vec::new(),
            repeats_earlier: true,
        };
        seen.handle(&answer, 2, Micros(0));
        let answered: Vec<bool> = seen.requests.iter().map(|one| one.is_answered).collect();
        assert_eq!(answered, [true, false]);
    }
}
