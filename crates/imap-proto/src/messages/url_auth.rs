//! URLAUTH: IMAP URLs that others may fetch (RFC 4467), with the extended URLFETCH of RFC 5524.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::messages::url_mechanism::UrlMechanism;
use crate::syntax::extension_value::ExtensionValue;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Atom, BodyStructure, Mailbox, OneOrMore, Payload};

/// RESETKEY of a mailbox: its URLs with these mechanisms, or with any, are void (RFC 4467 §7).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct ResetKey<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// The mechanisms.
    pub mechanisms: Vec<UrlMechanism<'a>>,
}

/// What GENURLAUTH is to sign (RFC 4467 §7).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct UrlRump<'a> {
    /// The URL, which says who may use it but has no signature.
    pub url: AString<'a>,
    /// How it is signed.
    pub mechanism: UrlMechanism<'a>,
}

/// What URLFETCH is to fetch.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum UrlQuery<'a> {
    /// The octets (RFC 4467 §7).
    Simple(AString<'a>),
    /// What the parameters say (RFC 5524 §3.1).
    Extended {
        /// The URL.
        url: AString<'a>,
        /// What is wanted.
        parameters: Vec<UrlParameter<'a>>,
    },
}

/// What is wanted of a URL (RFC 5524 §3.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
#[non_exhaustive]
pub enum UrlParameter<'a> {
    /// BODY: the octets.
    Body,
    /// BINARY: the octets without their transfer encoding.
    Binary,
    /// BODYPARTSTRUCTURE: the structure of the part.
    BodyPartStructure,
    /// Another one.
    Other(Atom<'a>),
}

/// What URLFETCH answers.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum FetchedUrl<'a> {
    /// The octets; none when the URL is not valid (RFC 4467 §8).
    Simple {
        /// The URL.
        url: AString<'a>,
        /// The octets.
        body: Option<Payload<'a>>,
    },
    /// What the parameters said (RFC 5524 §3.2).
    Extended {
        /// The URL.
        url: AString<'a>,
        /// What is told.
        items: OneOrMore<UrlItem<'a>>,
    },
}

/// What is told of a URL (RFC 5524 §3.2).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum UrlItem<'a> {
    /// BODY
    Body(Option<Payload<'a>>),
    /// BINARY
    Binary(Option<Payload<'a>>),
    /// BODYPARTSTRUCTURE: the part is the structure's root.
    BodyPartStructure(BodyStructure<'a>),
    /// Another one.
    Other {
        /// Its name.
        name: Atom<'a>,
        /// Its value.
        value: ExtensionValue<'a>,
    },
}

impl<'a> ResetKey<'a> {
    /// `resetkey = "RESETKEY" [SP mailbox *(SP mechanism)]`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        if !reader.accept_separator() {
            return Ok(None);
        }
        let mailbox = Mailbox::read(reader)?;
        let mut mechanisms = Vec::new();
        while reader.accept_separator() {
            mechanisms.push(UrlMechanism::read(reader)?);
        }
        Ok(Some(Self { mailbox, mechanisms }))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("RESETKEY ");
        self.mailbox.write(writer);
        for mechanism in &self.mechanisms {
            writer.space();
            writer.text(mechanism.as_str());
        }
    }
}

impl<'a> UrlRump<'a> {
    /// `genurlauth = "GENURLAUTH" 1*(SP url-rump SP mechanism)`
    pub(crate) fn read_many(reader: &mut Reader<'a>) -> Parse<OneOrMore<Self>> {
        reader.space()?;
        let rumps = reader.separated(|reader| {
            let url = reader.astring()?;
            reader.space()?;
            let mechanism = UrlMechanism::read(reader)?;
            Ok(Self { url, mechanism })
        })?;
        Ok(OneOrMore::checked(rumps))
    }

