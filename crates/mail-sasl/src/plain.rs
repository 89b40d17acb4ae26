//! PLAIN (RFC 4616).

use mail_wire::Secret;

use crate::UserName;
use crate::credentials::check_password;
use crate::syntax::{self, Syntax};

/// ```abnf
/// message = [authzid] UTF8NUL authcid UTF8NUL passwd
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) authzid: Option<UserName>,
    pub(crate) authcid: UserName,
    pub(crate) password: Secret,
}

impl Message {
    pub(crate) fn parse(message: &[u8]) -> Result<Self, Syntax> {
        let mut fields = message.splitn(3, |&octet| octet == 0);
        let (Some(authzid), Some(authcid), Some(password)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(Syntax::new(message.len(), "NUL"));
        };
        let behind = authzid.len() + 1;
        check_password(password).map_err(|_| Syntax::new(behind + authcid.len() + 1, "a password"))?;
        let authzid = if authzid.is_empty() {
            None
        } else {
            Some(name(authzid, 0)?)
        };
        let authcid = name(authcid, behind)?;
        Ok(Self {
            authzid,
            authcid,
            password: Secret::from(password),
        })
    }

    pub(crate) fn encode(&self) -> Secret {
        let authzid = self.authzid.as_ref().map_or("", UserName::as_str);
        let parts = [
            authzid.as_bytes(),
            b"\0",
            self.authcid.as_str().as_bytes(),
            b"\0",
            self.password.expose(),
        ];
        // `concat` allocates once, so that no copy of the password stays behind.
        Secret::from(parts.concat())
    }
}

/// A user name that a message holds from `offset` on.
pub(crate) fn name(octets: &[u8], offset: usize) -> Result<UserName, Syntax> {
    let text = syntax::text(octets).map_err(|fault| Syntax::new(offset + fault.offset, fault.expected))?;
    UserName::new(text).map_err(|_| Syntax::new(offset, "a user name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4616 §4
    #[test]
    fn examples_of_the_rfc() {
        let message = Message::parse(b"\0tim\0tanstaaftanstaaf").unwrap();
        assert_eq!((message.authzid.is_none(), message.authcid.as_str()), (true, "tim"));
        let message = Message::parse(b"Ursel\0Kurt\0xipj3plmq").unwrap();
        assert_eq!(message.authzid.as_ref().map(UserName::as_str), Some("Ursel"));
        assert!(message.password.matches(b"xipj3plmq"));
        assert!(message.encode().matches(b"Ursel\0Kurt\0xipj3plmq"));
    }

    #[test]
    fn all_short_messages() {
        // With one letter and NUL, the grammar is small enough to say it once more: two NULs, a name and a password.
        for length in 0..8 {
            for bits in 0..1u32 << length {
                let message: Vec<u8> = (0..length).map(|i| if bits >> i & 1 == 1 { 0 } else { b'a' }).collect();
                let text = String::from_utf8(message.clone()).unwrap();
                let fields: Vec<&str> = text.split('\0').collect();
                let legal = fields.len() == 3 && !fields[1].is_empty() && !fields[2].is_empty();
                let parsed = Message::parse(&message);
                assert_eq!(parsed.is_ok(), legal, "{text:?}");
                assert!(parsed.is_err() || parsed.unwrap().encode().matches(&message));
            }
        }
    }

    #[test]
    fn faults() {
        assert_eq!(Message::parse(b"ab"), Err(Syntax::new(2, "NUL")));
        assert_eq!(Message::parse(b"z\0\xff\0p"), Err(Syntax::new(2, "UTF-8")));
        assert_eq!(Message::parse(b"\0a\nb\0p"), Err(Syntax::new(1, "a user name")));
        assert_eq!(Message::parse(b"\0a\0p\0q"), Err(Syntax::new(3, "a password")));
    }
}
