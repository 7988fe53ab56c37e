//! Class lists, results and tokens, with every peculiarity that Moodle has.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::world::World;
use crate::world::services::{gradebook, ours, token_answer};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use lti_bridge::{AssignmentAndGradeService, MembershipService, Role, Score, ServiceError, scopes};
use serde_json::{Value, json};
use url::Url;

#[tokio::test]
async fn class_list_of_several_pages_is_read_whole() {
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
    let service = MembershipService {
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
            ("3", Some("Frau M"), Role::Instructor),
            ("5", None, Role::Learner),
            ("6", Some("Ben K"), Role::Learner)
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
async fn scores_go_into_a_line_item_of_their_own() {
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
    let service = AssignmentAndGradeService {
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
    let none = AssignmentAndGradeService {
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

#[tokio::test]
async fn service_without_a_scope_is_not_asked() {
    let world = World::new().await;
    gradebook(&world);
    let platform = world.platform.platform("a");
    let service = |scopes: &[&str]| AssignmentAndGradeService {
        scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
        lineitems: Some(Url::parse(&format!("{}/columns", world.platform.url)).unwrap()),
        lineitem: None,
    };
    let reading = service(&[scopes::LINE_ITEM_READONLY, scopes::SCORE]);
    assert!(reading.takes_scores() && !reading.makes_columns());
    let ask = async |service: &AssignmentAndGradeService, resource: &str| {
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
async fn access_token_is_used_for_its_lifetime_in_any_notation() {
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
        let service = MembershipService {
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
async fn token_response_that_is_no_object_gives_no_access() {
    let world = World::new().await;
    let service = MembershipService {
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