    /// URLs are quoted, as in the RFC's examples: clients and servers that expect an atom to be short exist.
    pub(crate) fn write_many(rumps: &OneOrMore<Self>, writer: &mut Writer<'_>) {
        writer.text("GENURLAUTH ");
        writer.separated(rumps, |writer, rump| {
            writer.string(rump.url.as_bytes());
            writer.space();
            writer.text(rump.mechanism.as_str());
        });
    }
}

/// `genurlauth-data = "*" SP "GENURLAUTH" 1*(SP url-full)`
pub(crate) fn read_urls<'a>(reader: &mut Reader<'a>) -> Parse<OneOrMore<AString<'a>>> {
    reader.space()?;
    reader.separated(Reader::astring).map(OneOrMore::checked)
}

pub(crate) fn write_urls(urls: &OneOrMore<AString<'_>>, writer: &mut Writer<'_>) {
    writer.text("GENURLAUTH ");
    writer.separated(urls, |writer, url| writer.string(url.as_bytes()));
}

impl<'a> UrlQuery<'a> {
    /// The URL.
    pub const fn url(&self) -> &AString<'a> {
        match self {
            Self::Simple(url) | Self::Extended { url, .. } => url,
        }
    }

    /// ```text
    /// urlfetch        = "URLFETCH" 1*(SP url-fetch-arg)
    /// url-fetch-arg   = url-fetch-simple / url-fetch-ext
    /// url-fetch-ext   = "(" url-full *(SP url-fetch-param) ")"
    /// url-fetch-param = "BODY" / "BINARY" / "BODYPARTSTRUCTURE" / atom
    /// ```
    pub(crate) fn read_many(reader: &mut Reader<'a>) -> Parse<OneOrMore<Self>> {
        reader.space()?;
        reader.separated(Self::read).map(OneOrMore::checked)
    }

    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if reader.peek() != Some(b'(') {
            return reader.astring().map(Self::Simple);
        }
        reader.open()?;
        let url = reader.astring()?;
        let mut parameters = Vec::new();
        while reader.accept_separator() {
            parameters.push(UrlParameter::read(reader)?);
        }
        reader.close()?;
        Ok(Self::Extended { url, parameters })
    }

    pub(crate) fn write_many(queries: &OneOrMore<Self>, writer: &mut Writer<'_>) {
        writer.text("URLFETCH ");
        writer.separated(queries, |writer, query| query.write(writer));
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Simple(url) => writer.string(url.as_bytes()),
            Self::Extended { url, parameters } => {
                writer.text("(");
                writer.string(url.as_bytes());
                for parameter in parameters {
                    writer.space();
                    writer.text(parameter.as_str());
                }
                writer.text(")");
            }
        }
    }
}

impl<'a> UrlParameter<'a> {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Body => "BODY",
            Self::Binary => "BINARY",
            Self::BodyPartStructure => "BODYPARTSTRUCTURE",
            Self::Other(name) => name.as_str(),
        }
    }

    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"BODY" => Self::Body,
            b"BINARY" => Self::Binary,
            b"BODYPARTSTRUCTURE" => Self::BodyPartStructure,
            _ => {
                reader.rewind(start);
                Self::Other(reader.atom()?)
            }
        })
    }
}

impl<'a> FetchedUrl<'a> {
    /// `urlfetch-data = "*" SP "URLFETCH" 1*(SP (urldata-simple / urldata-ext))`
    pub(crate) fn read_many(reader: &mut Reader<'a>) -> Parse<OneOrMore<Self>> {
        reader.space()?;
        reader.separated(Self::read).map(OneOrMore::checked)
    }

