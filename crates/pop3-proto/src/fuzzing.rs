//! What must hold for any octets, as functions for fuzz targets and for the tests that replay their corpora. Each panics
//! when its property does not hold.

mod machines;

use alloc::format;
use alloc::vec::Vec;

use crate::{
    Capability, Command, DropListing, Greeting, LanguageListing, Response, ScanListing, UniqueIdListing, auth,
};

pub use machines::{client, securing, server};

/// A command that is read is written as one line, and read from it as the same command.
pub fn command(data: &[u8]) {
    let _ = Command::parse(&crate::command::tidy(data));
    let Ok(command) = Command::parse(data) else { return };
    let mut wire = Vec::new();
    command.encode(&mut wire);
    assert_eq!(Command::parse(one_line(&wire)), Ok(command));
}

/// Whatever of a response is read is written as one line, and read from it as the same.
pub fn response(data: &[u8]) {
    if let Ok(response) = Response::parse(data) {
        let mut wire = Vec::new();
        response.encode(&mut wire);
        assert!(wire.len() <= Response::MAX);
        if data.len() <= Response::MAX - 2 {
            assert_eq!(Response::parse(one_line(&wire)), Ok(response));
        }
    }
    if let Ok(capability) = Capability::parse(data) {
        let mut wire = Vec::new();
        capability.encode(&mut wire);
        assert_eq!(Capability::parse(one_line(&wire)), Ok(capability));
    }
    if let Ok(timestamp) = Greeting::parse(data).map(|greeting| greeting.timestamp().cloned()) {
        assert!(timestamp.is_none_or(|timestamp| timestamp.as_str().is_ascii()));
    }
    if let Ok(data) = auth::challenge(data) {
        let mut wire = Vec::new();
        auth::encode_challenge(&data, &mut wire);
        assert_eq!(auth::challenge(one_line(&wire)), Ok(data));
    }
    if let Ok(language) = LanguageListing::parse(data) {
        let mut wire = Vec::new();
        language.encode(&mut wire);
        assert!(wire.len() <= 510);
        if data.len() <= 510 {
            assert_eq!(LanguageListing::parse(&wire), Ok(language));
        }
    }
    if let Ok(listing) = DropListing::parse(data) {
        assert_eq!(DropListing::parse(format!("{listing}").as_bytes()), Ok(listing));
    }
    if let Ok(listing) = ScanListing::parse(data) {
        assert_eq!(ScanListing::parse(format!("{listing}").as_bytes()), Ok(listing));
    }
    if let Ok(listing) = UniqueIdListing::parse(data) {
        assert_eq!(UniqueIdListing::parse(format!("{listing}").as_bytes()), Ok(listing));
    }
}

/// The content of the one line in `wire`.
fn one_line(wire: &[u8]) -> &[u8] {
    let line = wire.strip_suffix(b"\r\n").unwrap_or_default();
    assert!(!line.is_empty() && !line.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')));
    line
}
