//! Checksums of calls: a hash of the call's name, its query as it was sent, and the secret.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};

/// The beginning of the checksum's parameter.
pub const PARAMETER: &str = "checksum=";

/// A query and its checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The query as it was sent, without the checksum.
    pub query: String,
    /// In hexadecimal.
    pub checksum: &'a str,
}

/// Splits a query from its checksum, wherever that stands. `None` unless there is exactly one.
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

/// The algorithm of a checksum, by its length.
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
    /// Prepares to try secrets for this call. `None`: no secret can have made the checksum.
    pub fn of_call(&self, call: &str) -> Option<Trial> {
        let mut hashed = Context::new(algorithm(self.checksum)?);
        hashed.update(call.as_bytes());
        hashed.update(self.query.as_bytes());
        Some(Trial {
            hashed,
            given: hex::decode(self.checksum).ok()?,
        })
    }
}

/// A call, hashed up to its secret, so that a thousand secrets hash the call only once.
pub struct Trial {
    hashed: Context,
    given: Vec<u8>,
}

impl Trial {
    /// Whether this secret made the checksum.
    pub fn fits(&self, secret: &str) -> bool {
        let mut hashed = self.hashed.clone();
        hashed.update(secret.as_bytes());
        verify_slices_are_equal(hashed.finish().as_ref(), &self.given).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest::digest;
    use proptest::prelude::*;

    fn fits(signed: &Signed<'_>, call: &str, secret: &str) -> bool {
        signed.of_call(call).is_some_and(|trial| trial.fits(secret))
    }

    /// The checksum that a client would make.
    fn sign(algorithm: &'static Algorithm, call: &str, query: &str, secret: &str) -> String {
        hex::encode(digest(algorithm, format!("{call}{query}{secret}").as_bytes()).as_ref())
    }

    #[test]
    fn checksum_of_the_documentation_fits() {
        // API documentation of BigBlueButton, section 'Usage'.
        let raw = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444\
            &checksum=1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17";
        let signed = split(raw).unwrap();
        assert!(fits(
            &signed,
            "create",
            "639259d4-9dd8-4b25-bf01-95f9567eaf4b"
        ));
        assert!(!fits(
            &signed,
            "join",
            "639259d4-9dd8-4b25-bf01-95f9567eaf4b"
        ));
        assert!(!fits(&signed, "create", "other"));
    }

    #[test]
    fn checksum_of_a_call_without_a_name_is_that_of_the_secret() {
        let raw = format!("&checksum={}", sign(&SHA256, "", "", "secret"));
        let signed = split(&raw).unwrap();
        assert_eq!(signed.query, "");
        assert!(fits(&signed, "", "secret"));
    }

    #[test]
    fn checksum_that_is_no_hash_fits_nothing() {
        for checksum in ["", "0", &"x".repeat(40), &"ä".repeat(20), &"0".repeat(41)] {
            let raw = format!("a=1&checksum={checksum}");
            assert!(split(&raw).unwrap().of_call("join").is_none(), "{checksum}");
        }
        let upper = sign(&SHA1_FOR_LEGACY_USE_ONLY, "join", "a=1", "s").to_ascii_uppercase();
        let raw = format!("a=1&checksum={upper}");
        assert!(fits(&split(&raw).unwrap(), "join", "s"));
    }

    #[test]
    fn checksum_given_twice_counts_as_none() {
        assert_eq!(split("a=1&checksum=x&checksum=y"), None);
        assert_eq!(split("a=1"), None);
    }

    proptest! {
        #[test]
        fn checksum_of_any_text_does_not_panic(raw in "\\PC{0,80}", checksum in "\\PC{0,130}") {
            let raw = format!("{raw}&checksum={checksum}");
            if let Some(signed) = split(&raw) {
                prop_assert!(!fits(&signed, "join", "secret"));
            }
        }

        #[test]
        fn checksum_of_a_changed_query_does_not_fit(
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
            prop_assert!(fits(&split(&raw).unwrap(), "join", "secret"));
            let changed = format!("{raw}{addition}");
            prop_assert!(!fits(&split(&changed).unwrap(), "join", "secret"));
        }
    }
}
