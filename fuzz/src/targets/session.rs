//! Games of plausible and changed messages on three channels of one page, reconstructed message by
//! message and checked at their end.

use rollscope::capture::{ChannelKind, Value};
use rollscope::observation::{Direction, Observation};
use rollscope::session::Session;
use rollscope::verify::{CaptureAccount, SessionCheck};

use super::channel::{Page, trees};
use super::{Feed, Tally};
use crate::random::{Random, change_bytes, change_text};
use crate::seeds;
use crate::tree::change_tree;

/// Messages of one game.
const MESSAGES_PER_GAME: u32 = 2000;

const CHANNEL: u32 = 1;
const WORKER: u32 = 2;
const SOCKET: u32 = 3;

struct Games {
    page: Page,
    session: Session,
    sent: Vec<Value<'static>>,
    received: Vec<Value<'static>>,
    heard: u32,
    // The page's frame and the other peer's.
    frames: [u32; 2],
    bytes: Vec<u8>,
    text: String,
}

pub(super) fn games() -> Box<dyn Feed> {
    Box::new(Games {
        page: page(),
        session: Session::default(),
        sent: trees(seeds::WORKER_SENT),
        received: trees(seeds::WORKER_RECEIVED),
        heard: 0,
        frames: [0, 0],
        bytes: Vec::new(),
        text: String::new(),
    })
}

fn page() -> Page {
    Page::new(&[ChannelKind::DataChannel, ChannelKind::Worker, ChannelKind::WebSocket])
}

impl Feed for Games {
    fn feed(&mut self, random: &mut Random) -> Tally {
        if self.heard.is_multiple_of(MESSAGES_PER_GAME) {
            // Every check reads what became of the last game.
            let account = CaptureAccount::default();
            let _ = SessionCheck::of(&self.session, account);
            (self.page, self.session, self.frames) = (page(), Session::default(), [0, 0]);
        }
        self.heard = self.heard.wrapping_add(1);
        let Self { page, session, sent, received, frames, bytes, text, .. } = self;
        let mut sink = |observation: &Observation<'_>| session.handle(observation);
        let side = random.below(2);
        let direction = if side == 0 { Direction::Sent } else { Direction::Received };
        match random.below(16) {
            0..=7 => {
                let frame = frames.get_mut(side);
                let next = frame.map_or(0, |frame| {
                    *frame = match random.below(24) {
                        0 => random.below(40) as u32,
                        1 => frame.saturating_sub(1),
                        2 => frame.saturating_add(random.below(30) as u32),
                        _ => frame.saturating_add(1),
                    };
                    *frame
                });
                input(bytes, side as u8, next, random);
                page.hear(CHANNEL, direction, Value::ArrayBuffer(bytes), &mut sink)
            }
            8 | 9 => {
                bytes.clear();
                let all = seeds::P2P_BINARY;
                bytes.extend(random.one(all).copied().unwrap_or_default());
                let other = random.one(all).copied().unwrap_or_default();
                if random.below(3) != 0 {
                    change_bytes(bytes, other, random);
                }
                page.hear(CHANNEL, direction, Value::ArrayBuffer(bytes), &mut sink)
            }
            10 => {
                text.clear();
                let all = seeds::SOCKETIO;
                text.push_str(random.one(all).copied().unwrap_or_default());
                if random.below(2) == 0 {
                    change_text(text, random.one(all).copied().unwrap_or_default(), random);
                }
                page.hear(SOCKET, direction, Value::String(text.as_str().into()), &mut sink)
            }
            _ => {
                let all = if side == 0 { sent } else { received };
                let mut tree = random.one(all).cloned().unwrap_or(Value::Undefined);
                if random.below(3) == 0 {
                    let other = random.one(all).unwrap_or(&Value::Undefined);
                    change_tree(&mut tree, other, random);
                }
                page.hear(WORKER, direction, tree, &mut sink)
            }
        }
    }
}

// A message of inputs whose newest frame is `newest`.
fn input(bytes: &mut Vec<u8>, player: u8, newest: u32, random: &mut Random) {
    let count = (newest.saturating_add(1)).min(10);
    bytes.clear();
    bytes.extend([1, 0, player]);
    bytes.extend(newest.to_be_bytes());
    bytes.extend([count as u8, 0]);
    for offset in (0..count).rev() {
        bytes.extend(newest.saturating_sub(offset).to_be_bytes());
        bytes.push(random.below(5) as u8);
    }
}
