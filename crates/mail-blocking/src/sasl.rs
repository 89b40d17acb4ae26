//! What SASL must know of a connection.

use mail_sasl::{Channel, ChannelBinding};

/// The channel below a dialogue: `tls` is what the driver knows, `secured` what the machine was told about its transport.
pub(crate) fn channel(tls: Option<&mail_tls::Channel>, secured: bool) -> Channel {
    let Some(tls) = tls else {
        return match secured {
            true => Channel::secured(),
            false => Channel::plaintext(),
        };
    };
    let exporter = tls
        .exporter()
        .map(|octets| ChannelBinding::TlsExporter(octets.to_vec()));
    let end_point = tls.server_end_point().map(ChannelBinding::TlsServerEndPoint);
    let bindings = exporter.into_iter().chain(end_point);
    bindings.fold(Channel::secured(), Channel::with_binding)
}
