//! Texts of the forms that the description has are taken by the handlers.

use super::{lti_platforms, school, tickets};
use crate::http::formats::{LINE, OUTGOING_ADDRESS, WEB_ADDRESS, WEB_ORIGIN};
use crate::http::texts::{validate_name, validate_text};
use guarded_http::{GuardedClient, Policy};
use proptest::prelude::*;
use proptest::string::string_regex;
use url::Url;

/// Texts of a form. The generator knows no anchors, for it makes whole texts.
fn texts(pattern: &str) -> impl Strategy<Value = String> {
    let whole = pattern.trim_start_matches('^').trim_end_matches('$');
    string_regex(whole).unwrap()
}

fn short(pattern: &str, longest: usize) -> impl Strategy<Value = String> {
    texts(pattern).prop_filter("length", move |text| text.chars().count() <= longest)
}

proptest! {
    #[test]
    fn every_line_is_taken(line in short(LINE, 100)) {
        prop_assert!(validate_name(&line).is_ok());
        prop_assert!(validate_text("title", Some(line.clone())).is_ok());
        prop_assert!(lti_platforms::validate_text("issuer", &line).is_ok());
    }

    #[test]
    fn every_name_is_taken(name in "[ -~]{0,20}[\\p{Lu}\\p{Ll}\\p{N}].{0,10}") {
        prop_assert!(kmz_meet_core::room::clean(&name).is_some());
    }

    #[test]
    fn every_address_is_taken(address in short(OUTGOING_ADDRESS, 2_000)) {
        let outgoing = GuardedClient::new(Policy::default().allow_loopback(true));
        prop_assert!(outgoing.check(&Url::parse(&address).unwrap()).is_ok());
    }

    #[test]
    fn every_page_is_taken(address in short(WEB_ADDRESS, 2_000)) {
        prop_assert!(tickets::web_address(&address).is_ok());
    }

    #[test]
    fn every_origin_is_taken(address in short(WEB_ORIGIN, 255)) {
        prop_assert!(school::origins("", &[address]).is_ok());
    }
}
