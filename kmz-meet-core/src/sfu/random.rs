//! Random texts: user fragments, passwords and nonces.

use rand::RngExt;

/// What they are made of. User fragments (RFC 8839, section 5.4) may have two signs beside these.
pub const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// So many letters and digits, of nearly six bits each.
#[must_use]
pub fn token(length: usize) -> String {
    let mut random = rand::rng();
    (0..length)
        .map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]))
        .collect()
}
