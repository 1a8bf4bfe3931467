//! State texts: the quick way to a hash against the one over a whole document.

use rollscope::state::{HashRule, Json};

use super::{Feed, Tally};
use crate::random::{Random, change_text};

/// States as games write them, and the odd ones.
const SEEDS: &[&str] = &[
    r#"{"t":412,"agents":{"0":{"pos":[0.25,0.5],"vel":[0,0.0125]},"1":{"pos":[0.75,0.5],"vel":[0,-0]}},"ball":[0.184362854506184,0.5654112061297307,12.99999999999],"name":"ww"}"#,
    r#"{"b": [2147483648, 624, 0, 3.0, -0.0], "a": [1e-07, 1e22, 0.00001, 123456789012345678], "c": {"10": 1.5, "9": null}}"#,
    r#"[0.12345678905, 0.123456789049999, 999.99999999999, 0.10000000001, -5.1234567890500, 1.0E5]"#,
    r#"{"key_longer_1":true,"key_longer_2":false,"key_longer":[[],{}],"k":"\u00e9 \"x\"","":NaN}"#,
];

const RULES: [HashRule; 4] = [
    HashRule::MUG_DIRECT_HASH,
    HashRule::MUG_STATE_HASH,
    HashRule::MUG_WORKER_EPISODE_START,
    HashRule::NATIVE,
];

#[derive(Default)]
struct States {
    text: String,
}

pub(super) fn states() -> Box<dyn Feed> {
    Box::new(States::default())
}

impl Feed for States {
    fn feed(&mut self, random: &mut Random) -> Tally {
        self.text.clear();
        self.text.push_str(random.one(SEEDS).copied().unwrap_or_default());
        let other = random.one(SEEDS).copied().unwrap_or_default();
        change_text(&mut self.text, other, random);
        let rule = random.one(&RULES).copied().unwrap_or(HashRule::NATIVE);
        let quick = rule.hash_text(&self.text).ok().map(|hash| hash.hex());
        let document = Json::parse(&self.text).ok();
        let long = document.and_then(|document| rule.hash_document(&document).ok());
        assert_eq!(quick, long.map(|hash| hash.hex()), "{}", self.text);
        Tally { read: u32::from(quick.is_some()), issues: u32::from(quick.is_none()) }
    }
}
