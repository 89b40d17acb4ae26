//! TLS for mail clients and servers, on rustls with ring, and without the I/O: what a blocking and an asynchronous
//! adapter both need, once.
//!
//! What it does not do: it opens no connection, decides nowhere when TLS begins (a machine's STARTTLS or the port does), and has no DANE and
//! no MTA-STS; a [verifier](ClientTlsBuilder) may be the caller's own.
//!
//! - [`Tls`] is what a client is told: whether a connection is protected and how ([`Policy`]), and by whom it may be
//!   answered ([`ClientTls`]).
//! - [`ServerTls`] is what a server is told: its certificates, which can be read anew while it runs.
//! - [`Layers`] is what lies between a machine and its transport: TLS and, inside it, DEFLATE. Its calls take any
//!   non-blocking transport and can be repeated after [`WouldBlock`](std::io::ErrorKind::WouldBlock).
//! - [`Channel`] says what was agreed upon: version, cipher, certificates, channel bindings.
//!
//! ```
//! use mail_tls::{ClientTls, Tls};
//!
//! // A mail user agent: STARTTLS or nothing, checked against the roots that the system trusts.
//! let user_agent = Tls::required();
//! // A relay: TLS when there is any, and rather with anybody than in plaintext (RFC 3207 §4).
//! let relay = Tls::opportunistic().with(ClientTls::builder().danger_accept_any_certificate().build()?);
//! # let _ = (user_agent, relay);
//! # Ok::<(), mail_tls::SetupError>(())
//! ```
//!
//! A server's certificates, and what a driver does with all of this, are in [`ServerTls`] and [`Layers`].

mod address;
mod binding;
mod channel;
mod client;
mod error;
pub mod fuzzing;
mod identity;
mod layers;
mod policy;
mod server;
mod verifier;

pub use address::{Address, Host};
pub use channel::{Channel, Ending, Endpoint};
pub use client::{ClientTls, ClientTlsBuilder};
pub use error::{SetupError, TlsError};
pub use identity::Identity;
pub use layers::Layers;
pub use policy::{Policy, Tls};
pub use server::{ClientCertificates, ServerTls, ServerTlsBuilder};

/// The version of rustls whose types are in this API: verifiers, certificates, names of versions and ciphers.
pub use rustls;
