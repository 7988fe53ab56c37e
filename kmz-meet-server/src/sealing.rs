//! Seals what must not be readable in the database, such as a mail with a link that opens an account: AES-256-GCM with a key of
//! the data directory.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// It could not be sealed or opened: the key is another, or the text was changed. Nothing more is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("something in the database cannot be opened with the key of the data directory")]
pub struct NotOpened;

/// Seals and opens with one key.
pub struct Sealing(LessSafeKey);

impl Sealing {
    /// Takes a key of this server.
    ///
    /// # Errors
    /// When the key is none.
    pub fn new(key: &[u8; 32]) -> Result<Self, NotOpened> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| NotOpened)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals a text. `about` says what it belongs to: it opens for nothing else.
    ///
    /// # Errors
    /// When the library fails.
    pub fn seal(&self, about: &str, text: &[u8]) -> Result<String, NotOpened> {
        // Random: by far fewer than 2^32 texts are ever sealed with one key.
        let mut sealed = Vec::with_capacity(NONCE_LEN + text.len() + AES_256_GCM.tag_len());
        let nonce: [u8; NONCE_LEN] = rand::random();
        sealed.extend_from_slice(&nonce);
        let mut content = text.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(about.as_bytes()),
                &mut content,
            )
            .map_err(|_| NotOpened)?;
        sealed.append(&mut content);
        Ok(STANDARD_NO_PAD.encode(sealed))
    }

    /// Opens what was sealed about the same.
    ///
    /// # Errors
    /// When it is not what was sealed.
    pub fn open(&self, about: &str, sealed: &str) -> Result<Vec<u8>, NotOpened> {
        let mut content = STANDARD_NO_PAD.decode(sealed).map_err(|_| NotOpened)?;
        if content.len() < NONCE_LEN {
            return Err(NotOpened);
        }
        let mut text = content.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&content).map_err(|_| NotOpened)?;
        let length = self
            .0
            .open_in_place(nonce, Aad::from(about.as_bytes()), &mut text)
            .map_err(|_| NotOpened)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_opens_for_its_subject_and_key_only() {
        let sealing = Sealing::new(&[7; 32]).unwrap();
        let sealed = sealing.seal("mail 1", b"geheim").unwrap();
        assert!(!sealed.contains("geheim"));
        assert_ne!(sealed, sealing.seal("mail 1", b"geheim").unwrap());
        assert_eq!(sealing.open("mail 1", &sealed).unwrap(), b"geheim");
        assert_eq!(sealing.open("mail 2", &sealed), Err(NotOpened));
        let other = Sealing::new(&[8; 32]).unwrap();
        assert_eq!(other.open("mail 1", &sealed), Err(NotOpened));
        for damaged in ["", "AAAA", "?", &sealed[..sealed.len() - 2]] {
            assert_eq!(sealing.open("mail 1", damaged), Err(NotOpened), "{damaged}");
        }
    }
}
