//! The ways into a server, for tests that go through each of them.

use std::cell::Cell;
use std::net::SocketAddr;

use mail_tls::Tls;
use smtp_proto::client::{Config, Protocol};

use crate::adapters::Smtp;
use crate::our_smtp::config;

/// A way into a server, through TLS.
pub(crate) struct Door {
    pub(crate) name: &'static str,
    address: SocketAddr,
    tls: Tls,
    protocol: Protocol,
    /// How many addresses were made up.
    addresses: Cell<u32>,
}

impl Door {
    pub(crate) fn new(name: &'static str, protocol: Protocol, address: SocketAddr, tls: Tls) -> Self {
        Self {
            name,
            address,
            tls,
            protocol,
            addresses: Cell::new(0),
        }
    }

    pub(crate) fn connect<C: Smtp>(&self) -> C {
        self.connect_as(|_| {})
    }

    /// With another configuration.
    pub(crate) fn connect_as<C: Smtp>(&self, change: impl Fn(&mut Config)) -> C {
        let mut config = config();
        config.protocol = self.protocol;
        change(&mut config);
        let client = C::connect_with(self.address, self.tls.clone(), config);
        assert!(client.is_secured(), "{}", self.name);
        client
    }

    /// An address of this user that nothing else is for.
    pub(crate) fn fresh(&self, user: &str, domain: &str) -> String {
        let number = self.addresses.replace(self.addresses.get() + 1);
        format!("{user}+{}{number}@{domain}", self.name)
    }
}

/// What the server lists.
pub(crate) fn keywords<C: Smtp>(client: &C) -> Vec<String> {
    sorted(client.capabilities().lines().iter().map(|line| line.keyword()))
}

pub(crate) fn sorted<'a>(keywords: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut keywords: Vec<String> = keywords.into_iter().map(str::to_ascii_uppercase).collect();
    keywords.sort_unstable();
    keywords
}
