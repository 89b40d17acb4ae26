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
