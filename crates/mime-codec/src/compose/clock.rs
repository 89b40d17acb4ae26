//! What a message needs of the outer world: the time, and an identifier that no other message has.

use std::time::{SystemTime, UNIX_EPOCH};

use rfc5322::{DateTime, Host, MsgId, Zone};

use super::Composer;

/// The time, in UTC.
///
/// # Panics
///
/// If the system's clock stands before 1970 or behind the year 9999.
pub fn now() -> DateTime {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock stands behind 1970");
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    DateTime::from_unix(seconds, Zone::UTC).expect("the clock stands before the year 10000")
}

/// An identifier of 128 random bits at a host, which should be the sender's own.
///
/// # Panics
///
/// If the system has no random numbers.
pub fn unique_id(host: &Host) -> MsgId {
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("the system has random numbers");
    let left = format!("{:032x}", u128::from_be_bytes(random));
    // A host may be as long as a line; 32 digits fit beside it.
    MsgId::new(&left, host.as_str())
        .unwrap_or_else(|_| MsgId::new(&left, "localhost").expect("hexadecimal digits and a name"))
}

impl Composer<'_> {
    /// Gives the message the date of now, and an identifier of its own at the sender's host.
    ///
    /// ```
    /// use mime_codec::compose::{Composer, Transport};
    /// use mime_codec::rfc5322::Host;
    ///
    /// let composer = Composer::new().from("alice@crepes.fr").stamped(&Host::new("crepes.fr")?);
    /// let octets = composer.text("Hi!").to_vec(Transport::SEVEN_BIT)?;
    /// let message = mime_codec::Message::parse(&octets);
    /// assert!(message.date().is_some());
    /// assert!(message.message_id().unwrap().ends_with("@crepes.fr"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stamped(self, host: &Host) -> Self {
        self.date(now()).message_id(unique_id(host))
    }
}
