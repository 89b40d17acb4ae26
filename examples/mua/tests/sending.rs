//! `mua send`.

use std::io::Write;
use std::process::Stdio;

use crate::place::{Place, Ran};

/// What goes out by submission comes back by IMAP: names, texts, HTML, attachments.
#[test]
fn a_message_arrives_as_it_was_sent() {
    let place = Place::new();
    let octets: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(place.home.path().join("ménu.pdf"), &octets).expect("it is written");
    let sent = place.mua(&[
        "send",
        "--from",
        "Bøb <bob@example.org>",
        "--to",
        "Alice <alice@example.org>, bob@example.org",
        "--cc",
        "bob@example.org",
        "--subject",
        "Crêpes?",
        "--text",
        "Do you like them?\n",
        "--html",
        "<p>Do you <b>like</b> them?</p>",
        "--attach",
        "ménu.pdf",
        "--in-reply-to",
        "<17.spoon@example.org>",
    ]);
    assert!(sent.ok().starts_with("sent <"));
    let shown = place.mua(&["read", "1"]).ok();
    let expected =
        "From: Bøb <bob@example.org>\nTo: Alice <alice@example.org>, bob@example.org\nCc: bob@example.org\nDate: ";
    assert!(shown.starts_with(expected), "{shown}");
    let ending = "\nSubject: Crêpes?\n\nDo you like them?\n\n[1] ménu.pdf (application/pdf, 300000 octets)\n";
    assert!(shown.ends_with(ending), "{shown}");
    assert_eq!(
        place.mua(&["read", "1", "--html"]).ok().trim_end(),
        "<p>Do you <b>like</b> them?</p>"
    );
    let structure = place.mua(&["read", "1", "--structure"]).ok();
    assert_eq!(structure.lines().count(), 5, "{structure}");
    assert!(
        place
            .mua(&["read", "1", "--headers"])
            .ok()
            .contains("\nIn-Reply-To: <17.spoon@example.org>\r\n")
    );
    // Once for each mailbox, although bob is named twice.
    assert_eq!(place.mua(&["list"]).ok().lines().count(), 1);
    place.mua(&["save", "1", "--to", "saved"]).ok();
    assert_eq!(
        std::fs::read(place.home.path().join("saved/ménu.pdf")).expect("a file"),
        octets
    );
}

#[test]
fn blind_copies_arrive_and_are_not_written() {
    let place = Place::new();
    place
        .mua(&[
            "send",
            "--from",
            "bob@example.org",
            "--to",
            "alice@example.org",
            "--bcc",
            "bob@example.org",
            "--text",
            "psst",
        ])
        .ok();
    let raw = place.mua(&["read", "1", "--raw"]).ok();
    assert!(
        raw.contains("\r\nTo: alice@example.org\r\n") && !raw.to_ascii_lowercase().contains("\nbcc:"),
        "{raw}"
    );
}

#[test]
fn a_copy_is_kept_where_the_account_says() {
    let place = Place::new();
    let config = config(&place, "sent = \"Gone out\"");
    let run = |arguments: &[&str]| {
        Ran::of(
            &place
                .bare()
                .args(["--config", &config])
                .args(arguments)
                .output()
                .expect("it runs"),
        )
    };
    for text in ["one", "two"] {
        let sent = run(&[
            "--json",
            "send",
            "--to",
            "alice@example.org",
            "--subject",
            text,
            "--text",
            text,
        ])
        .ok();
        let row: serde_json::Value = serde_json::from_str(sent.lines().last().expect("a row")).expect("JSON");
        assert_eq!(
            (&row["accepted"], &row["copy"]),
            (&1.into(), &"Gone out".into()),
            "{row}"
        );
    }
    let listed = run(&["list", "Gone out"]).ok();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(
        run(&["read", "2", "--mailbox", "Gone out"])
            .ok()
            .contains("From: Bob B. <bob@example.org>\n")
    );
}

#[test]
fn text_comes_from_files_and_from_standard_input() {
    let place = Place::new();
    let path = place.write("text.txt", "from a file\n");
    let send = ["send", "--from", "bob@example.org", "--to", "bob@example.org"];
    place.mua(&[&send[..], &["--text", &format!("@{path}")]].concat()).ok();
    let mut child = place
        .command()
        .args(send)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    child
        .stdin
        .take()
        .expect("its input")
        .write_all("føm a pipe\n.\nand on\n".as_bytes())
        .expect("written");
    assert!(child.wait_with_output().expect("it ends").status.success());
    assert!(place.mua(&["read", "1"]).ok().contains("\n\nfrom a file\n"));
    assert!(place.mua(&["read", "2"]).ok().contains("\n\nføm a pipe\n.\nand on\n"));
}

/// Who is refused is named; the others get the message.
#[test]
fn some_recipients_may_be_refused() {
    let place = Place::new();
    let send = ["send", "--from", "bob@example.org", "--text", "hi", "--to"];
    let partly = place.mua(&[&send[..], &["bob@example.org, nobody@example.org"]].concat());
    assert!(partly.out.contains("REFUSED nobody@example.org: "), "{partly:?}");
    assert!(partly.failed(7).contains("1 of 2 recipients"));
    let nobody = place.mua(&[&send[..], &["nobody@example.org"]].concat());
    assert!(nobody.failed(5).starts_with("mua: smtp 127.0.0.1:"));
}

/// Nothing is connected to before the options make sense.
#[test]
fn wrong_use_is_told_at_once() {
    let place = Place::new();
    let wrong: [(&[&str], &str); 6] = [
        (&["--to", "nonsense"], "--to nonsense: "),
        (&["--from", "a@b.example, c@d.example"], "one address is wanted"),
        (&["--to", "bob@example.org", "--attach", "missing.pdf"], "missing.pdf: "),
        (
            &["--to", "bob@example.org", "--in-reply-to", "what"],
            "--in-reply-to what",
        ),
        (
            &["--to", "bob@example.org", "--text", "@missing.txt"],
            "--text @missing.txt",
        ),
        (&["--text", "hi"], "nobody to send to"),
    ];
    for (arguments, expected) in wrong {
        let from: &[&str] = if arguments[0] == "--from" {
            &[]
        } else {
            &["--from", "bob@example.org"]
        };
        let ran = Ran::of(
            &place
                .bare()
                .args(["--smtp", "127.0.0.1:9", "send"])
                .args(from)
                .args(arguments)
                .output()
                .expect("it runs"),
        );
        assert!(
            ran.err.contains(expected) && ran.err.lines().count() == 1,
            "{arguments:?}: {ran:?}"
        );
        assert!([1, 2].contains(&ran.code), "{ran:?}");
    }
}

/// An account file for bob.
pub(crate) fn config(place: &Place, more: &str) -> String {
    use mailhost::service::Service;
    let server = |service| {
        let address = place.address(service);
        format!("{{ host = \"{}\", port = {} }}", address.ip(), address.port())
    };
    let text = format!(
        "[accounts.bob]\naddress = \"bob@example.org\"\nname = \"Bob B.\"\nuser = \"bob\"\npassword_env = \"PASSWORD\"\n\
         smtp = {}\nimap = {}\npop3 = {}\n{more}\n",
        server(Service::Submission),
        server(Service::Imap),
        server(Service::Pop3)
    );
    place.write(".config/mua/config.toml", &text)
}
