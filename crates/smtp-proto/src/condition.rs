//! The registry of enhanced codes by name (RFC 5248 §2; RFC 3463 §3, and the RFCs that added to it: RFC 4468 §3, RFC 4954 §6,
//! RFC 6531 §4, RFC 6710 §7, RFC 7293 §12, RFC 7372 §3, RFC 7505 §6, RFC 8689 §8).

use core::fmt;

use crate::{Class, EnhancedCode};

/// Subject and detail of an enhanced code: what has happened, whatever the class.
///
/// ```
/// # use smtp_proto::Condition;
/// assert_eq!(Condition::MAILBOX_FULL.transient().to_string(), "4.2.2");
/// assert_eq!(Condition::BAD_MAILBOX.permanent().to_string(), "5.1.1");
/// assert_eq!("5.7.30".parse::<smtp_proto::EnhancedCode>().unwrap().condition(), Condition::REQUIRE_TLS_REQUIRED);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    pub(crate) subject: u16,
    pub(crate) detail: u16,
}

impl Condition {
    /// `2.x.y`
    pub const fn success(self) -> EnhancedCode {
        EnhancedCode::known(Class::Positive, self.subject, self.detail)
    }

    /// `4.x.y`
    pub const fn transient(self) -> EnhancedCode {
        EnhancedCode::known(Class::Transient, self.subject, self.detail)
    }

    /// `5.x.y`
    pub const fn permanent(self) -> EnhancedCode {
        EnhancedCode::known(Class::Permanent, self.subject, self.detail)
    }

    /// What the registry calls it; `None` for what is not in it.
    pub fn description(self) -> Option<&'static str> {
        let entry = REGISTRY.iter().find(|(condition, _)| *condition == self)?;
        Some(entry.1)
    }

    const fn new(subject: u16, detail: u16) -> Self {
        Self { subject, detail }
    }
}

/// `X.2.2`
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X.{}.{}", self.subject, self.detail)
    }
}

