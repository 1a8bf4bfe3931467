//! Where a page's faults stand: between its session, its worker and the other pages.

use rollscope::message::PeerMessage;
use rollscope::player::PlayerId;
use rollscope::worker::{Command, Operation, Request};
use rollscope_runtime::rows::Handover;
use rollscope_runtime::seam::{Passed, Seam};
use serde_json::Value;

use super::Fault;
use super::requests::PageFaults;

impl Seam for PageFaults {
    fn handle_request(&mut self, request: Request) -> Vec<Passed> {
        let id = request.id;
        match request.command {
            Command::Batch(mut wanted) => {
                self.company.join(&mut wanted, self.course.faults, self.known.local);
                match wanted.first() {
                    Some(Operation::SetState { .. }) => self.replay(id, wanted),
                    _ => self.live(id, wanted),
                }
            }
            mut command => {
                if let Command::Single(Operation::Reset { seed }) = &mut command {
                    self.known.begin_episode();
                    self.company.begin(*seed);
                    if self.course.faults.is_at_work(Fault::StartsDiffer, u32::MAX) {
                        *seed = seed.map(|seed| seed.wrapping_add(1));
                    }
                }
                let request = Request { id, command };
                vec![Passed::Request(serde_json::to_value(&request).unwrap_or_default())]
            }
        }
    }

    fn handle_reply(&mut self, said: Value) -> Vec<Passed> {
        self.reply(said)
    }

    fn handle_sent(&mut self, to: PlayerId, message: Vec<u8>) -> Vec<Passed> {
        self.send(to, message)
    }

    fn handle_received(&mut self, message: &[u8]) {
        if let Ok((message, _)) = PeerMessage::decode_any(message) {
            self.known.note_received(&message);
            if let PeerMessage::Hello { .. } = message {
                self.greets_at = 0;
            }
        }
    }
    fn handle_handover(&mut self, handed: Handover) -> Vec<Passed> {
        self.hand_over(handed).into_iter().map(Passed::Handover).collect()
    }

    fn wants_rows(&mut self) -> bool {
        self.is_too_early()
    }
}
