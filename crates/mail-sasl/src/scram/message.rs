//! The four messages (RFC 5802 §7).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::UserName;
use crate::nonce::is_printable;
use crate::syntax::{Fields, Syntax};

/// Why a message cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Syntax(#[from] Syntax),
    #[error("the message needs an extension that is not known")]
    Extension,
}

/// ```abnf
/// gs2-cbind-flag = ("p=" cb-name) / "n" / "y"
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    /// The client does without channel binding.
    None,
    /// The client would bind, but was offered no mechanism that does.
    NotOffered,
    /// The client binds to the channel, by the type of this name.
    Used(String),
}

/// ```abnf
/// gs2-header = gs2-cbind-flag "," [ "a=" saslname ] ","
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gs2Header {
    pub(crate) flag: Flag,
    pub(crate) authzid: Option<UserName>,
}

impl Gs2Header {
    pub(crate) fn encode(&self) -> String {
        let authzid = self
            .authzid
            .as_ref()
            .map_or(String::new(), |name| format!("a={}", escaped(name)));
        match &self.flag {
            Flag::None => format!("n,{authzid},"),
            Flag::NotOffered => format!("y,{authzid},"),
            Flag::Used(name) => format!("p={name},{authzid},"),
        }
    }

    /// Reads a header that stands alone.
    pub(crate) fn parse(text: &str) -> Result<Self, Syntax> {
        let mut fields = Fields::new(text, ',');
        let header = Self::take(&mut fields)?;
        if fields.is_empty() || !fields.rest().is_empty() {
            return Err(Syntax::new(fields.offset(), "a comma and the end"));
        }
        Ok(header)
    }

    fn take(fields: &mut Fields<'_>) -> Result<Self, Syntax> {
        let flag = match fields.next("n, y or p=")? {
            "n" => Flag::None,
            "y" => Flag::NotOffered,
            other => Flag::Used(binding_name(other).ok_or(Syntax::new(0, "n, y or p="))?.to_owned()),
        };
        let offset = fields.offset();
        let authzid = match fields.next("an authorization identity or nothing")? {
            "" => None,
            field => Some(name(field, "a=", offset)?),
        };
        Ok(Self { flag, authzid })
    }
}

/// ```abnf
/// client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
/// client-first-message      = gs2-header client-first-message-bare
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientFirst<'a> {
    pub(crate) header: Gs2Header,
    /// As received: a part of what is signed.
    pub(crate) header_text: &'a str,
    pub(crate) bare: &'a str,
    pub(crate) user: UserName,
    pub(crate) nonce: &'a str,
}

impl<'a> ClientFirst<'a> {
    pub(crate) fn bare(user: &UserName, nonce: &str) -> String {
        format!("n={},r={nonce}", escaped(user))
    }

    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        let mut fields = Fields::new(text, ',');
        let header = Gs2Header::take(&mut fields)?;
        let (header_text, bare) = text.split_at(fields.offset());
        refuse_extension(&fields)?;
        let offset = fields.offset();
        let user = name(fields.next("n=")?, "n=", offset)?;
        let nonce = nonce(&mut fields)?;
        extensions(&mut fields)?;
        Ok(Self {
            header,
            header_text,
            bare,
            user,
            nonce,
        })
    }
}

/// ```abnf
/// server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerFirst<'a> {
    pub(crate) nonce: &'a str,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: u64,
}

impl<'a> ServerFirst<'a> {
    pub(crate) fn encode(nonce: &str, salt: &[u8], iterations: u32) -> String {
        format!("r={nonce},s={},i={iterations}", STANDARD.encode(salt))
    }

    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        let mut fields = Fields::new(text, ',');
        refuse_extension(&fields)?;
        let nonce = nonce(&mut fields)?;
        let salt = base64(&mut fields, "s", "a salt in base64")?;
        let offset = fields.offset();
        let iterations = number(fields.value("i", "i=")?).ok_or(Syntax::new(offset, "a number of iterations"))?;
        extensions(&mut fields)?;
        Ok(Self {
            nonce,
            salt,
            iterations,
        })
    }
}

/// ```abnf
/// client-final-message-without-proof = channel-binding "," nonce ["," extensions]
/// client-final-message               = client-final-message-without-proof "," proof
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientFinal<'a> {
    /// As received: a part of what is signed.
    pub(crate) without_proof: &'a str,
    pub(crate) binding: Vec<u8>,
    pub(crate) nonce: &'a str,
    pub(crate) proof: Vec<u8>,
}

impl<'a> ClientFinal<'a> {
    pub(crate) fn without_proof(binding: &[u8], nonce: &str) -> String {
        format!("c={},r={nonce}", STANDARD.encode(binding))
    }

