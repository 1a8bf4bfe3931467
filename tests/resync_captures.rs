//! Captures of sessions that a resync repaired: the desync is told, and the repair is not taken for
//! a fault of its own.

mod support;

use rollscope::rollback::{EngineEvent, ResyncRule};
use rollscope::verify::VerdictKind;
use support::{FAULT_FRAME, Fault, Setup, analyse, play};

#[test]
fn a_repaired_session_shows_its_desync_and_nothing_else() {
    let mut resyncs = 0;
    for seed in 300..316 {
        let resync = [ResyncRule::Full, ResyncRule::Delta][(seed % 2) as usize];
        let setup = Setup { fault: Fault::NoiseForAWhile, resync, ..Setup::new(seed) };
        for peer in play(&setup) {
            let resynced = peer.events.iter().filter_map(|event| match event {
                EngineEvent::Resynced { frame, .. } => Some(*frame),
                _ => None,
            });
            let last_resync = resynced.clone().max();
            resyncs += resynced.count();
            let differing = peer.events.iter().filter_map(|event| match event {
                EngineEvent::Desync { frame, .. } => Some(*frame),
                _ => None,
            });
            let (first, last) = (differing.clone().min(), differing.max());
            if let Some(repaired) = last_resync {
                assert!(last < Some(repaired), "seed {seed}: nothing differs after the repair");
            }
            let analysis = analyse(&peer.into_chunks());
            let report = analysis.report();
            let fired: Vec<&str> = report
                .checks
                .iter()
                .filter(|check| check.outcome.failed > 0)
                .map(|check| check.code)
                .collect();
            let Some(first) = first else { continue };
            assert!(first.0 > FAULT_FRAME, "seed {seed}: {first}");
            assert_eq!(analysis.verdict().kind, VerdictKind::Desync, "seed {seed}");
            // The noise is of frames that were also stepped without it.
            let expected = ["state-hash-mismatch", "nondeterministic-step", "state-difference"];
            for code in fired {
                let finding = report.checks.iter().find(|check| check.code == code).unwrap();
                let asks_for_all = resync == ResyncRule::Full && code == "whole-state-asked";
                assert!(
                    asks_for_all || expected.contains(&code),
                    "seed {seed}: {code} {:?}",
                    finding.outcome.findings
                );
            }
        }
    }
    assert!(resyncs > 8, "only {resyncs} resyncs");
}
