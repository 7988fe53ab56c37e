//! The algorithms that encrypted workbooks name.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey,
};
use aws_lc_rs::digest::{
    Algorithm, Context, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512,
};
use aws_lc_rs::iv::FixedLength;

use crate::teacher_lists::Refusal;

/// AES has no other.
pub const BLOCK_BYTES: usize = 16;

/// A password as it is hashed: UTF-16, little endian.
pub struct Password(Vec<u8>);

impl Password {
    pub fn new(text: &str) -> Self {
        Self(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
    }

    /// The hash of salt and password, hashed again `rounds` times with a counter.
    pub fn stretched(&self, hash: Hash, salt: &[u8], rounds: u32) -> Digest {
        let mut digest = hash.of(&[salt, &self.0]);
        for round in 0..rounds {
            digest = hash.of(&[&round.to_le_bytes(), digest.as_ref()]);
        }
        digest
    }
}

/// A hash function.
#[derive(Clone, Copy)]
pub struct Hash(&'static Algorithm);

impl Hash {
    pub const SHA1: Self = Self(&SHA1_FOR_LEGACY_USE_ONLY);

    /// As agile encryption calls it.
    pub fn named(name: &str) -> Result<Self, Refusal> {
        match name {
            "SHA1" | "SHA-1" => Ok(Self::SHA1),
            "SHA256" | "SHA-256" => Ok(Self(&SHA256)),
            "SHA384" | "SHA-384" => Ok(Self(&SHA384)),
            "SHA512" | "SHA-512" => Ok(Self(&SHA512)),
            _ => Err(Refusal::UnknownEncryption),
        }
    }

    /// Of the parts, one behind the other.
    pub fn of(self, parts: &[&[u8]]) -> Digest {
        let mut context = Context::new(self.0);
        for part in parts {
            context.update(part);
        }
        context.finish()
    }
}

/// A key of AES.
pub fn key(bytes: &[u8], chained: bool) -> Result<DecryptingKey, Refusal> {
    let algorithm = match bytes.len() {
        16 => &AES_128,
        24 => &AES_192,
        32 => &AES_256,
        _ => return Err(Refusal::UnknownEncryption),
    };
    let key = UnboundCipherKey::new(algorithm, bytes).map_err(|_| Refusal::UnknownEncryption)?;
    let key = if chained {
        DecryptingKey::cbc(key)
    } else {
        DecryptingKey::ecb(key)
    };
    key.map_err(|_| Refusal::UnknownEncryption)
}

/// Decrypts whole blocks in place, chained (CBC) from an initialization vector.
pub fn decrypt_chained(key: &DecryptingKey, iv: &[u8], blocks: &mut [u8]) -> Result<(), Refusal> {
    let iv: [u8; BLOCK_BYTES] = iv.try_into().map_err(|_| Refusal::Damaged)?;
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let plain = key.decrypt(blocks, context);
    plain.map(|_| ()).map_err(|_| Refusal::Damaged)
}

/// Decrypts whole blocks in place, each for itself (ECB).
pub fn decrypt_blocks(key: &DecryptingKey, blocks: &mut [u8]) -> Result<(), Refusal> {
    let plain = key.decrypt(blocks, DecryptionContext::None);
    plain.map(|_| ()).map_err(|_| Refusal::Damaged)
}

/// Cut, or filled up with a byte ([MS-OFFCRYPTO] 2.3.4.11 and 2.3.4.12).
pub fn fitted(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut fitted = bytes[..bytes.len().min(length)].to_vec();
    fitted.resize(length, 0x36);
    fitted
}
