//! `docs/features.md` names each extension that the code knows, with tests that exist, and tells what `mailhost` announces.

use std::collections::{BTreeSet, HashSet};

use crate::tree::{Target, look_up, read, references, root, rows};

#[test]
fn each_row_has_its_rfcs_and_tests() {
    let page = read(&root().join("docs/features.md"));
    let known = known_rfcs();
    let rows = rows(&page);
    assert!(
        rows.len() > 100,
        "only {} rows found: is the search broken?",
        rows.len()
    );
    let wrong: Vec<String> = rows.iter().flat_map(|(_, row)| faults(row, &known)).collect();
    assert!(wrong.is_empty(), "docs/features.md:\n{}", wrong.join("\n"));
}

#[test]
fn each_rfc_that_is_followed_has_a_row() {
    let page = read(&root().join("docs/features.md"));
    let shown: BTreeSet<String> = rows(&page).iter().flat_map(|(_, row)| numbers(row[1])).collect();
    let missing: Vec<String> = known_rfcs().into_iter().filter(|rfc| !shown.contains(rfc)).collect();
    assert!(
        missing.is_empty(),
        "in docs/rfc/README.md, not in docs/features.md: {missing:?}"
    );
}

#[test]
fn each_name_that_the_code_knows_has_a_row() {
    let page = read(&root().join("docs/features.md"));
    let mut missing = Vec::new();
    for (title, names) in known_names() {
        assert!(names.len() > 8, "{title}: only {names:?} found: is the search broken?");
        let shown = shown_names(&page, title, |_| true);
        missing.extend(names.difference(&shown).map(|name| format!("{title}: {name}")));
    }
    assert!(missing.is_empty(), "not in docs/features.md:\n{}", missing.join("\n"));
}

#[test]
fn what_mailhost_announces_is_marked() {
    let page = read(&root().join("docs/features.md"));
    let mut unmarked = Vec::new();
    for (title, names) in announced_names() {
        let marked = shown_names(&page, title, |row| row[4].contains("announced"));
        unmarked.extend(names.difference(&marked).map(|name| format!("{title}: {name}")));
        let too_many: Vec<&String> = marked.difference(&names).collect();
        assert!(too_many.is_empty(), "{title}: mailhost does not announce {too_many:?}");
    }
    assert!(
        unmarked.is_empty(),
        "mailhost announces, docs/features.md does not say so:\n{}",
        unmarked.join("\n")
    );
}

/// The check itself can fail: a row with a wrong test, level or RFC is found.
#[test]
fn wrong_rows_are_found() {
    let known = HashSet::from(["5321".to_owned()]);
    let test = "`testing/tests/citations/features.rs#wrong_rows_are_found`";
    let row = |rfc, server, mailhost, test| faults(&["`X`", rfc, "P W", server, mailhost, test], &known);
    assert!(row("5321", "P M", "announced", test).is_empty());
    assert!(row("–", "–", "–", test).is_empty());
    assert_eq!(row("5322", "P", "–", test).len(), 1);
    assert_eq!(row("5321", "X", "–", test).len(), 1);
    assert_eq!(row("5321", "P", "perhaps", test).len(), 1);
    assert_eq!(row("5321", "P", "–", "").len(), 1);
    assert_eq!(
        row("5321", "P", "–", "`testing/tests/citations/features.rs#no_such_test`").len(),
        1
    );
    assert_eq!(
        row("5321", "P", "–", "`testing/tests/citations/features.rs`").len(),
        1,
        "a file is no test"
    );
    assert_eq!(faults(&["`X`"], &known).len(), 1);
}

