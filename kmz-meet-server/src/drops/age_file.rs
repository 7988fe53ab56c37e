//! Whether bytes have the form of an age file (age-encryption.org/v1), and what opens it.
//!
//! Nothing is decrypted here. The form is held to strictly: a header as our page writes it, so a name or a row of a table
//! that somebody sends by mistake is refused, and so is a header that is made to cost.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Keys to which a list is sealed.
pub const MAX_ACTIVE_KEYS: usize = 8;
const VERSION: &[u8] = b"age-encryption.org/v1";
/// No line of such a header is longer.
const MAX_LINE_BYTES: usize = 128;
/// A file key with its authentication tag, a header's MAC, and an ephemeral key: all have 32 bytes.
const KEY_BYTES: usize = 32;
const SALT_BYTES: usize = 16;
/// Work factors of scrypt, as a power of two: less protects nothing, more stops the browser that opens it.
const WORK_FACTORS: std::ops::RangeInclusive<u8> = 14..=20;
/// Before the chunks of the payload.
const NONCE_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
/// A chunk of the payload with its tag.
const CHUNK_BYTES: usize = 64 * 1024 + TAG_BYTES;

/// What opens an age file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// Any of so many X25519 keys.
    Keys(usize),
    Passphrase,
}

/// Why bytes are no such file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAge(pub &'static str);

/// What opens this file.
///
/// # Errors
/// When it is none, or not one that our pages make.
pub fn opens(file: &[u8]) -> Result<Opens, NotAge> {
    let mut rest = file;
    if line(&mut rest)? != VERSION {
        return Err(NotAge("it does not begin as an age file"));
    }
    let mut keys = 0;
    let mut has_passphrase = false;
    loop {
        let first = line(&mut rest)?;
        if let Some(mac) = first.strip_prefix(b"--- ") {
            is_base64(mac, KEY_BYTES)?;
            break;
        }
        let stanza = first.strip_prefix(b"-> ");
        let stanza = stanza.ok_or(NotAge("its header has a line that is no recipient"))?;
        let mut words = stanza.split(|byte| *byte == b' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some(b"X25519"), Some(share), None, None) => {
                is_base64(share, KEY_BYTES)?;
                keys += 1;
            }
            (Some(b"scrypt"), Some(salt), Some(factor), None) => {
                is_base64(salt, SALT_BYTES)?;
                is_work_factor(factor)?;
                if has_passphrase {
                    return Err(NotAge("it has two passphrases"));
                }
                has_passphrase = true;
            }
            _ => return Err(NotAge("it has a recipient of another kind")),
        }
        if keys > MAX_ACTIVE_KEYS {
            return Err(NotAge("it has too many recipients"));
        }
        is_base64(line(&mut rest)?, KEY_BYTES)?;
    }
    is_payload(rest)?;
    match (keys, has_passphrase) {
        (0, true) => Ok(Opens::Passphrase),
        (1.., false) => Ok(Opens::Keys(keys)),
        (0, false) => Err(NotAge("nobody can open it")),
        // The format forbids it: a passphrase proves who wrote the file.
        (1.., true) => Err(NotAge("it has keys and a passphrase")),
    }
}

/// Takes a line off, without its end.
fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], NotAge> {
    let file = *rest;
    let searched = &file[..file.len().min(MAX_LINE_BYTES)];
    let end = searched.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or(NotAge("its header has no end, or a line that is too long"))?;
    *rest = &file[end + 1..];
    Ok(&file[..end])
}

/// Whether this is the only way to write some `bytes` bytes.
fn is_base64(text: &[u8], bytes: usize) -> Result<(), NotAge> {
    let decoded = STANDARD_NO_PAD.decode(text);
    match decoded {
        Ok(decoded) if decoded.len() == bytes => Ok(()),
        _ => Err(NotAge("its header has a value of another form")),
    }
}

fn is_work_factor(text: &[u8]) -> Result<(), NotAge> {
    let is_number = text.len() == 2 && text.iter().all(u8::is_ascii_digit);
    let factor = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok());
    match factor {
        Some(factor) if is_number && WORK_FACTORS.contains(&factor) => Ok(()),
        _ => Err(NotAge("its passphrase is protected too little or too much")),
    }
}

