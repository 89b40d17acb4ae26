//! The programs that the tests talk to, each started for one test and ended with it.

mod mailhost;
mod postfix;
mod scripts;
mod smtp_sink;

pub(crate) use mail_testing::peers::{
    Daemon, Dovecot, Folder, PATIENCE, Program, available, is_root, new_mail, on_a_free_port, run, succeed,
};

pub(crate) use mailhost::{Mailhost, SecuredMailhost, assert_delivered};
pub(crate) use postfix::Postfix;
pub(crate) use scripts::{fetch, python};
pub(crate) use smtp_sink::SmtpSink;
