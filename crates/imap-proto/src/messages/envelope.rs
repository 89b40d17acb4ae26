//! ENVELOPE: the header fields that lists of messages show.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::loose;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Address, Octets, Tokens};

/// ENVELOPE (RFC 9051 §7.5.2): header fields as the server has them, nothing decoded.
///
/// ```
/// # use imap_proto::{Address, AddressField, Envelope};
/// let ann = Address { mailbox: Some("ann".into()), host: Some("example.org".into()), ..Address::default() };
/// let mut envelope = Envelope::default();
/// envelope.subject = Some("Lunch?".into());
/// envelope.set_addresses(AddressField::From, [ann]);
/// assert_eq!(envelope.from()[0].host, Some("example.org".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default, ToStatic)]
pub struct Envelope<'a> {
    /// Date
    pub date: Option<Octets<'a>>,
    /// Subject
    pub subject: Option<Octets<'a>>,
    /// In-Reply-To
    pub in_reply_to: Option<Octets<'a>>,
    /// Message-ID
    pub message_id: Option<Octets<'a>>,
    /// All lists one behind the other, in the order of [`AddressField`]: one allocation in place of six.
    addresses: Vec<Address<'a>>,
    /// Where each list ends.
    ends: [usize; AddressField::COUNT],
}

/// A header field with addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum AddressField {
    /// From
    From,
    /// Sender; servers repeat From where there is none.
    Sender,
    /// Reply-To; servers repeat From where there is none.
    ReplyTo,
    /// To
    To,
    /// Cc
    Cc,
    /// Bcc
    Bcc,
}

impl AddressField {
    /// All of them, in the order of the wire.
    pub const ALL: [Self; Self::COUNT] = [Self::From, Self::Sender, Self::ReplyTo, Self::To, Self::Cc, Self::Bcc];

    const COUNT: usize = 6;
}

impl<'a> Envelope<'a> {
    /// The addresses of a field; none of NIL.
    pub fn addresses(&self, field: AddressField) -> &[Address<'a>] {
        &self.addresses[self.range(field)]
    }

    /// Replaces the addresses of a field.
    pub fn set_addresses(&mut self, field: AddressField, addresses: impl IntoIterator<Item = Address<'a>>) {
        let range = self.range(field);
        let (before, old) = (self.addresses.len(), range.len());
        self.addresses.splice(range, addresses);
        let new = old + self.addresses.len() - before;
        for end in &mut self.ends[field as usize..] {
            *end = *end - old + new;
        }
    }

    fn range(&self, field: AddressField) -> core::ops::Range<usize> {
        let start = match field as usize {
            0 => 0,
            field => self.ends[field - 1],
        };
        start..self.ends[field as usize]
    }

    /// From
    pub fn from(&self) -> &[Address<'a>] {
        self.addresses(AddressField::From)
    }

    /// Sender
    pub fn sender(&self) -> &[Address<'a>] {
        self.addresses(AddressField::Sender)
    }

    /// Reply-To
    pub fn reply_to(&self) -> &[Address<'a>] {
        self.addresses(AddressField::ReplyTo)
    }

    /// To
    pub fn to(&self) -> &[Address<'a>] {
        self.addresses(AddressField::To)
    }

    /// Cc
    pub fn cc(&self) -> &[Address<'a>] {
        self.addresses(AddressField::Cc)
    }

    /// Bcc
    pub fn bcc(&self) -> &[Address<'a>] {
        self.addresses(AddressField::Bcc)
    }

