//! What is wrong with a message, and where.

/// Something in a message that breaks the rules, where it stands, and how it was read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at offset {offset}")]
pub struct Defect {
    /// Octets before it, counted from the start of the value or message that was parsed.
    pub offset: usize,
    /// What is wrong.
    pub kind: DefectKind,
}

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DefectKind {
    /// A header field that breaks the grammar of RFC 5322.
    #[error(transparent)]
    Header(rfc5322::DefectKind),
    /// An octet above 127 in what says that it is 7bit (RFC 2045 §2.7).
    #[error("an octet above 127 in 7bit data")]
    EightBitOctet,
    /// A NUL in what says that it is 7bit or 8bit (RFC 2045 §2.8).
    #[error("a NUL in data that is not binary")]
    NulOctet,
    /// A character outside the alphabet of base64, passed over (RFC 2045 §6.8).
    #[error("a character outside the base64 alphabet")]
    Base64Character,
    /// Data behind the padding of base64, decoded as one more block.
    #[error("data behind the padding of base64")]
    Base64AfterPadding,
    /// One base64 character too many at the end or in front of padding: no whole octet, dropped.
    #[error("base64 that ends inside an octet")]
    Base64Truncated,
    /// Less padding than the last quantum of base64 needs (RFC 2045 §6.8).
    #[error("missing base64 padding")]
    Base64MissingPadding,
    /// A padding character of base64 where none belongs, passed over.
    #[error("misplaced base64 padding")]
    Base64MisplacedPadding,
    /// Bits behind the last octet of base64 that are not zero, dropped.
    #[error("base64 whose unused bits are not zero")]
    Base64TrailingBits,
    /// A `=` that begins no escape and no soft line break, kept as it is (RFC 2045 §6.7).
    #[error("a `=` that begins no escape")]
    QuotedPrintableEscape,
    /// Hexadecimal digits in lower case in an escape (RFC 2045 §6.7).
    #[error("an escape in lower case")]
    QuotedPrintableLowercase,
    /// A control character or an octet above 126 that is not escaped, kept; a bare CR is dropped (RFC 2045 §6.7).
    #[error("an octet that quoted-printable must escape")]
    QuotedPrintableOctet,
    /// White space at the end of an encoded line, removed (RFC 2045 §6.7).
    #[error("white space at the end of a quoted-printable line")]
    QuotedPrintableTrailingSpace,
    /// A line of more than 76 characters (RFC 2045 §6.7).
    #[error("a quoted-printable line of more than 76 characters")]
    QuotedPrintableLineLength,
    /// A soft line break at the end of the data (RFC 2045 §6.7).
    #[error("a soft line break at the end")]
    QuotedPrintableSoftBreakAtEnd,
    /// No `begin` line in front of uuencoded data: nothing is decoded.
    #[error("no `begin` line in uuencoded data")]
    UuencodeBegin,
    /// No `end` line behind uuencoded data.
    #[error("no `end` line in uuencoded data")]
    UuencodeEnd,
    /// A uuencoded line that is shorter or longer than its first character says.
    #[error("a uuencoded line of another length than it says")]
    UuencodeLength,
    /// A character outside the alphabet of uuencode, of which the low six bits are used.
    #[error("a character outside the uuencode alphabet")]
    UuencodeCharacter,
    /// No usable `=ybegin` line in front of yEnc data: nothing is decoded.
    #[error("no `=ybegin` line in yEnc data")]
    YencBegin,
    /// No `=yend` line behind yEnc data.
    #[error("no `=yend` line in yEnc data")]
    YencEnd,
    /// A `=` at the end of yEnc data or of a line of it, dropped.
    #[error("a yEnc escape without its octet")]
    YencEscape,
    /// Another number of octets than the lines `=ybegin`, `=ypart` or `=yend` say.
    #[error("yEnc data of another size than it says")]
    YencSize,
    /// Octets with another CRC-32 than the line `=yend` says.
    #[error("yEnc data with another checksum than it says")]
    YencChecksum,
    /// An mbox file that begins without a line `From `: a message all the same (RFC 4155 §A).
    #[error("an mbox file without its first `From ` line")]
    MboxFromLine,
    /// No empty line in front of a message in an mbox file (RFC 4155 §A).
    #[error("no empty line in front of a message")]
    MboxMissingBlankLine,
    /// No Content-Length, or one that does not end where a message ends, in mboxcl2.
    #[error("a Content-Length that does not end at a message's end")]
    MboxContentLength,
    /// Octets that do not begin with the signature of TNEF: nothing is read.
    #[error("no signature of TNEF")]
    TnefSignature,
    /// TNEF that ends inside an attribute, of which the octets that are there are kept.
    #[error("TNEF that ends inside an attribute")]
    TnefTruncated,
    /// An attribute of TNEF that belongs neither to the message nor to an attachment: nothing behind it is read.
    #[error("an attribute of an unknown level in TNEF")]
    TnefLevel,
    /// An attribute of TNEF with another checksum than it says.
    #[error("a wrong checksum in TNEF")]
    TnefChecksum,
    /// A MAPI property in TNEF that cannot be read, nor can those behind it in its list.
    #[error("a MAPI property that cannot be read")]
    TnefProperty,
    /// More attachments in TNEF than are read.
    #[error("too many attachments in TNEF")]
    TnefAttachments,
    /// Compressed RTF without a header that is known: nothing is read.
    #[error("no header of compressed RTF")]
    RtfHeader,
    /// Compressed RTF with another checksum than it says.
    #[error("a wrong checksum in compressed RTF")]
    RtfChecksum,
    /// Compressed RTF that ends early, or has another size than it says.
    #[error("compressed RTF of another size than it says")]
    RtfSize,
}

