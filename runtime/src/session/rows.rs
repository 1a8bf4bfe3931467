//! When a session hands its rows over: when it leaves an episode, because everybody has all that they
//! need of it, or when it is stopped, as far as nothing can change them any more.

use rollscope::frame::Episode;
use rollscope::rollback::Engine;
use rollscope::worker::{Reply, ReplyBody};

use super::{Phase, Session};
use crate::rows::{Handover, Recorder};

impl Session {
    /// Has the session keep the rows of its episodes, for [`Session::poll_handover`]. To be said
    /// before the game runs.
    pub fn keep_rows(&mut self) {
        self.recorder = Some(Recorder::new(self.config.player));
    }

    /// What is to be handed to the server next.
    pub fn poll_handover(&mut self) -> Option<Handover> {
        self.handovers.pop_front()
    }

    /// Everything that was stepped so far of the episode, guesses too; `None` where no rows are kept.
    pub fn rows_so_far(&mut self) -> Option<Handover> {
        self.recorder.as_mut().map(Recorder::all)
    }

    /// Takes a reply to a batch of the tick under way.
    pub(super) fn take_in(&mut self, reply: Reply) -> Result<(), String> {
        if let (Some(recorder), ReplyBody::Result { result }) = (&mut self.recorder, &reply.body)
            && let Some(operations) = self.in_flight.asked(reply.id)
        {
            recorder.note(operations, result);
        }
        self.in_flight.handle_reply(reply, self.engine.as_mut())
    }

    pub(super) fn enter_rows(&mut self, episode: Episode) {
        if let Some(recorder) = &mut self.recorder {
            recorder.enter(episode);
        }
    }

    pub(super) fn hand_over_episode(&mut self) {
        let end = self.engine.as_ref().and_then(Engine::ended);
        if let (Some(recorder), Some(end)) = (&mut self.recorder, end) {
            let is_cut_off = self.config.options.episode_frames == Some(end.0);
            self.handovers.extend(recorder.hand_over(end, is_cut_off));
        }
    }

    pub(super) fn hand_over_rest(&mut self) {
        let (Phase::Stopped, Some(recorder), Some(engine)) =
            (&self.base.phase, &mut self.recorder, &self.engine)
        else {
            return;
        };
        if let Some(confirmed) = engine.confirmed_frame() {
            let end = confirmed.next().min(engine.current());
            self.handovers.extend(recorder.hand_over(end, false));
        }
    }
}
