//! Our POP3 client, behind both adapters, against Dovecot.

use pop3_proto::client::Event;
use pop3_proto::{Meaning, MessageNumber};

use crate::adapters::{BlockingPop3, Pop3, TokioPop3};
use crate::message;
use crate::peers::{Dovecot, Program, available};

#[test]
fn blocking_reads_from_dovecot() {
    reads_from_dovecot::<BlockingPop3>();
}

#[test]
fn tokio_reads_from_dovecot() {
    reads_from_dovecot::<TokioPop3>();
}

#[track_caller]
fn reads_from_dovecot<C: Pop3>() {
    if !available(&[Program::Dovecot]) {
        return;
    }
    let stored = [
        message::small(),
        message::dotted(),
        message::eight_bit(),
        message::large(),
    ];
    let dovecot = Dovecot::start(&[&stored[0], &stored[1], &stored[2], &stored[3]]);
    let mut client = login::<C>(&dovecot);

    let sizes: Vec<u64> = stored.iter().map(|message| message.len() as u64).collect();
    assert_eq!(client.stat().octets, sizes.iter().sum::<u64>());
    let listing: Vec<_> = client
        .list()
        .iter()
        .map(|item| (item.number.as_u32(), item.octets))
        .collect();
    assert_eq!(listing, (1..).zip(sizes).collect::<Vec<_>>());
    let unique_ids = client.unique_ids();
    assert!(
        unique_ids.len() == 4 && unique_ids.windows(2).all(|pair| pair[0] != pair[1]),
        "{unique_ids:?}"
    );

    for (number, message) in (1..).zip(&stored) {
        assert!(client.retrieve(number).unwrap() == *message, "message {number}");
        for lines in [0, 1, 3, 1000] {
            assert!(
                client.top(number, lines) == top(message, lines),
                "{lines} lines of message {number}"
            );
        }
    }
    assert!(client.retrieve(5).is_err());
    client.noop();
    client.quit();
    assert_eq!(dovecot.stored().len(), 4);
}

#[test]
fn blocking_deletes_from_dovecot() {
    deletes_from_dovecot::<BlockingPop3>();
}

#[test]
fn tokio_deletes_from_dovecot() {
    deletes_from_dovecot::<TokioPop3>();
}

#[track_caller]
fn deletes_from_dovecot<C: Pop3>() {
    if !available(&[Program::Dovecot]) {
        return;
    }
    let stored = [message::small(), message::dotted(), message::large()];
    let dovecot = Dovecot::start(&[&stored[0], &stored[1], &stored[2]]);
    let mut client = login::<C>(&dovecot);
    let unique_ids = client.unique_ids();
    client.delete(1).unwrap();
    client.delete(3).unwrap();
    assert!(client.delete(3).is_err() && client.retrieve(1).is_err());
    assert_eq!(client.stat().messages, 1);
    client.reset();
    assert_eq!(client.stat().messages, 3);
    client.delete(2).unwrap();
    client.quit();

    // The messages of a maildir are in no order, but these differ in length.
    let mut left = dovecot.stored();
    left.sort_by_key(Vec::len);
    assert!(left == [stored[0].clone(), stored[2].clone()]);
    let mut client = login::<C>(&dovecot);
    assert_eq!(client.unique_ids(), [unique_ids[0].as_str(), unique_ids[2].as_str()]);
    assert!(client.retrieve(2).unwrap() == stored[2]);
    client.quit();
}

#[test]
fn blocking_is_turned_away_by_dovecot() {
    is_turned_away_by_dovecot::<BlockingPop3>();
}

#[test]
fn tokio_is_turned_away_by_dovecot() {
    is_turned_away_by_dovecot::<TokioPop3>();
}

#[track_caller]
fn is_turned_away_by_dovecot<C: Pop3>() {
    if !available(&[Program::Dovecot]) {
        return;
    }
    let dovecot = Dovecot::start(&[&message::small()]);
    let mut client = C::connect(dovecot.address());
    let refusal = client.login(Dovecot::USER, "thirsty").unwrap_err();
    assert_eq!(refusal.meaning(), Some(Meaning::Auth), "{refusal}");
    // The session goes on.
    client.login(Dovecot::USER, Dovecot::PASSWORD).unwrap();
    assert_eq!(client.stat().messages, 1);
    client.quit();
}

#[test]
fn blocking_pipelines_to_dovecot() {
    pipelines_to_dovecot::<BlockingPop3>();
}

#[test]
fn tokio_pipelines_to_dovecot() {
    pipelines_to_dovecot::<TokioPop3>();
}

/// Many commands before the first answer.
#[track_caller]
fn pipelines_to_dovecot<C: Pop3>() {
    const COUNT: u32 = 200;
    if !available(&[Program::Dovecot]) {
        return;
    }
    let message = message::small();
    let dovecot = Dovecot::start(&vec![&message[..]; COUNT as usize]);
    let mut client = login::<C>(&dovecot);
    for number in (1..=COUNT).filter_map(MessageNumber::new) {
        client.machine().retrieve(number).unwrap();
        client.machine().delete(number).unwrap();
    }
    client.machine().stat().unwrap();

    let (mut messages, mut deleted) = (0, 0);
    let left = loop {
        match client.event() {
            Event::Message { number, .. } => {
                messages += 1;
                assert_eq!(number.as_u32(), messages);
            }
            Event::Done(..) => deleted += 1,
            Event::Status(status) => break status,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((messages, deleted, left.messages), (COUNT, COUNT, 0));
    client.quit();
    assert!(dovecot.stored().is_empty());
}

fn login<C: Pop3>(dovecot: &Dovecot) -> C {
    let mut client = C::connect(dovecot.address());
    client.login(Dovecot::USER, Dovecot::PASSWORD).unwrap();
    client
}

/// The header, the empty line, and so many lines of the body.
fn top(message: &[u8], lines: u32) -> Vec<u8> {
    let header = message.windows(4).position(|octets| octets == b"\r\n\r\n").unwrap() + 4;
    let body = message[header..]
        .split_inclusive(|&octet| octet == b'\n')
        .take(lines as usize)
        .flatten();
    message[..header].iter().chain(body).copied().collect()
}
