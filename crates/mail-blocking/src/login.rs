//! Logging in by SASL: what the clients of all protocols have in common.

use mail_sasl::{Channel, ChannelBinding, ClientError, Mechanism, NoMechanism};
use mail_wire::MechanismName;

/// Why a login failed, when it was not the server that refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// No mechanism that the server offers may be used. Nothing that is secret was written.
    #[error(transparent)]
    NoMechanism(#[from] NoMechanism),
    /// The server did not say what the mechanism has it say, or did not prove who it is. The exchange was cancelled; where
    /// the server had said that it succeeded, the session is over.
    #[error(transparent)]
    Exchange(#[from] ClientError),
}

/// What a mechanism may know of a connection: that it is protected by TLS, and what binds an exchange to it (RFC 5929,
/// RFC 9266). Without TLS it is taken for one that anybody can read.
pub fn sasl_channel(tls: Option<&mail_tls::Channel>) -> Channel {
    let Some(tls) = tls else {
        return Channel::plaintext();
    };
    let exporter = tls.exporter().map(|octets| ChannelBinding::TlsExporter(octets.into()));
    let end_point = tls.server_end_point().map(ChannelBinding::TlsServerEndPoint);
    let bindings = exporter.into_iter().chain(end_point);
    bindings.fold(Channel::secured(), Channel::with_binding)
}

/// The same of a client's connection. One that is protected without TLS of ours has nothing to bind to.
pub(crate) fn channel(tls: Option<&mail_tls::Channel>, is_secured: bool) -> Channel {
    match (tls, is_secured) {
        (None, true) => Channel::secured(),
        (tls, _) => sasl_channel(tls),
    }
}

/// A mechanism's name as the protocols' machines have it.
pub(crate) fn name(mechanism: Mechanism) -> MechanismName {
    let name = mechanism.as_str().parse();
    name.expect("names of known mechanisms are names")
}
