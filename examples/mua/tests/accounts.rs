//! Account files, passwords, TLS, servers found by the DNS.

use mail_testing::Authority;
use mail_testing::dns::DnsServer;
use mail_tls::{Identity, ServerTls};
use mailhost::service::Service;

use crate::place::{Place, Ran};

fn run(place: &Place, arguments: &[&str]) -> Ran {
    Ran::of(&place.bare().args(arguments).output().expect("it runs"))
}

#[test]
fn an_account_is_chosen_by_name_by_default_or_because_it_is_the_only_one() {
    let place = Place::new();
    place.deliver_text("hi", "text");
    crate::sending::config(&place, "");
    assert_eq!(run(&place, &["list"]).ok().lines().count(), 1);
    let other = "[accounts.alice]\naddress = \"alice@example.org\"\npassword_env = \"PASSWORD\"\n";
    let config = crate::sending::config(&place, other);
    assert!(
        run(&place, &["list"])
            .failed(2)
            .contains("--account with one of: alice, bob")
    );
    run(&place, &["--account", "bob", "list"]).ok();
    assert!(
        run(&place, &["--account", "carol", "list"])
            .failed(2)
            .contains("no account carol")
    );
    let text = std::fs::read_to_string(&config).expect("a file");
    std::fs::write(&config, format!("default = \"bob\"\n{text}")).expect("written");
    run(&place, &["list"]).ok();
    // Options stand before the file.
    assert!(
        run(&place, &["--user", "nobody", "list"])
            .failed(4)
            .contains("the server refused")
    );
}

/// Passwords do not stand in the file, and what is wrong with it is told without showing its lines.
#[test]
fn the_account_file_holds_no_password() {
    let place = Place::new();
    for (text, expected) in [
        (
            "[accounts.bob]\npassword = \"hunter two\"\n",
            "account bob has a `password`",
        ),
        ("[accounts.bob]\npassword_env = hunter two\n", "line 2: "),
        (
            "[accounts.bob]\nnonsense = \"hunter two\"\n",
            "line 2: unknown field `nonsense`",
        ),
        ("[accounts.bob]\ntls = \"perhaps\"\n", "line 2: "),
    ] {
        let config = place.write("config.toml", text);
        let told = run(&place, &["--config", &config, "list"]).failed(2);
        assert!(told.contains(expected) && !told.contains("hunter"), "{told}");
    }
}

#[test]
fn a_command_may_know_the_password() {
    let place = Place::new();
    place.deliver_text("hi", "text");
    let imap = place.address(Service::Imap).to_string();
    let list = |command: &str| {
        run(
            &place,
            &["--imap", &imap, "--user", "bob", "--password-command", command, "list"],
        )
    };
    assert_eq!(list("printf 'open sesame\\nand more'").ok().lines().count(), 1);
    assert!(list("exit 3").failed(2).contains("failed: "));
    assert!(list("true").failed(2).contains("printed nothing"));
    let nobody = run(&place, &["--imap", &imap, "--user", "bob", "list"]);
    assert!(nobody.failed(2).contains("--password-env"));
}

#[test]
fn failures_say_where_and_what_to_try() {
    let place = Place::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
        .to_string();
    let login = ["--user", "bob", "--password-env", "PASSWORD"];
    let told = run(&place, &[&["--imap", &free, "list"], &login[..]].concat()).failed(3);
    assert!(
        told.starts_with(&format!("mua: imap {free}: ")) && told.contains("is the server running"),
        "{told}"
    );
    let imap = place.address(Service::Imap).to_string();
    let told = run(
        &place,
        &[&["--imap", &imap, "--tls", "starttls", "list"], &login[..]].concat(),
    )
    .failed(3);
    assert!(told.contains("TLS is required"), "{told}");
    assert!(run(&place, &["list"]).failed(2).contains("--imap HOST:PORT"));
    let json = run(&place, &["--json", "list"]).failed(2);
    let row: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(row["exit"], 2);
    // The screen needs one.
    assert!(place.mua(&[]).failed(2).contains("needs a terminal"));
}

