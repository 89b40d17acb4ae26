//! What is written: by Alice a multipart message of a text and a picture, and one to nobody; by Alice's camera one with a large picture; by Trudy one in Alice's name.

use std::error::Error;

use mime_codec::transfer::{Encoder, TransferEncoding};
use rfc5322::{DateTime, Field, FieldName, MsgId};

use super::hosts::{ALICE_ADDRESS, BOB_ADDRESS, CAMERA, CREPES, LAPTOP, NOBODY_ADDRESS};

/// The message as it leaves Alice's client, its lines ended by CRLF.
///
/// # Errors
///
/// None that is not a mistake in this file: what the field writer refuses.
pub(super) fn compose(date: DateTime) -> Result<Vec<u8>, Box<dyn Error>> {
    let id = MsgId::new(&format!("{}.lunch", date.unix_seconds()), LAPTOP)?;
    let fields = [
        (FieldName::DATE, date.to_string()),
        (FieldName::FROM, format!("Alice <{ALICE_ADDRESS}>")),
        (FieldName::TO, format!("Bob <{BOB_ADDRESS}>")),
        (FieldName::SUBJECT, "The hamburger of the day".to_owned()),
        (FieldName::MESSAGE_ID, id.to_string()),
        (FieldName::new("MIME-Version")?, "1.0".to_owned()),
        (
            FieldName::new("Content-Type")?,
            "multipart/mixed; boundary=\"=_mustard\"".to_owned(),
        ),
    ];
    written(&fields, BODY)
}

/// What Alice writes to an address that she has mistyped.
///
/// # Errors
///
/// As [`compose`].
pub(super) fn to_nobody(date: DateTime) -> Result<Vec<u8>, Box<dyn Error>> {
    let id = MsgId::new(&format!("{}.pickles", date.unix_seconds()), LAPTOP)?;
    let fields = [
        (FieldName::DATE, date.to_string()),
        (FieldName::FROM, format!("Alice <{ALICE_ADDRESS}>")),
        (FieldName::TO, format!("Bob <{NOBODY_ADDRESS}>")),
        (FieldName::SUBJECT, "Pickles".to_owned()),
        (FieldName::MESSAGE_ID, id.to_string()),
    ];
    written(&fields, "You have not said a word about the pickles.")
}

/// What Alice's camera sends: a line of text and a large picture.
///
/// # Errors
///
/// As [`compose`].
pub(super) fn picture(date: DateTime) -> Result<Vec<u8>, Box<dyn Error>> {
    let id = MsgId::new(&format!("{}.picture", date.unix_seconds()), CAMERA)?;
    let fields = [
        (FieldName::DATE, date.to_string()),
        (FieldName::FROM, format!("Alice <{ALICE_ADDRESS}>")),
        (FieldName::TO, format!("Bob <{BOB_ADDRESS}>")),
        (FieldName::SUBJECT, "The crepe of the day".to_owned()),
        (FieldName::MESSAGE_ID, id.to_string()),
        (FieldName::new("MIME-Version")?, "1.0".to_owned()),
        (
            FieldName::new("Content-Type")?,
            "multipart/mixed; boundary=\"=_butter\"".to_owned(),
        ),
    ];
    // What is in it matters to nobody: a picture of white noise, in base64.
    let pixels = (0..PICTURE).scan(1u32, |noise, _| {
        *noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((*noise >> 24) as u8)
    });
    let pixels: Vec<u8> = pixels.collect();
    let mut base64 = Vec::new();
    let mut encoder = Encoder::new(TransferEncoding::Base64);
    encoder.update(&pixels, &mut base64);
    encoder.finish(&mut base64);
    let picture = String::from_utf8(base64)?;
    written(&fields, &format!("{PICTURE_HEAD}{picture}\n--=_butter--"))
}

/// Octets of the picture.
const PICTURE: usize = 300_000;

const PICTURE_HEAD: &str = "\
--=_butter
Content-Type: text/plain; charset=us-ascii

This is what I had for lunch.
--=_butter
Content-Type: image/png; name=crepe.png
Content-Disposition: attachment; filename=crepe.png
Content-Transfer-Encoding: base64

";

/// What Trudy writes in Alice's name.
///
/// # Errors
///
/// As [`compose`].
pub(super) fn forged(date: DateTime) -> Result<Vec<u8>, Box<dyn Error>> {
    let id = MsgId::new(&format!("{}.ketchup", date.unix_seconds()), CREPES)?;
    let fields = [
        (FieldName::DATE, date.to_string()),
        (FieldName::FROM, format!("Alice <{ALICE_ADDRESS}>")),
        (FieldName::TO, format!("Bob <{BOB_ADDRESS}>")),
        (FieldName::SUBJECT, "Lunch is off".to_owned()),
        (FieldName::MESSAGE_ID, id.to_string()),
    ];
    written(&fields, "No more hamburgers, please. Send the ketchup to Trudy.")
}

fn written(fields: &[(FieldName, String)], body: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut message = Vec::new();
    for (name, value) in fields {
        message.extend_from_slice(Field::new(name, value)?.as_bytes());
    }
    message.extend_from_slice(b"\r\n");
    for line in body.lines() {
        message.extend_from_slice(line.as_bytes());
        message.extend_from_slice(b"\r\n");
    }
    Ok(message)
}

const BODY: &str = include_str!("lunch.txt");

#[cfg(test)]
mod tests {
    use super::*;
    use rfc5322::Zone;

    /// Transcripts show a backslash, and what is not printable, in another form than it has on the wire.
    #[test]
    fn the_message_looks_in_a_transcript_as_it_is() {
        let message = compose(DateTime::from_unix(1_057_049_557, Zone::UTC).unwrap()).unwrap();
        let text = String::from_utf8(message).unwrap();
        assert!(text.starts_with("Date: Tue, 01 Jul 2003 08:52:37 +0000\r\nFrom: Alice <alice@crepes.fr>\r\n"));
        let shown = |c: char| c.is_ascii() && !c.is_ascii_control() && c != '\\';
        assert!(
            text.split_terminator("\r\n")
                .all(|line| line.len() <= 78 && line.chars().all(shown))
        );
        assert!(text.ends_with("--=_mustard--\r\n") && text.contains("\r\n...and"));
    }
}
