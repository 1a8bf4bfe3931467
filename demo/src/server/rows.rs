//! The rows of episodes as pages hand them over: the newest ones are kept in memory, unread, for whoever
//! asks for them by room, player and episode.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use rollscope_runtime::signal::{EpisodeData, MAX_ROWS_BYTES, Saved, Speaker};

use super::rooms::{ClientId, Rooms};

/// Bytes kept of all rows together.
const MAX_KEPT_BYTES: usize = 32 * 1024 * 1024;

/// Episodes kept; an empty table takes memory, too.
const MAX_KEPT: usize = 4_096;

/// Room, player and episode.
type Key = (String, u8, u32);

/// The rows that a server keeps.
#[derive(Debug, Default)]
pub struct KeptRows {
    kept: BTreeMap<Key, Bytes>,
    oldest_first: VecDeque<Key>,
    bytes: usize,
}

impl KeptRows {
    /// Takes rows of a client. Rows of an episode replace those that were handed over before; rows in
    /// another page's name, or too many, are not kept, and the answer says so.
    pub fn take(
        &mut self,
        rooms: &Rooms,
        client: ClientId,
        whose: EpisodeData,
        rows: Bytes,
    ) -> Saved {
        let speaker = Speaker { game_id: whose.game_id, player_id: whose.player_id };
        if let Err(status) = rooms.check_speaker(client, &speaker) {
            return Saved { status, saved: false };
        }
        if rows.len() > MAX_ROWS_BYTES {
            let status = format!("The rows of an episode have at most {MAX_ROWS_BYTES} bytes.");
            return Saved { status, saved: false };
        }
        let key = (speaker.game_id, speaker.player_id, whose.episode_num);
        self.let_go(&key);
        self.bytes += rows.len();
        self.oldest_first.push_back(key.clone());
        self.kept.insert(key, rows);
        while self.bytes > MAX_KEPT_BYTES || self.kept.len() > MAX_KEPT {
            let Some(oldest) = self.oldest_first.front().cloned() else { break };
            self.let_go(&oldest);
        }
        Saved { status: "ok".to_owned(), saved: true }
    }

    /// The rows of an episode as they came; `None` where there are none, or none any more.
    #[must_use]
    pub fn get(&self, room: &str, player: u8, episode: u32) -> Option<Bytes> {
        self.kept.get(&(room.to_owned(), player, episode)).cloned()
    }

    fn let_go(&mut self, key: &Key) {
        if let Some(rows) = self.kept.remove(key) {
            self.bytes -= rows.len();
            self.oldest_first.retain(|known| known != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope_runtime::signal::{Join, ToServer};

    fn rooms() -> Rooms {
        let mut rooms = Rooms::new(1);
        for client in [0, 1].map(ClientId) {
            let join = Join { game_id: Some("ice".to_owned()), ..Join::default() };
            rooms.handle_message(client, ToServer::JoinGame(join));
        }
        rooms
    }

    fn whose(player_id: u8, episode_num: u32) -> EpisodeData {
        EpisodeData { game_id: "ice".to_owned(), player_id, episode_num }
    }

    #[test]
    fn rows_are_kept_in_their_pages_own_name_only() {
        let (mut kept, rooms) = (KeptRows::default(), rooms());
        let mut take = |client, player, rows: &'static [u8]| {
            kept.take(&rooms, ClientId(client), whose(player, 2), Bytes::from_static(rows))
        };
        assert!(take(0, 0, b"first").saved && take(0, 0, b"again").saved);
        let refused = take(0, 1, b"lie");
        assert!(!refused.saved && refused.status.contains("is player 0 of room ice"));
        assert!(!take(7, 0, b"nobody").saved);
        assert_eq!(kept.get("ice", 0, 2).unwrap(), "again");
        assert_eq!((kept.get("ice", 1, 2), kept.get("ice", 0, 1)), (None, None));
    }

    #[test]
    fn the_oldest_rows_go_when_there_are_too_many() {
        let (mut kept, rooms) = (KeptRows::default(), rooms());
        let large = Bytes::from(vec![0; MAX_ROWS_BYTES]);
        let episodes = (MAX_KEPT_BYTES / MAX_ROWS_BYTES) as u32 + 3;
        for episode in 0..episodes {
            assert!(kept.take(&rooms, ClientId(0), whose(0, episode), large.clone()).saved);
            assert!(kept.bytes <= MAX_KEPT_BYTES);
        }
        assert_eq!(kept.get("ice", 0, 2), None);
        assert!(kept.get("ice", 0, 3).is_some());
        let larger = Bytes::from(vec![0; MAX_ROWS_BYTES + 1]);
        assert!(!kept.take(&rooms, ClientId(0), whose(0, 0), larger).saved);
        for episode in 0..2 * MAX_KEPT as u32 {
            kept.take(&rooms, ClientId(0), whose(0, episode), Bytes::new());
        }
        assert_eq!((kept.kept.len(), kept.oldest_first.len(), kept.bytes), (MAX_KEPT, MAX_KEPT, 0));
    }
}
