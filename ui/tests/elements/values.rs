//! Attributes, classes, properties and listeners: each as the last plan says, and none of the plans before.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlInputElement;

use crate::html;
use crate::leptos::ev;
use crate::signal::RwSignal;
use crate::stage::{Outcome, Stage, holds, same, turn};

#[wasm_bindgen]
pub async fn attributes_and_classes_follow_their_signals() -> Outcome {
    let (is_on, name) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let stage = Stage::of(move || {
        html::p()
            .class("still")
            .class(("on", move || is_on.get()))
            .class(move || name.get().unwrap_or_default())
            .attr("title", move || name.get())
            .attr("hidden", move || is_on.get())
    });
    same(stage.shows(), "<p class=still></p>")?;
    let p = stage.find("p");
    for (on, title, wanted) in [
        (true, None, "<p class=still on hidden=></p>"),
        (true, Some("a"), "<p class=still on a hidden= title=a></p>"),
        (false, Some("b"), "<p class=still b title=b></p>"),
        (false, None, "<p class=still></p>"),
    ] {
        is_on.set(on);
        name.set(title.map(str::to_owned));
        turn().await;
        same(stage.shows(), wanted)?;
        holds(p.is_same_node(Some(&stage.find("p"))), "the element is the one from before")?;
    }
    Ok(())
}

#[wasm_bindgen]
pub async fn what_a_later_plan_does_not_say_is_taken_back() -> Outcome {
    let (plan, moving) = (RwSignal::new(0), RwSignal::new("m1"));
    let stage = Stage::of(move || {
        move || match plan.get() {
            0 => html::p().attr("title", move || moving.get()).attr("lang", "de"),
            1 => html::p().attr("lang", "en").class("c"),
            _ => html::p(),
        }
    });
    same(stage.shows(), "<p lang=de title=m1></p>")?;
    plan.set(1);
    turn().await;
    same(stage.shows(), "<p class=c lang=en></p>")?;
    // What followed the signal follows it no more.
    moving.set("m2");
    turn().await;
    same(stage.shows(), "<p class=c lang=en></p>")?;
    plan.set(2);
    turn().await;
    same(stage.shows(), "<p></p>")?;
    plan.set(0);
    turn().await;
    same(stage.shows(), "<p lang=de title=m2></p>")
}

#[wasm_bindgen]
pub async fn a_field_keeps_what_is_typed_until_its_signal_says_otherwise() -> Outcome {
    let (value, other) = (RwSignal::new("one".to_owned()), RwSignal::new(0));
    let stage = Stage::of(move || {
        move || {
            html::label()
                .attr("title", other.get().to_string())
                .child(html::input().attr("type", "text").prop("value", move || value.get()))
        }
    });
    let field: HtmlInputElement = stage.find("input").unchecked_into();
    same(field.value(), "one")?;
    field.set_value("typed");
    other.set(1);
    turn().await;
    same(field.value(), "typed")?;
    holds(field.is_same_node(Some(&stage.find("input"))), "the field is the one from before")?;
    value.set("two".to_owned());
    turn().await;
    same(field.value(), "two")
}

#[wasm_bindgen]
pub async fn a_listener_is_the_last_plans_and_ends_with_its_element() -> Outcome {
    let (plan, clicks) = (RwSignal::new(0), Rc::new(Cell::new((0, 0))));
    let counted = Rc::clone(&clicks);
    let stage = Stage::of(move || {
        let counted = Rc::clone(&counted);
        move || {
            let (first, second) = (Rc::clone(&counted), Rc::clone(&counted));
            let add = move |kept: &Cell<(i32, i32)>, by: (i32, i32)| {
                kept.set((kept.get().0 + by.0, kept.get().1 + by.1));
            };
            let button = html::button();
            match plan.get() {
                0 => button.on(ev::click, move |_| add(&first, (1, 0))),
                1 => button.on(ev::click, move |_| add(&second, (0, 1))),
                2 => button.on(ev::focus, |_| ()),
                _ => button.key("gone"),
            }
        }
    });
    let button = stage.find("button");
    button.click();
    same(clicks.get(), (1, 0))?;
    for (next, wanted) in [(1, (1, 1)), (0, (2, 1)), (2, (2, 1)), (1, (2, 2))] {
        plan.set(next);
        turn().await;
        holds(button.is_same_node(Some(&stage.find("button"))), "the button stays")?;
        button.click();
        same(clicks.get(), wanted)?;
    }
    plan.set(3);
    turn().await;
    holds(!button.is_connected(), "a button of another key stands there now")?;
    // Somebody may still hold the old one: it answers nothing, and breaks nothing.
    button.click();
    same(clicks.get(), (2, 2))
}