    /// ```text
    /// envelope        = "(" env-date SP env-subject SP env-from SP
    ///                   env-sender SP env-reply-to SP env-to SP env-cc SP
    ///                   env-bcc SP env-in-reply-to SP env-message-id ")"
    /// env-date        = nstring
    /// env-from        = "(" 1*address ")" / nil
    /// ```
    /// and so on.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Box<Self>> {
        reader.open()?;
        let mut envelope = Box::<Self>::default();
        envelope.date = loose::nstring(reader)?.map(Octets::from);
        // From, Sender and Reply-To have one each, and a few people are written to.
        envelope.addresses = Vec::with_capacity(8);
        envelope.subject = loose::nstring_field(reader)?.map(Octets::from);
        for at in 0..AddressField::COUNT {
            if !reader.accept_next_nil() && loose::another_field(reader)? {
                Address::read_list(reader, &mut envelope.addresses)?;
            }
            envelope.ends[at] = envelope.addresses.len();
        }
        envelope.in_reply_to = loose::nstring_field(reader)?.map(Octets::from);
        if let Some(message_id) = reader.next_plain_quoted() {
            envelope.message_id = Some(message_id.into());
        } else if loose::another_field(reader)? {
            envelope.message_id = loose::nstring(reader)?.map(Octets::from);
        } else {
            // One field is missing, and every message has an identifier while few are replies.
            envelope.message_id = envelope.in_reply_to.take();
        }
        if reader.leniency().missing_fields && reader.accept_space() {
            Tokens::read_all(reader)?;
        }
        reader.close()?;
        Ok(envelope)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        writer.nstring(self.date.as_ref());
        writer.space();
        writer.nstring(self.subject.as_ref());
        for field in AddressField::ALL {
            writer.space();
            Address::write_list(self.addresses(field), writer);
        }
        writer.space();
        writer.nstring(self.in_reply_to.as_ref());
        writer.space();
        writer.nstring(self.message_id.as_ref());
        writer.text(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_data, data, respelled_data};
    use crate::{Data, FetchItem, Leniency, Reading, SyntaxError};
    use alloc::format;

