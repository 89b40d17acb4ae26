//! Lookups in the DNS, which come before mail is sent: which host takes the mail (MX), where it is (A, AAAA), who calls
//! (PTR), what a domain says of its mail (TXT, TLSA). RFC 5321 §5.1

use std::net::SocketAddr;

use hickory_proto::op::{Message, MessageType};
use hickory_proto::rr::RData;

/// A question, or its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Who asks.
    pub client: SocketAddr,
    /// Who is asked.
    pub server: SocketAddr,
    /// The number that both share.
    pub id: u16,
    /// What is asked for: `MX`.
    pub record: String,
    /// Of which name.
    pub name: String,
    /// What was answered; a question has none.
    pub answer: Option<Answer>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `NoError`, or what went wrong.
    pub code: String,
    /// Each record: its type and value.
    pub records: Vec<String>,
}

/// Reads a message of the DNS.
pub fn read(from: SocketAddr, to: SocketAddr, octets: &[u8]) -> Option<Lookup> {
    let message = Message::from_vec(octets).ok()?;
    let query = message.queries.first()?;
    let is_answer = message.metadata.message_type == MessageType::Response;
    let (client, server) = if is_answer { (to, from) } else { (from, to) };
    let answer = is_answer.then(|| Answer {
        code: message.metadata.response_code.to_string(),
        records: message
            .answers
            .iter()
            .take(MOST)
            .map(|record| shown(&record.data))
            .collect(),
    });
    Some(Lookup {
        client,
        server,
        id: message.metadata.id,
        record: query.query_type().to_string(),
        name: query.name().to_string(),
        answer,
    })
}

fn shown(data: &RData) -> String {
    format!("{} {data}", data.record_type())
}

/// Records of an answer that are told.
const MOST: usize = 30;
