//! Plans become the document's, and what changes is changed in place.
//!
//! A plan that comes into the place of another is compared with it: an element of the same tag and key stays
//! and is given what differs, so focus, scroll positions and half-typed texts survive what comes in live.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use reactive_graph::graph::{Subscriber, ToAnySubscriber};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element as DomElement, Event, Node as DomNode};

use super::place::set_property;
use super::{Element, Given, Handler, Kind, Node, Plan, Value};
use crate::leptos::prelude::{RenderEffect, document};

const SVG: &str = "http://www.w3.org/2000/svg";

/// Shows `node` in the document as long as the page lives.
pub fn mount_to_body(node: Node) {
    if let Some(body) = document().body() {
        std::mem::forget(Live::build(node, &body, None));
    }
}

/// Content that stands in the document. Each has at least one node there, so that its place is known.
enum Live {
    /// Nothing: an empty comment keeps the place.
    Nothing(DomNode),
    /// A text with what it says.
    Text(DomNode, Cow<'static, str>),
    Element(Box<LiveElement>),
    /// Several, and an empty comment behind them.
    Many(Vec<Live>, DomNode),
    /// What follows signals: its content now, and what keeps it following.
    Moving {
        content: Rc<RefCell<Live>>,
        _effect: Following,
    },
}

struct LiveElement {
    element: DomElement,
    tag: &'static str,
    key: &'static str,
    values: Vec<LiveValue>,
    listeners: Vec<Listener>,
    children: Vec<Live>,
}

/// A value that an element was given.
struct LiveValue {
    name: &'static str,
    kind: Kind,
    last: Rc<RefCell<Value>>,
    /// Keeps it following its signals.
    _effect: Option<Following>,
}

/// A listener of the document; what it runs can be exchanged.
struct Listener {
    name: &'static str,
    run: Rc<RefCell<Handler>>,
    closure: Closure<dyn Fn(Event)>,
}

/// What runs whenever a signal that it read has changed, as long as it is there.
struct Following(RenderEffect<()>);

/// A signal would remember for good who followed it once, and ask each of them at every change.
impl Drop for Following {
    fn drop(&mut self) {
        let follower = self.0.to_any_subscriber();
        follower.clear_sources(&follower);
    }
}

/// Runs `run` now and whenever a signal that it read has changed. One function for all of them: each
/// further one would be built anew into the panel.
fn effect(run: Box<dyn Fn()>) -> Following {
    Following(RenderEffect::new(move |_: Option<()>| run()))
}

fn put(node: &DomNode, parent: &DomNode, before: Option<&DomNode>) {
    // Fails where `before` is not of `parent`; then the new one stands behind the others.
    if parent.insert_before(node, before).is_err() {
        let _ = parent.append_child(node);
    }
}

fn take_away(node: &DomNode) {
    if let Some(parent) = node.parent_node() {
        // A child of its parent can be removed.
        let _ = parent.remove_child(node);
    }
}

fn mark(parent: &DomNode, before: Option<&DomNode>) -> DomNode {
    let mark: DomNode = document().create_comment("").unchecked_into();
    put(&mark, parent, before);
    mark
}

impl Live {
    fn build(node: Node, parent: &DomNode, before: Option<&DomNode>) -> Self {
        match node {
            Node::Nothing => Self::Nothing(mark(parent, before)),
            Node::Text(text) => {
                let dom: DomNode = document().create_text_node(&text).unchecked_into();
                put(&dom, parent, before);
                Self::Text(dom, text)
            }
            Node::Element(Element(plan)) => match LiveElement::build(*plan) {
                Some(live) => {
                    put(&live.element, parent, before);
                    Self::Element(Box::new(live))
                }
                // No tag of this program is refused.
                None => Self::Nothing(mark(parent, before)),
            },
            Node::Many(nodes) => {
                let end = mark(parent, before);
                let build = |node| Self::build(node, parent, Some(&end));
                let lives = nodes.into_iter().map(build).collect();
                Self::Many(lives, end)
            }
            Node::Moving(make) => {
                let content = Rc::new(RefCell::new(Self::Nothing(mark(parent, before))));
                Self::following(make, content)
            }
        }
    }

