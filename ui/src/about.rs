//! What the names in the selection pane mean: which thing, in which unit, counted from what. Pure.

/// The explanation of a name; empty where the name says it all.
#[must_use]
pub fn about(label: &str) -> &'static str {
    match label {
        // A frame, by peer.
        "state hash" => "The hash that the peer reported for this frame on the wire",
        "compared" => "Whether the hashes that were reported for this frame are equal",
        "stepped" => {
            "Seconds from the episode's first step to this frame's, on the page's own clock"
        }
        "actions" => "Player and action, as the frame was stepped last",
        "was" => "Whether the frame was first stepped on a guess or on real inputs",
        "now" => "Whether all inputs up to this frame are held by now",
        "confirmed" => "Milliseconds from its first step until all its inputs were real",
        "ran again" => {
            "Frames that rollbacks stepped again, from the snapshot on; of one frame, how often"
        }
        "rollbacks" => {
            "Depth in frames of the rollbacks that were discovered before this frame was stepped"
        }
        "lag" => "Frames past the confirmed one when it was stepped",
        // A rollback.
        "peer" => "The peer that rolled back; its own messages or its worker's show it",
        "first incorrect" => "The first frame that had been stepped on a guess that was wrong",
        "depth" => "Frames from the first incorrect one to the one that was about to be stepped",
        "culprit" => "The player whose input was guessed wrong, and came late",
        "predicted" => "The action that was guessed for that player and that frame",
        "actual" => "The action that came for that player and that frame",
        "evidence" => "Number of the captured event that shows it, in its page's order of events",
        "as it is" => "Measured",
        "one batch" => {
            "The rollback as one request: less what its further requests cost beside their execution. Estimated from this session's own requests"
        }
        "unbatched" => {
            "A restore, a request per step and a read: more by what the further requests would cost. Estimated from this session's own requests"
        }
        "round trips" => {
            "Requests to the worker, each with its reply: counted as it is, one as a batch, n + 2 unbatched"
        }
        "took, ms" => {
            "Milliseconds from posting the first request to the last reply: measured as it is; estimated from this session's own requests otherwise, with the same execution"
        }
        "wait, ms" => {
            "Milliseconds from posting until the worker began, summed over the requests: from the worker's own times"
        }
        "execute, ms" => {
            "Milliseconds that the worker executed, summed over the requests: from the worker's own times"
        }
        "reply, ms" => {
            "Milliseconds from the worker's end until the page had the reply, summed over the requests"
        }
        "wait … reply" => {
            "Milliseconds of waiting, executing and replying: the worker says no times of its own"
        }
        // A message.
        "event" => "Number of the captured event in its page's order of events",
        "at" => "Seconds on the page's own clock, from when it was loaded",
        "frame" => {
            "The frame that the page was about to step when the message was sent or received"
        }
        "channel" => "The worker, data channel or socket that carried it",
        "size" => {
            "Bytes of a text or of binary content; of an object its texts, keys and bytes, 8 for a number"
        }
        "status" => "Whether a request has its reply, and whether that says success",
        "round trip" => "From sending the ping to receiving its pong, on the page's own clock",
        "took" => "From sending the request to receiving its reply, on the page's own clock",
        "on its way" => {
            "Two pages' clocks are compared within a band that is often wider than the way takes"
        }
        // A path of the state.
        "class" => {
            "Different, missing at the right, extra at the right, reordered, near (within a relative 1e-9 or an absolute 1e-10), or equal"
        }
        "classes" => "Values inside by class, counted over the rows that are not filtered away",
        "values inside" => {
            "Values below this branch that are not filtered away; an equal list counts as one"
        }
        "change" => {
            "Right minus left, where both are numbers; how many places moved, where a list is reordered"
        }
        "differs on" => {
            "Frames where this path differs between the peers, of the frames whose states both saved"
        }
        "values" => {
            "Values that this path had one after the other, newest first, each at the first saved frame with it"
        }
        "looked through" => "Saved states that were read for the history, back from the shown one",
        // A check.
        "rule" => "The code of the rule, as reports and the command line name it",
        "passed" => "Items in this episode for which the rule holds",
        "failed" => "Items in this episode for which the rule does not hold",
        "not checkable" => "Items in this episode that could not be checked, for the reason given",
        "because" => "Why these items could not be checked",
        // Reports.
        "ids" => "Names of participants, sessions and games in the reports",
        "addresses" => {
            "Addresses of pages, workers and sockets, network candidates, details of the browser"
        }
        "removed" => {
            "Values that the reports lack or hold as a keyed hash, and how many kinds of value these are"
        }
        "byte check" => "Every file was searched for every removed value: how many were found",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explanations_are_sentences_without_an_end() {
        for label in ["state hash", "took, ms", "size", "class", "failed", "byte check"] {
            let text = about(label);
            assert!(
                text.starts_with(char::is_uppercase) && !text.ends_with('.'),
                "{label}: {text}"
            );
        }
        assert_eq!(about("P1"), "");
    }
}
