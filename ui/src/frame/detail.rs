//! Details in the selection pane as data: pairs, trees, bytes, notes and buttons, each view's own.

use rollscope::frame::Frame;
use rollscope::traffic::{Event, TreeLine};

use crate::about::about;
use crate::format;
use crate::html::{self, Element, IntoNode, IntoNodes, Node};
use crate::leptos::ev;
use crate::signal::Callback;
use crate::views::meaning::{Stop, beside};

/// What the pane shows of the thing that a view has selected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// What is selected.
    pub title: String,
    /// What is known of it.
    pub parts: Vec<Part>,
}

/// One part under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The heading; empty for none.
    pub title: &'static str,
    /// What it holds.
    pub content: Content,
}

/// What a part holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Labels with their texts.
    Pairs(Vec<(String, String)>),
    /// Labels with values of a state, whose digits stand below each other.
    Values(Vec<(String, String)>),
    /// Labels with a link each.
    Links(Vec<(String, String, Act)>),
    /// A tree of values, and the lines that were left out.
    Tree(Vec<TreeLine>, u64),
    /// Bytes.
    Hex(Vec<u8>),
    /// A text.
    Note(String),
    /// Choices of which one is on.
    Choice(Vec<(&'static str, bool, Act)>),
}

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Selects a frame.
    Frame(Frame),
    /// Shows a message in the traffic.
    Message(Event),
    /// Shows the content of messages as a tree, or as bytes.
    Hex(bool),
}

/// Shows the parts.
pub fn parts(detail: Detail, act: Callback<Act>) -> impl IntoNode {
    let part = |part: Part| {
        let heading = (!part.title.is_empty()).then(|| html::h3().child(part.title));
        html::section().class("part").child((heading, content(part.content, act)))
    };
    detail.parts.into_iter().map(part).nodes()
}

fn content(content: Content, act: Callback<Act>) -> Node {
    match content {
        Content::Pairs(rows) => pairs(rows).into_node(),
        Content::Values(rows) => pairs(rows).class("values").into_node(),
        Content::Links(rows) => {
            let pair = |(label, text, way): (String, String, Act)| {
                let link = link(text, way, act);
                (html::dt().child(label), html::dd().child(link))
            };
            html::dl().child(rows.into_iter().map(pair).nodes()).into_node()
        }
        Content::Tree(lines, left_out) => {
            let line = |line: TreeLine| {
                let key = (!line.key.is_empty())
                    .then(|| html::span().class("key").child(format!("{} ", line.key)));
                html::li()
                    .attr(
                        "style",
                        format!("padding-left:{}px", usize::from(line.depth.min(12)) * 10),
                    )
                    .child((key, line.text))
            };
            let more = (left_out > 0).then(|| {
                html::li()
                    .class("hint")
                    .child(format!("{} more", format::counted(left_out, "line")))
            });
            html::ol()
                .class("tree mono")
                .child((lines.into_iter().map(line).nodes(), more))
                .into_node()
        }
        Content::Hex(bytes) => html::pre().class("hex mono").child(format::hex(&bytes)).into_node(),
        Content::Note(text) => html::p().class("note").child(text).into_node(),
        Content::Choice(choices) => {
            let choice = |(name, is_on, way): (&'static str, bool, Act)| {
                html::button()
                    .class(if is_on { "segment on" } else { "segment" })
                    .attr("type", "button")
                    .attr("aria-pressed", is_on.to_string())
                    .on(ev::click, move |_| act.run(way))
                    .child(name)
            };
            html::div()
                .class("segments")
                .attr("role", "group")
                .child(choices.into_iter().map(choice).nodes())
                .into_node()
        }
    }
}

/// Names with their texts; each name explains itself where it can.
pub fn pairs(rows: Vec<(String, String)>) -> Element {
    let pair = |(place, (label, text)): (usize, (String, String))| {
        let meaning = about(&label);
        (html::dt().child(beside(label, meaning, Stop::of(place))), html::dd().child(text))
    };
    html::dl().attr("data-meanings", "").child(rows.into_iter().enumerate().map(pair).nodes())
}

/// A text that leads somewhere.
pub fn link(text: String, way: Act, act: Callback<Act>) -> Element {
    html::button()
        .class("link")
        .attr("type", "button")
        .on(ev::click, move |_| act.run(way))
        .child(text)
}
