//! `validateCapabilities`: what an environment can do, tried out on its own state.
//!
//! Knows an environment and nothing of messages.

use super::command::Capabilities;
use super::executor::Env;

/// Tries everything out. The state is the same before and after, if it can be restored at all.
pub(super) fn validate(env: &mut (impl Env + ?Sized)) -> Capabilities {
    let mut found = Capabilities { environment: env.name().to_owned(), ..Capabilities::default() };
    let mut problems = Vec::new();
    match env.state_json() {
        Ok(text) => {
            found.get_state = true;
            match env.set_state_json(&text) {
                Ok(()) => {
                    found.set_state = true;
                    found.restores_exactly = env.state_json().is_ok_and(|again| again == text);
                    if !found.restores_exactly {
                        problems.push("a restored state gives another text".to_owned());
                    }
                }
                Err(error) => problems.push(format!("setState refuses its own state: {error}")),
            }
            match env.hash_state(&text) {
                Ok(_) => found.compute_hash = true,
                Err(error) => problems.push(format!("the state cannot be hashed: {error}")),
            }
        }
        Err(error) => problems.push(format!("getState gives no text: {error}")),
    }
    match env.render() {
        Ok(_) => found.render = true,
        Err(error) => problems.push(format!("there is nothing to draw: {error}")),
    }
    found.problems = problems;
    found
}
