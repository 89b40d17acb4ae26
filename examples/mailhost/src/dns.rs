//! What this host asks the DNS, and how sure the answers are.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec::{Proof, TrustAnchors};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use thiserror::Error;

/// How a resolver is set up.
#[derive(Clone, Default)]
pub struct Options {
    /// The server to ask; without one, those that the system is told to ask.
    pub server: Option<SocketAddr>,
    /// Whether signatures are checked, which DANE needs. The server must then pass signatures on; one that strips them
    /// makes every answer [`Failure::Bogus`].
    pub validate: bool,
    /// The keys to trust instead of those of the DNS root.
    pub trust_anchors: Option<Arc<TrustAnchors>>,
    /// How long one question may take with all its repetitions; by default 20 seconds.
    pub patience: Option<Duration>,
}

/// Asks the DNS, over UDP and, where an answer does not fit, TCP. Answers are kept as long as they say.
///
/// Names may be given in Unicode; they are asked for, and answered, as A-labels in lower case without a final dot.
#[derive(Clone)]
pub struct Resolver {
    inner: TokioResolver,
    patience: Duration,
}

/// What was found under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// At least one.
    pub records: Vec<T>,
    /// Whether all of it, aliases included, was signed and the signatures hold.
    pub secure: bool,
    /// The name that has the records: the one asked for, or where its aliases lead.
    pub owner: String,
}

/// Why nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Failure {
    /// That is no domain name.
    #[error("not a domain name")]
    NotAName,
    /// NXDOMAIN.
    #[error("the domain does not exist")]
    NoSuchDomain,
    /// The name exists and has no such records.
    #[error("the domain has no such record")]
    NoRecords,
    /// The server says that it failed, or that it will not answer.
    #[error("the name server answers with code {0}")]
    Server(u16),
    /// No answer in time.
    #[error("the name server does not answer in time")]
    Timeout,
    /// Signatures are missing or wrong.
    #[error("the signatures of the answer do not hold")]
    Bogus,
    /// The server cannot be reached, or what it says cannot be understood.
    #[error("no usable answer from a name server")]
    Unusable,
}

impl Failure {
    /// Whether the DNS says that there is nothing, rather than failing to say anything. Only then does it help nobody to
    /// ask again soon.
    pub const fn is_absence(self) -> bool {
        matches!(self, Self::NotAName | Self::NoSuchDomain | Self::NoRecords)
    }
}

/// One mail exchanger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mx {
    /// Lower is tried first.
    pub preference: u16,
    /// Its name; empty is the root, as in a null MX (RFC 7505 §3).
    pub exchange: String,
}

/// A TLSA record (RFC 6698 §2.1), its fields as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlsa {
    /// What the data is about: 2 a trust anchor, 3 the server's own certificate.
    pub usage: u8,
    /// 0 the certificate, 1 its public key.
    pub selector: u8,
    /// 0 as it is, 1 its SHA-256, 2 its SHA-512.
    pub matching: u8,
    /// The certificate association data.
    pub data: Vec<u8>,
}

impl Resolver {
    /// A resolver.
    ///
    /// # Errors
    ///
    /// [`Failure::Unusable`]: the system's configuration cannot be read.
    pub fn new(options: &Options) -> Result<Self, Failure> {
        let mut builder = match options.server {
            Some(server) => TokioResolver::builder_with_config(only(server), TokioRuntimeProvider::default()),
            None => TokioResolver::builder_tokio().map_err(|_| Failure::Unusable)?,
        };
        let settings = builder.options_mut();
        settings.validate = options.validate;
        // Aliases belong to what must be signed.
        settings.preserve_intermediates = true;
        settings.cache_size = CACHED_ANSWERS;
        if options.server.is_some() {
            settings.use_hosts_file = ResolveHosts::Never;
        }
        let patience = options.patience.unwrap_or(PATIENCE);
        settings.timeout = settings.timeout.min(patience / 2);
        if let Some(anchors) = options.trust_anchors.as_ref().filter(|_| options.validate) {
            builder = builder.with_trust_anchor(anchors.clone());
        }
        let inner = builder.build().map_err(|_| Failure::Unusable)?;
        Ok(Self { inner, patience })
    }

