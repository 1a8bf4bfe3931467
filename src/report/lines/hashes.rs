//! Lines of state hashes.

use super::{LineSink, Seat, Table};

/// One line per hash that a player reported.
pub(super) struct Hashes;

impl Table for Hashes {
    fn name(&self) -> &'static str {
        "hashes"
    }

    fn documentation(&self) -> &'static str {
        "frame: the frame that the state stands before; hash: as it crossed the wire, the first 16 \
         digits of longer ones; route: which text was hashed, direct or js_round_trip, or unknown \
         where no message tells it; sender: index of the player who reported it; \
         recomputed: hash of the sender's own state text of that frame, computed here, null where \
         the text was not seen; computed: the sender's worker's own hash; contradicted_by: a second, \
         different hash that the sender reported; seq: the first message with it"
    }

    fn write(&self, at: &Seat<'_>, sink: &mut LineSink<'_>) {
        let hex = |hash: u64| format!("{hash:016x}");
        // Pages of this project's own runtime hash the text as it stands; MUG's hash what JavaScript
        // makes of it (MUG wire notes, §5.3).
        let of_page = if at.records.mug.is_some() { "js_round_trip" } else { "direct" };
        for (_, record) in at.episodes() {
            let is_known = record.hashes.is_rule_known();
            let route = if is_known { of_page } else { "unknown" };
            for (frame, slot) in record.hashes.iter() {
                for (player, report) in slot.reports() {
                    // A received hash is of another page's state.
                    let own = Some(slot).filter(|_| is_known && at.records.local == Some(player));
                    let mut line = at.line(Some(record.number.0));
                    line.push("frame", frame);
                    line.push("hash", hex(report.hash));
                    line.push("route", route);
                    line.push("sender", player);
                    line.push("recomputed", own.and_then(|slot| slot.recomputed).map(hex));
                    line.push("computed", own.and_then(|slot| slot.computed).map(hex));
                    line.push("contradicted_by", report.contradicted_by.map(hex));
                    line.push("seq", report.seq);
                    sink(&line);
                }
            }
        }
    }
}
