//! The sums above the table of rollbacks: as it is, as one batch each, unbatched; and what follows.

use leptos::html;
use leptos::prelude::*;
use rollscope::timeline::{Overhead, SavingsView};

use super::meaning::meaning as explained;
use crate::format;

/// The three sums and the sentence.
pub fn savings(savings: Memo<SavingsView>) -> impl IntoView {
    move || {
        let view = savings.get();
        let (_, micros) = view.as_is;
        let known = view.overhead.is_some();
        let time = |micros: u64| if known { format::duration(micros) } else { String::new() };
        let note = |to: u64| {
            if !known { "was not measured".to_owned() } else { signed(micros, to) }
        };
        let of = format!("{} of all peers", format::counted(view.rollbacks.into(), "rollback"));
        (
            html::div().class("sums").child((
                sum(
                    "As it is",
                    (view.as_is.0, format::duration(micros)),
                    "measured",
                    of,
                    "Requests that the rollbacks took, and the time from posting the first request of each to its last reply. Measured.",
                ),
                sum(
                    "One batch",
                    (view.one_batch.0, time(view.one_batch.1)),
                    &note(view.one_batch.1),
                    "the restore inside the batch".to_owned(),
                    "Every rollback as one request: the measured time less what its further requests cost beside their execution. Estimated.",
                ),
                sum(
                    "Unbatched",
                    (view.unbatched.0, time(view.unbatched.1)),
                    &note(view.unbatched.1),
                    "one request per step, n + 2".to_owned(),
                    "A restore, one request per step and a read: the measured time and what the further requests would cost beside their execution. Estimated.",
                ),
            )),
            html::p().class("cost-sentence").attr("data-testid", "savings-sentence").child((
                view.sentence(),
                " ",
                view.overhead.as_ref().map(assumption),
            )),
        )
    }
}

fn assumption(overhead: &Overhead) -> impl IntoView + use<> {
    let requests = format::counted(overhead.requests.into(), "request");
    let text = match overhead.at_most {
        None => format!(
            "Assumed: one more request costs {} of wait and reply, the median of {requests} of this session; execution does not change.",
            format::duration(overhead.micros)
        ),
        Some(kind) => format!(
            "Assumed: one more request costs at most {}, the median of {requests} {kind}, execution included.",
            format::duration(overhead.micros)
        ),
    };
    html::span().class("hint").child(text)
}

fn sum(
    name: &'static str,
    (trips, time): (u32, String),
    note: &str,
    caption: String,
    meaning: &'static str,
) -> impl IntoView + use<> {
    html::section().child((
        html::h2().child(explained(name.to_owned(), meaning.to_owned())),
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