    /// One URL. Octets that stream end the fragment.
    ///
    /// ```text
    /// urldata-simple      = url-full SP nstring
    /// urldata-ext         = url-full url-metadata
    /// url-metadata        = 1*(SP "(" url-metadata-el ")")
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let url = reader.astring()?;
        reader.space()?;
        if reader.peek() != Some(b'(') {
            let body = nstring_payload(reader)?;
            return Ok(Self::Simple { url, body });
        }
        let mut items = UrlItem::read_group(reader)?;
        while reader.peek() == Some(b' ') && reader.peek_at(1) == Some(b'(') {
            reader.space()?;
            UrlItem::read_group(reader)?
                .into_iter()
                .for_each(|item| items.push(item));
        }
        Ok(Self::Extended { url, items })
    }

    pub(crate) fn write_many(urls: &OneOrMore<Self>, writer: &mut Writer<'_>) {
        writer.text("URLFETCH ");
        writer.separated(urls, |writer, url| url.write(writer));
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Simple { url, body } => {
                writer.string(url.as_bytes());
                writer.space();
                match body {
                    Some(body) => writer.payload(body),
                    None => writer.text("NIL"),
                }
            }
            Self::Extended { url, items } => {
                writer.string(url.as_bytes());
                for item in items {
                    writer.text(" (");
                    item.write(writer);
                    writer.text(")");
                }
            }
        }
    }
}

impl<'a> UrlItem<'a> {
    /// ```text
    /// url-metadata-el     = url-meta-bodystruct / url-meta-body / url-meta-binary
    /// url-meta-bodystruct = "BODYPARTSTRUCTURE" SP body
    /// url-meta-binary     = "BINARY" SP ( nstring / literal8 )
    /// url-meta-body       = "BODY" SP nstring
    /// ```
    fn read_group(reader: &mut Reader<'a>) -> Parse<OneOrMore<Self>> {
        reader.open()?;
        let mut items = OneOrMore::from(Self::read(reader)?);
        while reader.leniency().joined_url_items && reader.accept_space() {
            items.push(Self::read(reader)?);
        }
        reader.close()?;
        Ok(items)
    }

    /// An element without its parentheses.
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let parameter = UrlParameter::read(reader)?;
        reader.space()?;
        Ok(match parameter {
            UrlParameter::Body => Self::Body(nstring_payload(reader)?),
            UrlParameter::Binary => Self::Binary(nstring_payload(reader)?),
            UrlParameter::BodyPartStructure => Self::BodyPartStructure(BodyStructure::read(reader)?),
            UrlParameter::Other(name) => Self::Other {
                name,
                value: ExtensionValue::read(reader)?,
            },
        })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Body(None) => writer.text("BODY NIL"),
            Self::Binary(None) => writer.text("BINARY NIL"),
            Self::Body(Some(octets)) => {
                writer.text("BODY ");
                writer.payload(octets);
            }
            Self::Binary(Some(octets)) => {
                writer.text("BINARY ");
                writer.payload8(octets);
            }
            Self::BodyPartStructure(structure) => {
                writer.text("BODYPARTSTRUCTURE ");
                structure.write(writer);
            }
            Self::Other { name, value } => {
                writer.text(name.as_str());
                writer.space();
                value.write(writer);
            }
        }
    }
}

