//! A message in a few lines.

use std::borrow::Cow;
use std::io;

use rfc5322::{AddrSpec, AddressListWriter, DateTime, Field, FieldName, MsgId, Text};

use super::assembly::lay_out;
use super::{ComposeError, Composed, PartBuilder, Transport};
use crate::{ContentDisposition, encode_phrase, encode_text};

/// Composes a message: header fields, text, HTML, what the HTML shows, attachments.
///
/// The order of calls does not matter. The multiparts that are needed come by themselves: text and HTML are alternatives, inline
/// parts are related to the HTML, attachments are mixed in behind. Nothing that is given can begin another field or part.
///
/// `Date` and `Message-ID` are the caller's to give, who has a clock, or come with `stamped` (feature `clock`); a submission server adds them where they are missing
/// (RFC 6409 §8.2, §8.3).
///
/// ```
/// use mime_codec::compose::{Composer, Transport};
/// use mime_codec::rfc5322::{DateTime, MsgId, Zone};
/// use mime_codec::Message;
///
/// let octets = Composer::new()
///     .from(("Alice", "alice@crepes.fr"))
///     .to(("François", "bob@hamburger.edu"))
///     .subject("Crêpes & ketchup")
///     .date(DateTime::from_unix(1_057_049_557, Zone::UTC)?)
///     .message_id(MsgId::new("17.spoon", "crepes.fr")?)
///     .text("Do you like them?\n")
///     .html("<p>Do you like <img src=\"cid:them@crepes.fr\"> them?</p>\n")
///     .inline("them@crepes.fr", ("image", "png"), &b"\x89PNG"[..])?
///     .attach("menu.pdf", ("application", "pdf"), &b"%PDF"[..])?
///     .to_vec(Transport::SEVEN_BIT)?;
///
/// let message = Message::parse(&octets);
/// assert_eq!(message.subject().as_deref(), Some("Crêpes & ketchup"));
/// assert_eq!(message.text_body().unwrap().text(), "Do you like them?\r\n");
/// assert_eq!(*message.attachments().next().unwrap().decode(), *b"%PDF");
/// assert!(message.check().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Composer<'c> {
    addresses: Vec<(FieldName, Vec<Recipient<'c>>)>,
    fields: Vec<Result<Field, ComposeError>>,
    bodies: Bodies<'c>,
}

#[derive(Debug, Default)]
struct Bodies<'c> {
    text: Option<PartBuilder<'c>>,
    html: Option<PartBuilder<'c>>,
    inline: Vec<PartBuilder<'c>>,
    attachments: Vec<PartBuilder<'c>>,
}

/// A mailbox to be written: an address, perhaps with a name. Made of `"address"` or of `("name", "address")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient<'c> {
    name: Cow<'c, str>,
    address: Cow<'c, str>,
}

impl<'c> Composer<'c> {
    /// A message without anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an author (RFC 5322 §3.6.2).
    #[must_use]
    pub fn from(self, mailbox: impl Into<Recipient<'c>>) -> Self {
        self.mailbox(FieldName::FROM, mailbox.into())
    }

    /// Says who sends, when that is not the only author (RFC 5322 §3.6.2): several authors need it.
    #[must_use]
    pub fn sender(self, mailbox: impl Into<Recipient<'c>>) -> Self {
        self.mailbox(FieldName::SENDER, mailbox.into())
    }

    /// Adds a mailbox that answers should go to (RFC 5322 §3.6.2).
    #[must_use]
    pub fn reply_to(self, mailbox: impl Into<Recipient<'c>>) -> Self {
        self.mailbox(FieldName::REPLY_TO, mailbox.into())
    }

    /// Adds a recipient (RFC 5322 §3.6.3).
    #[must_use]
    pub fn to(self, mailbox: impl Into<Recipient<'c>>) -> Self {
        self.mailbox(FieldName::TO, mailbox.into())
    }

    /// Adds a recipient of a copy (RFC 5322 §3.6.3).
    #[must_use]
    pub fn cc(self, mailbox: impl Into<Recipient<'c>>) -> Self {
        self.mailbox(FieldName::CC, mailbox.into())
    }

