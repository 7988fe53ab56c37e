//! Attendance that the old version stored, and that of a lesson that ran on.

use std::collections::BTreeMap;
use std::time::Duration;

use kmz_meet_core::signal::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::upgraded;
use crate::common::course::Course;

#[tokio::test]
async fn attendance_after_the_upgrade_is_exported_and_graded() {
    let upgraded = upgraded().await;
    let course = Course::known(
        upgraded.text("/platform_url"),
        upgraded.text("/platform_key"),
    )
    .await;
    let columns = upgraded.facts["columns"].as_array().unwrap().clone();
    course.book.lock().unwrap().columns.clone_from(&columns);
    let key = upgraded.key();
    let lesson = format!("/api/v1/attendance/{}", upgraded.text("/lesson"));
    let table = async || {
        let request = key.request(Method::GET, &format!("{lesson}/csv"));
        let request = request.header("accept-language", "de");
        request.send().await.unwrap().text().await.unwrap()
    };
    let before =
        &upgraded.facts["answers"][format!("/attendance/{}/csv", upgraded.text("/lesson"))];
    let before = before.as_str().unwrap();
    // Times are in the zone of the school since then, and the heading says so. Names, roles and minutes are the same.
    let columns_of = |table: &str| -> Vec<Vec<String>> {
        let rows = table.trim_start_matches('\u{feff}').lines().skip(1);
        let cells = rows.map(|row| row.split(';').map(|cell| cell.replace('"', "")).collect());
        let cells: Vec<Vec<String>> = cells.collect();
        cells
            .into_iter()
            .map(|row| [&row[..3], &row[5..]].concat())
            .collect()
    };
    assert_eq!(columns_of(&table().await), columns_of(before));
    assert_eq!(columns_of(before).len(), 4);

    let was = key.get(&lesson).await.body;
    let number = |name: &str| {
        let people = was["attendance"].as_array().unwrap();
        let person = people.iter().find(|one| one["name"] == name).unwrap();
        person["number"].as_u64().unwrap()
    };
    let corrections = json!({"corrections": [
        {"number": number("Anna"), "minutes": 0}, {"number": number("Ben"), "minutes": null},
        {"number": number("Mia"), "minutes": 1},
    ]});
    let corrected = key.patch(&lesson, corrections).await;
    assert_eq!(corrected.status, 200);
    let mut expected = was.clone();
    for (name, minutes) in [("Anna", 0), ("Ben", 1), ("Mia", 1)] {
        expected["attendance"][number(name) as usize]["minutes"] = json!(minutes);
    }
    assert_eq!(corrected.body, expected);

    let how = json!({"confirm": true, "measure": "minutes"});
    let sent = key.post(&format!("{lesson}/grades"), how).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    assert_eq!(sent.body["sent"], 3, "{sent:?}");
    let book = course.book.lock().unwrap();
    assert_eq!(book.columns, columns, "the column of the old version");
    let scores: BTreeMap<&str, &Value> = book
        .scores
        .iter()
        .map(|(_, score)| (score["userId"].as_str().unwrap(), &score["scoreGiven"]))
        .collect();
    let expected = [("4", json!(0.0)), ("5", json!(1.0)), ("6", json!(1.0))];
    assert_eq!(
        scores,
        expected.iter().map(|(id, given)| (*id, given)).collect()
    );
}

#[tokio::test]
async fn attendance_of_a_lesson_across_the_upgrade_has_its_beginning() {
    let upgraded = upgraded().await;
    let _course = Course::known(
        upgraded.text("/platform_url"),
        upgraded.text("/platform_key"),
    )
    .await;
    let (_teacher, came) = upgraded.back("course teacher").await;
    assert_eq!((came.own.role, came.participants), (Role::Moderator, 2));
    let (_anna, came) = upgraded.back("course anna").await;
    assert_eq!((came.own.role, came.own.listed), (Role::Participant, true));
    let key = upgraded.key();
    let room = format!("/api/v1/rooms/{}", upgraded.text("/rooms/course"));
    assert_eq!(key.delete(&format!("{room}/conference")).await.status, 204);
    let recorded_at = upgraded.facts["recorded_at"].as_i64().unwrap();
    for _ in 0..1_500 {
        let lessons = key.get(&format!("{room}/attendance")).await.body;
        let lessons = lessons["lessons"].as_array().unwrap();
        if let [new, old] = &lessons[..] {
            assert_eq!(old["id"], upgraded.text("/lesson"));
            assert!(new["started_at"].as_i64().unwrap() < recorded_at, "{new}");
            assert!(new["ended_at"].as_i64().unwrap() > recorded_at, "{new}");
            let id = new["id"].as_str().unwrap();
            let lesson = key.get(&format!("/api/v1/attendance/{id}")).await.body;
            let people = lesson["attendance"].as_array().unwrap();
            let anna = people.iter().find(|one| one["name"] == "Anna").unwrap();
            assert!(anna["first_at"].as_i64().unwrap() < recorded_at, "{anna}");
            let user = format!("lti:{}:4", upgraded.text("/course_platform"));
            assert_eq!(anna["user"], user);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the lesson is not in the list");
}
