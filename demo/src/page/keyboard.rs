//! The keyboard as an action: which buttons are down right now.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Event, KeyboardEvent, Window};

use crate::game::buttons;

/// The buttons that are down; listens as long as the page lives.
pub(super) struct Keyboard {
    down: Rc<Cell<u32>>,
}

impl Keyboard {
    pub(super) fn listen(window: &Window) -> Result<Self, JsValue> {
        let down = Rc::new(Cell::new(0));
        for (name, is_press) in [("keydown", true), ("keyup", false)] {
            let down = Rc::clone(&down);
            let listener = Closure::<dyn FnMut(_)>::new(move |event: KeyboardEvent| {
                let Some(bit) = button(&event.code()) else {
                    return;
                };
                let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
                if is_press && has_modifier {
                    return;
                }
                event.prevent_default();
                down.set(if is_press { down.get() | bit } else { down.get() & !bit });
            });
            window.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref())?;
            listener.forget();
        }
        // A key that goes up while another window has the focus is not heard of.
        let released = Rc::clone(&down);
        let on_blur = Closure::<dyn FnMut(_)>::new(move |_: Event| released.set(0));
        window.add_event_listener_with_callback("blur", on_blur.as_ref().unchecked_ref())?;
        on_blur.forget();
        Ok(Self { down })
    }

    pub(super) fn pressed(&self) -> u32 {
        self.down.get()
    }
}

/// Key codes name places on the keyboard, so WASD lies where it should on any layout.
fn button(code: &str) -> Option<u32> {
    match code {
        "ArrowLeft" | "KeyA" => Some(buttons::LEFT),
        "ArrowRight" | "KeyD" => Some(buttons::RIGHT),
        "ArrowUp" | "KeyW" => Some(buttons::UP),
        "ArrowDown" | "KeyS" => Some(buttons::DOWN),
        "Space" => Some(buttons::BOOST),
        _ => None,
    }
}
