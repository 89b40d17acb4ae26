//! Our IMAP client and server against real mail software from Debian, on loopback.
//!
//! - Our client against Dovecot, with every command that both have; and the same through our own server, whose
//!   application hands each command on to Dovecot (`relay.rs`): what the one writes, the other reads.
//! - curl and Python's imaplib as clients of a small server in memory (`memory.rs`).
#![cfg(target_os = "linux")]

mod memory;
mod message;
mod relay;
mod support;

mod account;
mod clients;
mod connection;
mod fetch;
mod in_process;
mod mailboxes;
mod messages;
mod search;
mod watching;
