//! SASL (RFC 4422) for mail, client and server: a challenge in, a response out.
//!
//! What it does not do: no I/O, no protocol, no users, no security layers (TLS is there for that), and no GSSAPI. SMTP, POP3 and IMAP carry its messages in frames of their own: base64, `*` to
//! cancel, `=` for an empty initial response. Those are the protocol crates' affair.
//!
//! | mechanism | RFC | |
//! |---|---|---|
//! | `SCRAM-SHA-512`, `-256`, `-1`, and each with `-PLUS` | 5802, 7677 | the server learns no password, and proves that it knew it |
//! | `OAUTHBEARER`, `XOAUTH2` | 7628 | a token of an authorization server |
//! | `EXTERNAL` | 4422 | the certificate of the TLS client |
//! | `CRAM-MD5` | 2195 | a digest of a challenge; the server must store the password |
//! | `PLAIN`, `LOGIN` | 4616 | the password itself: only over TLS, if not allowed by name |
//! | `ANONYMOUS` | 4505 | nobody in particular |
//!
//! # A client
//!
//! [`Policy`] picks the mechanism, [`Client`] speaks it.
//!
//! ```
//! # use mail_sasl::{Channel, ChannelBinding, Credentials, Policy};
//! # fn ask(mechanism: &str, initial: Option<&[u8]>) -> Option<Vec<u8>> { None }
//! # fn reply(response: &[u8]) -> Option<Vec<u8>> { None }
//! # fn go(offered: &[&str], exported: Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::password("alice", "correct horse")?;
//! let channel = Channel::secured().with_binding(ChannelBinding::TlsExporter(exported));
//! let mut client = Policy::default().start(offered, &credentials, &channel)?;
//! let initial = client.initial_response();
//! let mut challenge = ask(client.mechanism().as_str(), initial.as_ref().map(|initial| initial.expose()));
//! while let Some(octets) = challenge {
//!     challenge = reply(client.respond(&octets)?.expose());
//! }
//! client.finish(None)?;       // the server said yes: only now it is to be believed
//! # Ok(())
//! # }
//! ```
//!
//! # A server
//!
//! [`ServerConfig`] knows what to offer, [`Server`] speaks it and asks for what only the application knows.
//!
//! ```
//! # use std::sync::Arc;
//! # use mail_sasl::{Account, Answer, Channel, Hash, Identity, Lookup, Mechanism, SecretKind, Server, ServerConfig, ServerStep};
//! # fn stored(user: &str) -> Option<Account> { None }
//! # fn exchange(challenge: &[u8]) -> Vec<u8> { Vec::new() }
//! # fn go(mechanism: Mechanism, initial: Option<&[u8]>) -> Result<Identity, Box<dyn std::error::Error>> {
//! let config = Arc::new(ServerConfig::new(&[SecretKind::Keys(Hash::Sha256)])?);
//! let mut server = Server::new(mechanism, &config, &Channel::secured())?;
//! let mut step = server.start(initial);
//! loop {
//!     step = match step {
//!         ServerStep::Challenge(challenge) => server.step(&exchange(&challenge)),
//!         ServerStep::Lookup(Lookup::Verify { user, .. } | Lookup::Stored { user, .. }) => {
//!             server.answer(stored(user.as_str()).map_or(Answer::Unknown, Answer::Found))
//!         }
//!         ServerStep::Lookup(_) => server.answer(Answer::No),
//!         ServerStep::Done(identity) => return Ok(identity),
//!         ServerStep::Failed(failure) => return Err(failure.into()),
//!     }
//! }
//! # }
//! ```
//!
//! What is stored need not be a password: [`StoredKeys`] are enough for SCRAM, PLAIN and LOGIN, though not for CRAM-MD5 and
//! for POP3's APOP.
//!
//! # Why this and not rsasl
//!
//! rsasl 2 is a framework: its mechanisms ask for properties and for a verdict through callbacks while a step runs, so that a
//! server cannot wait for its database without a thread; here every question is a step. It refuses only 0 iterations of SCRAM,
//! has no CRAM-MD5 and no decoys for users who do not exist, and brings an older generation of the cryptography that this
//! workspace has already. That is RustCrypto's (`hmac`, `pbkdf2`, `sha1`, `sha2`, `md-5`); the tables of RFC 3454 are from
//! `stringprep`. What is written here is the messages, their order, and the choice among mechanisms.

mod account;
mod anonymous;
mod channel;
mod client;
mod cram_md5;
mod credentials;
#[doc(hidden)]
pub mod fuzzing;
mod hash;
mod keys;
pub mod limits;
mod mechanism;
mod name;
mod nonce;
mod oauth_bearer;
mod plain;
mod policy;
mod prep;
mod scram;
mod server;
mod syntax;
mod token;
mod token_error;
mod xoauth2;

pub use account::{Account, SecretKind};
pub use anonymous::Trace;
pub use channel::{Channel, ChannelBinding};
pub use client::{Client, ClientError, ClientOptions, Unusable};
pub use credentials::{Credentials, InvalidCredentials};
pub use hash::Hash;
pub use keys::{KeysError, StoredKeys};
pub use mail_wire::Secret;
pub use mechanism::{Mechanism, Needs, UnknownMechanism};
pub use name::{InvalidName, UserName};
pub use nonce::{NoRandomness, Nonce};
pub use policy::{NoMechanism, PassedOver, Policy, Why};
pub use prep::{PrepError, Purpose, saslprep};
pub use scram::message::ScramError;
pub use server::{Answer, Failure, Identity, Lookup, Server, ServerConfig, ServerStep};
pub use syntax::Syntax;
pub use token::InvalidToken;
pub use token_error::TokenError;
