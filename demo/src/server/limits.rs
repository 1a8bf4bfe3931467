//! How much one client may say: a bucket that time refills.
//!
//! Times come in from the sockets; what happens to a client that says too much is decided there.

/// Messages per second in the long run: six players by relay say about 700.
const MESSAGES_PER_SECOND: f64 = 1_500.0;

/// Bytes per second in the long run.
const BYTES_PER_SECOND: f64 = 1_000_000.0;

/// Seconds of the long run that may be said at once.
const BURST_SECONDS: f64 = 3.0;

/// A bucket of anything.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    left: f64,
    per_second: f64,
    last_millis: u64,
}

impl Bucket {
    /// A full bucket of messages.
    pub(super) fn of_messages(now_millis: u64) -> Self {
        Self::new(MESSAGES_PER_SECOND, now_millis)
    }

    /// A full bucket of bytes.
    pub(super) fn of_bytes(now_millis: u64) -> Self {
        Self::new(BYTES_PER_SECOND, now_millis)
    }

    fn new(per_second: f64, now_millis: u64) -> Self {
        Self { left: per_second * BURST_SECONDS, per_second, last_millis: now_millis }
    }

    /// Takes so many out; `false` once there are not as many.
    pub(super) fn take(&mut self, now_millis: u64, count: usize) -> bool {
        let seconds = now_millis.saturating_sub(self.last_millis) as f64 / 1000.0;
        self.last_millis = self.last_millis.max(now_millis);
        let full = self.per_second * BURST_SECONDS;
        self.left = (self.left + seconds * self.per_second).min(full) - count as f64;
        self.left >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_client_is_never_refused_and_a_flood_is() {
        let mut bucket = Bucket::of_messages(0);
        assert!((0..60_000).all(|millis| bucket.take(millis, 1)), "1,000 a second is fine");
        let allowed = (0..20_000).take_while(|_| bucket.take(60_000, 1)).count();
        assert!((4_000..5_000).contains(&allowed), "{allowed}");
        assert!(bucket.take(70_000, 1), "it is forgiven after a while");
    }

    #[test]
    fn one_huge_message_is_a_flood_too() {
        let mut bucket = Bucket::of_bytes(0);
        let allowed = (0..1_000).take_while(|_| bucket.take(0, 60_000)).count();
        assert_eq!(allowed, 50);
    }
}
