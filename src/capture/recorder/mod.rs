//! Recordings of another recorder (`recorder_jsonl`): one JSON object a line, brought into chunks.
//!
//! Text comes from a file that somebody else has read; the chunks go the way of all chunks. Only
//! what an observer sees is taken: lines of a network simulator (`net:…`, `meta.net`) are not.

mod json;
mod order;

use std::borrow::Cow;

use self::json::{Json, decode_base64};
use super::builder::ChunkBuilder;
use super::event::{
    ChannelDetails, ChannelId, ChannelKind, ChannelOpened, ChannelOrigin, ChannelState, Dropped,
    EventKind, Message, MessageFlags, PageId, PagePlacement, PageStarted,
};
use super::value::Value;
use crate::issue::IssueLog;
use crate::sorted::SortedMap;
use crate::state::{self, ParseProblem};
use crate::time::Micros;

/// Name of the form, as documentation and issues show it.
pub const NAME: &str = "recorder_jsonl";

/// What is read from a recording, and what not.
pub const DOCUMENTATION: &str = "No dialect of its own but another form of captures: files with a \
    JSON object a line, plain or packed by gzip, with a header and events of workers, data channels \
    and sockets. Lines of the directions out, in, create, open and close are brought into the capture \
    format, and their messages go the way of all others. Tagged values (typed arrays, buffers, maps, \
    undefined, numbers that JSON lacks) become what they were. Lines are read in the order of their \
    running numbers, wherever they stand in the file; without numbers in that of their times. The \
    recorder's own network simulation (channels net:, members meta.net) is never read. Each file is one page: rollscope check \
    player1.jsonl.gz player2.jsonl.gz.";

/// Place of the issues of a recording.
const PLACE: &str = NAME;

/// Channels that one recording may have.
const MAX_CHANNELS: usize = 4096;

/// Events and bytes of lines after which a chunk is closed.
const CHUNK_EVENTS: u32 = 512;
const CHUNK_BYTES: usize = 1 << 20;

/// What is taken from the first line.
struct Header<'a> {
    time_origin_ms: f64,
    url: Cow<'a, str>,
    player: u32,
}

impl<'a> Header<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let mut header = document(line).ok()?.take("header")?;
        Some(Self {
            time_origin_ms: header.get("timeOrigin").and_then(Json::as_f64)?,
            player: header.get("player").map_or(Some(0), |player| whole(player.as_f64()?))?,
            url: header.take("url").map_or(Some("".into()), Json::into_str)?,
        })
    }
}

/// An event.
struct Line<'a> {
    time_ms: f64,
    ch: Cow<'a, str>,
    dir: Cow<'a, str>,
    meta: Option<Json<'a>>,
    data: Option<Json<'a>>,
    b64: Option<Cow<'a, str>>,
}

impl<'a> Line<'a> {
    fn read(line: &'a [u8]) -> Result<Self, NoEvent> {
        let mut line = document(line)?;
        let read = |line: &mut Json<'a>| {
            Some(Self {
                time_ms: line.get("t").and_then(Json::as_f64)?,
                ch: line.take("ch")?.into_str()?,
                dir: line.take("dir")?.into_str()?,
                meta: line.take("meta"),
                data: line.take("data"),
                b64: match line.take("b64") {
                    Some(text) => Some(text.into_str()?),
                    None => None,
                },
            })
        };
        read(&mut line).ok_or(NoEvent::OtherMembers)
    }
}

/// What a line is that is no event. Its place is not told: it would make every issue another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NoEvent {
    CutOff,
    NotJson,
    OtherMembers,
}

impl NoEvent {
    const fn name(self) -> &'static str {
        match self {
            Self::CutOff => "it is cut off",
            Self::NotJson => "it is no JSON",
            Self::OtherMembers => "a member is missing or of another type",
        }
    }
}

/// The JSON of a line, or what it is instead.
fn document(line: &[u8]) -> Result<Json<'_>, NoEvent> {
    let text = std::str::from_utf8(line).map_err(|_| NoEvent::NotJson)?;
    let json = state::Json::parse(text).map_err(|error| match error.problem {
        ParseProblem::End => NoEvent::CutOff,
        _ => NoEvent::NotJson,
    })?;
    Json::of(json).ok_or(NoEvent::NotJson)
}

