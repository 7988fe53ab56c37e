//! Deliveries that the old version owed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::upgraded;
use crate::common::receiver::Receiver;

/// The address where nobody listened to the old version. Only this test waits until the deliveries are due again.
const NOBODY: &str = "127.98.15.11:28116";

#[tokio::test]
async fn deliveries_waiting_before_the_upgrade_are_made_after_it() {
    let upgraded = upgraded().await;
    let receiver = Receiver::start_at(NOBODY).await;
    let hook = upgraded.text("/webhooks/unreached/id").to_owned();
    let path = format!("/api/v1/webhooks/{hook}/deliveries");
    let log = upgraded.key().get(&path).await.body;
    let log = log["deliveries"].as_array().unwrap();
    let waiting: BTreeSet<String> = log
        .iter()
        .filter(|one| one["state"] == "waiting")
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(waiting.len() >= 5, "{waiting:?}");
    // All are due: the pauses between the first tries are minutes long.
    upgraded.server.clock.advance(Duration::from_mins(15));
    let mut came = BTreeSet::new();
    let mut of_meeting = 0;
    while came.len() < waiting.len() || of_meeting == 0 {
        let call = receiver.next(Duration::from_secs(20)).await;
        if call.path.starts_with("/ended?") {
            assert!(call.path.contains("meetingID=meeting-0"), "{call:?}");
            assert_eq!(call.method, "GET");
            of_meeting += 1;
            continue;
        }
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("POST", "/unreached")
        );
        let header = |name: &str| call.headers[name].to_str().unwrap().to_owned();
        let id = header("webhook-id");
        if !waiting.contains(&id) {
            // This delivery is of the server of another test.
            continue;
        }
        let signature = kmz_meet_server::deliveries::sign(
            upgraded.text("/webhooks/unreached/secret"),
            &id,
            header("webhook-timestamp").parse().unwrap(),
            &call.body,
        );
        assert_eq!(signature, Some(header("webhook-signature")));
        let body: Value = serde_json::from_str(&call.body).unwrap();
        let event = body["type"].as_str().unwrap();
        assert!(
            ["participant.joined", "participant.left"].contains(&event),
            "{body}"
        );
        assert!(came.insert(id), "it came twice");
    }
    assert_eq!((came, of_meeting), (waiting.clone(), 1));
    let is_done = async || {
        let log = upgraded.key().get(&path).await.body;
        let done = log["deliveries"].as_array().unwrap();
        let done = done.iter().filter(|one| one["state"] == "delivered");
        let done: BTreeSet<String> = done
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect();
        waiting.is_subset(&done)
    };
    for _ in 0..500 {
        if is_done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("they came, and are not delivered");
}
