//! The hash of a certificate by which SCRAM binds to the server's end (RFC 5929 §4.1).

use sha2::{Digest, Sha256, Sha384, Sha512};

/// A certificate's hash by the function that its signature names.
///
/// ```asn1
/// Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE, signatureValue BIT STRING }
/// ```
pub(crate) fn hash(der: &[u8]) -> Option<Vec<u8>> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (_, behind) = element(certificate, SEQUENCE)?;
    let (algorithm, _) = element(behind, SEQUENCE)?;
    let (identifier, parameters) = element(algorithm, OBJECT_IDENTIFIER)?;
    Some(match function(identifier, parameters)? {
        Function::Sha256 => Sha256::digest(der).to_vec(),
        Function::Sha384 => Sha384::digest(der).to_vec(),
        Function::Sha512 => Sha512::digest(der).to_vec(),
    })
}

#[derive(Clone, Copy)]
enum Function {
    Sha256,
    Sha384,
    Sha512,
}

fn function(identifier: &[u8], parameters: &[u8]) -> Option<Function> {
    let mut known = SIGNATURES.iter();
    if let Some((_, function)) = known.find(|(known, _)| *known == identifier) {
        return Some(*function);
    }
    if identifier == RSASSA_PSS {
        of_pss(parameters)
    } else {
        None
    }
}

/// ```asn1
/// RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] AlgorithmIdentifier DEFAULT sha1, … }
/// ```
fn of_pss(parameters: &[u8]) -> Option<Function> {
    let (parameters, _) = element(parameters, SEQUENCE)?;
    let Some((tagged, _)) = element(parameters, CONTEXT_0) else {
        return Some(Function::Sha256);
    };
    let (algorithm, _) = element(tagged, SEQUENCE)?;
    let (identifier, _) = element(algorithm, OBJECT_IDENTIFIER)?;
    let mut known = HASHES.iter();
    known
        .find(|(known, _)| *known == identifier)
        .map(|(_, function)| *function)
}

/// The content of the first element, if it has this tag, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (
                octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)),
                rest,
            )
        }
        _ => return None,
    };
    let split = rest.split_at_checked(length)?;
    (found == tag).then_some(split)
}

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const CONTEXT_0: u8 = 0xa0;

/// 1.2.840.113549.1.1.10
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

/// Signatures and the function of each; SHA-1, MD5 and SHA-224 have given way.
const SIGNATURES: [(&[u8], Function); 11] = [
    // RSA, 1.2.840.113549.1.1: with MD5, SHA-1, SHA-256, SHA-384, SHA-512.
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4], Function::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], Function::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], Function::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], Function::Sha384),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], Function::Sha512),
    // ECDSA, 1.2.840.10045.4: with SHA-1, SHA-256, SHA-384, SHA-512.
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], Function::Sha256),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], Function::Sha256),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], Function::Sha384),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], Function::Sha512),
    // DSA, 1.2.840.10040.4.3 with SHA-1 and 2.16.840.1.101.3.4.3.2 with SHA-256.
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3], Function::Sha256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2], Function::Sha256),
];

/// SHA-1 (1.3.14.3.2.26), and 2.16.840.1.101.3.4.2: SHA-256, SHA-384, SHA-512.
const HASHES: [(&[u8], Function); 4] = [
    (&[0x2b, 0x0e, 3, 2, 0x1a], Function::Sha256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], Function::Sha256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], Function::Sha384),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], Function::Sha512),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame of a certificate around a signature algorithm.
    fn certificate(algorithm: &[u8]) -> Vec<u8> {
        let tbs = wrap(SEQUENCE, &[0; 200]);
        let content = [&tbs[..], &wrap(SEQUENCE, algorithm), &wrap(3, &[0; 70])].concat();
        wrap(SEQUENCE, &content)
    }

    fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let header = if length < 0x80 {
            vec![tag, length as u8]
        } else {
            vec![tag, 0x82, (length >> 8) as u8, length as u8]
        };
        [header, content.to_vec()].concat()
    }

    fn length(algorithm: &[u8]) -> Option<usize> {
        hash(&certificate(algorithm)).map(|hash| hash.len())
    }

    #[test]
    fn signatures() {
        for (identifier, function) in SIGNATURES {
            let expected = match function {
                Function::Sha256 => 32,
                Function::Sha384 => 48,
                Function::Sha512 => 64,
            };
            assert_eq!(length(&wrap(OBJECT_IDENTIFIER, identifier)), Some(expected));
        }
        let ed25519 = [0x2b, 0x65, 0x70];
        assert_eq!(length(&wrap(OBJECT_IDENTIFIER, &ed25519)), None);
    }

    #[test]
    fn the_parameters_of_pss_name_its_function() {
        let pss =
            |parameters: &[u8]| length(&[wrap(OBJECT_IDENTIFIER, RSASSA_PSS), wrap(SEQUENCE, parameters)].concat());
        assert_eq!(pss(b""), Some(32));
        let sha512 = wrap(CONTEXT_0, &wrap(SEQUENCE, &wrap(OBJECT_IDENTIFIER, HASHES[3].0)));
        assert_eq!(pss(&sha512), Some(64));
        let other = wrap(CONTEXT_0, &wrap(SEQUENCE, &wrap(OBJECT_IDENTIFIER, &[1, 2])));
        assert_eq!(pss(&other), None);
    }

    #[test]
    fn the_whole_certificate_is_hashed() {
        let der = certificate(&wrap(OBJECT_IDENTIFIER, SIGNATURES[2].0));
        assert_eq!(hash(&der), Some(Sha256::digest(&der).to_vec()));
    }

    #[test]
    fn what_is_cut_is_none() {
        let der = certificate(&wrap(OBJECT_IDENTIFIER, SIGNATURES[2].0));
        for end in 0..der.len() {
            assert_eq!(hash(&der[..end]), None, "{end}");
        }
        assert_eq!(hash(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(hash(&[0x30, 0x80, 0, 0]), None);
    }
}
