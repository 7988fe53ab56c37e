//! What can go wrong before anything is sent.

/// Why nothing could be tried.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error(
        "{0} is no host and no address of a page, such as meet.example.org or http://localhost:8080"
    )]
    Host(String),
    #[error("the certificates in {path} cannot be read: {why}")]
    Certificates { path: String, why: String },
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    #[error("cryptography cannot be set up")]
    Crypto,
}
