//! Two schools, of which the first has one of everything.

use std::collections::HashMap;
use std::sync::Mutex;

use kmz_meet_server::store::{Contract, SignInLink, UserRole};
use serde_json::{Value, json};

use super::rows::{platform, sign_in_provider};
use crate::common::teacher_request::with_proof;
use crate::common::{Answer, Browser, TestServer};

/// Two schools. The first has one of everything, and its teacher is in a running conference of their own room.
pub struct World {
    pub server: TestServer,
    pub room: String,
    participant: String,
    attendance: String,
    incident: String,
    key: String,
    webhook: String,
    secret: String,
    jitsi: String,
    lti: String,
    import: String,
    request: String,
    document: String,
    provider: String,
    pass: String,
    pupil: String,
    /// Signing in is what takes longest.
    browsers: Mutex<HashMap<String, Browser>>,
    _teacher: crate::common::client::Client,
}

impl World {
    pub async fn new() -> Self {
        let server = TestServer::start().await;
        for school in ["a", "b"] {
            server.school(school, Contract::Signed).await;
        }
        server.teacher("a", "berta").await;
        server.teacher("a", "clara").await;
        server.teacher("b", "doris").await;
        server.person("a", "frida", UserRole::SchoolAdmin).await;
        server.person("b", "erna", UserRole::SchoolAdmin).await;
        server.person("b", "otto", UserRole::Operator).await;
        let berta = server.signed_in("berta").await;
        let made = berta.post("/api/v1/rooms", json!({})).await.body;
        let room = made["id"].as_str().unwrap().to_owned();
        let (teacher, joined) =
            crate::common::client::Client::join(&berta, made["name"].as_str().unwrap(), "x").await;
        let kmz_meet_core::signal::ServerMessage::Joined { you, .. } = joined else {
            panic!("{joined:?}")
        };
        let admin = server.key("a", &[]).await;
        let pass = berta
            .post(
                &format!("/api/v1/rooms/{room}/substitute-passes"),
                json!({"valid_minutes": 60}),
            )
            .await;
        let pass = pass.body["pass"]["id"].as_str().unwrap().to_owned();
        let list = format!("/api/v1/rooms/{room}/class-list");
        let list = berta.request(reqwest::Method::PUT, &list);
        let list = Answer::of(list.json(&json!({"names": ["Anna", "Ben"]}))).await;
        let pupil = list.body["pupils"][0]["id"].as_str().unwrap().to_owned();
        let id = |answer: Answer| {
            answer.body["id"]
                .as_str()
                .unwrap_or_else(|| panic!("{answer:?}"))
                .to_owned()
        };
        let attendance = {
            use kmz_meet_server::attendance::Attendance;
            use kmz_meet_server::store::Record;
            let data = Attendance {
                conference: "c".into(),
                started_at: 0,
                ended_at: 1,
                people: Vec::new(),
                graded_at: None,
            };
            let mut record = Record::new("a".to_owned(), 1, data);
            record.parent = Some(room.clone());
            record.add(&server.app.store).await.unwrap().unwrap();
            record.id
        };
        let incident = crate::incidents::kept(&server, "a", &room, "c-1").await;
        let otto = server.signed_in("otto").await;
        let upload = "/api/v1/schools/a/contract/documents";
        let upload = otto.request(reqwest::Method::POST, upload);
        let document = Answer::of(upload.body("%PDF-1.7\n%%EOF\n")).await;
        Self {
            pass,
            pupil,
            document: id(document),
            room,
            participant: you.0,
            attendance,
            incident,
            key: id(admin
                .post(
                    "/api/v1/keys",
                    json!({"name": "x", "scopes": ["rooms:read"]}),
                )
                .await),
            webhook: id(admin
                .post(
                    "/api/v1/webhooks",
                    json!({"url": "https://example.com/", "events": ["conference.ended"]}),
                )
                .await),
            secret: id(admin.post("/api/v1/bbb/secrets", Value::Null).await),
            provider: {
                let path = "/api/v1/schools/a/sign-in-providers";
                let frida = server.signed_in("frida").await;
                let provider = id(frida.post(path, sign_in_provider()).await);
                let link = SignInLink {
                    provider: provider.clone(),
                    subject: "1".to_owned(),
                    user: "id-clara".to_owned(),
                    made: false,
                    created_at: 1,
                };
                let linked = server.app.store.add_sign_in_link(&link).await;
                linked.unwrap().unwrap();
                provider
            },
            lti: id(admin.post("/api/v1/lti/platforms", platform("x")).await),
            jitsi: id(admin
                .post(
                    "/api/v1/jitsi/apps",
                    json!({"app_id": "x", "algorithm": "HS256", "key": "0123456789abcdef"}),
                )
                .await),
            import: id(Answer::of(
                admin
                    .request(reqwest::Method::POST, "/api/v1/schools/a/teacher-imports")
                    .body("Vorname;Nachname;E-Mail\r\nA;B;a@b.example\r\n"),
            )
            .await),
            request: {
                let begun = server
                    .app
                    .store
                    .begin_second_factor("id-clara", "sealed", 1);
                assert!(begun.await.unwrap());
                with_proof(&server, "Gerda Gast", "gerda@schule.example").await
            },
            server,
            browsers: Mutex::default(),
            _teacher: teacher,
        }
    }

    /// The browser of somebody who is signed in.
    pub async fn browser(&self, name: &str) -> Browser {
        let known = self.browsers.lock().unwrap().get(name).cloned();
        if let Some(known) = known {
            return known;
        }
        let new = self.server.signed_in(name).await;
        let mut browsers = self.browsers.lock().unwrap();
        browsers.insert(name.to_owned(), new.clone());
        new
    }

    pub fn path(&self, template: &str) -> String {
        let id = match template.split('/').nth(3).unwrap() {
            "rooms" => &self.room,
            "attendance" => &self.attendance,
            "incidents" => &self.incident,
            "keys" => &self.key,
            "webhooks" => &self.webhook,
            "bbb" => &self.secret,
            "jitsi" => &self.jitsi,
            "lti" => &self.lti,
            _ if template.contains("/sign-in-providers/") => &self.provider,
            "schools" if template.contains("teacher-requests") => &self.request,
            "schools" if template.contains("teachers/") => "id-clara",
            "schools" if template.contains("contract") => &self.document,
            "schools" => &self.import,
            _ => "",
        };
        template
            .replace("{school_id}", "a")
            .replace("{id}", id)
            .replace("{name}", "first_password")
            .replace("{language}", "de")
            .replace("{year}", "2027")
            .replace("{paper}", "record")
            .replace("{format}", "pdf")
            .replace("{participant}", &self.participant)
            .replace("{pass_id}", &self.pass)
            .replace("{pupil_id}", &self.pupil)
            .replace("{user_id}", "id-clara")
    }

    /// Whether an answer to another school contains an id of the first school.
    pub fn is_betrayed_by(&self, answer: &Answer) -> bool {
        let text = answer.body.to_string();
        [
            &self.room,
            &self.attendance,
            &self.incident,
            &self.key,
            &self.webhook,
            &self.secret,
            &self.jitsi,
            &self.lti,
            &self.import,
            &self.request,
            &self.document,
            &self.provider,
            &self.pass,
            &self.pupil,
        ]
        .iter()
        .any(|id| text.contains(id.as_str()))
    }
}
