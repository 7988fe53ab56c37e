//! The cryptography of our TLS, as a server and as a client: what BSI TR-02102-2 recommends, and nothing else.

use rustls::CipherSuite;
use rustls::crypto::{CryptoProvider, aws_lc_rs};

/// With forward secrecy and authenticated encryption (BSI TR-02102-2, 3.3.1 and 3.4.4). Every browser knows one of TLS 1.3.
pub const SUITES: [CipherSuite; 6] = [
    CipherSuite::TLS13_AES_256_GCM_SHA384,
    CipherSuite::TLS13_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

/// The library's, without the suites that are not recommended.
#[must_use]
pub fn provider() -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    provider
        .cipher_suites
        .retain(|suite| SUITES.contains(&suite.suite()));
    provider
}

/// Makes it the one that this process uses.
pub fn install() {
    // An error means that it is there already.
    let _ = provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_has_the_recommended_suites_and_no_other() {
        let provider = provider();
        let mut suites = provider
            .cipher_suites
            .iter()
            .map(rustls::SupportedCipherSuite::suite);
        assert_eq!(provider.cipher_suites.len(), SUITES.len());
        assert!(suites.all(|suite| SUITES.contains(&suite)));
    }
}
