//! Why there is no way to a domain.

use smtp_proto::Refusal;
use thiserror::Error;

use crate::dns::Failure;

/// Why mail for a domain cannot be sent, or cannot be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RouteError {
    /// What stands behind the `@` is neither a domain nor an address.
    #[error("not a domain")]
    NotADomain,
    /// The domain does not exist.
    #[error("the domain does not exist")]
    NoSuchDomain,
    /// The domain has neither MX records nor an address.
    #[error("the domain has no mail exchanger and no address")]
    NoMailService,
    /// The domain says that it takes no mail (RFC 7505 §3).
    #[error("the domain takes no mail")]
    NullMx,
    /// None of the hosts in the MX records exists.
    #[error("none of the domain's mail exchangers has an address")]
    NoExchangerFound,
    /// The mail exchanger is this host, which does not know the domain.
    #[error("mail for the domain loops back to this host")]
    Loop,
    /// The DNS gave no answer.
    #[error("the DNS cannot tell: {0}")]
    Dns(Failure),
}

impl RouteError {
    /// Whether to give up rather than to try again later.
    pub const fn is_permanent(self) -> bool {
        !matches!(self, Self::Dns(_))
    }

    /// What to say to the sender, with the codes of RFC 3463 and RFC 7505 §4.1.
    pub fn refusal(self) -> Refusal {
        let (code, enhanced, text) = match self {
            Self::NotADomain => (
                550,
                "5.1.2",
                "The address has no valid domain; check it for typing errors",
            ),
            Self::NoSuchDomain => (550, "5.1.2", "The domain does not exist; check it for typing errors"),
            Self::NoMailService => (550, "5.1.2", "The domain has no mail server"),
            Self::NullMx => (556, "5.1.10", "The domain says that it takes no mail"),
            Self::NoExchangerFound => (550, "5.4.4", "None of the domain's mail servers can be found"),
            Self::Loop => (554, "5.4.6", "Mail for the domain loops back to myself"),
            Self::Dns(_) => (
                451,
                "4.4.3",
                "The domain's mail servers cannot be looked up, will try again",
            ),
        };
        Refusal::new(code, enhanced, text).expect("a test makes all of them")
    }

    /// What a failed question for the MX records of a domain means.
    pub(super) const fn of_domain(failure: Failure) -> Self {
        match failure {
            Failure::NotAName => Self::NotADomain,
            Failure::NoSuchDomain => Self::NoSuchDomain,
            Failure::NoRecords => Self::NoMailService,
            _ => Self::Dns(failure),
        }
    }

    /// What a failed question for the address of a configured host means. Its operator may have mistyped it, which is
    /// no reason to bounce mail.
    pub(super) const fn of_host(failure: Failure) -> Self {
        Self::Dns(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_reply() {
        let cases = [
            (RouteError::NotADomain, "550 5.1.2", true),
            (RouteError::NoSuchDomain, "550 5.1.2", true),
            (RouteError::NoMailService, "550 5.1.2", true),
            (RouteError::NullMx, "556 5.1.10", true),
            (RouteError::NoExchangerFound, "550 5.4.4", true),
            (RouteError::Loop, "554 5.4.6", true),
            (RouteError::Dns(Failure::Timeout), "451 4.4.3", false),
        ];
        for (error, reply, permanent) in cases {
            assert!(error.refusal().to_string().starts_with(reply), "{error}");
            assert_eq!(error.is_permanent(), permanent, "{error}");
            assert_eq!(error.refusal().is_transient(), !permanent, "{error}");
        }
    }
}
