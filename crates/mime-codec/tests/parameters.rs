//! Content-Type and Content-Disposition as they come, well formed and not.

use mime_codec::{ContentDisposition, ContentType, ParameterError};

/// `type; name=value; …`, and the defects as `offset name`.
fn read(value: &[u8]) -> (String, String) {
    let content_type = ContentType::parse(value);
    let mut text = content_type.essence();
    for parameter in content_type.params() {
        text.push_str(&format!("; {}={}", parameter.name(), parameter.value()));
    }
    let defects = content_type.defects();
    let strict = ContentType::parse_strict(value);
    assert_eq!(strict.err(), defects.first().copied());
    let defects = defects
        .iter()
        .map(|defect| format!("{} {}", defect.offset, defect.kind.name()));
    (text, defects.collect::<Vec<_>>().join(", "))
}

#[track_caller]
fn check(value: &str, text: &str, defects: &str) {
    assert_eq!(read(value.as_bytes()), (text.to_owned(), defects.to_owned()), "{value}");
}

#[test]
fn well_formed_values_have_no_defects() {
    check(" text/html", "text/html", "");
    check("TEXT/HTML; Charset=\"utf-8\"", "text/html; Charset=utf-8", "");
    check(
        " (a) text / (b(c)) html (d) ; (e) charset = (f) utf-8 (g)",
        "text/html; charset=utf-8",
        "",
    );
    check("a/b; c=\"d\\\"e\\\\f; g\"; h=i", "a/b; c=d\"e\\f; g; h=i", "");
    check("a/b;\r\n c=\"d\r\n e\"", "a/b; c=d e", "");
    check("a/b; c*=utf-8'fr'%C3%A9t%C3%A9", "a/b; c=été", "");
    check("a/b; c*0=\"d e\"; c*1=f", "a/b; c=d ef", "");
    check("a/b; c*1=f; x=y; c*0=e", "a/b; c=ef; x=y", "");
    check("a/b; c*0*=utf-8''%C3; c*1*=%A9; c*2=%41", "a/b; c=é%41", "");
    check("a/b; c=\"\"", "a/b; c=", "");
}

#[test]
fn what_is_no_type_is_plain_text() {
    for value in [
        "", " ", "text", "text/", "/plain", "a/b/c", "a/b, c=d", "\"a/b\"", "\u{e9}/b",
    ] {
        check(value, "text/plain", "0 invalid-content-type");
        assert!(ContentType::parse(value.as_bytes()).is_implicit());
    }
    check(
        "text; charset=utf-8",
        "text/plain; charset=utf-8",
        "0 invalid-content-type",
    );
    check("; charset=utf-8", "text/plain; charset=utf-8", "0 invalid-content-type");
    assert!(ContentType::default_type().is("text", "plain"));
}