    /// The subject, encoded where it has to be (RFC 2047 §2).
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        self.text_field(&FieldName::SUBJECT, subject)
    }

    /// When the message was finished (RFC 5322 §3.6.1).
    #[must_use]
    pub fn date(self, date: DateTime) -> Self {
        self.field(Field::date(&FieldName::DATE, date))
    }

    /// The identifier, that no other message has (RFC 5322 §3.6.4).
    #[must_use]
    pub fn message_id(self, id: MsgId) -> Self {
        self.field(Field::msg_ids(&FieldName::MESSAGE_ID, [&id]))
    }

    /// The message that is answered, and those before it in the conversation, the oldest first (RFC 5322 §3.6.4).
    #[must_use]
    pub fn in_reply_to<'i>(self, parent: &'i MsgId, ancestors: impl IntoIterator<Item = &'i MsgId>) -> Self {
        let references = ancestors.into_iter().chain([parent]);
        self.field(Field::msg_ids(&FieldName::IN_REPLY_TO, [parent]))
            .field(Field::msg_ids(&FieldName::REFERENCES, references))
    }

    /// Adds a field with text as its value, encoded where it has to be.
    #[must_use]
    pub fn text_field(mut self, name: &FieldName, text: &str) -> Self {
        self.fields.push(encode_text(name, text).map_err(ComposeError::from));
        self
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(Ok(field));
        self
    }

    /// The text. Line ends of any kind become CRLF.
    #[must_use]
    pub fn text(mut self, text: impl Into<Cow<'c, str>>) -> Self {
        self.bodies.text = Some(PartBuilder::text(text));
        self
    }

    /// The HTML, the better alternative to the text. Line ends of any kind become CRLF.
    #[must_use]
    pub fn html(mut self, html: impl Into<Cow<'c, str>>) -> Self {
        self.bodies.html = Some(PartBuilder::html(html));
        self
    }

    /// Adds what the HTML shows under `cid:` and this identifier, which is like that of a message: `logo@crepes.fr`.
    ///
    /// # Errors
    ///
    /// [`ComposeError::Address`] for another identifier, [`ComposeError::Parameter`] for what is no type.
    pub fn inline(
        mut self,
        content_id: &str,
        (type_, subtype): (&str, &str),
        octets: impl Into<Cow<'c, [u8]>>,
    ) -> Result<Self, ComposeError> {
        let id = MsgId::parse(format!("<{content_id}>").as_bytes()).map_err(ComposeError::Address)?;
        let field = Field::msg_ids(&FieldName::CONTENT_ID, [&id]);
        let part = PartBuilder::octets(type_, subtype, octets)?.with_field(field);
        self.bodies
            .inline
            .push(part.with_disposition(ContentDisposition::new("inline")?));
        Ok(self)
    }

    /// Adds an attachment.
    ///
    /// # Errors
    ///
    /// [`ComposeError::Parameter`] for what is no type.
    pub fn attach(
        self,
        file_name: &str,
        (type_, subtype): (&str, &str),
        octets: impl Into<Cow<'c, [u8]>>,
    ) -> Result<Self, ComposeError> {
        let part = PartBuilder::octets(type_, subtype, octets)?;
        Ok(self.attach_part(part.attached_as(file_name)))
    }

    /// Adds an attachment that is read while the message is written.
    ///
    /// # Errors
    ///
    /// [`ComposeError::Parameter`] for what is no type.
    pub fn attach_reader(
        self,
        file_name: &str,
        (type_, subtype): (&str, &str),
        source: impl io::Read + Send + 'c,
    ) -> Result<Self, ComposeError> {
        let part = PartBuilder::reader(type_, subtype, source)?;
        Ok(self.attach_part(part.attached_as(file_name)))
    }

    /// Adds any part behind the others: a message, an invitation, ….
    #[must_use]
    pub fn attach_part(mut self, part: PartBuilder<'c>) -> Self {
        self.bodies.attachments.push(part);
        self
    }

    /// A body of one's own in place of text, HTML and inline parts.
    #[must_use]
    pub fn body(mut self, part: PartBuilder<'c>) -> Self {
        self.bodies = Bodies {
            text: Some(part),
            attachments: self.bodies.attachments,
            ..Bodies::default()
        };
        self
    }

    /// Lays the message out for a transport.
    ///
    /// # Errors
    ///
    /// [`ComposeError`].
    pub fn compose(self, transport: Transport) -> Result<Composed<'c>, ComposeError> {
        let mut header = Vec::with_capacity(512);
        match (self.number_of(&FieldName::FROM), self.number_of(&FieldName::SENDER)) {
            (0, _) => return Err(ComposeError::MissingFrom),
            (1, 0 | 1) | (_, 1) => {}
            _ => return Err(ComposeError::OneSender),
        }
        for (name, mailboxes) in &self.addresses {
            header.extend_from_slice(address_field(name, mailboxes, transport)?.as_bytes());
        }
        for field in self.fields {
            header.extend_from_slice(field?.as_bytes());
        }
        header.extend_from_slice(b"MIME-Version: 1.0\r\n");
        Ok(Composed::new(lay_out(
            Some(header),
            self.bodies.into_root(),
            transport,
        )?))
    }

    /// The message for a transport.
    ///
    /// # Errors
    ///
    /// [`ComposeError`]; [`ComposeError::Read`] if an attachment cannot be read.
    pub fn to_vec(self, transport: Transport) -> Result<Vec<u8>, ComposeError> {
        let composed = self.compose(transport)?;
        composed.into_vec().map_err(|error| ComposeError::Read(error.kind()))
    }

    fn number_of(&self, name: &FieldName) -> usize {
        let found = self.addresses.iter().find(|(found, _)| found == name);
        found.map_or(0, |(_, mailboxes)| mailboxes.len())
    }

    fn mailbox(mut self, name: FieldName, mailbox: Recipient<'c>) -> Self {
        match self.addresses.iter_mut().find(|(found, _)| *found == name) {
            Some((_, mailboxes)) => mailboxes.push(mailbox),
            None => self.addresses.push((name, vec![mailbox])),
        }
        self
    }
}

