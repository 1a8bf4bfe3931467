//! What the capture tests share: sample values and chunks, a seeded generator, owned events.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::allow_attributes, reason = "an expectation would fail where all parts are used")]

use rollscope::capture::{
    BlobContents, BlobNumber, BufferedAmount, CaptureLevel, CapturedEvent, ChannelDetails,
    ChannelId, ChannelKind, ChannelOpened, ChannelOrigin, ChannelState, ChunkBuilder,
    ConnectionStats, Counted, Dropped, ElementKind, EventKind, IceCandidate, LevelChanged, Message,
    MessageFlags, NotCapturedReason, Numbers, PageEnded, PageId, PagePace, PagePlacement,
    PageStarted, PageState, SelectedPair, ShaperChanged, Value, value::Blob,
};
use rollscope::time::Micros;

pub(crate) const PAGE: PageId = PageId([1, 2, 3, 4, 5, 6, 7, 8]);

const NUMBERS: [[u8; 8]; 3] =
    [0.5_f64.to_le_bytes(), (-1.0_f64).to_le_bytes(), 1e300_f64.to_le_bytes()];

/// The SplitMix64 generator: seeded, so that a failure comes back.
pub(crate) struct Generator(pub(crate) u64);

impl Generator {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn text(text: &str) -> Value<'_> {
    Value::String(text.into())
}

/// A value with every tag of the format.
pub(crate) fn every_value() -> Value<'static> {
    Value::Object(vec![
        ("undefined".into(), Value::Undefined),
        ("null".into(), Value::Null),
        ("bools".into(), Value::Array(vec![Value::Bool(true), Value::Bool(false), Value::Hole])),
        ("small".into(), Value::Integer(127)),
        ("integer".into(), Value::Integer(-128)),
        ("number".into(), Value::Number(0.25)),
        ("string".into(), text("héllo 😀")),
        ("".into(), text("")),
        ("numbers".into(), Value::Numbers(Numbers::Doubles(&NUMBERS))),
        ("naturals".into(), Value::Numbers(Numbers::Naturals(&[[255; 4], [0, 1, 0, 0]]))),
        ("integers".into(), Value::Numbers(Numbers::Integers(&[[254, 255, 255, 255]]))),
        ("nested".into(), Value::Object(vec![("null".into(), text("again"))])),
        ("map".into(), Value::Map(vec![(Value::Integer(1), Value::Set(vec![text("x")]))])),
        ("buffer".into(), Value::ArrayBuffer(&[1, 2, 3])),
        ("typed".into(), Value::TypedArray(ElementKind::Float32, &[0, 0, 128, 63])),
        ("big".into(), Value::BigInteger("-123456789012345678901234567890")),
        ("date".into(), Value::Date(1.7e12)),
        ("regexp".into(), Value::RegularExpression(Box::new(["a+".into(), "gi".into()]))),
        ("error".into(), Value::Error(Box::new(["TypeError".into(), "no".into()]))),
        (
            "blob".into(),
            Value::Blob(Box::new(Blob {
                number: BlobNumber(3),
                size_bytes: 12.0,
                media_type: "text/plain".into(),
            })),
        ),
        ("again".into(), Value::BackReference(0)),
        ("function".into(), Value::NotCaptured(NotCapturedReason::NotCloneable, "f".into())),
    ])
}

