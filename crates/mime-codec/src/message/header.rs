//! The header section of an entity, its values decoded when asked for.

use std::borrow::Cow;
use std::fmt;

use rfc5322::{AddressList, DateTime, FieldName, MsgIdList, RawField};

use crate::entity::FieldPlace;
use crate::{ContentDisposition, ContentType, decode_text};

/// The fields of one entity.
///
/// Of a field that may stand once and stands more often the first counts; recipients of several fields are put together, as
/// RFC 5322 §4.5.3 asks.
///
/// ```
/// # use mime_codec::Message;
/// let message = Message::parse(b"To: a@crepes.fr\r\nX-Menu: spoon\r\nTo: b@crepes.fr\r\n\r\n");
/// assert_eq!(message.header().to().mailboxes().count(), 2);
/// assert_eq!(message.header().text("x-menu").as_deref(), Some("spoon"));
/// ```
#[derive(Clone, Copy)]
pub struct Header<'m> {
    layer: &'m [u8],
    places: &'m [FieldPlace],
}

impl<'m> Header<'m> {
    pub(super) fn new(layer: &'m [u8], places: &'m [FieldPlace]) -> Self {
        Self { layer, places }
    }

    /// All fields, in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = RawField<'m>> + use<'m> {
        let layer = self.layer;
        self.places.iter().map(move |place| place.field(layer))
    }

    /// The first field with that name, in any case.
    pub fn field(&self, name: &str) -> Option<RawField<'m>> {
        self.fields_named(name).next()
    }

    /// All fields with that name, in any case, in order.
    pub fn fields_named<'n>(&self, name: &'n str) -> impl Iterator<Item = RawField<'m>> + use<'m, 'n> {
        let layer = self.layer;
        let places = self.places.iter().filter(move |place| place.is(layer, name));
        places.map(move |place| place.field(layer))
    }

    /// The value of the first field with that name.
    pub(super) fn value(&self, name: &str) -> Option<&'m [u8]> {
        let place = self.places.iter().find(|place| place.is(self.layer, name))?;
        Some(place.value(self.layer))
    }

    /// The decoded, unfolded text of the first field with that name, as if it were unstructured.
    pub fn text(&self, name: &str) -> Option<Cow<'m, str>> {
        self.value(name).map(|value| decode_text(value).text)
    }

    /// The addresses of all fields with that name.
    pub fn addresses(&self, name: &str) -> AddressList<'m> {
        let layer = self.layer;
        let mut values = self
            .places
            .iter()
            .filter(|place| place.is(layer, name))
            .map(|place| place.value(layer));
        let first = values.next().unwrap_or_default();
        let Some(second) = values.next() else {
            return AddressList::parse(first);
        };
        let mut joined = [first, b",", second].concat();
        for value in values {
            joined.push(b',');
            joined.extend_from_slice(value);
        }
        AddressList::parse(&joined).into_owned()
    }

    /// `Subject`, decoded (RFC 5322 §3.6.5, RFC 2047).
    pub fn subject(&self) -> Option<Cow<'m, str>> {
        self.text(FieldName::SUBJECT.as_str())
    }

    /// `Date` (RFC 5322 §3.6.1), if there is one that can be understood.
    pub fn date(&self) -> Option<DateTime> {
        DateTime::parse(self.value(FieldName::DATE.as_str())?).ok()
    }

    /// The text of the `Message-ID` between its angle brackets (RFC 5322 §3.6.4).
    pub fn message_id(&self) -> Option<Cow<'m, str>> {
        self.id(FieldName::MESSAGE_ID.as_str())
    }

    /// `From` (RFC 5322 §3.6.2). No address if it is missing, as for the fields below.
    pub fn from(&self) -> AddressList<'m> {
        self.addresses_of_first(&FieldName::FROM)
    }

    /// `Sender` (RFC 5322 §3.6.2).
    pub fn sender(&self) -> AddressList<'m> {
        self.addresses_of_first(&FieldName::SENDER)
    }

    /// `Reply-To` (RFC 5322 §3.6.2).
    pub fn reply_to(&self) -> AddressList<'m> {
        self.addresses_of_first(&FieldName::REPLY_TO)
    }

    /// `To` (RFC 5322 §3.6.3), of all fields of that name.
    pub fn to(&self) -> AddressList<'m> {
        self.addresses(FieldName::TO.as_str())
    }

    /// `Cc` (RFC 5322 §3.6.3), of all fields of that name.
    pub fn cc(&self) -> AddressList<'m> {
        self.addresses(FieldName::CC.as_str())
    }

    /// `Bcc` (RFC 5322 §3.6.3), of all fields of that name.
    pub fn bcc(&self) -> AddressList<'m> {
        self.addresses(FieldName::BCC.as_str())
    }

    /// `Content-Type` (RFC 2045 §5).
    pub fn content_type(&self) -> Option<ContentType<'m>> {
        self.value("Content-Type").map(ContentType::parse)
    }

    /// `Content-Disposition` (RFC 2183 §2).
    pub fn content_disposition(&self) -> Option<ContentDisposition<'m>> {
        self.value("Content-Disposition").map(ContentDisposition::parse)
    }

    /// The text of the `Content-ID` between its angle brackets (RFC 2045 §7).
    pub fn content_id(&self) -> Option<Cow<'m, str>> {
        self.id("Content-ID")
    }

    fn addresses_of_first(&self, name: &FieldName) -> AddressList<'m> {
        AddressList::parse(self.value(name.as_str()).unwrap_or_default())
    }

    fn id(&self, name: &str) -> Option<Cow<'m, str>> {
        let value = self.value(name)?;
        let list = MsgIdList::parse(value);
        let id = list.first()?.text();
        Some(Cow::Owned(String::from_utf8_lossy(&id).into_owned()))
    }
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields()).finish()
    }
}