/// STARTTLS is taken where it is offered, and nobody is trusted without a reason.
#[test]
fn certificates_are_checked() {
    let authority = Authority::new("tests");
    let issued = authority.server(&["localhost", "127.0.0.1"]);
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("an identity");
    let place = Place::with(Some(
        ServerTls::builder().identity(identity).build().expect("a server's TLS"),
    ));
    let root = place.write("root.pem", &authority.root());
    let checked = place.mua(&["--ca", &root, "--json", "account", "check"]).ok();
    let rows: Vec<serde_json::Value> = checked
        .lines()
        .map(|row| serde_json::from_str(row).expect("JSON"))
        .collect();
    let services: Vec<_> = rows
        .iter()
        .map(|row| (row["service"].as_str().unwrap_or(""), &row["tls"], &row["logged_in"]))
        .collect();
    let tls = serde_json::json!("TLSv1_3");
    let expected = ["smtp", "imap", "pop3"].map(|service| (service, &tls, &serde_json::Value::Bool(true)));
    assert_eq!(services, expected);
    let sent = place.mua(&[
        "--ca",
        &root,
        "--tls",
        "starttls",
        "send",
        "--from",
        "bob@example.org",
        "--to",
        "bob@example.org",
        "--text",
        "hi",
    ]);
    assert!(sent.ok().starts_with("sent <"));
    let stranger = place.write("stranger.pem", &Authority::new("strangers").root());
    let told = place.mua(&["--ca", &stranger, "list"]).failed(3);
    assert!(
        told.contains("certificate is not trusted") && told.contains("--ca FILE"),
        "{told}"
    );
    let failed = place.mua(&["--ca", &stranger, "account", "check"]);
    assert_eq!(
        (failed.code, failed.out.matches("FAILED").count()),
        (3, 3),
        "{failed:?}"
    );
    // What comes before TLS is nothing but the way to it.
    let dialogue = place.mua(&["--ca", &root, "--transcript", "list"]).err;
    let (before, behind) = dialogue.split_once("imap --- TLS ---").expect("TLS begins");
    assert!(
        !before.contains("AUTHENTICATE ") && behind.contains("AUTHENTICATE "),
        "{dialogue}"
    );
}

/// RFC 6186 and RFC 8314 §5.1: TLS at once is preferred, priorities count, "." is a no.
#[test]
fn servers_are_found_by_the_dns() {
    let place = Place::new();
    let dns = DnsServer::start();
    dns.srv("_submissions._tcp.example.org", (10, 0), "later.example.org", 465);
    dns.srv("_submissions._tcp.example.org", (5, 1), "smtp.example.org", 4650);
    dns.srv("_submission._tcp.example.org", (0, 1), "smtp.example.org", 587);
    dns.srv("_imaps._tcp.example.org", (0, 0), ".", 0);
    dns.srv("_imap._tcp.example.org", (0, 1), "IMAP.example.org", 143);
    let server = dns.address_of_server().to_string();
    let found = run(
        &place,
        &["--dns", &server, "account", "discover", "Bob <bob@example.org>"],
    )
    .ok();
    let expected = "[accounts.bob]\naddress = \"bob@example.org\"\npassword_env = \"MUA_PASSWORD\"  # or password_command = \"…\"\n\
        smtp = { host = \"smtp.example.org\", port = 4650, tls = \"implicit\" }\n\
        imap = { host = \"imap.example.org\", port = 143, tls = \"starttls\" }\n";
    assert_eq!(found, expected);
    // What is printed is an account file.
    let config = place.write("found.toml", &found);
    assert!(
        run(&place, &["--config", &config, "fetch", "--keep"])
            .err
            .contains("pop3")
    );

    dns.address("mail.guess.example", [127, 0, 0, 1]);
    let nothing = run(&place, &["--dns", &server, "account", "discover", "bob@guess.example"]);
    assert!(nothing.failed(6).contains("--guess"));
    let guessed = run(
        &place,
        &["--dns", &server, "account", "discover", "--guess", "bob@guess.example"],
    )
    .ok();
    assert!(
        guessed.contains("imap = { host = \"mail.guess.example\", port = 993, tls = \"implicit\" }  # a guess"),
        "{guessed}"
    );
}

/// An account without servers uses those that the DNS names, inside of its own domain only (RFC 6186 §6).
#[test]
fn an_account_without_servers_asks_the_dns() {
    let authority = Authority::new("tests");
    let issued = authority.server(&["imap.example.org"]);
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("an identity");
    let place = Place::with(Some(
        ServerTls::builder().identity(identity).build().expect("a server's TLS"),
    ));
    place.deliver_text("hi", "text");
    let dns = DnsServer::start();
    dns.srv(
        "_imap._tcp.example.org",
        (0, 1),
        "imap.example.org",
        place.address(Service::Imap).port(),
    );
    dns.address("imap.example.org", [127, 0, 0, 1]);
    dns.srv(
        "_imaps._tcp.crepes.example",
        (0, 1),
        "imap.example.org",
        place.address(Service::Imap).port(),
    );
    let root = place.write("root.pem", &authority.root());
    let (server, ca) = (dns.address_of_server().to_string(), format!("ca = \"{root}\"\n"));
    let account = |address: &str| {
        let text =
            format!("[accounts.bob]\naddress = \"{address}\"\nuser = \"bob\"\npassword_env = \"PASSWORD\"\n{ca}");
        let config = place.write("config.toml", &text);
        run(&place, &["--config", &config, "--dns", &server, "list"])
    };
    assert_eq!(account("bob@example.org").ok().lines().count(), 1);
    let told = account("bob@crepes.example").failed(2);
    assert!(
        told.contains("the DNS names imap.example.org") && told.contains("account discover"),
        "{told}"
    );
}
