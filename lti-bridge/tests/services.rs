//! Deep Linking, Dynamic Registration, class lists and results, with every peculiarity that Moodle has.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod world;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use lti_bridge::{
    GradeService, NamesService, PlatformState, Role, RoomChoice, Score, ServiceError, Store, scopes,
};
use serde_json::{Value, json};
use url::Url;
use world::{CLAIM, Login, World};

const DL: &str = "https://purl.imsglobal.org/spec/lti-dl/claim";

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before)
        .unwrap_or_else(|| panic!("{before} in {text}"))
        .1
        .split_once(after)
        .unwrap()
        .0
}

fn deep_linking(world: &World, login: &Login) -> Value {
    let mut claims = world.claims(login);
    claims[format!("{CLAIM}/message_type")] = json!("LtiDeepLinkingRequest");
    claims
        .as_object_mut()
        .unwrap()
        .remove(&format!("{CLAIM}/resource_link"));
    claims[format!("{DL}/deep_linking_settings")] = json!({
        "accept_types": ["ltiResourceLink"], "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_multiple": true, "deep_link_return_url": format!("{}/mod/lti/contentitem_return.php?course=2&id=3&sesskey=x", world.platform.url),
        "title": "", "text": "", "data": "back <with> \"it\"",
    });
    claims
}

