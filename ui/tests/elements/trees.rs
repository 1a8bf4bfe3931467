//! Any content that follows any other is as if it had been built anew: trees by a fixed seed, texts of attackers
//! among them.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::html::{self, IntoNode, Node};
use crate::signal::RwSignal;
use crate::stage::{Outcome, Stage, same, turn};

/// Numbers by a seed (xorshift), so that each browser sees the same trees in each run.
struct Numbers(u32);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % end
    }
}

/// What a hostile page would write into names, and what it would do if that became an element.
const HOSTILE: [&str; 4] = [
    "<img src=x onerror=\"globalThis.wasHostile = true\">",
    "</p><script>globalThis.wasHostile = true</script>",
    "&lt;b&gt;&amp;",
    "\u{202e}\" onclick=\"globalThis.wasHostile = true",
];

/// A tree: the plan of it, and what the document must show.
fn tree(numbers: &mut Numbers, depth: u32) -> (Node, String) {
    match numbers.below(if depth == 0 { 3 } else { 7 }) {
        0 => (Node::Nothing, String::new()),
        1 | 2 => {
            let text = HOSTILE[numbers.below(4) as usize];
            let text = format!("{text}{}", numbers.below(3));
            (text.clone().into_node(), text)
        }
        3 | 4 => element(numbers, depth),
        5 => {
            let all: Vec<_> = (0..numbers.below(4)).map(|_| tree(numbers, depth - 1)).collect();
            let shown = all.iter().map(|(_, shown)| shown.as_str()).collect();
            (all.into_iter().map(|(node, _)| node).collect::<Vec<_>>().into_node(), shown)
        }
        _ => {
            // A closure may be asked again, so it makes its tree from the same number each time.
            let seed = numbers.below(u32::MAX - 1) + 1;
            let (_, shown) = tree(&mut Numbers(seed), depth - 1);
            ((move || tree(&mut Numbers(seed), depth - 1).0).into_node(), shown)
        }
    }
}

fn element(numbers: &mut Numbers, depth: u32) -> (Node, String) {
    let (child, shown) = tree(numbers, depth - 1);
    let is_first = numbers.below(2) == 0;
    let (tag, element) = if is_first { ("p", html::p()) } else { ("span", html::span()) };
    let element = element.key(["", "other"][numbers.below(2) as usize]).child(child);
    let title = HOSTILE[numbers.below(4) as usize];
    match numbers.below(4) {
        0 => (element.into_node(), format!("<{tag}>{shown}</{tag}>")),
        1 => {
            let node = element.attr("title", move || title).into_node();
            (node, format!("<{tag} title={title}>{shown}</{tag}>"))
        }
        2 => {
            let node = element.class(title).attr("hidden", true).into_node();
            (node, format!("<{tag} class={title} hidden=>{shown}</{tag}>"))
        }
        _ => {
            let node = element.class(("on", || true)).attr("title", title).into_node();
            (node, format!("<{tag} class=on title={title}>{shown}</{tag}>"))
        }
    }
}

#[wasm_bindgen]
pub async fn whatever_follows_is_as_if_built_anew_and_texts_stay_texts() -> Outcome {
    let seed = RwSignal::new(1_u32);
    let stage = Stage::of(move || ("(", move || tree(&mut Numbers(seed.get()), 4).0, ")"));
    for number in 1..=500_u32 {
        let next = number.wrapping_mul(2_654_435_761) | 1;
        seed.set(next);
        turn().await;
        same(stage.shows(), format!("({})", tree(&mut Numbers(next), 4).1))?;
    }
    same(stage.count("img, script, b"), 0)?;
    let was = js_sys::Reflect::has(&js_sys::global(), &"wasHostile".into());
    same(was, Ok(false))
}
