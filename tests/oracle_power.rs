//! How many planted nondeterminisms the determinism oracle finds, against how often a stretch was
//! stepped again and how seldom a step goes wrong.
//!
//! A page steps one stretch and repeats it, each time from the restored state with the same actions.
//! Every step draws whether it adds noise that no state holds. The oracle must name exactly the
//! sessions in which something was drawn. `cargo xtask truth --oracle` plays many and writes the table.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its settings and stops at its first surprise"
)]

use std::fmt::Write as _;

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::issue::IssueLog;
use rollscope::link::SplitMix64;
use rollscope::observation::{
    Evidence, Fact, Observation, Operation, OperationResult, Outcome, Rewards, SourceId,
};
use rollscope::session::{Game, PeerSession};
use rollscope::time::Micros;
use rollscope::verify::{Case, CheckResult, Severity, run_checks};

/// Chances that one step goes wrong.
const CHANCES: [f64; 4] = [0.3, 0.1, 0.03, 0.01];

/// How often the stretch is stepped again.
const REPEATS: [u32; 7] = [0, 1, 2, 5, 10, 30, 100];

/// Frames of the stretch.
const STEPS: u32 = 5;

/// Sessions of each kind; `ROLLSCOPE_TRUTH_SEEDS` asks for more.
fn seeds() -> u64 {
    std::env::var("ROLLSCOPE_TRUTH_SEEDS").map_or(20, |text| text.parse().unwrap())
}

/// The state after the stretch, and whether its steps drew any noise.
fn stretch(random: &mut SplitMix64, chance: f64) -> (String, bool) {
    let (mut number, mut has_noise) = (1_u64, false);
    for step in 0..STEPS {
        number = number.wrapping_mul(31).wrapping_add(u64::from(step)) % 1_000_003;
        if random.unit() < chance {
            has_noise = true;
            number += 1_000_003 + random.next_u64() % (1 << 40);
        }
    }
    (format!("{{\"n\":{number},\"t\":{STEPS}}}"), has_noise)
}

/// What the oracle says after `repeats` repetitions, and whether noise was drawn.
fn session(seed: u64, chance: f64, repeats: u32) -> (CheckResult, bool) {
    let mut random = SplitMix64(seed);
    let mut peer = PeerSession::new(SourceId(0));
    let mut issues = IssueLog::default();
    let mut has_noise = false;
    for request in 0..=repeats {
        let text = "{\"n\":1,\"t\":0}";
        let mut operations = vec![Operation::SetState { frame: Some(Frame(0)), text }];
        let mut results = vec![OperationResult::Done];
        for frame in 0..STEPS {
            let actions = vec![Action(frame % 3), Action(0)];
            operations.push(Operation::Step { frame: Some(Frame(frame)), actions });
            results.push(OperationResult::Stepped(Rewards::default()));
        }
        let (state, is_noisy) = stretch(&mut random, chance);
        has_noise |= is_noisy;
        operations.push(Operation::GetState { frame: Some(Frame(STEPS)) });
        results.push(OperationResult::State(&state));
        let asked = Fact::WorkerRequested { worker: 1, request, operations };
        let outcome = Outcome::Results(results);
        let answered = Fact::WorkerReplied { worker: 1, request, outcome, handled: None };
        for (fact, place) in [(asked, 0), (answered, 1)] {
            let seq = request * 2 + place;
            let evidence = Evidence { source: SourceId(0), seq };
            let time = Micros(u64::from(seq) * 1000);
            peer.handle(&Observation { evidence, time, fact }, &mut issues);
        }
    }
    let mut game = Game::default();
    game.peers.push(peer);
    let mut results = run_checks(&Case::new(&game), 0).into_iter();
    (results.find(|check| check.code == "nondeterministic-step").unwrap(), has_noise)
}

#[test]
fn the_oracle_names_exactly_the_sessions_in_which_a_step_went_wrong() {
    let mut rows = String::new();
    for chance in CHANCES {
        for repeats in REPEATS {
            let (mut named, sessions) = (0, seeds());
            for seed in 0..sessions {
                let mixed = seed << 20 | u64::from(repeats) << 8 | (chance * 100.0) as u64;
                let (check, has_noise) = session(mixed, chance, repeats);
                let is_named = check.outcome.failed > 0;
                // What was stepped once only cannot be held against anything.
                assert_eq!(is_named, has_noise && repeats > 0, "{mixed}: {check:?}");
                assert_eq!(check.outcome.not_checkable > 0, repeats == 0, "{check:?}");
                assert_eq!(check.outcome.passed + check.outcome.failed, repeats, "{check:?}");
                for finding in &check.outcome.findings {
                    assert_eq!(finding.severity, Severity::Error);
                    assert_eq!(finding.frames, Some((Frame(0), Frame(STEPS - 1))));
                }
                named += u32::from(is_named);
            }
            let same = (1.0 - chance).powi(i32::try_from((repeats + 1) * STEPS).unwrap());
            let expected = if repeats == 0 { 0.0 } else { 1.0 - same };
            let share = f64::from(named) / sessions as f64;
            let kind = format!("{chance} a step, {repeats} repeats");
            writeln!(rows, "| {kind} | {sessions} | {named} | {share:.3} | {expected:.3} |")
                .unwrap();
            // Six times the spread of so many draws, and a session more.
            let spread = (expected * (1.0 - expected) / sessions as f64).sqrt();
            let slack = 6.0 * spread + 1.0 / sessions as f64;
            assert!((share - expected).abs() <= slack, "{kind}: {share} instead of {expected}");
        }
    }
    if let Ok(folder) = std::env::var("ROLLSCOPE_TRUTH_TABLE") {
        std::fs::write(std::path::Path::new(&folder).join("oracle.md"), rows).unwrap();
    }
}
