//! What views are made of: elements as plans of one type, whatever they hold.
//!
//! A view says what there is to see (`Element`, `Node`) and names signals by closures; `live` makes that the
//! document's and keeps it so. Leptos' own elements have a type for each shape of a view, and each type is
//! compiled anew: with one type for all the panel is a fifth smaller.

mod given;
mod live;
mod node;
mod place;

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Event;

use crate::leptos::ev::EventDescriptor;

pub use given::{Given, IntoGiven, IntoValue, Value};
pub use live::mount_to_body;
pub use node::{IntoNode, IntoNodes, Node};
pub use place::{ElementRef, Field};

/// What runs on an event.
type Handler = Rc<dyn Fn(Event)>;

/// How a value is told to an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Attribute,
    Property,
}

/// An element to be: what it is called, says, holds and does.
pub struct Element(Box<Plan>);

struct Plan {
    tag: &'static str,
    is_svg: bool,
    key: &'static str,
    class: Option<Given>,
    values: Vec<(&'static str, Kind, Given)>,
    handlers: Vec<(&'static str, Handler)>,
    children: Vec<Node>,
    place: Option<ElementRef>,
}

macro_rules! tags {
    ($($tag:ident)*) => {$(
        #[doc = concat!("A new `", stringify!($tag), "`.")]
        pub fn $tag() -> Element {
            Element::new(stringify!($tag), false)
        }
    )*};
}

tags! {
    article aside b button canvas code dd div dl dt h1 h2 h3 header i input kbd label li main nav ol option p
    pre progress section select span table tbody td th thead tr ul
}

/// A new element of a drawing.
pub fn svg(tag: &'static str) -> Element {
    Element::new(tag, true)
}

impl Element {
    #[inline(never)]
    fn new(tag: &'static str, is_svg: bool) -> Self {
        Self(Box::new(Plan {
            tag,
            is_svg,
            key: "",
            class: None,
            values: Vec::new(),
            handlers: Vec::new(),
            children: Vec::new(),
            place: None,
        }))
    }

    /// With a name that tells it from what else may stand in its place: one of another name is built
    /// anew, and takes over no focus, text or scroll position.
    #[must_use]
    pub fn key(mut self, key: &'static str) -> Self {
        self.0.key = key;
        self
    }

    /// With a further class: a text, a closure that gives one, or a name with a closure that says when.
    #[must_use]
    pub fn class(self, class: impl IntoGiven) -> Self {
        self.further_class(class.into_given())
    }

    /// With an attribute; an absent value takes it away.
    #[must_use]
    pub fn attr(self, name: &'static str, value: impl IntoGiven) -> Self {
        self.value(name, Kind::Attribute, value.into_given())
    }

    /// With a property of its JavaScript object.
    #[must_use]
    pub fn prop(self, name: &'static str, value: impl IntoGiven) -> Self {
        self.value(name, Kind::Property, value.into_given())
    }

    /// Runs `handler` on an event.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "an event's name has no size")]
    pub fn on<E: EventDescriptor>(self, event: E, handler: impl Fn(E::EventType) + 'static) -> Self
    where
        E::EventType: JsCast,
    {
        self.handler(name_of(&event), Rc::new(move |event: Event| handler(event.unchecked_into())))
    }

    /// Runs `handler` on an event with the field that it happened to.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "an event's name has no size")]
    pub fn on_field<E: EventDescriptor>(self, event: E, handler: impl Fn(Field) + 'static) -> Self {
        self.handler(name_of(&event), Rc::new(move |event: Event| handler(Field::of(&event))))
    }

    /// With further content.
    #[must_use]
    pub fn child(self, child: impl IntoNode) -> Self {
        self.further(child.into_node())
    }

    /// Lets `place` know the element of the document.
    #[must_use]
    pub fn node_ref(mut self, place: ElementRef) -> Self {
        self.0.place = Some(place);
        self
    }

    #[inline(never)]
    fn further_class(mut self, class: Given) -> Self {
        self.0.class = Some(match self.0.class.take() {
            None => class,
            Some(before) => Given::Moving(Box::new(move || before.now().joined(class.now()))),
        });
        self
    }

    #[inline(never)]
    fn value(mut self, name: &'static str, kind: Kind, value: Given) -> Self {
        self.0.values.push((name, kind, value));
        self
    }

    #[inline(never)]
    fn handler(mut self, name: &'static str, handler: Handler) -> Self {
        self.0.handlers.push((name, handler));
        self
    }

    #[inline(never)]
    fn further(mut self, node: Node) -> Self {
        match node {
            // The only list of an element needs no mark of its end: that is the element's.
            Node::Many(nodes) if self.0.children.is_empty() => self.0.children = nodes,
            node => self.0.children.push(node),
        }
        self
    }
}

fn name_of(event: &impl EventDescriptor) -> &'static str {
    match event.name() {
        std::borrow::Cow::Borrowed(name) => name,
        // Every event of the document has a name that stands in the program.
        std::borrow::Cow::Owned(_) => "",
    }
}
