//! What reads foreign bytes never panics, and takes nothing for what it is not.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use lti_bridge::testing::{count_keys, parse_claims};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const CLAIM: &str = "https://purl.imsglobal.org/spec/lti/claim";

/// The least that a launch has.
fn least() -> Value {
    json!({
        "iss": "https://moodle.example", "aud": "CLIENT", "exp": 1_800_000_060, "iat": 1_800_000_000, "nonce": "n",
        format!("{CLAIM}/message_type"): "LtiResourceLinkRequest",
        format!("{CLAIM}/version"): "1.3.0",
        format!("{CLAIM}/deployment_id"): "4",
    })
}

/// Any JSON, some levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "https?://[a-z]{1,8}/[a-z]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,10}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The names that claims have, and others.
fn any_name() -> impl Strategy<Value = String> {
    let names: Vec<String> = [
        "iss",
        "aud",
        "azp",
        "exp",
        "iat",
        "nbf",
        "nonce",
        "sub",
        "name",
        "given_name",
        "family_name",
        "https://purl.imsglobal.org/spec/lti/claim/message_type",
        "https://purl.imsglobal.org/spec/lti/claim/version",
        "https://purl.imsglobal.org/spec/lti/claim/deployment_id",
        "https://purl.imsglobal.org/spec/lti/claim/target_link_uri",
        "https://purl.imsglobal.org/spec/lti/claim/roles",
        "https://purl.imsglobal.org/spec/lti/claim/context",
        "https://purl.imsglobal.org/spec/lti/claim/resource_link",
        "https://purl.imsglobal.org/spec/lti/claim/launch_presentation",
        "https://purl.imsglobal.org/spec/lti/claim/custom",
        "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings",
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
        "something else",
    ]
    .map(str::to_owned)
    .to_vec();
    prop::sample::select(names)
}

/// Whether a claim that has to be there has the type of the specification.
fn typed(claims: &Value) -> bool {
    let text = |name: &str| claims[name].is_string();
    let time = |name: &str| claims[name].is_i64() || claims[name].is_f64();
    let audience = match &claims["aud"] {
        Value::String(_) => true,
        Value::Array(all) => all.iter().all(Value::is_string),
        _ => false,
    };
    audience
        && text("iss")
        && text("nonce")
        && time("exp")
        && time("iat")
        && (claims["nbf"].is_null() || time("nbf"))
        && ["message_type", "version", "deployment_id"]
            .iter()
            .all(|name| text(&format!("{CLAIM}/{name}")))
}

proptest! {
    #[test]
    fn claims_and_keys_of_any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = parse_claims(&bytes);
        let _ = count_keys(&bytes);
    }

    #[test]
    fn claims_of_a_wrong_type_are_refused(changes in prop::collection::vec((any_name(), any_json()), 0..4)) {
        let mut changed = least();
        for (name, value) in changes {
            changed[name] = value;
        }
        if let Ok(claims) = parse_claims(changed.to_string().as_bytes()) {
            prop_assert!(typed(&changed), "{changed}");
            let exp = changed["exp"].as_i64().or(changed["exp"].as_f64().map(|exp| exp.floor() as i64));
            prop_assert_eq!(Some(claims.exp.seconds()), exp);
            prop_assert!(claims.full_name().is_none_or(|name| !name.trim().is_empty()));
            prop_assert!(claims.custom_texts().len() <= claims.custom.iter().flatten().count());
        }
    }

    #[test]
    fn claim_given_twice_is_refused(name in any_name(), value in any_json()) {
        prop_assume!(name != "something else");
        let mut right = least();
        if right.get(&name).is_none() {
            right[&name] = Value::Null;
        }
        let text = right.to_string();
        prop_assert!(parse_claims(text.as_bytes()).is_ok());
        let twice = format!("{},{}:{value}}}", text.strip_suffix('}').unwrap(), json!(name));
        prop_assert!(parse_claims(twice.as_bytes()).is_err());
    }

    #[test]
    fn key_set_counts_only_usable_keys(keys in prop::collection::vec(any_json(), 0..5), n in "[A-Za-z0-9_-]{0,400}") {
        let mut keys = keys;
        keys.push(json!({"kty": "RSA", "kid": "k", "n": n, "e": "AQAB"}));
        let set = json!({"keys": keys});
        if let Ok(count) = count_keys(set.to_string().as_bytes()) {
            prop_assert!(count <= 1);
        }
    }
}

#[test]
fn claims_with_only_the_required_fields_are_read() {
    assert!(parse_claims(least().to_string().as_bytes()).is_ok());
}

#[test]
fn claims_with_decimals_in_times_are_read() {
    for (claim, time) in [
        ("exp", json!(1_800_000_059.5)),
        ("iat", json!(1_799_999_999.999)),
        ("nbf", json!(1.5)),
    ] {
        let mut claims = least();
        claims[claim] = time;
        let read = parse_claims(claims.to_string().as_bytes()).unwrap();
        let seconds = [
            ("exp", read.exp),
            ("iat", read.iat),
            ("nbf", read.nbf.unwrap_or_default()),
        ];
        let (_, read) = seconds
            .into_iter()
            .find(|(name, _)| *name == claim)
            .unwrap();
        assert_eq!(
            Some(read.seconds()),
            claims[claim].as_f64().map(|time| time.floor() as i64)
        );
    }
}

#[test]
fn claim_of_an_empty_list_or_null_is_absent() {
    for nothing in [json!([]), Value::Null] {
        let mut claims = least();
        for name in [
            "https://purl.imsglobal.org/spec/lti/claim/context",
            "https://purl.imsglobal.org/spec/lti/claim/resource_link",
            "https://purl.imsglobal.org/spec/lti/claim/launch_presentation",
            "https://purl.imsglobal.org/spec/lti/claim/custom",
            "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings",
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
        ] {
            claims[name] = nothing.clone();
        }
        let read = parse_claims(claims.to_string().as_bytes()).unwrap();
        assert!(read.context.is_none() && read.resource_link.is_none() && read.custom.is_none());
        assert!(read.launch_presentation.is_none() && read.deep_linking.is_none());
        assert!(read.names.is_none() && read.grades.is_none());
    }
    for wrong in [json!(["a"]), json!("a"), json!([[]]), json!(7)] {
        let mut claims = least();
        claims["https://purl.imsglobal.org/spec/lti/claim/context"] = wrong.clone();
        assert!(
            parse_claims(claims.to_string().as_bytes()).is_err(),
            "{wrong}"
        );
    }
}
