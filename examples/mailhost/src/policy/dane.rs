//! DANE (RFC 6698, RFC 7671, RFC 7672): what the TLSA records of a host say about its certificates.

use rustls::pki_types::{CertificateDer, ServerName};
use sha2::{Digest, Sha256, Sha512};

use crate::dns::Tlsa;

/// The usable TLSA records of a host; at least one.
#[derive(Clone, Debug)]
pub struct Dane {
    base: String,
    references: Vec<ServerName<'static>>,
    associations: Vec<Association>,
}

/// What a usable record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Association {
    pub(super) usage: Usage,
    selector: Selector,
    matching: Matching,
    data: Vec<u8>,
}

/// RFC 7672 §3.1: of the four usages two make sense between mail servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// DANE-TA: an authority that the host's certificate comes from.
    TrustAnchor,
    /// DANE-EE: the host's own certificate.
    EndEntity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selector {
    Certificate,
    PublicKey,
}

/// From weak to strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Matching {
    Full,
    Sha256,
    Sha512,
}

impl Dane {
    /// `references` are the names that the host's certificate may be for (RFC 7672 §3.2.2), the first of them the name where the
    /// records stand. `None` if no record is usable.
    pub fn new<'a>(records: Vec<Tlsa>, references: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let references: Vec<&str> = references.into_iter().collect();
        let mut associations: Vec<Association> = records.into_iter().filter_map(Association::new).collect();
        associations.truncate(MOST_RECORDS);
        let kept: Vec<Association> = associations
            .iter()
            .filter(|one| one.counts(&associations))
            .cloned()
            .collect();
        let name = |name: &&str| ServerName::try_from((*name).to_owned()).ok();
        (!kept.is_empty()).then(|| Self {
            base: (*references.first().unwrap_or(&"")).to_owned(),
            references: references.iter().filter_map(name).collect(),
            associations: kept,
        })
    }

    /// The name where the records stand, without the port and protocol in front.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The names that a certificate may be for, unless it is vouched for itself.
    pub(super) fn references(&self) -> &[ServerName<'static>] {
        &self.references
    }

    /// Whether a record of this usage vouches for a certificate.
    pub(super) fn vouches_for(&self, usage: Usage, certificate: &CertificateDer<'_>) -> bool {
        let mut associations = self.associations.iter().filter(|one| one.usage == usage);
        associations.any(|association| association.matches(certificate))
    }

    /// Authorities that stand in the records whole, so that a server need not send them.
    pub(super) fn anchors(&self) -> impl Iterator<Item = CertificateDer<'_>> {
        let whole = |one: &&Association| {
            (one.usage, one.selector, one.matching) == (Usage::TrustAnchor, Selector::Certificate, Matching::Full)
        };
        let associations = self.associations.iter().filter(whole);
        associations.map(|one| CertificateDer::from(one.data.as_slice()))
    }
}

impl Association {
    /// `None` for what is unusable: PKIX usages (RFC 7672 §3.1.3), unknown numbers, digests of the wrong length.
    fn new(record: Tlsa) -> Option<Self> {
        let usage = match record.usage {
            2 => Usage::TrustAnchor,
            3 => Usage::EndEntity,
            _ => return None,
        };
        let selector = match record.selector {
            0 => Selector::Certificate,
            1 => Selector::PublicKey,
            _ => return None,
        };
        let matching = match (record.matching, record.data.len()) {
            (0, 1..) => Matching::Full,
            (1, 32) => Matching::Sha256,
            (2, 64) => Matching::Sha512,
            _ => return None,
        };
        Some(Self {
            usage,
            selector,
            matching,
            data: record.data,
        })
    }

    /// RFC 7671 §9: of several digests only the strongest counts, so that a weaker one that is broken some day does not
    /// help an attacker where the stronger one stands beside it.
    fn counts(&self, all: &[Self]) -> bool {
        let rivals = all
            .iter()
            .filter(|one| (one.usage, one.selector) == (self.usage, self.selector));
        let strongest = rivals.map(|one| one.matching).max();
        self.matching == Matching::Full || Some(self.matching) == strongest
    }

    fn matches(&self, certificate: &CertificateDer<'_>) -> bool {
        match self.selector {
            Selector::Certificate => self.matches_octets(certificate),
            Selector::PublicKey => {
                let parsed = webpki::EndEntityCert::try_from(certificate);
                parsed.is_ok_and(|parsed| self.matches_octets(&parsed.subject_public_key_info()))
            }
        }
    }

    fn matches_octets(&self, octets: &[u8]) -> bool {
        match self.matching {
            Matching::Full => self.data == octets,
            Matching::Sha256 => self.data == Sha256::digest(octets).as_slice(),
            Matching::Sha512 => self.data == Sha512::digest(octets).as_slice(),
        }
    }
}

/// Records of one host that are looked at.
const MOST_RECORDS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn tlsa(usage: u8, selector: u8, matching: u8, length: usize) -> Tlsa {
        Tlsa {
            usage,
            selector,
            matching,
            data: vec![9; length],
        }
    }

    fn usable(records: Vec<Tlsa>) -> usize {
        Dane::new(records, ["mx.example"]).map_or(0, |dane| dane.associations.len())
    }

    #[test]
    fn every_kind_of_record_is_usable_or_not() {
        for usage in 0..=4 {
            for selector in 0..=2 {
                for matching in 0..=3 {
                    for length in [0, 1, 31, 32, 33, 63, 64, 65, 900] {
                        let fits = match matching {
                            0 => length > 0,
                            1 => length == 32,
                            2 => length == 64,
                            _ => false,
                        };
                        let expected = (usage == 2 || usage == 3) && selector < 2 && fits;
                        let record = tlsa(usage, selector, matching, length);
                        assert_eq!(usable(vec![record.clone()]) == 1, expected, "{record:?}");
                    }
                }
            }
        }
        assert!(Dane::new(Vec::new(), ["mx.example"]).is_none());
    }

    #[test]
    fn the_strongest_digest_counts() {
        let (weak, strong, whole) = (tlsa(3, 1, 1, 32), tlsa(3, 1, 2, 64), tlsa(3, 1, 0, 90));
        assert_eq!(usable(vec![weak.clone(), strong.clone(), whole]), 2);
        assert_eq!(usable(vec![weak.clone(), weak.clone()]), 2);
        assert_eq!(usable(vec![weak, tlsa(3, 0, 2, 64), tlsa(2, 1, 2, 64)]), 3);
        assert_eq!(usable(vec![strong; 1000]), MOST_RECORDS);
    }
}