    pub(crate) fn encode(without_proof: &str, proof: &[u8]) -> String {
        format!("{without_proof},p={}", STANDARD.encode(proof))
    }

    /// The proof is what follows the last comma.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        let (without_proof, proof) = text.rsplit_once(',').ok_or(Syntax::new(text.len(), "a proof"))?;
        let proof = proof.strip_prefix("p=").and_then(|proof| STANDARD.decode(proof).ok());
        let proof = proof.ok_or(Syntax::new(without_proof.len() + 1, "a proof in base64"))?;
        let mut fields = Fields::new(without_proof, ',');
        let binding = base64(&mut fields, "c", "channel binding data in base64")?;
        let nonce = nonce(&mut fields)?;
        extensions(&mut fields)?;
        Ok(Self {
            without_proof,
            binding,
            nonce,
            proof,
        })
    }
}

/// ```abnf
/// server-final-message = (server-error / verifier) ["," extensions]
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerFinal {
    Verifier(Vec<u8>),
    Error(ScramError),
}

impl ServerFinal {
    pub(crate) fn encode(signature: &[u8]) -> String {
        format!("v={}", STANDARD.encode(signature))
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut fields = Fields::new(text, ',');
        let parsed = if text.starts_with("e=") {
            Self::Error(ScramError::of(fields.value("e", "e=")?))
        } else {
            Self::Verifier(base64(&mut fields, "v", "a signature in base64")?)
        };
        extensions(&mut fields)?;
        Ok(parsed)
    }
}

/// Why a server refuses, by `e=` (RFC 5802 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScramError {
    /// `invalid-encoding`
    #[error("a message was malformed")]
    InvalidEncoding,
    /// `extensions-not-supported`
    #[error("an extension is not supported")]
    ExtensionsNotSupported,
    /// `invalid-proof`: the password is wrong.
    #[error("the password is wrong")]
    InvalidProof,
    /// `channel-bindings-dont-match`: somebody may be in the middle.
    #[error("both ends do not see the same channel")]
    ChannelBindingsDontMatch,
    /// `server-does-support-channel-binding`: somebody may have hidden what the server offers.
    #[error("the server had offered channel binding")]
    ServerDoesSupportChannelBinding,
    /// `channel-binding-not-supported`
    #[error("channel binding is not supported")]
    ChannelBindingNotSupported,
    /// `unsupported-channel-binding-type`
    #[error("this type of channel binding is not supported")]
    UnsupportedChannelBindingType,
    /// `unknown-user`
    #[error("there is no such user")]
    UnknownUser,
    /// `invalid-username-encoding`
    #[error("the user name is malformed")]
    InvalidUsernameEncoding,
    /// `no-resources`
    #[error("the server lacks resources")]
    NoResources,
    /// `other-error`, and whatever is not known.
    #[error("no reason given")]
    Other,
}

impl ScramError {
    fn of(value: &str) -> Self {
        match value {
            "invalid-encoding" => Self::InvalidEncoding,
            "extensions-not-supported" => Self::ExtensionsNotSupported,
            "invalid-proof" => Self::InvalidProof,
            "channel-bindings-dont-match" => Self::ChannelBindingsDontMatch,
            "server-does-support-channel-binding" => Self::ServerDoesSupportChannelBinding,
            "channel-binding-not-supported" => Self::ChannelBindingNotSupported,
            "unsupported-channel-binding-type" => Self::UnsupportedChannelBindingType,
            "unknown-user" => Self::UnknownUser,
            "invalid-username-encoding" => Self::InvalidUsernameEncoding,
            "no-resources" => Self::NoResources,
            _ => Self::Other,
        }
    }
}

/// ```abnf
/// cb-name = 1*(ALPHA / DIGIT / "." / "-")
/// ```
fn binding_name(field: &str) -> Option<&str> {
    let name = field.strip_prefix("p=")?;
    let legal = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-');
    (!name.is_empty() && name.bytes().all(legal)).then_some(name)
}

/// ```abnf
/// saslname = 1*(value-safe-char / "=2C" / "=3D")
/// ```
fn escaped(name: &UserName) -> String {
    name.as_str().replace('=', "=3D").replace(',', "=2C")
}

fn name(field: &str, prefix: &'static str, offset: usize) -> Result<UserName, Syntax> {
    let value = field.strip_prefix(prefix).ok_or(Syntax::new(offset, prefix))?;
    let fault = Syntax::new(offset + prefix.len(), "a user name");
    let mut name = String::with_capacity(value.len());
    let mut pieces = value.split('=');
    name.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (octet, rest) = match (piece.strip_prefix("2C"), piece.strip_prefix("3D")) {
            (Some(rest), _) => (',', rest),
            (_, Some(rest)) => ('=', rest),
            _ => return Err(fault),
        };
        name.push(octet);
        name.push_str(rest);
    }
    UserName::new(&name).map_err(|_| fault)
}

