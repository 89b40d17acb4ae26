//! The programs that the tests talk to, each started for one test and ended with it.

mod mailhost;
mod postfix;
mod scripts;
mod secured_postfix;
mod smtp_sink;
mod trust;

pub(crate) use mail_testing::peers::{
    Daemon, Dovecot, DovecotLmtp, Folder, PATIENCE, Program, available, free_port, is_root, new_mail, on_a_free_port,
    run, succeed,
};

pub(crate) use mailhost::{Mailhost, SecuredMailhost, assert_delivered};
pub(crate) use postfix::Postfix;
pub(crate) use scripts::{fetch, python};
pub(crate) use secured_postfix::SecuredPostfix;
pub(crate) use smtp_sink::SmtpSink;
pub(crate) use trust::Trust;
