//! Decoding without anything behind it: what reading a capture costs at the least, for
//! measurements. Bytes come from the bridge, events go nowhere. It is of the second part of the panel, as `analysed` is.

use rollscope::capture::{Assembler, CaptureFile, CapturedEvent};
use rollscope::issue::IssueLog;

/// Decodes every value of a capture file, in order as the panel does, and counts the events; 0 if
/// the bytes are no capture.
#[inline(never)]
pub fn count_decoded(bytes: &[u8]) -> u32 {
    let Ok(file) = CaptureFile::open(bytes) else { return 0 };
    let (mut assembler, mut issues) = (Assembler::default(), IssueLog::default());
    let mut count = 0_u32;
    let mut sink = |_: CapturedEvent<'_>| count = count.saturating_add(1);
    for chunk in file {
        assembler.handle_chunk(chunk, &mut issues, &mut sink);
    }
    assembler.flush(&mut issues, &mut sink);
    count
}
