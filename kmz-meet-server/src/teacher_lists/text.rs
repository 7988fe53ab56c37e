//! The characters of a text file, whose encoding nobody told.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Refusal;

/// So much of a file says what it is.
const PROBE_BYTES: usize = 4096;

/// The text of a file and the name of its encoding.
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub encoding: &'static str,
}

/// Finds the encoding and decodes.
///
/// # Errors
/// When it is no text.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Refusal> {
    let (encoding, bom) = Encoding::for_bom(bytes).unwrap_or_else(|| (guessed(bytes), 0));
    let (text, _) = encoding.decode_without_bom_handling(&bytes[bom..]);
    // NUL and the like are in no list. A few of them are in what a broken program wrote; such rows are unreadable.
    let controls = |text: &str| {
        let probe = text.chars().take(PROBE_BYTES);
        let control = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        probe.filter(control).count()
    };
    if controls(&text) * 20 > text.chars().take(PROBE_BYTES).count() {
        return Err(Refusal::NotText);
    }
    Ok(Decoded {
        text,
        encoding: encoding.name(),
    })
}

/// Without a byte order mark: UTF-16 has a zero in every second byte of what is mostly Latin; text that is well-formed
/// UTF-8 is UTF-8, because no other text is by chance; and the rest is what Windows writes here, of which Latin-1 is a
/// part.
fn guessed(bytes: &[u8]) -> &'static Encoding {
    let probe = &bytes[..bytes.len().min(PROBE_BYTES)];
    let zeros = |odd: usize| {
        let half = probe.iter().skip(odd).step_by(2);
        half.filter(|byte| **byte == 0).count()
    };
    let (even, odd, half) = (zeros(0), zeros(1), probe.len() / 2);
    if half > 1 && odd * 10 > half * 7 && even * 10 < half {
        return UTF_16LE;
    }
    if half > 1 && even * 10 > half * 7 && odd * 10 < half {
        return UTF_16BE;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    WINDOWS_1252
}
