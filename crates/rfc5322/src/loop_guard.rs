//! Finding mail that goes in circles (RFC 5321 §6.3, RFC 9228).

use alloc::vec::Vec;

use crate::trace::lone_address;
use crate::{AddrSpec, FieldName, Fields, LocalPartCase, RawField};

/// Looks at the trace fields of a message that arrives, and tells whether it was here before.
///
/// Every host adds a `Received` field, so their number tells of a loop anywhere (RFC 5321 §6.3); whoever delivers adds
/// `Delivered-To`, so a mailbox that stands there already gets the message a second time (RFC 9228). The guard keeps at
/// most its limit of addresses.
///
/// ```
/// # use rfc5322::{AddrSpec, LocalPartCase, LoopGuard, MailLoop};
/// let guard = LoopGuard::of(b"Delivered-To: bob@hamburger.edu\r\nSubject: again\r\n\r\n");
/// assert_eq!(guard.check_hops(), Ok(()));
/// let bob = AddrSpec::parse(b"Bob@Hamburger.EDU")?;
/// assert_eq!(guard.check_delivery(&bob, LocalPartCase::Insensitive), Err(MailLoop::Delivered));
/// # Ok::<(), rfc5322::SyntaxError>(())
/// ```
#[derive(Debug, Clone)]
pub struct LoopGuard {
    limit: usize,
    received: usize,
    deliveries: usize,
    delivered_to: Vec<AddrSpec>,
}

/// A message goes in circles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailLoop {
    /// It has more `Received` or `Delivered-To` fields than the limit.
    #[error("the message has passed more than {limit} hosts")]
    TooManyHops {
        /// The limit.
        limit: usize,
    },
    /// It was delivered to this mailbox before.
    #[error("the message was delivered to this mailbox before")]
    Delivered,
}

impl LoopGuard {
    /// How many `Received` fields a message may have unless another limit is set: 100, the least that RFC 5321 §6.3
    /// recommends.
    pub const DEFAULT_LIMIT: usize = 100;

    /// A guard that allows `limit` fields `Received`, and as many `Delivered-To`.
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            received: 0,
            deliveries: 0,
            delivered_to: Vec::new(),
        }
    }

    /// A guard with the default limit that has seen the header section of a message.
    pub fn of(message: &[u8]) -> Self {
        let mut guard = Self::default();
        Fields::new(message).flatten().for_each(|field| guard.observe(&field));
        guard
    }

    /// Looks at a field; at each of the header section's, in any order.
    pub fn observe(&mut self, field: &RawField<'_>) {
        if field.is(&FieldName::RECEIVED) {
            self.received += 1;
        } else if field.is(&FieldName::DELIVERED_TO) {
            self.deliveries += 1;
            if self.deliveries <= self.limit {
                self.delivered_to.extend(lone_address(field.value));
            }
        }
    }

    /// How many `Received` fields the message has.
    pub const fn received(&self) -> usize {
        self.received
    }

    /// The check of every server that takes a message.
    ///
    /// # Errors
    ///
    /// [`MailLoop::TooManyHops`] beyond the limit.
    pub const fn check_hops(&self) -> Result<(), MailLoop> {
        if self.received > self.limit || self.deliveries > self.limit {
            return Err(MailLoop::TooManyHops { limit: self.limit });
        }
        Ok(())
    }

    /// The check of a server that is about to deliver to a mailbox, named as its own `Delivered-To` will name it.
    /// Mailboxes are compared as [`AddrSpec::is_same_mailbox`] does it.
    ///
    /// # Errors
    ///
    /// [`MailLoop::TooManyHops`] beyond the limit, [`MailLoop::Delivered`] if a `Delivered-To` has this mailbox.
    pub fn check_delivery(&self, mailbox: &AddrSpec, case: LocalPartCase) -> Result<(), MailLoop> {
        self.check_hops()?;
        if self
            .delivered_to
            .iter()
            .any(|delivered| delivered.is_same_mailbox(mailbox, case))
        {
            return Err(MailLoop::Delivered);
        }
        Ok(())
    }
}

impl Default for LoopGuard {
    fn default() -> Self {
        Self::new(Self::DEFAULT_LIMIT)
    }
}
