//! Editing keeps every octet that is not touched.

use mime_codec::Message;
use mime_codec::compose::{Edit, EditError, PartBuilder, Transport};
use mime_codec::rfc5322::{Field, FieldName};

const LETTER: &[u8] = b"Received: x\r\n  y\r\nsubject:one\r\nX: 1\r\nSubject: two\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b \t\r\nA: b\r\n\r\ntwo\r\n--b\r\n\r\nthree\r\n--b--\r\nepi";

fn field(name: &str, value: &str) -> Field {
    Field::new(&FieldName::new(name).unwrap(), value).unwrap()
}

fn edited(
    letter: &[u8],
    edit: impl FnOnce(&mut Edit<'_>, &Message<'_>) -> Result<(), EditError>,
) -> Result<String, EditError> {
    let message = Message::parse(letter);
    let mut changes = Edit::of(&message);
    edit(&mut changes, &message)?;
    Ok(String::from_utf8_lossy(&changes.apply()?).into_owned())
}

#[test]
fn nothing_changes_nothing() {
    assert_eq!(edited(LETTER, |_, _| Ok(())).unwrap().as_bytes(), LETTER);
}

#[test]
fn fields_come_and_go() {
    let letter = String::from_utf8_lossy(LETTER);
    let with = edited(LETTER, |edit, message| {
        edit.prepend_field(&message.root(), field("Z", "0"))?;
        edit.append_field(&message.root(), field("Y", "9"))?;
        edit.set_field(&message.root(), field("Subject", "three"))?;
        edit.remove_fields(&message.root(), &FieldName::new("x").unwrap())?;
        edit.append_field(&message.part(2).unwrap(), field("C", "d"))
    });
    let expected = letter
        .replace("Received", "Z: 0\r\nReceived")
        .replace("subject:one\r\nX: 1\r\nSubject: two\r\n", "Subject: three\r\n")
        .replace("boundary=b\r\n", "boundary=b\r\nY: 9\r\n")
        .replace("A: b\r\n", "A: b\r\nC: d\r\n");
    assert_eq!(with.unwrap(), expected);
}

#[test]
fn fields_of_messages_without_header_or_body() {
    let add = |letter: &str| {
        edited(letter.as_bytes(), |edit, message| {
            edit.append_field(&message.root(), field("A", "b"))
        })
        .unwrap()
    };
    assert_eq!(add(""), "A: b\r\n");
    assert_eq!(add("Hello\r\n"), "A: b\r\n\r\nHello\r\n");
    assert_eq!(add("X: y"), "X: y\r\nA: b\r\n");
    assert_eq!(add("X: y\n\nHello\n"), "X: y\nA: b\n\nHello\n");
}

#[test]
fn parts_come_and_go() {
    let letter = String::from_utf8_lossy(LETTER);
    let without = |index| edited(LETTER, |edit, message| edit.remove_part(&message.part(index).unwrap()));
    assert_eq!(without(1).unwrap(), letter.replace("\r\n--b\r\n\r\none", ""));
    assert_eq!(without(2).unwrap(), letter.replace("\r\n--b \t\r\nA: b\r\n\r\ntwo", ""));
    assert_eq!(without(3).unwrap(), letter.replace("\r\n--b\r\n\r\nthree", ""));
    assert_eq!(without(0), Err(EditError::OnlyPart));

    let replace = |text: &'static str| {
        edited(LETTER, |edit, message| {
            edit.replace_part(&message.part(2).unwrap(), PartBuilder::text(text), Transport::SEVEN_BIT)
        })
    };
    let new = "Content-Type: text/plain; charset=utf-8\r\n\r\nzwei";
    assert_eq!(replace("zwei").unwrap(), letter.replace("A: b\r\n\r\ntwo", new));
    assert_eq!(replace("zwei\r\n--b\r\ndrei"), Err(EditError::Boundary));
}

#[test]
fn octets_are_changed_once() {
    let twice = edited(LETTER, |edit, message| {
        edit.remove_part(&message.part(2).unwrap())?;
        edit.append_field(&message.part(2).unwrap(), field("C", "d"))
    });
    assert!(matches!(twice, Err(EditError::Overlap(_))));
}

#[test]
fn what_was_decoded_cannot_be_edited() {
    let letter =
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogaGkNCg0KaGkNCg==\r\n";
    let edit = edited(letter, |edit, message| {
        edit.append_field(&message.part(1).unwrap(), field("C", "d"))
    });
    assert_eq!(edit, Err(EditError::Encoded));
}
