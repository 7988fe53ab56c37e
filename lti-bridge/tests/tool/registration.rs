//! Dynamic Registration, the first time and again.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::world::{CLAIM, World};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use lti_bridge::{Invitation, Platform, PlatformState, Store};
use serde_json::{Value, json};
use url::Url;

/// As Moodle's openid-configuration.php says it.
fn configuration(url: &str) -> Value {
    json!({
        "issuer": url, "token_endpoint": format!("{url}/mod/lti/token.php"),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"], "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": format!("{url}/certs.php"), "authorization_endpoint": format!("{url}/mod/lti/auth.php"),
        "registration_endpoint": format!("{url}/mod/lti/openid-registration.php"),
        "scopes_supported": ["https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly", "https://purl.imsglobal.org/spec/lti-ags/scope/score"],
        "response_types_supported": ["id_token"], "subject_types_supported": ["public", "pairwise"], "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {"product_family_code": "moodle", "version": "4.5.5+ (Build: 20250613)",
            "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]}], "variables": []},
    })
}

#[tokio::test]
async fn registration_of_moodle_by_one_url_succeeds() {
    let world = World::new().await;
    let url = world.platform.url.clone();
    let tool = world.tool.clone();
    world
        .platform
        .handle(move |asked| match asked.path.as_str() {
            "/mod/lti/openid-configuration.php" => {
                Some(configuration(&url).to_string().into_response())
            }
            "/mod/lti/openid-registration.php" => {
                let body: Value = serde_json::from_str(&asked.body).unwrap();
                let own = &body["https://purl.imsglobal.org/spec/lti-tool-configuration"];
                let right = asked.authorization == "Bearer the-token"
                    && asked.kind == "application/json"
                    && body["response_types"] == json!(["id_token"])
                    && body["token_endpoint_auth_method"] == "private_key_jwt"
                    && body["application_type"] == "web"
                    && body["redirect_uris"] == json!([format!("{tool}/lti/launch")])
                    && body["initiate_login_uri"] == format!("{tool}/lti/login")
                    && body["jwks_uri"] == format!("{tool}/lti/jwks")
                    && !body["client_name"].as_str().unwrap().is_empty()
                    && Url::parse(own["target_link_uri"].as_str().unwrap())
                        .unwrap()
                        .authority()
                        == own["domain"].as_str().unwrap()
                    && own["claims"].as_array().unwrap().contains(&json!("name"))
                    && own["messages"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|message| message["type"] == "LtiDeepLinkingRequest");
                if !right {
                    return Some((StatusCode::BAD_REQUEST, "wrong").into_response());
                }
                let mut answer = body;
                answer["client_id"] = json!("new-client");
                answer["https://purl.imsglobal.org/spec/lti-tool-configuration"]["deployment_id"] =
                    json!("7");
                Some(answer.to_string().into_response())
            }
            _ => None,
        });
    let register = async |invitation: &str, configuration: &str| {
        let query = [
            ("openid_configuration", configuration),
            ("registration_token", "the-token"),
        ];
        let answer = world
            .http
            .get(format!("{}/lti/register/{invitation}", world.tool))
            .query(&query)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let right = format!("{}/mod/lti/openid-configuration.php", world.platform.url);
    let (status, page) = register("guessed", &right).await;
    assert!(status == 403 && page.contains("lti_invitation_unknown"));
    assert!(world.platform.asked.lock().unwrap().is_empty());
    world.store.invite(
        "code",
        Invitation {
            tenant: "a".into(),
            approved: false,
            once: false,
        },
    );
    for wrong in [
        "https://10.0.0.1/x",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        "x",
    ] {
        let (status, _) = register("code", wrong).await;
        assert_eq!(status, 400, "{wrong}");
    }
    let (status, page) = register("code", &right).await;
    assert_eq!(status, 200, "{page}");
    assert!(
        page.contains("data-close=\"org.imsglobal.lti.close\" data-after=\"12\"")
            && page.contains("new-client")
    );
    let platform = world
        .store
        .platforms()
        .into_iter()
        .find(|one| one.client_id == "new-client")
        .unwrap();
    assert_eq!(
        (
            platform.tenant.as_str(),
            platform.state,
            platform.deployment_ids
        ),
        ("a", PlatformState::Pending, vec!["7".to_owned()])
    );
    // The same registration again is the same platform.
    register("code", &right).await;
    assert_eq!(
        world
            .store
            .platforms()
            .iter()
            .filter(|one| one.client_id == "new-client")
            .count(),
        1
    );
    // A configuration that speaks for another host is none.
    let evil = world.platform.url.clone();
    world.platform.handle(move |asked| {
        let mut configuration = configuration(&evil);
        configuration["issuer"] = json!("https://moodle.example");
        (asked.path == "/mod/lti/openid-configuration.php")
            .then(|| configuration.to_string().into_response())
    });
    let (status, page) = register("code", &right).await;
    assert!(status == 400 && page.contains("lti_issuer_wrong"), "{page}");
}

const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";

/// A platform that registers whoever asks as `new-client`, with this configuration and deployment.
fn registers(world: &World, configuration: Value, deployment: Option<&'static str>) {
    world
        .platform
        .handle(move |asked| match asked.path.as_str() {
            "/mod/lti/openid-configuration.php" => Some(configuration.to_string().into_response()),
            "/mod/lti/openid-registration.php" => {
                let mut answer = json!({"client_id": "new-client", TOOL: {}});
                if let Some(deployment) = deployment {
                    answer[TOOL]["deployment_id"] = json!(deployment);
                }
                Some(answer.to_string().into_response())
            }
            _ => None,
        });
}

fn invite(world: &World, tenant: &str, approved: bool, once: bool) {
    world.store.invite(
        "code",
        Invitation {
            tenant: tenant.to_owned(),
            approved,
            once,
        },
    );
}

async fn register(world: &World) -> (u16, String) {
    let url = format!("{}/mod/lti/openid-configuration.php", world.platform.url);
    let answer = world
        .http
        .get(format!("{}/lti/register/code", world.tool))
        .query(&[("openid_configuration", url)])
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn registered(world: &World) -> Platform {
    let mut found = world.store.platforms();
    found.retain(|one| one.client_id == "new-client");
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[tokio::test]
async fn registration_repeated_loses_nothing_and_gains_no_approval() {
    let world = World::new().await;
    let right = configuration(&world.platform.url);
    registers(&world, right.clone(), Some("7"));
    invite(&world, "a", false, false);
    let (_, page) = register(&world).await;
    let mut platform = registered(&world);
    assert_eq!(platform.state, PlatformState::Pending);
    // What approves it here.
    assert!(
        page.contains(&format!("<code>{}</code>", platform.id)),
        "{page}"
    );
    platform.state = PlatformState::Active;
    platform.name = "Our Moodle".to_owned();
    platform.deployment_ids.push("9".to_owned());
    platform
        .page_origins
        .push("https://pages.example".parse().unwrap());
    world.store.save_platform(&platform).await.unwrap();
    // As Moodle does after an update: what runs goes on.
    registers(&world, right.clone(), Some("8"));
    register(&world).await;
    let again = registered(&world);
    assert_eq!(
        (again.id.clone(), again.state, again.name.as_str()),
        (platform.id.clone(), PlatformState::Active, "Our Moodle")
    );
    assert_eq!(again.deployment_ids, ["8", "7", "9"]);
    assert!(
        again
            .page_origins
            .contains(&"https://pages.example".parse().unwrap())
    );
    // What was taken back is not approved by whoever has an invitation.
    platform.state = PlatformState::Disabled;
    world.store.save_platform(&platform).await.unwrap();
    invite(&world, "a", true, false);
    register(&world).await;
    assert_eq!(registered(&world).state, PlatformState::Disabled);
    // A platform that is somewhere else now is another one: it waits for an approval.
    platform.state = PlatformState::Active;
    world.store.save_platform(&platform).await.unwrap();
    invite(&world, "a", false, false);
    let mut moved = right;
    moved["jwks_uri"] = json!(format!("{}/other-certs.php", world.platform.url));
    registers(&world, moved, Some("1"));
    register(&world).await;
    let moved = registered(&world);
    assert_eq!(
        (moved.state, moved.deployment_ids),
        (PlatformState::Pending, vec!["1".to_owned()])
    );
}

#[tokio::test]
async fn registration_of_a_platform_of_another_tenant_is_refused() {
    let world = World::new().await;
    registers(&world, configuration(&world.platform.url), Some("7"));
    invite(&world, "a", true, false);
    register(&world).await;
    let first = registered(&world);
    invite(&world, "b", true, true);
    let (status, page) = register(&world).await;
    assert!(
        status == 409 && page.contains("lti_platform_taken"),
        "{page}"
    );
    assert_eq!(registered(&world), first);
    // Nothing came of it, so the invitation still holds.
    assert!(world.store.invitation("code").await.unwrap().is_some());
}

#[tokio::test]
async fn invitation_for_one_platform_is_used_up_by_it() {
    let world = World::new().await;
    registers(&world, json!({}), Some("7"));
    invite(&world, "a", false, true);
    assert_eq!(register(&world).await.0, 400);
    registers(&world, configuration(&world.platform.url), Some("7"));
    assert_eq!(register(&world).await.0, 200);
    let (status, page) = register(&world).await;
    assert!(
        status == 403 && page.contains("lti_invitation_unknown"),
        "{page}"
    );
}

#[tokio::test]
async fn registration_without_a_deployment_takes_the_first_launched() {
    let world = World::new().await;
    registers(&world, configuration(&world.platform.url), None);
    invite(&world, "a", true, false);
    let (_, page) = register(&world).await;
    assert!(page.contains("Deployment ID"), "{page}");
    assert!(registered(&world).deployment_ids.is_empty());
    let launch = async |deployment: &str, wrong: bool| {
        let mut fields = world.initiation();
        fields.retain(|(name, _)| !matches!(*name, "client_id" | "lti_deployment_id"));
        fields.push(("client_id", "new-client".to_owned()));
        fields.push(("lti_deployment_id", deployment.to_owned()));
        let login = world.start_with(&fields).await;
        let mut claims = world.claims(&login);
        claims["aud"] = json!("new-client");
        claims[format!("{CLAIM}/deployment_id")] = json!(deployment);
        if wrong {
            claims["nonce"] = json!("other");
        }
        let answer = world.launch(&login, &world.platform.sign(&claims)).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    // A launch that does not hold names nothing.
    assert_eq!(launch("evil", true).await.0, 400);
    assert_eq!(launch("first", false).await.0, 303);
    let (status, page) = launch("second", false).await;
    assert!(
        status == 400 && page.contains("lti_deployment_unknown"),
        "{page}"
    );
    assert_eq!(launch("first", false).await.0, 303);
    assert_eq!(registered(&world).deployment_ids, ["first"]);
}

#[tokio::test]
async fn platform_with_several_hosts_has_all_their_origins() {
    let world = World::new().await;
    let mut configuration = configuration(&world.platform.url);
    // The same host at another port: pages come from there, too.
    configuration["issuer"] = json!("http://127.0.0.1");
    configuration["authorization_endpoint"] = json!("http://127.0.0.1:9/auth");
    configuration["authorization_server"] = json!("https://auth.example");
    registers(&world, configuration, Some("7"));
    invite(&world, "a", true, false);
    assert_eq!(register(&world).await.0, 200);
    let platform = registered(&world);
    assert_eq!(platform.audience.as_deref(), Some("https://auth.example"));
    assert_eq!(
        platform.origins(),
        [
            "http://127.0.0.1:9",
            "http://127.0.0.1",
            world.platform.url.as_str()
        ]
    );
}

#[tokio::test]
async fn registration_sends_description_in_the_wanted_language_and_icon() {
    for (wanted, description) in [
        ("de-AT,de;q=0.9,en;q=0.1", "Räume"),
        ("en-US,en;q=0.9", "Rooms"),
        ("fr", "Rooms"),
    ] {
        let world = World::new().await;
        let url = world.platform.url.clone();
        world
            .platform
            .handle(move |asked| match asked.path.as_str() {
                "/mod/lti/openid-configuration.php" => {
                    Some(configuration(&url).to_string().into_response())
                }
                "/mod/lti/openid-registration.php" => {
                    let mut answer: Value = serde_json::from_str(&asked.body).unwrap();
                    answer["client_id"] = json!("c");
                    Some(answer.to_string().into_response())
                }
                _ => None,
            });
        world.store.invite(
            "code",
            Invitation {
                tenant: "a".into(),
                approved: true,
                once: false,
            },
        );
        let configured = format!("{}/mod/lti/openid-configuration.php", world.platform.url);
        let answer = world
            .http
            .get(format!("{}/lti/register/code", world.tool))
            .query(&[("openid_configuration", configured)])
            .header("accept-language", wanted)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let asked = world.platform.asked.lock().unwrap();
        let sent: Value = serde_json::from_str(&asked.last().unwrap().body).unwrap();
        let icon = json!(format!("{}/icon.svg", world.tool));
        assert_eq!(sent["logo_uri"], icon);
        let own = &sent["https://purl.imsglobal.org/spec/lti-tool-configuration"];
        assert_eq!(own["description"], description, "{wanted}");
        assert_eq!(own["description#de"], "Räume");
        assert_eq!(own["description#en"], "Rooms");
        for message in own["messages"].as_array().unwrap() {
            assert_eq!(message["icon_uri"], icon);
        }
    }
}

#[tokio::test]
async fn address_for_programs_explains_itself_to_people() {
    let world = World::new().await;
    let ask = async |method: reqwest::Method, path: &str, language: &str| {
        let answer = world
            .http
            .request(method, format!("{}/lti{path}", world.tool))
            .header("accept-language", language)
            .send()
            .await
            .unwrap();
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(kind.starts_with("text/html"), "{path}: {kind}");
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, page) = ask(reqwest::Method::GET, "/deep-link", "de").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("für die Lernplattform") && page.contains("/lti\""),
        "{page}"
    );
    let (status, page) = ask(reqwest::Method::GET, "/deep-link?x=1", "en").await;
    assert_eq!(status, 200);
    assert!(page.contains("for the learning platform"), "{page}");
    for (method, path) in [
        (reqwest::Method::PUT, "/deep-link"),
        (reqwest::Method::DELETE, "/launch"),
        (reqwest::Method::POST, "/register/code"),
        (reqwest::Method::POST, "/jwks"),
    ] {
        let (status, page) = ask(method, path, "en").await;
        assert_eq!(status, 405, "{path}");
        assert!(page.contains("for the learning platform"), "{page}");
    }
}
