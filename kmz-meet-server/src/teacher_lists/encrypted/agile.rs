//! Agile encryption ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::cipher::{BLOCK_BYTES, Hash, Password, decrypt_chained, fitted, key};
use crate::teacher_lists::Refusal;

/// Office writes 100,000. The bound keeps the work for one password below a second.
const MAX_ROUNDS: u32 = 1_000_000;
/// The package is encrypted in segments of this length (2.3.4.15).
const SEGMENT_BYTES: usize = 4096;

/// What the keys of the three uses of a password differ by (2.3.4.13).
const VERIFIER_INPUT: [u8; 8] = [0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79];
const VERIFIER_VALUE: [u8; 8] = [0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E];
const KEY_VALUE: [u8; 8] = [0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6];

/// What `keyData` and `encryptedKey` have in common.
struct Parameters {
    salt: Vec<u8>,
    hash: Hash,
    key_bytes: usize,
}

struct PasswordKey {
    parameters: Parameters,
    rounds: u32,
    verifier_input: Vec<u8>,
    verifier_value: Vec<u8>,
    key_value: Vec<u8>,
}

pub fn decrypt(info: &[u8], package: &[u8], password: &Password) -> Result<Vec<u8>, Refusal> {
    let (data, own) = parse(info.get(8..).ok_or(Refusal::Damaged)?)?;
    let Parameters { salt, hash, .. } = &own.parameters;
    let stretched = password.stretched(*hash, salt, own.rounds);
    let open = |purpose: &[u8], value: &[u8]| -> Result<Vec<u8>, Refusal> {
        let secret = hash.of(&[stretched.as_ref(), purpose]);
        let key = key(&fitted(secret.as_ref(), own.parameters.key_bytes), true)?;
        let mut plain = value.to_vec();
        decrypt_chained(&key, &fitted(salt, BLOCK_BYTES), &mut plain)?;
        Ok(plain)
    };
    let input = open(&VERIFIER_INPUT, &own.verifier_input)?;
    let input = input.get(..salt.len()).ok_or(Refusal::Damaged)?;
    let value = open(&VERIFIER_VALUE, &own.verifier_value)?;
    if !value.starts_with(hash.of(&[input]).as_ref()) {
        return Err(Refusal::WrongPassword);
    }
    let secret = open(&KEY_VALUE, &own.key_value)?;
    let secret = secret.get(..data.key_bytes).ok_or(Refusal::Damaged)?;
    plain_package(&data, secret, package)
}

fn plain_package(data: &Parameters, secret: &[u8], package: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (size, encrypted) = package.split_at_checked(8).ok_or(Refusal::Damaged)?;
    let size = u64::from_le_bytes(size.try_into().map_err(|_| Refusal::Damaged)?);
    let size = usize::try_from(size).map_err(|_| Refusal::Damaged)?;
    let whole = encrypted.len() - encrypted.len() % BLOCK_BYTES;
    if size > whole {
        return Err(Refusal::Damaged);
    }
    let key = key(secret, true)?;
    let mut plain = encrypted[..whole].to_vec();
    for (segment, blocks) in plain.chunks_mut(SEGMENT_BYTES).enumerate() {
        let iv = data.hash.of(&[&data.salt, &(segment as u32).to_le_bytes()]);
        decrypt_chained(&key, &fitted(iv.as_ref(), BLOCK_BYTES), blocks)?;
    }
    plain.truncate(size);
    Ok(plain)
}

fn parse(xml: &[u8]) -> Result<(Parameters, PasswordKey), Refusal> {
    let mut reader = Reader::from_reader(xml);
    let (mut data, mut own) = (None, None);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|_| Refusal::Damaged)? {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "keyData" if data.is_none() => data = Some(parameters(&element)?),
                // A workbook may be opened by a certificate instead, which has another name.
                "encryptedKey" if own.is_none() => own = Some(password_key(&element)?),
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    data.zip(own).ok_or(Refusal::UnknownEncryption)
}

fn text(element: &BytesStart<'_>, name: &str) -> Result<String, Refusal> {
    let found = element.try_get_attribute(name).ok().flatten();
    let found = found.ok_or(Refusal::Damaged)?;
    Ok(found.value.into_owned())
}

fn bytes(element: &BytesStart<'_>, name: &str) -> Result<Vec<u8>, Refusal> {
    let text = text(element, name)?;
    STANDARD.decode(text.trim()).map_err(|_| Refusal::Damaged)
}

fn number(element: &BytesStart<'_>, name: &str) -> Result<u32, Refusal> {
    text(element, name)?.parse().map_err(|_| Refusal::Damaged)
}

fn parameters(element: &BytesStart<'_>) -> Result<Parameters, Refusal> {
    let aes = text(element, "cipherAlgorithm")? == "AES"
        && text(element, "cipherChaining")? == "ChainingModeCBC"
        && number(element, "blockSize")? as usize == BLOCK_BYTES;
    let key_bits = number(element, "keyBits")?;
    if !aes || !matches!(key_bits, 128 | 192 | 256) {
        return Err(Refusal::UnknownEncryption);
    }
    Ok(Parameters {
        salt: bytes(element, "saltValue")?,
        hash: Hash::named(&text(element, "hashAlgorithm")?)?,
        key_bytes: key_bits as usize / 8,
    })
}

fn password_key(element: &BytesStart<'_>) -> Result<PasswordKey, Refusal> {
    let rounds = number(element, "spinCount")?;
    if rounds > MAX_ROUNDS {
        return Err(Refusal::UnknownEncryption);
    }
    Ok(PasswordKey {
        parameters: parameters(element)?,
        rounds,
        verifier_input: bytes(element, "encryptedVerifierHashInput")?,
        verifier_value: bytes(element, "encryptedVerifierHashValue")?,
        key_value: bytes(element, "encryptedKeyValue")?,
    })
}
