//! The connection to the mail server.

use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, Tls, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::config::{Letterhead, Security, Smtp};
use crate::tls;

/// Without an answer for this long a try has failed.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Longest reason that is kept, in characters.
const MAX_REASON: usize = 300;
/// It is not the recipient who is refused but us: signing in is wrong or needed (RFC 4954, 6).
const OUR_FAULT: [u16; 5] = [530, 534, 535, 538, 454];

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpError {
    /// Of the mail server's answer, if there was one.
    pub status: Option<u16>,
    /// For the administrator.
    pub reason: String,
    /// Trying again is of no use.
    pub is_final: bool,
}

/// A mail server that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("the file {path} cannot be read: {source}; check KMZ_MEET_MAIL_AUTHORITIES")]
    Authorities {
        path: String,
        source: std::io::Error,
    },
    #[error(
        "TLS for the mail server cannot be set up: {0}; check KMZ_MEET_MAIL_URL and KMZ_MEET_MAIL_AUTHORITIES"
    )]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// Sends to one mail server.
#[derive(Clone)]
pub struct Transport(AsyncSmtpTransport<Tokio1Executor>);

impl Transport {
    /// To the server that the operator named. `host` is how we introduce ourselves.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(smtp: &Smtp, letterhead: &Letterhead, host: &str) -> Result<Self, TransportError> {
        let tls = match smtp.security {
            Security::Plain => Tls::None,
            Security::StartTls => Tls::Required(parameters(smtp, letterhead)?),
            Security::Tls => Tls::Wrapper(parameters(smtp, letterhead)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
            .port(smtp.port)
            .tls(tls)
            .timeout(Some(TIMEOUT))
            .hello_name(ClientId::Domain(host.to_owned()));
        if let Some((user, password)) = &smtp.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self(builder.build()))
    }

    /// Hands a mail over.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn send(&self, letter: lettre::Message) -> Result<(), SmtpError> {
        match self.0.send(letter).await {
            Ok(_) => Ok(()),
            Err(error) => Err(explain(&error)),
        }
    }
}

fn parameters(smtp: &Smtp, letterhead: &Letterhead) -> Result<TlsParameters, TransportError> {
    tls::install();
    let mut builder =
        TlsParametersBuilder::new(smtp.host.clone()).certificate_store(CertificateStore::Default);
    if let Some(path) = &letterhead.authorities {
        for certificate in authorities(path)? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    Ok(builder.build()?)
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, TransportError> {
    let failed = |source| TransportError::Authorities {
        path: path.display().to_string(),
        source,
    };
    let pem = std::fs::read(path).map_err(failed)?;
    Ok(vec![Certificate::from_pem(&pem)?])
}

fn explain(error: &lettre::transport::smtp::Error) -> SmtpError {
    let status = error.status().map(u16::from);
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(deeper) = source {
        let deeper_text = deeper.to_string();
        if !reason.contains(&deeper_text) {
            reason = format!("{reason}: {deeper_text}");
        }
        source = deeper.source();
    }
    let reason = reason
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|char| !char.is_control())
        .take(MAX_REASON)
        .collect();
    let is_ours = status.is_some_and(|status| OUR_FAULT.contains(&status));
    SmtpError {
        status,
        reason,
        is_final: error.is_permanent() && !is_ours,
    }
}
