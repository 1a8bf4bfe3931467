//! The figures of a run: what is counted while it goes on, and what comes of it.

use rollscope::message::PeerMessage;
use rollscope::summary::quantile;

/// The figures of a run, per peer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    pub(crate) rollbacks_per_minute: f64,
    pub(crate) depth_p5_frames: u32,
    pub(crate) depth_p25_frames: u32,
    pub(crate) depth_median_frames: u32,
    pub(crate) depth_p75_frames: u32,
    pub(crate) depth_p95_frames: u32,
    pub(crate) depth_max_frames: u32,
    pub(crate) resimulated_frames_per_minute: f64,
    pub(crate) stalled_ticks_per_minute: f64,
    pub(crate) sent_bytes_per_second: f64,
    pub(crate) sent_messages_per_second: f64,
    /// From reading an input until another peer holds it.
    pub(crate) input_latency_median_millis: f64,
    pub(crate) input_latency_p95_millis: f64,
    pub(crate) desyncs: u32,
    /// States that the game was asked to save.
    pub(crate) saves_per_minute: f64,
    /// Most states that a peer held at once.
    pub(crate) held_states_max: u32,
    /// Most inputs in one message.
    pub(crate) inputs_per_message_max: u32,
    /// Bytes of state hashes and their acknowledgements, of all bytes sent.
    pub(crate) hash_bytes_per_second: f64,
    /// Bytes of states and requests for them, per resync.
    pub(crate) bytes_per_resync: f64,
    pub(crate) messages_per_resync: f64,
    pub(crate) resyncs: u32,
    /// From the step that went its own way until a peer saw two hashes.
    pub(crate) detection_median_millis: f64,
    /// From then until the state was replaced.
    pub(crate) repair_median_millis: f64,
    /// How far the first player was ahead of the last one, on average over the last half.
    pub(crate) ahead_mean_frames: f64,
    /// Rollbacks of the player that has most of them, per minute.
    pub(crate) worst_rollbacks_per_minute: f64,
    /// Frames of the player that is furthest behind, per second.
    pub(crate) frames_per_second: f64,
}

/// What is counted while a run goes on.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) depths: Vec<u32>,
    pub(crate) rollbacks: Vec<u64>,
    pub(crate) resimulated: u64,
    pub(crate) stalls: u64,
    pub(crate) bytes: u64,
    pub(crate) messages: u64,
    pub(crate) hash_bytes: u64,
    pub(crate) state_bytes: u64,
    pub(crate) state_messages: u64,
    pub(crate) resyncs: u32,
    pub(crate) desyncs: u32,
    pub(crate) latencies: Vec<u32>,
    pub(crate) detections: Vec<u32>,
    pub(crate) repairs: Vec<u32>,
    pub(crate) ahead: (f64, u32),
    pub(crate) saves: u64,
    pub(crate) held_states_max: u32,
    pub(crate) inputs_per_message_max: u32,
}

impl Counts {
    pub(crate) fn note_sent(&mut self, message: &PeerMessage, bytes: u64) {
        self.bytes += bytes;
        self.messages += 1;
        match message {
            PeerMessage::StateHashes { .. } | PeerMessage::HashesReceived { .. } => {
                self.hash_bytes += bytes;
            }
            PeerMessage::StateRequest { .. } | PeerMessage::StateChunk { .. } => {
                self.state_bytes += bytes;
                self.state_messages += 1;
            }
            PeerMessage::Inputs { actions, .. } => {
                self.inputs_per_message_max = self.inputs_per_message_max.max(actions.len() as u32);
            }
            _ => {}
        }
    }

    pub(crate) fn outcome(mut self, micros: u64, peers: f64, frames: u32) -> Outcome {
        let seconds = micros as f64 / 1e6;
        let per_minute = |count: u64| count as f64 * 60.0 / seconds / peers;
        for list in [&mut self.depths, &mut self.latencies, &mut self.detections, &mut self.repairs]
        {
            list.sort_unstable();
        }
        let millis = |list: &[u32], percent| {
            quantile(list, percent).map_or(0.0, |micros| f64::from(micros) / 1000.0)
        };
        let per_resync = |count: u64| count as f64 / f64::from(self.resyncs.max(1));
        let depth = |percent| quantile(&self.depths, percent).unwrap_or(0);
        let worst = self.rollbacks.iter().max().copied().unwrap_or(0);
        Outcome {
            rollbacks_per_minute: per_minute(self.depths.len() as u64),
            depth_p5_frames: depth(5),
            depth_p25_frames: depth(25),
            depth_median_frames: depth(50),
            depth_p75_frames: depth(75),
            depth_p95_frames: depth(95),
            depth_max_frames: self.depths.last().copied().unwrap_or(0),
            resimulated_frames_per_minute: per_minute(self.resimulated),
            stalled_ticks_per_minute: per_minute(self.stalls),
            sent_bytes_per_second: self.bytes as f64 / seconds / peers,
            sent_messages_per_second: self.messages as f64 / seconds / peers,
            input_latency_median_millis: millis(&self.latencies, 50),
            input_latency_p95_millis: millis(&self.latencies, 95),
            desyncs: self.desyncs,
            saves_per_minute: per_minute(self.saves),
            held_states_max: self.held_states_max,
            inputs_per_message_max: self.inputs_per_message_max,
            hash_bytes_per_second: self.hash_bytes as f64 / seconds / peers,
            bytes_per_resync: per_resync(self.state_bytes),
            messages_per_resync: per_resync(self.state_messages),
            resyncs: self.resyncs,
            detection_median_millis: millis(&self.detections, 50),
            repair_median_millis: millis(&self.repairs, 50),
            ahead_mean_frames: self.ahead.0 / f64::from(self.ahead.1.max(1)),
            frames_per_second: f64::from(frames) / seconds,
            worst_rollbacks_per_minute: worst as f64 * 60.0 / seconds,
        }
    }
}
