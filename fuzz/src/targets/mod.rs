//! What is fed: one target per dialect, the hook's chunks, capture files, recordings, a whole session,
//! and state texts.

mod bytes;
mod channel;
mod session;
mod states;

use crate::random::Random;

/// What came of one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Facts, events or records that were read.
    pub read: u32,
    /// Issues that were counted.
    pub issues: u32,
}

/// Makes inputs and feeds them, one at a time.
pub trait Feed {
    /// Feeds one input.
    fn feed(&mut self, random: &mut Random) -> Tally;
}

/// One target.
pub struct Target {
    /// Name, as the command line takes it.
    pub name: &'static str,
    /// What is fed with what.
    pub about: &'static str,
    /// Begins anew.
    pub make: fn() -> Box<dyn Feed>,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "native",
        about: "this project's own dialect: peer messages in three forms, worker requests and replies",
        make: channel::native,
    },
    Target {
        name: "p2p_binary",
        about: "MUG's binary messages between peers",
        make: channel::p2p_binary,
    },
    Target {
        name: "p2p_json",
        about: "the older design's JSON texts between peers",
        make: channel::p2p_json,
    },
    Target { name: "p2p_probe", about: "matchmaking probes", make: channel::p2p_probe },
    Target {
        name: "worker",
        about: "requests to MUG's worker and its replies, as trees",
        make: channel::worker,
    },
    Target {
        name: "worker_timer",
        about: "commands to a page's timer worker and its ticks, of the dialect `worker`",
        make: channel::timer,
    },
    Target {
        name: "socketio",
        about: "text frames, binary attachments, MessagePack",
        make: channel::socketio,
    },
    Target {
        name: "python_main_thread",
        about: "calls of Python and their results, as trees",
        make: channel::python,
    },
    Target {
        name: "recorder_jsonl",
        about: "lines of a recording, imported into chunks and decoded",
        make: bytes::recorder,
    },
    Target { name: "hook_wire", about: "chunks of the hook", make: bytes::chunks },
    Target {
        name: "capture_file",
        about: "capture files, damaged outside and inside their chunk",
        make: bytes::files,
    },
    Target {
        name: "session",
        about: "games of plausible and changed messages, reconstructed, checked at the end",
        make: session::games,
    },
    Target {
        name: "state_text",
        about: "state texts, hashed the quick way and over a whole document, by four rules",
        make: states::states,
    },
];