/// What is wrong with a row.
fn faults(row: &[&str], known: &HashSet<String>) -> Vec<String> {
    let [name, rfcs, client, server, mailhost, shown_by] = row else {
        return vec![format!("{row:?}: six cells are expected")];
    };
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("{name}: {what}"));
    for rfc in numbers(rfcs).into_iter().filter(|rfc| !known.contains(rfc)) {
        fault(format!("RFC {rfc} is not in docs/rfc/README.md"));
    }
    for cell in [client, server] {
        let known = ["P", "W", "M", "–", "lenient", "strict", "UTF-8 only", "on request"];
        let mut words = cell.split(", ").flat_map(|part| match known.contains(&part) {
            true => vec![part],
            false => part.split(' ').collect(),
        });
        if let Some(word) = words.find(|word| !known.contains(word)) {
            fault(format!("{word:?} is no level"));
        }
    }
    if !mailhost
        .split(", ")
        .all(|word| ["announced", "used", "–"].contains(&word))
    {
        fault(format!("{mailhost:?} is nothing that mailhost does"));
    }
    if references(shown_by).next().is_none() {
        fault("no test".to_owned());
    }
    for test in references(shown_by).filter(|test| look_up(test) != Target::Test) {
        fault(format!("no such test: {test}"));
    }
    faults
}

/// The RFCs of the first column of `docs/rfc/README.md`.
fn known_rfcs() -> HashSet<String> {
    let page = read(&root().join("docs/rfc/README.md"));
    rows(&page).iter().flat_map(|(_, row)| numbers(row[0])).collect()
}

fn numbers(cell: &str) -> Vec<String> {
    let words = cell.split([',', ' ']);
    let is_number = |word: &&str| !word.is_empty() && word.bytes().all(|octet| octet.is_ascii_digit());
    words.filter(is_number).map(str::to_owned).collect()
}