fn whole(number: f64) -> Option<u32> {
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

/// Whether `bytes` begin like a recording.
#[must_use]
pub fn is_recording(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{\"header\"")
}

/// Brings a recording into chunks of one page and hands them to `take`. Lines that cannot be read
/// become issues.
pub fn import(bytes: &[u8], issues: &mut IssueLog, take: &mut dyn FnMut(&[u8])) {
    let mut lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let Some(header) = Header::read(first) else {
        return issues.push(PLACE, "the first line is no header");
    };
    // The recorder drew no number for its page: its start and its player tell pages apart.
    let page = header.time_origin_ms.to_bits() ^ u64::from(header.player).rotate_right(8);
    let mut import = Import {
        chunk: ChunkBuilder::new(PageId(page.to_be_bytes())),
        channels: SortedMap::new(),
        bytes: 0,
        last_time: Micros::default(),
    };
    let started = PageStarted {
        url: header.url,
        user_agent: "".into(),
        time_origin_ms: Some(header.time_origin_ms),
        placement: PagePlacement::Top,
        frame_label: None,
        hook_version: None,
    };
    import.chunk.push(Micros::default(), ChannelId::PAGE, &EventKind::PageStarted(started));
    let lines = order::in_order(lines.filter(|line| !line.is_empty()).collect());
    for line in lines {
        match Line::read(line) {
            Ok(line) if line.ch.starts_with("net:") => {}
            Ok(line) => import.line(&line, issues),
            Err(what) => {
                let name = what.name();
                issues.push(PLACE, format!("a line that is no event: {name}"));
                // Other lines than events may come in newer recordings; half a line was an event.
                if what != NoEvent::OtherMembers {
                    import.lose(ChannelId::ANY, name);
                }
            }
        }
        import.bytes += line.len();
        if import.bytes >= CHUNK_BYTES || import.chunk.event_count() >= CHUNK_EVENTS {
            import.bytes = 0;
            take(&import.chunk.finish());
        }
    }
    take(&import.chunk.finish());
}

struct Import {
    chunk: ChunkBuilder,
    channels: SortedMap<String, ChannelId>,
    bytes: usize,
    last_time: Micros,
}

impl Import {
    /// Puts a loss in the place of an event that cannot be read, so that the capture counts it.
    fn lose(&mut self, channel: ChannelId, reason: &'static str) {
        let dropped = Dropped { channel, count: 1, reason: reason.into() };
        self.chunk.push(self.last_time, channel, &EventKind::Dropped(dropped));
    }

    fn line(&mut self, line: &Line<'_>, issues: &mut IssueLog) {
        let time = Micros::from_millis(line.time_ms.max(0.0));
        self.last_time = time;
        if &*line.dir == "create" {
            return self.open(time, line, issues);
        }
        let Some(&channel) = self.channels.get(&*line.ch) else {
            return issues.push(PLACE, "an event of a channel that was not made");
        };
        let state = |name: &str| line.meta.as_ref().and_then(|meta| meta.get(name));
        let state = match &*line.dir {
            "out" | "in" => return self.message(time, channel, line, issues),
            "open" => state("iceConnectionState").and_then(Json::as_str).unwrap_or("open"),
            "close" if state("terminate").is_some() => "terminated",
            "close" => "closed",
            _ => return issues.push(PLACE, "an event of an unknown direction"),
        };
        let details = Value::Object(vec![("state".into(), Value::String(state.into()))]);
        let kind = EventKind::ChannelState(ChannelState { state: state.into(), details });
        self.chunk.push(time, channel, &kind);
    }

    fn open(&mut self, time: Micros, line: &Line<'_>, issues: &mut IssueLog) {
        let kind = match line.ch.split(':').next() {
            Some("worker") => ChannelKind::Worker,
            Some("dc") => ChannelKind::DataChannel,
            Some("ws") => ChannelKind::WebSocket,
            Some("pc") => ChannelKind::PeerConnection,
            _ => return issues.push(PLACE, "a channel of an unknown kind"),
        };
        if self.channels.len() >= MAX_CHANNELS || self.channels.contains_key(&*line.ch) {
            return issues.push(PLACE, "a channel made twice, or too many of them");
        }
        let channel = ChannelId(self.channels.len() as u32 + 1);
        let meta = |name: &str| line.meta.as_ref().and_then(|meta| meta.get(name));
        let text = |name| meta(name).and_then(Json::as_str).map(Cow::Borrowed);
        let number = meta("maxRetransmits").and_then(Json::as_f64);
        let details = ChannelDetails {
            url: text("url"),
            label: text("label"),
            peer_connection: text("pc").and_then(|name| self.channels.get(&*name).copied()),
            ordered: meta("ordered").and_then(Json::as_bool),
            max_retransmits: number.map(|number| number as u32),
            protocol: text("protocol"),
            origin: text("how").map(|how| match &*how {
                "local" => ChannelOrigin::Local,
                _ => ChannelOrigin::Remote,
            }),
        };
        self.channels.insert(line.ch.to_string(), channel);
        let opened = ChannelOpened { kind, details };
        self.chunk.push(time, channel, &EventKind::ChannelOpened(opened));
    }

    fn message(
        &mut self,
        time: Micros,
        channel: ChannelId,
        line: &Line<'_>,
        issues: &mut IssueLog,
    ) {
        let (binary, mut buffers);
        let value = match (&line.b64, &line.data) {
            (Some(text), _) => {
                let Some(bytes) = decode_base64(text) else {
                    let what = "binary data that is no base64";
                    issues.push(PLACE, what);
                    return self.lose(channel, what);
                };
                binary = bytes;
                Value::ArrayBuffer(&binary)
            }
            (None, Some(data)) => {
                buffers = Vec::new();
                data.collect_buffers(&mut buffers);
                data.value(&mut buffers.iter())
            }
            (None, None) => {
                let what = "a message without data";
                issues.push(PLACE, what);
                return self.lose(channel, what);
            }
        };
        let message = Message { flags: MessageFlags::default(), value };
        let kind = match &*line.dir {
            "out" => EventKind::MessageSent(message),
            _ => EventKind::MessageReceived(message),
        };
        self.chunk.push(time, channel, &kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Assembler;
    use crate::issue::Issue;

    const HEAD: &str =
        r#"{"header":{"timeOrigin":1795169869124.1,"url":"u","userAgent":"x","player":1}}"#;

    fn read(lines: &str) -> (Vec<String>, IssueLog) {
        let (mut issues, mut assembler, mut seen) = <(IssueLog, Assembler, Vec<String>)>::default();
        let mut unread = IssueLog::default();
        import(format!("{HEAD}\n{lines}").as_bytes(), &mut issues, &mut |chunk| {
            assembler.handle_chunk(chunk, &mut unread, &mut |event| {
                seen.push(format!("{} {:?}", event.channel.0, event.kind));
            });
        });
        assert_eq!(unread.total(), 0);
        (seen, issues)
    }

    #[test]
    fn messages_keep_their_values_and_the_simulator_stays_out() {
        let (seen, issues) = read(concat!(
            r#"{"t":1,"n":0,"ch":"dc:1","dir":"create","meta":{"label":"game","how":"remote"}}"#,
            "\n",
            r#"{"t":2,"n":1,"ch":"dc:1","dir":"in","meta":{"net":{"delay":9}},"b64":"EEA="}"#,
            "\n",
            r#"{"t":2,"n":2,"ch":"net:1","dir":"drop","meta":{}}"#,
            "\n",
            r#"{"t":3,"n":3,"ch":"dc:1","dir":"out","data":{"a":{"$ta":"Float32Array","v":[1.5]},"b":{"$undef":1},"c":{"$num":"-0"},"d":[1,-0.5],"e":{"$map":[["k",1]]}}}"#,
            "\n",
        ));
        assert_eq!(issues.total(), 0);
        assert_eq!(seen.len(), 4);
        assert!(seen[2].contains("ArrayBuffer([16, 64])"), "{}", seen[2]);
        for part in ["Float32, [0, 0, 192, 63]", "Undefined", "Number(-0.0)", "Map("] {
            assert!(seen[3].contains(part), "{} lacks {part}", seen[3]);
        }
    }

    #[test]
    fn lines_that_cannot_be_read_are_counted_by_what_is_wrong() {
        let (seen, issues) = read(concat!(
            "{\"t\":1,\n[]\n{\"t\":1,\"ch\":\"dc:9\",\"dir\":\"in\"}\n{\"t\":1,\"ch\":2,\"dir\":\"in\"}\n",
            "{\"t\":1,\"ch\":\"a\",\"dir\":\"in\",\"b64\":3}\n{\"t\":1e999,\"ch\":\"a\",\"dir\":\"in\"}\n",
        ));
        assert_eq!((seen.len(), issues.total()), (3, 6), "and what is no JSON was an event");
        assert!(seen[1].contains("it is cut off"), "{}", seen[1]);
        let told =
            |issue: &Issue| (issue.text.rsplit(": ").next().unwrap().to_owned(), issue.count);
        let texts: Vec<(String, u64)> = issues.issues().iter().map(told).collect();
        let expected = [
            ("it is cut off", 1),
            ("a member is missing or of another type", 3),
            ("it is no JSON", 1),
            ("an event of a channel that was not made", 1),
        ]
        .map(|(text, count)| (text.to_owned(), count));
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_header_needs_its_time_and_nothing_else() {
        let read = |line: &str| {
            Header::read(line.as_bytes()).map(|header| (header.time_origin_ms, header.player))
        };
        assert_eq!(
            read(r#"{"header":{"timeOrigin":1795169869124.1}}"#),
            Some((1_795_169_869_124.1, 0))
        );
        assert_eq!(read(r#"{"header":{"timeOrigin":1,"player":2,"url":"u"}}"#), Some((1.0, 2)));
        for line in [
            r#"{"header":{}}"#,
            r#"{"timeOrigin":1}"#,
            r#"{"header":{"timeOrigin":1,"player":-1}}"#,
            r#"{"header":{"timeOrigin":1,"player":0.5}}"#,
            r#"{"header":{"timeOrigin":1,"url":3}}"#,
            "[]",
            "{",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn messages_without_their_contents_are_lost_where_they_would_stand() {
        let (seen, issues) = read(concat!(
            r#"{"t":1,"n":0,"ch":"dc:1","dir":"create","meta":{"label":"game"}}"#,
            "\n",
            r#"{"t":2,"n":1,"ch":"dc:1","dir":"in","b64":"=!"}"#,
            "\n",
            r#"{"t":3,"n":2,"ch":"dc:1","dir":"in"}"#,
            "\n",
        ));
        assert_eq!(issues.total(), 2);
        assert_eq!(seen.len(), 4);
        assert!(seen[2].starts_with("1 Dropped") && seen[2].contains("base64"), "{}", seen[2]);
        assert!(seen[3].starts_with("1 Dropped") && seen[3].contains("without"), "{}", seen[3]);
    }
}
