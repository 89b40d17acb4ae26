//! What is known of the channel below an exchange.

use std::fmt;

use crate::UserName;

/// The channel below: is it protected, what binds an exchange to it, who is at its other end.
///
/// ```
/// use mail_sasl::{Channel, ChannelBinding};
///
/// let plaintext = Channel::plaintext();
/// let tls = Channel::secured().with_binding(ChannelBinding::TlsExporter(vec![7; 32]));
/// assert!(tls.is_secured() && !plaintext.is_secured());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    security: Security,
    bindings: Vec<ChannelBinding>,
    certificate: Option<UserName>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Security {
    #[default]
    Plaintext,
    Secured,
}

impl Channel {
    /// A channel that anybody can read: the default.
    pub fn plaintext() -> Self {
        Self::default()
    }

    /// A channel that nobody else can read: TLS, a socket of the same machine.
    pub fn secured() -> Self {
        Self {
            security: Security::Secured,
            ..Self::default()
        }
    }

    /// Adds what can bind an exchange to this channel, the preferred first.
    #[must_use]
    pub fn with_binding(mut self, binding: ChannelBinding) -> Self {
        self.bindings.push(binding);
        self
    }

    /// For servers: whom the client's certificate names. It makes EXTERNAL possible.
    #[must_use]
    pub fn with_certificate(mut self, user: UserName) -> Self {
        self.certificate = Some(user);
        self
    }

    /// The same channel as if it could not be bound to: SCRAM then says that the client does without (RFC 5802 §6).
    #[must_use]
    pub fn without_bindings(mut self) -> Self {
        self.bindings.clear();
        self
    }

    /// Whether nobody else can read what is written to it.
    pub fn is_secured(&self) -> bool {
        self.security == Security::Secured
    }

    /// What can bind an exchange to this channel.
    pub fn bindings(&self) -> &[ChannelBinding] {
        &self.bindings
    }

    /// Whom the client's certificate names.
    pub fn certificate(&self) -> Option<&UserName> {
        self.certificate.as_ref()
    }

    pub(crate) fn binding(&self, name: &str) -> Option<&ChannelBinding> {
        self.bindings.iter().find(|binding| binding.name() == name)
    }
}

/// Octets that are different for every channel, and the same at its both ends (RFC 5802 §6).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelBinding {
    /// What TLS 1.3 exports for the label `EXPORTER-Channel-Binding` and an empty context: 32 octets (RFC 9266).
    TlsExporter(Vec<u8>),
    /// The hash of the server's certificate (RFC 5929 §4).
    TlsServerEndPoint(Vec<u8>),
}

impl ChannelBinding {
    /// The label that a TLS library is given to export a [`ChannelBinding::TlsExporter`] (RFC 9266).
    pub const EXPORTER_LABEL: &str = "EXPORTER-Channel-Binding";

    /// The registered name of its type.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TlsExporter(_) => "tls-exporter",
            Self::TlsServerEndPoint(_) => "tls-server-end-point",
        }
    }

    /// The octets.
    pub fn octets(&self) -> &[u8] {
        match self {
            Self::TlsExporter(octets) | Self::TlsServerEndPoint(octets) => octets,
        }
    }
}

/// Without the octets: they belong to one connection and to no log.
impl fmt::Debug for ChannelBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({} octets)", self.name(), self.octets().len())
    }
}
