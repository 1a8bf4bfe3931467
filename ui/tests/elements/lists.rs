//! Lists that grow, shrink and change: elements stay with their focus, and another key means another element.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::html::{self, IntoNodes};
use crate::leptos::prelude::document;
use crate::signal::RwSignal;
use crate::stage::{Outcome, Stage, holds, same, turn};

fn focused() -> Option<String> {
    document().active_element()?.text_content()
}

#[wasm_bindgen]
pub async fn a_list_keeps_its_elements_and_the_focus_while_its_rows_change() -> Outcome {
    let rows = RwSignal::new(vec!["a", "b", "c"]);
    let stage = Stage::of(move || {
        let row = |name: &'static str| html::li().child(html::button().child(name));
        html::ul().child(move || rows.get().into_iter().map(row).nodes())
    });
    same(stage.text(), "abc")?;
    let (list, second) = (stage.find("ul"), stage.find("li:nth-child(2) button"));
    let _ = second.focus();
    same(focused(), Some("b".to_owned()))?;
    for (wanted, change) in [
        ("abcde", vec!["a", "b", "c", "d", "e"]),
        ("cab", vec!["c", "a", "b"]),
        ("xabc", vec!["x", "a", "b", "c"]),
        ("qr", vec!["q", "r"]),
    ] {
        rows.set(change);
        turn().await;
        same(stage.text(), wanted)?;
        same(stage.count("li"), wanted.len() as u32)?;
        holds(list.is_same_node(Some(&stage.find("ul"))), "the list is the one from before")?;
        let now = stage.find("li:nth-child(2) button");
        holds(second.is_same_node(Some(&now)), "the second button is the one from before")?;
        holds(now.is_same_node(document().active_element().as_deref()), "it has the focus")?;
    }
    rows.set(Vec::new());
    turn().await;
    same(stage.shows(), "<ul></ul>")?;
    holds(!second.is_connected(), "a button of no row is gone")
}

#[wasm_bindgen]
pub async fn another_key_is_another_element_and_takes_over_nothing() -> Outcome {
    let key = RwSignal::new("one");
    let stage = Stage::of(move || {
        move || {
            html::div().key(key.get()).attr("tabindex", "0").child(html::input()).child(key.get())
        }
    });
    let (before, field) = (stage.find("div"), stage.find("input"));
    let _ = field.focus();
    key.set("one");
    turn().await;
    holds(before.is_same_node(Some(&stage.find("div"))), "the same key is the same element")?;
    holds(field.is_same_node(document().active_element().as_deref()), "with the focus")?;
    key.set("two");
    turn().await;
    same(stage.text(), "two")?;
    holds(!before.is_connected(), "the element of the other key is gone")?;
    holds(
        !stage.find("input").is_same_node(document().active_element().as_deref()),
        "so is its focus",
    )
}

#[wasm_bindgen]
pub async fn what_comes_and_goes_stands_between_its_neighbours() -> Outcome {
    let (first, second) = (RwSignal::new(false), RwSignal::new(0_usize));
    let stage = Stage::of(move || {
        let some = move || first.get().then(|| html::b().child("first"));
        let many = move || (0..second.get()).map(|at| html::i().child(at.to_string())).nodes();
        html::p().child(("[", some, "|", many, "|", move || (!first.get()).then_some("text"), "]"))
    });
    same(stage.shows(), "<p>[||text]</p>")?;
    let cases = [
        (true, 2, "<p>[<b>first</b>|<i>0</i><i>1</i>|]</p>"),
        (true, 0, "<p>[<b>first</b>||]</p>"),
        (false, 3, "<p>[|<i>0</i><i>1</i><i>2</i>|text]</p>"),
        (false, 0, "<p>[||text]</p>"),
    ];
    let nodes = stage.nodes();
    for (is_first, count, wanted) in cases {
        first.set(is_first);
        second.set(count);
        turn().await;
        same(stage.shows(), wanted)?;
    }
    same(stage.nodes(), nodes)
}
