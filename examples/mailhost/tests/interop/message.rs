//! The messages that travel, and how they must arrive.

/// Small and ordinary.
pub(crate) fn small() -> Vec<u8> {
    with_body("small", b"Shall we have crepes?\r\n")
}

/// Lines that DATA and RETR must stuff: RFC 5321 §4.5.2, RFC 1939 §3.
pub(crate) fn dotted() -> Vec<u8> {
    with_body("dotted", b".\r\n..\r\n...\r\n\r\n.hidden\r\n\r\n.\r\n")
}

/// Every octet but NUL, CR and LF: RFC 6152.
pub(crate) fn eight_bit() -> Vec<u8> {
    let mut body: Vec<u8> = (1..=u8::MAX).filter(|octet| !b"\r\n".contains(octet)).collect();
    body.extend_from_slice(b"\r\n");
    with_body("eight bit", &body)
}

/// A little over 2 MB: lines of all lengths that RFC 5321 §4.5.3.1.6 allows, many of them with dots in front.
pub(crate) fn large() -> Vec<u8> {
    const LONGEST: usize = 998;
    let mut body = Vec::new();
    for number in 0_usize.. {
        if body.len() > 2_000_000 {
            break;
        }
        // Neighbouring lengths lie far apart, so that reads end at every place of a line.
        let length = number * 389 % (LONGEST + 1);
        let dots = (number % 4).min(length);
        body.resize(body.len() + dots, b'.');
        body.extend((dots..length).map(|at| b'!' + ((number + at) % 94) as u8));
        body.extend_from_slice(b"\r\n");
    }
    with_body("large", &body)
}

fn with_body(subject: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!(
        "From: Alice <alice@crepes.fr>\r\n\
         To: Bob <bob@hamburger.edu>\r\n\
         Date: Mon, 5 Oct 2026 09:00:00 +0200\r\n\
         Message-ID: <{}@crepes.fr>\r\n\
         Subject: {subject}\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=iso-8859-1\r\n\
         Content-Transfer-Encoding: 8bit\r\n\
         \r\n",
        subject.replace(' ', ".")
    )
    .into_bytes();
    message.extend_from_slice(body);
    message
}

/// With the line ends of a file on Unix.
pub(crate) fn unix(message: &[u8]) -> Vec<u8> {
    let octets = message.iter().copied();
    octets.filter(|&octet| octet != b'\r').collect()
}

/// Checks that `arrived` is `sent`, octet for octet, below nothing but fields of these names; gives those fields.
#[track_caller]
pub(crate) fn assert_below_fields(arrived: &[u8], sent: &[u8], names: &[&str]) -> String {
    assert!(arrived.ends_with(sent), "{}", difference(arrived, sent));
    let fields = String::from_utf8(arrived[..arrived.len() - sent.len()].to_vec()).expect("trace fields are ASCII");
    let is_folded = |line: &str| line.starts_with([' ', '\t']);
    for line in fields.lines().filter(|line| !is_folded(line)) {
        let name = line.split(':').next().unwrap_or_default();
        assert!(names.contains(&name), "an unexpected field: {line}");
    }
    assert!(!is_folded(&fields), "the first line continues nothing: {fields}");
    fields
}

/// Where two messages part, counted from their ends: they may be too large to print.
fn difference(arrived: &[u8], sent: &[u8]) -> String {
    let same = arrived
        .iter()
        .rev()
        .zip(sent.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let context = |octets: &[u8]| {
        let at = octets.len() - same;
        octets[at.saturating_sub(60)..(at + 20).min(octets.len())]
            .escape_ascii()
            .to_string()
    };
    format!(
        "{} octets sent, {} arrived, only the last {same} are the same.\nsent:    …{}…\narrived: …{}…",
        sent.len(),
        arrived.len(),
        context(sent),
        context(arrived)
    )
}
