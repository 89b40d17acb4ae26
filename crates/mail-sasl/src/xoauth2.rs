//! XOAUTH2: what Google and Microsoft asked for before RFC 7628, and still take.

use mail_wire::Secret;

use crate::syntax::{self, Fields, Syntax};
use crate::{UserName, token};

/// ```abnf
/// message = "user=" user-name %x01 "auth=Bearer " token %x01 %x01
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) user: UserName,
    pub(crate) token: Secret,
}

impl Message {
    pub(crate) fn encode(&self) -> Secret {
        let user = self.user.as_str().as_bytes();
        Secret::from([b"user=", user, b"\x01auth=Bearer ", self.token.expose(), b"\x01\x01"].concat())
    }

    pub(crate) fn parse(message: &[u8]) -> Result<Self, Syntax> {
        let text = syntax::text(message)?;
        let mut fields = Fields::new(text, '\x01');
        let user = fields.value("user", "a user")?;
        let user = UserName::new(user).map_err(|_| Syntax::new(5, "a user name"))?;
        let offset = fields.offset();
        let token = token::of_authorization(fields.value("auth", "a bearer token")?);
        let token = token.ok_or(Syntax::new(offset, "a bearer token"))?;
        if fields.is_empty() || fields.rest() != "\x01" {
            return Err(Syntax::new(fields.offset(), "two separators and the end"));
        }
        Ok(Self { user, token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written() {
        let wire = b"user=alice@example.org\x01auth=Bearer ya29.vF9dft4qmTc2\x01\x01";
        let message = Message::parse(wire).unwrap();
        assert_eq!(message.user.as_str(), "alice@example.org");
        assert!(message.encode().matches(wire));
    }

    #[test]
    fn faults() {
        for message in [
            "",
            "user=a",
            "user=a\x01",
            "user=\x01auth=Bearer x\x01\x01",
            "user=a\x01auth=Bearer x",
            "user=a\x01auth=Bearer x\x01",
            "user=a\x01auth=Bearer x\x01\x01\x01",
            "user=a\x01auth=Bearer x\x01y\x01",
            "user=a\x01auth=x\x01\x01",
            "auth=Bearer x\x01user=a\x01\x01",
        ] {
            assert!(Message::parse(message.as_bytes()).is_err(), "{message:?}");
        }
    }
}