    /// Content that follows the signals that `make` reads, in the place of `content`.
    fn following(make: Box<dyn Fn() -> Node>, content: Rc<RefCell<Self>>) -> Self {
        let shown = Rc::clone(&content);
        let effect = effect(Box::new(move || {
            let node = make();
            shown.borrow_mut().change(node);
        }));
        Self::Moving { content, _effect: effect }
    }

    /// Makes of this content what `node` says.
    fn change(&mut self, node: Node) {
        match (self, node) {
            (Self::Nothing(_), Node::Nothing) => {}
            (Self::Text(dom, before), Node::Text(text)) => {
                if *before != text {
                    dom.set_text_content(Some(&text));
                    *before = text;
                }
            }
            (Self::Element(live), Node::Element(Element(plan)))
                if live.tag == plan.tag && live.key == plan.key =>
            {
                live.change(*plan);
            }
            (Self::Many(lives, end), Node::Many(nodes)) => {
                if let Some(parent) = end.parent_node() {
                    change_all(lives, nodes, &parent, Some(end));
                }
            }
            (this @ Self::Moving { .. }, Node::Moving(make)) => {
                let Self::Moving { content, .. } = this else { return };
                let content = Rc::clone(content);
                *this = Self::following(make, content);
            }
            (this, node) => this.replace(node),
        }
    }

    fn replace(&mut self, node: Node) {
        let first = self.first();
        let Some(parent) = first.parent_node() else { return };
        let new = Self::build(node, &parent, Some(&first));
        self.remove();
        *self = new;
    }

    /// The first of its nodes in the document.
    fn first(&self) -> DomNode {
        match self {
            Self::Nothing(node) | Self::Text(node, _) => node.clone(),
            Self::Element(live) => live.element.clone().unchecked_into(),
            Self::Many(lives, end) => lives.first().map_or_else(|| end.clone(), Self::first),
            Self::Moving { content, .. } => content.borrow().first(),
        }
    }

    /// Takes it out of the document. Listeners live until it is dropped: a field that loses the focus by
    /// that still says so.
    fn remove(&self) {
        match self {
            Self::Nothing(node) | Self::Text(node, _) => take_away(node),
            Self::Element(live) => take_away(&live.element),
            Self::Many(lives, end) => {
                lives.iter().for_each(Self::remove);
                take_away(end);
            }
            Self::Moving { content, .. } => content.borrow().remove(),
        }
    }
}

/// Changes a row of contents, one by one; what is too many goes, and what is new stands at the end.
fn change_all(lives: &mut Vec<Live>, nodes: Vec<Node>, parent: &DomNode, before: Option<&DomNode>) {
    for gone in lives.drain(nodes.len().min(lives.len())..) {
        gone.remove();
    }
    for (at, node) in nodes.into_iter().enumerate() {
        match lives.get_mut(at) {
            Some(live) => live.change(node),
            None => lives.push(Live::build(node, parent, before)),
        }
    }
}

impl LiveElement {
    fn build(plan: Plan) -> Option<Self> {
        let element = if plan.is_svg {
            document().create_element_ns(Some(SVG), plan.tag)
        } else {
            document().create_element(plan.tag)
        };
        let mut live = Self {
            element: element.ok()?,
            tag: plan.tag,
            key: plan.key,
            values: Vec::new(),
            listeners: Vec::new(),
            children: Vec::new(),
        };
        live.change(plan);
        Some(live)
    }

    fn change(&mut self, plan: Plan) {
        // Children first: a choice among options needs the options.
        change_all(&mut self.children, plan.children, &self.element, None);
        let class = plan.class.map(|class| ("class", Kind::Attribute, class));
        self.change_values(class.into_iter().chain(plan.values).collect());
        self.change_listeners(plan.handlers);
        if let Some(place) = plan.place {
            place.set(&self.element);
        }
    }