/// Checks a token of ours by the keys that we publish.
async fn ours(world: &World, token: &str, audience: &str) -> Value {
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

#[tokio::test]
async fn a_teacher_picks_a_room_or_makes_one() {
    let world = World::new().await;
    *world.rooms.choices.lock().unwrap() = vec![RoomChoice {
        id: "room-1".into(),
        title: "<b>7b</b>".into(),
    }];
    for (fields, items) in [
        (
            vec![("room", "room-1")],
            json!([{"type": "ltiResourceLink", "title": "<b>7b</b>", "url": format!("{}/lti/launch", world.tool), "custom": {"room": "room-1"}}]),
        ),
        (
            vec![("room", "new"), ("title", " Elternabend ")],
            json!([{"type": "ltiResourceLink", "title": "Elternabend", "url": format!("{}/lti/launch", world.tool), "custom": {"room": "room-new"}}]),
        ),
        (vec![("room", "room-1"), ("cancel", "cancel")], json!([])),
    ] {
        let login = world.start().await;
        let page = world
            .launch(&login, &world.platform.sign(&deep_linking(&world, &login)))
            .await;
        assert_eq!(page.status(), 200);
        let page = page.text().await.unwrap();
        assert!(page.contains("&lt;b&gt;7b&lt;/b&gt;") && !page.contains("<b>7b"));
        let code = between(&page, "name=\"code\" value=\"", "\"").to_owned();
        let mut form = vec![("code", code.as_str())];
        form.extend(fields);
        let answer = world.post("/lti/deep-link", &form, None).await;
        assert_eq!(answer.status(), 200);
        assert!(
            answer.headers()["content-security-policy"]
                .to_str()
                .unwrap()
                .contains(&format!("form-action 'self' {}", world.platform.url))
        );
        let answer = answer.text().await.unwrap();
        assert!(answer.contains("/mod/lti/contentitem_return.php?course=2&amp;id=3&amp;sesskey=x"));
        let token = between(&answer, "name=\"JWT\" value=\"", "\"");
        let claims = ours(&world, token, &world.platform.url).await;
        assert_eq!(claims["iss"], "CLIENT123");
        assert_eq!(
            claims[format!("{CLAIM}/message_type")],
            "LtiDeepLinkingResponse"
        );
        assert_eq!(
            (
                &claims[format!("{CLAIM}/version")],
                &claims[format!("{CLAIM}/deployment_id")]
            ),
            (&json!("1.3.0"), &json!("4"))
        );
        assert_eq!(claims[format!("{DL}/data")], "back <with> \"it\"");
        assert_eq!(claims[format!("{DL}/content_items")], items);
        // The choice is made once.
        assert!(
            world
                .post("/lti/deep-link", &form, None)
                .await
                .status()
                .is_client_error()
        );
    }
    assert_eq!(world.opened(), 0);
}

#[tokio::test]
async fn a_choice_goes_back_to_the_platform_of_a_teacher_only() {
    let world = World::new().await;
    let change = async |name: &str, value: Value| {
        let login = world.start().await;
        let mut claims = deep_linking(&world, &login);
        claims[name] = value;
        let answer = world.launch(&login, &world.platform.sign(&claims)).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let settings = format!("{DL}/deep_linking_settings");
    let (status, page) = change(&settings, json!({"deep_link_return_url": "https://evil.example/", "accept_types": ["ltiResourceLink"]})).await;
    assert!(
        status == 400 && page.contains("lti_return_foreign"),
        "{page}"
    );
    let (status, page) = change(&settings, json!({"deep_link_return_url": format!("{}/x", world.platform.url), "accept_types": ["file"]})).await;
    assert!(
        status == 400 && page.contains("lti_link_not_accepted"),
        "{page}"
    );
    let (status, page) = change(&format!("{CLAIM}/roles"), json!(["Learner"])).await;
    assert!(status == 403 && page.contains("lti_not_teaching"), "{page}");
    let answer = world
        .post(
            "/lti/deep-link",
            &[("code", "guessed"), ("room", "room-1")],
            None,
        )
        .await;
    assert!(answer.status().is_client_error());
    // A room that was not offered cannot be linked to.
    let login = world.start().await;
    let page = world
        .launch(&login, &world.platform.sign(&deep_linking(&world, &login)))
        .await
        .text()
        .await
        .unwrap();
    let code = between(&page, "name=\"code\" value=\"", "\"").to_owned();
    let answer = world
        .post(
            "/lti/deep-link",
            &[("code", &code), ("room", "room-of-others")],
            None,
        )
        .await;
    assert!(answer.text().await.unwrap().contains("lti_room_unknown"));
    // While the choice was being made, the platform was taken back.
    let login = world.start().await;
    let page = world
        .launch(&login, &world.platform.sign(&deep_linking(&world, &login)))
        .await
        .text()
        .await
        .unwrap();
    let code = between(&page, "name=\"code\" value=\"", "\"").to_owned();
    let mut platform = world.platform.platform("a");
    platform.state = PlatformState::Disabled;
    world.store.save_platform(&platform).await.unwrap();
    let answer = world
        .post("/lti/deep-link", &[("code", &code), ("room", "new")], None)
        .await;
    assert_eq!(answer.status(), 403);
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("lti_platform_disabled")
    );
}

/// Tokens as Moodle gives them: JSON that is called text/html.
fn token_answer(asked: &world::Asked) -> Option<axum::response::Response> {
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

#[tokio::test]
async fn the_class_list_is_read_page_by_page() {
    let world = World::new().await;
    let url = world.platform.url.clone();
    world.platform.handle(move |asked| {
        if let Some(token) = token_answer(asked) {
            return Some(token);
        }
        if !asked.path.starts_with("/mod/lti/services.php/CourseSection") || asked.authorization != "Bearer access" {
            return Some(StatusCode::UNAUTHORIZED.into_response());
        }
        if asked.accept != "application/vnd.ims.lti-nrps.v2.membershipcontainer+json" {
            return Some(StatusCode::BAD_REQUEST.into_response());
        }
        let second = asked.path.contains("from=2");
        let members = if second {
            json!([{"status": "Active", "roles": ["Learner"], "user_id": 6, "given_name": "Ben", "family_name": "K"}, {"status": "Inactive", "roles": ["Learner"], "user_id": "7"}])
        } else {
            json!([{"status": "Active", "roles": ["Instructor"], "user_id": "3", "name": "Frau M"}, {"roles": ["Learner"], "user_id": "5"}])
        };
        let body = json!({"id": "x", "context": {"id": "2"}, "members": members}).to_string();
        let link = format!("<{url}/mod/lti/services.php/CourseSection/2/bindings/3/memberships?from=2>; rel=\"next\"");
        Some(if second { body.into_response() } else { ([("link", link)], body).into_response() })
    });
    let platform = world.platform.platform("a");
    let service = NamesService {
        context_memberships_url: Url::parse(&format!(
            "{}/mod/lti/services.php/CourseSection/2/bindings/3/memberships",
            world.platform.url
        ))
        .unwrap(),
    };
    let members = world.bridge.members(&platform, &service).await.unwrap();
    let seen: Vec<(&str, Option<&str>, Role)> = members
        .iter()
        .map(|one| (one.user_id.as_str(), one.name.as_deref(), one.role))
        .collect();
    assert_eq!(
        seen,
        [
            ("3", Some("Frau M"), Role::Moderator),
            ("5", None, Role::Participant),
            ("6", Some("Ben K"), Role::Participant)
        ]
    );
    world.bridge.members(&platform, &service).await.unwrap();
    assert_eq!(
        world.platform.times_asked("/mod/lti/token.php"),
        1,
        "the token is used again"
    );
    let first = world.platform.asked.lock().unwrap()[0].body.clone();
    let form: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(first.as_bytes())
            .into_owned()
            .collect();
    let assertion = form["client_assertion"].clone();
    let claims = ours(&world, &assertion, platform.token_endpoint.as_str()).await;
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("CLIENT123"), &json!("CLIENT123"))
    );
    assert!(claims["jti"].is_string() && claims["exp"].as_i64().unwrap() <= world.now() + 60);
}

