//! Charsets: labels, decoders, guesses.

use std::borrow::Cow;

use mime_codec::Charset;

fn named(label: &str) -> &'static str {
    Charset::for_label(label.as_bytes()).map_or("none", Charset::name)
}

#[test]
fn labels_of_real_mail() {
    for (label, name) in [
        ("UTF8", "UTF-8"),
        (" \"utf-8\" ", "UTF-8"),
        ("'utf-8'", "UTF-8"),
        ("unicode-1-1-utf-7", "UTF-7"),
        ("utf7", "UTF-7"),
        ("cp-1252", "windows-1252"),
        ("CP1251", "windows-1251"),
        ("win-1250", "windows-1250"),
        ("x-cp1256", "windows-1256"),
        ("iso_8859-1:1987", "windows-1252"),
        ("iso8859_15", "ISO-8859-15"),
        ("8859-2", "ISO-8859-2"),
        ("iso-8859-8-i", "ISO-8859-8-I"),
        ("iso-8859-8-e", "ISO-8859-8"),
        ("latin9", "ISO-8859-15"),
        ("x-mac-roman", "macintosh"),
        ("x-mac-cyrillic", "x-mac-cyrillic"),
        ("ks_c_5601-1987", "EUC-KR"),
        ("ks_c_5601", "EUC-KR"),
        ("gb2312", "GBK"),
        ("gb_2312-80", "GBK"),
        ("cp932", "Shift_JIS"),
        ("windows-31j", "Shift_JIS"),
        ("iso-2022-jp-2", "ISO-2022-JP"),
        ("iso-2022-kr", "ISO-2022-KR"),
        ("hz-gb-2312", "HZ-GB-2312"),
        ("ansi_x3.4-1968", "US-ASCII"),
        ("ascii", "US-ASCII"),
        ("646", "US-ASCII"),
        ("cp850", "IBM850"),
        ("ibm437", "IBM437"),
        ("tis-620", "windows-874"),
        ("utf-16", "UTF-16"),
        ("ucs-2", "UTF-16"),
        ("utf-32be", "UTF-32BE"),
        ("koi8-ru", "KOI8-U"),
        ("big5-hkscs", "Big5"),
        ("unknown-8bit", "none"),
        ("iso-8859-12", "none"),
        ("cp", "none"),
        ("99999999999999999999", "none"),
        ("", "none"),
        ("\"", "none"),
        ("é", "none"),
    ] {
        assert_eq!(named(label), name, "{label}");
    }
    assert_eq!(named(&"a".repeat(100_000)), "none");
}

#[test]
fn decoders() {
    for (label, octets, text) in [
        ("utf-7", &b"Gr+APwA3w-e +- +2D3eAA-"[..], "Grüße + 😀"),
        ("utf-16", b"\xFF\xFEa\0\xE9\0", "aé"),
        ("utf-16", b"\xFE\xFF\0a", "a"),
        ("utf-16", b"\0a\0b", "ab"),
        ("utf-32", b"\xFF\xFE\0\0a\0\0\0", "a"),
        ("utf-32", b"\0\0\0a\0\x01\xF6\0", "a😀"),
        ("cp437", b"cr\x88pe", "crêpe"),
        ("iso-2022-jp", b"\x1B$BF|\x1B(B\x1B$BK\\\x1B(B!", "日本!"),
        ("iso-2022-kr", b"\x1B$)C\x0E1h\x0F!", "김!"),
        ("hz", b"~{<:Ky2;~} ~~a", "己所不 ~a"),
        ("utf-8", b"\xEF\xBB\xBFa", "a"),
        ("iso-8859-1", b"\x80", "€"),
    ] {
        let charset = Charset::for_label(label.as_bytes()).unwrap();
        let decoded = charset.decode(octets);
        assert_eq!((&*decoded.text, decoded.replaced), (text, 0), "{label}");
    }
}