/// The names of extensions, in back quotes, of a section's first column, of the rows that `wanted` takes; `NAME=` stands for all its
/// values.
fn shown_names(page: &str, section: &str, wanted: impl Fn(&[&str]) -> bool) -> BTreeSet<String> {
    let rows = rows(page);
    let of_section = rows
        .iter()
        .filter(|(title, row)| title.starts_with(section) && wanted(row));
    of_section
        .flat_map(|(_, row)| row[0].split('`').skip(1).step_by(2))
        .filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase() || first.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

/// Each section of the page, and the names that a protocol crate can read or write.
fn known_names() -> Vec<(&'static str, BTreeSet<String>)> {
    let smtp = source("crates/smtp-proto/src/capabilities.rs");
    let pop3 = source("crates/pop3-proto/src/capability.rs");
    let imap = source("crates/imap-proto/src/session/capability_names.rs");
    let sasl = source("crates/mail-sasl/src/mechanism.rs");
    let mut imap_names = quoted_behind(&imap, "Self::fixed(\"");
    imap_names.extend(quoted_behind(&imap, "self.is(\""));
    let valued = quoted_behind(&imap, "self.value_of(\"");
    // A value whose names are known one by one has rows for these: THREAD=, COMPRESS=.
    let has_rows = |name: &String| imap_names.iter().any(|known| known.split('=').next() == Some(name));
    let open: Vec<String> = valued
        .iter()
        .filter(|name| !has_rows(name))
        .map(|name| format!("{name}="))
        .collect();
    imap_names.extend(open);
    let mut sasl_names = quoted_behind(&sasl, "Facts::scram(\"");
    sasl_names.extend(quoted_behind(&sasl, "Facts::simple(\""));
    sasl_names.extend(quoted_behind(&sasl, "name: \""));
    vec![
        ("SMTP", quoted_behind(&smtp, "const ").into_iter().collect()),
        ("POP3", quoted_behind(&pop3, "=> b\"")),
        ("IMAP", imap_names),
        ("SASL", sasl_names),
    ]
}

/// Each section of the page, and the names that `mailhost` announces there.
fn announced_names() -> Vec<(&'static str, BTreeSet<String>)> {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<String>>()
    };
    let mut smtp = names(&["PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES"]);
    smtp.extend(switched_on("smtp/shared.rs", "offers.", &SMTP_OFFERS));
    let mut pop3 = names(&["TOP", "UIDL", "USER", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING"]);
    pop3.extend(switched_on("pop3.rs", "config.", &POP3_OFFERS));
    let mut imap = switched_on("imap/shared.rs", "            ", &IMAP_OFFERS);
    let shared = source("examples/mailhost/src/imap/shared.rs");
    let lists = shared.split_once("const ALWAYS").expect("the lists of capabilities").1;
    let listed = lists.split('"').skip(1).step_by(2);
    imap.extend(listed.map(|name| match name.split_once('=') {
        Some((family @ ("RIGHTS" | "QUOTA"), _)) => format!("{family}=").replace("QUOTA=", "QUOTA=RES-"),
        _ => name.to_owned(),
    }));
    // It has both annotations: those of mailboxes and of the server (RFC 5464 §1).
    imap.insert("METADATA-SERVER".to_owned());
    // Its accounts have passwords: all mechanisms that need one.
    let mechanisms = source("crates/mail-sasl/src/mechanism.rs");
    let mut sasl = quoted_behind(&mechanisms, "Facts::scram(\"");
    let needs_password = |line: &&str| line.contains("Facts::simple(") && line.contains("Password");
    sasl.extend(
        mechanisms
            .lines()
            .filter(needs_password)
            .filter_map(|line| line.split('"').nth(1).map(str::to_owned)),
    );
    vec![("SMTP", smtp), ("POP3", pop3), ("IMAP", imap), ("SASL", sasl)]
}

/// The extensions that a configuration in `mailhost` switches on, by the fields that it sets.
fn switched_on(file: &str, prefix: &str, fields: &[(&str, &[&str])]) -> BTreeSet<String> {
    let text = source(&format!("examples/mailhost/src/{file}"));
    let sets = |field: &str| {
        let name = |line: &str| {
            line.trim_start_matches(' ')
                .strip_prefix(prefix.trim_start())
                .map(str::to_owned)
        };
        text.lines().filter_map(name).any(|line| line.starts_with(field))
            || text.contains(&format!("&mut {prefix}{field}"))
    };
    let on = fields.iter().filter(|(field, _)| sets(field));
    on.flat_map(|(_, names)| names.iter().map(|name| (*name).to_owned()))
        .collect()
}

/// The fields of `smtp_proto::server::Offers`.
const SMTP_OFFERS: [(&str, &[&str]); 14] = [
    ("chunking", &["CHUNKING"]),
    ("binary_mime", &["BINARYMIME"]),
    ("smtp_utf8", &["SMTPUTF8"]),
    ("start_tls", &["STARTTLS"]),
    ("authentication", &["AUTH"]),
    ("require_tls", &["REQUIRETLS"]),
    ("dsn", &["DSN"]),
    ("deliver_by", &["DELIVERBY"]),
    ("future_release", &["FUTURERELEASE"]),
    ("mt_priority", &["MT-PRIORITY"]),
    ("rrvs", &["RRVS"]),
    ("no_soliciting", &["NO-SOLICITING"]),
    ("limits =", &["LIMITS"]),
    ("etrn", &["ETRN"]),
];

/// The fields of `pop3_proto::server::Config`.
const POP3_OFFERS: [(&str, &[&str]); 7] = [
    ("capabilities.implementation", &["IMPLEMENTATION"]),
    ("capabilities.expire", &["EXPIRE"]),
    ("capabilities.login_delay", &["LOGIN-DELAY"]),
    ("mechanisms", &["SASL"]),
    ("stls", &["STLS"]),
    ("utf8", &["UTF8"]),
    ("languages", &["LANG"]),
];

/// The fields of `imap_proto::server::Config` by which the machine announces something itself.
const IMAP_OFFERS: [(&str, &[&str]); 5] = [
    ("starttls: match", &["STARTTLS"]),
    ("compress: Compress::Offered", &["COMPRESS=DEFLATE"]),
    ("plaintext: match", &["LOGINDISABLED"]),
    ("before_login: offered", &["AUTH="]),
    ("\"APPENDLIMIT={}\"", &["APPENDLIMIT"]),
];

/// A file without its tests.
fn source(file: &str) -> String {
    let text = read(&root().join(file));
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// What stands in quotes behind each `lead`; behind `const `, in the rest of the line.
fn quoted_behind(text: &str, lead: &str) -> BTreeSet<String> {
    let pieces = text.split(lead).skip(1);
    let quoted = |piece: &str| match lead.ends_with('"') {
        true => piece.split('"').next().map(str::to_owned),
        false => piece.lines().next()?.split('"').nth(1).map(str::to_owned),
    };
    pieces.filter_map(quoted).filter(|name| !name.is_empty()).collect()
}
