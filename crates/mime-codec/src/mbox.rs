//! mbox files: messages one behind the other, each below a line that begins with `From ` (RFC 4155 §A).
//!
//! Three variants differ in how such a line inside a message is kept from being taken for the next message:
//!
//! | variant | a line `From ` in a message | read back |
//! |---|---|---|
//! | [`Mboxo`](Variant::Mboxo) | becomes `>From ` | stays `>From `: nothing tells it from a line that was so before |
//! | [`Mboxrd`](Variant::Mboxrd) | gets one more `>`, and so do `>From `, `>>From ` and so on | exactly as it was |
//! | [`Mboxcl2`](Variant::Mboxcl2) | stays: the field Content-Length tells where the body ends | exactly as it was |
//!
//! ```
//! use mime_codec::mbox::{Event, FromLine, Reader, Variant, Writer};
//! use rfc5322::{DateTime, Zone};
//!
//! let date = DateTime::from_unix(1_057_049_557, Zone::UTC)?;
//! let mut writer = Writer::new(Variant::Mboxrd);
//! let mut file = Vec::new();
//! writer.start(&FromLine::new(b"alice@crepes.fr", date), &mut file);
//! writer.write(b"Subject: ketchup\n\nFrom here to eternity\n", &mut file);
//! writer.end(&mut file);
//! assert_eq!(
//!     String::from_utf8_lossy(&file),
//!     "From alice@crepes.fr Tue Jul  1 08:52:37 2003\nSubject: ketchup\n\n>From here to eternity\n\n"
//! );
//!
//! let mut reader = Reader::new(Variant::Mboxrd);
//! let mut message = Vec::new();
//! let mut collect = |event: Event| match event {
//!     Event::Start(line) => assert_eq!(FromLine::parse(line).and_then(|line| line.date), Some(date)),
//!     Event::Octets(octets) => message.extend_from_slice(octets),
//!     _ => {}
//! };
//! file.chunks(7).for_each(|piece| reader.update(piece, &mut collect));
//! reader.finish(&mut collect);
//! assert_eq!(message, b"Subject: ketchup\n\nFrom here to eternity\n");
//! # Ok::<(), rfc5322::DateError>(())
//! ```

mod from_line;
mod reader;
mod writer;

pub use from_line::FromLine;
pub use reader::{Event, Reader};
pub use writer::Writer;

/// How lines that begin with `From ` are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Variant {
    /// `>` in front of `From `, never taken away again.
    Mboxo,
    /// `>` in front of `From `, `>From ` and so on, taken away when read.
    #[default]
    Mboxrd,
    /// Content-Length, and nothing changed.
    Mboxcl2,
}

/// How such a line begins.
const FROM: &[u8; 5] = b"From ";