#[test]
fn what_is_not_utf8_is_replaced() {
    let utf8 = |octets: &'static [u8]| Charset::UTF_8.decode(octets);
    assert!(matches!(utf8(b"abc").text, Cow::Borrowed("abc")));
    assert!(matches!(utf8("é".as_bytes()).text, Cow::Borrowed("é")));
    let mixed = utf8(b"\xE9 \xC3\xA9 \xF0\x9F\x98");
    assert_eq!((&*mixed.text, mixed.replaced), ("\u{fffd} é \u{fffd}", 2));
    let ascii = Charset::US_ASCII.decode("é".as_bytes());
    assert_eq!((&*ascii.text, ascii.replaced), ("é", 1));
}

/// All strings of up to six octets that UTF-8, UTF-7, escapes and surrogates are made of, in two pieces cut anywhere.
#[test]
fn where_it_is_cut_changes_nothing() {
    let alphabets: [(&str, &[u8]); 6] = [
        ("none", &[b'a', 0xC3, 0xA9, 0xE2, 0x82, 0xF0]),
        ("utf-8", &[b'a', 0xC3, 0xA9, 0xE2, 0x82, 0xEF]),
        ("utf-7", b"+-A2a!"),
        ("iso-2022-jp", b"\x1B$B(!a"),
        ("hz", b"~{}a!\n"),
        ("utf-16", &[0xFF, 0xFE, 0, b'a', 0xD8, 0xDC]),
    ];
    for (label, alphabet) in alphabets {
        let charset = Charset::for_label(label.as_bytes()).unwrap_or(Charset::UTF_8);
        let mut all = vec![Vec::new()];
        for _ in 0..5 {
            all = all
                .iter()
                .flat_map(|octets| alphabet.iter().map(move |&octet| [octets, &[octet][..]].concat()))
                .collect();
            for octets in &all {
                cut_anywhere(charset, octets);
            }
        }
    }
}

/// Only the first byte order mark is one.
#[test]
fn marks_are_dropped_once() {
    let mark = b"\xEF\xBB\xBF";
    for behind in [&b""[..], b"a", b"\xFF", mark, b"\xEF\xBB"] {
        let octets = [mark, mark, behind].concat();
        assert!(Charset::UTF_8.decode(&octets).text.starts_with('\u{FEFF}'));
        cut_anywhere(Charset::UTF_8, &octets);
        cut_anywhere(Charset::UTF_8, &octets[..5]);
    }
    for label in ["utf-16le", "utf-16be", "utf-16", "utf-32", "gb18030"] {
        let charset = Charset::for_label(label.as_bytes()).unwrap();
        for octets in [
            &b"\xFF\xFE\xFF\xFE\x61"[..],
            b"\xFE\xFF\xFE\xFF\x61",
            b"\xEF\xBB\xBF\xFF",
            b"\xFF",
            b"\0\0\xFE\xFF\0\0\xFE\xFF",
        ] {
            cut_anywhere(charset, octets);
        }
    }
}

fn cut_anywhere(charset: Charset, octets: &[u8]) {
    let whole = charset.decode(octets);
    for cut in 0..=octets.len() {
        let mut decoder = charset.decoder();
        let mut text = String::new();
        decoder.decode(&octets[..cut], &mut text);
        decoder.decode(&octets[cut..], &mut text);
        decoder.finish(&mut text);
        assert_eq!(text, whole.text, "{charset:?} {octets:?} at {cut}");
        if charset != Charset::US_ASCII {
            assert_eq!(decoder.replaced(), whole.replaced, "{charset:?} {octets:?} at {cut}");
        }
    }
}

/// `docs/threats.md` row 16: text is bounded by its octets.
#[test]
fn text_is_bounded() {
    for label in [
        "utf-7",
        "utf-8",
        "gb18030",
        "big5",
        "iso-2022-jp",
        "windows-1252",
        "utf-16",
        "cp437",
        "hz",
        "none",
    ] {
        let charset = Charset::for_label(label.as_bytes()).unwrap_or(Charset::UTF_8);
        for piece in [&b"\xFF"[..], b"+", b"\x1B", b"\x80", b"\x88\x62", b"~{", b"+AAA"] {
            let octets = piece.repeat(100_000);
            assert!(charset.decode(&octets).text.len() <= 3 * octets.len());
        }
    }
}
