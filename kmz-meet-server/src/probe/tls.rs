//! TLS as a browser does it: the authorities of the system, and perhaps one more.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use super::error::ProbeError;

/// The settings of a client.
///
/// # Errors
/// When the file cannot be read, or the system has no authorities.
pub fn client(authorities: Option<&Path>) -> Result<ClientConfig, ProbeError> {
    let more = match authorities {
        Some(path) => read(path)?,
        None => Vec::new(),
    };
    let failed = |error: rustls::Error| ProbeError::Tls(error.to_string());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(more, provider.clone()).map_err(failed)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        // The system's, not one that trusts everybody.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, ProbeError> {
    let refused = |why: String| ProbeError::Certificates {
        path: path.display().to_string(),
        why,
    };
    let found = CertificateDer::pem_file_iter(path).map_err(|error| refused(error.to_string()))?;
    let found: Result<Vec<_>, _> = found.collect();
    let found = found.map_err(|error| refused(error.to_string()))?;
    if found.is_empty() {
        return Err(refused("there is none in it".into()));
    }
    Ok(found)
}
