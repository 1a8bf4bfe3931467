//! What crosses between the session and its worker and peers, with what stands in between, if
//! anything does.

use rollscope::player::PlayerId;
use rollscope::time::Micros;

use super::super::clock::now;
use super::super::words;
use super::super::worker_client::read_reply;
use super::Inner;
use crate::seam::Passed;

impl Inner {
    /// Posts what the session asks of its worker.
    pub(super) fn post_requests(&mut self) {
        while let Some(request) = self.session.as_mut().and_then(|session| session.poll_request()) {
            match (&mut self.seam, &mut self.worker) {
                (Some(seam), _) => {
                    let passed = seam.handle_request(request);
                    self.pass(passed);
                }
                (None, Some(worker)) => {
                    if let Err(error) = worker.post(&request) {
                        self.fail(&format!("The worker takes nothing: {}.", words(&error)));
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// Takes a reply of the worker as JSON text.
    pub(super) fn handle_reply(&mut self, text: &str) {
        if let Some(seam) = &mut self.seam {
            let passed = seam.handle_reply(serde_json::from_str(text).unwrap_or_default());
            return self.pass(passed);
        }
        match (read_reply(text), &mut self.session) {
            (Ok(reply), Some(session)) => session.handle_reply(reply),
            (Ok(_), None) => {}
            (Err(reason), _) => self.fail(&reason),
        }
    }

    /// Puts a message on its way to another page.
    pub(super) fn send(&mut self, now: Micros, to: PlayerId, message: Vec<u8>) {
        if let Some(seam) = &mut self.seam {
            let passed = seam.handle_sent(to, message);
            return self.pass(passed);
        }
        self.put(now, to, message);
    }

    /// Takes a message of another page.
    pub(super) fn handle_received(&mut self, from: PlayerId, message: &[u8]) {
        if let Some(seam) = &mut self.seam {
            seam.handle_received(message);
        }
        if let Some(link) = self.link(from) {
            link.presence_mut().handle_heard();
        }
        if let Some(session) = &mut self.session {
            session.handle_message(now(), from, message);
        }
    }

    fn put(&mut self, now: Micros, to: PlayerId, message: Vec<u8>) {
        if let Some(link) = self.link(to) {
            link.send(now, message);
        }
    }

    pub(super) fn pass(&mut self, passed: Vec<Passed>) {
        for one in passed {
            match (one, &mut self.session, &mut self.worker) {
                (Passed::Message(to, message), _, _) => self.put(now(), to, message),
                (Passed::Reply(reply), Some(session), _) => session.handle_reply(reply),
                (Passed::Request(request), _, Some(worker)) => {
                    if let Err(error) = worker.post_text(&request.to_string()) {
                        self.fail(&format!("The worker takes nothing: {}.", words(&error)));
                    }
                }
                (Passed::Handover(handed), _, _) => self.keep_for_server(handed),
                (Passed::EndWorker, _, Some(worker)) => worker.end(),
                (Passed::CutP2p(is_cut), ..) => self.cut_links(is_cut),
                (Passed::Leave, ..) => {
                    self.leave();
                    self.stop("This page has left.");
                }
                (Passed::Hidden(is_hidden), Some(session), _) => session.set_hidden(is_hidden),
                _ => {}
            }
        }
    }
}
