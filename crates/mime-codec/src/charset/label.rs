//! The names under which mail knows charsets.

use encoding_rs::Encoding;

use super::Charset;
use super::dos::DosPage;

/// Finds the charset of a label in any case, with or without quotes, white space and hyphens.
pub(super) fn find(label: &[u8]) -> Option<Charset> {
    // Most labels, at little cost.
    for (name, charset) in [
        ("utf-8", Charset::UTF_8),
        ("us-ascii", Charset::US_ASCII),
        ("iso-8859-1", Charset::WESTERN),
    ] {
        if label.eq_ignore_ascii_case(name.as_bytes()) {
            return Some(charset);
        }
    }
    let label = label.trim_ascii();
    // Quotes of the wrong kind, and the language of RFC 2231, come along.
    let is_quote = |octet: &u8| matches!(octet, b'"' | b'\'' | b'<' | b'>' | b' ');
    let start = label.iter().position(|octet| !is_quote(octet))?;
    let end = label.iter().rposition(|octet| !is_quote(octet))? + 1;
    let label = &label[start..end];
    let mut buffer = [0; LONGEST];
    let squeezed = squeeze(label, &mut buffer)?;
    ours(squeezed)
        .or_else(|| standard(label))
        .or_else(|| code_page(squeezed))
        .or_else(|| part_of_8859(squeezed))
        .or_else(|| standard(alias(squeezed)?.as_bytes()))
}

/// The letters and digits of a label, in lower case.
fn squeeze<'b>(label: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b str> {
    let mut length = 0;
    for octet in label.iter().filter(|octet| octet.is_ascii_alphanumeric()) {
        *buffer.get_mut(length)? = octet.to_ascii_lowercase();
        length += 1;
    }
    str::from_utf8(&buffer[..length]).ok().filter(|label| !label.is_empty())
}

/// What `encoding_rs` does not have, or reads otherwise than mail does.
fn ours(label: &str) -> Option<Charset> {
    Some(match label {
        "ascii" | "usascii" | "ansix341968" | "ansix341986" | "iso646us" | "iso646irv1991" | "isoir6" | "us"
        | "646" | "cp367" | "ibm367" | "csascii" | "ascii7bit" | "asciius" => Charset::US_ASCII,
        "utf7" | "unicode11utf7" | "unicode20utf7" | "xunicode20utf7" | "csunicode11utf7" | "csutf7" | "cp65000" => {
            Charset::UTF_7
        }
        "utf16" | "ucs2" | "unicode" | "iso10646ucs2" | "csunicode" | "csutf16" | "utf16bom" => Charset::UTF_16,
        "utf32" | "ucs4" | "iso10646ucs4" | "csutf32" => Charset::UTF_32,
        "utf32be" | "csutf32be" => Charset::UTF_32BE,
        "utf32le" | "csutf32le" => Charset::UTF_32LE,
        "utf16be" | "unicodefffe" | "cp1201" => Charset::standard(encoding_rs::UTF_16BE),
        "utf16le" | "cp1200" => Charset::standard(encoding_rs::UTF_16LE),
        "iso2022kr" | "csiso2022kr" => Charset::ISO_2022_KR,
        "hz" | "hzgb2312" => Charset::HZ,
        "cp437" | "ibm437" | "437" | "cspc8codepage437" => Charset::dos(DosPage::Cp437),
        "cp850" | "ibm850" | "850" | "cspc850multilingual" => Charset::dos(DosPage::Cp850),
        "cp852" | "ibm852" | "852" | "cspcp852" => Charset::dos(DosPage::Cp852),
        "cp858" | "ibm858" | "858" | "ibm00858" | "cp00858" => Charset::dos(DosPage::Cp858),
        _ => return None,
    })
}

/// The labels of the WHATWG's standard, but for those that it has so that nothing is decoded.
fn standard(label: &[u8]) -> Option<Charset> {
    Encoding::for_label_no_replacement(label).map(Charset::standard)
}

