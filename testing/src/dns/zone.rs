//! What the server knows, and how it answers.

use std::collections::HashMap;

use hickory_proto::dnssec::TrustAnchors;
use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{NS, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::sign::Signer;
use super::{Fault, Question};

/// Records by name, what goes wrong, and what was asked.
#[derive(Default)]
pub(super) struct Zone {
    records: HashMap<Name, Vec<RData>>,
    faults: HashMap<Name, Fault>,
    unsigned: Vec<Name>,
    signer: Option<Signer>,
    pub(super) questions: Vec<Question>,
}

/// An answer, in parts that are signed one by one.
#[derive(Default)]
struct Answer {
    code: Option<ResponseCode>,
    answers: Vec<Record>,
    authorities: Vec<Record>,
}

impl Zone {
    pub(super) fn signed() -> Self {
        Self {
            signer: Some(Signer::new()),
            ..Self::default()
        }
    }

    pub(super) fn trust_anchors(&self) -> Option<TrustAnchors> {
        self.signer.as_ref().map(Signer::trust_anchors)
    }

    pub(super) fn add(&mut self, owner: Name, data: RData) {
        self.records.entry(owner).or_default().push(data);
    }

    pub(super) fn fail(&mut self, owner: Name, fault: Fault) {
        self.faults.insert(owner, fault);
    }

    pub(super) fn remove(&mut self, owner: &Name) {
        self.records.remove(owner);
        self.faults.remove(owner);
    }

    pub(super) fn unsigned(&mut self, domain: Name) {
        self.unsigned.push(domain);
    }

    /// The answer to the message in `octets`, or silence.
    pub(super) fn respond(&mut self, octets: &[u8], tcp: bool) -> Option<Vec<u8>> {
        let request = Message::from_vec(octets).ok()?;
        let query = request.queries.first()?;
        let asked = query.name().to_lowercase();
        self.questions.push(Question {
            name: asked.to_ascii().trim_end_matches('.').to_owned(),
            kind: query.query_type().to_string(),
            tcp,
        });
        let fault = self.faults.get(&asked).copied();
        if fault == Some(Fault::Silent) {
            return None;
        }
        let mut response = Message::response(request.metadata.id, OpCode::Query);
        response.metadata.recursion_desired = request.metadata.recursion_desired;
        response.metadata.recursion_available = true;
        // As it was written: a resolver may check the case.
        response.add_query(query.clone());
        let wants_signatures = request.edns.as_ref().is_some_and(|edns| edns.flags().dnssec_ok);
        let room = request.max_payload();
        if request.edns.is_some() {
            let mut edns = Edns::new();
            edns.set_max_payload(1232).set_dnssec_ok(wants_signatures);
            response.set_edns(edns);
        }
        match fault {
            Some(Fault::ServerFailure) => response.metadata.response_code = ResponseCode::ServFail,
            Some(Fault::Refused) => response.metadata.response_code = ResponseCode::Refused,
            Some(Fault::Truncated) if !tcp => response.metadata.truncation = true,
            _ => {
                let answer = self.answer(&asked, query, wants_signatures);
                response.metadata.response_code = answer.code.unwrap_or(ResponseCode::NoError);
                response.add_answers(answer.answers);
                response.add_authorities(answer.authorities);
            }
        }
        let octets = response.to_vec().ok()?;
        if tcp || octets.len() <= usize::from(room) {
            return Some(octets);
        }
        response.metadata.truncation = true;
        response.answers.clear();
        response.authorities.clear();
        response.to_vec().ok()
    }

    fn answer(&self, asked: &Name, query: &Query, wants_signatures: bool) -> Answer {
        let mut answer = self.plain_answer(asked, query.query_type());
        let Some(signer) = self.signer.as_ref().filter(|_| wants_signatures) else {
            return answer;
        };
        let from_parent = query.query_type() == RecordType::DS;
        let signed = |record: &Record| from_parent || !self.is_unsigned(&record.name);
        let spoilt = self.faults.get(asked) == Some(&Fault::BadSignature);
        for section in [&mut answer.answers, &mut answer.authorities] {
            let (covered, plain): (Vec<Record>, Vec<Record>) = section.drain(..).partition(signed);
            section.extend(signer.sign(covered, spoilt));
            section.extend(plain);
        }
        answer
    }

    fn plain_answer(&self, asked: &Name, kind: RecordType) -> Answer {
        if let Some(answers) = self.infrastructure(asked, kind) {
            return Answer {
                answers,
                ..Answer::default()
            };
        }
        let mut answers = Vec::new();
        let mut owner = asked.clone();
        // A chain of aliases of any length a test wants, and circles end.
        for _ in 0..16 {
            let found = self.records.get(&owner).into_iter().flatten();
            let mut alias = None;
            for data in found {
                if data.record_type() == kind {
                    answers.push(Record::from_rdata(owner.clone(), TTL, data.clone()));
                } else if let RData::CNAME(target) = data {
                    answers.push(Record::from_rdata(owner.clone(), TTL, data.clone()));
                    alias = Some(target.0.clone());
                }
            }
            match alias {
                Some(target) => owner = target,
                None => break,
            }
        }
        if answers.iter().any(|record| record.record_type() == kind) {
            return Answer {
                answers,
                ..Answer::default()
            };
        }
        self.nothing(&owner, kind, answers)
    }

    /// NODATA or NXDOMAIN, with the proof if this is signed.
    fn nothing(&self, owner: &Name, kind: RecordType, answers: Vec<Record>) -> Answer {
        let exists = self.exists(owner);
        let unsigned = self.unsigned.iter().find(|domain| domain.zone_of(owner));
        let apex = match unsigned {
            Some(domain) if kind != RecordType::DS => domain.clone(),
            _ => Name::root(),
        };
        let mut authorities = vec![Record::from_rdata(apex, TTL, RData::SOA(authority()))];
        if self.signer.is_some() {
            let proof = if exists {
                Signer::no_such_type(owner.clone(), self.kinds(owner))
            } else {
                Signer::no_such_name()
            };
            authorities.push(proof);
        }
        Answer {
            code: (!exists).then_some(ResponseCode::NXDomain),
            answers,
            authorities,
        }
    }

    /// Whether the name or one below it has records.
    fn exists(&self, owner: &Name) -> bool {
        let below = |name: &Name| owner.zone_of(name);
        self.records.keys().any(below) || self.unsigned.iter().any(below)
    }

    fn kinds(&self, owner: &Name) -> Vec<RecordType> {
        let records = self.records.get(owner).into_iter().flatten();
        let mut kinds: Vec<RecordType> = records.map(RData::record_type).collect();
        if self.unsigned.contains(owner) {
            // Seen from the parent, a delegation is all there is.
            kinds = vec![RecordType::NS];
        }
        kinds
    }

    /// Keys and delegations.
    fn infrastructure(&self, asked: &Name, kind: RecordType) -> Option<Vec<Record>> {
        match kind {
            RecordType::DNSKEY if asked.is_root() => Some(vec![self.signer.as_ref()?.key()]),
            RecordType::NS if asked.is_root() || self.unsigned.contains(asked) => {
                let server = RData::NS(NS(Name::from_ascii("ns.invalid.").expect("a name")));
                Some(vec![Record::from_rdata(asked.clone(), TTL, server)])
            }
            _ => None,
        }
    }

    fn is_unsigned(&self, owner: &Name) -> bool {
        self.unsigned.iter().any(|domain| domain.zone_of(owner))
    }
}

fn authority() -> SOA {
    let server = Name::from_ascii("ns.invalid.").expect("a name");
    let person = Name::from_ascii("hostmaster.invalid.").expect("a name");
    SOA::new(server, person, 1, 3600, 600, 86400, 1)
}

/// Seconds. Resolvers may keep what they are told for a test's length.
const TTL: u32 = 60;
