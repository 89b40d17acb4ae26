//! OAUTHBEARER (RFC 7628).

use mail_wire::Secret;

use crate::credentials::Endpoint;
use crate::scram::message::{Flag, Gs2Header};
use crate::syntax::{self, Fields, Syntax};
use crate::{UserName, token};

/// ```abnf
/// client-resp = gs2-header kvsep *kvpair kvsep
/// kvpair      = key "=" value kvsep
/// kvsep       = %x01
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) user: Option<UserName>,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) token: Secret,
}

/// What a client answers to a refusal, so that the exchange can end (RFC 7628 §3.2.3).
pub(crate) const DUMMY: &[u8] = b"\x01";

impl Message {
    pub(crate) fn encode(&self) -> Secret {
        let header = Gs2Header {
            flag: Flag::None,
            authzid: self.user.clone(),
        }
        .encode();
        let endpoint = match &self.endpoint {
            Some(Endpoint { host, port }) => format!("host={}\x01port={port}\x01", host.as_str()),
            None => String::new(),
        };
        let parts = [
            header.as_bytes(),
            b"\x01",
            endpoint.as_bytes(),
            b"auth=Bearer ",
            self.token.expose(),
            b"\x01\x01",
        ];
        Secret::from(parts.concat())
    }

    /// Keys that are not known are ignored.
    pub(crate) fn parse(message: &[u8]) -> Result<Self, Syntax> {
        let text = syntax::text(message)?;
        let mut fields = Fields::new(text, '\x01');
        let header = Gs2Header::parse(fields.next("a GS2 header")?)?;
        if matches!(header.flag, Flag::Used(_)) {
            return Err(Syntax::new(0, "no channel binding"));
        }
        let (mut host, mut port, mut token) = (None, None, None);
        loop {
            let offset = fields.offset();
            let pair = fields.next("an empty field at the end")?;
            if pair.is_empty() {
                break;
            }
            let (key, value) = pair.split_once('=').ok_or(Syntax::new(offset, "a key and a value"))?;
            let fault = Syntax::new(offset, "a valid value, once");
            match key {
                "host" => set(&mut host, UserName::new(value).ok(), fault)?,
                "port" => set(&mut port, value.parse::<u16>().ok(), fault)?,
                "auth" => set(&mut token, token::of_authorization(value), fault)?,
                _ => {}
            }
        }
        if !fields.rest().is_empty() || fields.is_empty() {
            return Err(Syntax::new(fields.offset(), "the end"));
        }
        let token = token.ok_or(Syntax::new(text.len(), "a bearer token"))?;
        let endpoint = host.zip(port).map(|(host, port)| Endpoint { host, port });
        Ok(Self {
            user: header.authzid,
            endpoint,
            token,
        })
    }
}

fn set<T>(slot: &mut Option<T>, value: Option<T>, fault: Syntax) -> Result<(), Syntax> {
    if slot.is_some() || value.is_none() {
        return Err(fault);
    }
    *slot = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message of RFC 7628 §4.1, with names and a token of our own.
    const MESSAGE: &str =
        "n,a=alice@example.org,\x01host=mail.example.org\x01port=143\x01auth=Bearer vF9dft4qmTc2==\x01\x01";

    #[test]
    fn read_and_written() {
        let message = Message::parse(MESSAGE.as_bytes()).unwrap();
        assert_eq!(message.user.as_ref().map(UserName::as_str), Some("alice@example.org"));
        assert_eq!(message.endpoint.as_ref().map(|endpoint| endpoint.port), Some(143));
        assert!(message.token.matches(b"vF9dft4qmTc2=="));
        assert!(message.encode().matches(MESSAGE.as_bytes()));
    }

    #[test]
    fn other_forms() {
        for message in ["n,,\x01auth=bearer a\x01\x01", "y,,\x01x=\x01auth=Bearer  a\x01\x01"] {
            assert!(Message::parse(message.as_bytes()).is_ok(), "{message:?}");
        }
    }

    #[test]
    fn faults() {
        for message in [
            "",
            "\x01",
            "n,,",
            "n,,\x01\x01",
            "n,,\x01auth=Bearer a\x01",
            "n,,\x01auth=Bearer a",
            "n,,\x01auth=Bearer a\x01\x01\x01",
            "n,,\x01auth=Bearer a\x01\x01x",
            "n,,\x01auth=Bearer \x01\x01",
            "n,,\x01auth=Basic a\x01\x01",
            "n,,\x01auth=Bearer a\x01auth=Bearer b\x01\x01",
            "n,,\x01auth\x01\x01",
            "p=tls-exporter,,\x01auth=Bearer a\x01\x01",
            "n,a=,\x01auth=Bearer a\x01\x01",
            "n,a=x,y\x01auth=Bearer a\x01\x01",
            "n,,\x01port=99999\x01auth=Bearer a\x01\x01",
        ] {
            assert!(Message::parse(message.as_bytes()).is_err(), "{message:?}");
        }
    }
}
