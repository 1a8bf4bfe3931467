//! A closure that panics takes itself away and nothing else: the panel beside it goes on.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::html;
use crate::leptos::ev;
use crate::signal::{RwSignal, effect};
use crate::stage::{Outcome, Stage, same, turn};

#[wasm_bindgen]
pub async fn a_listener_that_panics_keeps_no_other_from_its_work() -> Outcome {
    let count = RwSignal::new(0);
    let stage = Stage::of(move || {
        html::div().child((
            html::button().class("bad").on(ev::click, |_| unreachable!("meant to: a listener")),
            html::button().class("good").on(ev::click, move |_| count.update(|count| *count += 1)),
            html::p().child(move || count.get().to_string()),
        ))
    });
    for wanted in ["1", "2", "3"] {
        stage.find(".bad").click();
        stage.find(".good").click();
        turn().await;
        same(stage.find("p").text_content(), Some(wanted.to_owned()))?;
    }
    Ok(())
}

#[wasm_bindgen]
pub async fn content_and_effects_that_panic_leave_the_others_following() -> Outcome {
    let count = RwSignal::new(0);
    let seen = Rc::new(Cell::new(0));
    let watching = Rc::clone(&seen);
    let stage = Stage::of(move || {
        let watching = Rc::clone(&watching);
        effect(move || assert!(count.get() != 1, "meant to: an effect"));
        effect(move || watching.set(count.get()));
        let bad = move || {
            assert!(count.get() != 1, "meant to: content");
            count.get().to_string()
        };
        html::div().child((
            html::p().class("bad").child(bad),
            html::p()
                .class("good")
                .attr("title", move || count.get().to_string())
                .child(move || count.get().to_string()),
        ))
    });
    turn().await;
    for number in [1, 2, 3] {
        count.set(number);
        turn().await;
        turn().await;
    }
    same(seen.get(), 3)?;
    same(stage.find(".good").text_content(), Some("3".to_owned()))?;
    same(stage.find(".good").get_attribute("title"), Some("3".to_owned()))?;
    // What is shown afterwards follows, too.
    let further = Stage::of(move || html::p().child(move || count.get().to_string()));
    count.set(4);
    turn().await;
    same(further.text(), "4")
}