impl<'c> Bodies<'c> {
    /// The tree that shows all of it.
    fn into_root(mut self) -> PartBuilder<'c> {
        let html = match self.html {
            Some(html) => Some(wrap(b"multipart/related; type=\"text/html\"", html, self.inline)),
            None => {
                // Nothing shows them: they come in front of the attachments.
                self.inline.append(&mut self.attachments);
                self.attachments = self.inline;
                None
            }
        };
        let body = match (self.text, html) {
            (Some(text), Some(html)) => wrap(b"multipart/alternative", text, vec![html]),
            (Some(part), None) | (None, Some(part)) => part,
            (None, None) => PartBuilder::text(""),
        };
        wrap(b"multipart/mixed", body, self.attachments)
    }
}

/// A multipart, if there is more than one part.
fn wrap<'c>(content_type: &'static [u8], first: PartBuilder<'c>, others: Vec<PartBuilder<'c>>) -> PartBuilder<'c> {
    if others.is_empty() {
        return first;
    }
    let mut parts = vec![first];
    parts.extend(others);
    PartBuilder::known_multipart(content_type, parts)
}

fn address_field(name: &FieldName, mailboxes: &[Recipient<'_>], transport: Transport) -> Result<Field, ComposeError> {
    let mut writer = if transport.utf8_header {
        AddressListWriter::utf8(name)
    } else {
        AddressListWriter::new(name)
    };
    for mailbox in mailboxes {
        let address = if transport.utf8_header {
            AddrSpec::parse_utf8(&mailbox.address)
        } else {
            AddrSpec::parse(mailbox.address.as_bytes())
        };
        let address = address.map_err(ComposeError::Address)?;
        let encoded = encode_phrase(&mailbox.name);
        let is_encoded = encoded.starts_with("=?") && !transport.utf8_header;
        let text = if is_encoded {
            Text::Encoded(&encoded)
        } else {
            Text::Plain(&mailbox.name)
        };
        writer.mailbox(text, &address)?;
    }
    Ok(writer.finish())
}

impl<'c> From<&'c str> for Recipient<'c> {
    fn from(address: &'c str) -> Self {
        Self {
            name: Cow::Borrowed(""),
            address: Cow::Borrowed(address),
        }
    }
}

impl<'c> From<(&'c str, &'c str)> for Recipient<'c> {
    fn from((name, address): (&'c str, &'c str)) -> Self {
        Self {
            name: Cow::Borrowed(name),
            address: Cow::Borrowed(address),
        }
    }
}

impl From<String> for Recipient<'_> {
    fn from(address: String) -> Self {
        Self {
            name: Cow::Borrowed(""),
            address: Cow::Owned(address),
        }
    }
}

impl From<(String, String)> for Recipient<'_> {
    fn from((name, address): (String, String)) -> Self {
        Self {
            name: Cow::Owned(name),
            address: Cow::Owned(address),
        }
    }
}
