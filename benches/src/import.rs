//! An import of 10,000 teachers: the list is judged, confirmed, and all accounts are made.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::integrations::on_both;

const TEACHERS: usize = 10_000;

fn list() -> String {
    let mut list = String::from("Vorname;Nachname;Dienst-Mail\r\n");
    // Some have the same name, as in a county.
    for number in 0..TEACHERS {
        let (first, surname) = (number % 97, number % 89);
        let _ = write!(
            list,
            "Vorname{};Nachname{};lehrkraft{number}@schule.example\r\n",
            letters(first),
            letters(surname)
        );
    }
    list
}

fn letters(number: usize) -> String {
    let letter = |number: usize| char::from(b'a' + (number % 26) as u8);
    [letter(number / 26), letter(number)].iter().collect()
}

/// Seconds until the list is judged, and until all accounts are made.
pub async fn import() -> Value {
    on_both("import", |server| async move {
        let school = server.call("GET", "/api/v1/school", Value::Null).await;
        let school = school["id"].as_str().expect("a school").to_owned();
        let path = format!("/api/v1/schools/{school}/teacher-imports");
        let before = server.usage();
        let started = Instant::now();
        let import = server.post_file(&path, list().into_bytes()).await;
        let judged = started.elapsed();
        assert_eq!(import["verdicts"]["new"], TEACHERS, "{import}");
        let path = format!("{path}/{}", import["id"].as_str().expect("an import"));
        server
            .call("POST", &format!("{path}/confirm"), Value::Null)
            .await;
        let mut state = server.call("GET", &path, Value::Null).await;
        while state["state"] == "running" {
            tokio::time::sleep(Duration::from_millis(100)).await;
            state = server.call("GET", &path, Value::Null).await;
        }
        let done = started.elapsed();
        assert_eq!(state["rows"]["made"], TEACHERS, "{state}");
        let round = |time: Duration| (time.as_secs_f64() * 100.0).round() / 100.0;
        json!({
            "teachers": TEACHERS,
            "seconds_to_verdicts": round(judged),
            "seconds_to_accounts": round(done),
            "server_cores": round(Duration::from_secs_f64(server.usage().cores_since(before))),
            "peak_mb": server.peak_mb().round(),
            "resident_mb": server.resident_mb().round(),
        })
    })
    .await
}