#[allow(missing_docs, reason = "each is described in the registry below")]
impl Condition {
    pub const UNDEFINED: Self = Self::new(0, 0);
    pub const OTHER_ADDRESS_STATUS: Self = Self::new(1, 0);
    pub const BAD_MAILBOX: Self = Self::new(1, 1);
    pub const BAD_SYSTEM: Self = Self::new(1, 2);
    pub const BAD_MAILBOX_SYNTAX: Self = Self::new(1, 3);
    pub const AMBIGUOUS_MAILBOX: Self = Self::new(1, 4);
    pub const ADDRESS_VALID: Self = Self::new(1, 5);
    pub const MAILBOX_MOVED: Self = Self::new(1, 6);
    pub const BAD_SENDER_SYNTAX: Self = Self::new(1, 7);
    pub const BAD_SENDER_SYSTEM: Self = Self::new(1, 8);
    pub const NON_COMPLIANT_MAILER: Self = Self::new(1, 9);
    pub const RECIPIENT_NULL_MX: Self = Self::new(1, 10);
    pub const OTHER_MAILBOX_STATUS: Self = Self::new(2, 0);
    pub const MAILBOX_DISABLED: Self = Self::new(2, 1);
    pub const MAILBOX_FULL: Self = Self::new(2, 2);
    pub const MESSAGE_OVER_QUOTA: Self = Self::new(2, 3);
    pub const LIST_EXPANSION_PROBLEM: Self = Self::new(2, 4);
    pub const OTHER_SYSTEM_STATUS: Self = Self::new(3, 0);
    pub const SYSTEM_FULL: Self = Self::new(3, 1);
    pub const SYSTEM_NOT_ACCEPTING: Self = Self::new(3, 2);
    pub const FEATURES_NOT_SUPPORTED: Self = Self::new(3, 3);
    pub const MESSAGE_TOO_BIG: Self = Self::new(3, 4);
    pub const SYSTEM_MISCONFIGURED: Self = Self::new(3, 5);
    pub const PRIORITY_CHANGED: Self = Self::new(3, 6);
    pub const OTHER_NETWORK_STATUS: Self = Self::new(4, 0);
    pub const NO_ANSWER: Self = Self::new(4, 1);
    pub const BAD_CONNECTION: Self = Self::new(4, 2);
    pub const DIRECTORY_FAILURE: Self = Self::new(4, 3);
    pub const UNABLE_TO_ROUTE: Self = Self::new(4, 4);
    pub const CONGESTION: Self = Self::new(4, 5);
    pub const ROUTING_LOOP: Self = Self::new(4, 6);
    pub const DELIVERY_EXPIRED: Self = Self::new(4, 7);
    pub const OTHER_PROTOCOL_STATUS: Self = Self::new(5, 0);
    pub const INVALID_COMMAND: Self = Self::new(5, 1);
    pub const SYNTAX_ERROR: Self = Self::new(5, 2);
    pub const TOO_MANY_RECIPIENTS: Self = Self::new(5, 3);
    pub const INVALID_ARGUMENTS: Self = Self::new(5, 4);
    pub const WRONG_VERSION: Self = Self::new(5, 5);
    pub const AUTH_LINE_TOO_LONG: Self = Self::new(5, 6);
    pub const OTHER_MEDIA_ERROR: Self = Self::new(6, 0);
    pub const MEDIA_NOT_SUPPORTED: Self = Self::new(6, 1);
    pub const CONVERSION_PROHIBITED: Self = Self::new(6, 2);
    pub const CONVERSION_NOT_SUPPORTED: Self = Self::new(6, 3);
    pub const CONVERSION_WITH_LOSS: Self = Self::new(6, 4);
    pub const CONVERSION_FAILED: Self = Self::new(6, 5);
    pub const CONTENT_NOT_AVAILABLE: Self = Self::new(6, 6);
    pub const NON_ASCII_ADDRESS: Self = Self::new(6, 7);
    pub const UTF8_REPLY_NEEDED: Self = Self::new(6, 8);
    pub const UTF8_HEADER_REFUSED: Self = Self::new(6, 9);
    pub const OTHER_SECURITY_STATUS: Self = Self::new(7, 0);
    pub const NOT_AUTHORIZED: Self = Self::new(7, 1);
    pub const EXPANSION_PROHIBITED: Self = Self::new(7, 2);
    pub const SECURITY_CONVERSION: Self = Self::new(7, 3);
    pub const SECURITY_NOT_SUPPORTED: Self = Self::new(7, 4);
    pub const CRYPTOGRAPHIC_FAILURE: Self = Self::new(7, 5);
    pub const ALGORITHM_NOT_SUPPORTED: Self = Self::new(7, 6);
    pub const INTEGRITY_FAILURE: Self = Self::new(7, 7);
    pub const CREDENTIALS_INVALID: Self = Self::new(7, 8);
    pub const MECHANISM_TOO_WEAK: Self = Self::new(7, 9);
    pub const ENCRYPTION_NEEDED: Self = Self::new(7, 10);
    pub const ENCRYPTION_REQUIRED_FOR_MECHANISM: Self = Self::new(7, 11);
    pub const PASSWORD_TRANSITION: Self = Self::new(7, 12);
    pub const ACCOUNT_DISABLED: Self = Self::new(7, 13);
    pub const TRUST_REQUIRED: Self = Self::new(7, 14);
    pub const PRIORITY_TOO_LOW: Self = Self::new(7, 15);
    pub const TOO_BIG_FOR_PRIORITY: Self = Self::new(7, 16);
    pub const MAILBOX_OWNER_CHANGED: Self = Self::new(7, 17);
    pub const DOMAIN_OWNER_CHANGED: Self = Self::new(7, 18);
    pub const RRVS_INCOMPLETE: Self = Self::new(7, 19);
    pub const DKIM_NONE_PASSED: Self = Self::new(7, 20);
    pub const DKIM_NONE_ACCEPTABLE: Self = Self::new(7, 21);
    pub const DKIM_NONE_OF_AUTHOR: Self = Self::new(7, 22);
    pub const SPF_FAILED: Self = Self::new(7, 23);
    pub const SPF_ERROR: Self = Self::new(7, 24);
    pub const REVERSE_DNS_FAILED: Self = Self::new(7, 25);
    pub const AUTHENTICATION_CHECKS_FAILED: Self = Self::new(7, 26);
    pub const SENDER_NULL_MX: Self = Self::new(7, 27);
    pub const MAIL_FLOOD: Self = Self::new(7, 28);
    pub const ARC_FAILED: Self = Self::new(7, 29);
    pub const REQUIRE_TLS_REQUIRED: Self = Self::new(7, 30);
}

