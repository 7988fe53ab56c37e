//! Launches that are right, and all those that are not.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod world;

use std::collections::BTreeSet;

use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lti_bridge::{PlatformState, Role, Store};
use serde_json::{Value, json};
use world::{CLAIM, Login, ROLES, World, key};

#[tokio::test]
async fn a_teacher_and_a_pupil_of_moodle_are_launched() {
    let world = World::new().await;
    let login = world.start().await;
    let asked = &login.asked;
    assert_eq!(
        asked["lti_message_hint"],
        r#"{"cmid":4,"launchid":"ltilaunch1_259481090"}"#
    );
    for (name, value) in [
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
        ("client_id", "CLIENT123"),
        ("login_hint", "4"),
    ] {
        assert_eq!(asked[name], value);
    }
    assert_eq!(asked["redirect_uri"], format!("{}/lti/launch", world.tool));
    let answer = world
        .launch(&login, &world.platform.sign(&world.claims(&login)))
        .await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    assert_eq!(
        answer.headers()["location"],
        "https://meet.example/room#ticket=x"
    );
    let login = world.start().await;
    let mut claims = world.claims(&login);
    claims[format!("{CLAIM}/roles")] = json!([format!("{ROLES}/membership#Learner")]);
    for name in ["name", "given_name", "family_name"] {
        claims.as_object_mut().unwrap().remove(name);
    }
    claims["aud"] = json!(["CLIENT123"]);
    assert_eq!(
        world
            .launch(&login, &world.platform.sign(&claims))
            .await
            .status(),
        303
    );
    let launches = world.rooms.launches.lock().unwrap();
    let (teacher, pupil) = (&launches[0], &launches[1]);
    assert_eq!(
        (
            teacher.role,
            teacher.name.as_deref(),
            teacher.subject.as_deref()
        ),
        (Role::Moderator, Some("Frau Müller"), Some("4"))
    );
    assert_eq!(
        (
            teacher.locale.as_deref(),
            teacher.context.as_ref().unwrap().id.as_str()
        ),
        (Some("pt-br"), "2")
    );
    assert!(teacher.names.is_some() && teacher.grades.is_some() && teacher.return_url.is_some());
    assert_eq!(
        (pupil.role, pupil.name.as_deref()),
        (Role::Participant, None)
    );
    assert_eq!(world.platform.times_asked("/certs.php"), 1);
}

#[tokio::test]
async fn a_login_may_come_by_get_and_from_several_registrations() {
    let world = World::new().await;
    let mut second = world.platform.platform("b");
    second.client_id = "OTHER".to_owned();
    second.deployment_ids = vec!["9".to_owned()];
    world.store.save_platform(&second).await.unwrap();
    let response = world
        .http
        .get(format!("{}/lti/login", world.tool))
        .query(&world.initiation())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 302);
    // Without a client id the deployment tells them apart, and without both nothing does.
    let mut fields = world.initiation();
    fields.retain(|(name, _)| *name != "client_id");
    let login = world.start_with(&fields).await;
    assert_eq!(login.asked["client_id"], "CLIENT123");
    fields.retain(|(name, _)| *name != "lti_deployment_id");
    let response = world
        .http
        .post(format!("{}/lti/login", world.tool))
        .form(&fields)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    assert!(
        response
            .text()
            .await
            .unwrap()
            .contains("lti_client_ambiguous")
    );
}

