//! Where the chosen finding stands after others came in: live, a worse one may come to stand before it. Pure.

use rollscope::timeline::FindingRow;

/// What tells a finding from others while its numbers grow: its rule, and which of that rule's it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    code: String,
    frame: Option<u32>,
    nth: usize,
}

/// Those of a list, in its order.
#[must_use]
pub fn identities(findings: &[FindingRow]) -> Vec<Identity> {
    let mut all: Vec<Identity> = Vec::new();
    for finding in findings {
        let (code, frame) = (finding.code.clone(), finding.frame.map(|frame| frame.0));
        let nth = all.iter().filter(|one| one.code == code && one.frame == frame).count();
        all.push(Identity { code, frame, nth });
    }
    all
}

/// The place in `now` of what stood at `place` in `before`; of a finding that begins at another frame by now, the
/// place of the first of its rule. `None` where it is there no more.
#[must_use]
pub fn place_now(before: &[Identity], now: &[Identity], place: usize) -> Option<usize> {
    let one = before.get(place)?;
    now.iter()
        .position(|other| other == one)
        .or_else(|| now.iter().position(|other| other.code == one.code))
}

#[cfg(test)]
mod tests {
    use rollscope::frame::Frame;
    use rollscope::verify::Severity;

    use super::*;

    fn rows(all: &[(&str, Option<u32>)]) -> Vec<Identity> {
        let row = |(code, frame): &(&str, Option<u32>)| FindingRow {
            code: (*code).to_owned(),
            severity: Severity::Notice,
            text: String::new(),
            detail: String::new(),
            frame: frame.map(Frame),
            count: 1,
        };
        identities(&all.iter().map(row).collect::<Vec<_>>())
    }

    #[test]
    fn a_finding_is_known_again_behind_a_worse_one_and_among_others_of_its_rule() {
        let before = rows(&[("rows", Some(9)), ("rows", Some(9)), ("trips", None)]);
        let now = rows(&[("hash", Some(7)), ("rows", Some(9)), ("rows", Some(9)), ("trips", None)]);
        let places: Vec<_> = (0..4).map(|place| place_now(&before, &now, place)).collect();
        assert_eq!(places, [Some(1), Some(2), Some(3), None]);
    }

    #[test]
    fn one_that_begins_earlier_by_now_is_the_same_and_one_that_is_gone_is_none() {
        let before = rows(&[("hash", Some(7)), ("gone", Some(1))]);
        let now = rows(&[("trips", None), ("hash", Some(5))]);
        assert_eq!(place_now(&before, &now, 0), Some(1));
        assert_eq!(place_now(&before, &now, 1), None);
    }
}
