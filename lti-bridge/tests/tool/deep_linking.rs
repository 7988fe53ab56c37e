//! Deep Linking: a teacher picks what a link leads to.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::world::services::{between, ours};
use crate::world::{CLAIM, Login, World};
use lti_bridge::{ContentItem, PlatformState, Store};
use serde_json::{Value, json};

const DL: &str = "https://purl.imsglobal.org/spec/lti-dl/claim";

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

#[tokio::test]
async fn deep_linking_by_a_teacher_returns_the_picked_or_made_room() {
    let world = World::new().await;
    *world.rooms.choices.lock().unwrap() = vec![ContentItem {
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
async fn deep_linking_of_others_or_to_others_is_refused() {
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
