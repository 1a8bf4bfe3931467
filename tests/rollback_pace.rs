//! Two engines on clocks of their own: who begins late or runs slow, the peers come together.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::link::{Link, LinkProfile};
use rollscope::message::{PeerMessage, PeerStatus, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig, EngineEvent, EngineOptions, PaceAdvice, Request};
use rollscope::time::Micros;

const TICK_MICROS: u64 = 16_667;

struct Peer {
    engine: Engine<u64>,
    state: u64,
    next_tick: u64,
    period: u64,
    unasked_ticks: u32,
    stalls: u32,
    held: u32,
    fast_forwarded: u32,
    silent: u32,
    heard: u32,
}

struct Pair {
    peers: [Peer; 2],
    links: [Link<PeerMessage>; 2],
    now: u64,
    // Frames that peer 0 is ahead, at every tick.
    ahead: Vec<i64>,
}

impl Pair {
    /// Peer 1 begins `late_millis` later and its clock is slower by `slower_permille`.
    fn new(late_millis: u64, slower_permille: u64, options: EngineOptions) -> Self {
        let settings = SessionSettings {
            input_delay_frames: 1,
            snapshot_interval_frames: 5,
            max_prediction_frames: 60,
            frames_per_second: 60,
            prediction: PredictionRule::RepeatLast,
            default_action: Action(0),
            seed: 1,
        };
        let peer = |local: u8| {
            let (local_id, settings) = (PlayerId(local), vec![settings; 2]);
            let config = EngineConfig { local: local_id, settings, episode: Episode(0) };
            Peer {
                engine: Engine::with_options(&config, options).unwrap(),
                state: 0,
                next_tick: u64::from(local) * late_millis * 1000,
                period: TICK_MICROS + u64::from(local) * TICK_MICROS * slower_permille / 1000,
                unasked_ticks: 0,
                stalls: 0,
                held: 0,
                fast_forwarded: 0,
                silent: 0,
                heard: 0,
            }
        };
        let profile = LinkProfile {
            latency_micros: 80_000,
            jitter_micros: 20_000,
            loss: 0.05,
            duplication: 0.01,
        };
        let links = [Link::new(1, profile), Link::new(2, profile)];
        Self { peers: [peer(0), peer(1)], links, now: 0, ahead: Vec::new() }
    }

    fn play_until(&mut self, end_millis: u64) {
        while self.now < end_millis * 1000 {
            let side = usize::from(self.peers[1].next_tick < self.peers[0].next_tick);
            self.now = self.peers[side].next_tick;
            let peer = &mut self.peers[side];
            while let Some(message) = self.links[1 - side].poll(Micros(self.now)) {
                peer.engine.handle_message(&message);
            }
            peer.tick(self.now);
            while let Some((_, message)) = peer.engine.poll_message() {
                self.links[side].send(Micros(self.now), message);
            }
            let [a, b] = [0, 1].map(|side: usize| self.peers[side].engine.current().0);
            self.ahead.push(i64::from(a) - i64::from(b));
        }
    }

    fn ahead_lately(&self) -> (i64, i64) {
        let lately = &self.ahead[self.ahead.len() - 600..];
        (*lately.iter().min().unwrap(), *lately.iter().max().unwrap())
    }
}

