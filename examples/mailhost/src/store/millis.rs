//! Times as the store keeps them: whole milliseconds since 1970, in 64 bits.

use std::time::{Duration, SystemTime};

/// This moment, as it will be read back.
pub(super) fn now() -> SystemTime {
    from_millis(to_millis(SystemTime::now()))
}

/// Rounds towards 1970: so nothing becomes due later than it was set.
pub(super) fn to_millis(time: SystemTime) -> i64 {
    let millis = |since: Duration| i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    }
}

/// The inverse of [`to_millis`]; a number that no clock shows becomes 1970.
pub(super) fn from_millis(millis: i64) -> SystemTime {
    let distance = Duration::from_millis(millis.unsigned_abs());
    let time = match millis < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(distance),
        false => SystemTime::UNIX_EPOCH.checked_add(distance),
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
