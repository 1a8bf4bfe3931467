//! As many peers as a game may have: every page of the session is rebuilt as its own engine logs it, and no check fails on
//! it, nor on the stored one that the panel is shown. Run with `UPDATE_FIXTURES=1` to write that anew.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its file and stops at its first surprise"
)]

#[path = "support/convert.rs"]
mod convert;
mod mesh;

use std::io::{Read, Write};
use std::{env, fs};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use mesh::Plan;
use rollscope::analysis::Analysis;
use rollscope::capture::{FileHeader, FileWriter};
use rollscope::link::LinkProfile;
use rollscope::message::{Form, PredictionRule};
use rollscope::rollback::{EngineEvent, ResyncRule};
use rollscope::timeline::FindingRow;
use rollscope::verify::Severity;

const PEERS: u8 = 8;
const FIXTURE: &str = "tests/fixtures/eight-peers.rollscope.gz";

fn plan() -> Plan {
    Plan {
        players: PEERS,
        episodes: 1,
        form: Form::Binary,
        resync: ResyncRule::Off,
        relayed_from: None,
        profile: LinkProfile {
            latency_micros: 50_000,
            jitter_micros: 20_000,
            loss: 0.03,
            duplication: 0.0,
        },
        input_delay_frames: 1,
        prediction: PredictionRule::ALL[0],
        ..Plan::new(8)
    }
}

/// A session of eight observed peers, of which no check finds anything but what batching saved.
#[track_caller]
fn checked(bytes: &[u8]) -> Analysis {
    let mut analysis = Analysis::new();
    analysis.open_file(bytes).unwrap();
    let verdict = analysis.verdict();
    assert_eq!(verdict.peers.len(), usize::from(PEERS));
    assert!(verdict.peers.iter().all(|peer| peer.is_observed));
    // Only what came is written down in this play, so the loss that there was is not seen.
    assert_eq!(verdict.headline, "NO MISMATCH SEEN, untested: no messages lost");
    let is_notice = |finding: &FindingRow| finding.severity == Severity::Notice;
    assert!(verdict.findings.iter().all(is_notice), "{:?}", verdict.findings);
    assert!(verdict.sync.compared > 0 && verdict.sync.different == 0);
    analysis
}

#[test]
fn eight_peers_are_rebuilt_as_their_engines_log_them_and_nothing_is_wrong_with_them() {
    let peers = mesh::play(&plan());
    let header = FileHeader { created_by: "eight peers in memory".to_owned(), created_at_ms: 0.0 };
    let (mut writer, mut bytes) = FileWriter::start(&header);
    for chunk in peers.iter().flat_map(|peer| &peer.chunks) {
        bytes.extend(writer.chunk(chunk).unwrap());
    }
    bytes.extend(writer.end());

    let analysis = checked(&bytes);
    let rows = analysis.rollbacks(0..analysis.rollback_count());
    for (place, peer) in peers.iter().enumerate() {
        let logged = peer.events.iter().filter_map(|event| match event {
            EngineEvent::Rollback { target, current, .. } => Some((*target, *current)),
            _ => None,
        });
        let name = format!("P{}", place + 1);
        let of_peer = rows.iter().filter(|row| row.peer_name == name);
        let rebuilt: Vec<_> = of_peer.map(|row| (row.target.unwrap(), row.current)).collect();
        assert_eq!(rebuilt, logged.collect::<Vec<_>>(), "{name}");
        assert!(!rebuilt.is_empty(), "{name} rolled back");
    }

    if env::var_os("UPDATE_FIXTURES").is_some() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes).unwrap();
        fs::write(FIXTURE, encoder.finish().unwrap()).unwrap();
    }
    let mut stored = Vec::new();
    GzDecoder::new(fs::File::open(FIXTURE).unwrap()).read_to_end(&mut stored).unwrap();
    assert!(checked(&stored).rollback_count() > 0, "{FIXTURE} has rollbacks");
}
