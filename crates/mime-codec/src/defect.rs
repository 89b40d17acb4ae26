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
    // Structure.
    /// A line of a header section that is no field.
    #[error("a line of the header section is no field")]
    MalformedField,
    /// A field that may stand once stands twice. The first one counts.
    #[error("a field that stands more than once")]
    DuplicateField,
    /// A date that does not follow today's grammar, or is none (RFC 5322 §3.3).
    #[error("a date that is not as RFC 5322 has it")]
    Date,
    /// The empty line between a header section and its body is missing (RFC 5322 §2.1, RFC 2046 §5.1).
    #[error("no empty line between header section and body")]
    MissingBlankLine,
    /// A multipart without a boundary parameter (RFC 2046 §5.1.1): none of its parts can be found.
    #[error("a multipart without a boundary")]
    MissingBoundary,
    /// A multipart without a part.
    #[error("a multipart without a part")]
    NoParts,
    /// A multipart without its closing delimiter line (RFC 2046 §5.1.1).
    #[error("a multipart without its closing delimiter line")]
    MissingEndBoundary,
    /// The boundary of a multipart is that of a multipart around it (RFC 2046 §5.1.2). Delimiter lines count for the inner one.
    #[error("a boundary that an outer multipart has, too")]
    BoundaryInUse,
    /// A line that begins with the delimiter of a multipart and goes on (RFC 2046 §5.1.1). It counts as text.
    #[error("a line that begins like a delimiter line")]
    DelimiterAlike,
    /// Entities nested deeper than the limit. The one at the limit counts as a leaf.
    #[error("limit of {0} for the depth of nesting exceeded")]
    DepthLimit(usize),
    /// More entities than the limit.
    #[error("limit of {0} parts exceeded")]
    PartLimit(usize),
    /// A header field that is longer than the limit. It is passed over.
    #[error("limit of {0} octets for a header field exceeded")]
    FieldLimit(usize),
    /// More transfer-encoded messages, one inside another, than the limit. The innermost counts as a leaf.
    #[error("limit of {0} for messages that are decoded exceeded")]
    DecodedLayerLimit(usize),
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

    // Text: content types, parameters, charsets, encoded words.
    /// A Content-Type without `type/subtype`; read as `text/plain` (RFC 2045 §5.2).
    #[error("a content type without type and subtype")]
    InvalidContentType,
    /// A Content-Disposition that does not begin with its type (RFC 2183 §2).
    #[error("a content disposition without its type")]
    MissingDisposition,
    /// A parameter without a semicolon in front of it (RFC 2045 §5.1).
    #[error("a parameter without a semicolon in front of it")]
    MissingSemicolon,
    /// A semicolon with no parameter behind it (RFC 2045 §5.1).
    #[error("a semicolon with no parameter behind it")]
    EmptyParameter,
    /// A parameter without `=` and value; its value is read as empty.
    #[error("a parameter without a value")]
    MissingEquals,
    /// Nothing behind the `=` of a parameter (RFC 2045 §5.1).
    #[error("nothing behind the equals sign of a parameter")]
    EmptyParameterValue,
    /// The name of a parameter is no token, or its asterisks are not where RFC 2231 §7 has them.
    #[error("a malformed parameter name")]
    InvalidParameterName,
    /// A value that needs quotes and has none (RFC 2045 §5.1).
    #[error("a parameter value that needs quotes and has none")]
    UnquotedParameterValue,
    /// Something between a value and the next semicolon; not read.
    #[error("something that is no parameter behind a value")]
    JunkAfterValue,
    /// A parameter, or a section of one, that came before; the first one counts.
    #[error("a duplicate parameter")]
    DuplicateParameter,
    /// A parameter in several of the forms of RFC 2231: plain, extended, in sections.
    #[error("a parameter in several forms")]
    AmbiguousParameter,
    /// A parameter in sections whose numbers have a gap; what is there is joined (RFC 2231 §3).
    #[error("a parameter with a section missing")]
    MissingParameterSection,
    /// An extended value in quotes (RFC 2231 §7).
    #[error("an extended parameter value in quotes")]
    QuotedExtendedValue,
    /// An extended value without `charset'language'` (RFC 2231 §4).
    #[error("an extended parameter value without charset and language")]
    MissingParameterCharset,
    /// A percent sign without two hexadecimal digits; it stands for itself (RFC 2231 §7).
    #[error("a percent sign without two hexadecimal digits")]
    InvalidPercentEncoding,
    /// A boundary that is empty, longer than 70 octets, or holds what RFC 2046 §5.1.1 does not allow.
    #[error("a malformed boundary")]
    InvalidBoundary,
    /// Octets beyond ASCII that are no UTF-8, without a charset; U+FFFD stands for them.
    #[error("octets beyond ASCII without a charset")]
    RawEightBit,
    /// A charset that is not known; valid UTF-8 is read so, U+FFFD stands for other octets.
    #[error("an unknown charset")]
    UnknownCharset,
    /// Octets that mean nothing in their charset; U+FFFD stands for them.
    #[error("octets that mean nothing in their charset")]
    UndecodableOctets,
    /// Encoded CR, LF or NUL: read as a space, or as U+FFFD for NUL.
    #[error("an encoded CR, LF or NUL")]
    ControlInText,
    /// An encoded word in a parameter value, where RFC 2047 §5 forbids it; decoded.
    #[error("an encoded word in a parameter value")]
    EncodedWordInParameter,
    /// An encoded word in a quoted string, where RFC 2047 §5 forbids it; decoded.
    #[error("an encoded word in a quoted string")]
    EncodedWordInQuotedString,
    /// An encoded word without white space around it (RFC 2047 §5); decoded.
    #[error("an encoded word without white space around it")]
    EncodedWordGlued,
    /// White space inside an encoded word (RFC 2047 §2); decoded.
    #[error("white space inside an encoded word")]
    EncodedWordSpace,
    /// An encoded word of more than 75 octets (RFC 2047 §2).
    #[error("an encoded word of more than 75 octets")]
    EncodedWordOverlong,
    /// An encoded word without its `?=`; decoded up to the white space behind it.
    #[error("an encoded word without its end")]
    EncodedWordUnclosed,
    /// Malformed base64 in an encoded word; what can be read is.
    #[error("malformed base64 in an encoded word")]
    EncodedWordBase64,
    /// A malformed escape in an encoded word; it stands for itself.
    #[error("a malformed escape in an encoded word")]
    EncodedWordQ,
    /// A path of Windows in quotes whose backslashes are not doubled (RFC 5322 §3.2.4): they quote, and are dropped.
    #[error("a path whose backslashes are not doubled")]
    UnescapedBackslash,
    /// A character that is split between two encoded words (RFC 2047 §5); put together.
    #[error("a character that is split between encoded words")]
    EncodedWordSplitCharacter,
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
            Self::MalformedField => "malformed-field",
            Self::DuplicateField => "duplicate-field",
            Self::Date => "date",
            Self::MissingBlankLine => "missing-blank-line",
            Self::MissingBoundary => "missing-boundary",
            Self::NoParts => "no-parts",
            Self::MissingEndBoundary => "missing-end-boundary",
            Self::BoundaryInUse => "boundary-in-use",
            Self::DelimiterAlike => "delimiter-alike",
            Self::DepthLimit(_) => "depth-limit",
            Self::PartLimit(_) => "part-limit",
            Self::FieldLimit(_) => "field-limit",
            Self::DecodedLayerLimit(_) => "decoded-layer-limit",
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
            Self::InvalidContentType => "invalid-content-type",
            Self::MissingDisposition => "missing-disposition",
            Self::MissingSemicolon => "missing-semicolon",
            Self::EmptyParameter => "empty-parameter",
            Self::MissingEquals => "missing-equals",
            Self::EmptyParameterValue => "empty-parameter-value",
            Self::InvalidParameterName => "invalid-parameter-name",
            Self::UnquotedParameterValue => "unquoted-parameter-value",
            Self::JunkAfterValue => "junk-after-value",
            Self::DuplicateParameter => "duplicate-parameter",
            Self::AmbiguousParameter => "ambiguous-parameter",
            Self::MissingParameterSection => "missing-parameter-section",
            Self::QuotedExtendedValue => "quoted-extended-value",
            Self::MissingParameterCharset => "missing-parameter-charset",
            Self::InvalidPercentEncoding => "invalid-percent-encoding",
            Self::InvalidBoundary => "invalid-boundary",
            Self::RawEightBit => "raw-eight-bit",
            Self::UnknownCharset => "unknown-charset",
            Self::UndecodableOctets => "undecodable-octets",
            Self::ControlInText => "control-in-text",
            Self::EncodedWordInParameter => "encoded-word-in-parameter",
            Self::EncodedWordInQuotedString => "encoded-word-in-quoted-string",
            Self::EncodedWordGlued => "encoded-word-glued",
            Self::EncodedWordSpace => "encoded-word-space",
            Self::EncodedWordOverlong => "encoded-word-overlong",
            Self::EncodedWordUnclosed => "encoded-word-unclosed",
            Self::EncodedWordBase64 => "encoded-word-base64",
            Self::EncodedWordQ => "encoded-word-q",
            Self::UnescapedBackslash => "unescaped-backslash",
            Self::EncodedWordSplitCharacter => "encoded-word-split-character",
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
