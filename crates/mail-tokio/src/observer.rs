//! Looking on while a machine talks.

use std::fmt;
use std::sync::Arc;

use mail_wire::Layer;

/// Sees what passes between a machine and the layers under it, and so what TLS hides from everybody else: for a log of a
/// dialogue.
///
/// It sees passwords, too. What it keeps or prints must hide them.
///
/// ```no_run
/// use mail_tokio::tls::Tls;
/// use mail_tokio::{Observer, Options, smtp};
///
/// #[derive(Debug)]
/// struct Count(u64);
///
/// impl Observer for Count {
///     fn received(&mut self, octets: &[u8]) {
///         self.0 += octets.len() as u64;
///     }
///
///     fn sent(&mut self, _: &[u8]) {}
///
///     fn upgraded(&mut self, layer: mail_wire::Layer) {
///         println!("{layer:?} begins behind {} octets", self.0);
///     }
/// }
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let options = Options::from(Tls::required()).observed_by(|| Count(0));
/// let client = smtp::Client::connect("mail.example.org:587", options).await?;
/// # Ok(())
/// # }
/// ```
pub trait Observer: fmt::Debug + Send + Sync {
    /// The machine has got these octets.
    fn received(&mut self, octets: &[u8]);

    /// These octets of the machine's went to the layers. The transport may not have taken them yet.
    fn sent(&mut self, octets: &[u8]);

    /// A layer was put in: octets before and behind this are different on the wire.
    fn upgraded(&mut self, layer: Layer);
}

/// An observer for each connection.
#[derive(Clone)]
pub(crate) struct Observers(Arc<dyn Fn() -> Box<dyn Observer> + Send + Sync>);

impl Observers {
    pub(crate) fn new<O: Observer + 'static>(observer: impl Fn() -> O + Send + Sync + 'static) -> Self {
        Self(Arc::new(move || Box::new(observer())))
    }

    pub(crate) fn observer(&self) -> Box<dyn Observer> {
        (self.0)()
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observers")
    }
}
