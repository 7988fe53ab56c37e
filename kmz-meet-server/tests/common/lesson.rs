//! A school with a course, and lessons of it.

use std::sync::Arc;
use std::time::Duration;

use kmz_meet_core::signal::ServerMessage;
use kmz_meet_server::attendance::{Attendance, Present};
use kmz_meet_server::clock::Clock;
use kmz_meet_server::store::Record;
use serde_json::{Value, json};

use super::course::{Course, led_to};
use super::key::Key;
use super::platform::{enter, fragment};
use super::{Answer, TestServer};

const MINUTE: i64 = 60_000;

pub struct World {
    pub server: TestServer,
    pub key: Key,
    pub course: Arc<Course>,
    pub platform: String,
}

impl World {
    pub async fn new() -> Self {
        let server = TestServer::with_school().await;
        let key = server.key("a", &[]).await;
        let course = Course::start().await;
        let platform = course.register(&key, "c").await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        Self {
            server,
            key,
            course,
            platform,
        }
    }

    /// The room of the course after a launch of its teacher with these changes.
    pub async fn room(&self, change: impl FnOnce(&mut Value)) -> String {
        let teacher = |claims: &mut Value| {
            self.course.teacher(claims);
            change(claims);
        };
        let url = led_to(&self.course.launch(&self.server, "c", teacher).await);
        let ticket = fragment(&url, "ticket").unwrap();
        let ticket = self
            .server
            .app
            .tickets
            .verify(&ticket, self.server.clock.now());
        ticket.unwrap().room
    }

    /// A lesson with this many learners, all present for 40 of 45 minutes, and one person who is not of the platform.
    pub async fn lesson(&self, room: &str, conference: &str, learners: usize) -> String {
        let learners = (0..learners).map(|number| format!("p{number}"));
        self.lesson_of(room, conference, learners).await
    }

    /// The same with learners of these ids.
    pub async fn lesson_of(
        &self,
        room: &str,
        conference: &str,
        learners: impl Iterator<Item = String>,
    ) -> String {
        let learners = learners.map(|id| (id, 40)).collect();
        self.lesson_like(room, conference, 45 * MINUTE, learners)
            .await
    }

    /// The same with this length in milliseconds, and with the minutes of each learner.
    pub async fn lesson_like(
        &self,
        room: &str,
        conference: &str,
        length: i64,
        learners: Vec<(String, u32)>,
    ) -> String {
        let now = self.server.clock.now();
        let person = |(user, minutes): (String, u32)| Present {
            name: user.clone(),
            user: Some(user),
            moderator: false,
            listed: true,
            first_at: now,
            last_at: now + i64::from(minutes) * MINUTE,
            measured_minutes: minutes,
            corrected_minutes: None,
        };
        let mut people: Vec<Present> = learners
            .into_iter()
            .map(|(id, minutes)| person((format!("lti:{}:{id}", self.platform), minutes)))
            .collect();
        people.push(person(("api:a:guest".to_owned(), 40)));
        let data = Attendance {
            conference: conference.to_owned(),
            started_at: now,
            ended_at: now + length,
            people,
            graded_at: None,
        };
        let mut record = Record::new("a".to_owned(), now, data);
        record.parent = Some(room.to_owned());
        record.add(&self.server.app.store).await.unwrap().unwrap();
        format!("/api/v1/attendance/{}", record.id)
    }

    pub async fn send(&self, lesson: &str, measure: &str) -> Answer {
        let how = json!({"confirm": true, "measure": measure});
        self.key.post(&format!("{lesson}/grades"), how).await
    }

    pub fn scores(&self) -> usize {
        self.course.book.lock().unwrap().scores.len()
    }

    pub async fn until_scores(&self, wanted: usize) {
        for _ in 0..500 {
            if self.scores() >= wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} of {wanted} scores", self.scores());
    }
}

impl World {
    /// Holds a lesson with the teacher and Anna. Returns the path of its room, and its attendance once that is stored.
    pub async fn held(&self) -> (String, Value) {
        let person = |id: &str, name: &str, role: &str| json!({"user_id": id, "name": name, "roles": [role]});
        self.course.book.lock().unwrap().members = vec![
            person("3", "Frau M", "Instructor"),
            person("4", "Anna", "Learner"),
            person("5", "Ben", "Learner"),
            person("6", "Mia", "Learner"),
        ];
        let teacher = |claims: &mut Value| self.course.teacher(claims);
        let teacher = led_to(&self.course.launch(&self.server, "c", teacher).await);
        let pupil = led_to(&self.course.launch(&self.server, "c", |_| {}).await);
        let mut here = Vec::new();
        for url in [&teacher, &pupil] {
            let (client, answer) = enter(&self.server, url).await;
            assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
            here.push(client);
        }
        let rooms = self.key.get("/api/v1/rooms").await.body;
        let room = rooms["rooms"][0]["id"].as_str().unwrap();
        let room = format!("/api/v1/rooms/{room}");
        self.server.clock.advance(Duration::from_mins(2));
        let ended = self.key.delete(&format!("{room}/conference")).await;
        assert_eq!(ended.status, 204);
        for _ in 0..1_500 {
            let list = self.key.get(&format!("{room}/attendance")).await.body;
            if list["lessons"][0].is_object() {
                return (room, list["lessons"][0].clone());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no lesson");
    }
}
