//! What opens by a pupil card: a link with a proof, and a short code for those who have no camera.
//!
//! Both are made of the card's id and a key of this server whenever they are wanted. So a class can print its cards again when one
//! was lost, nothing in the database opens anything, and a copy of the database alone is worth nothing. Whoever has the key as well
//! could sign tickets too (`ticket.key` lies beside it).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::store::KeptCard;

/// Letters that are not taken for one another. Without vowels they make no words, and hardly a room is called so.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// 20^10 codes: of 100,000 cards, whoever guesses finds one in a hundred million tries.
const CODE_CHARS: usize = 10;
/// A code is written and read in groups of so many letters.
const GROUP: usize = 5;
/// Bytes of the proof in a link.
const PROOF_BYTES: usize = 16;
const LINK_BYTES: usize = 16 + PROOF_BYTES;

const OF_LINK: &[u8] = b"link:";
const OF_CODE: &[u8] = b"code:";
const OF_HASH: &[u8] = b"hash:";

/// A short code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardCode(String);

impl CardCode {
    /// As somebody types it: in small letters, with spaces or dashes. `None`: no card has such a code.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '\u{2013}' | '\u{a0}'))
            .map(|c| c.to_ascii_uppercase());
        let letters: String = letters.take(CODE_CHARS + 1).collect();
        let fits =
            letters.len() == CODE_CHARS && letters.bytes().all(|letter| ALPHABET.contains(&letter));
        fits.then_some(Self(letters))
    }

    /// In groups, as it is printed.
    pub fn grouped(&self) -> String {
        let (first, second) = self.0.split_at(GROUP);
        format!("{first}-{second}")
    }
}

/// Makes and reads what opens by cards.
pub struct CardSecrets(hmac::Key);

impl CardSecrets {
    /// Takes the key of this server.
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    fn tag(&self, purpose: &[u8], of: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose);
        context.update(of);
        context.sign()
    }

    /// A new card.
    pub fn new_card(&self, now: Timestamp) -> KeptCard {
        let id = Uuid::new_v4();
        KeptCard {
            id: id.to_string(),
            code_hash: self.code_hash(&self.code_of(id)),
            issued_at: now,
        }
    }

    /// What is behind the `#` of a card's link.
    pub fn link(&self, card: &KeptCard) -> Option<String> {
        let id = Uuid::try_parse(&card.id).ok()?;
        let mut bytes = [0; LINK_BYTES];
        bytes[..16].copy_from_slice(id.as_bytes());
        bytes[16..].copy_from_slice(&self.tag(OF_LINK, id.as_bytes()).as_ref()[..PROOF_BYTES]);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The id of the card whose link this is. It may be over.
    pub fn card_of_link(&self, link: &str) -> Option<String> {
        if link.len() > 2 * LINK_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(link).ok()?;
        let bytes: [u8; LINK_BYTES] = bytes.try_into().ok()?;
        let (id, proof) = bytes.split_at(16);
        let tag = self.tag(OF_LINK, id);
        verify_slices_are_equal(proof, &tag.as_ref()[..PROOF_BYTES]).ok()?;
        Uuid::from_slice(id).ok().map(|id| id.to_string())
    }

    /// The short code of a card; `None` where it was made with another key, so that the code would open nothing.
    pub fn code(&self, card: &KeptCard) -> Option<CardCode> {
        let code = self.code_of(Uuid::try_parse(&card.id).ok()?);
        (self.code_hash(&code) == card.code_hash).then_some(code)
    }

    fn code_of(&self, id: Uuid) -> CardCode {
        let tag = self.tag(OF_CODE, id.as_bytes());
        // 128 bits for 43 bits of letters: each is as likely as the others.
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&tag.as_ref()[..16]);
        let mut rest = u128::from_be_bytes(bytes);
        let letters = (0..CODE_CHARS).map(|_| {
            let letter = rest % ALPHABET.len() as u128;
            rest /= ALPHABET.len() as u128;
            // Below the length of the alphabet.
            let letter = usize::try_from(letter).unwrap_or_default();
            char::from(ALPHABET[letter])
        });
        CardCode(letters.collect())
    }

    /// What is kept of a code: without the key nobody tries codes against it.
    pub fn code_hash(&self, code: &CardCode) -> String {
        URL_SAFE_NO_PAD.encode(self.tag(OF_HASH, code.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets() -> CardSecrets {
        CardSecrets::new(&[7; 32])
    }

    #[test]
    fn link_of_a_card_names_it_and_cannot_be_invented() {
        let secrets = secrets();
        let card = secrets.new_card(1);
        let link = secrets.link(&card).unwrap();
        assert_eq!(link.len(), 43);
        assert_eq!(secrets.card_of_link(&link), Some(card.id.clone()));
        assert_eq!(CardSecrets::new(&[8; 32]).card_of_link(&link), None);
        for position in 0..link.len() {
            let mut forged = link.clone().into_bytes();
            forged[position] = if forged[position] == b'x' { b'y' } else { b'x' };
            let forged = String::from_utf8(forged).unwrap();
            assert_ne!(
                secrets.card_of_link(&forged),
                Some(card.id.clone()),
                "{position}"
            );
        }
        for invented in ["", "x", &"x".repeat(43), &"x".repeat(100_000), "ä"] {
            assert_eq!(secrets.card_of_link(invented), None);
        }
    }

    #[test]
    fn code_of_a_card_that_another_key_made_is_none() {
        let card = secrets().new_card(1);
        assert!(secrets().code(&card).is_some());
        assert_eq!(CardSecrets::new(&[8; 32]).code(&card), None);
    }

    #[test]
    fn card_keeps_neither_its_link_nor_its_code() {
        let secrets = secrets();
        let card = secrets.new_card(1);
        let kept = format!("{card:?}");
        let code = secrets.code(&card).unwrap();
        assert!(!kept.contains(&code.0) && !kept.contains(&secrets.link(&card).unwrap()));
    }

    #[test]
    fn codes_use_each_letter_about_as_often() {
        let secrets = secrets();
        let mut counts = [0_u32; 256];
        for _ in 0..2_000 {
            let card = secrets.new_card(1);
            for letter in secrets.code(&card).unwrap().0.bytes() {
                counts[usize::from(letter)] += 1;
            }
        }
        for letter in ALPHABET {
            let count = counts[usize::from(*letter)];
            assert!((700..1_300).contains(&count), "{letter} {count}");
        }
    }

    proptest! {
        #[test]
        fn code_however_it_is_typed_is_the_same(key in any::<[u8; 32]>(), small in any::<bool>(), at in 0..11_usize) {
            let secrets = CardSecrets::new(&key);
            let code = secrets.code(&secrets.new_card(1)).unwrap();
            let mut typed = code.grouped();
            typed.insert(at, ' ');
            if small {
                typed = typed.to_lowercase();
            }
            prop_assert_eq!(CardCode::parse(&typed), Some(code));
        }

        #[test]
        fn code_of_any_text_never_panics(text in ".{0,40}") {
            if let Some(code) = CardCode::parse(&text) {
                prop_assert_eq!(code.0.len(), CODE_CHARS);
            }
        }
    }

    #[test]
    fn code_with_a_letter_too_many_or_a_vowel_is_none() {
        for wrong in [
            "",
            "BCDFGHJKL",
            "BCDFGHJKLMN",
            "ABCDFGHJKL",
            "BCDFGHJKL1",
            "BCDFGHJKLÖ",
        ] {
            assert_eq!(CardCode::parse(wrong), None, "{wrong}");
        }
    }
}