    fn envelope(text: &str, reading: Reading) -> Result<Envelope<'static>, SyntaxError> {
        let Ok(Data::Fetch(fetch)) = data(&format!("1 FETCH (ENVELOPE {text} UID 1)"), reading) else {
            panic!("{text}");
        };
        match fetch.into_items().remove(0) {
            FetchItem::Envelope(envelope) => Ok(*envelope),
            FetchItem::Invalid { why, .. } => Err(why),
            other => panic!("{other:?}"),
        }
    }

    fn local_parts(addresses: &[Address<'_>]) -> Vec<alloc::string::String> {
        let text = |octets: &Octets<'_>| octets.to_text().into_owned();
        addresses
            .iter()
            .filter_map(|address| address.mailbox.as_ref().map(text))
            .collect()
    }

    #[test]
    fn envelopes_are_written_as_they_came() {
        for text in [
            "(\"Mon, 7 Feb 1994 21:52:25 -0800\" \"Lunch\" ((\"Ann\" NIL \"ann\" \"example.org\")) NIL NIL \
             ((NIL NIL \"bob\" \"example.net\")(NIL \"@relay\" \"eve\" \"example.com\")) NIL NIL NIL \"<1@example.org>\")",
            "(NIL \"\" ((NIL NIL \"friends\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL)) NIL NIL NIL NIL NIL \"<r>\" NIL)",
            "(NIL {4}\r\na\r\nb NIL NIL NIL NIL NIL ((\"q\\\"\\\\\" NIL {3}\r\nü\u{1} \"\")) NIL NIL)",
        ] {
            canonical_data(&format!("1 FETCH (ENVELOPE {text})"));
        }
        respelled_data(
            "1 FETCH (ENVELOPE (nil {2}\r\nhi Nil NIL NIL NIL NIL NIL NIL \"ü\"))",
            "1 FETCH (ENVELOPE (NIL \"hi\" NIL NIL NIL NIL NIL NIL NIL {2}\r\nü))",
        );
    }

    #[test]
    fn each_field_is_found_and_replaced() {
        let one = |name| format!("((NIL NIL \"{name}\" \"x\")(NIL NIL \"{name}2\" \"x\"))");
        let lists = ["f", "s", "r", "t", "c", "b"].map(one).join(" ");
        let mut envelope = envelope(&format!("(\"d\" \"s\" {lists} \"i\" \"m\")"), Reading::STRICT).unwrap();
        assert_eq!(local_parts(envelope.from()), ["f", "f2"]);
        assert_eq!(local_parts(envelope.reply_to()), ["r", "r2"]);
        assert_eq!(local_parts(envelope.bcc()), ["b", "b2"]);
        assert_eq!(envelope.in_reply_to, Some("i".into()));
        envelope.set_addresses(AddressField::Sender, []);
        envelope.set_addresses(AddressField::To, envelope.from().to_vec().into_iter().cycle().take(3));
        assert_eq!(local_parts(envelope.from()), ["f", "f2"]);
        assert_eq!(envelope.sender(), []);
        assert_eq!(local_parts(envelope.reply_to()), ["r", "r2"]);
        assert_eq!(local_parts(envelope.to()), ["f", "f2", "f"]);
        assert_eq!(local_parts(envelope.cc()), ["c", "c2"]);
        assert_eq!(local_parts(envelope.bcc()), ["b", "b2"]);
    }

    /// What one leniency lets through, the others do not.
    fn only(leniency: Leniency, text: &str) -> Envelope<'static> {
        assert!(envelope(text, Reading::STRICT).is_err(), "{text}");
        assert!(envelope(text, Reading::LENIENT).is_ok(), "{text}");
        let reading = Reading { utf8: false, leniency };
        envelope(text, reading).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    #[test]
    fn empty_lists_of_addresses() {
        let leniency = Leniency {
            empty_lists: true,
            ..Leniency::STRICT
        };
        let read = only(
            leniency,
            "(NIL \"s\" ((NIL NIL \"a\" \"b\")) () () (()(NIL NIL \"c\" \"d\")) () () \"\" NIL)",
        );
        assert_eq!(local_parts(read.from()), ["a"]);
        assert_eq!(local_parts(read.to()), ["c"]);
    }

    #[test]
    fn missing_fields() {
        let leniency = Leniency {
            missing_fields: true,
            ..Leniency::STRICT
        };
        let read = only(
            leniency,
            "(\"d\" \"s\" ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL \"<id>\")",
        );
        assert_eq!((read.in_reply_to, read.message_id), (None, Some("<id>".into())));
        let read = only(leniency, "(\"d\" \"s\" ((NIL NIL \"a\" \"b\")) NIL)");
        assert_eq!(local_parts(read.from()), ["a"]);
        let read = only(
            leniency,
            "(NIL NIL NIL NIL NIL NIL NIL NIL NIL \"<id>\" \"more\" (and more))",
        );
        assert_eq!(read.message_id, Some("<id>".into()));
        let read = only(
            leniency,
            "(NIL NIL (NIL) (NIL (NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL)",
        );
        assert_eq!(
            (read.from().len(), local_parts(read.sender())),
            (0, alloc::vec!["a".into()])
        );
        // Three strings: the route is missing, or the host.
        let read = only(
            leniency,
            "(NIL NIL ((\"A\" \"a\" \"b\")(\"Mail System\" NIL \"daemon\")) NIL NIL NIL NIL NIL NIL NIL)",
        );
        let [first, second] = read.from() else {
            panic!("{read:?}")
        };
        assert_eq!((&first.mailbox, &first.host), (&Some("a".into()), &Some("b".into())));
        assert_eq!(
            (&second.mailbox, &second.host),
            (&Some("daemon".into()), &Some("".into()))
        );
    }

    #[test]
    fn bare_strings() {
        let leniency = Leniency {
            bare_strings: true,
            ..Leniency::STRICT
        };
        let read = only(
            leniency,
            "(NIL Lunch ((Ann NIL ann example.org)) NIL NIL NIL NIL NIL NIL <1@x>)",
        );
        assert_eq!(read.subject, Some("Lunch".into()));
        assert_eq!(read.from()[0].host, Some("example.org".into()));
        assert_eq!(read.message_id, Some("<1@x>".into()));
    }

    #[test]
    fn extra_spaces_and_raw_octets() {
        let leniency = Leniency {
            extra_spaces: true,
            ..Leniency::STRICT
        };
        only(
            leniency,
            "( NIL  NIL ( (NIL NIL \"a\" \"b\") (NIL  NIL \"c\" \"d\" ) ) NIL NIL NIL NIL NIL NIL NIL )",
        );
    }

    #[test]
    fn bad_envelopes_are_refused_where_they_go_wrong() {
        for (text, offset) in [
            ("()", 1),
            ("(NIL NIL NIL NIL NIL NIL NIL NIL NIL)", 36),
            ("(NIL NIL () NIL NIL NIL NIL NIL NIL NIL)", 10),
            ("(NIL NIL ((NIL NIL NIL)) NIL NIL NIL NIL NIL NIL NIL)", 22),
            ("(NIL NIL (\"a\") NIL NIL NIL NIL NIL NIL NIL)", 10),
            ("(NILS NIL NIL NIL NIL NIL NIL NIL NIL NIL)", 1),
            ("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", 40),
        ] {
            let offset = "* 1 FETCH (ENVELOPE ".len() + offset;
            assert_eq!(envelope(text, Reading::STRICT).unwrap_err().offset, offset, "{text}");
        }
    }
}
