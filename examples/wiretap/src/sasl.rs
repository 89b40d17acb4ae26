//! AUTH exchanges, decoded: what anybody who sees the packets learns.

use mail_wire::{MechanismName, SaslResponse, decode_sasl, parse_initial_response};

/// A part of what was said, and whether it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// Its octets.
    pub value: Vec<u8>,
    /// Who knows it can log in, or can try passwords against it.
    pub secret: bool,
}

impl Fact {
    /// Something that is no secret.
    pub fn open(name: &'static str, value: &[u8]) -> Self {
        let value = value[..value.len().min(LONGEST)].to_vec();
        Self {
            name,
            value,
            secret: false,
        }
    }

    /// A secret.
    pub fn secret(name: &'static str, value: &[u8]) -> Self {
        let secret = true;
        Self {
            secret,
            ..Self::open(name, value)
        }
    }
}

/// An exchange, of which each line is decoded as its mechanism says.
#[derive(Clone, Debug)]
pub struct Exchange {
    mechanism: MechanismName,
    /// Responses that were given.
    responses: u32,
}

impl Exchange {
    /// By this mechanism.
    pub const fn new(mechanism: MechanismName) -> Self {
        Self {
            mechanism,
            responses: 0,
        }
    }

    /// The mechanism.
    pub const fn mechanism(&self) -> &MechanismName {
        &self.mechanism
    }

    /// The response that stands behind the mechanism's name.
    pub fn initial(&mut self, text: &[u8]) -> Vec<Fact> {
        match parse_initial_response(text) {
            Ok(response) => self.response(response.expose()),
            Err(_) => vec![Fact::secret("not base64", text)],
        }
    }

    /// A line of the client, without its end.
    pub fn client(&mut self, line: &[u8]) -> Vec<Fact> {
        match SaslResponse::parse(line) {
            Ok(SaslResponse::Data(response)) => self.response(response.expose()),
            Ok(SaslResponse::Cancel) => vec![Fact::open("gives up", b"*")],
            Err(_) => vec![Fact::secret("not base64", line)],
        }
    }

    /// A challenge of the server, without what stands in front of it.
    pub fn server(&self, base64: &[u8]) -> Vec<Fact> {
        let challenge = match decode_sasl(base64) {
            Ok(challenge) if challenge.expose().is_empty() => return Vec::new(),
            Ok(challenge) => challenge,
            Err(_) => return vec![Fact::open("not base64", base64)],
        };
        let challenge = challenge.expose();
        match self.family() {
            Family::Scram => scram(challenge),
            Family::Login => vec![Fact::open("asks", challenge)],
            Family::Bearer => vec![Fact::open("error", challenge)],
            _ => vec![Fact::open("challenge", challenge)],
        }
    }

    /// A response, decoded.
    pub fn response(&mut self, response: &[u8]) -> Vec<Fact> {
        self.responses += 1;
        if response.is_empty() {
            return Vec::new();
        }
        match self.family() {
            Family::Plain => plain(response),
            Family::Login if self.responses == 1 => vec![Fact::open("user", response)],
            Family::Login => vec![Fact::secret("password", response)],
            Family::CramMd5 => cram_md5(response),
            Family::Scram => scram(response),
            Family::Bearer => bearer(response),
            Family::Name => vec![Fact::open("name", response)],
            Family::Other => vec![Fact::secret("response", response)],
        }
    }

    fn family(&self) -> Family {
        match self.mechanism.as_str() {
            "PLAIN" => Family::Plain,
            "LOGIN" => Family::Login,
            "CRAM-MD5" => Family::CramMd5,
            "XOAUTH2" | "OAUTHBEARER" => Family::Bearer,
            "EXTERNAL" | "ANONYMOUS" => Family::Name,
            name if name.starts_with("SCRAM-") => Family::Scram,
            _ => Family::Other,
        }
    }

