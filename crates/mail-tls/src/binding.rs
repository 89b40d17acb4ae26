//! Channel bindings: what both ends of a channel know, and nobody between them does.

use rustls::{Connection, ProtocolVersion};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// `tls-exporter` (RFC 9266 §2). Given for TLS 1.3 only: before, it is safe only with an extension that rustls does not
/// tell the use of.
pub(crate) fn exporter(connection: &Connection) -> Option<[u8; 32]> {
    if connection.is_handshaking() || connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return None;
    }
    let output = [0; 32];
    connection
        .export_keying_material(output, b"EXPORTER-Channel-Binding", Some(&[]))
        .ok()
}

/// `tls-server-end-point` (RFC 5929 §4.1): the hash of the server's certificate, by the hash function of the certificate's
/// signature; in place of MD5 and SHA-1 by SHA-256. `None` for a signature that has no single hash function, as Ed25519.
pub(crate) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    match signature_hash(certificate)? {
        Hash::Sha256 => Some(Sha256::digest(certificate).to_vec()),
        Hash::Sha384 => Some(Sha384::digest(certificate).to_vec()),
        Hash::Sha512 => Some(Sha512::digest(certificate).to_vec()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// ```text
/// Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm AlgorithmIdentifier, … }
/// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }
/// ```
fn signature_hash(certificate: &[u8]) -> Option<Hash> {
    let (fields, _) = element(certificate, SEQUENCE)?;
    let (_, fields) = element(fields, SEQUENCE)?;
    let (algorithm, _) = element(fields, SEQUENCE)?;
    let (oid, parameters) = element(algorithm, OBJECT_IDENTIFIER)?;
    match oid {
        RSA_PSS => pss_hash(parameters),
        _ => hash_of(SIGNATURES, oid),
    }
}

/// `RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] AlgorithmIdentifier DEFAULT sha1, … }`
fn pss_hash(parameters: &[u8]) -> Option<Hash> {
    let (parameters, _) = element(parameters, SEQUENCE)?;
    let Some((algorithm, _)) = element(parameters, EXPLICIT_0) else {
        return Some(Hash::Sha256);
    };
    let (algorithm, _) = element(algorithm, SEQUENCE)?;
    let (oid, _) = element(algorithm, OBJECT_IDENTIFIER)?;
    hash_of(HASHES, oid)
}

fn hash_of(table: &[(&[u8], Hash)], oid: &[u8]) -> Option<Hash> {
    table.iter().find(|(known, _)| *known == oid).map(|(_, hash)| *hash)
}

/// The contents of the DER element that `octets` begin with, which must have `tag`, and the octets behind it.
fn element(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = octets.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)), rest)
        }
        _ => return None, // 16 MiB are no certificate.
    };
    rest.split_at_checked(length)
}

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const EXPLICIT_0: u8 = 0xa0;

/// 1.2.840.113549.1.1.10
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

const SIGNATURES: &[(&[u8], Hash)] = &[
    // 1.2.840.113549.1.1: with RSA, and MD5, SHA-1, SHA-256, SHA-384, SHA-512.
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], Hash::Sha384),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], Hash::Sha512),
    // 1.2.840.10045.4: with ECDSA, and SHA-1, SHA-256, SHA-384, SHA-512.
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], Hash::Sha384),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], Hash::Sha512),
];

const HASHES: &[(&[u8], Hash)] = &[
    // 1.3.14.3.2.26: SHA-1. 2.16.840.1.101.3.4.2: SHA-256, SHA-384, SHA-512.
    (&[0x2b, 14, 3, 2, 26], Hash::Sha256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], Hash::Sha256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], Hash::Sha384),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], Hash::Sha512),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let contents = parts.concat();
        let length = contents.len();
        let head = match length {
            0..0x80 => vec![tag, length as u8],
            0x80..0x100 => vec![tag, 0x81, length as u8],
            _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        };
        [head, contents].concat()
    }

    fn certificate(body: usize, algorithm: &[&[u8]]) -> Vec<u8> {
        let body = der(SEQUENCE, &[&vec![7; body]]);
        let algorithm = der(SEQUENCE, algorithm);
        der(SEQUENCE, &[&body, &algorithm, &der(3, &[&[0; 64]])])
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        for (oid, hash) in SIGNATURES {
            for body in [0, 127, 128, 255, 256, 3000] {
                let certificate = certificate(body, &[&der(OBJECT_IDENTIFIER, &[oid]), &[5, 0]]);
                assert_eq!(signature_hash(&certificate), Some(*hash), "{oid:x?} {body}");
            }
        }
        for (oid, hash) in HASHES {
            let algorithm = der(SEQUENCE, &[&der(OBJECT_IDENTIFIER, &[oid])]);
            let parameters = der(SEQUENCE, &[&der(EXPLICIT_0, &[&algorithm])]);
            let certificate = certificate(300, &[&der(OBJECT_IDENTIFIER, &[RSA_PSS]), &parameters]);
            assert_eq!(signature_hash(&certificate), Some(*hash), "{oid:x?}");
        }
        let default = certificate(9, &[&der(OBJECT_IDENTIFIER, &[RSA_PSS]), &der(SEQUENCE, &[])]);
        assert_eq!(signature_hash(&default), Some(Hash::Sha256));
    }

    /// Certificates that OpenSSL has made, and hashed.
    #[test]
    fn hashes_are_those_of_openssl() {
        let hex = |hash: Vec<u8>| hash.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let pss = include_bytes!("../tests/corpus/certificate/rsa_pss");
        let sha256 = "03f046e1c54333d65fc4eaaf8d304e7bf5658bee9a4cde91d2cbf3c9fc4abfb8";
        assert_eq!(end_point(pss).map(hex).as_deref(), Some(sha256));
        let rsa = include_bytes!("../tests/corpus/certificate/rsa_sha384");
        let sha384 = "1f02d0ad720ab1ec8802860df0931eae76d54fa4fb2bd6d3c5a6bc8b8ae1cb47258da434fa31e4fd33a2ffeeb1173e57";
        assert_eq!(end_point(rsa).map(hex).as_deref(), Some(sha384));
        assert_eq!(end_point(include_bytes!("../tests/corpus/certificate/ed25519")), None);
    }

    #[test]
    fn no_single_hash_no_binding() {
        // 1.3.101.112
        let ed25519 = certificate(300, &[&der(OBJECT_IDENTIFIER, &[&[0x2b, 0x65, 0x70]])]);
        assert_eq!(end_point(&ed25519), None);
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = end_point(&octets);
        }

        #[test]
        fn a_certificate_that_is_cut_gives_nothing(end in 0_usize..400) {
            let whole = certificate(300, &[&der(OBJECT_IDENTIFIER, &[SIGNATURES[2].0])]);
            prop_assert_eq!(end_point(&whole[..end.min(whole.len() - 1)]), None);
        }
    }
}
