//! Records as lines: one row per rollback, frame, hash, input or round trip, with named fields in a
//! fixed order, for `rollscope inspect` and whoever reads its output.
//!
//! Every line says its peer, its game and, where it belongs to one, its episode. What is not known
//! is null.

mod columns;
mod configuration;
mod frames;
mod hashes;
mod inputs;
mod rollbacks;
mod round_trips;

pub use columns::Line;

use crate::observation::SourceId;
use crate::session::{EpisodeRecord, Game, PeerSession, Session};
use crate::sorting;

/// One kind of lines.
pub trait Table: Sync {
    /// Name, as the command line takes it.
    fn name(&self) -> &'static str;

    /// What its lines hold, field by field.
    fn documentation(&self) -> &'static str;

    /// Gives the lines of one peer, in order.
    fn write(&self, at: &Seat<'_>, sink: &mut LineSink<'_>);
}

/// Takes lines.
pub type LineSink<'s> = dyn FnMut(&Line) + 's;

/// Every kind of lines.
pub const TABLES: &[&dyn Table] = &[
    &rollbacks::Rollbacks,
    &frames::Frames,
    &hashes::Hashes,
    &inputs::Inputs,
    &round_trips::RoundTrips,
    &configuration::ConfigurationLines,
];

/// One observed peer among all of a session.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'a> {
    /// Number of the peer, from 0.
    pub peer: u32,
    /// Place of its game.
    pub game_place: usize,
    /// Its game.
    pub game: &'a Game,
    /// Its records.
    pub records: &'a PeerSession,
}

impl Seat<'_> {
    // A line that begins with what every line has.
    fn line(&self, episode: Option<u32>) -> Line {
        let mut line = Line::default();
        line.push("peer", self.peer);
        line.push("game", self.game_place);
        line.push("episode", episode);
        line
    }

    fn episodes(&self) -> impl Iterator<Item = (usize, &EpisodeRecord)> {
        self.records.episodes.iter().enumerate()
    }
}

/// Gives the lines of a table, peer by peer. `peer_of` numbers the documents.
pub fn write_lines(
    session: &Session,
    table: &dyn Table,
    peer_of: &dyn Fn(SourceId) -> u32,
    sink: &mut LineSink<'_>,
) {
    let games = session.games().iter().enumerate();
    let mut seats: Vec<Seat<'_>> = games
        .flat_map(|(game_place, game)| {
            let peers = game.peers.iter();
            peers.map(move |records| Seat {
                peer: peer_of(records.source),
                game_place,
                game,
                records,
            })
        })
        .collect();
    sorting::sort_by_key(&mut seats, |seat| (seat.peer, seat.game_place));
    for seat in &seats {
        table.write(seat, sink);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_table_is_documented() {
        let names: BTreeSet<_> = TABLES.iter().map(|table| table.name()).collect();
        assert_eq!(names.len(), TABLES.len());
        assert!(TABLES.iter().all(|table| table.documentation().len() > 40));
    }
}