fn nonce<'a>(fields: &mut Fields<'a>) -> Result<&'a str, Syntax> {
    let offset = fields.offset();
    let nonce = fields.value("r", "r=")?;
    let fault = Syntax::new(offset + 2, "a nonce");
    if is_printable(nonce) { Ok(nonce) } else { Err(fault) }
}

fn base64(fields: &mut Fields<'_>, name: &'static str, expected: &'static str) -> Result<Vec<u8>, Syntax> {
    let offset = fields.offset();
    let value = fields.value(name, expected)?;
    STANDARD.decode(value).map_err(|_| Syntax::new(offset + 2, expected))
}

/// ```abnf
/// posit-number = %x31-39 *DIGIT
/// ```
pub(crate) fn number(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|octet| octet.is_ascii_digit()) && !digits.starts_with('0');
    if !plain || digits.is_empty() {
        return None;
    }
    // More than fits is more than any limit.
    Some(digits.parse().unwrap_or(u64::MAX))
}

/// `m=` stands first and makes the whole message void for whoever does not know it (RFC 5802 §5.1).
fn refuse_extension(fields: &Fields<'_>) -> Result<(), Fault> {
    if fields.rest().starts_with("m=") {
        Err(Fault::Extension)
    } else {
        Ok(())
    }
}

/// ```abnf
/// extensions = attr-val *("," attr-val)
/// attr-val   = ALPHA "=" value
/// ```
fn extensions(fields: &mut Fields<'_>) -> Result<(), Syntax> {
    while !fields.is_empty() {
        let offset = fields.offset();
        let field = fields.next("an extension")?;
        let mut chars = field.chars();
        let named = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some('=');
        if !named || chars.as_str().is_empty() || field.contains('\0') {
            return Err(Syntax::new(offset, "an extension"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        for text in ["a", "a,b", "a=b", "=2C", ",,==", "=", "ü,"] {
            let user = UserName::new(text).unwrap();
            let bare = format!("n,,{}", ClientFirst::bare(&user, "x"));
            assert_eq!(ClientFirst::parse(&bare).unwrap().user, user, "{text}");
        }
        for text in ["", "=", "a=", "=2c", "=2", "=41", "a\0"] {
            assert!(ClientFirst::parse(&format!("n,,n={text},r=x")).is_err(), "{text:?}");
        }
    }

    #[test]
    fn headers() {
        for text in ["n,,", "y,,", "p=tls-exporter,,", "n,a=bob,", "p=x.y-9,a==2C=3D,"] {
            assert_eq!(Gs2Header::parse(text).unwrap().encode(), text);
        }
        for text in [
            "", "n", "n,", "n,,,", "N,,", "p,,", "p=,,", "p=a_b,,", "n,b=x,", "n,a=,", "F,n,,",
        ] {
            assert!(Gs2Header::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn extensions_are_ignored_unless_they_must_be_known() {
        assert!(ClientFirst::parse("n,,n=u,r=x,y=1,z=2=3").is_ok());
        assert_eq!(ClientFirst::parse("n,,m=1,n=u,r=x"), Err(Fault::Extension));
        assert!(ServerFirst::parse("r=x,s=YWI=,i=4096,y=1").is_ok());
        assert_eq!(ServerFirst::parse("m=1,r=x,s=YWI=,i=4096"), Err(Fault::Extension));
        assert!(ClientFinal::parse("c=biws,r=x,y=1,p=YWI=").is_ok());
        assert!(ServerFinal::parse("v=YWI=,y=1").is_ok());
        for text in ["n,,n=u,r=x,", "n,,n=u,r=x,y", "n,,n=u,r=x,y=", "n,,n=u,r=x,1=2"] {
            assert!(matches!(ClientFirst::parse(text), Err(Fault::Syntax(_))), "{text}");
        }
    }

    #[test]
    fn faults_name_their_place() {
        let fault = |offset, expected| Err(Fault::Syntax(Syntax::new(offset, expected)));
        assert_eq!(ServerFirst::parse("r=x,s=?,i=1"), fault(6, "a salt in base64"));
        assert_eq!(
            ServerFirst::parse("r=x,s=YWI=,i=0"),
            fault(11, "a number of iterations")
        );
        assert_eq!(ServerFirst::parse("r=x,s=YWI="), fault(10, "i="));
        let fault = Fault::Syntax(Syntax::new(7, "a proof in base64"));
        assert_eq!(ClientFinal::parse("c=biws,r=x"), Err(fault));
    }

    #[test]
    fn numbers() {
        assert_eq!(number("4096"), Some(4096));
        assert_eq!(number("99999999999999999999999"), Some(u64::MAX));
        for text in ["", "0", "04096", "+1", "-1", "1 ", "x"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