/// Signed by the platform, with another header.
fn signed(world: &World, header: &Header, claims: &Value) -> String {
    let key = world.platform.keys.lock().unwrap()[0].1.clone();
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

fn header(kid: Option<&str>) -> Header {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = kid.map(str::to_owned);
    header
}

/// Every way in which a launch can be wrong, by name.
fn wrong_tokens(world: &World, login: &Login) -> Vec<(&'static str, String)> {
    let right = world.claims(login);
    let now = world.now();
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        world.platform.sign(&claims)
    };
    let without = |name: &str| {
        let mut claims = right.clone();
        claims.as_object_mut().unwrap().remove(name);
        world.platform.sign(&claims)
    };
    let claim = |name: &str| format!("{CLAIM}/{name}");
    let raw = |header: Value, payload: &str, signature: &str| {
        format!(
            "{}.{}.{signature}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(payload)
        )
    };
    let token = world.platform.sign(&right);
    let parts: Vec<&str> = token.split('.').collect();
    let public = world.platform.jwks().to_string();
    let hmac = |secret: &str| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("kid-1".to_owned());
        jsonwebtoken::encode(
            &header,
            &right,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    };
    let foreign = {
        let mut jku = header(Some("kid-evil"));
        jku.jku = Some(format!("{}/evil-jwks", world.platform.url));
        jku.x5u = Some(format!("{}/evil-x5u", world.platform.url));
        jsonwebtoken::encode(&jku, &right, &key()).unwrap()
    };
    // Twice in one object: a parser takes the first, another one the last.
    let twice = {
        let text = right.to_string();
        let text = format!("{},\"nonce\":\"other\"}}", text.strip_suffix('}').unwrap());
        let message = format!("{}.{}", parts[0], URL_SAFE_NO_PAD.encode(text));
        let key = world.platform.keys.lock().unwrap()[0].1.clone();
        let pair = RsaKeyPair::from_der(key.as_bytes())
            .or_else(|_| RsaKeyPair::from_pkcs8(key.as_bytes()))
            .unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &aws_lc_rs::rand::SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    vec![
        (
            "algorithm none",
            raw(
                json!({"alg": "none", "kid": "kid-1"}),
                &right.to_string(),
                "",
            ),
        ),
        (
            "algorithm none with a signature",
            raw(
                json!({"alg": "none", "kid": "kid-1"}),
                &right.to_string(),
                parts[2],
            ),
        ),
        ("HS256 with the public key", hmac(&public)),
        ("HS256 with the client id", hmac("CLIENT123")),
        (
            "RS512",
            signed(
                world,
                &{
                    let mut h = header(Some("kid-1"));
                    h.alg = Algorithm::RS512;
                    h
                },
                &right,
            ),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        (
            "another signature",
            format!(
                "{}.{}.{}",
                parts[0],
                parts[1],
                parts[2].chars().rev().collect::<String>()
            ),
        ),
        ("no token at all", "x".to_owned()),
        ("a token of two parts", format!("{}.{}", parts[0], parts[1])),
        ("no kid", signed(world, &header(None), &right)),
        ("an empty kid", signed(world, &header(Some("")), &right)),
        (
            "an unknown kid",
            signed(world, &header(Some("kid-9")), &right),
        ),
        (
            "a kid with a path",
            signed(world, &header(Some("../../etc/passwd")), &right),
        ),
        (
            "a kid with a URL",
            signed(world, &header(Some("https://evil.example/jwks")), &right),
        ),
        ("a key by jku and x5u", foreign),
        (
            "the key of another platform",
            jsonwebtoken::encode(&header(Some("kid-1")), &right, &key()).unwrap(),
        ),
        ("another issuer", with("iss", json!("https://evil.example"))),
        ("no issuer", without("iss")),
        ("another audience", with("aud", json!("OTHER"))),
        ("no audience", without("aud")),
        ("an empty list of audiences", with("aud", json!([]))),
        (
            "two audiences without azp",
            with("aud", json!(["CLIENT123", "OTHER"])),
        ),
        ("a wrong azp", with("azp", json!("OTHER"))),
        ("another nonce", with("nonce", json!("other"))),
        ("no nonce", without("nonce")),
        ("a nonce that is no text", with("nonce", json!(["x"]))),
        ("two nonces", twice),
        ("exp as text", with("exp", json!((now + 60).to_string()))),
        ("exp beyond all calendars", with("exp", json!(1e30))),
        ("exp negative", with("exp", json!(-1))),
        (
            "exp beyond all numbers",
            with("exp", json!(9_223_372_036_854_775_808_u64)),
        ),
        ("no exp", without("exp")),
        ("expired", with("exp", json!(now - 120))),
        ("iat as text", with("iat", json!(now.to_string()))),
        ("no iat", without("iat")),
        ("iat in the future", with("iat", json!(now + 120))),
        ("iat of last year", with("iat", json!(now - 31_536_000))),
        ("nbf in the future", with("nbf", json!(now + 120))),
        ("nbf as text", with("nbf", json!("0"))),
        (
            "an unknown deployment",
            with(&claim("deployment_id"), json!("5")),
        ),
        ("no deployment", without(&claim("deployment_id"))),
        (
            "another message",
            with(&claim("message_type"), json!("LtiSubmissionReviewRequest")),
        ),
        ("no message", without(&claim("message_type"))),
        ("another version", with(&claim("version"), json!("1.1.0"))),
        ("no version", without(&claim("version"))),
        (
            "a target on another origin",
            with(
                &claim("target_link_uri"),
                json!("https://evil.example/lti/launch"),
            ),
        ),
        (
            "a target that the login was not started for",
            with(
                &claim("target_link_uri"),
                json!(format!("{}/lti/other", world.tool)),
            ),
        ),
        ("no target", without(&claim("target_link_uri"))),
        ("no resource link", without(&claim("resource_link"))),
        ("no roles", without(&claim("roles"))),
        ("roles that are nothing", with(&claim("roles"), Value::Null)),
        (
            "roles that are no list",
            with(&claim("roles"), json!("Instructor")),
        ),
        ("a megabyte", with("name", json!("x".repeat(60_000)))),
        (
            "a subject without end",
            with("sub", json!("x".repeat(4_097))),
        ),
        (
            "a course without end",
            with(&claim("context"), json!({"id": "x".repeat(5_000)})),
        ),
        (
            "a link without end",
            with(&claim("resource_link"), json!({"id": "x".repeat(20_000)})),
        ),
    ]
}

#[tokio::test]
async fn every_wrong_token_is_refused() {
    let world = World::new().await;
    let login = world.start().await;
    let count = wrong_tokens(&world, &login).len();
    assert!(count >= 45);
    for number in 0..count {
        let login = world.start().await;
        let (what, token) = wrong_tokens(&world, &login).swap_remove(number);
        let answer = world.launch(&login, &token).await;
        assert!(
            answer.status().is_client_error(),
            "{what}: {}",
            answer.status()
        );
        assert!(answer.headers().get("location").is_none(), "{what}");
        assert!(answer.headers().get("set-cookie").is_none(), "{what}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("<code>lti_"), "{what}: {page}");
        // The state is used up: the right token comes too late.
        let late = world
            .launch(&login, &world.platform.sign(&world.claims(&login)))
            .await;
        assert!(
            late.status().is_client_error(),
            "{what}, then right: {}",
            late.status()
        );
        assert_eq!(world.opened(), 0, "{what}");
    }
    for path in ["/evil-jwks", "/evil-x5u"] {
        assert_eq!(world.platform.times_asked(path), 0);
    }
    // Once for the keys, and once more for the first unknown one.
    assert!(world.platform.times_asked("/certs.php") <= 2);
}

#[tokio::test]
async fn every_wrong_state_is_refused() {
    let world = World::new().await;
    let refuse = async |what: &str, answer: reqwest::Response, code: &str| {
        assert!(
            answer.status().is_client_error(),
            "{what}: {}",
            answer.status()
        );
        let page = answer.text().await.unwrap();
        assert!(page.contains(code), "{what}: {page}");
        assert_eq!(world.opened(), 0, "{what}");
    };
    let login = world.start().await;
    let token = world.platform.sign(&world.claims(&login));
    let state = login.asked["state"].clone();
    refuse(
        "no state",
        world
            .post("/lti/launch", &[("id_token", &token)], Some(&login.cookies))
            .await,
        "lti_state_missing",
    )
    .await;
    refuse(
        "an unknown state",
        world
            .post(
                "/lti/launch",
                &[("id_token", &token), ("state", "x")],
                Some(&login.cookies),
            )
            .await,
        "lti_state_unknown",
    )
    .await;
    refuse(
        "two states",
        world
            .post(
                "/lti/launch",
                &[("id_token", &token), ("state", &state), ("state", &state)],
                Some(&login.cookies),
            )
            .await,
        "lti_field_twice",
    )
    .await;
    refuse(
        "no token",
        world
            .post("/lti/launch", &[("state", &state)], Some(&login.cookies))
            .await,
        "lti_token_missing",
    )
    .await;
    let login = world.start().await;
    let other = world.start().await;
    let token = world.platform.sign(&world.claims(&login));
    refuse(
        "another browser",
        world
            .launch(
                &Login {
                    cookies: other.cookies.clone(),
                    ..login.clone()
                },
                &token,
            )
            .await,
        "lti_other_browser",
    )
    .await;
    let login = world.start().await;
    let token = world.platform.sign(&world.claims(&login));
    refuse(
        "no cookie at all",
        world
            .launch(
                &Login {
                    cookies: String::new(),
                    ..login.clone()
                },
                &token,
            )
            .await,
        "lti_other_browser",
    )
    .await;
    let login = world.start().await;
    let fields = [
        ("id_token", token.as_str()),
        ("state", &login.asked["state"]),
        ("browser", "guessed"),
    ];
    refuse(
        "a guess instead of the cookie",
        world.post("/lti/launch", &fields, None).await,
        "lti_other_browser",
    )
    .await;
    let login = world.start().await;
    world.advance(301);
    let token = world.platform.sign(&world.claims(&login));
    refuse(
        "an old state",
        world.launch(&login, &token).await,
        "lti_state_expired",
    )
    .await;
    let login = world.start().await;
    let stranger = world.start().await;
    let token = world.platform.sign(&world.claims(&stranger));
    refuse(
        "the nonce of another login",
        world.launch(&login, &token).await,
        "lti_nonce_wrong",
    )
    .await;
    let login = world.start().await;
    refuse(
        "the platform's own refusal",
        world
            .post(
                "/lti/launch",
                &[
                    ("error", "access_denied"),
                    ("error_description", "<script>"),
                    ("state", &login.asked["state"]),
                ],
                Some(&login.cookies),
            )
            .await,
        "lti_platform_login_required",
    )
    .await;

    // Replayed: the first time is right, the second is not.
    let login = world.start().await;
    let token = world.platform.sign(&world.claims(&login));
    assert_eq!(world.launch(&login, &token).await.status(), 303);
    let again = world.launch(&login, &token).await;
    assert!(again.status().is_client_error());
    assert_eq!(world.opened(), 1);
}

#[tokio::test]
async fn a_login_is_kept_by_its_browser_alone() {
    let world = World::new().await;
    let early = world.start().await;
    for _ in 0..1_000 {
        world.start().await;
    }
    assert_eq!(world.store.used(), 0);
    let token = world.platform.sign(&world.claims(&early));
    // Whoever got hold of the state cannot use it up from elsewhere.
    let elsewhere = Login {
        cookies: String::new(),
        ..early.clone()
    };
    let answer = world.launch(&elsewhere, &token).await;
    assert!(answer.text().await.unwrap().contains("lti_other_browser"));
    assert_eq!(world.launch(&early, &token).await.status(), 303);
    assert_eq!(world.store.used(), 1);
}

#[tokio::test]
async fn a_state_that_was_changed_is_refused_before_anything_is_asked() {
    let world = World::new().await;
    let other = World::new().await;
    let login = world.start().await;
    let token = world.platform.sign(&world.claims(&login));
    let state = &login.asked["state"];
    let parts: Vec<&str> = state.split('.').collect();
    let engine = URL_SAFE_NO_PAD;
    let changed = |from: &str, to: &str| {
        let claims = String::from_utf8(engine.decode(parts[1]).unwrap()).unwrap();
        assert!(claims.contains(from), "{claims}");
        let claims = engine.encode(claims.replace(from, to));
        format!("{}.{claims}.{}", parts[0], parts[2])
    };
    let unsigned = engine.encode(r#"{"alg":"none","typ":"JWT"}"#);
    for state in [
        changed("platform-a", "platform-b"),
        changed("\"asked\":false", "\"asked\":true"),
        changed("1800000300", "1800009300"),
        format!("{unsigned}.{}.", parts[1]),
        other.start().await.asked["state"].clone(),
        world.platform.sign(&world.claims(&login)),
        "x".repeat(5_000),
    ] {
        let mut forged = login.clone();
        forged.asked.insert("state".to_owned(), state.clone());
        let answer = world.launch(&forged, &token).await;
        assert_eq!(answer.status(), 400, "{state}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("lti_state_unknown"), "{state}: {page}");
    }
    assert_eq!((world.platform.times_asked("/"), world.opened()), (0, 0));
    // None of it has used up the login.
    assert_eq!(world.launch(&login, &token).await.status(), 303);
}

#[tokio::test]
async fn logins_of_strangers_ask_nothing_of_anyone() {
    let world = World::new().await;
    let mut pending = world.platform.platform("pending");
    pending.issuer = "https://pending.example".to_owned();
    pending.state = PlatformState::Pending;
    world.store.save_platform(&pending).await.unwrap();
    let change = |name: &str, value: Option<&str>| {
        let mut fields = world.initiation();
        fields.retain(|(known, _)| *known != name);
        if let Some(value) = value {
            fields.push((
                Box::leak(name.to_owned().into_boxed_str()),
                value.to_owned(),
            ));
        }
        fields
    };
    for (fields, code) in [
        (
            change("iss", Some("https://unknown.example")),
            "lti_issuer_unknown",
        ),
        (change("iss", None), "lti_issuer_missing"),
        (
            change("iss", Some("https://pending.example")),
            "lti_platform_pending",
        ),
        (change("client_id", Some("WRONG")), "lti_client_unknown"),
        (change("login_hint", None), "lti_login_hint_missing"),
        (change("target_link_uri", None), "lti_target_missing"),
        (
            change("target_link_uri", Some("https://evil.example/")),
            "lti_target_foreign",
        ),
        (
            change("target_link_uri", Some("javascript:alert(1)")),
            "lti_target_foreign",
        ),
        (
            change("lti_message_hint", Some(&"x".repeat(5_000))),
            "lti_too_long",
        ),
        (
            change(
                "target_link_uri",
                Some(&format!("{}/lti/launch?{}", world.tool, "x".repeat(2_100))),
            ),
            "lti_too_long",
        ),
        (
            change("lti_storage_target", Some(&"x".repeat(300))),
            "lti_too_long",
        ),
    ] {
        let answer = world
            .http
            .post(format!("{}/lti/login", world.tool))
            .form(&fields)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_client_error(), "{code}");
        assert!(answer.headers().get("set-cookie").is_none());
        let page = answer.text().await.unwrap();
        assert!(page.contains(code), "{code}: {page}");
        assert!(!page.contains("evil") && !page.contains("javascript"));
    }
    assert!(world.platform.asked.lock().unwrap().is_empty());
    assert_eq!(world.store.used(), 0);
}

#[tokio::test]
async fn a_platform_may_change_its_key() {
    let world = World::new().await;
    let launch = async || {
        let login = world.start().await;
        world
            .launch(&login, &world.platform.sign(&world.claims(&login)))
            .await
            .status()
    };
    assert_eq!(launch().await, 303);
    let old = world.platform.keys.lock().unwrap()[0].clone();
    *world.platform.keys.lock().unwrap() = vec![("kid-2".to_owned(), key())];
    // The new one is taken at once, with one more question.
    assert_eq!(launch().await, 303);
    assert_eq!(world.platform.times_asked("/certs.php"), 2);
    // Unknown keys do not make us ask more than once a minute.
    for _ in 0..5 {
        let login = world.start().await;
        let token = signed(&world, &header(Some("kid-x")), &world.claims(&login));
        assert!(
            world
                .launch(&login, &token)
                .await
                .status()
                .is_client_error()
        );
    }
    assert_eq!(world.platform.times_asked("/certs.php"), 2);
    // The old one is refused.
    let login = world.start().await;
    let token =
        jsonwebtoken::encode(&header(Some("kid-1")), &world.claims(&login), &old.1).unwrap();
    assert!(
        world
            .launch(&login, &token)
            .await
            .status()
            .is_client_error()
    );
    // A key that was taken back without a new one is refused after ten minutes.
    *world.platform.keys.lock().unwrap() =
        vec![("kid-3".to_owned(), key()), ("kid-2".to_owned(), key())];
    world.advance(601);
    let login = world.start().await;
    let token =
        jsonwebtoken::encode(&header(Some("kid-2")), &world.claims(&login), &old.1).unwrap();
    assert!(
        world
            .launch(&login, &token)
            .await
            .status()
            .is_client_error()
    );
}

/// The state that the page carries which asks the platform's storage.
fn asked_on(page: &str) -> String {
    assert!(page.contains("data-proof"), "{page}");
    let (_, rest) = page.split_once("name=\"state\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn in_a_frame_the_page_finds_out_about_cookies_first() {
    let world = World::new().await;
    let mut fields = world.initiation();
    fields.push(("lti_storage_target", "_parent".to_owned()));
    let response = world
        .http
        .post(format!("{}/lti/login", world.tool))
        .header("sec-fetch-dest", "iframe")
        .form(&fields)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let cookies: Vec<String> = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .collect();
    assert!(
        cookies[0].starts_with("__Host-lti-") && cookies[0].contains("SameSite=None; Partitioned")
    );
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains(&format!("frame-ancestors {}", world.platform.url))
            && !policy.contains("unsafe")
    );
    let page = response.text().await.unwrap();
    let attribute = |name: &str| {
        let (_, rest) = page.split_once(&format!("data-{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.replace("&amp;", "&")
    };
    let check = attribute("check");
    let cookie = cookies[0].split(';').next().unwrap();
    let with = world
        .http
        .get(format!("{}{check}", world.tool))
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(with.text().await.unwrap(), r#"{"cookie":true}"#);
    let without = world
        .http
        .get(format!("{}{check}", world.tool))
        .send()
        .await
        .unwrap();
    assert_eq!(without.text().await.unwrap(), r#"{"cookie":false}"#);
    // Without the cookie, what the platform's storage kept does as well, once and after it was asked for it: whoever
    // started this login knows it too, and could have someone else send it.
    let asked: std::collections::HashMap<String, String> = url::Url::parse(&attribute("onward"))
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect();
    let login = Login {
        asked,
        cookies: String::new(),
    };
    let token = world.platform.sign(&world.claims(&login));
    let value = attribute("value");
    let fields = [
        ("id_token", token.as_str()),
        ("state", &login.asked["state"]),
        ("browser", value.as_str()),
    ];
    let answer = world.post("/lti/launch", &fields, None).await;
    assert_eq!((answer.status().as_u16(), world.opened()), (200, 0));
    // The page carries on a state that says that the storage was asked; the first one never does.
    let page = answer.text().await.unwrap();
    let state = asked_on(&page);
    let answer = world.post("/lti/launch", &fields, None).await;
    assert_eq!((answer.status().as_u16(), world.opened()), (200, 0));
    let again = |browser: &'static str| {
        [
            ("id_token", token.as_str()),
            ("state", state.as_str()),
            ("browser", browser),
        ]
    };
    let guessed = world.post("/lti/launch", &again("guessed"), None).await;
    assert!(guessed.status().is_client_error());
    let answer = world.post("/lti/launch", &again(""), None).await;
    assert!(answer.status().is_client_error(), "it is not asked twice");
    let value: &'static str = Box::leak(value.into_boxed_str());
    let answer = world.post("/lti/launch", &again(value), None).await;
    assert_eq!((answer.status().as_u16(), world.opened()), (303, 1));
    let answer = world.post("/lti/launch", &again(value), None).await;
    assert!(answer.status().is_client_error());
    assert_eq!(world.opened(), 1);
}

#[tokio::test]
async fn what_a_platform_stores_does_not_count_from_the_form_of_another_site() {
    let world = World::new().await;
    for (site, status) in [
        ("cross-site", 400),
        ("same-site", 400),
        ("none", 400),
        ("same-origin", 303),
    ] {
        let mut fields = world.initiation();
        fields.push(("lti_storage_target", "_parent".to_owned()));
        let page = world
            .http
            .post(format!("{}/lti/login", world.tool))
            .header("sec-fetch-dest", "iframe")
            .form(&fields)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let attribute = |name: &str| {
            let (_, rest) = page.split_once(&format!("data-{name}=\"")).unwrap();
            rest.split_once('"').unwrap().0.replace("&amp;", "&")
        };
        let onward = url::Url::parse(&attribute("onward")).unwrap();
        let login = Login {
            asked: onward.query_pairs().into_owned().collect(),
            cookies: String::new(),
        };
        let token = world.platform.sign(&world.claims(&login));
        let asking = world.launch(&login, &token).await;
        assert_eq!(asking.status(), 200);
        let state = asked_on(&asking.text().await.unwrap());
        let value = attribute("value");
        let answer = world
            .http
            .post(format!("{}/lti/launch", world.tool))
            .header("sec-fetch-site", site)
            .form(&[
                ("id_token", token.as_str()),
                ("state", &state),
                ("browser", &value),
            ])
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{site}");
    }
    assert_eq!(world.opened(), 1);
}

#[tokio::test]
async fn what_platforms_leave_empty_refuses_no_launch() {
    let world = World::new().await;
    let login = world.start().await;
    let mut claims = world.claims(&login);
    claims[format!("{CLAIM}/roles")] = json!([]);
    claims[format!("{CLAIM}/custom")] = json!([]);
    let grades = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";
    claims[grades]["lineitem"] = json!("");
    claims[grades]["scope"] = Value::Null;
    claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"]["context_memberships_url"] =
        json!("");
    let answer = world.launch(&login, &world.platform.sign(&claims)).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    let launches = world.rooms.launches.lock().unwrap();
    let grades = launches[0].grades.clone().unwrap();
    assert!(grades.lineitem.is_none() && grades.lineitems.is_some() && grades.scopes.is_empty());
    assert_eq!(
        (launches[0].role, launches[0].names.is_none()),
        (Role::Participant, true)
    );
}

#[tokio::test]
async fn who_opens_the_address_by_hand_reads_what_it_is_for() {
    let world = World::new().await;
    let answer = world
        .http
        .get(format!("{}/lti/launch", world.tool))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!(
        answer.headers()["location"],
        format!("{}/lti", world.tool).as_str()
    );
}

#[tokio::test]
async fn times_with_decimals_lead_into_the_room() {
    let world = World::new().await;
    for (name, change) in [("exp", 60.5), ("iat", -0.25), ("nbf", -10.75)] {
        let login = world.start().await;
        let mut claims = world.claims(&login);
        claims[name] = json!(world.now() as f64 + change);
        let answer = world.launch(&login, &world.platform.sign(&claims)).await;
        assert_eq!(answer.status(), 303, "{name}");
    }
}

#[tokio::test]
async fn clocks_that_differ_are_named_with_the_difference() {
    let world = World::new().await;
    let now = world.now();
    for (what, changes, code, seconds) in [
        (
            "ahead",
            vec![("iat", now + 90), ("exp", now + 150)],
            "lti_clocks_differ",
            "90 ",
        ),
        (
            "ahead by nbf",
            vec![("nbf", now + 300), ("exp", now + 400)],
            "lti_clocks_differ",
            "300 ",
        ),
        (
            "behind",
            vec![("iat", now - 150), ("exp", now - 90)],
            "lti_clocks_differ",
            "150 ",
        ),
    ] {
        let login = world.start().await;
        let mut claims = world.claims(&login);
        for (name, value) in changes {
            claims[name] = json!(value);
        }
        let answer = world.launch(&login, &world.platform.sign(&claims)).await;
        assert_eq!(answer.status(), 400, "{what}");
        let page = answer.text().await.unwrap();
        assert!(
            page.contains(code) && page.contains(seconds),
            "{what}: {page}"
        );
    }
    // Made while the login was under way, and used too late: that is nobody's clock.
    let login = world.start().await;
    let token = world.platform.sign(&world.claims(&login));
    world.advance(180);
    let page = world.launch(&login, &token).await.text().await.unwrap();
    assert!(page.contains("lti_token_expired"), "{page}");
}

#[tokio::test]
async fn ids_that_differ_at_their_ends_are_different_ones() {
    let world = World::new().await;
    let ends = ["a", "b", "\u{e4}"];
    for length in [255, 256, 600, 4_000] {
        for end in ends {
            let login = world.start().await;
            let mut claims = world.claims(&login);
            let id = |of: &str| json!(format!("{}{end}", of.repeat(length)));
            claims["sub"] = id("s");
            claims[format!("{CLAIM}/context")]["id"] = id("c");
            claims[format!("{CLAIM}/resource_link")]["id"] = id("l");
            let answer = world.launch(&login, &world.platform.sign(&claims)).await;
            assert_eq!(answer.status(), 303, "{length}");
        }
    }
    let launches = world.rooms.launches.lock().unwrap();
    let ids: [fn(&lti_bridge::Launch) -> Option<String>; 3] = [
        |launch| launch.subject.clone(),
        |launch| Some(launch.context.as_ref()?.id.clone()),
        |launch| Some(launch.resource_link.as_ref()?.id.clone()),
    ];
    for of in ids {
        let kept: BTreeSet<String> = launches.iter().filter_map(of).collect();
        assert_eq!(kept.len(), 4 * ends.len(), "{kept:?}");
        assert!(kept.iter().all(|id| id.len() <= 256), "{kept:?}");
    }
}
