//! Signals and memos: nobody sees a state in between, nothing is worked out twice or for nobody, and what is equal
//! is no change.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use wasm_bindgen::prelude::wasm_bindgen;

use crate::html;
use crate::leptos::prelude::Owner;
use crate::signal::{Callback, Memo, RwSignal, Signal, StoredValue, effect};
use crate::stage::{Outcome, Stage, holds, same, turn};

/// A count that memos may carry.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicU32>);

impl Runs {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

#[wasm_bindgen]
pub async fn two_ways_from_one_signal_are_never_seen_apart() -> Outcome {
    let stage = Stage::of(|| ());
    let source = RwSignal::new(1_i64);
    let runs = Runs::default();
    let (left, right) =
        (Memo::new(move |_| source.get() + 1), Memo::new(move |_| source.get() * 10));
    let counted = runs.clone();
    let both = Memo::new(move |_| {
        counted.add();
        (left.get(), right.get())
    });
    let seen = Rc::new(RefCell::new(Vec::new()));
    let watching = Rc::clone(&seen);
    effect(move || {
        let pair = both.get();
        watching.borrow_mut().push((source.get(), pair, left.get(), right.get()));
    });
    turn().await;
    for number in 2..=50 {
        source.set(number);
        turn().await;
    }
    same(seen.borrow().len(), 50)?;
    same(runs.get(), 50)?;
    for (source, pair, left, right) in seen.borrow().iter() {
        same((*left, *right), *pair)?;
        same(*pair, (source + 1, source * 10))?;
    }
    stage.leave().await;
    Ok(())
}

#[wasm_bindgen]
pub async fn changes_of_one_turn_are_one_change() -> Outcome {
    let (first, second, third) = (RwSignal::new(0), RwSignal::new(0), RwSignal::new(0));
    let builds = Rc::new(Cell::new(0));
    let counted = Rc::clone(&builds);
    let stage = Stage::of(move || {
        let counted = Rc::clone(&counted);
        // An effect's own change is of the turn that it runs in.
        effect(move || third.set(first.get() + second.get()));
        html::p().child(move || {
            counted.set(counted.get() + 1);
            format!("{} {} {}", first.get(), second.get(), third.get())
        })
    });
    turn().await;
    let before = builds.get();
    let change = move |number: i32| {
        first.set(number);
        second.set(number);
        (0..10).for_each(|_| second.update(|number| *number += 1));
    };
    change(1);
    same(builds.get(), before)?;
    turn().await;
    same(stage.text(), "1 11 12")?;
    holds(builds.get() - before <= 2, "one change, and what the effect made of it")?;
    same(third.get_untracked(), 12)
}

#[wasm_bindgen]
pub async fn an_equal_value_of_a_memo_is_no_change() -> Outcome {
    let source = RwSignal::new(2_u32);
    let (memo_runs, runs) = (Runs::default(), Rc::new(Cell::new(0)));
    let counted = memo_runs.clone();
    let half = Memo::new(move |before: Option<&u32>| {
        counted.add();
        let _ = before;
        source.get() / 2
    });
    // Nobody asked yet.
    source.set(4);
    turn().await;
    same(memo_runs.get(), 0)?;
    let counting = Rc::clone(&runs);
    let stage = Stage::of(move || {
        let counting = Rc::clone(&counting);
        move || {
            counting.set(counting.get() + 1);
            half.get().to_string()
        }
    });
    same((stage.text().as_str(), runs.get()), ("2", 1))?;
    source.set(5);
    turn().await;
    same((stage.text().as_str(), runs.get()), ("2", 1))?;
    source.set(6);
    turn().await;
    same((stage.text().as_str(), runs.get()), ("3", 2))?;
    same(memo_runs.get(), 3)?;
    // What is only looked at is not followed.
    let unfollowed = RwSignal::new(1);
    let other = Memo::new(move |_| unfollowed.get_untracked());
    same(other.get_untracked(), 1)?;
    unfollowed.set(2);
    same(other.get_untracked(), 1)
}

#[wasm_bindgen]
pub async fn what_an_owner_held_ends_with_it() -> Outcome {
    let outside = RwSignal::new(1);
    let runs = Rc::new(Cell::new(0));
    let owner = Owner::new();
    let counted = Rc::clone(&runs);
    let (signal, stored, callback, derived) = owner.with(|| {
        effect(move || {
            outside.get();
            counted.set(counted.get() + 1);
        });
        let signal = RwSignal::new(7);
        let stored = StoredValue::new(8);
        (
            signal,
            stored,
            Callback::new(|number: i32| number + 1),
            Signal::derive(move || signal.get() * 2),
        )
    });
    turn().await;
    same((runs.get(), signal.get_untracked(), stored.get_value()), (1, 7, 8))?;
    same((callback.run(1), derived.get_untracked()), (2, 14))?;
    same(Signal::stored("s").get_untracked(), "s")?;
    outside.set(2);
    turn().await;
    same(runs.get(), 2)?;
    owner.cleanup();
    outside.set(3);
    turn().await;
    same(runs.get(), 2)?;
    same((signal.try_get_untracked(), stored.try_get_value()), (None, None))?;
    same(stored.update_value(|number| *number += 1), None)?;
    // Says nothing to nobody, and breaks nothing.
    signal.try_set(9);
    same(derived.try_get_untracked(), None)
}
