//! A recorded page that speaks with its peer in the texts of the older design (wire notes, §2.5): one
//! input a message, hashes and pings. Everything else that its channel carried is left out.

#![expect(clippy::indexing_slicing, reason = "a test stops at its first surprise")]

use rollscope::capture::{
    Assembler, ChannelId, ChannelKind, ChunkBuilder, EventKind, Message, MessageFlags, PageId,
    Value,
};
use rollscope::issue::IssueLog;
use rollscope::time::Micros;

use super::Page;

/// Digits of the hashes that a page sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digits {
    /// As on MUG's wire.
    Sixteen,
    /// As MD5 has.
    ThirtyTwo,
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn stamp(bytes: &[u8]) -> f64 {
    f64::from_be_bytes(bytes[1..9].try_into().unwrap())
}

fn texts(bytes: &[u8], is_sent: bool, time: Micros, digits: Digits) -> Vec<String> {
    let millis = time.as_millis();
    match bytes[0] {
        1 => {
            let (player, current) = (u16::from_be_bytes([bytes[1], bytes[2]]), number(bytes, 3));
            let inputs = (0..usize::from(bytes[7])).map(|place| 9 + 5 * place);
            let inputs = inputs.map(|at| (number(bytes, at), bytes[at + 4]));
            // What a page sends again for safety is known to be sent; what it receives again is news
            // where the first one was lost.
            let news = inputs.filter(|(frame, _)| !is_sent || *frame == current);
            let text = |(frame, action)| {
                format!(
                    r#"{{"type":"input","frame":{frame},"playerId":{player},"action":{action},"timestamp":{millis}}}"#
                )
            };
            news.map(text).collect()
        }
        2 => vec![format!(r#"{{"type":"ping","timestamp":{}}}"#, stamp(bytes))],
        3 => vec![format!(
            r#"{{"type":"pong","timestamp":{millis},"echoTimestamp":{}}}"#,
            stamp(bytes)
        )],
        7 => {
            let hash: String = bytes[5..13].iter().map(|byte| format!("{byte:02x}")).collect();
            let hash = match digits {
                Digits::Sixteen => hash,
                Digits::ThirtyTwo => hash.chars().rev().chain(hash.chars()).collect(),
            };
            let frame = number(bytes, 1);
            vec![format!(r#"{{"type":"state_hash","frame":{frame},"hash":"{hash}"}}"#)]
        }
        _ => Vec::new(),
    }
}

fn page_id(page: &Page) -> PageId {
    let player = page.name.bytes().last().unwrap_or_default();
    PageId([b'j', b's', b'o', b'n', 0, 0, 0, player])
}

/// The chunks of a page that speaks so; digits of the hashes that it sends and receives. `planted` is sent or received once, with the own input of its
/// frame.
pub(crate) fn in_json(
    page: &Page,
    digits: (Digits, Digits),
    planted: Option<(u32, bool, &str)>,
) -> Vec<Vec<u8>> {
    let mut builder = ChunkBuilder::new(page_id(page));
    let (mut assembler, mut issues) = (Assembler::default(), IssueLog::default());
    let (mut channels, mut out): (Vec<ChannelId>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
    let mut planted = planted;
    for chunk in &page.chunks {
        assembler.handle_chunk(chunk, &mut issues, &mut |event| {
            if matches!(&event.kind, EventKind::ChannelOpened(one) if one.kind == ChannelKind::DataChannel)
            {
                channels.push(event.channel);
            }
            let (message, is_sent) = match &event.kind {
                EventKind::MessageSent(message) => (message, true),
                EventKind::MessageReceived(message) => (message, false),
                _ => return builder.push(event.time, event.channel, &event.kind),
            };
            if !channels.contains(&event.channel) {
                return builder.push(event.time, event.channel, &event.kind);
            }
            let Some(bytes) = message.value.bytes() else { return };
            let kind = if is_sent { digits.0 } else { digits.1 };
            let texts = texts(bytes, is_sent, event.time, kind);
            let mut texts: Vec<_> = texts.into_iter().map(|text| (is_sent, text)).collect();
            let is_due = |(frame, ..): (u32, bool, &str)| frame <= number(bytes, 3);
            if is_sent && bytes[0] == 1 && planted.is_some_and(is_due) {
                texts.extend(planted.take().map(|(_, is_sent, text)| (is_sent, text.to_owned())));
            }
            for (is_sent, text) in texts {
                let value = Value::String(text.into());
                let message = Message { flags: MessageFlags::default(), value };
                let kind = match is_sent {
                    true => EventKind::MessageSent(message),
                    false => EventKind::MessageReceived(message),
                };
                builder.push(event.time, event.channel, &kind);
            }
        });
        out.push(builder.finish());
    }
    assert_eq!(issues.issues(), []);
    out
}
