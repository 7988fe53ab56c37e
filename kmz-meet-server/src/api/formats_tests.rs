//! Texts of the forms that the description has are taken.

use crate::http::addresses::{Issuer, OutgoingAddress, WebAddress};
use crate::http::formats::{LINE, OUTGOING_ADDRESS, WEB_ADDRESS, WEB_ORIGIN};
use crate::http::school_texts::SchoolName;
use crate::http::texts::{
    ExternalName, ForeignId, ForeignUser, JitsiAppId, JitsiAppKey, Label, NoticeLine, PersonName,
    RoomPassword, RoomTitle, Text,
};
use guarded_http::{GuardedClient, Policy};
use lti_bridge::WebOrigin;
use proptest::prelude::*;
use proptest::string::string_regex;

/// Texts of a form. The generator knows no anchors, for it makes whole texts.
fn texts(pattern: &str) -> impl Strategy<Value = String> {
    let whole = pattern.trim_start_matches('^').trim_end_matches('$');
    string_regex(whole).unwrap()
}

fn short(pattern: &str, longest: usize) -> impl Strategy<Value = String> {
    texts(pattern).prop_filter("length", move |text| text.chars().count() <= longest)
}

fn of<T: Text>() -> impl Strategy<Value = String> {
    short(T::FORM.pattern.unwrap(), T::FORM.longest)
}

fn is_taken<T: Text>(text: &str) -> bool {
    T::parse(text.to_owned()).is_ok()
}

proptest! {
    #[test]
    fn line_of_its_form_is_taken(line in short(LINE, 100)) {
        prop_assert!(is_taken::<Label>(&line));
        prop_assert!(is_taken::<ExternalName>(&line));
        prop_assert!(is_taken::<ForeignId>(&line));
    }

    #[test]
    fn readable_line_with_a_visible_character_is_taken(
        line in "[^\\p{Cc}]{0,20}[a-zäöüß0-9а-яא-ת一-龥][^\\p{Cc}]{0,20}",
    ) {
        prop_assert!(is_taken::<NoticeLine>(&line), "{line:?}");
        prop_assert!(is_taken::<RoomTitle>(&line), "{line:?}");
        prop_assert!(is_taken::<SchoolName>(&line), "{line:?}");
    }

    #[test]
    fn person_name_with_a_letter_or_digit_is_taken(name in "[ -~]{0,20}[\\p{Lu}\\p{Ll}\\p{N}].{0,10}") {
        prop_assert!(is_taken::<PersonName>(&name));
    }

    #[test]
    fn outgoing_address_of_its_form_is_permitted(address in short(OUTGOING_ADDRESS, 2_000)) {
        let outgoing = GuardedClient::new(Policy::default().allow_loopback(true));
        let address = OutgoingAddress::parse(address).unwrap();
        prop_assert!(address.permitted(&outgoing).is_ok());
    }

    #[test]
    fn web_address_of_its_form_is_taken(address in short(WEB_ADDRESS, 2_000)) {
        prop_assert!(is_taken::<WebAddress>(&address));
    }

    #[test]
    fn web_origin_of_its_form_is_taken(origin in short(WEB_ORIGIN, 255)) {
        prop_assert!(is_taken::<WebOrigin>(&origin));
        prop_assert!(is_taken::<Issuer>(&origin));
    }

    #[test]
    fn id_of_its_form_is_taken(user in of::<ForeignUser>(), app in of::<JitsiAppId>()) {
        prop_assert!(is_taken::<ForeignUser>(&user));
        prop_assert!(is_taken::<JitsiAppId>(&app));
    }

    #[test]
    fn secret_of_its_form_is_taken(password in "[a-zäöü ]{0,100}", key in ".{16,100}") {
        prop_assert!(is_taken::<RoomPassword>(&password));
        prop_assert!(is_taken::<JitsiAppKey>(&key));
    }

    #[test]
    fn room_title_is_the_same_when_parsed_again(title in ".{1,100}") {
        if let Ok(once) = RoomTitle::parse(title) {
            prop_assert_eq!(RoomTitle::parse(once.as_str().to_owned()), Ok(once));
        }
    }
}
