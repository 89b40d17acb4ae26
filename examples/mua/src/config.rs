//! The account file.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::TlsMode;
use crate::failure::Failure;

/// All accounts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The one that is meant when none is named.
    default: Option<String>,
    #[serde(default)]
    accounts: BTreeMap<String, Entry>,
}

/// One account as it is written down.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) address: Option<String>,
    /// The person's, which stands beside the address.
    pub(crate) name: Option<String>,
    /// To log in with; otherwise the address.
    pub(crate) user: Option<String>,
    pub(crate) password_env: Option<String>,
    pub(crate) password_command: Option<String>,
    pub(crate) imap: Option<Place>,
    pub(crate) pop3: Option<Place>,
    pub(crate) smtp: Option<Place>,
    /// The mailbox that keeps what was sent.
    pub(crate) sent: Option<String>,
    /// The mailbox that deleted messages go to.
    pub(crate) trash: Option<String>,
    /// For servers that do not say it themselves.
    pub(crate) tls: Option<TlsMode>,
    /// Certificates to trust in place of the system's.
    pub(crate) ca: Option<PathBuf>,
}

/// A server as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) tls: Option<TlsMode>,
}

impl File {
    /// Reads it; without one at the usual place there are no accounts.
    pub(crate) fn read(named: Option<&Path>) -> Result<Self, Failure> {
        let usual = usual_path();
        let Some(path) = named.or(usual.as_deref()) else {
            return Ok(Self::default());
        };
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|failure| failure.at(path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(Self::default()),
            Err(error) => Err(Failure::usage(error.to_string()).at(path.display())),
        }
    }

    /// What toml says about an error holds the line it is in: only the place is told, for the line may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            Failure::usage(format!("line {line}: {}", error.message()))
        };
        let table: toml::Table = text.parse().map_err(wrong)?;
        let accounts = table
            .get("accounts")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flatten();
        for (name, entry) in accounts {
            let keys = entry.as_table().into_iter().flat_map(toml::Table::keys);
            if let Some(key) = keys.into_iter().find(|key| SECRET.contains(&key.as_str())) {
                return Err(Failure::usage(format!(
                    "account {name} has a `{key}`: passwords do not stand in this file"
                ))
                .hint("`password_env = \"VARIABLE\"` or `password_command = \"CMD\"` says where to get it"));
            }
        }
        toml::from_str(text).map_err(wrong)
    }

    /// The account that is meant: the one named, the default, or the only one. `None` when there are none at all.
    pub(crate) fn account(&self, named: Option<&str>) -> Result<Option<(String, Entry)>, Failure> {
        let only = match self.accounts.len() {
            1 => self.accounts.keys().next().map(String::as_str),
            _ => None,
        };
        let Some(name) = named.or(self.default.as_deref()).or(only) else {
            return match self.accounts.is_empty() {
                true => Ok(None),
                false => Err(Failure::usage("there are several accounts, and none is the default")
                    .hint(format!("--account with one of: {}", self.names()))),
            };
        };
        match self.accounts.get(name) {
            Some(entry) => Ok(Some((name.to_owned(), entry.clone()))),
            None if self.accounts.is_empty() => {
                Err(Failure::usage(format!("no account {name}")).hint("there is no account file: see --config"))
            }
            None => Err(Failure::usage(format!("no account {name}")).hint(format!("there are: {}", self.names()))),
        }
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.accounts.keys().map(String::as_str).collect();
        names.join(", ")
    }
}

/// `$XDG_CONFIG_HOME/mua/config.toml`, or under `~/.config`.
fn usual_path() -> Option<PathBuf> {
    folder("XDG_CONFIG_HOME", ".config").map(|folder| folder.join("config.toml"))
}

/// Our folder below one of the XDG base directories.
pub(crate) fn folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let named = env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let base = named.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(below_home)));
    base.map(|base| base.join("mua"))
}

/// What people call a password.
const SECRET: [&str; 7] = ["password", "pass", "passwd", "secret", "token", "passphrase", "pw"];
