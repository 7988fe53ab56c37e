//! The columns of the gradebook.

use std::time::Duration;

use kmz_meet_server::clock::Clock;
use serde_json::{Value, json};

use crate::common::course::GRADES;
use crate::common::lesson::World;

#[tokio::test]
async fn lesson_gets_a_column_unless_the_platform_has_one() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    let first = world.lesson(&room, "one", 1).await;
    world.server.clock.advance(Duration::from_hours(24));
    let second = world.lesson(&room, "two", 1).await;
    for (lesson, measure) in [
        (&first, "minutes"),
        (&second, "minutes"),
        (&second, "completion"),
        (&first, "minutes"),
    ] {
        assert_eq!(world.send(lesson, measure).await.body["sent"], 1);
    }
    {
        let book = world.course.book.lock().unwrap();
        let columns: Vec<(&str, &str)> = book
            .columns
            .iter()
            .map(|one| {
                (
                    one["label"].as_str().unwrap(),
                    one["resourceId"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            columns,
            [
                ("Anwesenheit 15.01.2027 (Minuten)", "attendance-one-minutes"),
                ("Anwesenheit 16.01.2027 (Minuten)", "attendance-two-minutes"),
                ("Anwesenheit 16.01.2027", "attendance-two-completion"),
            ]
        );
    }
    // The server uses the column of the link if the platform has one.
    let url = world.course.url.clone();
    let room = world
        .room(|claims| claims[GRADES]["lineitem"] = json!(format!("{url}/only")))
        .await;
    let third = world.lesson(&room, "three", 1).await;
    assert_eq!(world.send(&third, "minutes").await.body["sent"], 1);
    let book = world.course.book.lock().unwrap();
    assert_eq!(
        (book.columns.len(), book.scores.last().unwrap().0.as_str()),
        (3, "/only/scores")
    );
}

#[tokio::test]
async fn column_has_a_label_in_the_language_of_the_platform() {
    let launch = format!("{}/launch_presentation", crate::common::course::CLAIM);
    for (locale, label) in [
        (json!({"locale": "en"}), "Attendance 2027-01-15 (minutes)"),
        (
            json!({"locale": "pt_BR"}),
            "Attendance 2027-01-15 (minutes)",
        ),
        (
            json!({"locale": "de_CH"}),
            "Anwesenheit 15.01.2027 (Minuten)",
        ),
        (json!({}), "Anwesenheit 15.01.2027 (Minuten)"),
    ] {
        let world = World::new().await;
        let room = world.room(|claims| claims[&launch] = locale.clone()).await;
        // The language of a pupil does not change the label.
        let pupil = |claims: &mut Value| claims[&launch] = json!({"locale": "fr"});
        world.course.launch(&world.server, "c", pupil).await;
        let lesson = world.lesson(&room, "one", 1).await;
        world.send(&lesson, "minutes").await;
        let book = world.course.book.lock().unwrap();
        assert_eq!(book.columns[0]["label"], label, "{locale}");
    }
}

#[tokio::test]
async fn column_has_the_day_of_the_time_zone_of_the_school() {
    // Milliseconds since 1970, the school's zone, and the day there.
    for (at, zone, day) in [
        // 2027-07-15 21:59 and 22:01 UTC: midnight of Berlin is at 22:00 in summer.
        (1_815_688_740_000_i64, None, "15.07.2027"),
        (1_815_688_860_000, None, "16.07.2027"),
        // 2027-01-15 22:59 and 23:01 UTC: it is at 23:00 in winter.
        (1_800_053_940_000, None, "15.01.2027"),
        (1_800_054_060_000, None, "16.01.2027"),
        // 2027-07-15 23:59:30 UTC, shortly before the day of UTC ends.
        (1_815_695_970_000, Some("UTC"), "15.07.2027"),
        (1_815_695_970_000, Some("Atlantic/Azores"), "15.07.2027"),
        (1_815_695_970_000, Some("Europe/Berlin"), "16.07.2027"),
        (1_815_695_970_000, Some("Pacific/Kiritimati"), "16.07.2027"),
        // 2027-12-31 23:30 UTC: another year already.
        (1_830_295_800_000, Some("Europe/Vienna"), "01.01.2028"),
    ] {
        let world = World::new().await;
        if let Some(zone) = zone {
            let changed = world
                .key
                .patch("/api/v1/school", json!({"time_zone": zone}));
            assert_eq!(changed.await.status, 200, "{zone}");
        }
        let room = world.room(|_| {}).await;
        let later = u64::try_from(at - world.server.clock.now()).unwrap();
        world.server.clock.advance(Duration::from_millis(later));
        let key = world.server.key("a", &[]).await;
        let lesson = world.lesson(&room, "one", 1).await;
        let how = json!({"confirm": true, "measure": "minutes"});
        let sent = key.post(&format!("{lesson}/grades"), how).await;
        assert_eq!(sent.body["sent"], 1, "{sent:?}");
        let book = world.course.book.lock().unwrap();
        let label = format!("Anwesenheit {day} (Minuten)");
        assert_eq!(book.columns[0]["label"], label, "{at} in {zone:?}");
    }
}
