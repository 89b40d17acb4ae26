//! Internationalized domain names (RFC 5890, RFC 5891), by the rules of Unicode's UTS #46 that registries and browsers follow.

use alloc::string::String;

use ::idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::{AddrSpec, Host, SyntaxError};

/// Why a name is no internationalized domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdnaError {
    /// A label holds what no label may, or is too long.
    #[error("no internationalized domain name")]
    Label,
    /// The name in ASCII is no domain.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
}

impl Host {
    /// A domain in ASCII from one in Unicode; needs the feature `idna`.
    ///
    /// ```
    /// # use rfc5322::Host;
    /// let host = Host::from_unicode("Bücher.example")?;
    /// assert_eq!(host.as_str(), "xn--bcher-kva.example");
    /// assert_eq!(host.to_unicode(), "bücher.example");
    /// # Ok::<(), rfc5322::IdnaError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`IdnaError`] if there is none.
    pub fn from_unicode(domain: &str) -> Result<Self, IdnaError> {
        if domain.starts_with('[') {
            return Ok(Self::new(domain)?);
        }
        let ascii = Uts46::new().to_ascii(
            domain.as_bytes(),
            AsciiDenyList::EMPTY,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        );
        Ok(Self::new(&ascii.map_err(|_| IdnaError::Label)?)?)
    }

    /// The domain for people; needs the feature `idna`. Labels that cannot be shown stay as they are, and letters of
    /// several scripts may look alike: compare domains, never what is shown of them.
    pub fn to_unicode(&self) -> String {
        let (unicode, result) = Uts46::new().to_unicode(self.as_str().as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
        match result {
            Ok(()) => unicode.into_owned(),
            Err(_) => self.as_str().into(),
        }
    }
}

impl AddrSpec {
    /// The same address with its domain in ASCII; needs the feature `idna`. The local part stays as it is: only its own
    /// host knows what it means (RFC 5321 §2.3.11).
    ///
    /// # Errors
    ///
    /// [`IdnaError`] if the domain has no such form.
    pub fn with_ascii_domain(self) -> Result<Self, IdnaError> {
        let domain = Host::from_unicode(self.domain().as_str())?;
        Ok(self.with_domain(domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn domains_go_both_ways() {
        for (unicode, ascii) in [
            ("exämple.org", "xn--exmple-cua.org"),
            ("EXAMPLE.org", "example.org"),
            ("例え.jp", "xn--r8jz45g.jp"),
            ("my_pc", "my_pc"),
            ("[192.0.2.1]", "[192.0.2.1]"),
        ] {
            let host = Host::from_unicode(unicode).unwrap();
            assert_eq!(host.as_str(), ascii);
            assert_eq!(host.to_unicode(), unicode.to_lowercase());
        }
        for bad in ["", "a..b", "-a.example", "a\u{200e}b", "xn--a", "a b", &"ä".repeat(70)] {
            assert!(Host::from_unicode(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Host::new("xn--a").unwrap().to_unicode(), "xn--a");
    }

    #[test]
    fn local_parts_stay() {
        let zoe = AddrSpec::parse_utf8("Zoë@Exämple.org").unwrap();
        assert_eq!(zoe.with_ascii_domain().unwrap().to_string(), "Zoë@xn--exmple-cua.org");
    }
}
