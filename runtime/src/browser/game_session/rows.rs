//! The rows and counters of episodes on their way to the server: they wait while it is not there.

use rollscope::frame::Episode;
use serde_json::json;

use super::super::signal_client::SignalClient;
use super::super::words;
use super::{Inner, handler};
use crate::part::Part;
use crate::rows::Handover;
use crate::seam::Passed;
use crate::signal::{Counters, EpisodeData, ToServer};

/// Episodes whose rows wait for the server; older ones are let go of.
const MAX_WAITING: usize = 4;

impl Inner {
    /// Takes what the session has for the server, and hands over what waits for it.
    pub(super) fn hand_over(&mut self) {
        let Some(Part::Player(session)) = &mut self.session else {
            return;
        };
        let wants_rows = self.seam.as_mut().is_some_and(|seam| seam.wants_rows());
        let mut handed: Vec<Handover> = Vec::new();
        if wants_rows {
            handed.extend(session.rows_so_far());
        }
        handed.extend(std::iter::from_fn(|| session.poll_handover()));
        let mut passed = Vec::new();
        for handed in handed {
            match &mut self.seam {
                Some(seam) => passed.extend(seam.handle_handover(handed)),
                None => passed.push(Passed::Handover(handed)),
            }
        }
        self.pass(passed);
        while self.signal.as_ref().is_some_and(SignalClient::is_open)
            && let Some(handed) = self.handovers.pop_front()
        {
            self.tell_rows(&handed);
        }
    }

    pub(super) fn keep_for_server(&mut self, handed: Handover) {
        if self.handovers.len() >= MAX_WAITING {
            self.handovers.pop_front();
        }
        self.handovers.push_back(handed);
    }

    fn tell_rows(&mut self, handed: &Handover) {
        let (Some(place), Some(signal)) = (&self.place, &self.signal) else {
            return;
        };
        let (episode, rows) = (handed.rows.episode, handed.rows.frames.len());
        let whose = EpisodeData {
            game_id: place.game_id.clone(),
            player_id: handed.rows.player.0,
            episode_num: episode.0,
        };
        let answered = handler(&self.this, Inner::handle_saved);
        let told = signal.send_rows(&whose, &handed.rows.to_msgpack(), move |is_saved| {
            answered((episode, rows, is_saved));
        });
        let counters = Counters {
            game_id: place.game_id.clone(),
            player_id: place.player_id,
            metrics: handed.metrics(),
        };
        self.tell(&ToServer::EmitMultiplayerMetrics(counters));
        if let Err(error) = told {
            self.fail(&format!("The rows cannot be handed over: {}.", words(&error)));
        }
    }

    fn handle_saved(&mut self, (episode, rows, is_saved): (Episode, usize, bool)) {
        if let Some(Part::Player(session)) = &mut self.session {
            let line = json!({
                "event": "rows", "episode": episode, "rows": rows, "saved": is_saved,
            });
            session.log.write(&line);
        }
    }
}
