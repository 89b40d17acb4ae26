//! Whether a client's connection is protected.

use crate::{Address, ClientTls, Endpoint, Host, SetupError};

/// Whether and how a client's connection is protected, and whom it trusts.
///
/// ```
/// use mail_tls::{ClientTls, Policy, Tls};
///
/// let tls = Tls::required();
/// assert_eq!(tls.policy(), Policy::Required);
/// ```
#[derive(Clone, Debug)]
pub struct Tls {
    policy: Policy,
    client: Option<ClientTls>,
    host: Option<Host>,
}

/// When TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// With the first octet: ports 465, 993, 995 (RFC 8314 §3).
    Implicit,
    /// By STARTTLS or STLS. A server that does not offer it is left before anything secret is written.
    Required,
    /// By STARTTLS or STLS if the server offers it, else not at all. Somebody between can strip the offer.
    Opportunistic,
    /// Never: whoever can listen may.
    Never,
}

impl Tls {
    /// TLS from the first octet on.
    pub const fn implicit() -> Self {
        Self::new(Policy::Implicit)
    }

    /// STARTTLS or STLS, or nothing.
    pub const fn required() -> Self {
        Self::new(Policy::Required)
    }

    /// STARTTLS or STLS if the server offers it.
    pub const fn opportunistic() -> Self {
        Self::new(Policy::Opportunistic)
    }

    /// Plaintext.
    pub const fn never() -> Self {
        Self::new(Policy::Never)
    }

    /// Any policy, with the system's roots.
    pub const fn new(policy: Policy) -> Self {
        Self {
            policy,
            client: None,
            host: None,
        }
    }

    /// Trusts whom `client` says, in place of the system's roots.
    #[must_use]
    pub fn with(mut self, client: ClientTls) -> Self {
        self.client = Some(client);
        self
    }

    /// The certificate must be for `host`, in place of the host that is connected to. So it is for a host that was found
    /// by an SRV or MX record.
    #[must_use]
    pub fn for_host(mut self, host: Host) -> Self {
        self.host = Some(host);
        self
    }

    /// When TLS begins.
    pub const fn policy(&self) -> Policy {
        self.policy
    }

    /// What a connection to `address` needs for TLS; `None` when it never has any.
    ///
    /// # Errors
    ///
    /// [`SetupError`]: the system has no roots, or the host's name is none.
    pub fn endpoint(&self, address: &Address) -> Result<Option<Endpoint>, SetupError> {
        if self.policy == Policy::Never {
            return Ok(None);
        }
        let client = match &self.client {
            Some(client) => client.clone(),
            None => ClientTls::system()?,
        };
        let name = self.host.as_ref().unwrap_or(address.host()).server_name()?;
        Ok(Some(Endpoint::client(client, name)))
    }
}
