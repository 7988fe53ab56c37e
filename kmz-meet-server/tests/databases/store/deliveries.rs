//! Webhooks and deliveries.

use kmz_meet_server::store::{AddError, Delivery, Record, RecordFilter, Webhook};

use super::with_rooms;

#[tokio::test]
async fn concurrent_webhooks_stay_within_the_limit_of_the_school() {
    let server = with_rooms(&[]).await;
    let store = server.app.store.clone();
    let add = |store: kmz_meet_server::store::SharedStore| async move {
        let webhook = Webhook {
            url: "https://lms.example/".to_owned(),
            events: Vec::new(),
            secret: String::new(),
            active: true,
        };
        Record::new("a".to_owned(), 0, webhook)
            .add(&store, 3)
            .await
            .unwrap()
    };
    let adding: Vec<_> = (0..12).map(|_| tokio::spawn(add(store.clone()))).collect();
    let mut added = 0;
    for one in adding {
        match one.await.unwrap() {
            Ok(()) => added += 1,
            Err(error) => assert_eq!(error, AddError::TooMany),
        }
    }
    assert_eq!(added, 3);
    let filter = RecordFilter {
        limit: 100,
        ..RecordFilter::default()
    };
    let webhooks = Record::<Webhook>::list(&store, filter).await.unwrap();
    assert_eq!(webhooks.len(), 3);
}

#[tokio::test]
async fn delivery_read_by_two_is_leased_to_one() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let mut delivery = Record::new("a".to_owned(), 0, Delivery::new("x", "POST", "https://a/"));
    // Due much later, so that the server itself does not try it.
    delivery.due_at = Some(i64::MAX - 1);
    delivery.add(store).await.unwrap().unwrap();
    let mut other = delivery.clone();
    assert!(delivery.lease(store, i64::MAX).await.unwrap());
    assert!(!other.lease(store, i64::MAX).await.unwrap());
}

#[tokio::test]
async fn deliveries_added_again_are_stored_once() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let delivery = |key: &str| {
        let mut record = Record::new("a".to_owned(), 0, Delivery::new("x", "POST", "https://a/"));
        record.key = Some(key.to_owned());
        record.due_at = Some(i64::MAX);
        record
    };
    let first = [delivery("one"), delivery("two")];
    Record::<Delivery>::add_all(store, &first).await.unwrap();
    let again = [delivery("one"), delivery("three"), delivery("two")];
    Record::<Delivery>::add_all(store, &again).await.unwrap();
    Record::<Delivery>::add_all(store, &first).await.unwrap();
    let filter = RecordFilter {
        limit: 10,
        ..RecordFilter::default()
    };
    let kept = Record::<Delivery>::list(store, filter).await.unwrap();
    let kept: Vec<&str> = kept.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(kept, [&first[0].id, &first[1].id, &again[1].id]);
}
