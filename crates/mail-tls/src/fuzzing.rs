//! What must hold for any octets, as functions for fuzz targets and for the tests that replay their corpora. Each panics
//! when its property does not hold.

use std::io::{self, Read, Write};

use crate::{Address, ClientTls, Endpoint, Host, Layers, TlsError, binding};

/// No certificate that a peer shows makes its hash panic, and the hash has one of three lengths.
pub fn certificate(data: &[u8]) {
    if let Some(hash) = binding::end_point(data) {
        assert!(matches!(hash.len(), 32 | 48 | 64));
    }
}

/// An address that is read is written, and read from that as the same address.
pub fn address(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(address) = text.parse::<Address>() {
        let written = address.to_string();
        assert!(!written.contains(|octet: char| octet.is_control() || octet == ' '));
        assert_eq!(written.parse(), Ok(address));
    }
}

/// A client hears these octets from its server, in any cuts: it ends in the same way, and nothing is ever taken for a
/// server's word.
pub fn client(data: &[u8]) {
    let whole = hear(data, usize::MAX);
    for cut in [1, 7] {
        assert_eq!(hear(data, cut), whole);
    }
}

/// How a client ends that hears `data` and then the end of the connection.
fn hear(data: &[u8], cut: usize) -> TlsError {
    let tls = ClientTls::builder().danger_accept_any_certificate().build();
    let name = Host::Name("mail.crepes.example".into()).server_name();
    let endpoint = Endpoint::client(tls.expect("nothing is read"), name.expect("a name"));
    let mut layers = Layers::new();
    layers.secure(&endpoint).expect("the first layer");
    let mut server = Server { unsaid: data, cut };
    let ended = layers.read(&mut server, &mut [0; 64]).expect_err("nobody has the keys");
    let again = layers.read(&mut server, &mut [0; 64]).expect_err("it has ended");
    let ended = TlsError::from_io(ended).expect("TLS judges");
    assert_eq!(TlsError::from_io(again).expect("TLS judges"), ended);
    ended
}

struct Server<'a> {
    unsaid: &'a [u8],
    cut: usize,
}

impl Read for Server<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = buffer.len().min(self.cut);
        self.unsaid.read(&mut buffer[..n])
    }
}

impl Write for Server<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
