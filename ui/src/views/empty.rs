//! The empty state: what is ready, what was looked for, what was seen, and what to do next.

use rollscope::timeline::{ChannelRow, HealthView};

use crate::format;
use crate::html::{self, Element, IntoNode, IntoNodes, Node};
use crate::icons::{Icon, icon};
use crate::leptos::ev;
use crate::signal::{Callback, Memo, Signal};
use crate::state::{Connection, Consent, Loaded, Status};

/// What the empty state shows and asks for.
#[derive(Clone, Copy)]
pub struct Model {
    /// Whether the analysis is there.
    pub analysis: Signal<Loaded>,
    /// What the capture saw.
    pub health: Signal<HealthView>,
    /// State of the connection.
    pub status: Signal<Status>,
    /// Whether the panel stands in the developer tools.
    pub is_in_devtools: bool,
    /// Asks for access to the origin.
    pub request_origin: Callback<()>,
    /// Reloads the page.
    pub reload_page: Callback<()>,
    /// Lets the user choose a file.
    pub pick_file: Callback<()>,
    /// Saves what was recorded.
    pub save: Callback<()>,
}

/// In the place of a view that only the analysis can fill.
pub fn awaited() -> Element {
    html::div().class("empty").attr("data-testid", "awaited").child(
        html::section()
            .class("seen")
            .child(html::p().attr("role", "status").child("Loading the analysis …")),
    )
}

/// The empty state.
pub fn empty(model: Model) -> Element {
    let Model { health, status, is_in_devtools, .. } = model;
    let is_missing = Memo::new(move |_| matches!(model.analysis.get(), Loaded::Missing(_)));
    let is_refused = Memo::new(move |_| status.get().connection == Connection::NotAllowed);
    let consent = Memo::new(move |_| is_refused.get().then(|| status.get().consent));
    html::div().class("empty").attr("data-testid", "empty-state").child((
        html::section().class("seen").child((
            html::h1().child(move || match is_missing.get() {
                true => "The analysis could not be loaded",
                false => title(consent.get(), is_in_devtools, &health.get()),
            }),
            html::p().attr("role", "status").child(move || match model.analysis.get() {
                Loaded::Missing(reason) => missing(&reason, is_in_devtools),
                _ => lead(consent.get(), is_in_devtools, &health.get()),
            }),
            html::dl().child(move || {
                let rows = rows(&status.get(), is_in_devtools, &health.get());
                rows.into_iter().map(row).nodes()
            }),
        )),
        html::section()
            .class("actions")
            .child(move || actions(model, is_refused.get(), is_missing.get())),
    ))
}

/// `consent` is there where the page is not allowed.
fn title(consent: Option<Consent>, is_in_devtools: bool, health: &HealthView) -> &'static str {
    if let Some(consent) = consent {
        match consent {
            Consent::NotAsked => "This page is not recorded yet",
            Consent::Asked => "The browser asks for your permission",
            Consent::Refused => "The permission was not given",
        }
    } else if health.events == 0 && !is_in_devtools {
        "No capture open"
    } else {
        "No known traffic yet"
    }
}

fn lead(consent: Option<Consent>, is_in_devtools: bool, health: &HealthView) -> String {
    let dialects = match health.dialects.as_slice() {
        [] => "a known dialect".to_owned(),
        names => format!("a known dialect ({})", names.join(", ")),
    };
    if let Some(consent) = consent {
        match consent {
            Consent::NotAsked => "Rollscope records an origin only after you have allowed it.",
            Consent::Asked => {
                "Answer in the browser's own window. The page is then loaded anew, and recorded from its first message."
            }
            Consent::Refused => {
                "The browser was told no, so nothing of this page is recorded. Press the button to be asked once more."
            }
        }
        .to_owned()
    } else if health.events == 0 && !is_in_devtools {
        "Open a capture file, or drop one here. It stays on this machine.".to_owned()
    } else if health.events == 0 {
        format!("The panel waits for a worker or a data channel that speaks {dialects}.")
    } else {
        format!("Looked for a worker or a data channel that speaks {dialects}; found none so far.")
    }
}