impl DefectKind {
    /// The defect's name for programs: words in lower case with hyphens between, never changed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header(kind) => kind.name(),
            Self::EightBitOctet => "eight-bit-octet",
            Self::NulOctet => "nul-octet",
            Self::Base64Character => "base64-character",
            Self::Base64AfterPadding => "base64-after-padding",
            Self::Base64Truncated => "base64-truncated",
            Self::Base64MissingPadding => "base64-missing-padding",
            Self::Base64MisplacedPadding => "base64-misplaced-padding",
            Self::Base64TrailingBits => "base64-trailing-bits",
            Self::QuotedPrintableEscape => "quoted-printable-escape",
            Self::QuotedPrintableLowercase => "quoted-printable-lowercase",
            Self::QuotedPrintableOctet => "quoted-printable-octet",
            Self::QuotedPrintableTrailingSpace => "quoted-printable-trailing-space",
            Self::QuotedPrintableLineLength => "quoted-printable-line-length",
            Self::QuotedPrintableSoftBreakAtEnd => "quoted-printable-soft-break-at-end",
            Self::UuencodeBegin => "uuencode-begin",
            Self::UuencodeEnd => "uuencode-end",
            Self::UuencodeLength => "uuencode-length",
            Self::UuencodeCharacter => "uuencode-character",
            Self::YencBegin => "yenc-begin",
            Self::YencEnd => "yenc-end",
            Self::YencEscape => "yenc-escape",
            Self::YencSize => "yenc-size",
            Self::YencChecksum => "yenc-checksum",
            Self::MboxFromLine => "mbox-from-line",
            Self::MboxMissingBlankLine => "mbox-missing-blank-line",
            Self::MboxContentLength => "mbox-content-length",
            Self::TnefSignature => "tnef-signature",
            Self::TnefTruncated => "tnef-truncated",
            Self::TnefLevel => "tnef-level",
            Self::TnefChecksum => "tnef-checksum",
            Self::TnefProperty => "tnef-property",
            Self::TnefAttachments => "tnef-attachments",
            Self::RtfHeader => "rtf-header",
            Self::RtfChecksum => "rtf-checksum",
            Self::RtfSize => "rtf-size",
        }
    }
}

impl From<rfc5322::Defect> for Defect {
    fn from(defect: rfc5322::Defect) -> Self {
        Self {
            offset: defect.offset,
            kind: DefectKind::Header(defect.kind),
        }
    }
}
