//! Summaries that a store gives back with other octets. docs/threats.md row 32

use imap_mailbox::message::{Summary, SummaryDamage};
use proptest::prelude::{any, prop, proptest};

const MESSAGE: &[u8] =
    b"From: ann@example.org\r\nTo: friends: bob@example.net;\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: inline; x=y\r\n\r\nSubject: two\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nS2V0\r\n--b--\r\n";

#[test]
fn each_octet_counts() {
    let kept = Summary::of(MESSAGE).to_bytes();
    for place in 0..kept.len() {
        for bit in 0..8 {
            let mut damaged = kept.clone();
            damaged[place] ^= 1 << bit;
            assert_eq!(
                Summary::from_bytes(&damaged),
                Err(SummaryDamage::Checksum),
                "{place} {bit}"
            );
        }
        assert_eq!(
            Summary::from_bytes(&kept[..place]),
            Err(SummaryDamage::Checksum),
            "{place}"
        );
    }
    let longer = [kept.as_slice(), b"\0"].concat();
    assert_eq!(Summary::from_bytes(&longer), Err(SummaryDamage::Checksum));
}

/// What has the right checksum is looked at no less.
#[test]
fn contents_are_checked() {
    let kept = Summary::of(MESSAGE).to_bytes();
    let contents = &kept[1..kept.len() - 4];
    imap_mailbox::fuzzing::summary(contents);
    let mut others = 0;
    for place in 0..contents.len() {
        imap_mailbox::fuzzing::summary(&contents[..place]);
        for octet in [
            0,
            1,
            0x7f,
            0x80,
            0xff,
            contents[place] ^ 1,
            contents[place] ^ 4,
            contents[place] ^ 8,
        ] {
            let mut damaged = contents.to_vec();
            damaged[place] = octet;
            imap_mailbox::fuzzing::summary(&damaged);
            others += 1;
        }
    }
    assert!(others > 1_000);
}

#[test]
fn versions_to_come_are_told_from_damage() {
    // Version 5, with the CRC-32 of that octet.
    let crc = 0xa268_1b02_u32.to_le_bytes();
    let octets = [&[5][..], &crc].concat();
    assert_eq!(Summary::from_bytes(&octets), Err(SummaryDamage::Version(5)));
}

proptest! {
    #[test]
    fn any_octets_are_no_summary(octets in prop::collection::vec(any::<u8>(), 0..100)) {
        assert!(Summary::from_bytes(&octets).is_err());
        imap_mailbox::fuzzing::summary(&octets);
    }
}
