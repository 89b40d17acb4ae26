//! Signatures over answers (RFC 4034 §3): one key of the root signs everything.

use std::time::{Duration, SystemTime};

use hickory_proto::dnssec::crypto::EcdsaSigningKey;
use hickory_proto::dnssec::rdata::{DNSKEY, DNSSECRData, NSEC, RRSIG, SigInput};
use hickory_proto::dnssec::{Algorithm, DnssecSigner, PublicKey, PublicKeyBuf, SigningKey, TBS, TrustAnchors};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType, SerialNumber};

pub(super) struct Signer {
    public: PublicKeyBuf,
    signer: DnssecSigner,
}

impl Signer {
    pub(super) fn new() -> Self {
        let der = EcdsaSigningKey::generate_pkcs8(ALGORITHM).expect("a key");
        let key = EcdsaSigningKey::from_pkcs8(&der, ALGORITHM).expect("a key just made");
        let public = key.to_public_key().expect("its public half");
        let dnskey = DNSKEY::from_key(&public);
        Self {
            signer: DnssecSigner::new(dnskey, Box::new(key), Name::root(), VALID),
            public,
        }
    }

    pub(super) fn trust_anchors(&self) -> TrustAnchors {
        let mut anchors = TrustAnchors::empty();
        let added = anchors.insert(&self.public as &dyn PublicKey);
        assert!(added, "it was empty");
        anchors
    }

    pub(super) fn key(&self) -> Record {
        let key = RData::DNSSEC(DNSSECRData::DNSKEY(self.signer.to_dnskey()));
        Record::from_rdata(Name::root(), TTL, key)
    }

    /// That a name has only records of these kinds.
    pub(super) fn no_such_type(owner: Name, kinds: Vec<RecordType>) -> Record {
        let next = owner.prepend_label("0").unwrap_or_else(|_| Name::root());
        let proof = NSEC::new_cover_self(next, kinds);
        Record::from_rdata(owner, TTL, RData::DNSSEC(DNSSECRData::NSEC(proof)))
    }

    /// That there is no name between the root and the last of names. Resolvers that reuse proofs would deny all names
    /// with it; the one under test does not.
    pub(super) fn no_such_name() -> Record {
        let last = Name::from_ascii("zzzzzzzz.").expect("a name");
        let kinds = [RecordType::NS, RecordType::SOA, RecordType::DNSKEY];
        let proof = NSEC::new_cover_self(last, kinds);
        Record::from_rdata(Name::root(), TTL, RData::DNSSEC(DNSSECRData::NSEC(proof)))
    }

    /// The records, each set followed by its signature.
    pub(super) fn sign(&self, records: Vec<Record>, spoilt: bool) -> Vec<Record> {
        let mut sets: Vec<(Name, RecordType, Vec<Record>)> = Vec::new();
        for record in records {
            let kind = record.record_type();
            match sets.iter_mut().find(|set| set.0 == record.name && set.1 == kind) {
                Some(set) => set.2.push(record),
                None => sets.push((record.name.clone(), kind, vec![record])),
            }
        }
        let signed = sets.into_iter().flat_map(|(owner, kind, mut set)| {
            let signature = self.signature(&owner, kind, &set, spoilt);
            set.push(signature);
            set
        });
        signed.collect()
    }

    fn signature(&self, owner: &Name, kind: RecordType, set: &[Record], spoilt: bool) -> Record {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs() as u32;
        let input = SigInput {
            type_covered: kind,
            algorithm: ALGORITHM,
            num_labels: owner.num_labels(),
            original_ttl: TTL,
            sig_expiration: SerialNumber::new(now + VALID.as_secs() as u32),
            sig_inception: SerialNumber::new(now - 3600),
            key_tag: self.signer.calculate_key_tag().expect("a tag"),
            signer_name: Name::root(),
        };
        let signed = TBS::from_input(owner, DNSClass::IN, &input, set.iter()).expect("records");
        let mut octets = self.signer.sign(&signed).expect("a signature");
        if spoilt {
            octets[0] ^= 1;
        }
        let data = RData::DNSSEC(DNSSECRData::RRSIG(RRSIG::from_sig(input, octets)));
        Record::from_rdata(owner.clone(), TTL, data)
    }
}

const ALGORITHM: Algorithm = Algorithm::ECDSAP256SHA256;

const VALID: Duration = Duration::from_secs(24 * 3600);

/// Seconds.
const TTL: u32 = 60;
