//! Our clients behind both adapters, so that one test runs with either.
//!
//! What no test expects to fail panics here.

mod pop3;
mod smtp;

use tokio::runtime::{Builder, Runtime};

pub(crate) use pop3::{BlockingPop3, Pop3, TokioPop3};
pub(crate) use smtp::{BlockingSmtp, Smtp, TokioSmtp};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
