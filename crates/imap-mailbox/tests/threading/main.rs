//! THREAD by ORDEREDSUBJECT and REFERENCES (RFC 5256 §3).

mod hostile;
mod oracle;
mod steps;

use imap_mailbox::{ThreadFacts, threads};
use imap_proto::{Data, Date, DateTime, Response, Spelling, ThreadAlgorithm, Threads};

/// A message that was sent on a day of July 2003. Identifiers are written without brackets and domain.
pub(crate) fn mail(id: &str, references: &str, subject: &str, day: u8) -> ThreadFacts {
    let ids = |ids: &str| {
        ids.split_whitespace()
            .map(|id| format!(" <{id}@x>"))
            .collect::<String>()
    };
    let header = format!(
        "Message-ID:{}\r\nReferences:{}\r\nSubject: {subject}\r\nDate: {day} Jul 2003 00:00:00 +0000\r\n\r\n",
        ids(id),
        ids(references)
    );
    let arrival = DateTime::new(Date::new(2004, 1, 1).unwrap(), 0, 0, 0, 0).unwrap();
    ThreadFacts::of(header.as_bytes(), arrival)
}

pub(crate) fn thread(algorithm: &ThreadAlgorithm<'_>, messages: &[ThreadFacts]) -> Threads {
    let numbered: Vec<_> = (1..)
        .map(|number: u32| number.try_into().unwrap())
        .zip(messages)
        .collect();
    threads(algorithm, &numbered).unwrap()
}

/// As on the wire.
pub(crate) fn wire(threads: Threads) -> String {
    let mut octets = Vec::new();
    Response::Untagged(Data::Thread(threads)).encode(Spelling::CLIENT, &mut octets);
    let text = String::from_utf8(octets).unwrap();
    text.trim_end()
        .strip_prefix("* THREAD")
        .unwrap()
        .trim_start()
        .to_owned()
}
