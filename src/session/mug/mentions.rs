//! State hashes whose rule no message settles (MUG wire notes, §2.5, §3.3): which of them may be
//! compared with each other.

use super::MugPage;
use crate::frame::Frame;
use crate::issue::IssueLog;
use crate::observation::Direction;
use crate::session::episode::EpisodeRecord;
use crate::session::hashes::ReportRule;
use crate::session::peer::PeerSession;

/// Digits of a digest: fewer say nothing, more than SHA-256 has are no digest.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=64;

/// The first 16 digits of a digest as a number, and how many it has; `None` for other texts.
pub(in crate::session) fn leading_digits(hash: &str) -> Option<(u64, u8)> {
    let is_digest = DIGITS.contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let leading = hash.get(..16).unwrap_or(hash);
    let number = u64::from_str_radix(leading, 16).ok().filter(|_| is_digest)?;
    Some((number, hash.len() as u8))
}

impl MugPage {
    /// Takes a hash that the page sent or received.
    pub(super) fn handle_mention(
        &mut self,
        peer: &mut PeerSession,
        direction: Direction,
        is_relayed: bool,
        (frame, hash): (Frame, &str),
        seq: u32,
        issues: &mut IssueLog,
    ) {
        let Some((hash, digits)) = leading_digits(hash) else {
            return issues.push("session", "a state hash that is no hexadecimal digest");
        };
        // Nothing says that such hashes are of final states. One that rests on a guess compares with
        // nothing, and a page that sends one speaks with a peer that may do so too.
        let is_guessed = |record: &EpisodeRecord| {
            record.is_replayable() && record.confirmed_frame().is_none_or(|through| through < frame)
        };
        if direction == Direction::Sent && peer.newest_episode().is_some_and(is_guessed) {
            self.has_guessed_hash = true;
        }
        if self.has_guessed_hash {
            if let (Direction::Sent, Some(record)) = (direction, peer.newest_episode_mut()) {
                record.hashes.note_guess();
                let confirmed = record.confirmed_frame();
                record.announcements.note_hash(frame, confirmed, seq);
            }
            return;
        }
        let rule = ReportRule::Untold { digits, is_relayed };
        self.handle_hash(peer, direction, (frame, hash), rule, seq, issues);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_known_by_their_first_sixteen_digits_and_their_length() {
        let md5 = "0cc175b9c0f1b6a831c399e269772661";
        assert_eq!(leading_digits(md5), Some((0x0cc1_75b9_c0f1_b6a8, 32)));
        assert_eq!(leading_digits("44136fa355b3678a"), Some((0x4413_6fa3_55b3_678a, 16)));
        assert_eq!(leading_digits("99914b93"), Some((0x9991_4b93, 8)));
        for other in ["", "abc", "0x44136fa355b3678", "44136fa355b3678é", &"a".repeat(65)] {
            assert_eq!(leading_digits(other), None, "{other}");
        }
    }
}
