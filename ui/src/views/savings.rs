//! The sums above the table of rollbacks: as it is, unbatched, and what batching saved.

use leptos::html;
use leptos::prelude::*;
use rollscope::timeline::SavingsView;

use crate::format;

/// The three sums.
pub fn savings(savings: Signal<SavingsView>) -> impl IntoView {
    move || {
        let view = savings.get();
        let (trips, micros) = view.as_is;
        let (trips_unbatched, micros_unbatched) = view.unbatched;
        let overhead = view.overhead_micros;
        let saved = match overhead {
            Some(_) => signed(micros, micros_unbatched),
            None => "was not measured".to_owned(),
        };
        let per_request = overhead.map_or("was not measured".to_owned(), |micros| {
            format!("{} wait and reply per request, the median", format::duration(micros))
        });
        html::div().class("sums").child((
            sum(
                "As it is",
                (trips, format::duration(micros)),
                "measured",
                format!("{} of all peers", format::counted(view.rollbacks.into(), "rollback")),
            ),
            sum(
                "Unbatched",
                (
                    trips_unbatched,
                    overhead.map(|_| format::duration(micros_unbatched)).unwrap_or_default(),
                ),
                &saved,
                "one request per operation, estimated".to_owned(),
            ),
            sum(
                "Saved by batching",
                (
                    trips_unbatched.saturating_sub(trips),
                    overhead
                        .map(|_| format::duration(micros_unbatched.saturating_sub(micros)))
                        .unwrap_or_default(),
                ),
                "",
                per_request,
            ),
        ))
    }
}

fn sum(
    name: &'static str,
    (trips, time): (u32, String),
    note: &str,
    caption: String,
) -> impl IntoView + use<> {
    html::section().child((
        html::h2().child(name),
        html::p().class("figure").child((
            html::b().child(format::count(trips.into())),
            html::span().child(" round trips "),
            html::b().child(time),
            html::span().child(format!(" {note}")),
        )),
        html::p().class("caption").child(caption),
    ))
}

fn signed(from: u64, to: u64) -> String {
    if to >= from {
        format!("+{}", format::duration(to - from))
    } else {
        format!("−{}", format::duration(from - to))
    }
}
