//! Sessions and episodes beside the one that is shown: what each comes to, the worst first, and in one sentence.

use rollscope::analysis::SessionRow;
use rollscope::sorting::sort_by_number;
use rollscope::summary::Choice;
use rollscope::verify::{Verdict, VerdictKind};

/// One session of several, or one episode of the only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What shows it; of a session its worst episode.
    pub choice: Choice,
    /// What it is called.
    pub name: String,
    /// What it comes to.
    pub verdict: Verdict,
}

/// The sessions, or the episodes of the only one, the worst first; empty where there is nothing to choose, or while the
/// first one is being checked.
#[must_use]
pub fn lines(rows: &[SessionRow]) -> Vec<Line> {
    let mut lines: Vec<Line> = match rows {
        [row] => {
            let count = row.episodes.len();
            let line = |(place, verdict): (usize, &Verdict)| Line {
                choice: Choice { game: Some(0), episode: Some(place) },
                name: format!("Episode {} of {count}", place + 1),
                verdict: verdict.clone(),
            };
            row.episodes.iter().enumerate().map(line).collect()
        }
        _ => rows.iter().enumerate().filter_map(|(place, _)| session(rows, place)).collect(),
    };
    sort_by_number(&mut lines, |line| line.verdict.kind as u64);
    lines
}

/// One of several sessions; `None` while it is being checked.
#[must_use]
pub fn session(rows: &[SessionRow], place: usize) -> Option<Line> {
    let row = rows.get(place)?;
    let verdict = row.verdict.clone()?;
    let worst = row.episodes.iter().enumerate().min_by_key(|(_, verdict)| verdict.kind);
    let choice = Choice { game: Some(place), episode: worst.map(|(episode, _)| episode) };
    Some(Line { choice, name: name(rows, place), verdict })
}

/// What a session is called: its files, or its seed with its place where another one has the same.
#[must_use]
pub fn name(rows: &[SessionRow], place: usize) -> String {
    let Some(row) = rows.get(place) else { return String::new() };
    if !row.files.is_empty() {
        return row.files.join(" + ");
    }
    let seed = row.seed.map_or_else(|| "session".to_owned(), |seed| format!("{seed:08x}"));
    let is_alone = rows.iter().filter(|other| other.seed == row.seed).count() == 1;
    if is_alone { seed } else { format!("{seed} ({})", place + 1) }
}

/// How many there are of each kind: `40 sessions: 3 DESYNC, 37 RISK`.
#[must_use]
pub fn summary(rows: &[SessionRow], lines: &[Line]) -> String {
    let kinds: Vec<VerdictKind> = lines.iter().map(|line| line.verdict.kind).collect();
    let what = if rows.len() > 1 { "sessions" } else { "episodes" };
    format!("{} {what}: {}", lines.len(), VerdictKind::counts(&kinds))
}

/// The sign of a verdict where only text can stand.
#[must_use]
pub const fn sign(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Desync => "◆",
        VerdictKind::Incomplete | VerdictKind::Risk => "▲",
        VerdictKind::Untested => "□",
        VerdictKind::Verified => "■",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(kind: VerdictKind) -> Verdict {
        let [headline, numbers, short] = ["h", "n", "s"].map(str::to_owned);
        Verdict { kind, headline, numbers, short }
    }

    fn row(files: &[&str], seed: u32, episodes: &[VerdictKind]) -> SessionRow {
        SessionRow {
            files: files.iter().map(|name| (*name).to_owned()).collect(),
            seed: Some(seed),
            verdict: episodes.iter().min().map(|worst| verdict(*worst)),
            episodes: episodes.iter().map(|kind| verdict(*kind)).collect(),
        }
    }

    #[test]
    fn the_worst_session_stands_first_and_leads_to_its_worst_episode() {
        use VerdictKind::{Desync, Risk, Verified};
        let rows = [
            row(&["a", "b"], 1, &[Verified, Verified]),
            row(&["c"], 2, &[Verified, Desync, Risk]),
            row(&[], 1, &[Risk]),
            row(&[], 1, &[]),
        ];
        let lines = lines(&rows);
        let said: Vec<_> = lines.iter().map(|l| (l.name.as_str(), l.choice.episode)).collect();
        assert_eq!(said, [("c", Some(1)), ("00000001 (3)", Some(0)), ("a + b", Some(0))]);
        assert_eq!(summary(&rows, &lines), "3 sessions: 1 DESYNC, 1 RISK, 1 VERIFIED");
    }

    #[test]
    fn of_one_session_the_episodes_are_listed() {
        use VerdictKind::{Incomplete, Verified};
        let rows = [row(&["a"], 1, &[Verified, Incomplete])];
        let lines = lines(&rows);
        let said: Vec<_> = lines.iter().map(|l| (l.name.as_str(), l.choice.episode)).collect();
        assert_eq!(said, [("Episode 2 of 2", Some(1)), ("Episode 1 of 2", Some(0))]);
        assert_eq!(summary(&rows, &lines), "2 episodes: 1 INCOMPLETE, 1 VERIFIED");
        assert!(super::lines(&[]).is_empty());
    }
}
