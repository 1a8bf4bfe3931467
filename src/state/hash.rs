//! State hashes with the rule that made them. Two hashes say something about two states only if
//! their rules are the same.

use md5::Md5;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::document::Json;
use super::javascript::NotStrictJson;
use super::parse::ParseError;
use super::print::push_canonical;
use super::rule::{HashAlgorithm, HashRule};
use super::straight::push_straight;

/// A digest of one state and its rule.
///
/// There is no `==` on purpose: use [`StateHash::is_same_state`].
#[derive(Debug, Clone, Copy)]
pub struct StateHash {
    rule: HashRule,
    /// The digest; everything past the kept digits is 0.
    digest: [u8; DIGEST_BYTES],
}

/// The longest digest, that of SHA-256.
const DIGEST_BYTES: usize = 32;

/// Why a text has no hash under a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HashError {
    /// It is no JSON text.
    #[error(transparent)]
    Unreadable(#[from] ParseError),
    /// It does not survive the round trip through JavaScript.
    #[error(transparent)]
    NotStrict(#[from] NotStrictJson),
}

impl HashRule {
    /// Hashes a state text.
    ///
    /// # Errors
    ///
    /// [`HashError`] if the text cannot be read or the rule's route refuses it.
    pub fn hash_text(&self, text: &str) -> Result<StateHash, HashError> {
        // The canonical text is rarely longer; objects are put in order behind it.
        let mut canonical = Vec::with_capacity(2 * text.len() + 64);
        if push_straight(&mut canonical, text, self).is_some() {
            return Ok(self.hash_canonical(&canonical));
        }
        Ok(self.hash_document(&Json::parse(text)?)?)
    }

    /// Hashes a state that stands inside a larger document, for instance `env_state` of a whole
    /// snapshot.
    ///
    /// # Errors
    ///
    /// [`NotStrictJson`] if the rule takes the route through JavaScript and the state holds a
    /// number that strict JSON does not have.
    pub fn hash_document(&self, document: &Json<'_>) -> Result<StateHash, NotStrictJson> {
        let mut text = Vec::with_capacity(1024);
        push_canonical(&mut text, document, self)?;
        Ok(self.hash_canonical(&text))
    }

    /// Hashes bytes that already are the canonical text of this rule.
    #[must_use]
    pub fn hash_canonical(&self, text: &[u8]) -> StateHash {
        let mut digest = [0; DIGEST_BYTES];
        match self.algorithm {
            HashAlgorithm::Sha256 => copy_front(&mut digest, &Sha256::digest(text)),
            HashAlgorithm::Md5 => copy_front(&mut digest, &Md5::digest(text)),
        }
        clear_past(&mut digest, self.digits);
        StateHash { rule: *self, digest }
    }
}

impl StateHash {
    /// The rule that made it.
    #[must_use]
    pub const fn rule(&self) -> HashRule {
        self.rule
    }

    /// The kept digits in lower case.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut hex: String = self.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.truncate(usize::from(self.rule.digits));
        hex
    }

    /// The first 16 hexadecimal digits as a number, as peers of this project's runtime exchange it.
    #[must_use]
    pub fn leading_u64(&self) -> u64 {
        self.digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// Whether both are the hash of one state; `None` if their rules differ, because then they
    /// say nothing about each other.
    #[must_use]
    pub fn is_same_state(&self, other: &Self) -> Option<bool> {
        (self.rule == other.rule).then(|| self.digest == other.digest)
    }
}

impl std::fmt::Display for StateHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.hex())
    }
}

fn copy_front(digest: &mut [u8; DIGEST_BYTES], bytes: &[u8]) {
    for (place, byte) in digest.iter_mut().zip(bytes) {
        *place = *byte;
    }
}

fn clear_past(digest: &mut [u8; DIGEST_BYTES], digits: u8) {
    let (whole, is_odd) = (usize::from(digits / 2), digits % 2 == 1);
    for (index, byte) in digest.iter_mut().enumerate().skip(whole) {
        *byte &= if index == whole && is_odd { 0xf0 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Rounding, Separators, TextRoute};

    #[test]
    fn hashes_compare_only_under_one_rule() {
        let direct = HashRule::MUG_DIRECT_HASH.hash_text("{\"a\":1}").unwrap();
        let same = HashRule::MUG_DIRECT_HASH.hash_text("{ \"a\" : 1 }").unwrap();
        let other = HashRule::MUG_DIRECT_HASH.hash_text("{\"a\":2}").unwrap();
        let route = HashRule::MUG_STATE_HASH.hash_text("{\"a\":1}").unwrap();
        assert_eq!(direct.is_same_state(&same), Some(true));
        assert_eq!(direct.is_same_state(&other), Some(false));
        assert_eq!(direct.hex(), route.hex());
        assert_eq!(direct.is_same_state(&route), None);
    }

    #[test]
    fn routes_hash_different_texts() {
        let text = "{\"x\":1.0}";
        let direct = HashRule::MUG_DIRECT_HASH.hash_text(text).unwrap();
        let route = HashRule::MUG_STATE_HASH.hash_text(text).unwrap();
        assert_ne!(direct.hex(), route.hex());
        assert!(HashRule::MUG_DIRECT_HASH.hash_text("[NaN]").is_ok());
        assert!(matches!(
            HashRule::MUG_STATE_HASH.hash_text("[NaN]"),
            Err(HashError::NotStrict(_))
        ));
    }

    #[test]
    fn md5_of_the_spaced_text_is_known() {
        let rule = HashRule {
            algorithm: HashAlgorithm::Md5,
            digits: 32,
            rounding: Rounding::Exact,
            separators: Separators::Spaced,
            route: TextRoute::Direct,
        };
        // RFC 1321 gives the digest of no bytes at all.
        assert_eq!(rule.hash_canonical(b"").hex(), "d41d8cd98f00b204e9800998ecf8427e");
    }
}