/// Each code once. `X.6.10` is a duplicate of `X.6.8` and left out (RFC 6531 §4).
const REGISTRY: &[(Condition, &str)] = &[
    (Condition::UNDEFINED, "Other undefined status"),
    (Condition::OTHER_ADDRESS_STATUS, "Other address status"),
    (Condition::BAD_MAILBOX, "Bad destination mailbox address"),
    (Condition::BAD_SYSTEM, "Bad destination system address"),
    (Condition::BAD_MAILBOX_SYNTAX, "Bad destination mailbox address syntax"),
    (Condition::AMBIGUOUS_MAILBOX, "Destination mailbox address ambiguous"),
    (Condition::ADDRESS_VALID, "Destination address valid"),
    (
        Condition::MAILBOX_MOVED,
        "Destination mailbox has moved, no forwarding address",
    ),
    (Condition::BAD_SENDER_SYNTAX, "Bad sender's mailbox address syntax"),
    (Condition::BAD_SENDER_SYSTEM, "Bad sender's system address"),
    (
        Condition::NON_COMPLIANT_MAILER,
        "Message relayed to non-compliant mailer",
    ),
    (Condition::RECIPIENT_NULL_MX, "Recipient address has null MX"),
    (Condition::OTHER_MAILBOX_STATUS, "Other or undefined mailbox status"),
    (Condition::MAILBOX_DISABLED, "Mailbox disabled, not accepting messages"),
    (Condition::MAILBOX_FULL, "Mailbox full"),
    (
        Condition::MESSAGE_OVER_QUOTA,
        "Message length exceeds administrative limit",
    ),
    (Condition::LIST_EXPANSION_PROBLEM, "Mailing list expansion problem"),
    (Condition::OTHER_SYSTEM_STATUS, "Other or undefined mail system status"),
    (Condition::SYSTEM_FULL, "Mail system full"),
    (Condition::SYSTEM_NOT_ACCEPTING, "System not accepting network messages"),
    (
        Condition::FEATURES_NOT_SUPPORTED,
        "System not capable of selected features",
    ),
    (Condition::MESSAGE_TOO_BIG, "Message too big for system"),
    (Condition::SYSTEM_MISCONFIGURED, "System incorrectly configured"),
    (Condition::PRIORITY_CHANGED, "Requested priority was changed"),
    (
        Condition::OTHER_NETWORK_STATUS,
        "Other or undefined network or routing status",
    ),
    (Condition::NO_ANSWER, "No answer from host"),
    (Condition::BAD_CONNECTION, "Bad connection"),
    (Condition::DIRECTORY_FAILURE, "Directory server failure"),
    (Condition::UNABLE_TO_ROUTE, "Unable to route"),
    (Condition::CONGESTION, "Mail system congestion"),
    (Condition::ROUTING_LOOP, "Routing loop detected"),
    (Condition::DELIVERY_EXPIRED, "Delivery time expired"),
    (Condition::OTHER_PROTOCOL_STATUS, "Other or undefined protocol status"),
    (Condition::INVALID_COMMAND, "Invalid command"),
    (Condition::SYNTAX_ERROR, "Syntax error"),
    (Condition::TOO_MANY_RECIPIENTS, "Too many recipients"),
    (Condition::INVALID_ARGUMENTS, "Invalid command arguments"),
    (Condition::WRONG_VERSION, "Wrong protocol version"),
    (
        Condition::AUTH_LINE_TOO_LONG,
        "Authentication exchange line is too long",
    ),
    (Condition::OTHER_MEDIA_ERROR, "Other or undefined media error"),
    (Condition::MEDIA_NOT_SUPPORTED, "Media not supported"),
    (Condition::CONVERSION_PROHIBITED, "Conversion required and prohibited"),
    (
        Condition::CONVERSION_NOT_SUPPORTED,
        "Conversion required but not supported",
    ),
    (Condition::CONVERSION_WITH_LOSS, "Conversion with loss performed"),
    (Condition::CONVERSION_FAILED, "Conversion failed"),
    (Condition::CONTENT_NOT_AVAILABLE, "Message content not available"),
    (
        Condition::NON_ASCII_ADDRESS,
        "Non-ASCII addresses not permitted for that sender or recipient",
    ),
    (
        Condition::UTF8_REPLY_NEEDED,
        "UTF-8 string reply is required, but not permitted by the SMTP client",
    ),
    (
        Condition::UTF8_HEADER_REFUSED,
        "UTF-8 header message cannot be transferred to one or more recipients",
    ),
    (Condition::OTHER_SECURITY_STATUS, "Other or undefined security status"),
    (Condition::NOT_AUTHORIZED, "Delivery not authorized, message refused"),
    (Condition::EXPANSION_PROHIBITED, "Mailing list expansion prohibited"),
    (
        Condition::SECURITY_CONVERSION,
        "Security conversion required but not possible",
    ),
    (Condition::SECURITY_NOT_SUPPORTED, "Security features not supported"),
    (Condition::CRYPTOGRAPHIC_FAILURE, "Cryptographic failure"),
    (
        Condition::ALGORITHM_NOT_SUPPORTED,
        "Cryptographic algorithm not supported",
    ),
    (Condition::INTEGRITY_FAILURE, "Message integrity failure"),
    (Condition::CREDENTIALS_INVALID, "Authentication credentials invalid"),
    (Condition::MECHANISM_TOO_WEAK, "Authentication mechanism is too weak"),
    (Condition::ENCRYPTION_NEEDED, "Encryption needed"),
    (
        Condition::ENCRYPTION_REQUIRED_FOR_MECHANISM,
        "Encryption required for requested authentication mechanism",
    ),
    (Condition::PASSWORD_TRANSITION, "A password transition is needed"),
    (Condition::ACCOUNT_DISABLED, "User account disabled"),
    (Condition::TRUST_REQUIRED, "Trust relationship required"),
    (Condition::PRIORITY_TOO_LOW, "Priority level is too low"),
    (
        Condition::TOO_BIG_FOR_PRIORITY,
        "Message is too big for the specified priority",
    ),
    (Condition::MAILBOX_OWNER_CHANGED, "Mailbox owner has changed"),
    (Condition::DOMAIN_OWNER_CHANGED, "Domain owner has changed"),
    (Condition::RRVS_INCOMPLETE, "RRVS test cannot be completed"),
    (Condition::DKIM_NONE_PASSED, "No passing DKIM signature found"),
    (Condition::DKIM_NONE_ACCEPTABLE, "No acceptable DKIM signature found"),
    (
        Condition::DKIM_NONE_OF_AUTHOR,
        "No valid author-matched DKIM signature found",
    ),
    (Condition::SPF_FAILED, "SPF validation failed"),
    (Condition::SPF_ERROR, "SPF validation error"),
    (Condition::REVERSE_DNS_FAILED, "Reverse DNS validation failed"),
    (
        Condition::AUTHENTICATION_CHECKS_FAILED,
        "Multiple authentication checks failed",
    ),
    (Condition::SENDER_NULL_MX, "Sender address has null MX"),
    (Condition::MAIL_FLOOD, "Mail flood detected"),
    (Condition::ARC_FAILED, "ARC validation failure"),
    (Condition::REQUIRE_TLS_REQUIRED, "REQUIRETLS support required"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_in_the_registry_once_and_in_order() {
        let numbers = REGISTRY
            .iter()
            .map(|(condition, _)| (condition.subject, condition.detail));
        assert!(numbers.is_sorted_by(|a, b| a < b));
        for (condition, description) in REGISTRY {
            assert_eq!(condition.description(), Some(*description));
        }
        assert_eq!(Condition::new(9, 9).description(), None);
    }
}
