//! A place in the document for one test, what it may ask of the page, and how it says that something is not so.

use std::cell::Cell;
use std::fmt::Debug;
use std::panic::Location;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element as DomElement, HtmlElement, Node as DomNode};

use crate::html::{self, IntoNode};
use crate::leptos::prelude::{Owner, document};
use crate::signal::RwSignal;

/// What a test ends with; the text says where and what.
pub(crate) type Outcome = Result<(), JsValue>;

/// Comes back when everything that was scheduled has run. The page gives it (`elements.test.mjs`).
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = turn)]
    async fn js_turn();
}

/// Lets effects run.
pub(crate) async fn turn() {
    js_turn().await;
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "what is compared is made for it in the call")]
pub(crate) fn same<A: PartialEq<B> + Debug, B: Debug>(found: A, wanted: B) -> Outcome {
    let at = Location::caller();
    let is_same = found == wanted;
    if is_same { Ok(()) } else { Err(format!("{at}: {found:?}, not {wanted:?}").into()) }
}

#[track_caller]
pub(crate) fn holds(is: bool, what: &str) -> Outcome {
    let at = Location::caller();
    if is { Ok(()) } else { Err(format!("{at}: not so: {what}").into()) }
}

thread_local! {
    static STAGES: Cell<u32> = const { Cell::new(0) };
}

/// Content in the document, with what its signals live in.
pub(crate) struct Stage {
    pub(crate) root: HtmlElement,
    is_there: RwSignal<bool>,
    _owner: Owner,
}

impl Stage {
    /// Shows what `content` gives, until it is left.
    pub(crate) fn of<N: IntoNode + 'static>(content: impl Fn() -> N + 'static) -> Self {
        let owner = Owner::new();
        owner.set();
        let is_there = RwSignal::new(true);
        let number = STAGES.get();
        STAGES.set(number + 1);
        let id = format!("stage-{number}");
        let shown = move || is_there.get().then(|| content().into_node());
        html::mount_to_body(html::div().attr("id", id.clone()).child(shown).into_node());
        let root = document().get_element_by_id(&id).map(JsCast::unchecked_into);
        let root = root.unwrap_or_else(|| unreachable!("what was mounted is in the document"));
        Self { root, is_there, _owner: owner }
    }

    pub(crate) async fn leave(&self) {
        self.is_there.set(false);
        turn().await;
    }

    pub(crate) async fn enter(&self) {
        self.is_there.set(true);
        turn().await;
    }

    /// What stands there: tags, attributes and texts, without the marks of places.
    pub(crate) fn shows(&self) -> String {
        let mut text = String::new();
        write_children(&self.root, &mut text);
        text
    }

    pub(crate) fn text(&self) -> String {
        self.root.text_content().unwrap_or_default()
    }

    /// The first element that a selector names.
    pub(crate) fn find(&self, selector: &str) -> HtmlElement {
        let found = self.root.query_selector(selector).ok().flatten();
        let found = found.unwrap_or_else(|| unreachable!("{selector} is not there"));
        found.unchecked_into()
    }

    /// How many elements a selector names.
    pub(crate) fn count(&self, selector: &str) -> u32 {
        self.root.query_selector_all(selector).map_or(0, |all| all.length())
    }

    /// How many nodes there are, marks of places included.
    pub(crate) fn nodes(&self) -> usize {
        count(&self.root)
    }
}

fn count(node: &DomNode) -> usize {
    1 + children(node).iter().map(count).sum::<usize>()
}

fn children(node: &DomNode) -> Vec<DomNode> {
    let next = |node: &DomNode| node.next_sibling();
    std::iter::successors(node.first_child(), next).collect()
}

fn write_children(node: &DomNode, text: &mut String) {
    for child in children(node) {
        match child.node_type() {
            DomNode::TEXT_NODE => text.push_str(&child.node_value().unwrap_or_default()),
            DomNode::ELEMENT_NODE => {
                let element: &DomElement = child.unchecked_ref();
                let tag = element.tag_name().to_ascii_lowercase();
                text.push_str(&format!("<{tag}"));
                let mut names: Vec<String> = element
                    .get_attribute_names()
                    .iter()
                    .filter_map(|name| name.as_string())
                    .collect();
                names.sort_unstable();
                for name in names {
                    let value = element.get_attribute(&name).unwrap_or_default();
                    text.push_str(&format!(" {name}={value}"));
                }
                text.push('>');
                write_children(&child, text);
                text.push_str(&format!("</{tag}>"));
            }
            _ => {}
        }
    }
}
