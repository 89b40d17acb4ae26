//! `winmail.dat`, unpacked.

use std::io::{self, Write};

use mime_codec::tnef::{AttachMethod, Attachment, Text, Tnef, decompress_rtf};
use mime_codec::{Charset, DefectKind, Part};

use super::folder::Folder;
use super::put_called;

/// Whether a part says that it is TNEF.
pub(super) fn is_named(part: &Part<'_>) -> bool {
    let content_type = part.content_type();
    let is_named = |name: String| name.eq_ignore_ascii_case("winmail.dat");
    content_type.is("application", "ms-tnef")
        || content_type.is("application", "vnd.ms-tnef")
        || part.file_name().is_some_and(is_named)
}

/// Writes what is attached in it, with `all` also its bodies; messages inside are unpacked, too. `false` if it is no TNEF or there is
/// nothing in it.
pub(super) fn extract(octets: &[u8], all: bool, folder: &mut Folder, out: &mut impl Write) -> io::Result<bool> {
    let mut waiting = vec![(octets, 0)];
    let mut found = false;
    while let Some((octets, depth)) = waiting.pop() {
        let tnef = Tnef::parse(octets);
        if tnef
            .defects
            .iter()
            .any(|defect| defect.kind == DefectKind::TnefSignature)
        {
            if depth > 0 {
                put_called("message", octets, folder, out)?;
            }
            continue;
        }
        if all {
            found |= bodies(&tnef, folder, out)?;
        }
        for attachment in &tnef.attachments {
            found = true;
            if attachment.method == AttachMethod::EmbeddedMessage && depth < DEEPEST {
                waiting.push((attachment.data, depth + 1));
                continue;
            }
            put_called(&name(attachment, tnef.code_page), attachment.data, folder, out)?;
        }
    }
    Ok(found)
}

/// The text in the three forms that it may have.
fn bodies(tnef: &Tnef<'_>, folder: &mut Folder, out: &mut impl Write) -> io::Result<bool> {
    let text = tnef.body.as_ref().map(|body| decoded(body, tnef.code_page));
    let rtf = tnef.compressed_rtf.map(|octets| decompress_rtf(octets).octets);
    let bodies = [
        ("body.txt", text.as_deref().map(str::as_bytes)),
        ("body.html", tnef.html),
        ("body.rtf", rtf.as_deref()),
    ];
    let mut found = false;
    for (name, octets) in bodies {
        if let Some(octets) = octets {
            put_called(name, octets, folder, out)?;
            found = true;
        }
    }
    Ok(found)
}

fn name(attachment: &Attachment<'_>, code_page: Option<u32>) -> String {
    attachment
        .file_name()
        .map_or_else(|| "attachment.bin".to_owned(), |name| decoded(name, code_page))
}

fn decoded(text: &Text<'_>, code_page: Option<u32>) -> String {
    let charset = code_page.and_then(|page| Charset::for_label(format!("windows-{page}").as_bytes()));
    match (text, charset) {
        (Text::Octets(octets), Some(charset)) => charset.decode(octets).text.into_owned(),
        (text, _) => text.to_text().into_owned(),
    }
}

/// Messages inside messages that are unpacked.
const DEEPEST: usize = 8;
