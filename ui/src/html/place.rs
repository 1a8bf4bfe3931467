//! Elements of the document as the rest of the panel sees them: where one is, and what a field holds.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlElement};

use crate::signal::RwSignal;

/// Where an element of the document is known once it is there.
#[derive(Clone, Copy)]
pub struct ElementRef(RwSignal<Option<HtmlElement>>);

impl Default for ElementRef {
    fn default() -> Self {
        Self(RwSignal::new(None))
    }
}

impl ElementRef {
    /// The element, if it is there and what the caller takes it for; follows it.
    pub fn get<T: JsCast>(self) -> Option<T> {
        self.0.get()?.dyn_into().ok()
    }

    /// The same without following; nothing also where its view has gone.
    pub fn get_untracked<T: JsCast>(self) -> Option<T> {
        self.0.try_get_untracked()??.dyn_into().ok()
    }

    pub(super) fn set(self, element: &web_sys::Element) {
        self.0.set(element.dyn_ref::<HtmlElement>().cloned());
    }
}

/// A field that the user changed.
pub struct Field(JsValue);

impl Field {
    pub(super) fn of(event: &Event) -> Self {
        Self(event.current_target().map_or(JsValue::UNDEFINED, JsValue::from))
    }

    /// The text in it, or the choice.
    pub fn value(&self) -> String {
        self.property("value").as_string().unwrap_or_default()
    }

    /// Whether it is checked.
    pub fn is_checked(&self) -> bool {
        self.property("checked").is_truthy()
    }

    /// Writes another text into it.
    pub fn set_value(&self, text: &str) {
        set_property(&self.0, "value", &JsValue::from_str(text));
    }

    fn property(&self, name: &str) -> JsValue {
        // What is no object has no properties.
        js_sys::Reflect::get(&self.0, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
    }
}

/// Sets a property of an element.
pub(super) fn set_property(element: &JsValue, name: &str, value: &JsValue) {
    // Fails for what is no object, and an element is one.
    let _ = js_sys::Reflect::set(element, &JsValue::from_str(name), value);
}
