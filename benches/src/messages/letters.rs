//! The messages that are read: made here, of the kinds that mailboxes hold.

use std::fmt::Write as _;

use mime_codec::transfer::{TransferEncoding, encode};

/// A message, and what it stands for.
pub struct Letter {
    /// What it is.
    pub name: &'static str,
    /// Its octets; more than one message for a mixed set.
    pub messages: Vec<Vec<u8>>,
}

/// All of them.
pub fn letters() -> Vec<Letter> {
    let one = |name, message: String| Letter {
        name,
        messages: vec![message.into_bytes()],
    };
    vec![
        one("3 KB, 26 fields", small()),
        one("80 KB newsletter", newsletter()),
        one("10 MB attachment", attachment(10_000_000)),
        one("1,000 parts", many_parts(1_000)),
        one("50 nested levels", nested(50)),
        Letter {
            name: "mixed set",
            messages: mixed().into_iter().map(String::into_bytes).collect(),
        },
    ]
}

/// An answer in a conversation that passed through some hosts: 26 fields, text in quoted-printable.
fn small() -> String {
    let mut letter = String::from("Return-Path: <francoise@crepes.fr>\r\nDelivered-To: bob@hamburger.edu\r\n");
    for hop in 1..=4 {
        let _ = write!(
            letter,
            "Received: from mx{hop}.crepes.fr (mx{hop}.crepes.fr [192.0.2.{hop}])\r\n\tby in.hamburger.edu (Mailhost) with ESMTPS id 4bX{hop}Z0kRz\r\n\t\
             for <bob@hamburger.edu>; Tue, 01 Jul 2003 10:5{hop}:37 +0200 (CEST)\r\n"
        );
    }
    letter.push_str(
        "Authentication-Results: in.hamburger.edu; dkim=pass header.d=crepes.fr;\r\n\tspf=pass smtp.mailfrom=francoise@crepes.fr\r\n\
         DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=crepes.fr; s=2003;\r\n\th=from:to:subject:date:message-id:mime-version;\r\n\t\
         bh=c3Bvb24gYW5kIGZvcmsgYW5kIGtuaWZlIGFuZCBwbGF0ZQ==;\r\n\tb=bWVudSBvZiB0aGUgZGF5OiBjcmVwZXMgd2l0aCBrZXRjaHVwLCBhbmQgdGhlbiBzb21lIG1vcmU\r\n\t \
         gY3JlcGVzIHdpdGhvdXQga2V0Y2h1cCwgYW5kIGNvZmZlZSB3aXRoIGEgbGl0dGxlIG1pbGs=\r\n\
         Received-SPF: pass (in.hamburger.edu: domain of francoise@crepes.fr designates 192.0.2.1 as permitted sender)\r\n\
         X-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00,DKIM_SIGNED,DKIM_VALID,\r\n\tSPF_PASS autolearn=ham version=3.4.6\r\n\
         X-Virus-Scanned: by the cook\r\n\
         Date: Tue, 1 Jul 2003 10:52:37 +0200\r\n\
         From: =?utf-8?Q?Fran=C3=A7oise?= Dupont <francoise@crepes.fr>\r\n\
         To: \"Bob the Cook\" <bob@hamburger.edu>, Alice <alice@crepes.fr>\r\n\
         Cc: Friends of ketchup <ketchup@hamburger.edu>\r\n\
         Reply-To: francoise@crepes.fr\r\n\
         Subject: Re: =?utf-8?Q?Cr=C3=AApes?= and ketchup, once more\r\n\
         Message-ID: <20030701105237.17.spoon@crepes.fr>\r\n\
         In-Reply-To: <20030630181200.4.fork@hamburger.edu>\r\n\
         References: <20030629090000.1.fork@hamburger.edu>\r\n <20030630181200.4.fork@hamburger.edu>\r\n\
         List-Id: Friends of ketchup <ketchup.hamburger.edu>\r\n\
         List-Unsubscribe: <mailto:ketchup-request@hamburger.edu?subject=unsubscribe>\r\n\
         User-Agent: Quill 1.0\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\
         Content-Language: fr\r\n\r\n",
    );
    letter.push_str(&quoted(&FRENCH.repeat(3)));
    letter
}

fn newsletter() -> String {
    let mut letter = header("Our offers of the week", "multipart/alternative; boundary=\"=_offers\"");
    let _ = write!(
        letter,
        "--=_offers\r\n{}\r\n{}",
        part("text/plain"),
        quoted(&FRENCH.repeat(56))
    );
    let _ = write!(
        letter,
        "\r\n--=_offers\r\n{}\r\n{}",
        part("text/html"),
        quoted(&HTML.repeat(120))
    );
    letter.push_str("\r\n--=_offers--\r\n");
    letter
}

fn attachment(octets: u32) -> String {
    let data: Vec<u8> = (0..octets)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let mut letter = header("The film", "multipart/mixed; boundary=film");
    let _ = write!(
        letter,
        "--film\r\n{}\r\n{}\r\n--film\r\n",
        part("text/plain"),
        quoted(FRENCH)
    );
    letter.push_str("Content-Type: video/mp4; name=film.mp4\r\nContent-Disposition: attachment; filename=film.mp4\r\n");
    letter.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
    letter.push_str(&String::from_utf8_lossy(&encode(TransferEncoding::Base64, &data)));
    letter.push_str("--film--\r\n");
    letter
}

