//! Times as the store keeps them: whole milliseconds since 1970, in 64 bits.

use std::time::{Duration, SystemTime};

/// This moment, as it will be read back.
pub(super) fn now() -> SystemTime {
    from_millis(to_millis(SystemTime::now()))
}

/// Rounds down, so that nothing becomes due later than it was set; times before 1970 become 1970.
pub(super) fn to_millis(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The inverse of [`to_millis`]; a number that no clock shows becomes 1970.
pub(super) fn from_millis(millis: i64) -> SystemTime {
    let since = Duration::from_millis(millis.try_into().unwrap_or(0));
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
