//! Lines of frames.

use super::{LineSink, Seat, Table};
use crate::frame::Frame;
use crate::rollback::FrameInputs;
use crate::session::{EpisodeRecord, FrameFlags, PeerSession};
use crate::sorting;
use crate::time::Micros;

/// One line per stepped frame.
pub(super) struct Frames;

impl Table for Frames {
    fn name(&self) -> &'static str {
        "frames"
    }

    fn documentation(&self) -> &'static str {
        "frame; inputs: the action of each player that it was last stepped with; status: predicted, \
         confirmed, verified where the peers' hashes agree, mismatch where they differ, or unknown; \
         confirmed_at_micros: when the real inputs of all players were held, on the page's clock; \
         resimulated: how often it was stepped again; stepped_at_micros: when it was first stepped; \
         predicted: indices of the players whose action is a guess; shown_predicted: whether it \
         was first stepped with a guess; at its first step: predicted_frames and pending_inputs: \
         frames that rest on a guess, and inputs that proved one wrong since the step before; \
         local_inputs and remote_inputs: own and others' inputs held for it and later frames; \
         unacknowledged_inputs: own ones that nobody acknowledged; outstanding_requests: requests to \
         workers that were posted and not answered; frame_advantage: frames ahead of the other peer's \
         last word; confirmation_lag: frames past the confirmed one"
    }

    fn write(&self, at: &Seat<'_>, sink: &mut LineSink<'_>) {
        let outstanding = Outstanding::of(at.records);
        for (place, record) in at.episodes() {
            for frame in (0..record.frames.len() as u32).map(Frame) {
                let Some(stepped_at) = record.frames.stepped_at(frame) else { continue };
                let mut line = at.line(Some(record.number.0));
                let inputs = record.known_inputs(frame);
                let is_rebuilt = record.is_rebuilt(frame);
                let guessed = inputs.filter(|_| is_rebuilt).map(|inputs| {
                    let players = at.game.players();
                    players.filter(|one| inputs.predicted.contains(*one)).collect::<Vec<_>>()
                });
                let again = inputs.map(|_| record.frames.resimulated(frame));
                let flags = record.frames.flags(frame);
                let shown = is_rebuilt.then(|| flags.has(FrameFlags::SHOWN_PREDICTED));
                let depths = record.frames.depths(frame);
                line.push("frame", frame);
                line.push("inputs", inputs.as_ref().map(FrameInputs::actions));
                line.push("status", status(at, place, record, frame));
                line.push("confirmed_at_micros", record.frames.confirmed_at(frame));
                line.push("resimulated", again);
                line.push("stepped_at_micros", stepped_at);
                line.push("predicted", guessed);
                line.push("shown_predicted", shown);
                line.push("predicted_frames", depths.predicted);
                line.push("pending_inputs", depths.pending);
                line.push("local_inputs", depths.local);
                line.push("remote_inputs", depths.receive);
                line.push("unacknowledged_inputs", depths.send);
                line.push("outstanding_requests", outstanding.at(stepped_at));
                line.push("frame_advantage", depths.advantage);
                line.push("confirmation_lag", depths.lag);
                sink(&line);
            }
        }
    }
}

// Requests by the times of their posting and of their replies, each sorted.
struct Outstanding {
    posted: Vec<Micros>,
    replied: Vec<Micros>,
}

impl Outstanding {
    fn of(records: &PeerSession) -> Self {
        let trips = || records.round_trips.iter();
        let mut posted: Vec<Micros> = trips().map(|trip| trip.posted).collect();
        let mut replied: Vec<Micros> = trips().filter_map(|trip| trip.replied).collect();
        sorting::sort_by_number(&mut posted, |at| at.0);
        sorting::sort_by_number(&mut replied, |at| at.0);
        Self { posted, replied }
    }

    // `None` where no request was ever seen.
    fn at(&self, time: Micros) -> Option<usize> {
        let before = |times: &[Micros]| times.partition_point(|one| *one < time);
        let open = before(&self.posted).saturating_sub(before(&self.replied));
        (!self.posted.is_empty()).then_some(open)
    }
}

// The same words as in the timeline.
fn status(at: &Seat<'_>, place: usize, record: &EpisodeRecord, frame: Frame) -> &'static str {
    let reported = |player| at.game.reported_hash(place, player, frame);
    let mut hashes = at.game.players().filter_map(reported);
    if let (Some(first), Some(second)) = (hashes.next(), hashes.next()) {
        let are_equal = first == second && hashes.all(|other| other == first);
        return if are_equal { "verified" } else { "mismatch" };
    }
    match record.is_predicted(frame) {
        Some(true) => "predicted",
        Some(false) => "confirmed",
        None if record.frames.confirmed_at(frame).is_some() => "confirmed",
        None => "unknown",
    }
}
