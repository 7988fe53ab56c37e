//! Launches that are right.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::collections::BTreeSet;

use crate::world::{CLAIM, ROLES, World};
use lti_bridge::{Role, Store};
use serde_json::{Value, json};

#[tokio::test]
async fn launch_of_a_teacher_and_a_pupil_by_moodle_succeeds() {
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
        (Role::Instructor, Some("Frau Müller"), Some("4"))
    );
    assert_eq!(
        (
            teacher.locale.as_deref(),
            teacher.context.as_ref().unwrap().id.as_str()
        ),
        (Some("pt-br"), "2")
    );
    assert!(teacher.names.is_some() && teacher.grades.is_some() && teacher.return_url.is_some());
    assert_eq!((pupil.role, pupil.name.as_deref()), (Role::Learner, None));
    assert_eq!(world.platform.times_asked("/certs.php"), 1);
}

#[tokio::test]
async fn login_by_get_or_for_several_registrations_finds_the_right_one() {
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

#[tokio::test]
async fn launch_with_empty_optional_claims_succeeds() {
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
        (Role::Learner, true)
    );
}

#[tokio::test]
async fn launch_url_opened_by_hand_leads_to_the_setup_page() {
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
async fn launch_with_decimals_in_times_succeeds() {
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
async fn launch_with_different_clocks_names_the_difference() {
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
async fn launch_ids_that_differ_at_their_ends_stay_distinct() {
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
