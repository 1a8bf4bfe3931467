//! Several sessions in one capture: each is judged by itself, as if it had been opened alone, and is named by its files.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads its fixtures and stops at its first surprise"
)]

use std::fs::File;
use std::io::Read;

use flate2::read::GzDecoder;
use rollscope::analysis::{Analysis, Opening};
use rollscope::summary::Choice;
use rollscope::verify::VerdictKind;

fn side(session: &str, player: u8) -> Vec<u8> {
    let path = format!("tests/fixtures/mug/{session}-{player}.rollscope.gz");
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// The named files opened together.
fn opened(files: &[(&str, &[u8])]) -> Analysis {
    let mut analysis = Analysis::new();
    for (name, bytes) in files {
        let mut opening = Opening::begin(bytes.to_vec()).unwrap().named(name);
        while !opening.read_on(&mut analysis, 1 << 20).is_done {}
    }
    while !analysis.overview_on(|| false) {}
    analysis
}

#[test]
fn every_session_and_episode_is_judged_as_if_it_were_alone() {
    let (clean, nondet) = (["H-clean"; 2], ["H-nondet"; 2]);
    let [c1, c2] = [side(clean[0], 1), side(clean[1], 2)];
    let [n1, n2] = [side(nondet[0], 1), side(nondet[1], 2)];
    // The first file of the second session was cut off.
    let cut = &n1[..n1.len() * 2 / 3];
    let mut mixed = opened(&[("c1", &c1), ("n1", cut), ("c2", &c2), ("n2", &n2)]);
    let rows = mixed.overview();
    let names: Vec<_> = rows.iter().map(|row| row.files.join(" ")).collect();
    assert_eq!(names, ["c1 c2", "n1 n2"]);
    assert_eq!(mixed.choices().iter().map(|game| game.files.join(" ")).collect::<Vec<_>>(), names);
    for (place, files) in
        [[("c1", &*c1), ("c2", &c2)], [("n1", cut), ("n2", &n2)]].iter().enumerate()
    {
        let alone = opened(files);
        let row = rows.get(place).unwrap();
        assert_eq!(row.verdict.as_ref().unwrap(), &alone.check().verdict);
        for (episode, verdict) in row.episodes.iter().enumerate() {
            let choice = Choice { game: Some(place), episode: Some(episode) };
            mixed.choose(choice);
            let (shown, mut one) = (mixed.verdict(), opened(files));
            one.choose(Choice { game: Some(0), ..choice });
            assert_eq!((shown.kind, &shown.headline), (verdict.kind, &verdict.headline));
            assert_eq!((shown.kind, shown.headline), (one.verdict().kind, one.verdict().headline));
        }
    }
    assert!(rows.iter().all(|row| !row.episodes.is_empty()));
    let kinds: Vec<_> = rows.iter().map(|row| row.verdict.as_ref().unwrap().kind).collect();
    assert_ne!(
        kinds.first(),
        Some(&VerdictKind::Incomplete),
        "the cut is in another session's file"
    );
    // The notice says which file it is of, and no name: it stands in reports.
    let notice = mixed.health().file_notice.unwrap();
    assert!(notice.starts_with("File 2 of 4: ") && !notice.contains("n1"), "{notice}");
    let checked: Vec<_> =
        mixed.check_games().into_iter().map(|(check, _)| check.verdict.kind).collect();
    assert_eq!(checked, kinds);
}

#[test]
fn verdicts_wait_for_nothing_where_there_is_one_episode_and_begin_anew_with_more_files() {
    let [n1, n2] = [side("H-nondet", 1), side("H-nondet", 2)];
    let one = opened(&[("n1", &n1), ("n2", &n2)]);
    assert_eq!(one.overview().first().unwrap().verdict, None, "the Verdict view says it");
    let mut two = opened(&[("n1", &n1), ("n2", &n2), ("c1", &side("H-clean", 1))]);
    assert!(two.overview().iter().all(|row| row.verdict.is_some()));
    let before = two.overview();
    two.open_named("c2", &side("H-clean", 2)).unwrap();
    assert!(two.overview().iter().all(|row| row.verdict.is_none()));
    assert!(!two.overview_on(|| false), "in slices");
    while !two.overview_on(|| false) {}
    assert_eq!(two.overview().first(), before.first());
    assert_ne!(two.overview().last(), before.last());
}

#[test]
fn a_file_that_is_opened_twice_is_told() {
    let c1 = side("H-clean", 1);
    let twice = opened(&[("c1", &c1), ("c1", &c1)]);
    let notice = twice.health().file_notice.unwrap();
    assert!(notice.contains("File 2 of 2 holds nothing that the others do not hold"), "{notice}");
    let once = opened(&[("c1", &c1)]);
    assert_eq!(twice.check().verdict, once.check().verdict, "and changes no verdict");
    assert_eq!(once.health().file_notice, None);
    let both = opened(&[("c1", &c1), ("c2", &side("H-clean", 2))]);
    assert_eq!(both.health().file_notice, None);
}
