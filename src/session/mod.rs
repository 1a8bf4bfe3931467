//! Reconstruction: per peer and episode, what was simulated with what, repaired when, hashed how.
//!
//! Observations come in, records stand ready for `verify` and `timeline`. The decisions of a
//! rollback engine are replayed by the same input ledger that the live engine runs. Nothing here
//! knows bytes or browsers.

mod accounts;
mod announcements;
mod arrivals;
mod changes;
mod clock;
mod conditions;
mod course;
mod episode;
mod episode_steps;
mod exports;
mod frames;
mod game;
mod hashes;
mod ledger;
mod lifecycle;
mod mug;
mod native;
mod oracle;
mod peer;
mod protocol;
mod python;
mod records;
mod replies;
mod requests;
mod rollback_trips;
mod round_trips;
mod states;
mod worker_order;

pub use accounts::{Accounts, Book, Wrong};
pub use announcements::Announcements;
pub use arrivals::{Arrival, Arrivals};
pub use changes::{BLOCK_FRAMES, Changes};
pub use clock::{ClockOffset, clock_offset};
pub use conditions::{PageConditions, SlowSpan};
pub use course::{Course, Told};
pub use episode::EpisodeRecord;
pub use exports::{Export, Exports, KnownThen};
pub use frames::{Depths, FrameFlags, FrameTable};
pub use game::{Game, Session};
pub use hashes::{HashSlot, HashTable, ReportRule};
pub use lifecycle::{ANSWER_MESSAGES, Background, BothSides, Hidden, Lifecycle, Request, Said};
pub use mug::{AnswerError, Answers, Configuration, MugPage, QueueSizes, Setting, Source};
pub use oracle::{Divergence, Oracle, Place, Saved};
pub use peer::PeerSession;
pub use protocol::{Lines, ProtocolUse, StateRequested};
pub use records::{
    Contract, LateArrival, Match, OperationKind, RollbackRecord, RollbackState, RoundTrip,
    WorkerStop,
};
pub use rollback_trips::RollbackTrips;
pub use round_trips::{RoundTrips, TripCost};
pub use states::{SavedState, SeenState, StateStore, state_with_digest, text_digest};
pub use worker_order::{Tally, WorkerOrder};
