//! What a server offers, all together.

use alloc::vec::Vec;

use mail_wire::MechanismName;

use crate::{Capability, Expire, LoginDelay, RawCapability, Text, Utf8, auth};

/// All that a server said it offers, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(Vec<Capability>);

impl Capabilities {
    /// One after the other.
    pub fn iter(&self) -> core::slice::Iter<'_, Capability> {
        self.0.iter()
    }

    /// Whether there is one with this tag, in any case.
    pub fn has(&self, tag: &str) -> bool {
        self.iter()
            .any(|capability| capability.tag().eq_ignore_ascii_case(tag.as_bytes()))
    }

    /// How long messages are kept, where the server says so.
    pub fn expire(&self) -> Option<Expire> {
        self.iter().find_map(|capability| match capability {
            Capability::Expire(expire) => Some(*expire),
            _ => None,
        })
    }

    /// The time between logins, where the server says so.
    pub fn login_delay(&self) -> Option<LoginDelay> {
        self.iter().find_map(|capability| match capability {
            Capability::LoginDelay(delay) => Some(*delay),
            _ => None,
        })
    }

    /// What the server is, where it says so.
    pub fn implementation(&self) -> Option<&Text> {
        self.iter().find_map(|capability| match capability {
            Capability::Implementation(text) => Some(text),
            _ => None,
        })
    }

    /// The mechanisms that AUTH takes, in the server's order. Words that are no names of mechanisms are left out.
    ///
    /// ```
    /// # use pop3_proto::{Capabilities, Capability};
    /// let capabilities: Capabilities = Capability::parse(b"SASL PLAIN SCRAM-SHA-256").into_iter().collect();
    /// assert!(capabilities.mechanisms().iter().any(|mechanism| mechanism.as_str() == "PLAIN"));
    /// ```
    pub fn mechanisms(&self) -> Vec<MechanismName> {
        let mut all = Vec::new();
        for capability in self {
            match capability {
                Capability::Sasl(mechanisms) => all.extend_from_slice(mechanisms),
                Capability::Other(raw) if raw.tag().eq_ignore_ascii_case(b"SASL") => all.extend(readable(raw)),
                _ => {}
            }
        }
        all
    }

    /// Where the server takes UTF-8, where it says so.
    pub fn utf8(&self) -> Option<Utf8> {
        self.iter().find_map(|capability| match capability {
            Capability::Utf8(utf8) => Some(*utf8),
            _ => None,
        })
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn push(&mut self, capability: Capability) {
        self.0.push(capability);
    }
}

fn readable(raw: &RawCapability) -> impl Iterator<Item = MechanismName> {
    let words = raw.parameters().split(|&octet| octet == b' ');
    words.filter_map(|word| auth::mechanism(word).ok())
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        Self(capabilities.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Capabilities {
    type Item = &'a Capability;
    type IntoIter = core::slice::Iter<'a, Capability>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
