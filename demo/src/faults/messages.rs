//! Faults of what a page says to the others: inputs that are left out, doubled or leaked, and hashes
//! of other states.

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::message::{Form, PeerMessage};
use rollscope::player::PlayerId;
use rollscope_runtime::seam::Passed;

use super::Fault;
use super::requests::PageFaults;

/// Ticks that a storm of introductions lasts: three seconds.
const STORM_FRAMES: u32 = 180;

/// Messages of inputs from which one is left out: two and a half seconds, of which the other page
/// waits half a second before it asks.
const WITHHELD_MESSAGES: u32 = 150;

/// Frames after which an introduction that was lost is said again.
const UNANSWERED_FRAMES: u32 = 30;

/// Frames without a ping: a second and a half.
const PINGLESS_FRAMES: u32 = 90;

/// Inputs that leak out of another episode.
const LEAKED_INPUTS: usize = 7;

impl PageFaults {
    pub(super) fn send(&mut self, to: PlayerId, bytes: Vec<u8>) -> Vec<Passed> {
        let Ok((message, form)) = PeerMessage::decode_any(&bytes) else {
            return vec![Passed::Message(to, bytes)];
        };
        let messages = match message {
            PeerMessage::Hello { player, settings, .. } => {
                self.known.local = Some(player);
                self.known.input_delay_frames = settings.input_delay_frames;
                self.known.hello = Some(message);
                return vec![Passed::Message(to, bytes)];
            }
            PeerMessage::StateHashes { .. } => {
                self.known.said = Some(message.clone());
                self.hashes(message)
            }
            PeerMessage::Inputs { .. } => self.inputs(message),
            PeerMessage::Ping { .. } if self.pings_stop() => Vec::new(),
            PeerMessage::FrameSync { .. } => {
                return self
                    .ends_of_times()
                    .into_iter()
                    .chain([Passed::Message(to, bytes)])
                    .collect();
            }
            _ => return vec![Passed::Message(to, bytes)],
        };
        messages.iter().map(|message| Passed::Message(to, encoded(message, form))).collect()
    }

    // A page that was hidden or without a channel for long enough is so no longer.
    fn ends_of_times(&mut self) -> Vec<Passed> {
        let mut ended = Vec::new();
        for (syncs, end) in [
            (&mut self.hidden_syncs, Passed::Hidden(false)),
            (&mut self.cut_syncs, Passed::CutP2p(false)),
        ] {
            if *syncs > 0 {
                *syncs -= 1;
                ended.extend((*syncs == 0).then_some(end));
            }
        }
        ended
    }

    // Whether an input is left out for a while, though the other page asks for it.
    fn withholds(&mut self, first: Frame, actions: usize) -> bool {
        let faults = self.course.faults;
        let place = faults.from().and_then(|from| from.checked_sub(first.0));
        let is_there = place.is_some_and(|place| (place as usize) < actions);
        let is_on = is_there && faults.has(Fault::UnansweredRequest);
        self.withheld += u32::from(is_on);
        is_on && self.withheld <= WITHHELD_MESSAGES
    }

    fn pings_stop(&self) -> bool {
        let faults = self.course.faults;
        let until = faults.from().map(|from| from + PINGLESS_FRAMES);
        self.course.is_on(Fault::LatePings) && until.is_some_and(|until| self.course.frame < until)
    }

    fn hashes(&mut self, mut message: PeerMessage) -> Vec<PeerMessage> {
        if self.course.is_on(Fault::NoHashes) {
            return Vec::new();
        }
        let (faults, known) = (self.course.faults, &self.known.hashes);
        if let PeerMessage::StateHashes { hashes, .. } = &mut message {
            for (frame, hash) in hashes {
                if faults.is_at_work(Fault::ReportOtherHash, frame.0) {
                    *hash ^= 1;
                }
                let before = known.range(..frame.0).next_back();
                if let Some((_, before)) = before
                    && faults.is_at_work(Fault::HashOfOtherFrame, frame.0)
                {
                    *hash = *before;
                }
            }
        }
        vec![message]
    }

    fn inputs(&mut self, message: PeerMessage) -> Vec<PeerMessage> {
        let PeerMessage::Inputs { episode, player, current, received_through, first, actions } =
            &message
        else {
            return vec![message];
        };
        let part = |first: Frame, actions: &[Action]| PeerMessage::Inputs {
            episode: *episode,
            player: *player,
            current: *current,
            received_through: *received_through,
            first,
            actions: actions.to_vec(),
        };
        let mut messages = Vec::new();
        let faults = self.course.faults;
        let has_hole = faults.has(Fault::InputHole)
            || faults.has(Fault::Unannounced)
            || self.withholds(*first, actions.len());
        let hole = faults.from().filter(|_| has_hole).and_then(|from| from.checked_sub(first.0));
        let parts =
            hole.map(|hole| (actions.get(..hole as usize), actions.get(hole as usize + 1..)));
        match (parts, hole, faults.from()) {
            (Some((Some(before), Some(after))), _, Some(from)) => {
                messages.push(part(*first, before));
                messages.push(part(Frame(from + 1), after));
            }
            _ => messages.push(message.clone()),
        }
        if let Some(from) = faults.from().filter(|_| faults.has(Fault::LeakedInputs))
            && self.leaked != Some(*episode)
        {
            self.leaked = Some(*episode);
            let PeerMessage::Inputs { .. } = &message else { return messages };
            messages.insert(
                0,
                PeerMessage::Inputs {
                    episode: *episode,
                    player: *player,
                    current: Frame(from),
                    received_through: None,
                    first: Frame(from),
                    actions: vec![Action(9); LEAKED_INPUTS],
                },
            );
        }
        if self.course.is_on(Fault::AnnounceTwice)
            && let Some((last, rest)) = actions.split_last()
        {
            messages.push(part(*first, &[rest, &[Action(last.0 ^ 1)]].concat()));
        }
        if self.course.is_on(Fault::ChattySync) {
            messages.extend(self.known.said.clone());
        }
        let is_storm = faults.from().is_some_and(|from| self.course.frame < from + STORM_FRAMES);
        if is_storm && self.course.is_on(Fault::EchoStorm) {
            messages.extend(self.known.hello.as_ref().map(as_answer));
        }
        // An introduction that asks for an answer, whenever the one before was answered.
        let is_answered = self.course.frame >= self.greets_at;
        if is_storm && is_answered && self.course.is_on(Fault::ReadyStorm) {
            messages.extend(self.known.hello.as_ref().map(as_question));
            self.greets_at = self.course.frame + UNANSWERED_FRAMES;
        }
        let newest = self.known.hashes.last_key_value().map(|(frame, hash)| (*frame, *hash));
        if let Some((frame, hash)) = newest.filter(|(frame, _)| *frame > self.known.first_guessed())
            && self.course.happens(Fault::HashOfPredicted)
        {
            let (episode, player) = (*episode, *player);
            let hashes = vec![(Frame(frame), hash)];
            messages.push(PeerMessage::StateHashes { episode, player, hashes });
        }
        messages
    }
}

// An introduction that asks for no answer.
fn as_answer(hello: &PeerMessage) -> PeerMessage {
    hello_with(hello, true)
}

// One that does.
fn as_question(hello: &PeerMessage) -> PeerMessage {
    hello_with(hello, false)
}

fn hello_with(hello: &PeerMessage, is_answer: bool) -> PeerMessage {
    let mut hello = hello.clone();
    if let PeerMessage::Hello { answered, .. } = &mut hello {
        *answered = is_answer;
    }
    hello
}

fn encoded(message: &PeerMessage, form: Form) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode_as(form, &mut bytes);
    bytes
}
