//! One channel whose dialect was recognised from a genuine message, and then hears changed ones.

use rollscope::capture::{
    CaptureSeq, CapturedEvent, ChannelDetails, ChannelId, ChannelKind, ChannelOpened, EventKind,
    Message, MessageFlags, PageId, Value,
};
use rollscope::dialect::DialectReader;
use rollscope::issue::IssueLog;
use rollscope::message::{Form, PeerMessage, PeerStatus};
use rollscope::observation::{Direction, Observation};
use rollscope::time::Micros;

use super::{Feed, Tally};
use crate::random::{Random, change_bytes, change_text};
use crate::seeds;
use crate::tree::{change_tree, value};

/// Messages after which a channel begins anew, so that every memory of it is filled from empty.
const MESSAGES_PER_CHANNEL: u32 = 1000;

/// Most facts for each message that a channel carried: a promise of the dialects.
const MAX_FACTS: u32 = 4;

/// A page with channels, and everything that reads them.
pub(super) struct Page {
    reader: DialectReader,
    issues: IssueLog,
    seq: u32,
    heard: u32,
    told: u32,
}

impl Page {
    pub(super) fn new(kinds: &[ChannelKind]) -> Self {
        let mut page = Self {
            reader: DialectReader::default(),
            issues: IssueLog::default(),
            seq: 0,
            heard: 0,
            told: 0,
        };
        for (place, kind) in kinds.iter().enumerate() {
            let opened = ChannelOpened { kind: *kind, details: ChannelDetails::default() };
            page.tell(place as u32 + 1, EventKind::ChannelOpened(opened), &mut |_| {});
        }
        page
    }

    fn tell(&mut self, channel: u32, kind: EventKind<'_>, sink: &mut dyn FnMut(&Observation<'_>)) {
        self.seq = self.seq.wrapping_add(1);
        let event = CapturedEvent {
            page: PageId::default(),
            seq: CaptureSeq(self.seq),
            time: Micros(u64::from(self.seq) * 1000),
            channel: ChannelId(channel),
            kind,
        };
        self.reader.handle_event(&event, sink, &mut self.issues);
    }

    /// Has a channel carry a message; returns what came of it.
    pub(super) fn hear(
        &mut self,
        channel: u32,
        direction: Direction,
        value: Value<'_>,
        sink: &mut dyn FnMut(&Observation<'_>),
    ) -> Tally {
        let message = Message { flags: MessageFlags::default(), value };
        let kind = match direction {
            Direction::Sent => EventKind::MessageSent(message),
            Direction::Received => EventKind::MessageReceived(message),
        };
        let (mut read, before) = (0, self.issues.total());
        self.tell(channel, kind, &mut |observation| {
            read += 1;
            sink(observation);
        });
        // A message may settle what earlier ones meant.
        (self.heard, self.told) = (self.heard + 1, self.told + read);
        let (told, heard) = (self.told, self.heard);
        assert!(told <= MAX_FACTS * heard, "{heard} messages gave {told} facts");
        let issues = self.issues.total() - before;
        // Looking for a known issue is what costs here, not decoding.
        if self.issues.issues().len() > 32 {
            self.issues = IssueLog::default();
        }
        Tally { read, issues: u32::try_from(issues).unwrap_or(u32::MAX) }
    }
}

/// What a channel is fed with.
enum Seeds {
    Bytes(Vec<Vec<u8>>),
    Texts(&'static [&'static str]),
    Socket,
    Trees { sent: Vec<Value<'static>>, received: Vec<Value<'static>> },
    Any(Vec<Seeds>),
}

struct Channel {
    kinds: Vec<ChannelKind>,
    seeds: Seeds,
    page: Page,
    heard: u32,
    bytes: Vec<u8>,
    text: String,
}

impl Channel {
    fn boxed(kinds: &[ChannelKind], seeds: Seeds) -> Box<dyn Feed> {
        let page = Page::new(kinds);
        let (kinds, bytes, text) = (kinds.to_vec(), Vec::new(), String::new());
        Box::new(Self { kinds, seeds, page, heard: 0, bytes, text })
    }
}

