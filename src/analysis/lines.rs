//! The records as lines, peer by peer.

use super::Analysis;
use crate::observation::SourceId;
use crate::report::{LineSink, Table, write_lines};
use crate::sorting;

impl Analysis {
    /// Gives the lines of a table. Peers are numbered from 0: by file if several files were opened,
    /// else by the documents that play, in order of appearance.
    pub fn lines(&self, table: &dyn Table, sink: &mut LineSink<'_>) {
        write_lines(&self.session, table, &|source| self.peer_number(source), sink);
    }

    fn peer_number(&self, source: SourceId) -> u32 {
        let number = if self.files.len() > 1 {
            self.file_of(source)
        } else {
            let games = self.session.games().iter();
            let mut playing: Vec<_> =
                games.flat_map(|game| game.peers.iter().map(|peer| peer.source)).collect();
            sorting::sort_by_key(&mut playing, |source| *source);
            playing.dedup();
            playing.binary_search(&source).ok()
        };
        number.and_then(|number| u32::try_from(number).ok()).unwrap_or(u32::MAX)
    }
}