    /// The mail exchangers of a domain, in the order they came.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRecords`] for a domain without any; the others.
    pub async fn mx(&self, domain: &str) -> Result<Answer<Mx>, Failure> {
        let mx = |data: &RData| match data {
            RData::MX(mx) => Some(Mx {
                preference: mx.preference,
                exchange: text(&mx.exchange),
            }),
            _ => None,
        };
        self.ask(domain, RecordType::MX, mx).await
    }

    /// The addresses of a host, IPv6 first. Both kinds are asked for at once; one of them is enough.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRecords`] when it has neither kind; if one is absent and the other not known, why it is not.
    pub async fn addresses(&self, host: &str) -> Result<Answer<IpAddr>, Failure> {
        let address = RData::ip_addr;
        let (six, four) = tokio::join!(
            self.ask(host, RecordType::AAAA, address),
            self.ask(host, RecordType::A, address)
        );
        match (six, four) {
            (Ok(mut six), Ok(four)) => {
                six.secure &= four.secure;
                six.records.extend(four.records);
                Ok(six)
            }
            (Ok(answer), Err(_)) | (Err(_), Ok(answer)) => Ok(answer),
            (Err(six), Err(four)) => Err(if six.is_absence() { four } else { six }),
        }
    }

    /// The IPv4 addresses of a name, for those who mean them as a code.
    ///
    /// # Errors
    ///
    /// As everywhere.
    pub async fn ipv4(&self, name: &str) -> Result<Answer<Ipv4Addr>, Failure> {
        let address = |data: &RData| match data {
            RData::A(address) => Some(address.0),
            _ => None,
        };
        self.ask(name, RecordType::A, address).await
    }

    /// The name of an address, if that name leads back to it (the check that makes a PTR record worth anything). Of many
    /// names the first four are looked at.
    ///
    /// # Errors
    ///
    /// [`Failure::NoRecords`] also for names that do not lead back.
    pub async fn name_of(&self, address: IpAddr) -> Result<String, Failure> {
        let address = address.to_canonical();
        let pointer = |data: &RData| match data {
            RData::PTR(pointer) => Some(text(&pointer.0)),
            _ => None,
        };
        let reversed = Name::from(address);
        let names = self.ask_name(reversed, RecordType::PTR, pointer).await?.records;
        let mut found = Failure::NoRecords;
        for name in names.into_iter().take(NAMES_OF_AN_ADDRESS) {
            match self.addresses(&name).await {
                Ok(answer) if answer.records.contains(&address) => return Ok(name),
                Err(failure) if !failure.is_absence() => found = failure,
                _ => {}
            }
        }
        Err(found)
    }

    /// The texts of a name, the strings of each record put together.
    ///
    /// # Errors
    ///
    /// As everywhere.
    pub async fn txt(&self, name: &str) -> Result<Answer<String>, Failure> {
        let text = |data: &RData| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.ask(name, RecordType::TXT, text).await
    }

    /// The TLSA records of a name such as `_25._tcp.mx.example.org`.
    ///
    /// # Errors
    ///
    /// As everywhere.
    pub async fn tlsa(&self, name: &str) -> Result<Answer<Tlsa>, Failure> {
        let tlsa = |data: &RData| match data {
            RData::TLSA(tlsa) => Some(Tlsa {
                usage: tlsa.cert_usage.into(),
                selector: tlsa.selector.into(),
                matching: tlsa.matching.into(),
                data: tlsa.cert_data.clone(),
            }),
            _ => None,
        };
        self.ask(name, RecordType::TLSA, tlsa).await
    }

    async fn ask<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Answer<T>, Failure> {
        self.ask_name(absolute(name)?, kind, read).await
    }