impl Feed for Channel {
    fn feed(&mut self, random: &mut Random) -> Tally {
        let is_first = self.heard.is_multiple_of(MESSAGES_PER_CHANNEL);
        if is_first {
            self.page = Page::new(&self.kinds);
        }
        self.heard = self.heard.wrapping_add(1);
        let direction = if random.below(2) == 0 { Direction::Sent } else { Direction::Received };
        let (mut seeds, mut channel) = (&self.seeds, 1);
        if let Seeds::Any(all) = seeds {
            let at = random.below(all.len());
            (seeds, channel) = (all.get(at).unwrap_or(&self.seeds), at as u32 + 1);
        }
        let is_changed = !is_first && random.below(16) != 0;
        let mut sink = |_: &Observation<'_>| {};
        match seeds {
            Seeds::Bytes(all) => {
                self.bytes.clear();
                self.bytes.extend(random.one(all).into_iter().flatten());
                if is_changed {
                    let other = random.one(all).map(Vec::as_slice).unwrap_or_default();
                    change_bytes(&mut self.bytes, other, random);
                }
                let value = Value::ArrayBuffer(&self.bytes);
                self.page.hear(channel, direction, value, &mut sink)
            }
            Seeds::Socket if random.below(4) == 0 => {
                self.bytes.clear();
                self.bytes.extend(seeds::MSGPACK.iter().copied().flatten());
                if is_changed {
                    change_bytes(&mut self.bytes, &[0xdd, 0xff, 0xff, 0xff, 0xff, 0x91], random);
                }
                let value = Value::ArrayBuffer(&self.bytes);
                self.page.hear(channel, direction, value, &mut sink)
            }
            Seeds::Socket => {
                let all = seeds::SOCKETIO;
                change_one(&mut self.text, all, is_changed, random);
                let value = Value::String(self.text.as_str().into());
                self.page.hear(channel, direction, value, &mut sink)
            }
            Seeds::Texts(all) => {
                change_one(&mut self.text, all, is_changed, random);
                let value = Value::String(self.text.as_str().into());
                self.page.hear(channel, direction, value, &mut sink)
            }
            Seeds::Trees { sent, received } => {
                let all = match direction {
                    Direction::Sent => sent,
                    Direction::Received => received,
                };
                let mut tree = random.one(all).cloned().unwrap_or(Value::Undefined);
                if is_changed {
                    let other = random.one(all).unwrap_or(&Value::Undefined);
                    change_tree(&mut tree, other, random);
                }
                self.page.hear(channel, direction, tree, &mut sink)
            }
            Seeds::Any(_) => Tally::default(),
        }
    }
}

fn change_one(text: &mut String, all: &[&str], is_changed: bool, random: &mut Random) {
    text.clear();
    text.push_str(random.one(all).copied().unwrap_or_default());
    if is_changed {
        change_text(text, random.one(all).copied().unwrap_or_default(), random);
    }
}

/// Trees out of JSON texts; a text that is none is left out.
pub(super) fn trees(texts: &[&str]) -> Vec<Value<'static>> {
    texts.iter().filter_map(|text| Some(value(&serde_json::from_str(text).ok()?))).collect()
}

pub(super) fn native() -> Box<dyn Feed> {
    let messages = native_messages();
    let (sent, received) = (trees(seeds::NATIVE_SENT), trees(seeds::NATIVE_RECEIVED));
    let seeds = Seeds::Any(vec![Seeds::Bytes(messages), Seeds::Trees { sent, received }]);
    Channel::boxed(&[ChannelKind::DataChannel, ChannelKind::Worker], seeds)
}

// Every message that the fuzzer can make without a game, in every form.
fn native_messages() -> Vec<Vec<u8>> {
    use rollscope::action::Action;
    use rollscope::frame::{Episode, Frame};
    use rollscope::player::PlayerId;
    let (episode, player) = (Episode(0), PlayerId(1));
    let messages = [
        PeerMessage::Inputs {
            episode,
            player,
            current: Frame(7),
            received_through: Some(Frame(5)),
            first: Frame(6),
            actions: vec![Action(1), Action(0), Action(4)],
        },
        PeerMessage::StateHashes { episode, player, hashes: vec![(Frame(5), 1), (Frame(10), 2)] },
        PeerMessage::HashesReceived { episode, player, first: Frame(5), last: Frame(10) },
        PeerMessage::FrameSync {
            episode,
            player,
            tick: 20,
            current: Frame(18),
            advantage_frames: -1,
            status: PeerStatus::Background,
            ended: Some(Frame(30)),
        },
        PeerMessage::InputRequest { episode, player, first: Frame(8), last: Frame(12) },
        PeerMessage::Ping { stamp_micros: 77 },
        PeerMessage::Pong { stamp_micros: 77 },
    ];
    let encoded = |message: &PeerMessage, form: Form| {
        let mut bytes = Vec::new();
        message.encode_as(form, &mut bytes);
        bytes
    };
    messages.iter().flat_map(|message| Form::ALL.map(|form| encoded(message, form))).collect()
}

pub(super) fn p2p_binary() -> Box<dyn Feed> {
    let seeds = seeds::P2P_BINARY.iter().map(|bytes| bytes.to_vec()).collect();
    Channel::boxed(&[ChannelKind::DataChannel], Seeds::Bytes(seeds))
}

pub(super) fn p2p_json() -> Box<dyn Feed> {
    Channel::boxed(&[ChannelKind::DataChannel], Seeds::Texts(seeds::P2P_JSON))
}

pub(super) fn p2p_probe() -> Box<dyn Feed> {
    Channel::boxed(&[ChannelKind::DataChannel], Seeds::Texts(seeds::P2P_PROBE))
}

pub(super) fn worker() -> Box<dyn Feed> {
    let (sent, received) = (trees(seeds::WORKER_SENT), trees(seeds::WORKER_RECEIVED));
    Channel::boxed(&[ChannelKind::Worker], Seeds::Trees { sent, received })
}

pub(super) fn timer() -> Box<dyn Feed> {
    let (sent, received) = (trees(seeds::TIMER_SENT), trees(seeds::TIMER_RECEIVED));
    Channel::boxed(&[ChannelKind::Worker], Seeds::Trees { sent, received })
}

pub(super) fn socketio() -> Box<dyn Feed> {
    Channel::boxed(&[ChannelKind::WebSocket], Seeds::Socket)
}

pub(super) fn python() -> Box<dyn Feed> {
    let (sent, received) = (trees(seeds::PYTHON_SENT), trees(seeds::PYTHON_RECEIVED));
    Channel::boxed(&[ChannelKind::Python], Seeds::Trees { sent, received })
}
