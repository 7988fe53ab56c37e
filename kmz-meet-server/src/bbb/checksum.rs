//! Checksums of calls: a hash over the call's name, its query as it was sent, and the secret.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

const PARAMETER: &str = "checksum=";

/// A query apart from its checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// As it was sent, without the checksum.
    pub query: String,
    /// Hexadecimal.
    pub checksum: &'a str,
}

/// Takes the checksum out, wherever it stands. `None` when there is not exactly one.
pub fn split(raw: &str) -> Option<Signed<'_>> {
    let mut checksums = raw
        .split('&')
        .filter_map(|part| part.strip_prefix(PARAMETER));
    let checksum = checksums.next()?;
    if checksums.next().is_some() {
        return None;
    }
    let rest: Vec<&str> = raw
        .split('&')
        .filter(|part| !part.starts_with(PARAMETER))
        .collect();
    Some(Signed {
        query: rest.join("&"),
        checksum,
    })
}

/// The length of a checksum names its algorithm.
fn algorithm(checksum: &str) -> Option<&'static Algorithm> {
    match checksum.len() {
        40 => Some(&SHA1_FOR_LEGACY_USE_ONLY),
        64 => Some(&SHA256),
        96 => Some(&SHA384),
        128 => Some(&SHA512),
        _ => None,
    }
}

impl Signed<'_> {
    /// Whether this secret made the checksum of this call.
    pub fn fits(&self, call: &str, secret: &str) -> bool {
        let Some(algorithm) = algorithm(self.checksum) else {
            return false;
        };
        let text = format!("{call}{}{secret}", self.query);
        let hash = hex(digest(algorithm, text.as_bytes()).as_ref());
        let given = self.checksum.to_ascii_lowercase();
        verify_slices_are_equal(hash.as_bytes(), given.as_bytes()).is_ok()
    }
}

/// Lower case.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The checksum that a client would make.
    fn sign(algorithm: &'static Algorithm, call: &str, query: &str, secret: &str) -> String {
        hex(digest(algorithm, format!("{call}{query}{secret}").as_bytes()).as_ref())
    }

    #[test]
    fn the_example_of_the_documentation_fits() {
        // API documentation of BigBlueButton, section 'Usage'.
        let raw = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444\
            &checksum=1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17";
        let signed = split(raw).unwrap();
        assert!(signed.fits("create", "639259d4-9dd8-4b25-bf01-95f9567eaf4b"));
        assert!(!signed.fits("join", "639259d4-9dd8-4b25-bf01-95f9567eaf4b"));
        assert!(!signed.fits("create", "other"));
    }

    #[test]
    fn the_call_without_a_name_has_the_checksum_of_the_secret() {
        let raw = format!("&checksum={}", sign(&SHA256, "", "", "secret"));
        let signed = split(&raw).unwrap();
        assert_eq!(signed.query, "");
        assert!(signed.fits("", "secret"));
    }

    #[test]
    fn two_checksums_are_none() {
        assert_eq!(split("a=1&checksum=x&checksum=y"), None);
        assert_eq!(split("a=1"), None);
    }

    proptest! {
        #[test]
        fn any_change_of_a_signed_query_is_noticed(
            query in "[a-zA-Z]{1,8}=[a-zA-Z0-9%+]{0,12}(&[a-zA-Z]{1,8}=[a-zA-Z0-9%+]{0,12}){0,4}",
            addition in "&[a-zA-Z]{1,8}=[a-z]{0,4}",
            which in 0_usize..4,
            place in 0_usize..3,
        ) {
            let algorithm = [&SHA1_FOR_LEGACY_USE_ONLY, &SHA256, &SHA384, &SHA512][which];
            prop_assume!(!query.contains("checksum=") && !addition.contains("checksum="));
            let checksum = sign(algorithm, "join", &query, "secret");
            let raw = match place {
                0 => format!("{query}&checksum={checksum}"),
                1 => format!("checksum={checksum}&{query}"),
                _ => match query.split_once('&') {
                    Some((first, rest)) => format!("{first}&checksum={checksum}&{rest}"),
                    None => format!("{query}&checksum={checksum}"),
                },
            };
            prop_assert!(split(&raw).unwrap().fits("join", "secret"));
            let changed = format!("{raw}{addition}");
            prop_assert!(!split(&changed).unwrap().fits("join", "secret"));
        }
    }
}
