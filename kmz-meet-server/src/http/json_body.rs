//! JSON bodies whose refusals are problem documents too.

use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

use super::Problem;

/// Nothing that the API takes is longer.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The JSON body of a request: an object.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::unsupported_media_type());
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| {
            let status = rejection.into_response().status();
            if status == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large()
            } else {
                Problem::bad_request("The body cannot be read.")
            }
        })?;
        read(&bytes).map(Self)
    }
}

/// `application/json`, or a type that ends in `+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
        || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list would be taken for an object's fields in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::bad_request("The body must be a JSON object."));
    }
    let refused = |error: serde_json::Error| Problem::bad_request(format!("The body: {error}."));
    match serde_json::from_slice(bytes) {
        Ok(body) => Ok(body),
        // For JSON Schema 30.0 is an integer; only then the body is read again.
        Err(error) if error.is_data() && error.to_string().contains("floating point") => {
            let mut value: Value = serde_json::from_slice(bytes).map_err(refused)?;
            whole_numbers(&mut value);
            serde_json::from_value(value).map_err(refused)
        }
        Err(error) => Err(refused(error)),
    }
}

/// A part of a body. It must be an object, for the same reason.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = deserializer.deserialize_map(Fields(PhantomData))?;
        Ok(Self(fields))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// For `serde(deserialize_with)`: a part that must be an object. With `serde(default)` it may be absent.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|Object(part)| part)
}

/// The same for a part that may be `null`.
pub(crate) fn object_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let part = Option::<Object<T>>::deserialize(deserializer)?;
    Ok(part.map(|Object(part)| part))
}

/// The same for a list of objects.
pub(crate) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let list = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|Object(part)| part).collect())
}

fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let whole = number
                .as_f64()
                .filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15);
            if let Some(float) = whole {
                *number = Number::from(float as i64);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Days {
        days: u32,
    }

    #[derive(serde::Deserialize)]
    struct Parts {
        #[serde(deserialize_with = "object")]
        needed: Days,
        #[serde(default, deserialize_with = "object_or_null")]
        one: Option<Days>,
        #[serde(default, deserialize_with = "objects")]
        many: Vec<Days>,
    }

    #[test]
    fn part_of_a_body_that_is_a_list_is_refused() {
        let days = |text: &str| {
            let parts = read::<Parts>(text.as_bytes()).ok()?;
            let all = [parts.needed].into_iter().chain(parts.one);
            Some(all.chain(parts.many).map(|part| part.days).sum::<u32>())
        };
        let with = |rest: &str| days(&format!(r#"{{"needed": {{"days": 1}}{rest}}}"#));
        assert_eq!(with(""), Some(1));
        assert_eq!(with(r#", "one": null"#), Some(1));
        assert_eq!(
            with(r#", "one": {"days": 30.0}, "many": [{"days": 2}]"#),
            Some(33)
        );
        for wrong in [
            r#", "one": [30]"#,
            r#", "one": {"days": 1, "days": 2}"#,
            r#", "one": {"days": 1, "more": 2}"#,
            r#", "many": [[30]]"#,
            r#", "many": {"days": 1}"#,
        ] {
            assert_eq!(with(wrong), None, "{wrong}");
        }
        for wrong in ["{}", r#"{"needed": null}"#, r#"{"needed": [30]}"#] {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn body_with_a_point_in_a_whole_number_is_taken_and_a_list_is_refused() {
        let days = |text: &str| read::<Days>(text.as_bytes()).ok().map(|body| body.days);
        assert_eq!(days(r#" {"days": 30}"#), Some(30));
        assert_eq!(days(r#"{"days": 30.0}"#), Some(30));
        for wrong in [
            "[30]",
            "30",
            "",
            r#"{"days": 30.5}"#,
            r#"{"days": -1.0}"#,
            r#"{"days": 1e300}"#,
            r#"{"days": 1, "days": 2.0}"#,
            r#"{"days": 1.0, "more": 2}"#,
        ] {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }
}
