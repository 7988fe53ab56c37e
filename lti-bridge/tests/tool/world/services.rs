//! A platform with a gradebook, and what tests of services read of it.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::{Asked, World};

pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before)
        .unwrap_or_else(|| panic!("{before} in {text}"))
        .1
        .split_once(after)
        .unwrap()
        .0
}

/// Checks a token of ours by the keys that we publish.
pub async fn ours(world: &World, token: &str, audience: &str) -> Value {
    let set: Value = world
        .http
        .get(format!("{}/lti/jwks", world.tool))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let keys = set["keys"].as_array().unwrap();
    let jwk = keys
        .iter()
        .find(|key| key["kid"] == json!(header.kid))
        .unwrap();
    assert!(jwk.get("d").is_none() && jwk["use"] == "sig" && jwk["alg"] == "RS256");
    let key =
        DecodingKey::from_rsa_components(jwk["n"].as_str().unwrap(), jwk["e"].as_str().unwrap())
            .unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[audience]);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(token, &key, &validation)
        .unwrap()
        .claims
}

/// Tokens as Moodle gives them: JSON that is called text/html.
pub fn token_answer(asked: &Asked) -> Option<axum::response::Response> {
    if asked.path != "/mod/lti/token.php" {
        return None;
    }
    let form: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(asked.body.as_bytes())
            .into_owned()
            .collect();
    let right = asked.kind == "application/x-www-form-urlencoded"
        && form["grant_type"] == "client_credentials"
        && form["client_assertion_type"]
            == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        && form["client_assertion"].split('.').count() == 3;
    let body = json!({"access_token": "access", "token_type": "Bearer", "expires_in": 3600, "scope": form["scope"]});
    Some(if right {
        (
            [("content-type", "text/html; charset=utf-8")],
            body.to_string(),
        )
            .into_response()
    } else {
        (
            StatusCode::BAD_REQUEST,
            json!({"error": "invalid_request"}).to_string(),
        )
            .into_response()
    })
}

/// A gradebook with columns in two pages, whose tokens last for a text of seconds.
pub fn gradebook(world: &World) {
    let url = world.platform.url.clone();
    world.platform.handle(move |asked| {
        if asked.path == "/mod/lti/token.php" {
            let body = json!({"access_token": "access", "token_type": "Bearer", "expires_in": "3600"});
            return Some(body.to_string().into_response());
        }
        let column = |number: u32| json!([{"id": format!("{url}/columns/{number}"), "resourceId": format!("r-{number}")}]);
        Some(match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/columns?page=2") => column(2).to_string().into_response(),
            ("GET", path) if path.starts_with("/columns?") => {
                ([("link", "</columns?page=2>; rel=\"next\"")], column(1).to_string()).into_response()
            }
            _ => StatusCode::FORBIDDEN.into_response(),
        })
    });
}

/// The newest client assertion.
pub fn assertion(world: &World) -> String {
    let asked = world.platform.asked.lock().unwrap();
    let body = asked
        .iter()
        .rev()
        .find(|one| one.path == "/mod/lti/token.php")
        .unwrap()
        .body
        .clone();
    url::form_urlencoded::parse(body.as_bytes())
        .find(|(name, _)| name == "client_assertion")
        .unwrap()
        .1
        .into_owned()
}