#[test]
fn broken_parameters_are_repaired_and_told() {
    check("a/b;", "a/b", "3 empty-parameter");
    check("a/b;; c=d;;", "a/b; c=d", "4 empty-parameter, 10 empty-parameter");
    check(
        "a/b c=d e=f",
        "a/b; c=d; e=f",
        "4 missing-semicolon, 8 missing-semicolon",
    );
    check("a/b; c=\"d\" e=f", "a/b; c=d; e=f", "11 missing-semicolon");
    check("a/b; c=d e f; g=h", "a/b; c=d e f; g=h", "7 unquoted-parameter-value");
    check(
        "a/b; c=d (1).pdf; g=h",
        "a/b; c=d (1).pdf; g=h",
        "7 unquoted-parameter-value",
    );
    check("a/b; c=d=e/f", "a/b; c=d=e/f", "7 unquoted-parameter-value");
    check("a/b; c=; d=e", "a/b; c=; d=e", "7 empty-parameter-value");
    check("a/b; c; d=e", "a/b; c=; d=e", "5 missing-equals");
    check("a/b; =; d=e", "a/b; d=e", "5 invalid-parameter-name");
    check("a/b; c=\"d", "a/b; c=d", "7 unclosed-quote");
    check("a/b (c", "a/b", "4 unclosed-comment");
    check("a/b; c=\"d\".e; f=g", "a/b; c=d; f=g", "10 junk-after-value");
    check("a/b; c=d; C=e", "a/b; c=d", "10 duplicate-parameter");
    check("a/b; c*0=d; c*0=e; c*1=f", "a/b; c=df", "12 duplicate-parameter");
    check("a/b; c*1=d; c*3=e", "a/b; c=de", "5 missing-parameter-section");
    check("a/b; c*x=d", "a/b; c*x=d", "5 invalid-parameter-name");
    check("a/b; c*=d%20e", "a/b; c=d e", "8 missing-parameter-charset");
    check("a/b; c*=\"utf-8''d\"", "a/b; c=d", "9 quoted-extended-value");
    check("a/b; c*=utf-8''%4x%", "a/b; c=%4x%", "8 invalid-percent-encoding");
    check("a/b; c*=utf-8''%FF", "a/b; c=\u{FFFD}", "8 undecodable-octets");
    check("a/b; c*=nobody''d", "a/b; c=d", "8 unknown-charset");
    check(
        "a/b; c=\"=?utf-8?Q?=C3=A9?=.pdf\"",
        "a/b; c=é.pdf",
        "8 encoded-word-glued, 8 encoded-word-in-parameter",
    );
    check("a/b; c=d; c*=utf-8''%C3%A9", "a/b; c=é", "10 ambiguous-parameter");
    check(r#"a/b; c="C:\d\"e\\f""#, r#"a/b; c=C:d"e\f"#, "8 unescaped-backslash");
    check(r#"a/b; c="C:\\d\e""#, r"a/b; c=C:\de", "");
    assert_eq!(
        read(b"a/b; c=\"\xE9\""),
        ("a/b; c=\u{fffd}".into(), "8 raw-eight-bit".into())
    );
}

/// `docs/threats.md` row 17: which boundary counts, and what is told.
#[test]
fn one_boundary_counts() {
    let boundary = |value: &'static str| {
        let content_type = ContentType::parse(value.as_bytes());
        let names: Vec<_> = content_type.defects().iter().map(|defect| defect.kind.name()).collect();
        let boundary = content_type
            .boundary()
            .map(|octets| String::from_utf8_lossy(&octets).into_owned());
        (boundary.unwrap_or_else(|| "none".into()), names.join(", "))
    };
    let of = |boundary: &str, defects: &str| (boundary.to_owned(), defects.to_owned());
    assert_eq!(
        boundary("multipart/mixed; boundary=a; boundary=b"),
        of("a", "duplicate-parameter")
    );
    assert_eq!(
        boundary("multipart/mixed; boundary*=''a; boundary=b"),
        of("b", "ambiguous-parameter")
    );
    assert_eq!(boundary("multipart/mixed; boundary*0=a; boundary*1=b"), of("ab", ""));
    assert_eq!(boundary("multipart/mixed; boundary*=us-ascii''a%20b"), of("a b", ""));
    assert_eq!(
        boundary("multipart/mixed; boundary=\"a b \""),
        of("a b", "invalid-boundary")
    );
    assert_eq!(
        boundary("multipart/mixed; boundary=\"\""),
        of("none", "invalid-boundary")
    );
    assert_eq!(
        boundary("multipart/mixed; boundary=----=_Part_1"),
        of("----=_Part_1", "unquoted-parameter-value")
    );
    assert_eq!(
        boundary("multipart/mixed; boundary=\"=?utf-8?Q?a?=\""),
        of("=?utf-8?Q?a?=", "encoded-word-in-parameter")
    );
    assert_eq!(boundary("multipart/mixed"), of("none", ""));
}

#[test]
fn dispositions() {
    let read = |value: &'static str| {
        let disposition = ContentDisposition::parse(value.as_bytes());
        let names: Vec<_> = disposition.defects().iter().map(|defect| defect.kind.name()).collect();
        let filename = disposition
            .filename()
            .map_or_else(|| "none".into(), |name| name.into_owned());
        format!("{} {filename} {}", disposition.type_(), names.join(", "))
    };
    assert_eq!(read("Attachment; filename=a.pdf"), "Attachment a.pdf ");
    assert_eq!(read("attachment filename=a.pdf"), "attachment a.pdf missing-semicolon");
    assert_eq!(read("filename=a.pdf; x=y"), " a.pdf missing-disposition");
    assert_eq!(read("; filename=a.pdf"), " a.pdf missing-disposition");
    assert_eq!(read(""), " none missing-disposition");
    assert_eq!(
        read("attachment; filename=menu of the day.pdf"),
        "attachment menu of the day.pdf unquoted-parameter-value"
    );
    assert_eq!(read("a/b; filename=c"), "a c junk-after-value");
    assert!(ContentDisposition::parse(b"x-thing").is_attachment());
    assert!(ContentDisposition::parse(b"INLINE").is_inline());
    assert!(!ContentDisposition::parse(b"").is_attachment());
}