    async fn ask_name<T>(
        &self,
        name: Name,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Answer<T>, Failure> {
        let lookup = tokio::time::timeout(self.patience, self.inner.lookup(name.clone(), kind)).await;
        let lookup = lookup.map_err(|_| Failure::Timeout)?.map_err(|error| failure(&error))?;
        let is_wanted = |record: &&Record| record.record_type() == kind;
        let wanted: Vec<&Record> = lookup.answers().iter().filter(is_wanted).collect();
        let owner = wanted.first().map_or(name, |record| record.name.clone());
        let records: Vec<T> = wanted.iter().filter_map(|record| read(&record.data)).collect();
        if records.is_empty() {
            return Err(Failure::NoRecords);
        }
        Ok(Answer {
            records,
            secure: is_secure(&lookup, kind),
            owner: text(&owner),
        })
    }
}

/// Whether records and aliases were validated. (Signatures among the answers are no data.)
fn is_secure(lookup: &Lookup, kind: RecordType) -> bool {
    let mut data = lookup
        .answers()
        .iter()
        .filter(|record| record.record_type() == kind || record.record_type() == RecordType::CNAME);
    data.all(|record| record.proof == Proof::Secure)
}

fn failure(error: &NetError) -> Failure {
    let absence = |code: ResponseCode| match code {
        ResponseCode::NXDomain => Failure::NoSuchDomain,
        _ => Failure::NoRecords,
    };
    match error {
        NetError::Dns(DnsError::NoRecordsFound(nothing)) => match nothing.response_code {
            code @ (ResponseCode::NXDomain | ResponseCode::NoError) => absence(code),
            code => Failure::Server(code.into()),
        },
        NetError::Dns(DnsError::Nsec { response, proof, .. }) => match proof {
            Proof::Secure | Proof::Insecure => absence(response.metadata.response_code),
            Proof::Bogus | Proof::Indeterminate => Failure::Bogus,
        },
        NetError::Dns(DnsError::DnssecBogus) => Failure::Bogus,
        NetError::Dns(DnsError::ResponseCode(code)) => Failure::Server((*code).into()),
        NetError::Timeout => Failure::Timeout,
        _ => Failure::Unusable,
    }
}

/// A name as the DNS knows it: A-labels (RFC 5891), absolute.
fn absolute(name: &str) -> Result<Name, Failure> {
    let ascii = a_labels(name).ok_or(Failure::NotAName)?;
    let mut name = Name::from_ascii(&ascii).map_err(|_| Failure::NotAName)?;
    name.set_fqdn(true);
    Ok(name)
}

/// A domain in A-labels and lower case without a final dot, or `None` for what cannot be a name in the DNS.
pub fn a_labels(domain: &str) -> Option<String> {
    let mut ascii = idna::domain_to_ascii(domain).ok()?.to_ascii_lowercase();
    if ascii.ends_with('.') {
        ascii.pop();
    }
    // Master-file escapes would make one label of several.
    let is_plain = |octet: u8| octet.is_ascii_graphic() && octet != b'\\';
    (!ascii.is_empty() && ascii.len() <= LONGEST_NAME && ascii.bytes().all(is_plain)).then_some(ascii)
}

/// Without the final dot.
fn text(name: &Name) -> String {
    let text = name.to_lowercase().to_ascii();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

fn only(server: SocketAddr) -> ResolverConfig {
    let on_port = |mut connection: ConnectionConfig| {
        connection.port = server.port();
        connection
    };
    let connections = vec![on_port(ConnectionConfig::udp()), on_port(ConnectionConfig::tcp())];
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, connections)])
}

/// Octets of a domain name without its final dot (RFC 1035 §2.3.4).
const LONGEST_NAME: usize = 253;

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers kept, each of some hundred octets.
const CACHED_ANSWERS: u64 = 4096;

const NAMES_OF_AN_ADDRESS: usize = 4;
