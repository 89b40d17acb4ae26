//! The loop that both protocols' sessions run in.

use std::net::SocketAddr;
use std::pin::pin;

use mail_tokio::{Error, Session};
use mail_wire::Machine;
use tokio::net::TcpStream;
use tracing::debug;

use crate::host::Stop;

/// A server's side of one connection, and what it knows about it.
pub(crate) trait Dialogue {
    /// Which protocol.
    type Machine: Machine;

    /// The connection.
    fn session(&mut self) -> &mut Session<Self::Machine, TcpStream>;

    /// Does what an event asks for.
    async fn handle(
        &mut self,
        event: <Self::Machine as Machine>::Event,
    ) -> Result<(), Error<<Self::Machine as Machine>::Error>>;
}

/// Carries a dialogue on to its end; when the program wants to stop, to its next end of a command or message.
pub(crate) async fn converse(mut dialogue: impl Dialogue, peer: SocketAddr, mut stop: Stop) {
    let mut stop = pin!(stop.requested());
    let mut stopping = false;
    loop {
        // Waiting for an event can be broken off without losing anything.
        let event = tokio::select! {
            event = dialogue.session().next() => event,
            () = &mut stop, if !stopping => {
                stopping = true;
                dialogue.session().shutdown();
                continue;
            }
        };
        let handled = match event {
            Ok(Some(event)) => dialogue.handle(event).await,
            Ok(None) => break debug!(%peer, "ended"),
            Err(error) => Err(error),
        };
        if let Err(error) = handled {
            break debug!(%peer, %error, "broken off");
        }
    }
}