/// `docs/threats.md` rows 8 and 21.
#[test]
fn nothing_is_injected() {
    let type_ = || ContentType::new("text", "plain").unwrap();
    for value in ["a\r\nBcc: b", "a\nb", "a\0b", "\r"] {
        let refused = type_().with_param("name", value);
        assert!(matches!(refused, Err(ParameterError::Control { .. })), "{value:?}");
    }
    for name in [
        "",
        "a b",
        "a=b",
        "a;b",
        "a\r\n",
        "a*",
        "a'b",
        "é",
        "a%",
        &"a".repeat(128),
    ] {
        assert_eq!(
            type_().with_param(name, "x").unwrap_err(),
            ParameterError::Token,
            "{name:?}"
        );
        assert!(name.contains(['*', '\'', '%']) || ContentType::new(name, "x").is_err());
        assert!(name.contains(['*', '\'', '%']) || ContentDisposition::new(name).is_err());
    }
    let twice = type_().with_param("a", "b").unwrap().with_param("A", "c");
    assert_eq!(twice.unwrap_err(), ParameterError::Duplicate);
    // What was read leniently is written well formed.
    let odd = ContentType::parse(b"text/html; a=\"b\r\nBcc: c\"; d e=f\rg; charset=utf-8;;");
    let field = odd.to_field().unwrap();
    assert_eq!(field.as_str().matches("\r\n").count(), 1, "{field}");
    assert_eq!(ContentType::parse_strict(field.value().as_bytes()).map(|_| ()), Ok(()));
}

#[test]
fn long_values_are_written_in_sections() {
    let name = "the menu of the day \"à la carte\" ".repeat(6);
    let disposition = ContentDisposition::attachment(&name);
    let field = disposition.to_field().unwrap();
    assert!(field.as_str().contains("filename*3*=") && field.as_str().split("\r\n").all(|line| line.len() <= 78));
    assert_eq!(
        ContentDisposition::parse_strict(field.value().as_bytes())
            .unwrap()
            .filename()
            .unwrap(),
        name
    );

    let name = "a\\b ".repeat(60);
    let field = ContentDisposition::attachment(&name).to_field().unwrap();
    assert!(field.as_str().contains("filename*2=\""));
    assert_eq!(
        ContentDisposition::parse_strict(field.value().as_bytes())
            .unwrap()
            .filename()
            .unwrap(),
        name
    );
}

#[test]
fn mime_there_and_back() {
    let ours = ContentType::parse(b"Text/HTML (c); Charset=\"utf-8\"; x=\"a b\"");
    let theirs = mime::Mime::try_from(&ours).unwrap();
    assert_eq!(
        theirs,
        "text/html; charset=utf-8; x=\"a b\"".parse::<mime::Mime>().unwrap()
    );
    let back = ContentType::from(&theirs);
    assert!(back.is("text", "html"));
    assert_eq!(
        (back.charset().as_deref(), back.param("x").as_deref()),
        (Some("utf-8"), Some("a b"))
    );
    assert_eq!(ContentType::from(&mime::IMAGE_SVG).essence(), "image/svg+xml");
}

/// `docs/threats.md` row 11: half a million parameters, sections, comments, quotes.
#[test]
fn hostile_sizes_are_linear() {
    let pieces = [
        ";a=b",
        ";",
        "; a*1=b",
        ";a",
        "=",
        "(",
        "(a)",
        "\"",
        "\\",
        " a=",
        "; a=(",
        ";a=(b)c",
        "; c*=''%",
        " x",
        "; a=b c d=",
        "(()",
        "; a=\"b\"(",
        ";a=\"",
    ];
    for piece in pieces {
        let mut value = b"text/plain".to_vec();
        while value.len() < 500_000 {
            value.extend_from_slice(piece.as_bytes());
        }
        let content_type = ContentType::parse(&value);
        let _ = (
            content_type.boundary(),
            content_type.charset(),
            content_type.params().len(),
        );
        assert!(content_type.defects().len() <= value.len());
        assert!(content_type.param("a").is_none_or(|text| text.len() <= value.len()));
    }
    let mut value = b"text/plain".to_vec();
    for number in 0..500_000 {
        value.extend_from_slice(format!("; p{number}=v").as_bytes());
    }
    assert_eq!(ContentType::parse(&value).params().len(), 500_000);
    let sections: String = (0..300_000).rev().map(|number| format!("; n*{number}=x")).collect();
    let value = format!("a/b{sections}");
    assert_eq!(ContentType::parse(value.as_bytes()).param("n").unwrap().len(), 300_000);
}
