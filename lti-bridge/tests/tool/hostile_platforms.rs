//! Platforms that answer nonsense, much, slowly, or somewhere else: nothing is opened, and they are not asked over and over.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::world::{Asked, CLAIM, World};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lti_bridge::{MembershipService, ServiceError, Store};
use serde_json::{Value, json};
use url::Url;

async fn launched(world: &World) -> (u16, String) {
    let login = world.start().await;
    let token = world.platform.sign(&world.claims(&login));
    let answer = world.launch(&login, &token).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

type Answer = Arc<dyn Fn() -> Response + Send + Sync>;

#[tokio::test]
async fn launch_with_a_damaged_key_set_is_refused() {
    let world = World::new().await;
    let right = world.platform.jwks();
    let many: Vec<Value> = (0..1_000)
        .map(|number| json!({"kty": "RSA", "kid": number.to_string(), "n": "AQAB", "e": "AQAB"}))
        .chain(right["keys"].as_array().unwrap().clone())
        .collect();
    let weak = {
        let mut weak = right.clone();
        weak["keys"][0]["n"] = json!(right["keys"][0]["n"].as_str().unwrap()[..170]);
        weak
    };
    let of = |name: &str, value: Value| {
        let mut set = right.clone();
        set["keys"][0][name] = value;
        set
    };
    let text = |text: String| -> Answer { Arc::new(move || text.clone().into_response()) };
    let elsewhere = format!("{}/elsewhere", world.platform.url);
    let redirect = |to: &str| -> Answer {
        let to = to.to_owned();
        Arc::new(move || (StatusCode::FOUND, [("location", to.clone())]).into_response())
    };
    let port = Url::parse(&world.platform.url).unwrap().port().unwrap();
    let answers: Vec<(&str, Answer, &str)> = vec![
        ("no JSON", text("<html>".into()), "lti_keys_damaged"),
        ("a list", text("[]".into()), "lti_keys_damaged"),
        ("no keys", text(r#"{"keys": []}"#.into()), "lti_key_unknown"),
        (
            "keys that are none",
            text(r#"{"keys": [1]}"#.into()),
            "lti_keys_damaged",
        ),
        (
            "a thousand keys",
            text(json!({"keys": many}).to_string()),
            "lti_key_unknown",
        ),
        (
            "a megabyte",
            text(format!("{right}{}", " ".repeat(1 << 20))),
            "lti_keys_unreachable",
        ),
        ("a weak key", text(weak.to_string()), "lti_key_unknown"),
        (
            "a key for encryption",
            text(of("use", json!("enc")).to_string()),
            "lti_key_unknown",
        ),
        (
            "a key for RS512",
            text(of("alg", json!("RS512")).to_string()),
            "lti_key_unknown",
        ),
        (
            "a key of another kind",
            text(of("kty", json!("oct")).to_string()),
            "lti_key_unknown",
        ),
        (
            "a refusal",
            Arc::new(|| StatusCode::FORBIDDEN.into_response()),
            "lti_keys_damaged",
        ),
        ("a redirect", redirect(&elsewhere), "lti_keys_damaged"),
        (
            "a redirect to the machine's own metadata",
            redirect("http://169.254.169.254/elsewhere"),
            "lti_keys_damaged",
        ),
        (
            "a redirect to this machine",
            redirect(&format!("http://127.0.0.1:{port}/elsewhere")),
            "lti_keys_damaged",
        ),
        (
            "a redirect to this machine by IPv6",
            redirect(&format!("http://[::1]:{port}/elsewhere")),
            "lti_keys_damaged",
        ),
    ];
    for (what, answer, code) in answers {
        world
            .platform
            .handle(move |asked: &Asked| (asked.path == "/certs.php").then(|| answer()));
        // Older than anything that is remembered.
        world.advance(1_000);
        let (status, page) = launched(&world).await;
        assert!(
            status == 400 && page.contains(code),
            "{what}: {status} {page}"
        );
    }
    assert_eq!(
        (world.opened(), world.platform.times_asked("/elsewhere")),
        (0, 0)
    );
}

#[tokio::test]
async fn launch_with_keys_that_never_arrive_is_refused() {
    let world = World::new().await;
    // Takes the question, and never answers it.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut platform = world.platform.platform("a");
    let url = format!("http://{}/certs.php", silent.local_addr().unwrap());
    platform.jwks_uri = Url::parse(&url).unwrap();
    world.store.save_platform(&platform).await.unwrap();
    let started = std::time::Instant::now();
    let (status, page) = launched(&world).await;
    assert!(
        status == 400 && page.contains("lti_keys_unreachable"),
        "{page}"
    );
    assert!(started.elapsed() < std::time::Duration::from_secs(9));
    assert_eq!(world.opened(), 0);
}

#[tokio::test]
async fn launch_signed_by_another_platform_is_refused() {
    let world = World::new().await;
    let other = World::new().await;
    let mut registered = other.platform.platform("b");
    registered.client_id = "OTHER".to_owned();
    world.store.save_platform(&registered).await.unwrap();
    // Both have a key of this name.
    let login = world.start().await;
    let token = other.platform.sign(&world.claims(&login));
    let answer = world.launch(&login, &token).await;
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("lti_signature"));
    // Nor does it in a login of its own.
    let mut fields = world.initiation();
    fields.retain(|(name, _)| !matches!(*name, "iss" | "client_id"));
    fields.push(("iss", other.platform.url.clone()));
    fields.push(("client_id", "OTHER".to_owned()));
    let login = world.start_with(&fields).await;
    let mut claims = world.claims(&login);
    claims["aud"] = json!("OTHER");
    let answer = world.launch(&login, &other.platform.sign(&claims)).await;
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("lti_issuer_wrong"));
    assert_eq!(world.opened(), 0);
}

#[tokio::test]
async fn platform_without_keys_is_not_asked_again_at_once() {
    let world = World::new().await;
    world.platform.handle(|asked| {
        (asked.path == "/certs.php").then(|| StatusCode::BAD_GATEWAY.into_response())
    });
    for _ in 0..4 {
        let (status, _) = launched(&world).await;
        assert_eq!(status, 400);
    }
    assert_eq!(world.platform.times_asked("/certs.php"), 1);
    world.platform.handle(|_| None);
    world.advance(6);
    assert_eq!(launched(&world).await.0, 303);
}

#[tokio::test]
async fn launches_of_a_class_at_once_fetch_the_keys_once() {
    let world = Arc::new(World::new().await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let world = world.clone();
        tasks.spawn(async move { launched(&world).await.0 });
    }
    let statuses = tasks.join_all().await;
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    assert_eq!(world.platform.times_asked("/certs.php"), 1);
}

#[tokio::test]
async fn launch_with_the_deployment_of_another_tenant_is_refused() {
    let world = World::new().await;
    let mut other = world.platform.platform("b");
    other.client_id = "OTHER".to_owned();
    other.deployment_ids = vec!["9".to_owned()];
    world.store.save_platform(&other).await.unwrap();
    let deployment = format!("{CLAIM}/deployment_id");
    for (client, id, code) in [
        ("CLIENT123", "9", "lti_deployment_unknown"),
        // The right token of the other school, in a login of ours.
        ("OTHER", "9", "lti_audience_wrong"),
    ] {
        let login = world.start().await;
        let mut claims = world.claims(&login);
        claims["aud"] = json!(client);
        claims[&deployment] = json!(id);
        let answer = world.launch(&login, &world.platform.sign(&claims)).await;
        assert_eq!(answer.status(), 400);
        let page = answer.text().await.unwrap();
        assert!(page.contains(code), "{page}");
    }
    assert_eq!(world.opened(), 0);
}

#[tokio::test]
async fn form_of_a_megabyte_is_not_read() {
    let world = World::new().await;
    let login = world.start().await;
    let answer = world.launch(&login, &"x".repeat(1 << 20)).await;
    assert_eq!(answer.status(), 413);
    // Nothing of it was looked at: the right launch is still possible.
    let token = world.platform.sign(&world.claims(&login));
    assert_eq!(world.launch(&login, &token).await.status(), 303);
}

fn list(world: &World) -> MembershipService {
    let url = format!("{}/members?rlid=1", world.platform.url);
    MembershipService {
        context_memberships_url: Url::parse(&url).unwrap(),
    }
}

fn token(asked: &Asked, secret: &str) -> Option<Response> {
    let answer = json!({"access_token": secret, "token_type": "Bearer", "expires_in": 3600});
    (asked.path == "/mod/lti/token.php").then(|| answer.to_string().into_response())
}

#[tokio::test]
async fn class_list_pages_stay_on_the_host_and_are_bounded() {
    let world = World::new().await;
    let foreign = World::new().await;
    let link = format!("<{}/members>; rel=\"next\"", foreign.platform.url);
    world.platform.handle(move |asked| {
        token(asked, "access").or_else(|| {
            let page = json!({"members": [{"user_id": "1", "roles": ["Learner"]}]});
            Some(([("link", link.clone())], page.to_string()).into_response())
        })
    });
    let platform = world.platform.platform("a");
    let members = world
        .bridge
        .members(&platform, &list(&world))
        .await
        .unwrap();
    assert_eq!(members.len(), 1);
    assert!(foreign.platform.asked.lock().unwrap().is_empty());

    // A page that always has a next one.
    world.platform.handle(|asked| {
        token(asked, "access").or_else(|| {
            let page = json!({"members": [{"user_id": "1", "roles": ["Learner"]}]});
            Some(
                (
                    [("link", "</members?more>; rel=\"next\"")],
                    page.to_string(),
                )
                    .into_response(),
            )
        })
    });
    let before = world.platform.times_asked("/members");
    world
        .bridge
        .members(&platform, &list(&world))
        .await
        .unwrap();
    assert_eq!(world.platform.times_asked("/members") - before, 20);
}

#[tokio::test]
async fn access_token_that_was_revoked_is_renewed_once() {
    let world = World::new().await;
    let given = Arc::new(AtomicUsize::new(0));
    let counted = given.clone();
    world.platform.handle(move |asked| {
        if asked.path == "/mod/lti/token.php" {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            return token(asked, &format!("token-{number}"));
        }
        Some(match asked.authorization.as_str() {
            "Bearer token-1" => json!({"members": []}).to_string().into_response(),
            _ => StatusCode::UNAUTHORIZED.into_response(),
        })
    });
    let platform = world.platform.platform("a");
    let service = list(&world);
    assert!(
        world
            .bridge
            .members(&platform, &service)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(given.load(Ordering::SeqCst), 2);
    // It is not tried for ever.
    world.platform.handle(|asked| {
        token(asked, "other").or_else(|| Some(StatusCode::UNAUTHORIZED.into_response()))
    });
    let refused = world.bridge.members(&platform, &service).await;
    assert!(matches!(refused, Err(ServiceError::Status(401))));
}

#[tokio::test]
async fn platform_that_cannot_read_our_keys_is_a_key_error() {
    let world = World::new().await;
    let platform = world.platform.platform("a");
    for (answer, is_the_key) in [
        ("<html><p>Exception - The URL is blocked.</p></html>", true),
        (r#"{"error": "Invalid JWK: the URL is blocked."}"#, true),
        (r#"{"error": "invalid_client"}"#, true),
        (r#"{"error": "invalid_scope"}"#, false),
    ] {
        world
            .platform
            .handle(move |_| Some((StatusCode::BAD_REQUEST, answer).into_response()));
        let refused = world.bridge.members(&platform, &list(&world)).await;
        let error = refused.unwrap_err();
        assert_eq!(
            matches!(error, ServiceError::KeyUnchecked(_)),
            is_the_key,
            "{answer}: {error}"
        );
        let names_the_place = error.to_string().contains(&world.bridge.jwks_url());
        assert_eq!(names_the_place, is_the_key, "{error}");
    }
}
