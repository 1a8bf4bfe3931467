//! Which two of several peers are compared: places in the list of peers that saved states.

/// The pair after the user chose the peer at `at` for one side. A peer is never compared with itself: where it
/// stood at the other side, the sides change places.
#[must_use]
pub const fn chosen((left, right): (usize, usize), side: Side, at: usize) -> (usize, usize) {
    match side {
        Side::Left if at == right => (at, left),
        Side::Left => (at, right),
        Side::Right if at == left => (right, at),
        Side::Right => (left, at),
    }
}

/// A side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first value of a row.
    Left,
    /// The second one.
    Right,
}

/// Places of a pair of names among `peers`; the first two where no pair was chosen or one of it is not there.
#[must_use]
pub fn places(pair: Option<&(String, String)>, peers: &[&str]) -> (usize, usize) {
    let place = |name: &str| peers.iter().position(|peer| *peer == name);
    pair.and_then(|(left, right)| place(left).zip(place(right))).unwrap_or((0, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_choice_leaves_a_peer_against_itself() {
        for left in 0..4 {
            for right in (0..4).filter(|right| *right != left) {
                for (side, at) in [Side::Left, Side::Right]
                    .into_iter()
                    .flat_map(|s| (0..4).map(move |at| (s, at)))
                {
                    let (one, other) = chosen((left, right), side, at);
                    assert_ne!(one, other);
                    assert_eq!(
                        if side == Side::Left { one } else { other },
                        at,
                        "the choice is kept"
                    );
                }
            }
        }
    }

    #[test]
    fn a_pair_is_found_by_name_wherever_it_stands() {
        let pair = ("P2".to_owned(), "P4".to_owned());
        assert_eq!(places(Some(&pair), &["P1", "P2", "P3", "P4"]), (1, 3));
        assert_eq!(places(Some(&pair), &["P2", "P4"]), (0, 1));
        assert_eq!(places(Some(&pair), &["P1", "P2"]), (0, 1), "P4 saved no state");
        assert_eq!(places(None, &["P1", "P2", "P3"]), (0, 1));
    }
}
