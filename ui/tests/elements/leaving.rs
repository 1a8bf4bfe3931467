//! A view that is left and entered a thousand times leaves nothing: no node, no listener, no effect, no memory.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::html::{self, ElementRef, IntoNodes};
use crate::leptos::ev;
use crate::signal::{Callback, Memo, RwSignal, Signal, StoredValue, effect};
use crate::stage::{Outcome, Stage, holds, same, turn};

/// Bytes of a page of memory, in which wasm asks for more. One may be asked for: a leak of anything that a view
/// holds once takes two.
const PAGE_BYTES: usize = 65_536;

#[wasm_bindgen]
pub async fn a_view_left_a_thousand_times_leaves_nothing() -> Outcome {
    let outside = RwSignal::new(0_u32);
    let (held, shared) = (Rc::new(()), Arc::new(()));
    let runs = Rc::new(Cell::new(0_u32));
    let (for_view, for_memos, counted) = (Rc::clone(&held), Arc::clone(&shared), Rc::clone(&runs));
    let stage = Stage::of(move || {
        let (kept, watching) = (Rc::clone(&for_view), Rc::clone(&counted));
        let shared = Arc::clone(&for_memos);
        let memo = Memo::new(move |_| {
            let _ = &shared;
            outside.get() / 2
        });
        let text = Signal::derive(move || memo.get().to_string());
        let stored = StoredValue::new(vec![0_u8; 1_000]);
        let pressed = Callback::new(move |()| stored.set_value(vec![1; 1_000]));
        let kept_by_effect = Rc::clone(&kept);
        effect(move || {
            let _ = (&kept_by_effect, memo.get());
            watching.set(watching.get() + 1);
        });
        let place = ElementRef::default();
        let row = move |at: usize| {
            let kept = Rc::clone(&kept);
            html::li()
                .class(("odd", move || memo.get() % 2 == 1))
                .attr("title", move || text.get())
                .on(ev::click, move |_| {
                    let _ = &kept;
                    pressed.run(());
                })
                .child((
                    at.to_string(),
                    " ",
                    move || text.get(),
                    html::input().prop("value", move || text.get()),
                ))
        };
        html::ul().node_ref(place).child((0..20).map(row).nodes())
    });
    let nodes = stage.nodes();
    let mut pages = 0;
    for time in 0..1_100 {
        stage.leave().await;
        same(stage.shows(), "")?;
        same(Rc::strong_count(&held), 2)?;
        same(Arc::strong_count(&shared), 2)?;
        let before = runs.get();
        outside.set(time * 2);
        turn().await;
        same(runs.get(), before)?;
        stage.enter().await;
        same(stage.nodes(), nodes)?;
        // The first hundred times are for what grows to its size.
        if time == 100 {
            pages = core::arch::wasm32::memory_size::<0>();
        }
    }
    let grown = (core::arch::wasm32::memory_size::<0>() - pages) * PAGE_BYTES;
    holds(
        grown <= PAGE_BYTES,
        &format!("{grown} bytes of memory were asked for in a thousand times"),
    )?;
    outside.set(5_000);
    turn().await;
    stage.find("li:nth-child(3)").click();
    same(stage.find("li:nth-child(3)").get_attribute("title"), Some("2500".to_owned()))
}
