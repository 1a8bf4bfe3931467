//! Captured events: chunks from the hook, and files of them (`docs/capture-format.md`).
//!
//! Bytes come from the bridge or from a file; decoded events go to the dialects. Nothing here
//! knows what a message means.

pub mod assembly;
pub mod builder;
mod checksum;
pub mod conditions;
mod cursor;
pub mod event;
mod event_reader;
pub mod file;
pub mod file_writer;
pub mod gap;
mod kept;
pub mod loss;
mod marker;
pub mod numbers;
pub mod recorder;
mod tables;
mod tag;
mod tally;
pub mod value;
mod value_reader;
mod value_writer;
pub mod wire;

pub use assembly::{Arrival, Assembler, PageAccount, Sink};
pub use builder::{ChunkBuilder, KeyPlacement, StringPlacement};
pub use conditions::{
    BufferedAmount, CaptureLevel, ConnectionStats, Counted, IceCandidate, LevelChanged, PagePace,
    SelectedPair, ShaperChanged,
};
pub use event::{
    BlobContents, BlobNumber, CaptureSeq, CapturedEvent, ChannelDetails, ChannelId, ChannelKind,
    ChannelOpened, ChannelOrigin, ChannelState, Dropped, EventKind, Message, MessageFlags,
    PageEnded, PageId, PagePlacement, PageStarted, PageState,
};
pub use file::{CaptureFile, Damage, FileEnd, FileError, FileHeader, FilePosition, Missing};
pub use file_writer::{ChunkTooLarge, FileWriter};
pub use gap::Gap;
pub use kept::{DEFAULT_MAX_BYTES, KeptChunks};
pub use loss::Loss;
pub use marker::{MAX_MARKERS, Marker};
pub use numbers::Numbers;
pub use tables::PageTexts;
pub use tally::ShaperAccount;
pub use value::{ElementKind, NotCapturedReason, Value};
pub use wire::{Chunk, ChunkError, ChunkHeader, ChunkNumber, decode_chunk};