    /// What the mechanism keeps from who reads along.
    pub fn lesson(&self) -> &'static str {
        match self.family() {
            Family::Plain | Family::Login => "base64 is no encryption: whoever captures this has the password",
            Family::CramMd5 => "the password is not sent, but it can be guessed off line from challenge and digest",
            Family::Scram => "the password is not sent; guessing it off line costs the iterations for each guess",
            Family::Bearer => "whoever captures the token can use it until it expires",
            Family::Name => "nothing secret is sent",
            Family::Other => "what this mechanism gives away is not known here",
        }
    }

    /// Where the mechanism is described.
    pub fn rfc(&self) -> &'static str {
        match self.family() {
            Family::Plain => "RFC 4616 §2",
            Family::CramMd5 => "RFC 2195 §2",
            Family::Scram => "RFC 5802 §3",
            Family::Bearer => "RFC 7628 §3.1",
            _ => "RFC 4422 §3",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Plain,
    Login,
    CramMd5,
    Scram,
    Bearer,
    Name,
    Other,
}

/// `[authzid] NUL authcid NUL passwd` (RFC 4616 §2)
fn plain(response: &[u8]) -> Vec<Fact> {
    let mut parts = response.splitn(3, |octet| *octet == 0);
    let (Some(acts_as), Some(user), Some(password)) = (parts.next(), parts.next(), parts.next()) else {
        return vec![Fact::secret("response", response)];
    };
    let mut facts = vec![Fact::open("user", user), Fact::secret("password", password)];
    if !acts_as.is_empty() {
        facts.insert(0, Fact::open("acts as", acts_as));
    }
    facts
}

/// The user's name, a space, and 32 hexadecimal digits (RFC 2195 §2).
fn cram_md5(response: &[u8]) -> Vec<Fact> {
    match response.iter().rposition(|octet| *octet == b' ') {
        Some(at) => vec![
            Fact::open("user", &response[..at]),
            Fact::secret("digest", &response[at + 1..]),
        ],
        None => vec![Fact::secret("response", response)],
    }
}

/// Attributes with names of one letter, between commas (RFC 5802 §5.1).
fn scram(message: &[u8]) -> Vec<Fact> {
    let attributes = message.split(|octet| *octet == b',').take(12);
    attributes
        .filter_map(|attribute| match attribute {
            [name, b'=', value @ ..] => Some(scram_attribute(*name, value)),
            _ => None,
        })
        .collect()
}

fn scram_attribute(name: u8, value: &[u8]) -> Fact {
    match name {
        b'n' => Fact::open("user", value),
        b'a' => Fact::open("acts as", value),
        b'r' => Fact::open("nonce", value),
        b's' => Fact::open("salt", value),
        b'i' => Fact::open("iterations", value),
        b'c' => Fact::open("channel binding", value),
        b'p' if value.contains(&b'-') => Fact::open("channel binding", value),
        b'p' => Fact::secret("proof", value),
        b'v' => Fact::open("server's proof", value),
        b'e' => Fact::open("error", value),
        _ => Fact::open("extension", value),
    }
}

/// `user=…`, `auth=Bearer …`, with octets 1 between (RFC 7628 §3.1).
fn bearer(response: &[u8]) -> Vec<Fact> {
    let pairs = response.split(|octet| *octet == 1).take(12);
    let mut facts: Vec<Fact> = pairs
        .filter_map(|pair| {
            let at = pair.iter().position(|octet| *octet == b'=')?;
            let value = &pair[at + 1..];
            match &pair[..at] {
                b"user" => Some(Fact::open("user", value)),
                b"auth" => Some(Fact::secret("token", value)),
                b"host" => Some(Fact::open("host", value)),
                b"port" => Some(Fact::open("port", value)),
                name if name.ends_with(b"a") => Some(Fact::open("user", value)),
                _ => None,
            }
        })
        .collect();
    if facts.is_empty() {
        facts.push(Fact::secret("response", response));
    }
    facts
}

/// Octets of a value that are kept.
const LONGEST: usize = 1000;
