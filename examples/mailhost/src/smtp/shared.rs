//! What all sessions of a door have in common.

use std::sync::Arc;

use smtp_proto::phase::Security;
use smtp_proto::server::{Arrival, Config, Protocol, StartTls};
use smtp_proto::{Refusal, Timestamp};

use super::terms::LONGEST_HOLD;
use crate::explain;
use crate::host::{Host, Wire, since_epoch};
use crate::service::Service;

/// What all sessions of a door have in common.
pub(crate) struct Shared {
    config: Arc<Config>,
    pub(super) service: Service,
}

impl Shared {
    pub(crate) fn new(host: &Host, wire: &Wire) -> Self {
        let settings = &host.settings;
        let name = settings.hostname.as_str();
        let mut config = Config::new(name.parse().expect("checked when the host was set up"));
        config.limits.message = settings.max_message_size;
        // People type here, as their textbook shows it: `MAIL FROM: <alice@crepes.fr>`.
        config.leniency.space_after_colon = !settings.explain;
        config.explain = settings.explain.then_some(explain::smtp);
        if wire.service == Service::Lmtp {
            config.protocol = Protocol::Lmtp;
        }
        let offers = &mut config.offers;
        offers.chunking = true;
        offers.smtp_utf8 = true;
        offers.dsn = true;
        offers.mt_priority = true;
        offers.deliver_by = Some(None);
        if wire.tls.is_some() {
            offers.start_tls = StartTls::Offered;
            offers.require_tls = true;
        }
        if wire.service.is_submission() {
            // Holding mail for strangers is not a relay's business (RFC 4865 §3).
            offers.future_release = latest().map(|latest| (LONGEST_HOLD.as_secs() as u32, latest));
            let authentication = &mut offers.authentication;
            authentication.required = true;
            authentication.secured = host.authentication.under_tls();
            if wire.trusted {
                authentication.plaintext = host.authentication.in_plaintext();
            }
        }
        Self {
            config: Arc::new(config),
            service: wire.service,
        }
    }

    /// The machine for a client who has just come, or who is not welcome.
    pub(super) fn machine(&self, turned_away: Option<Refusal>) -> smtp_proto::Server {
        let mut arrival = Arrival::default();
        if self.service.begins_with_tls() {
            arrival.security = Security::Secured;
        }
        arrival.turned_away = turned_away;
        smtp_proto::Server::arriving(self.config.clone(), arrival)
    }
}

fn latest() -> Option<Timestamp> {
    let now = i64::try_from(since_epoch().as_secs()).ok()?;
    // Beyond any interval: a server that runs for years must not name a moment that has passed.
    Timestamp::from_unix(now + 10 * 365 * 24 * 3600)
}
