//! The measured bar of one rollback: wait hollow, execute dark, reply grey, a tick where one batch
//! would end, and a ring where one request per step would. Longer bars break and show their number.

use rollscope::fixed::Fixed;
use rollscope::timeline::RollbackRow;

use super::grid::{Cell, Piece};
use crate::format;

/// Share of the cell that the axis takes; the rest is for what is longer.
const AXIS_PERCENT: f64 = 86.0;

/// What one rollback would have cost otherwise, in microseconds: as one batch, and with one request
/// per step; `overhead` is what one more request costs.
pub fn otherwise(row: &RollbackRow, overhead: Option<u64>) -> Option<(u64, u64)> {
    let (total, overhead) = row.total_micros.zip(overhead)?;
    let further = |requests: u32| u64::from(requests).saturating_mul(overhead);
    let more = row.round_trips_unbatched.saturating_sub(row.round_trips);
    Some((
        total.saturating_sub(further(row.round_trips.saturating_sub(1))),
        total.saturating_add(further(more)),
    ))
}

/// The bar; `axis` is the time at the end of the axis and `overhead` the wait and reply of one
/// more request, both in microseconds.
pub fn bar(row: &RollbackRow, axis: u64, overhead: Option<u64>) -> Cell {
    let mut pieces = Vec::new();
    let place = |micros: u64| (micros as f64 / axis.max(1) as f64 * AXIS_PERCENT).min(AXIS_PERCENT);
    let Some(total) = row.total_micros.filter(|_| axis > 0) else {
        return Cell::of("bar", pieces);
    };
    let mut part = |class: &'static str, from: f64, to: f64| {
        let style = format!("left:{:.2}%;width:{:.2}%", Fixed(from), Fixed((to - from).max(0.0)));
        pieces.push(Piece::Block(class, style));
    };
    let wait = row.wait_micros.unwrap_or(0).min(total);
    let reply = row.reply_micros.unwrap_or(0).min(total - wait);
    let (begin, end) = (place(wait), place(total - reply));
    if wait > 0 {
        part("wait", 0.0, begin);
    }
    // Without the worker's own times nobody knows which part of the whole is what.
    part(if row.execute_micros.is_some() { "execute" } else { "whole" }, begin, end);
    if reply > 0 {
        part("reply", end, place(total));
    }
    if total > axis {
        pieces.push(Piece::Block("break", String::new()));
        pieces.push(Piece::Span("more", format::millis(total)));
    } else if let Some((one, many)) = otherwise(row, overhead) {
        let to = (many as f64 / axis as f64 * AXIS_PERCENT).min(98.0);
        let from = place(total);
        let thread = format!("left:{:.2}%;width:{:.2}%", Fixed(from), Fixed((to - from).max(0.0)));
        pieces.push(Piece::Block("thread", thread));
        pieces.push(Piece::Block("ring", format!("left:{:.2}%", Fixed(to))));
        pieces.push(Piece::Block("tick", format!("left:{:.2}%", Fixed(place(one)))));
    }
    Cell::of("bar", pieces).titled(words(row))
}

fn words(row: &RollbackRow) -> String {
    let part = |name: &str, micros: Option<u64>| {
        micros.map(|micros| format!("{name} {}", format::duration(micros)))
    };
    let parts = [
        part("wait", row.wait_micros),
        part("execute", row.execute_micros),
        part("reply", row.reply_micros),
    ];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    if known.is_empty() {
        return "wait, execution and reply were not measured".to_owned();
    }
    known.join(", ")
}
