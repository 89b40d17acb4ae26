//! How servers refuse bearer tokens (RFC 7628 §3.2.2).

use std::fmt;

use mail_wire::Escaped;
use serde_json::{Map, Value};

/// Why a server refused a token, in its own words.
///
/// Display escapes what would act upon a terminal.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct TokenError {
    status: Box<str>,
    scope: Option<Box<str>>,
    discovery: Option<Box<str>>,
}

impl TokenError {
    /// `status`: `invalid_token`, `insufficient_scope`; of some servers of XOAUTH2 a number of HTTP. Empty if the server
    /// did not say.
    pub fn status(&self) -> &str {
        &self.status
    }

    /// `scope`: what a token must be good for here.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// `openid-configuration`: where it is written how to get a token. A URL of the server's choice: ask before following it.
    pub fn discovery(&self) -> Option<&str> {
        self.discovery.as_deref()
    }

    pub(crate) fn new(status: &str, scope: Option<Box<str>>, discovery: Option<Box<str>>) -> Self {
        Self {
            status: status.into(),
            scope,
            discovery,
        }
    }

    /// Reads a challenge. What is not as RFC 7628 wants it is a refusal all the same.
    pub(crate) fn parse(challenge: &[u8]) -> Self {
        let Ok(Value::Object(mut object)) = serde_json::from_slice(challenge) else {
            return Self::default();
        };
        Self {
            status: take(&mut object, "status").unwrap_or_default(),
            scope: take(&mut object, "scope"),
            discovery: take(&mut object, "openid-configuration"),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut object = Map::new();
        object.insert("status".into(), self.status().into());
        if let Some(scope) = self.scope() {
            object.insert("scope".into(), scope.into());
        }
        if let Some(discovery) = self.discovery() {
            object.insert("openid-configuration".into(), discovery.into());
        }
        Value::Object(object).to_string().into_bytes()
    }
}

fn take(object: &mut Map<String, Value>, key: &str) -> Option<Box<str>> {
    match object.remove(key)? {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = if self.status.is_empty() {
            "no reason given"
        } else {
            self.status()
        };
        write!(f, "the server refused the token: {}", Escaped(status.as_bytes()))
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escaped = |text: Option<&str>| text.map(|text| Escaped(text.as_bytes()).to_string());
        f.debug_struct("TokenError")
            .field("status", &Escaped(self.status.as_bytes()))
            .field("scope", &escaped(self.scope()))
            .field("discovery", &escaped(self.discovery()))
            .finish()
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written() {
        let wire = br#"{"openid-configuration":"https://example.org/o","scope":"mail","status":"invalid_token"}"#;
        let error = TokenError::parse(wire);
        assert_eq!((error.status(), error.scope()), ("invalid_token", Some("mail")));
        assert_eq!(error.discovery(), Some("https://example.org/o"));
        assert_eq!(TokenError::parse(&error.encode()), error);
    }

    #[test]
    fn anything_else_is_a_refusal_without_words() {
        let deep = "[".repeat(100_000);
        for challenge in ["", "no json", "[1]", "{\"status\":[]}", deep.as_str()] {
            assert_eq!(TokenError::parse(challenge.as_bytes()), TokenError::default());
        }
        assert_eq!(TokenError::parse(br#"{"status":401}"#).status(), "401");
    }

    /// docs/threats.md row 30
    #[test]
    fn nothing_acts_upon_a_terminal() {
        let error = TokenError::parse(br#"{"status":"\u001b[2J","scope":"\u001b"}"#);
        assert!(!error.to_string().contains('\x1b') && !format!("{error:?}").contains('\x1b'));
    }
}
