//! AES-128-GCM (RFC 7714): its keys and its nonces.

use rtc_crypto::{AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, RTCCryptoProvider};

const SALT: usize = 12;

/// Keys or ciphers could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("SRTP cannot be set up: {0}")]
pub struct SetupError(pub(super) String);

/// The cipher of one direction.
pub(super) struct Gcm {
    pub(super) cipher: Box<dyn AeadCipher>,
    salt: [u8; SALT],
}

impl Gcm {
    pub(super) fn new(
        key: &[u8],
        salt: &[u8],
        provider: &dyn RTCCryptoProvider,
    ) -> Result<Self, SetupError> {
        let session_key = derive(key, salt, 0, 16, provider)?;
        let session_salt = derive(key, salt, 2, SALT, provider)?;
        let cipher = provider
            .crypto()
            .new_aead(AeadAlgorithm::Aes128Gcm, &session_key)
            .map_err(|error| SetupError(error.to_string()))?;
        let salt = session_salt
            .as_slice()
            .try_into()
            .map_err(|_| SetupError("salt length".into()))?;
        Ok(Self { cipher, salt })
    }

    /// RFC 7714, section 8.1.
    pub(super) fn nonce(&self, ssrc: u32, index: u64) -> [u8; SALT] {
        let mut nonce = [0u8; SALT];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..12].copy_from_slice(&index.to_be_bytes()[2..]);
        for (byte, salt) in nonce.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        nonce
    }
}

/// AES counter mode key derivation (RFC 3711, section 4.3.3) for 128-bit keys and key derivation rate 0.
fn derive(
    key: &[u8],
    salt: &[u8],
    label: u8,
    length: usize,
    provider: &dyn RTCCryptoProvider,
) -> Result<Vec<u8>, SetupError> {
    let mut input = [0u8; 16];
    for (to, from) in input.iter_mut().zip(salt.iter().take(14)) {
        *to = *from;
    }
    input[7] ^= label;
    let mut out = Vec::with_capacity(length.next_multiple_of(16));
    for counter in 0u16.. {
        if out.len() >= length {
            break;
        }
        let mut block = input;
        block[14..].copy_from_slice(&counter.to_be_bytes());
        provider
            .crypto()
            .block_encrypt(BlockCipherAlgorithm::Aes128, key, &mut block)
            .map_err(|error| SetupError(error.to_string()))?;
        out.extend_from_slice(&block);
    }
    out.truncate(length);
    Ok(out)
}
