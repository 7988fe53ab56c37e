//! Times are shown in the time zone of the school.

use kmz_meet_server::admin::Admin;
use kmz_meet_server::attendance::{Attendance, Present};
use kmz_meet_server::store::Record;
use reqwest::Method;
use serde_json::json;

use super::{id, server};

/// 2026-07-15, half past midnight in Berlin.
const STARTED: i64 = 1_784_154_600_000;

#[tokio::test]
async fn attendance_table_has_times_in_the_zone_of_the_school() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key.post("/api/v1/rooms", json!({})).await.body;
    let lesson = Attendance {
        conference: "c".into(),
        started_at: STARTED,
        ended_at: STARTED + 2_700_000,
        people: vec![Present {
            user: None,
            name: "=Anna".into(),
            moderator: false,
            listed: true,
            first_at: STARTED,
            last_at: STARTED + 2_700_000,
            measured_minutes: 45,
            corrected_minutes: None,
        }],
        graded_at: None,
    };
    let mut record = Record::new("a".to_owned(), STARTED, lesson);
    record.parent = Some(id(&room).to_owned());
    record.add(&server.app.store).await.unwrap().unwrap();
    let table = async |language: Option<&str>| {
        let path = format!("/api/v1/attendance/{}/csv", record.id);
        let mut request = key.request(Method::GET, &path);
        if let Some(language) = language {
            request = request.header("accept-language", language);
        }
        let answer = request.send().await.unwrap();
        let file = answer.headers()["content-disposition"].to_str().unwrap();
        let file = file.to_owned();
        (file, answer.text().await.unwrap())
    };
    let (file, german) = table(None).await;
    assert_eq!(file, "attachment; filename=\"anwesenheit.csv\"");
    assert!(german.contains(";Von (Europe/Berlin);"), "{german}");
    assert!(
        german.contains(";16.07.2026 00:30:00;16.07.2026 01:15:00;"),
        "{german}"
    );
    assert!(german.contains("\"'=Anna\""), "{german}");
    let (file, english) = table(Some("en-GB,en;q=0.9")).await;
    assert_eq!(file, "attachment; filename=\"attendance.csv\"");
    assert!(english.contains(";From (Europe/Berlin);"), "{english}");
    assert!(english.contains(";2026-07-16 00:30:00;"), "{english}");

    let changed = key
        .patch("/api/v1/school", json!({"time_zone": "Atlantic/Azores"}))
        .await;
    assert_eq!(changed.body["time_zone"], "Atlantic/Azores");
    let (_, azores) = table(Some("de")).await;
    assert!(azores.contains(";15.07.2026 22:30:00;"), "{azores}");
    for wrong in ["Mars/Olympus", "", "CEST", "Europe/Berlin\n"] {
        let answer = key
            .patch("/api/v1/school", json!({"time_zone": wrong}))
            .await;
        if wrong.trim() == "Europe/Berlin" {
            assert_eq!(answer.body["time_zone"], "Europe/Berlin");
        } else {
            answer.is_problem(422, "invalid");
        }
    }
}

#[tokio::test]
async fn time_zone_set_concurrently_loses_no_change_of_the_school() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let admin = Admin::open(&server.app.config).await.unwrap();
    for (round, zone) in ["Europe/Vienna", "Europe/Zurich", "Europe/Berlin"]
        .into_iter()
        .cycle()
        .take(30)
        .enumerate()
    {
        let days = key.patch("/api/v1/school", json!({"attendance_days": 7 + round}));
        let origin = format!("https://a{round}.example");
        let origins = key.patch("/api/v1/school", json!({"embed_origins": [origin]}));
        let zoned = admin.set_time_zone("School a", zone);
        let (days, origins, zoned) = tokio::join!(days, origins, zoned);
        assert_eq!((days.status, origins.status), (200, 200));
        assert_eq!(zoned.unwrap(), zone);
        let school = key.get("/api/v1/school").await.body;
        assert_eq!(
            (
                &school["attendance_days"],
                &school["time_zone"],
                &school["embed_origins"]
            ),
            (&json!(7 + round), &json!(zone), &json!([origin])),
        );
    }
}