#[tokio::test]
async fn results_go_into_a_column_of_their_own() {
    let world = World::new().await;
    let url = world.platform.url.clone();
    let refused_once = std::sync::atomic::AtomicBool::new(false);
    world.platform.handle(move |asked| {
        if let Some(token) = token_answer(asked) {
            return Some(token);
        }
        let column = json!({"id": format!("{url}/mod/lti/services.php/2/lineitems/9/lineitem?type_id=3"), "label": "x", "scoreMaximum": 45, "resourceId": "attendance-r"});
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/mod/lti/services.php/2/lineitems?type_id=3&resource_id=attendance-r") => Some("[]".into_response()),
            ("POST", "/mod/lti/services.php/2/lineitems?type_id=3") if asked.kind == "application/vnd.ims.lis.v2.lineitem+json" => {
                Some((StatusCode::CREATED, column.to_string()).into_response())
            }
            ("POST", "/mod/lti/services.php/2/lineitems/9/lineitem/scores?type_id=3") if asked.kind == "application/vnd.ims.lis.v1.score+json" => {
                let body: Value = serde_json::from_str(&asked.body).unwrap();
                assert!(body.get("comment").is_none(), "{body}");
                let whole = body["timestamp"].as_str().unwrap().contains(".000Z") && body["gradingProgress"] == "FullyGraded" && body["activityProgress"] == "Completed";
                Some(match body["userId"].as_str().unwrap() {
                    "teacher" => StatusCode::BAD_REQUEST.into_response(),
                    // Not newer than what is there already.
                    _ if whole && !refused_once.swap(true, std::sync::atomic::Ordering::SeqCst) => StatusCode::CONFLICT.into_response(),
                    _ if whole => StatusCode::OK.into_response(),
                    _ => StatusCode::IM_A_TEAPOT.into_response(),
                })
            }
            _ => Some(StatusCode::NOT_FOUND.into_response()),
        }
    });
    let platform = world.platform.platform("a");
    let service = GradeService {
        scopes: Vec::new(),
        lineitems: Some(
            Url::parse(&format!(
                "{}/mod/lti/services.php/2/lineitems?type_id=3",
                world.platform.url
            ))
            .unwrap(),
        ),
        lineitem: None,
    };
    let column = world
        .bridge
        .line_item(&platform, &service, "attendance-r", "Anwesenheit", 45.0)
        .await
        .unwrap();
    let score = |user: &str| Score {
        user_id: user.to_owned(),
        given: 40.0,
        maximum: 45.0,
        comment: None,
    };
    world
        .bridge
        .send_score(&platform, &column, &score("5"))
        .await
        .unwrap();
    let times: Vec<String> = world
        .platform
        .asked
        .lock()
        .unwrap()
        .iter()
        .filter(|asked| asked.path.contains("/scores"))
        .map(|asked| {
            serde_json::from_str::<Value>(&asked.body).unwrap()["timestamp"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(times.len() == 2 && times[0] < times[1], "{times:?}");
    let refused = world
        .bridge
        .send_score(&platform, &column, &score("teacher"))
        .await;
    assert!(matches!(refused, Err(ServiceError::Status(400))));
    let none = GradeService {
        scopes: Vec::new(),
        lineitems: None,
        lineitem: None,
    };
    let none = world
        .bridge
        .line_item(&platform, &none, "r", "x", 1.0)
        .await;
    assert!(matches!(none, Err(ServiceError::NoGradebook)));
}

/// A gradebook with columns in two pages, whose tokens last for a text of seconds.
fn gradebook(world: &World) {
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

#[tokio::test]
async fn only_what_the_platform_offers_is_asked_of_it() {
    let world = World::new().await;
    gradebook(&world);
    let platform = world.platform.platform("a");
    let service = |scopes: &[&str]| GradeService {
        scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
        lineitems: Some(Url::parse(&format!("{}/columns", world.platform.url)).unwrap()),
        lineitem: None,
    };
    let reading = service(&[scopes::LINE_ITEM_READONLY, scopes::SCORE]);
    assert!(reading.takes_scores() && !reading.makes_columns());
    let ask = async |service: &GradeService, resource: &str| {
        let found = world
            .bridge
            .line_item(&platform, service, resource, "x", 1.0)
            .await;
        found.map(|url| url.path().to_owned())
    };
    assert_eq!(ask(&reading, "r-2").await.unwrap(), "/columns/2");
    assert!(matches!(
        ask(&reading, "r-3").await,
        Err(ServiceError::NoColumn)
    ));
    let asked = |part: &str| {
        let asked = world.platform.asked.lock().unwrap();
        asked.iter().filter(|one| one.body.contains(part)).count()
    };
    // One token for all of it, for no more than was offered.
    assert_eq!(
        (asked("lineitem.readonly"), asked("client_assertion=")),
        (1, 1)
    );
    assert_eq!(
        world
            .platform
            .asked
            .lock()
            .unwrap()
            .iter()
            .filter(|one| one.method == "POST" && one.path.starts_with("/columns"))
            .count(),
        0
    );
    for (scopes, takes) in [
        (&[][..], true),
        (&[scopes::SCORE], false),
        (&[scopes::LINE_ITEM], false),
        (&[scopes::LINE_ITEM, scopes::SCORE], true),
    ] {
        assert_eq!(service(scopes).takes_scores(), takes, "{scopes:?}");
    }
    assert!(matches!(
        ask(&service(&[scopes::SCORE]), "r-1").await,
        Err(ServiceError::NoGradebook)
    ));
}

#[tokio::test]
async fn assertions_are_for_the_authorization_server() {
    let world = World::new().await;
    gradebook(&world);
    let mut platform = world.platform.platform("a");
    platform.audience = Some("https://auth.example/oauth2".to_owned());
    let service = GradeService {
        scopes: Vec::new(),
        lineitems: Some(Url::parse(&format!("{}/columns", world.platform.url)).unwrap()),
        lineitem: None,
    };
    world
        .bridge
        .line_item(&platform, &service, "r-1", "x", 1.0)
        .await
        .unwrap();
    let assertion = assertion(&world);
    ours(&world, &assertion, "https://auth.example/oauth2").await;
}

const QUARTER: i64 = 90 * 24 * 3_600;

/// The newest client assertion.
fn assertion(world: &World) -> String {
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

#[tokio::test]
async fn a_new_key_is_known_before_it_signs_and_the_old_one_stays_until_its_tokens_are_out() {
    let world = World::new().await;
    gradebook(&world);
    let kids = async || {
        let set: Value = world
            .http
            .get(format!("{}/lti/jwks", world.tool))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let keys = set["keys"].as_array().unwrap().clone();
        keys.iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let signs = async || {
        // A platform of its own, so that no token is used again.
        let mut platform = world.platform.platform("a");
        platform.id = format!("platform-{}", world.number());
        let service = GradeService {
            scopes: Vec::new(),
            lineitems: Some(Url::parse(&format!("{}/columns", world.platform.url)).unwrap()),
            lineitem: None,
        };
        let asked = world
            .bridge
            .line_item(&platform, &service, "r-1", "x", 1.0)
            .await;
        asked.unwrap();
        let header = jsonwebtoken::decode_header(assertion(&world)).unwrap();
        header.kid.unwrap()
    };
    assert!(!world.bridge.rotate_key_after(QUARTER).await.unwrap());
    let first = kids().await;
    // The first key of all signs at once.
    assert_eq!(signs().await, first[0]);
    world.advance(QUARTER - 1);
    assert!(!world.bridge.rotate_key_after(QUARTER).await.unwrap());
    world.advance(1);
    assert!(world.bridge.rotate_key_after(QUARTER).await.unwrap());
    assert!(!world.bridge.rotate_key_after(QUARTER).await.unwrap());
    let both = kids().await;
    assert!(both.len() == 2 && both.contains(&first[0]));
    world.advance(3_599);
    assert_eq!(signs().await, first[0]);
    world.advance(1);
    assert_ne!(signs().await, first[0]);
    world.advance(24 * 3_600);
    assert!(kids().await.contains(&first[0]));
    world.advance(1);
    let newer = kids().await;
    assert!(newer.len() == 1 && newer[0] != first[0]);
    // A secret that nobody needs is not kept.
    assert_eq!(world.store.tool_keys().await.unwrap().len(), 2);
    assert!(!world.bridge.rotate_key_after(QUARTER).await.unwrap());
    let kept = world.store.tool_keys().await.unwrap();
    assert!(kept.len() == 1 && kept[0].kid == newer[0]);
}

#[tokio::test]
async fn the_page_for_registering_by_hand_has_every_address_on_it() {
    let world = World::new().await;
    let page = world
        .http
        .get(format!("{}/lti", world.tool))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for part in [
        "/lti/login",
        "/lti/launch",
        "/lti/jwks",
        "POST /api/v1/lti/platforms",
    ] {
        assert!(page.contains(part), "{page}");
    }
}

#[tokio::test]
async fn token_is_used_as_long_as_the_platform_says_however_it_writes_that() {
    let world = World::new().await;
    // What stands in the answer, if anything, and for how many seconds the token may be used.
    for (number, (written, holds)) in [
        (Some("3600"), 3_600),
        (Some("\"3600\""), 3_600),
        (Some("600.9"), 600),
        (Some("\" 600.5 \""), 600),
        (Some("6e2"), 600),
        (Some("90.01"), 90),
        (Some("59.9"), 0),
        (Some("0"), 0),
        (Some("-5"), 0),
        (Some("-0.5"), 0),
        (Some("\"-3600\""), 0),
        (Some("-1e300"), 0),
        // Never for longer than an hour.
        (Some("86400"), 3_600),
        (Some("9999999999999"), 3_600),
        (Some("18446744073709551616"), 3_600),
        (Some("1e300"), 3_600),
        (Some("\"1e30\""), 3_600),
        // What is no number says nothing.
        (None, 300),
        (Some("null"), 300),
        (Some("\"\""), 300),
        (Some("\"soon\""), 300),
        (Some("\"inf\""), 300),
        (Some("\"NaN\""), 300),
        (Some("true"), 300),
        (Some("[3600]"), 300),
        (Some("{}"), 300),
    ]
    .into_iter()
    .enumerate()
    {
        world.platform.handle(move |asked| {
            if asked.path != "/mod/lti/token.php" {
                return Some("{\"members\": []}".into_response());
            }
            let expires = written.map_or(String::new(), |text| format!(", \"expires_in\": {text}"));
            let body =
                format!("{{\"access_token\": \"access\", \"token_type\": \"Bearer\"{expires}}}");
            Some(body.into_response())
        });
        let mut platform = world.platform.platform("a");
        platform.id = format!("platform-{number}");
        let service = NamesService {
            context_memberships_url: Url::parse(&format!("{}/members", world.platform.url))
                .unwrap(),
        };
        world.platform.asked.lock().unwrap().clear();
        let tokens_after = async |seconds: i64| {
            world.advance(seconds);
            let members = world.bridge.members(&platform, &service).await;
            assert!(members.is_ok(), "{written:?}: {members:?}");
            world.platform.times_asked("/mod/lti/token.php")
        };
        assert_eq!(tokens_after(0).await, 1, "{written:?}");
        // A minute before its end there is a new one.
        let usable = (holds - 60).max(0);
        if usable > 0 {
            assert_eq!(tokens_after(usable - 1).await, 1, "{written:?}");
        }
        assert_eq!(tokens_after(1).await, 2, "{written:?}");
    }
}

#[tokio::test]
async fn token_answer_that_is_no_object_gives_no_access() {
    let world = World::new().await;
    let service = NamesService {
        context_memberships_url: Url::parse(&format!("{}/members", world.platform.url)).unwrap(),
    };
    for body in [
        "[]",
        "[{\"expires_in\": 5}]",
        "\"expires_in\"",
        "5",
        "null",
        "{\"expires_in\": -5}",
        "",
    ] {
        world.platform.handle(move |asked| {
            (asked.path == "/mod/lti/token.php").then(|| body.into_response())
        });
        let platform = world.platform.platform("a");
        let members = world.bridge.members(&platform, &service).await;
        assert!(members.is_err(), "{body}");
    }
}