fn rows(status: &Status, is_in_devtools: bool, health: &HealthView) -> Vec<(Icon, String, String)> {
    let mut rows = Vec::new();
    let state = |is_there: bool| if is_there { Icon::Tick } else { Icon::Waiting };
    if is_in_devtools {
        let installed = match (status.connection, health.pages > 0) {
            (_, true) | (Connection::Recording, _) => "in place",
            (Connection::NotAllowed, _) if status.consent == Consent::Refused => "not allowed",
            (Connection::NotAllowed, _) => "waits for your permission",
            (Connection::Detached, _) => "the page went away",
            _ => "reload the page to install it",
        };
        let is_there = health.pages > 0 || status.connection == Connection::Recording;
        rows.push((state(is_there), "Hook".to_owned(), installed.to_owned()));
    }
    if is_in_devtools || health.events > 0 {
        let inner = u64::from(health.inner_pages);
        let pages = format!(
            "{}, {}, {}",
            format::counted(health.pages.saturating_sub(health.inner_pages).into(), "page"),
            format::counted(inner, "inner page"),
            format::counted(health.events, "event")
        );
        rows.push((state(health.pages > 0), "Pages".to_owned(), pages));
    }
    if !is_in_devtools && health.events == 0 {
        for (name, text) in [
            ("One file", "what one peer's page did, and what it heard of the others"),
            (
                "Two or more files",
                "the sides of one session: choose or drop them together, and they are compared",
            ),
            (
                "Recorded where",
                "by this panel in the developer tools, by its hook as a script, or by Playwright",
            ),
        ] {
            rows.push((Icon::Waiting, name.to_owned(), text.to_owned()));
        }
    }
    rows.extend(health.channels.iter().map(channel));
    if health.channels.is_empty() && is_in_devtools {
        for (name, none) in
            [("Workers", "0 started"), ("Data channels", "0 opened"), ("Sockets", "0 opened")]
        {
            rows.push((Icon::Waiting, name.to_owned(), none.to_owned()));
        }
    }
    for (place, text, count) in &health.issues {
        rows.push((Icon::Warning, place.clone(), format!("{text} ({} ×)", format::count(*count))));
    }
    rows
}

fn channel(channel: &ChannelRow) -> (Icon, String, String) {
    let known = match channel.dialect {
        Some(dialect) => format!("recognised as {dialect}"),
        None => "none recognised".to_owned(),
    };
    let counts = format!(
        "{} sent, {} received",
        format::count(channel.sent),
        format::count(channel.received)
    );
    let glyph = if channel.dialect.is_some() { Icon::Tick } else { Icon::Waiting };
    (glyph, format!("{} {}", channel.kind, channel.label), format!("{counts}, {known}"))
}

fn row((glyph, name, text): (Icon, String, String)) -> impl IntoNode {
    (
        html::dt().attr("title", name.clone()).child((icon(glyph), html::span().child(name))),
        html::dd().child(text),
    )
}

/// Why there is no analysis, and what to do.
fn missing(reason: &str, is_in_devtools: bool) -> String {
    if is_in_devtools {
        format!(
            "{reason}. Recording goes on: save it, then close the developer tools and open them again. A saved capture \
             opens there. If this comes again, install Rollscope anew."
        )
    } else {
        format!("{reason}. Reload this page; if this comes again, install Rollscope anew.")
    }
}

fn actions(model: Model, is_refused: bool, is_missing: bool) -> Node {
    let button = |class: &'static str, name: String, run: Callback<()>| {
        html::button()
            .class(class)
            .attr("type", "button")
            .on(ev::click, move |_| run.run(()))
            .child(name)
    };
    let open = |class| button(class, "Open a capture file".to_owned(), model.pick_file);
    if is_refused {
        let name = format!("Record on {}", model.status.get().origin);
        return button("button primary", name, model.request_origin).into_node();
    }
    if is_missing && model.is_in_devtools {
        let name = "Save what was recorded".to_owned();
        return button("button primary", name, model.save).into_node();
    }
    if is_missing {
        return button("button primary", "Reload this page".to_owned(), model.reload_page)
            .into_node();
    }
    if !model.is_in_devtools {
        return open("button primary").into_node();
    }
    let hint = "A session that began before the panel opened lacks its first frames; reload to see all of them.";
    (
        button("button primary", "Reload page and record".to_owned(), model.reload_page),
        open("button"),
        html::p().class("hint").child(hint),
    )
        .into_node()
}
