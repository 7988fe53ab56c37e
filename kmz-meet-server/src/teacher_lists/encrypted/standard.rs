//! Standard encryption ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9): AES in blocks of its own, SHA-1.

use super::cipher::{BLOCK_BYTES, Hash, Password, decrypt_blocks, key};
use crate::teacher_lists::Refusal;

/// As it is fixed there (2.3.4.7).
const ROUNDS: u32 = 50_000;
const SALT_BYTES: usize = 16;
const VERIFIER_BYTES: usize = 16;
const SHA1_BYTES: usize = 20;

pub fn decrypt(info: &[u8], package: &[u8], password: &Password) -> Result<Vec<u8>, Refusal> {
    let number = |at: usize| {
        let four = info.get(at..at + 4).ok_or(Refusal::Damaged)?;
        let four = four.try_into().map_err(|_| Refusal::Damaged)?;
        Ok::<_, Refusal>(u32::from_le_bytes(four))
    };
    // Version and flags, then the length of the header (2.3.2), then the header.
    let header_bytes = number(8)? as usize;
    let (algorithm, key_bits) = (number(20)?, number(28)?);
    let key_bytes = match (algorithm, key_bits) {
        (0x660E, 128) => 16,
        (0x660F, 192) => 24,
        (0x6610, 256) => 32,
        _ => return Err(Refusal::UnknownEncryption),
    };
    // 2.3.3.
    let verifier = header_bytes.checked_add(12).and_then(|at| info.get(at..));
    let verifier = verifier.ok_or(Refusal::Damaged)?;
    let salt = verifier.get(4..4 + SALT_BYTES).ok_or(Refusal::Damaged)?;
    let both = verifier.get(20..).ok_or(Refusal::Damaged)?;
    let input = both.get(..VERIFIER_BYTES).ok_or(Refusal::Damaged)?;
    let value = both.get(20..20 + 2 * BLOCK_BYTES).ok_or(Refusal::Damaged)?;

    let secret = secret(password, salt);
    let key = key(secret.get(..key_bytes).ok_or(Refusal::Damaged)?, false)?;
    let open = |bytes: &[u8]| {
        let mut plain = bytes.to_vec();
        decrypt_blocks(&key, &mut plain).map(|()| plain)
    };
    let value = open(value)?;
    if !value.starts_with(Hash::SHA1.of(&[&open(input)?]).as_ref()) {
        return Err(Refusal::WrongPassword);
    }
    let (size, encrypted) = package.split_at_checked(8).ok_or(Refusal::Damaged)?;
    let size = u64::from_le_bytes(size.try_into().map_err(|_| Refusal::Damaged)?);
    let size = usize::try_from(size).map_err(|_| Refusal::Damaged)?;
    let whole = encrypted.len() - encrypted.len() % BLOCK_BYTES;
    if size > whole {
        return Err(Refusal::Damaged);
    }
    let mut plain = open(&encrypted[..whole])?;
    plain.truncate(size);
    Ok(plain)
}

/// 2.3.4.7.
fn secret(password: &Password, salt: &[u8]) -> Vec<u8> {
    let stretched = password.stretched(Hash::SHA1, salt, ROUNDS);
    let last = Hash::SHA1.of(&[stretched.as_ref(), &0u32.to_le_bytes()]);
    let half = |fill: u8| {
        let mut block = [fill; 64];
        for (byte, of) in block.iter_mut().zip(last.as_ref()) {
            *byte ^= of;
        }
        Hash::SHA1.of(&[&block])
    };
    let mut secret = Vec::with_capacity(2 * SHA1_BYTES);
    secret.extend_from_slice(half(0x36).as_ref());
    secret.extend_from_slice(half(0x5C).as_ref());
    secret
}
