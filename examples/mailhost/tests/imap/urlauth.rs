//! URLs by which others may fetch a message: URLAUTH (RFC 4467).

use crate::harness::{Place, Talk, message};

fn sign(talk: &mut Talk, rump: &str) -> String {
    let signed = talk.ok(&format!("GENURLAUTH \"{rump}\" INTERNAL"));
    let line = signed.with("GENURLAUTH ")[0];
    line.strip_prefix("GENURLAUTH \"")
        .and_then(|rest| rest.strip_suffix('"'))
        .expect("a URL")
        .to_owned()
}

#[test]
fn whom_a_url_is_signed_for_may_fetch_it() {
    Place::each(|place| {
        let (mut bob, mut alice) = (place.login("bob"), place.login("alice"));
        bob.append("INBOX", &message("one"));
        let rump = "imap://bob@example.org/INBOX/;UID=1/;SECTION=TEXT;URLAUTH=user+alice";
        let url = sign(&mut bob, rump);
        assert!(url.starts_with(&format!("{rump}:internal:01")), "{url}");
        let fetched = alice.ok(&format!("URLFETCH \"{url}\""));
        assert_eq!(
            fetched.untagged,
            [format!("* URLFETCH \"{url}\" {{10}}\r\nAt noon?\r\n")]
        );
        // Not for others, not changed, not without a signature.
        let nothing = |url: &str| vec![format!("* URLFETCH \"{url}\" NIL")];
        assert_eq!(bob.ok(&format!("URLFETCH \"{url}\"")).untagged, nothing(&url));
        let all = url.replace("/;SECTION=TEXT", "");
        assert_eq!(alice.ok(&format!("URLFETCH \"{all}\"")).untagged, nothing(&all));
        assert_eq!(alice.ok(&format!("URLFETCH \"{rump}\"")).untagged, nothing(rump));
        let two = alice.ok(&format!("URLFETCH \"{url}\" \"nonsense\""));
        assert_eq!(
            (two.untagged.len(), two.untagged[1].as_str()),
            (2, "* URLFETCH \"nonsense\" NIL")
        );

        let all = sign(
            &mut bob,
            "imap://bob@example.org/INBOX/;UID=1;EXPIRE=2999-01-01T00:00:00Z;URLAUTH=authuser",
        );
        assert!(alice.ok(&format!("URLFETCH \"{all}\"")).has("Subject: one"));
        let old = sign(
            &mut bob,
            "imap://bob@example.org/INBOX/;UID=1;EXPIRE=2001-01-01T00:00:00Z;URLAUTH=authuser",
        );
        assert_eq!(alice.ok(&format!("URLFETCH \"{old}\"")).untagged, nothing(&old));

        let reset = bob.ok("RESETKEY INBOX");
        assert!(reset.status.starts_with("OK [URLMECH INTERNAL]"), "{reset:#?}");
        assert_eq!(alice.ok(&format!("URLFETCH \"{url}\"")).untagged, nothing(&url));
        let anew = sign(&mut bob, rump);
        assert_ne!(anew, url);
        bob.ok("RESETKEY");
        assert_eq!(alice.ok(&format!("URLFETCH \"{anew}\"")).untagged, nothing(&anew));
    });
}

#[test]
fn one_signs_only_what_is_ones_own_to_read() {
    Place::each(|place| {
        let (mut bob, mut alice) = (place.login("bob"), place.login("alice"));
        bob.append("INBOX", &message("one"));
        for url in [
            "imap://bob@example.org/INBOX/;UID=1;URLAUTH=anonymous",
            "imap://alice@elsewhere.example/INBOX/;UID=1;URLAUTH=anonymous",
            "imap://alice@example.org/Nowhere/;UID=1;URLAUTH=anonymous",
            "imap://alice@example.org/Users/bob/INBOX/;UID=1;URLAUTH=anonymous",
        ] {
            alice.no(&format!("GENURLAUTH \"{url}\" INTERNAL"));
        }
        alice.bad("GENURLAUTH \"imap://alice@example.org/INBOX/;UID=1\" INTERNAL");
        alice.no("GENURLAUTH \"imap://alice@example.org/INBOX/;UID=1;URLAUTH=anonymous\" XSAMPLE");
        // What one may read no longer, others do not read by what one signed.
        bob.ok("SETACL INBOX alice lr");
        let url = sign(
            &mut alice,
            "imap://alice@example.org/Users/bob/INBOX/;UID=1;URLAUTH=anonymous",
        );
        assert!(bob.ok(&format!("URLFETCH \"{url}\"")).has("Subject: one"));
        bob.ok("DELETEACL INBOX alice");
        assert!(bob.ok(&format!("URLFETCH \"{url}\"")).has(" NIL"));
    });
}

