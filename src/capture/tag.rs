//! The numbers of the capture format (`docs/capture-format.md`), shared by reader and writer.

pub(super) const CHUNK_MAGIC: [u8; 3] = *b"RSC";
pub(super) const CHUNK_VERSION: u8 = 3;
pub(super) const CHUNK_HEADER_BYTES: usize = 32;
/// Set in a length word of the string table: the text is UTF-16LE.
pub(super) const UTF16_BIT: u32 = 1 << 31;
/// Set alone in a length word of version 2 and later: the rest is the number of a text of an earlier chunk.
pub(super) const EARLIER_TEXT: u32 = 1 << 30;
/// The bits of a length or of such a number.
pub(super) const EARLIER_NUMBERS: u32 = EARLIER_TEXT - 1;

pub(super) mod event {
    pub(in super::super) const PAGE_STARTED: u8 = 1;
    pub(in super::super) const CHANNEL_OPENED: u8 = 2;
    pub(in super::super) const CHANNEL_STATE: u8 = 3;
    pub(in super::super) const MESSAGE_SENT: u8 = 4;
    pub(in super::super) const MESSAGE_RECEIVED: u8 = 5;
    pub(in super::super) const PAGE_STATE: u8 = 6;
    pub(in super::super) const DROPPED: u8 = 7;
    pub(in super::super) const BLOB_CONTENTS: u8 = 8;
    pub(in super::super) const PAGE_ENDED: u8 = 9;
    pub(in super::super) const ICE_CANDIDATE: u8 = 10;
    pub(in super::super) const SELECTED_PAIR: u8 = 11;
    pub(in super::super) const CONNECTION_STATS: u8 = 12;
    pub(in super::super) const PAGE_PACE: u8 = 13;
    pub(in super::super) const BUFFERED_AMOUNT: u8 = 14;
    pub(in super::super) const LEVEL_CHANGED: u8 = 15;
    pub(in super::super) const COUNTED: u8 = 16;
    pub(in super::super) const SHAPER_CHANGED: u8 = 17;
}

pub(super) mod value {
    pub(in super::super) const UNDEFINED: u8 = 0x00;
    pub(in super::super) const NULL: u8 = 0x01;
    pub(in super::super) const FALSE: u8 = 0x02;
    pub(in super::super) const TRUE: u8 = 0x03;
    pub(in super::super) const INTEGER: u8 = 0x04;
    pub(in super::super) const NUMBER: u8 = 0x05;
    pub(in super::super) const STRING: u8 = 0x06;
    pub(in super::super) const STRING_UTF16: u8 = 0x07;
    pub(in super::super) const STRING_REFERENCE: u8 = 0x08;
    pub(in super::super) const ARRAY: u8 = 0x09;
    pub(in super::super) const OBJECT: u8 = 0x0a;
    pub(in super::super) const OBJECT_OF_SHAPE: u8 = 0x0b;
    pub(in super::super) const ARRAY_BUFFER: u8 = 0x0c;
    pub(in super::super) const TYPED_ARRAY: u8 = 0x0d;
    pub(in super::super) const MAP: u8 = 0x0e;
    pub(in super::super) const SET: u8 = 0x0f;
    pub(in super::super) const BIG_INTEGER: u8 = 0x10;
    pub(in super::super) const DATE: u8 = 0x11;
    pub(in super::super) const REGULAR_EXPRESSION: u8 = 0x12;
    pub(in super::super) const ERROR: u8 = 0x13;
    pub(in super::super) const BLOB: u8 = 0x14;
    pub(in super::super) const BACK_REFERENCE: u8 = 0x15;
    pub(in super::super) const NOT_CAPTURED: u8 = 0x16;
    pub(in super::super) const NUMBERS: u8 = 0x17;
    pub(in super::super) const NATURALS: u8 = 0x18;
    pub(in super::super) const INTEGERS: u8 = 0x19;
    pub(in super::super) const HOLE: u8 = 0x1f;
    /// From here on the tag holds an integer from 0 to 127.
    pub(in super::super) const SMALL_INTEGER: u8 = 0x80;
}

/// The key index that never stands for a place in the table of keys.
pub(super) const KEY_IN_PLACE: u16 = 0xffff;

pub(super) const FILE_MAGIC: [u8; 8] = *b"ROLLSCOP";
pub(super) const FILE_VERSION: u32 = 1;
pub(super) const RECORD_CHUNK: u8 = 1;
pub(super) const RECORD_MARKER: u8 = 2;
/// The last record of a file whose writer knew that something is missing; a reader that does not know it
/// finds no end, and says that the file was cut off.
pub(super) const RECORD_INCOMPLETE_END: u8 = 254;
pub(super) const RECORD_END: u8 = 255;