/// Chunks of 64 KiB, of which the last one may be shorter, and empty only where it is the only one.
fn is_payload(rest: &[u8]) -> Result<(), NotAge> {
    let chunks = rest.len().checked_sub(NONCE_BYTES);
    let is_whole = chunks.is_some_and(|chunks| {
        let last = chunks % CHUNK_BYTES;
        chunks == TAG_BYTES || last > TAG_BYTES || (last == 0 && chunks > 0)
    });
    is_whole
        .then_some(())
        .ok_or(NotAge("it is cut off, or nothing is in it"))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const SALT: &str = "AAECAwQFBgcICQoLDA0ODw";

    fn to_keys(number: usize) -> String {
        format!("-> X25519 {KEY}\n{KEY}\n").repeat(number)
    }

    fn file(stanzas: &str, payload: usize) -> Vec<u8> {
        let mut file = format!("age-encryption.org/v1\n{stanzas}--- {KEY}\n").into_bytes();
        file.extend(vec![7; payload]);
        file
    }

    #[test]
    fn file_says_what_opens_it() {
        assert_eq!(opens(&file(&to_keys(1), 33)), Ok(Opens::Keys(1)));
        let most = MAX_ACTIVE_KEYS;
        assert_eq!(opens(&file(&to_keys(most), 33)), Ok(Opens::Keys(most)));
        let passphrase = format!("-> scrypt {SALT} 18\n{KEY}\n");
        assert_eq!(opens(&file(&passphrase, 33)), Ok(Opens::Passphrase));
    }

    #[test]
    fn header_of_another_form_is_refused() {
        let key = to_keys(1);
        let long = "x".repeat(200);
        for stanzas in [
            "",
            "-> X25519\n\n",
            &format!("-> X25519 {KEY}\n"),
            &format!("-> X25519 {KEY}\n{KEY}\n{KEY}\n"),
            &format!("-> X25519 {KEY} {KEY}\n{KEY}\n"),
            &format!("-> X25519  {KEY}\n{KEY}\n"),
            &format!("-> x25519 {KEY}\n{KEY}\n"),
            &format!("-> X25519 {SALT}\n{KEY}\n"),
            &format!("-> X25519 {KEY}\r\n{KEY}\r\n"),
            &format!("-> Müller {KEY}\n{KEY}\n"),
            &format!("{key}-> grease {long}\n{KEY}\n"),
            &format!("{key}Name;Vorname\n"),
            &format!("-> scrypt {SALT} 18\n{KEY}\n-> scrypt {SALT} 18\n{KEY}\n"),
            &format!("{key}-> scrypt {SALT} 18\n{KEY}\n"),
            &format!("-> scrypt {SALT} 10\n{KEY}\n"),
            &format!("-> scrypt {SALT} 30\n{KEY}\n"),
            &format!("-> scrypt {SALT} 018\n{KEY}\n"),
            &format!("-> scrypt {SALT} +18\n{KEY}\n"),
        ] {
            assert!(opens(&file(stanzas, 33)).is_err(), "{stanzas}");
        }
        // Not the only way to write these bytes: the last letter has bits that do not count.
        let ambiguous = format!("{}9", &KEY[..42]);
        assert!(opens(&file(&format!("-> X25519 {ambiguous}\n{KEY}\n"), 33)).is_err());
    }

    #[test]
    fn file_that_is_no_age_file_is_refused() {
        for other in [
            b"".as_slice(),
            b"Name;Vorname\nM\xfcller;Anna\n",
            b"PK\x03\x04xlsx",
            b"age-encryption.org/v1",
            b"age-encryption.org/v2\n",
            b"-----BEGIN AGE ENCRYPTED FILE-----\n",
        ] {
            assert!(opens(other).is_err(), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_answered(bytes in vec(any::<u8>(), 0..400)) {
            prop_assert!(opens(&bytes).is_err());
        }

        #[test]
        fn file_with_something_exchanged_is_no_file_for_more_keys(
            at in 0_usize..300, byte in any::<u8>(), keys in 1..=MAX_ACTIVE_KEYS,
        ) {
            let mut changed = file(&to_keys(keys), 33);
            let place = at % changed.len();
            changed[place] = byte;
            if let Ok(Opens::Keys(found)) = opens(&changed) {
                prop_assert_eq!(found, keys);
            }
        }
    }

    #[test]
    fn header_that_never_ends_is_given_up_early() {
        let many = file(&to_keys(1_000_000), 33);
        assert_eq!(opens(&many), Err(NotAge("it has too many recipients")));
        let mut huge = b"age-encryption.org/v1\n-> X25519 ".to_vec();
        huge.extend(vec![b'A'; 1_000_000]);
        assert!(opens(&huge).is_err());
    }

    #[test]
    fn payload_that_is_cut_off_is_refused() {
        let stanzas = to_keys(1);
        for (payload, is_taken) in [
            (0, false),
            (15, false),
            (16, false),
            (31, false),
            (32, true),
            (33, true),
            (16 + CHUNK_BYTES, true),
            (16 + CHUNK_BYTES + 1, false),
            (16 + CHUNK_BYTES + 16, false),
            (16 + CHUNK_BYTES + 17, true),
        ] {
            assert_eq!(
                opens(&file(&stanzas, payload)).is_ok(),
                is_taken,
                "{payload}"
            );
        }
    }
}
