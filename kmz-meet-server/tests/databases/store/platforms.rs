//! Platforms of learning management systems.

use kmz_meet_server::integrations::lti::KeptPlatform;
use kmz_meet_server::store::{Record, SharedStore};
use lti_bridge::Platform;
use serde_json::json;

use super::with_rooms;

fn platform() -> Platform {
    serde_json::from_value(json!({
        "id": "moodle",
        "tenant": "a",
        "name": "Moodle",
        "issuer": "https://moodle.example",
        "client_id": "tool",
        "deployment_ids": [],
        "authorization_endpoint": "https://moodle.example/auth",
        "token_endpoint": "https://moodle.example/token",
        "jwks_uri": "https://moodle.example/keys",
        "state": "active",
        "page_origins": [],
        "proven": true,
        "named_only": false,
        "audience": null,
    }))
    .unwrap()
}

#[tokio::test]
async fn platform_changed_by_many_at_once_keeps_all_changes() {
    let server = with_rooms(&[]).await;
    let store = server.app.store.clone();
    KeptPlatform::record(platform(), 0)
        .add(&store, 10)
        .await
        .unwrap()
        .unwrap();
    let push = |store: SharedStore, number: usize| async move {
        let push = |platform: &mut Platform| platform.deployment_ids.push(number.to_string());
        Record::<KeptPlatform>::change(&store, "moodle", push)
            .await
            .unwrap()
            .unwrap();
    };
    let changes: Vec<_> = (0..8)
        .map(|number| tokio::spawn(push(store.clone(), number)))
        .collect();
    for change in changes {
        change.await.unwrap();
    }
    let kept = Record::<KeptPlatform>::get(&store, "moodle").await.unwrap();
    let mut ids = kept.unwrap().data.0.deployment_ids;
    ids.sort();
    assert_eq!(ids, ["0", "1", "2", "3", "4", "5", "6", "7"]);
}

#[tokio::test]
async fn platform_deleted_before_a_change_stays_deleted() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let record = KeptPlatform::record(platform(), 0);
    record.add(store, 10).await.unwrap().unwrap();
    assert!(record.delete(store).await.unwrap());
    let rename = |platform: &mut Platform| platform.name = "Neu".to_owned();
    let changed = Record::<KeptPlatform>::change(store, "moodle", rename).await;
    assert!(changed.unwrap().is_none());
    let kept = Record::<KeptPlatform>::get(store, "moodle").await.unwrap();
    assert!(kept.is_none());
}
