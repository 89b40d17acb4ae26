//! Chapter 5: messages.

use mime_codec::rfc5322::DateTime;
use mime_codec::{Message, TransferEncoding, decode_text, transfer};

use super::{Exercise, on_the_wire};

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        id: "5.1",
        question: "Write `hi!` in base64.",
        answer: "aGkh",
        check: |answer| encodes(TransferEncoding::Base64, answer, "hi!"),
    },
    Exercise {
        id: "5.2",
        question: "Write the line `Crème = 3 €` in quoted-printable, with UTF-8.",
        answer: "Cr=C3=A8me =3D 3 =E2=82=AC",
        check: |answer| encodes(TransferEncoding::QuotedPrintable, answer, "Crème = 3 €"),
    },
    Exercise {
        id: "5.3",
        question: "Write `Crème` as an encoded word in UTF-8.",
        answer: "=?utf-8?Q?Cr=C3=A8me?=",
        check: is_encoded_word,
    },
    Exercise {
        id: "5.4",
        question: "Write a message of two parts: a text that says `hello`, and an attachment `dot.png`, of the type image/png, whose \
                   content is the three octets `dot`.",
        answer: TWO_PARTS,
        check: has_two_parts,
    },
    Exercise {
        id: "5.5",
        question: "Write the value of a Date field for half past nine in the morning of Sunday, 1 February 2026, one hour ahead of UTC.",
        answer: "Sun, 1 Feb 2026 09:30:00 +0100",
        check: is_the_date,
    },
    Exercise {
        id: "5.6",
        question: "What do people read of the subject `=?utf-8?B?w4lw?= =?utf-8?B?w6k=?=`?",
        answer: "Épé",
        check: |answer| match answer {
            "Épé" => Ok(()),
            "Ép é" => Err("The white space between two encoded words does not count.".to_owned()),
            _ => Err("Decode each word: `printf w4lw | base64 --decode`.".to_owned()),
        },
    },
];

const TWO_PARTS: &str = "\
From: alice@crepes.fr
Date: Sun, 1 Feb 2026 09:30:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut

hello
--cut
Content-Type: image/png
Content-Disposition: attachment; filename=dot.png
Content-Transfer-Encoding: base64

ZG90
--cut--";

fn encodes(encoding: TransferEncoding, answer: &str, text: &str) -> Result<(), String> {
    if !answer.is_ascii() || answer.is_empty() {
        return Err("All of it must be ASCII.".to_owned());
    }
    let decoded = transfer::decode(encoding, answer.as_bytes());
    if let Some(defect) = decoded.defects.first() {
        return Err(format!("This breaks a rule: {}.", defect.kind));
    }
    match &*decoded.octets {
        octets if octets == text.as_bytes() => Ok(()),
        octets => Err(format!(
            "This stands for `{}`.",
            String::from_utf8_lossy(octets).escape_debug()
        )),
    }
}

fn is_encoded_word(answer: &str) -> Result<(), String> {
    let is_word = answer.starts_with("=?") && answer.ends_with("?=") && answer.is_ascii();
    if !is_word || answer.contains(' ') || answer.len() > 75 {
        return Err(
            "It begins with =?, ends with ?=, and has up to 75 ASCII characters, none of which is a space.".to_owned(),
        );
    }
    let read = decode_text(answer.as_bytes());
    match (&*read.text, read.defects.first()) {
        ("Crème", None) => Ok(()),
        (_, Some(defect)) => Err(format!("This breaks a rule: {}.", defect.kind)),
        (other, None) => Err(format!("People read `{}`.", other.escape_debug())),
    }
}

fn has_two_parts(answer: &str) -> Result<(), String> {
    let octets = on_the_wire(answer);
    let message = Message::parse(&octets[..]);
    if message.from().first().is_none() || message.date().is_none() {
        return Err("A message has From and Date.".to_owned());
    }
    if !message.root().is_multipart() {
        return Err("Its Content-Type is no multipart.".to_owned());
    }
    if let Some(defect) = message.check().first() {
        return Err(format!("This breaks a rule: {}.", defect.kind));
    }
    let [text, picture] = &message.root().children().collect::<Vec<_>>()[..] else {
        return Err(format!(
            "It has parts, but not two: {}.",
            message.root().children().count()
        ));
    };
    if !text.content_type().is("text", "plain") || text.text().trim() != "hello" {
        return Err("The first part does not say hello.".to_owned());
    }
    if !picture.content_type().is("image", "png") || !picture.is_attachment() {
        return Err("The second part is no attachment of the type image/png.".to_owned());
    }
    match (picture.file_name().as_deref(), &*picture.decode()) {
        (Some("dot.png"), b"dot") => Ok(()),
        (Some("dot.png"), octets) => Err(format!("The picture holds `{}`.", octets.escape_ascii())),
        _ => Err("The attachment is not called dot.png.".to_owned()),
    }
}

fn is_the_date(answer: &str) -> Result<(), String> {
    let date = DateTime::parse_strict(answer.as_bytes()).map_err(|error| format!("No program reads this: {error}."))?;
    match date.rfc3339().to_string().as_str() {
        "2026-02-01T09:30:00+01:00" => Ok(()),
        other => Err(format!("This is {other}.")),
    }
}