/// `nstring`, which may stream.
fn nstring_payload<'a>(reader: &mut Reader<'a>) -> Parse<Option<Payload<'a>>> {
    match reader.accept_nil() {
        true => Ok(None),
        false => reader.payload_string().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_command, respelled_data};
    use crate::{Command, Data, Reading};
    use proptest::prelude::*;

    #[test]
    fn urls_are_signed_and_fetched() {
        for canonical in [
            "RESETKEY",
            "RESETKEY INBOX",
            "RESETKEY \"a b\" INTERNAL XSAMPLE",
            "GENURLAUTH \"imap://joe@example.com/INBOX/;uid=20/;urlauth=submit+fred\" INTERNAL",
            "GENURLAUTH \"a\" INTERNAL \"b\" X-1.0",
            "URLFETCH \"imap://x\"",
            "URLFETCH \"a\" (\"b\" BODYPARTSTRUCTURE BINARY) (\"c\") (\"d\" BODY X-NEW)",
        ] {
            canonical_command(canonical);
        }
        respelled_command("resetkey inbox Internal", "RESETKEY INBOX Internal");
        respelled_command(
            "urlfetch imap://x/;PARTIAL=1.5 (y body)",
            "URLFETCH \"imap://x/;PARTIAL=1.5\" (\"y\" BODY)",
        );
        for canonical in [
            "GENURLAUTH \"imap://a:internal:91354a\" \"b\"",
            "URLFETCH \"a\" NIL",
            "URLFETCH \"a\" {3}\r\nx\r\n \"b\" {0}\r\n",
            "URLFETCH \"a\" (BODYPARTSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 11 1)) (BINARY ~{2}\r\na\0)",
            "URLFETCH \"a\" (BODY NIL) \"b\" (BODY {1}\r\nx) (X-NEW (1 2)) \"c\" (BINARY NIL)",
        ] {
            canonical_data(canonical);
        }
        respelled_data("urlfetch a \"x\" b nil", "URLFETCH \"a\" {1}\r\nx \"b\" NIL");
        respelled_data("urlfetch a (binary \"x\")", "URLFETCH \"a\" (BINARY ~{1}\r\nx)");
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("RESETKEY INBOX A=B", 18),
            ("RESETKEY INBOX A_B", 18),
            ("GENURLAUTH", 12),
            ("GENURLAUTH x", 14),
            ("GENURLAUTH x A y", 18),
            ("URLFETCH", 10),
            ("URLFETCH ()", 12),
            ("URLFETCH (x BODY", 18),
        ] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
        for (bad, offset) in [
            ("URLFETCH a", 12),
            ("URLFETCH a b", 13),
            ("URLFETCH a ()", 14),
            ("URLFETCH a (BODY x)", 19),
            ("URLFETCH a (BODY NIL) b", 25),
        ] {
            let error = data(bad, Reading::STRICT).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    /// As Dovecot 2.3 answers (RFC 5524 §3.2).
    #[test]
    fn elements_may_share_parentheses() {
        let joined = "URLFETCH a (BODYPARTSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) BINARY ~{3}\r\na\0b)";
        let apart =
            "URLFETCH a (BODYPARTSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1)) (BINARY ~{3}\r\na\0b)";
        assert_eq!(data(joined, Reading::LENIENT), data(apart, Reading::STRICT));
        assert!(data(joined, Reading::STRICT).is_err());
    }

    #[test]
    fn fetched_octets_may_stream() {
        let mut reader = Reader::new(b"a {9}\r\n", Reading::STRICT);
        let body = Some(Payload::Announced(9));
        let url = AString::try_from("a").unwrap();
        assert_eq!(FetchedUrl::read(&mut reader), Ok(FetchedUrl::Simple { url, body }));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(url in "\\PC{0,6}", octets in proptest::collection::vec(1u8..=255, 0..5)) {
            let url = AString::try_from(url).unwrap();
            let parameters = alloc::vec![UrlParameter::Binary, UrlParameter::Other(Atom::fixed("X"))];
            let mut queries = OneOrMore::from(UrlQuery::Simple(url.clone()));
            queries.push(UrlQuery::Extended { url: url.clone(), parameters });
            crate::trips::command_returns(&Command::UrlFetch(queries))?;
            let rump = UrlRump { url: url.clone(), mechanism: UrlMechanism::INTERNAL };
            crate::trips::command_returns(&Command::GenUrlAuth(rump.into()))?;
            let body = Some(Payload::Held(octets.into()));
            let mut items = OneOrMore::from(UrlItem::Body(body.clone()));
            items.push(UrlItem::Binary(body.clone()));
            let mut fetched = OneOrMore::from(FetchedUrl::Extended { url: url.clone(), items });
            fetched.push(FetchedUrl::Simple { url, body });
            crate::trips::data_returns(&Data::UrlFetch(fetched))?;
        }
    }
}