impl Peer {
    fn tick(&mut self, now: u64) {
        self.next_tick = now + self.period;
        self.unasked_ticks = self.unasked_ticks.saturating_sub(1);
        match self.engine.pace_advice() {
            PaceAdvice::Stretch { permille } => {
                assert!((1..=50).contains(&permille));
                self.next_tick += self.period * u64::from(permille) / 1000;
            }
            PaceAdvice::Wait { ticks } if self.unasked_ticks == 0 => {
                self.unasked_ticks = 60;
                self.next_tick += self.period * u64::from(ticks);
                self.engine.note_waited(ticks);
            }
            PaceAdvice::Wait { .. } | PaceAdvice::Keep => {}
        }
        let action = Action(self.engine.current().0 / 10 % 3);
        let behind = self.engine.frames_behind();
        let tick = match behind {
            0..=20 => self.engine.tick(action),
            _ => self.engine.fast_forward(action, behind),
        };
        let mut requests = tick.rollback.map(|(_, batch)| batch.to_vec()).unwrap_or_default();
        requests.extend(tick.live);
        for request in requests {
            match request {
                Request::LoadSnapshot { frame } => {
                    self.state = *self.engine.snapshot(frame).unwrap();
                }
                Request::SaveSnapshot { frame } => {
                    self.engine.handle_snapshot(frame, self.state, self.state);
                }
                Request::AdvanceFrame { inputs, .. } => {
                    let sum: u32 = inputs.actions().iter().map(|action| action.0).sum();
                    self.state = self.state.wrapping_mul(31).wrapping_add(sum.into());
                }
            }
        }
        self.engine.handle_tick_done();
        while let Some(event) = self.engine.poll_event() {
            match event {
                EngineEvent::Stalled { .. } => self.stalls += 1,
                EngineEvent::Held { .. } => self.held += 1,
                EngineEvent::FastForwarded { frames, .. } => self.fast_forwarded += frames,
                EngineEvent::PeerSilent { .. } => self.silent += 1,
                EngineEvent::PeerHeard { .. } => self.heard += 1,
                EngineEvent::Desync { .. } => unreachable!("the peers step alike"),
                _ => {}
            }
        }
    }
}

#[test]
fn a_peer_that_begins_late_is_waited_for_and_one_with_a_slow_clock_is_kept_up_with() {
    for (late_millis, slower_permille) in [(0, 0), (100, 0), (600, 0), (0, 10), (300, 20), (0, 30)]
    {
        let mut pair = Pair::new(late_millis, slower_permille, EngineOptions::default());
        pair.play_until(30_000);
        let (least, most) = pair.ahead_lately();
        assert!(
            least >= -2 && most <= 3,
            "{late_millis} ms late, {slower_permille} ‰ slower: {least} to {most} frames"
        );
        assert_eq!(pair.peers[0].stalls + pair.peers[1].stalls, 0);
    }
}

#[test]
fn without_frame_sync_nobody_waits_and_the_early_one_stays_ahead() {
    let options = EngineOptions { frame_sync_interval_ticks: 0, ..EngineOptions::default() };
    let mut pair = Pair::new(300, 0, options);
    pair.play_until(30_000);
    assert_eq!(pair.peers[0].engine.advantage_frames(), None);
    assert_eq!(pair.peers[0].engine.pace_advice(), PaceAdvice::Keep);
    assert!(pair.ahead_lately().0 >= 16);
}

#[test]
fn while_one_player_pauses_no_peer_steps_and_then_all_go_on() {
    let mut pair = Pair::new(0, 0, EngineOptions::default());
    pair.play_until(2_000);
    pair.peers[1].engine.set_status(PeerStatus::Paused);
    pair.play_until(3_000);
    let before: Vec<Frame> = pair.peers.iter().map(|peer| peer.engine.current()).collect();
    pair.play_until(8_000);
    let after: Vec<Frame> = pair.peers.iter().map(|peer| peer.engine.current()).collect();
    assert_eq!(before, after);
    assert!(pair.peers.iter().all(|peer| peer.held > 200 && peer.stalls == 0));
    pair.peers[1].engine.set_status(PeerStatus::Running);
    pair.play_until(10_000);
    assert!(pair.peers.iter().all(|peer| peer.engine.current().since(after[0]) > 80));
}

#[test]
fn a_page_that_slept_catches_up_in_one_batch_and_is_told_apart_from_one_that_left() {
    let mut pair = Pair::new(0, 0, EngineOptions::default());
    pair.play_until(2_000);
    pair.peers[0].engine.set_status(PeerStatus::Background);
    pair.play_until(2_050);
    pair.peers[0].next_tick += 3_000_000;
    pair.play_until(6_000);
    let [slept, awake] = &pair.peers;
    assert!((40..=75).contains(&slept.fast_forwarded), "{}", slept.fast_forwarded);
    assert_eq!((awake.silent, awake.heard), (1, 1));
    assert!(awake.stalls > 60, "the window is used up after a second");
    let behind = awake.engine.current().since(slept.engine.current());
    assert!(behind <= 10, "{behind} frames behind");
}
