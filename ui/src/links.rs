//! Keeps the panel's address in step with what is shown, and shows what an address asks for.

use std::time::Duration;

use rollscope::summary::Choice;

use crate::address::{self, Address};
use crate::bridge;
use crate::leptos::prelude::*;
use crate::range::Range;
use crate::signal::{StoredValue, effect};
use crate::state::Ui;
use crate::store;

/// Time between two addresses: a browser takes a millisecond for one and lets only so many of them
/// through, while zooming changes it with every animation frame.
const PAUSE: Duration = Duration::from_millis(250);

/// Follows in both directions as long as the panel lives.
pub fn follow(ui: Ui) {
    // What an address asks for can be shown when its episode has that frame.
    effect(move || {
        let total = ui.total.get();
        let Some(wanted) = ui.wanted.get() else { return };
        if let Some(view) = wanted.view {
            ui.view.set(view);
        }
        let is_reading = ui.opening.with(Option::is_some);
        let is_there = wanted.frame.is_none_or(|frame| frame.0 < total);
        if total == 0 || (is_reading && !is_there) {
            return;
        }
        ui.wanted.set(None);
        show(ui, &wanted);
    });
    let last = StoredValue::new(String::new());
    let is_waiting = StoredValue::new(false);
    effect(move || {
        if ui.total.get() == 0 || ui.wanted.with(Option::is_some) {
            return;
        }
        let address = address::print(&shown(ui));
        if last.get_value() != address {
            last.set_value(address);
            if is_waiting.get_value() {
                return;
            }
            is_waiting.set_value(true);
            let write = move || {
                is_waiting.set_value(false);
                last.with_value(|address| bridge::set_address(address));
            };
            set_timeout(write, PAUSE);
        }
    });
}

fn show(ui: Ui, wanted: &Address) {
    if wanted.game.is_some() || wanted.episode.is_some() {
        let choice = Choice { game: wanted.game, episode: wanted.episode };
        store::choose(choice);
        ui.forget_selection();
        // The totals of the other episode come with the next look; the rest waits for them.
        ui.wanted.set(Some(Address { game: None, episode: None, ..wanted.clone() }));
        ui.look_again.update(|count| *count = count.wrapping_add(1));
        return;
    }
    if let Some(axis) = wanted.axis {
        ui.set_axis(axis);
    }
    if let Some(range) = wanted.range {
        let extent = ui.extent.get_untracked();
        ui.set_range(Range::between(range.first, range.end(), extent));
    }
    if let Some(text) = &wanted.filter {
        ui.set_filter(text.clone());
    }
    if let Some(frame) = wanted.frame {
        ui.select_frame(frame);
    }
}

fn shown(ui: Ui) -> Address {
    let chosen = store::chosen();
    let choices = store::choices();
    let episodes = chosen.and_then(|(game, _)| Some(choices.get(game)?.episodes.len()));
    Address {
        view: Some(ui.view.get()),
        game: chosen.map(|(game, _)| game).filter(|_| choices.len() > 1),
        episode: chosen.map(|(_, episode)| episode).filter(|_| episodes.is_some_and(|n| n > 1)),
        axis: Some(ui.axis.get()),
        frame: ui.frame.get(),
        // A range that follows or fits is not worth a link.
        range: (!ui.is_fitted.get() && !ui.is_following.get()).then(|| ui.range.get()),
        filter: Some(ui.filter_text.get()),
    }
}
