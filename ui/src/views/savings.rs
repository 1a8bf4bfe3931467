//! The sums above the table of rollbacks: as it is, as one batch each, unbatched; and what follows.

use rollscope::timeline::{Overhead, SavingsView};

use super::meaning::{Stop, beside};
use crate::format;
use crate::html::{self, Element, IntoNode};
use crate::signal::Memo;

/// The three sums and the sentence. Only texts change while recording: a name that has the focus keeps it.
pub fn savings(savings: Memo<SavingsView>) -> impl IntoNode {
    let time = |view: &SavingsView, micros: u64| match view.overhead {
        Some(_) => format::duration(micros),
        None => String::new(),
    };
    let note = |view: &SavingsView, micros: u64| match view.overhead {
        Some(_) => signed(view.as_is.1, micros),
        None => "was not measured".to_owned(),
    };
    let is_empty = Memo::new(move |_| savings.with(|view| view.rollbacks == 0));
    (
        html::div().class("sums").attr("data-meanings", "").child((
            sum(
                ("As it is", Stop::Tab),
                savings,
                |view| (view.as_is.0, format::duration(view.as_is.1), "measured".to_owned()),
                |view| format!("{} of all peers", format::counted(view.rollbacks.into(), "rollback")),
                "Requests that the rollbacks took, and the time from posting the first request of each to its last reply. Measured.",
            ),
            sum(
                ("One batch", Stop::Arrow),
                savings,
                move |view| (view.one_batch.0, time(view, view.one_batch.1), note(view, view.one_batch.1)),
                |_| "the restore inside the batch".to_owned(),
                "Every rollback as one request: the measured time less what its further requests cost beside their execution. Estimated.",
            ),
            sum(
                ("Unbatched", Stop::Arrow),
                savings,
                move |view| (view.unbatched.0, time(view, view.unbatched.1), note(view, view.unbatched.1)),
                |_| "one request per step, n + 2".to_owned(),
                "A restore, one request per step and a read: the measured time and what the further requests would cost beside their execution. Estimated.",
            ),
        )),
        html::p()
            .class("cost-sentence")
            .class(("none", move || is_empty.get()))
            .attr("data-testid", "savings-sentence")
            .child((
                move || savings.with(SavingsView::sentence),
                " ",
                move || savings.with(|view| view.overhead.as_ref().map(assumption)),
            )),
    )
}

fn assumption(overhead: &Overhead) -> Element {
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
    (name, stop): (&'static str, Stop),
    savings: Memo<SavingsView>,
    figures: impl Fn(&SavingsView) -> (u32, String, String) + Send + Sync + 'static,
    caption: impl Fn(&SavingsView) -> String + Send + Sync + 'static,
    meaning: &'static str,
) -> Element {
    let figures = Memo::new(move |_| savings.with(&figures));
    html::section().child((
        html::h2().child(beside(name, meaning, stop)),
        html::p().class("figure").child((
            html::b().child(move || format::count(figures.get().0.into())),
            " ",
            html::span().child((html::span().class("extra").child("round "), "trips")),
            " ",
            html::b().child(move || figures.get().1),
            " ",
            html::span().child(move || figures.get().2),
        )),
        html::p().class("caption").child(move || savings.with(&caption)),
    ))
}

fn signed(from: u64, to: u64) -> String {
    if to == from {
        return "±0".to_owned();
    }
    if to >= from {
        format!("+{}", format::duration(to - from))
    } else {
        format!("−{}", format::duration(from - to))
    }
}