/// `cp1252`, `windows1252`, `win-1252`, `x-cp1252`, `ms932`: numbers of code pages.
fn code_page(label: &str) -> Option<Charset> {
    let digits = label.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let prefix = &label[..label.len() - digits.len()];
    if !matches!(
        prefix,
        "cp" | "xcp"
            | "win"
            | "wincp"
            | "windows"
            | "xwindows"
            | "ms"
            | "msansi"
            | "xmscp"
            | "ansi"
            | "ibm"
            | "codepage"
            | ""
    ) {
        return None;
    }
    let number: u32 = digits.parse().ok()?;
    let encoding = match number {
        874 => "windows-874",
        932 | 943 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        866 => "ibm866",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1252 => "windows-1252",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        10000 => "macintosh",
        10007 | 10017 => "x-mac-cyrillic",
        20127 => return Some(Charset::US_ASCII),
        20866 => "koi8-r",
        21866 => "koi8-u",
        28591..=28606 => return numbered(number - 28590),
        50220..=50222 => "iso-2022-jp",
        51932 => "euc-jp",
        51949 => "euc-kr",
        54936 => "gb18030",
        65001 => "utf-8",
        _ => return None,
    };
    standard(encoding.as_bytes())
}

/// `8859-1`, `ISO8859_15`, `iso 8859-8 i`, `iso-8859-1 (Latin 1)` without its comment.
fn part_of_8859(label: &str) -> Option<Charset> {
    let label = label.strip_prefix('x').unwrap_or(label);
    let label = label.strip_prefix("iso").unwrap_or(label);
    let part = label.strip_prefix("8859")?;
    let part = part.trim_end_matches(['i', 'e']);
    numbered(part.parse().ok()?)
}

/// ISO 8859 by its part. Part 1 is read as windows-1252 and part 9 as windows-1254, which hold them; there is no part 12.
fn numbered(part: u32) -> Option<Charset> {
    let label = match part {
        1 => "iso-8859-1",
        2 => "iso-8859-2",
        3 => "iso-8859-3",
        4 => "iso-8859-4",
        5 => "iso-8859-5",
        6 => "iso-8859-6",
        7 => "iso-8859-7",
        8 => "iso-8859-8",
        9 => "iso-8859-9",
        10 => "iso-8859-10",
        11 => "iso-8859-11",
        13 => "iso-8859-13",
        14 => "iso-8859-14",
        15 => "iso-8859-15",
        16 => "iso-8859-16",
        _ => return None,
    };
    standard(label.as_bytes())
}

/// Spellings that mail has besides.
fn alias(label: &str) -> Option<&'static str> {
    Some(match label {
        "utf8" | "xutf8" | "utf8mb3" | "utf8mb4" | "csutf8" | "utf8n" | "unicode11utf8" | "unicode20utf8" => "utf-8",
        "ansi" | "latin1" | "isolatin1" | "iso1" | "west" | "western" => "windows-1252",
        "isolatin2" => "iso-8859-2",
        "latin7" | "l7" => "iso-8859-13",
        "latin8" | "l8" => "iso-8859-14",
        "latin9" | "latin0" => "iso-8859-15",
        "latin10" | "l10" => "iso-8859-16",
        "gbk" | "xgbk" | "gb231280" | "gb2312" | "euccn" | "xeuccn" | "cngb" | "xmacchinesesimp" => "gbk",
        "gb18030" | "gb180302000" | "gb180302005" | "xgb18030" => "gb18030",
        "big5" | "big5hkscs" | "big5eten" | "big5hkscs1999" | "big5hkscs2004" | "xmacchinesetrad" => "big5",
        "sjis" | "xsjis" | "shiftjis" | "mskanji" | "windows31j" | "cswindows31j" | "xmacjapanese"
        | "shiftjisx0213" | "sjis2004" => "shift_jis",
        "eucjp" | "xeucjp" | "ujis" | "eucjis2004" => "euc-jp",
        "jis" | "iso2022jp" | "iso2022jp1" | "iso2022jp2" | "iso2022jp3" | "iso2022jp2004" | "iso2022jpms"
        | "iso2022jpext" => "iso-2022-jp",
        "euckr" | "xeuckr" | "uhc" | "ksc5601" | "ksc56011987" | "ksc56011992" | "ksx1001" | "xmackorean"
        | "xwindows949" => "euc-kr",
        "koi8" | "koi8r" | "xkoi8r" => "koi8-r",
        "koi8u" | "koi8ru" | "xkoi8u" => "koi8-u",
        "mac" | "macroman" | "xmacroman" | "applemacroman" | "macintosh" => "macintosh",
        "maccyrillic" | "xmacukrainian" | "macukrainian" => "x-mac-cyrillic",
        "tis620" | "tis6202533" | "thai" => "windows-874",
        "arabic" => "iso-8859-6",
        "greek" => "iso-8859-7",
        "hebrew" | "visual" | "iso88598visual" => "iso-8859-8",
        "logical" | "iso88598logical" => "iso-8859-8-i",
        _ => return None,
    })
}

/// Letters and digits of the longest label worth looking up.
const LONGEST: usize = 40;