/// RFC 5524: what is behind a URL without its transfer encoding, and what it is.
#[test]
fn parts_are_fetched_decoded_with_their_structure() {
    let message = "From: Alice <alice@example.org>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
        --x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Cr=C3=AApes=\r\n, two\r\n--x\r\nContent-Type: application/x-cake\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        AAEC\r\n--x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: x-secret\r\n\r\nabc\r\n\
        --x\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nside\r\n--x--\r\n";
    Place::each(|place| {
        let mut bob = place.login("bob");
        assert!(bob.ok("CAPABILITY").has(" URLAUTH=BINARY"));
        bob.append("INBOX", message);
        let mut fetch = |section: &str, wanted: &str| {
            let url = sign(
                &mut bob,
                &format!("imap://bob@example.org/INBOX/;UID=1{section};URLAUTH=user+bob"),
            );
            let reply = bob.ok(&format!("URLFETCH (\"{url}\"{wanted})"));
            assert_eq!(reply.untagged.len(), 1, "{reply:#?}");
            let told = reply.untagged[0].strip_prefix(&format!("* URLFETCH \"{url}\" "));
            told.expect("the URL").to_owned()
        };
        let first = "(\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL ";
        let behind = " NIL NIL NIL NIL)";
        for (section, wanted, told) in [
            ("1", "", "(BODY {19}\r\nCr=C3=AApes=\r\n, two)".to_owned()),
            ("1", " BODY", "(BODY {19}\r\nCr=C3=AApes=\r\n, two)".to_owned()),
            ("1", " BINARY", "(BINARY ~{12}\r\nCrêpes, two)".to_owned()),
            ("1;PARTIAL=9.2", " binary", "(BINARY ~{2}\r\ntw)".to_owned()),
            (
                "1",
                " BODYPARTSTRUCTURE",
                format!("(BODYPARTSTRUCTURE {first}\"quoted-printable\" 19 1{behind})"),
            ),
            (
                "1",
                " BODY BODYPARTSTRUCTURE",
                format!(
                    "(BODYPARTSTRUCTURE {first}\"quoted-printable\" 19 1{behind}) (BODY {{19}}\r\nCr=C3=AApes=\r\n, two)"
                ),
            ),
            (
                "1",
                " BINARY BODYPARTSTRUCTURE",
                format!("(BODYPARTSTRUCTURE {first}\"8bit\" 12 0{behind}) (BINARY ~{{12}}\r\nCrêpes, two)"),
            ),
            (
                "2",
                " BODYPARTSTRUCTURE BINARY",
                "(BODYPARTSTRUCTURE (\"application\" \"x-cake\" NIL NIL NIL \"binary\" 3 NIL NIL NIL NIL)) \
                 (BINARY ~{3}\r\n\0\u{1}\u{2})"
                    .to_owned(),
            ),
            ("3", " BINARY", "(BINARY NIL)".to_owned()),
            ("4", " BINARY", "(BINARY ~{19}\r\nSubject: in\r\n\r\nside)".to_owned()),
            (
                "4.HEADER",
                " BINARY",
                "(BINARY ~{15}\r\nSubject: in\r\n\r\n)".to_owned(),
            ),
            ("4.HEADER", " BODYPARTSTRUCTURE", "NIL".to_owned()),
            ("5", " BINARY BODYPARTSTRUCTURE", "NIL".to_owned()),
        ] {
            let (number, partial) = section
                .split_once(';')
                .map_or((section, String::new()), |(number, partial)| {
                    (number, format!("/;{partial}"))
                });
            assert_eq!(
                fetch(&format!("/;SECTION={number}{partial}"), wanted),
                told,
                "{section}{wanted}"
            );
        }
        let of_message = fetch("/;SECTION=4", " BINARY BODYPARTSTRUCTURE");
        assert!(
            of_message.starts_with("(BODYPARTSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 19 ("),
            "{of_message}"
        );
        let whole = fetch("", " BODYPARTSTRUCTURE");
        assert!(
            whole.contains("\"x-secret\"") && whole.contains("\"mixed\" (\"boundary\" \"x\")"),
            "{whole}"
        );
        bob.bad("URLFETCH (\"imap://x\" BODY BINARY)");
        bob.bad("URLFETCH (\"imap://x\" X-NEW)");
        assert_eq!(
            bob.ok("URLFETCH (\"imap://x\" BINARY)").untagged,
            ["* URLFETCH \"imap://x\" NIL"]
        );
    });
}
