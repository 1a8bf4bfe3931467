//! Where a program may stand between a session and the outside, to show what becomes of a page that
//! does wrong.
//!
//! The arena's faults use it. A session without a seam has none of this in its way but one look
//! whether there is one, and the module for npm offers none: a page cannot come to it by a setting.

use rollscope::player::PlayerId;
use rollscope::worker::{Reply, Request};
use serde_json::Value;

use crate::rows::Handover;

/// What goes on in the place of something that came by.
#[derive(Debug, Clone, PartialEq)]
pub enum Passed {
    /// The worker is asked this.
    Request(Value),
    /// The session hears this.
    Reply(Reply),
    /// Another page is sent this.
    Message(PlayerId, Vec<u8>),
    /// The server is handed this.
    Handover(Handover),
    /// The worker is ended, and goes on being asked.
    EndWorker,
    /// The page is hidden from now on, or seen again.
    Hidden(bool),
    /// The page's connections are cut, or allowed again.
    CutP2p(bool),
    /// The page leaves its game for good.
    Leave,
}

/// Stands between a session and its worker, peers and server.
pub trait Seam {
    /// Takes a request of the session on its way to the worker.
    fn handle_request(&mut self, request: Request) -> Vec<Passed>;
    /// Takes what the worker says, as an object.
    fn handle_reply(&mut self, said: Value) -> Vec<Passed>;
    /// Takes a message of the session on its way to another page.
    fn handle_sent(&mut self, to: PlayerId, message: Vec<u8>) -> Vec<Passed>;
    /// Sees a message of another page, before the session does.
    fn handle_received(&mut self, message: &[u8]);
    /// Takes what the session hands to the server.
    fn handle_handover(&mut self, handed: Handover) -> Vec<Passed>;
    /// Whether the rows so far are handed over next, whatever they rest on; asked after every event.
    fn wants_rows(&mut self) -> bool;
}

/// Stands between a worker's environment and its page.
pub trait WorkerSeam {
    /// Takes a reply on its way to the page; what is returned is posted in its place.
    ///
    /// # Errors
    ///
    /// The message of an error that nothing catches: the worker fails.
    fn handle_reply(&mut self, reply: Value) -> Result<Vec<Value>, String>;
}
