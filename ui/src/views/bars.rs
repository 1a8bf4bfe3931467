//! The measured bar of one rollback: wait hollow, execute dark, reply grey, and a ring where
//! single requests would end. Longer bars than the axis break and show their number.

use leptos::html;
use leptos::prelude::*;
use rollscope::timeline::RollbackRow;

use crate::format;

/// Share of the cell that the axis takes; the rest is for what is longer.
const AXIS_PERCENT: f64 = 86.0;

/// The bar; `axis` is the time at the end of the axis and `overhead` the wait and reply of one
/// more request, both in microseconds.
pub fn bar(row: &RollbackRow, axis: u64, overhead: Option<u64>) -> impl IntoView + use<> {
    let total = row.total_micros.filter(|_| axis > 0);
    let place = |micros: u64| (micros as f64 / axis.max(1) as f64 * AXIS_PERCENT).min(AXIS_PERCENT);
    let parts = total.map(|total| {
        let wait = row.wait_micros.unwrap_or(0).min(total);
        let reply = row.reply_micros.unwrap_or(0).min(total - wait);
        let (begin, end) = (place(wait), place(total - reply));
        let piece = |class: &'static str, from: f64, to: f64| {
            let style = format!("left:{from:.2}%;width:{:.2}%", (to - from).max(0.0));
            html::i().class(class).attr("style", style)
        };
        (
            (wait > 0).then(|| piece("wait", 0.0, begin)),
            piece("execute", begin, end),
            (reply > 0).then(|| piece("reply", end, place(total))),
        )
    });
    let longer = total.filter(|total| *total > axis).map(|total| {
        (html::i().class("break"), html::span().class("more").child(format::millis(total)))
    });
    let ring = total.zip(overhead).and_then(|(total, overhead)| {
        let more = u64::from(row.round_trips_unbatched.saturating_sub(row.round_trips));
        let would_end = total.saturating_add(more.saturating_mul(overhead));
        (more > 0 && total <= axis).then(|| {
            let (from, to) =
                (place(total), (would_end as f64 / axis as f64 * AXIS_PERCENT).min(98.0));
            let thread = format!("left:{from:.2}%;width:{:.2}%", (to - from).max(0.0));
            (
                html::i().class("thread").attr("style", thread),
                html::i().class("ring").attr("style", format!("left:{to:.2}%")),
            )
        })
    });
    html::span()
        .class("bar")
        .attr("role", "gridcell")
        .attr("title", words(row))
        .child((parts, longer, ring))
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
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
