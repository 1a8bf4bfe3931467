//! A page that came back for a game that is over by now: it begins a new one, as if it had just come.

use wasm_bindgen::JsValue;

use super::super::words;
use super::super::worker_client::WorkerClient;
use super::{Inner, Status, handler};
use crate::signal::ToServer;

impl Inner {
    /// Forgets the game that this page was to take from others, and asks for a place like any page.
    pub(super) fn begin_anew(&mut self) {
        // Where the room is still there, its place is free again.
        if let Some(speaker) = self.speaker() {
            self.tell(&ToServer::LeaveGame(speaker));
        }
        self.session = None;
        self.place = None;
        self.links.clear();
        self.audience.clear();
        self.reloads.clear();
        (self.is_ready, self.is_connected_told) = (false, false);
        self.set_status(Status::Waiting);
        // A worker of its own: no late reply is taken for one of the new session's.
        match self.new_worker() {
            Ok(worker) => self.worker = Some(worker),
            Err(error) => return self.fail(&format!("No worker is possible: {}.", words(&error))),
        }
        self.join();
    }

    pub(super) fn new_worker(&self) -> Result<WorkerClient, JsValue> {
        let handle = handler(&self.this, Inner::handle_worker);
        WorkerClient::start(&self.config.worker_url, handle)
    }
}