fn many_parts(parts: usize) -> String {
    let mut letter = header("A thousand words", "multipart/mixed; boundary=word");
    for number in 0..parts {
        let _ = write!(
            letter,
            "--word\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline; filename=\"word-{number}.txt\"\r\n\r\n\
             Word number {number} of the menu.\r\n"
        );
    }
    letter.push_str("--word--\r\n");
    letter
}

fn nested(levels: usize) -> String {
    let mut letter = header("Dolls", "multipart/mixed; boundary=\"doll-0\"");
    for level in 1..levels {
        let outer = level - 1;
        let _ = write!(
            letter,
            "--doll-{outer}\r\n\r\nThe doll at level {level}.\r\n--doll-{outer}\r\nContent-Type: multipart/mixed; boundary=\"doll-{level}\"\r\n\r\n"
        );
    }
    let _ = write!(letter, "--doll-{}\r\n\r\nThe smallest doll.\r\n", levels - 1);
    for level in (0..levels).rev() {
        let _ = write!(letter, "--doll-{level}--\r\n");
    }
    letter
}

/// Ten messages, as different as those in a mailbox.
fn mixed() -> Vec<String> {
    let latin1 = "Subject: plain old text\nFrom: bob@hamburger.edu\nDate: 1 Jul 03 10:52 EST\n\nJust text, with line ends of Unix.\n".to_owned();
    let based = format!(
        "{}{}",
        header(
            "=?utf-8?B?zprPgc6tz4DOtc+C?=",
            "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
        ),
        String::from_utf8_lossy(&encode(TransferEncoding::Base64, GREEK.repeat(20).as_bytes()))
    );
    let group = "From: Cooks: \"The First\" <a@crepes.fr>, b@crepes.fr (the second);\r\nTo: undisclosed-recipients:;\r\nSubject: =?iso-8859-1?Q?caf=E9?=\r\n\r\n";
    let mut forwarded = header("Fwd: dolls", "multipart/mixed; boundary=fwd");
    let _ = write!(
        forwarded,
        "--fwd\r\n\r\nSee below.\r\n--fwd\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n--fwd--\r\n",
        small()
    );
    let report = format!(
        "{}--r\r\n\r\nIt failed.\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; crepes.fr\r\n\r\n\
         Final-Recipient: rfc822; bob@hamburger.edu\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--r--\r\n",
        header(
            "Undelivered",
            "multipart/report; report-type=delivery-status; boundary=r"
        )
    );
    let unix = small().replace("\r\n", "\n");
    let long = format!(
        "{}{}",
        header("A long one", "text/plain; charset=iso-8859-15"),
        FRENCH.replace(|c: char| !c.is_ascii(), "e").repeat(40)
    );
    vec![
        latin1,
        based,
        group.to_owned(),
        forwarded,
        report,
        unix,
        long,
        small(),
        attachment(60_000),
        nested(3),
    ]
}

fn header(subject: &str, content_type: &str) -> String {
    format!(
        "Received: from mx.crepes.fr ([192.0.2.1]) by hamburger.edu with ESMTP; Tue, 1 Jul 2003 10:52:40 +0200\r\n\
         From: Alice <alice@crepes.fr>\r\nTo: Bob <bob@hamburger.edu>\r\nSubject: {subject}\r\n\
         Date: Tue, 1 Jul 2003 10:52:37 +0200\r\nMessage-ID: <17.spoon@crepes.fr>\r\nMIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n"
    )
}

fn part(essence: &str) -> String {
    format!("Content-Type: {essence}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n")
}

/// Text as mailers encode it: CRLF stay line ends.
fn quoted(text: &str) -> String {
    let mut encoder = mime_codec::transfer::Encoder::new(TransferEncoding::QuotedPrintable).text();
    let mut encoded = Vec::new();
    encoder.update(text.as_bytes(), &mut encoded);
    encoder.finish(&mut encoded);
    String::from_utf8_lossy(&encoded).into_owned()
}

pub(super) const FRENCH: &str = "Cher Bob,\r\n\r\nles crêpes étaient délicieuses, et l’après-midi très agréable. Je ne savais pas qu’on \
    pût les manger avec du ketchup; désormais, je n’en prendrai plus d’autres.\r\n\r\nÀ bientôt\r\nAlice\r\n";
const GREEK: &str = "Αγαπητέ Μπομπ,\r\n\r\nοι κρέπες ήταν πολύ νόστιμες και η παρέα ακόμα καλύτερη.\r\n";
pub(super) const HTML: &str = "<table width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" align=\"center\">\r\n  <tr>\r\n    <td \
    style=\"font-family: Arial, sans-serif; color: #333333; padding: 10px 20px;\">Our offer of the week: \
    <a href=\"https://news.example.org/click?id=4711&amp;u=42\">crêpes</a></td>\r\n  </tr>\r\n</table>\r\n";
