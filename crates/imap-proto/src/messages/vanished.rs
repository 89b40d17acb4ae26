//! The VANISHED response (RFC 7162 §3.2.10).

use bounded_static::ToStatic;

use crate::syntax::number_set::NumberSet;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// VANISHED: messages with these unique identifiers are gone.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Vanished {
    /// Since when.
    pub since: VanishedSince,
    /// Unique identifiers. With [`Earlier`](VanishedSince::Earlier) they may be of messages that the client never knew of.
    pub uids: NumberSet,
}

/// When the messages of a [`Vanished`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum VanishedSince {
    /// `(EARLIER)`: before the mailbox was selected. The count of messages stays (RFC 7162 §3.2.10.1).
    Earlier,
    /// Now: each of them lowers the count of messages, as EXPUNGE does (RFC 7162 §3.2.10.2).
    Now,
}

impl Vanished {
    /// ```text
    /// expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids
    /// known-uids    = sequence-set ; Sequence of UIDs; "*" is not allowed.
    /// ```
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        reader.space()?;
        let since = match reader.accept_text("(EARLIER)") {
            true => {
                reader.space()?;
                VanishedSince::Earlier
            }
            false => VanishedSince::Now,
        };
        let uids = NumberSet::read(reader)?;
        Ok(Self { since, uids })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text(match self.since {
            VanishedSince::Earlier => "VANISHED (EARLIER) ",
            VanishedSince::Now => "VANISHED ",
        });
        self.uids.write(writer);
    }
}

#[cfg(test)]
mod tests {
    use crate::Reading;
    use crate::trips::{canonical_data, data, respelled_data};

    #[test]
    fn vanished_is_written_as_it_came() {
        canonical_data("VANISHED 405,407,410,425");
        canonical_data("VANISHED (EARLIER) 300:310,405,411");
        canonical_data("VANISHED 9:7,1");
        respelled_data("vanished (earlier) 41", "VANISHED (EARLIER) 41");
        for (bad, offset) in [
            ("VANISHED", 10),
            ("VANISHED ", 11),
            ("VANISHED *", 11),
            ("VANISHED 1:*", 13),
            ("VANISHED $", 11),
            ("VANISHED (LATER) 1", 11),
            ("VANISHED (EARLIER)", 20),
            ("VANISHED 1 2", 12),
        ] {
            assert_eq!(data(bad, Reading::STRICT).unwrap_err().offset, offset, "{bad:?}");
        }
    }
}
