//! THREAD and UID THREAD (RFC 5256). What they return is [`Threads`](crate::Threads).

use bounded_static::ToStatic;

use crate::searching::search_program::SearchProgram;
use crate::syntax::charset::Charset;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, Numbering};

/// THREAD: which messages match, and which of them are answers to which?
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Thread<'a> {
    /// What the answer is in; [`Uid`](Numbering::Uid) makes it UID THREAD.
    pub numbering: Numbering,
    /// How threads are found.
    pub algorithm: ThreadAlgorithm<'a>,
    /// What the strings are in.
    pub charset: Charset<'a>,
    /// What is sought.
    pub program: SearchProgram<'a>,
}

/// `thread-alg` (RFC 5256 §5)
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
#[non_exhaustive]
pub enum ThreadAlgorithm<'a> {
    /// ORDEREDSUBJECT: by subject, then by date.
    OrderedSubject,
    /// REFERENCES: by References, In-Reply-To and subject.
    References,
    /// Another one, such as `REFS`. A name of the above is read back as what it is.
    Other(Atom<'a>),
}

impl<'a> ThreadAlgorithm<'a> {
    /// ```text
    /// thread-alg     = "ORDEREDSUBJECT" / "REFERENCES" / thread-alg-ext
    /// thread-alg-ext = atom
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.atom()?;
        Ok(if name == Atom::fixed("ORDEREDSUBJECT") {
            Self::OrderedSubject
        } else if name == Atom::fixed("REFERENCES") {
            Self::References
        } else {
            Self::Other(name)
        })
    }

    /// As on the wire, and as in the capability `THREAD=`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::OrderedSubject => "ORDEREDSUBJECT",
            Self::References => "REFERENCES",
            Self::Other(name) => name.as_str(),
        }
    }
}

impl<'a> Thread<'a> {
    /// ```text
    /// thread          = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
    /// search-criteria = charset 1*(SP search-key)
    /// ```
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let algorithm = ThreadAlgorithm::read(reader)?;
        reader.space()?;
        let charset = Charset::read(reader)?;
        reader.space()?;
        let program = SearchProgram::read(reader)?;
        Ok(Self {
            numbering,
            algorithm,
            charset,
            program,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        self.numbering.write_prefix(writer);
        writer.text("THREAD ");
        writer.text(self.algorithm.as_str());
        writer.space();
        self.charset.write(writer);
        writer.space();
        self.program.write(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Command;
    use crate::trips::{canonical_command, command, respelled_command};

    #[test]
    fn commands_are_written_as_they_came() {
        for text in [
            "THREAD ORDEREDSUBJECT US-ASCII TEXT gewp",
            "UID THREAD REFERENCES UTF-8 SINCE 5-Mar-2000 OR SEEN 4",
            "THREAD REFS UTF-8 ALL",
        ] {
            canonical_command(text);
        }
        let read = respelled_command("thread references utf-8 all", "THREAD REFERENCES utf-8 ALL");
        let Command::Thread(thread) = read else { panic!() };
        assert_eq!(thread.algorithm, ThreadAlgorithm::References);
        for (bad, offset) in [
            ("THREAD", 8),
            ("THREAD REFERENCES", 19),
            ("THREAD REFERENCES UTF-8", 25),
            ("THREAD (REFERENCES) UTF-8 ALL", 9),
            ("THREAD REFERENCES ALL", 23),
        ] {
            assert_eq!(command(bad).map_err(|error| error.offset), Err(offset), "{bad:?}");
        }
    }
}
