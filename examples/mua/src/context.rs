//! What a command works with: the account, the output, who takes the dialogue down.

use std::cell::OnceCell;
use std::io::IsTerminal;
use std::sync::Arc;

use mail_sasl::Credentials;
use mail_tokio::transcript::Scribe;

use crate::account::Account;
use crate::cli::Shared;
use crate::failure::Failure;
use crate::output::Output;
use crate::transcript::Transcript;

pub(crate) struct Context {
    pub(crate) account: Account,
    pub(crate) output: Output,
    pub(crate) scribe: Option<Arc<dyn Scribe>>,
    /// The dialogue is shown where a full screen would be.
    pub(crate) talks_on_screen: bool,
    /// Whoever was asked once is not asked again.
    pub(crate) credentials: OnceCell<Credentials>,
}

impl Context {
    pub(crate) fn new(shared: Shared) -> Result<Self, Failure> {
        let scribe = shared.transcript.as_deref().map(Transcript::open).transpose()?;
        let on_stderr = shared.transcript.as_deref().is_some_and(|path| path.as_os_str() == "-");
        Ok(Self {
            account: Account::resolve(&shared)?,
            output: Output { json: shared.json },
            scribe: scribe.map(|scribe| Arc::new(scribe) as Arc<dyn Scribe>),
            talks_on_screen: on_stderr && std::io::stderr().is_terminal(),
            credentials: OnceCell::new(),
        })
    }
}
