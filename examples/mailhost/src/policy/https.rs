//! Fetching a policy over HTTPS (RFC 8461 §3.3).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::dns::{Failure, Resolver};

/// A way to fetch `/.well-known/mta-sts.txt` from a host.
#[async_trait]
pub trait Fetcher: Send + Sync {
    /// The file.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being had; then the domain has no policy that could be followed.
    async fn fetch(&self, host: &str) -> Result<Vec<u8>, FetchError>;
}

/// Why a policy was not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The host has no address, or none is known.
    #[error("its host cannot be looked up: {0}")]
    Lookup(Failure),
    /// No address of the host accepts a connection.
    #[error("its host cannot be reached")]
    Unreachable,
    /// The handshake failed; most often the certificate is not for this host.
    #[error("no trustworthy TLS connection to its host")]
    Tls,
    /// What came is not HTTP.
    #[error("its host does not speak HTTP")]
    Http,
    /// Not 200. Redirections are not followed.
    #[error("its host answers with status {0}")]
    Status(u16),
    /// The file is something else than plain text.
    #[error("it is not text/plain")]
    ContentType,
    /// More than 64 KiB.
    #[error("it is longer than 64 KiB")]
    TooLong,
    /// It took more than a minute.
    #[error("it does not arrive in time")]
    Timeout,
}

/// Fetches with TLS and HTTP/1.1, from addresses that the resolver finds.
pub struct HttpsFetcher {
    resolver: Resolver,
    connector: TlsConnector,
    port: u16,
    patience: Duration,
}

impl HttpsFetcher {
    /// A fetcher that trusts the Web's authorities in `roots`.
    ///
    /// # Errors
    ///
    /// The TLS library does not offer what this needs.
    pub fn new(resolver: Resolver, roots: Arc<RootCertStore>) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            resolver,
            connector: Arc::new(config).into(),
            port: HTTPS,
            patience: PATIENCE,
        })
    }

    /// Another port than 443, for laboratories.
    pub const fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Another limit than a minute, from the first question to the last octet.
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    async fn get(&self, host: &str) -> Result<Vec<u8>, FetchError> {
        let stream = self.connect(host).await?;
        let mut tasks = JoinSet::new();
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(LONGEST_HEADER)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| FetchError::Http)?;
        // It moves the octets, and ends when `tasks` is dropped.
        tasks.spawn(connection);
        let request = Request::get("/.well-known/mta-sts.txt")
            .header(HOST, host)
            .body(Empty::<Bytes>::new())
            .map_err(|_| FetchError::Http)?;
        let response = sender.send_request(request).await.map_err(|_| FetchError::Http)?;
        read(response).await
    }

    async fn connect(&self, host: &str) -> Result<TlsStream<TcpStream>, FetchError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| FetchError::Lookup(Failure::NotAName))?;
        let addresses = self.resolver.addresses(host).await.map_err(FetchError::Lookup)?;
        for address in addresses.records.into_iter().take(MOST_ADDRESSES) {
            let connected = TcpStream::connect(SocketAddr::new(address, self.port));
            let Ok(Ok(stream)) = tokio::time::timeout(self.patience / 4, connected).await else {
                continue;
            };
            let secured = self.connector.connect(name, stream).await;
            return secured.map_err(|_| FetchError::Tls);
        }
        Err(FetchError::Unreachable)
    }
}

#[async_trait]
impl Fetcher for HttpsFetcher {
    async fn fetch(&self, host: &str) -> Result<Vec<u8>, FetchError> {
        let fetched = tokio::time::timeout(self.patience, self.get(host)).await;
        fetched.unwrap_or(Err(FetchError::Timeout))
    }
}

async fn read(response: Response<Incoming>) -> Result<Vec<u8>, FetchError> {
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case("text/plain") {
        return Err(FetchError::ContentType);
    }
    let body = Limited::new(response.into_body(), LONGEST).collect().await;
    let body = body.map_err(|error| match error.is::<LengthLimitError>() {
        true => FetchError::TooLong,
        false => FetchError::Http,
    })?;
    Ok(body.to_bytes().to_vec())
}

const HTTPS: u16 = 443;

/// RFC 8461 §3.3 suggests a minute.
const PATIENCE: Duration = Duration::from_secs(60);

/// Octets of a policy (RFC 8461 §3.3 suggests this).
const LONGEST: usize = 64 * 1024;

/// Octets of the response's header, and of what is read ahead.
const LONGEST_HEADER: usize = 16 * 1024;

const MOST_ADDRESSES: usize = 4;
