//! CRAM-MD5 (RFC 2195).

use mail_wire::Secret;
use md5::Md5;

use crate::syntax::Syntax;
use crate::{Nonce, UserName, hash, plain};

/// ```abnf
/// response = user-name SP digest   ; 32 hexadecimal digits, in lower case
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) user: UserName,
    pub(crate) digest: Secret,
}

impl Response {
    pub(crate) fn new(user: UserName, password: &Secret, challenge: &[u8]) -> Self {
        Self {
            user,
            digest: digest(password, challenge),
        }
    }

    /// A name may hold spaces; the digest does not.
    pub(crate) fn parse(response: &[u8]) -> Result<Self, Syntax> {
        let space = response.iter().rposition(|&octet| octet == b' ');
        let space = space.ok_or(Syntax::new(response.len(), "a space"))?;
        let digest = &response[space + 1..];
        if digest.len() != 32 || !digest.iter().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(Syntax::new(space + 1, "32 hexadecimal digits in lower case"));
        }
        let user = plain::name(&response[..space], 0)?;
        Ok(Self {
            user,
            digest: Secret::from(digest),
        })
    }

    pub(crate) fn encode(&self) -> Secret {
        Secret::from([self.user.as_str().as_bytes(), b" ", self.digest.expose()].concat())
    }
}

/// A challenge in the form of a message id, as RFC 2195 §2 asks for. What the nonce holds besides letters and digits would
/// not be one.
pub(crate) fn challenge(nonce: &Nonce, host: &str) -> Vec<u8> {
    let unique: String = nonce.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("<{unique}@{host}>").into_bytes()
}

/// The keyed digest, in hexadecimal digits.
pub(crate) fn digest(password: &Secret, challenge: &[u8]) -> Secret {
    let digest = hash::keyed::<Md5>(password.expose(), &[challenge]);
    let digits = digest.expose().iter().flat_map(|octet| [octet >> 4, octet & 15]);
    Secret::from(
        digits
            .map(|digit| b"0123456789abcdef"[usize::from(digit)])
            .collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2195 §2
    #[test]
    fn example_of_the_rfc() {
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        let user = UserName::new("tim").unwrap();
        let response = Response::new(user, &Secret::from("tanstaaftanstaaf"), challenge);
        let wire = response.encode();
        assert_eq!(
            str::from_utf8(wire.expose()),
            Ok("tim b913a602c7eda7a495b4e6e7334d3890")
        );
        assert_eq!(Response::parse(wire.expose()), Ok(response));
    }

    #[test]
    fn faults() {
        for response in [
            "",
            "tim",
            "tim ",
            " b913a602c7eda7a495b4e6e7334d3890",
            "tim B913A602C7EDA7A495B4E6E7334D3890",
        ] {
            assert!(Response::parse(response.as_bytes()).is_err(), "{response:?}");
        }
        let spaced = Response::parse(b"a b b913a602c7eda7a495b4e6e7334d3890").unwrap();
        assert_eq!(spaced.user.as_str(), "a b");
    }
}
