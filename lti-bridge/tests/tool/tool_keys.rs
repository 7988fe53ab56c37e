//! The keys of the tool and what they sign, and the page that says where they are.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::world::World;
use crate::world::services::{assertion, gradebook, ours};
use lti_bridge::{AssignmentAndGradeService, Store};
use serde_json::Value;
use url::Url;

#[tokio::test]
async fn assertion_has_the_authorization_server_as_its_audience() {
    let world = World::new().await;
    gradebook(&world);
    let mut platform = world.platform.platform("a");
    platform.audience = Some("https://auth.example/oauth2".to_owned());
    let service = AssignmentAndGradeService {
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

const QUARTER: Duration = Duration::from_hours(90 * 24);

#[tokio::test]
async fn tool_key_that_is_new_is_published_before_it_signs() {
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
        let service = AssignmentAndGradeService {
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
    world.advance(QUARTER.as_secs() as i64 - 1);
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
async fn setup_page_has_every_address() {
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
