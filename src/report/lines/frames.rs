//! Lines of frames.

use super::{LineSink, Seat, Table};
use crate::frame::Frame;
use crate::session::{EpisodeRecord, FrameFlags};

/// One line per stepped frame.
pub(super) struct Frames;

impl Table for Frames {
    fn name(&self) -> &'static str {
        "frames"
    }

    fn documentation(&self) -> &'static str {
        "frame; inputs: the action of each player that it was last stepped with; status: predicted, \
         confirmed, verified where the peers' hashes agree, or mismatch where they differ; \
         confirmed_at_micros: when the real inputs of all players were held, on the page's clock; \
         resimulated: how often it was stepped again; stepped_at_micros: when it was first stepped; \
         predicted: indices of the players whose action is a guess; shown_predicted: whether it \
         was first stepped with a guess"
    }

    fn write(&self, at: &Seat<'_>, sink: &mut LineSink<'_>) {
        for (place, record) in at.episodes() {
            for frame in (0..record.frames.len() as u32).map(Frame) {
                let Some(inputs) = record.frames.inputs(frame) else { continue };
                let mut line = at.line(Some(record.number.0));
                let predicted = at.game.players().filter(|one| inputs.predicted.contains(*one));
                line.push("frame", frame);
                line.push("inputs", inputs.actions());
                line.push("status", status(at, place, record, frame));
                line.push("confirmed_at_micros", record.frames.confirmed_at(frame));
                line.push("resimulated", record.frames.resimulated(frame));
                line.push("stepped_at_micros", record.frames.stepped_at(frame));
                line.push("predicted", predicted.collect::<Vec<_>>());
                let flags = record.frames.flags(frame);
                line.push("shown_predicted", flags.has(FrameFlags::SHOWN_PREDICTED));
                sink(&line);
            }
        }
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
