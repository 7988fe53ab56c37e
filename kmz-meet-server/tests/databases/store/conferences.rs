//! Snapshots and the chat of conferences.

use kmz_meet_core::signal::ConferenceId;
use kmz_meet_server::store::KeptConference;

use super::with_rooms;

#[tokio::test]
async fn snapshot_is_loaded_newest_with_the_chat_in_order() {
    let server = with_rooms(&["one", "two"]).await;
    let store = &server.app.store;
    let conference = ConferenceId("c".to_owned());
    // Chat may be stored before the snapshot.
    for number in [2, 1, 10] {
        store
            .append_chat(&conference, number, format!("\"{number}\""))
            .await
            .unwrap();
    }
    assert_eq!(store.conference_of_room("id-one").await.unwrap(), None);
    for snapshot in ["old", "new"] {
        store
            .save_conference(&conference, "id-one", snapshot.to_owned(), 1)
            .await
            .unwrap();
    }
    let chat = ["\"1\"", "\"2\"", "\"10\""].map(str::to_owned).to_vec();
    let expected = Some(KeptConference {
        id: conference.clone(),
        snapshot: "new".to_owned(),
        saved_at: 1,
        chat,
    });
    assert_eq!(store.conference_of_room("id-one").await.unwrap(), expected);
    assert_eq!(store.running_room_ids().await.unwrap(), ["id-one"]);
    store.end_conference(&conference).await.unwrap();
    assert_eq!(store.conference_of_room("id-one").await.unwrap(), None);
    assert!(store.running_room_ids().await.unwrap().is_empty());
}

#[tokio::test]
async fn chat_beyond_what_newcomers_get_is_deleted() {
    let server = with_rooms(&["one"]).await;
    let store = &server.app.store;
    let (conference, other) = (ConferenceId("c".to_owned()), ConferenceId("d".to_owned()));
    store
        .save_conference(&conference, "id-one", "x".to_owned(), 1)
        .await
        .unwrap();
    for (conference, number) in [
        (&conference, 1),
        (&other, 2),
        (&conference, 2),
        (&conference, 302),
    ] {
        store
            .append_chat(conference, number, format!("{number}"))
            .await
            .unwrap();
    }
    let kept = store.conference_of_room("id-one").await.unwrap().unwrap();
    assert_eq!(kept.chat, ["302"]);
    store
        .append_chat(&conference, 303, "303".to_owned())
        .await
        .unwrap();
    let kept = store.conference_of_room("id-one").await.unwrap().unwrap();
    assert_eq!(kept.chat, ["302", "303"]);
}
