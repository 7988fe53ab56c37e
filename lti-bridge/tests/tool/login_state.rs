//! The state of a login under way: it is signed, it is of one browser, and it leads in once.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::world::{Login, World};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lti_bridge::{PlatformState, Store};

#[tokio::test]
async fn state_that_is_wrong_in_any_way_is_refused() {
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
async fn login_under_way_is_finished_by_its_browser_alone() {
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
async fn state_that_was_changed_is_refused_before_any_request() {
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
async fn login_of_a_stranger_causes_no_request() {
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