/// Events of every kind.
pub(crate) fn every_kind() -> Vec<EventKind<'static>> {
    vec![
        EventKind::PageStarted(PageStarted {
            url: "https://game.example/play".into(),
            user_agent: "Browser/1.0".into(),
            time_origin_ms: Some(1.7e12),
            placement: PagePlacement::Top,
            frame_label: None,
            hook_version: Some(1),
        }),
        EventKind::ChannelOpened(ChannelOpened {
            kind: ChannelKind::Worker,
            details: ChannelDetails { url: Some("w.js".into()), ..ChannelDetails::default() },
        }),
        EventKind::ChannelOpened(ChannelOpened {
            kind: ChannelKind::DataChannel,
            details: ChannelDetails {
                url: None,
                label: Some("ggpo".into()),
                peer_connection: Some(ChannelId(2)),
                ordered: Some(false),
                max_retransmits: Some(0),
                protocol: Some("".into()),
                origin: Some(ChannelOrigin::Remote),
            },
        }),
        EventKind::ChannelState(ChannelState {
            state: "open".into(),
            details: Value::Object(vec![("state".into(), text("open"))]),
        }),
        EventKind::MessageSent(Message { flags: MessageFlags(3), value: every_value() }),
        EventKind::MessageReceived(Message {
            flags: MessageFlags(0),
            value: Value::Array(vec![every_value(), every_value()]),
        }),
        EventKind::PageState(PageState { is_visible: Some(false), is_focused: Some(true) }),
        EventKind::Dropped(Dropped { channel: ChannelId(4), count: 1, reason: "r".into() }),
        EventKind::BlobContents(BlobContents {
            number: BlobNumber(3),
            contents: Value::ArrayBuffer(&[9; 12]),
        }),
        EventKind::PageEnded(PageEnded { reason: "pagehide".into(), persisted: Some(false) }),
        EventKind::IceCandidate(IceCandidate {
            origin: Some(ChannelOrigin::Local),
            candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host".into(),
            media: Some("0".into()),
        }),
        EventKind::SelectedPair(SelectedPair {
            local_type: Some("relay".into()),
            remote_type: Some("host".into()),
            protocol: None,
        }),
        EventKind::ConnectionStats(ConnectionStats {
            round_trip_ms: Some(31.5),
            bytes_sent: Some(5e9),
            bytes_received: None,
            messages_sent: Some(7.0),
            messages_received: Some(8.0),
        }),
        EventKind::PagePace(PagePace {
            span_ms: Some(1000.5),
            animation_frames: Some(60),
            longest_frame_ms: Some(17.5),
            long_tasks: None,
            long_task_ms: None,
        }),
        EventKind::BufferedAmount(BufferedAmount { bytes: Some(0.0), most_bytes: Some(16_385.0) }),
        EventKind::LevelChanged(LevelChanged {
            level: CaptureLevel::Headers,
            reason: "load".into(),
            load_bytes: Some(4e7),
        }),
        EventKind::Counted(Counted { sent: 3, received: u32::MAX, span_ms: Some(1000.0) }),
        EventKind::ShaperChanged(ShaperChanged {
            is_on: true,
            seed: Some(5.0),
            details: Value::Object(vec![
                ("on".into(), Value::Bool(true)),
                ("seed".into(), Value::Integer(5)),
            ]),
        }),
    ]
}

/// A chunk with an event of every kind.
pub(crate) fn full_chunk(builder: &mut ChunkBuilder) -> Vec<u8> {
    for (index, kind) in every_kind().iter().enumerate() {
        builder.push(Micros(1000 * index as u64), ChannelId(index as u32 % 5), kind);
    }
    builder.finish()
}

/// Chunks of one small message each; the message is the event's number.
pub(crate) fn numbered_chunks(page: PageId, count: u32) -> Vec<Vec<u8>> {
    let mut builder = ChunkBuilder::new(page);
    let chunk = |number: u32| {
        for at in 0..1 + number % 3 {
            let value = Value::Object(vec![("n".into(), Value::Integer((number + at) as i32))]);
            let message = Message { flags: MessageFlags(0), value };
            builder.push(Micros(u64::from(number)), ChannelId(1), &EventKind::MessageSent(message));
        }
        builder.finish()
    };
    (0..count).map(chunk).collect()
}

/// An event as text, to compare it after its chunk is gone.
pub(crate) fn shown(event: &CapturedEvent<'_>) -> String {
    format!("{event:?}")
}