    fn change_values(&mut self, given: Vec<(&'static str, Kind, Given)>) {
        let names = |(value, (name, kind, _)): (&LiveValue, &(&str, Kind, Given))| {
            value.name == *name && value.kind == *kind
        };
        let is_alike =
            self.values.len() == given.len() && self.values.iter().zip(&given).all(names);
        let mut before = std::mem::take(&mut self.values);
        if !is_alike {
            for value in before.drain(..) {
                value.take_back(&self.element);
            }
        }
        let mut lasts = before.into_iter().map(|value| value.last);
        for (name, kind, given) in given {
            let last = lasts.next().unwrap_or_default();
            self.values.push(LiveValue::new(&self.element, name, kind, given, last));
        }
    }

    fn change_listeners(&mut self, handlers: Vec<(&'static str, Handler)>) {
        let is_alike = self.listeners.len() == handlers.len()
            && self.listeners.iter().zip(&handlers).all(|(one, (name, _))| one.name == *name);
        if is_alike {
            for (listener, (_, handler)) in self.listeners.iter().zip(handlers) {
                listener.run.replace(handler);
            }
            return;
        }
        self.remove_listeners();
        for (name, handler) in handlers {
            self.listeners.push(Listener::new(&self.element, name, handler));
        }
    }

    fn remove_listeners(&mut self) {
        for listener in self.listeners.drain(..) {
            let function = listener.closure.as_ref().unchecked_ref();
            // What was added can be removed.
            let _ = self.element.remove_event_listener_with_callback(listener.name, function);
        }
    }
}

/// Somebody may still hold the element, and an event of it may still be on its way: a closure that is no more
/// would throw.
impl Drop for LiveElement {
    fn drop(&mut self) {
        self.remove_listeners();
    }
}

impl LiveValue {
    fn new(
        element: &DomElement,
        name: &'static str,
        kind: Kind,
        given: Given,
        last: Rc<RefCell<Value>>,
    ) -> Self {
        let effect = match given {
            Given::Still(value) => {
                write(element, name, kind, value, &last);
                None
            }
            Given::Moving(make) => {
                let (element, last) = (element.clone(), Rc::clone(&last));
                Some(effect(Box::new(move || write(&element, name, kind, make(), &last))))
            }
        };
        Self { name, kind, last, _effect: effect }
    }

    /// Takes an attribute away; a property stays until another is given.
    fn take_back(self, element: &DomElement) {
        if self.kind == Kind::Attribute {
            write(element, self.name, self.kind, Value::Absent, &self.last);
        }
    }
}

/// Tells a value to an element, if it is another than the last.
fn write(
    element: &DomElement,
    name: &'static str,
    kind: Kind,
    value: Value,
    last: &RefCell<Value>,
) {
    if *last.borrow() == value {
        return;
    }
    match (kind, &value) {
        (Kind::Property, Value::Text(text)) => {
            set_property(element, name, &JsValue::from_str(text));
        }
        (Kind::Property, Value::Flag(is_on)) => {
            set_property(element, name, &JsValue::from_bool(*is_on));
        }
        (Kind::Property, Value::Absent) => {}
        (Kind::Attribute, Value::Text(text)) => {
            // Fails for names that no element may have; this program has none.
            let _ = element.set_attribute(name, text);
        }
        (Kind::Attribute, Value::Flag(true)) => {
            let _ = element.set_attribute(name, "");
        }
        (Kind::Attribute, Value::Absent | Value::Flag(false)) => {
            let _ = element.remove_attribute(name);
        }
    }
    last.replace(value);
}

impl Listener {
    fn new(element: &DomElement, name: &'static str, handler: Handler) -> Self {
        let run = Rc::new(RefCell::new(handler));
        let shared = Rc::clone(&run);
        let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            // A handler may have the next event happen while it runs.
            let handler = Rc::clone(&shared.borrow());
            handler(event);
        });
        let function = closure.as_ref().unchecked_ref();
        // Fails for no name of an event.
        let _ = element.add_event_listener_with_callback(name, function);
        Self { name, run, closure }
    }
}
