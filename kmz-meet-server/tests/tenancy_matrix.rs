//! Every route, every kind of caller, two schools: nobody reaches what belongs to others. A new route without a row here
//! fails.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use common::key::Key;
use common::{Answer, TestServer};
use kmz_meet_server::credentials::TicketRole;
use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

/// Who may do it beside a key with the scope.
#[derive(Clone, Copy, PartialEq)]
enum Teachers {
    /// Teachers, for what is their own.
    Own,
    /// Only who looks after the school.
    None,
}

struct Row {
    operation: &'static str,
    /// `None`: needs nobody to be known, or is about who asks alone.
    scope: Option<&'static str>,
    teachers: Teachers,
    body: fn() -> Value,
}

const NOTHING: fn() -> Value = || Value::Null;

fn row(operation: &'static str, scope: &'static str, teachers: Teachers) -> Row {
    Row {
        operation,
        scope: Some(scope),
        teachers,
        body: NOTHING,
    }
}

fn with(row: Row, body: fn() -> Value) -> Row {
    Row { body, ..row }
}

fn open(operation: &'static str) -> Row {
    Row {
        operation,
        scope: None,
        teachers: Teachers::Own,
        body: || json!({"username": "x", "password": "y"}),
    }
}

fn rows() -> Vec<Row> {
    use Teachers::{None, Own};
    vec![
        open("get /api/v1/config"),
        open("get /api/v1/session"),
        open("post /api/v1/session"),
        open("delete /api/v1/session"),
        // One's own account: `tests/account.rs`.
        open("get /api/v1/account/sessions"),
        open("delete /api/v1/account/sessions"),
        open("delete /api/v1/account/sessions/{id}"),
        open("put /api/v1/account/password"),
        row("get /api/v1/rooms", "rooms:read", Own),
        with(row("post /api/v1/rooms", "rooms:write", Own), || json!({})),
        row("get /api/v1/rooms/suggested-name", "rooms:read", Own),
        row("get /api/v1/rooms/{id}", "rooms:read", Own),
        with(
            row("patch /api/v1/rooms/{id}", "rooms:write", Own),
            || json!({"password": "x"}),
        ),
        row("delete /api/v1/rooms/{id}", "rooms:write", Own),
        with(
            row("post /api/v1/rooms/{id}/tickets", "tickets:write", Own),
            || json!({"user": "1", "role": "moderator"}),
        ),
        row("get /api/v1/conferences", "conferences:read", Own),
        row("get /api/v1/rooms/{id}/conference", "conferences:read", Own),
        with(
            row(
                "patch /api/v1/rooms/{id}/conference",
                "conferences:write",
                Own,
            ),
            || json!({"policy": {"door": "closed"}}),
        ),
        row(
            "delete /api/v1/rooms/{id}/conference",
            "conferences:write",
            Own,
        ),
        with(
            row(
                "post /api/v1/rooms/{id}/conference/mute",
                "conferences:write",
                Own,
            ),
            || json!({"source": "camera"}),
        ),
        row(
            "delete /api/v1/rooms/{id}/conference/participants/{participant}",
            "conferences:write",
            Own,
        ),
        row("get /api/v1/rooms/{id}/attendance", "attendance:read", Own),
        row("get /api/v1/attendance/{id}", "attendance:read", Own),
        with(
            row("patch /api/v1/attendance/{id}", "attendance:write", Own),
            || json!({"corrections": []}),
        ),
        row("delete /api/v1/attendance/{id}", "attendance:write", Own),
        row("get /api/v1/attendance/{id}/csv", "attendance:read", Own),
        with(
            row(
                "post /api/v1/attendance/{id}/grades",
                "attendance:write",
                Own,
            ),
            || json!({"confirm": true, "measure": "minutes"}),
        ),
        row("get /api/v1/keys", "keys:write", None),
        with(
            row("post /api/v1/keys", "keys:write", None),
            || json!({"name": "x", "scopes": ["keys:write"]}),
        ),
        row("delete /api/v1/keys/{id}", "keys:write", None),
        row("get /api/v1/school", "rooms:read", Own),
        with(
            row("patch /api/v1/school", "school:write", None),
            || json!({"attendance_days": 3}),
        ),
        row("get /api/v1/webhooks", "webhooks:write", None),
        with(
            row("post /api/v1/webhooks", "webhooks:write", None),
            || json!({"url": "https://example.com/", "events": ["conference.ended"]}),
        ),
        row("get /api/v1/webhooks/{id}", "webhooks:write", None),
        with(
            row("patch /api/v1/webhooks/{id}", "webhooks:write", None),
            || json!({"active": false}),
        ),
        row("delete /api/v1/webhooks/{id}", "webhooks:write", None),
        row(
            "get /api/v1/webhooks/{id}/deliveries",
            "webhooks:write",
            None,
        ),
        row("get /api/v1/bbb/secrets", "bbb:write", None),
        row("post /api/v1/bbb/secrets", "bbb:write", None),
        row("delete /api/v1/bbb/secrets/{id}", "bbb:write", None),
        row("get /api/v1/lti/platforms", "lti:write", None),
        with(row("post /api/v1/lti/platforms", "lti:write", None), || {
            platform("new")
        }),
        row("get /api/v1/lti/platforms/{id}", "lti:write", None),
        with(
            row("patch /api/v1/lti/platforms/{id}", "lti:write", None),
            || json!({"state": "disabled"}),
        ),
        row("delete /api/v1/lti/platforms/{id}", "lti:write", None),
        row("post /api/v1/lti/invitations", "lti:write", None),
        row("get /api/v1/jitsi/apps", "school:write", None),
        with(
            row("post /api/v1/jitsi/apps", "school:write", None),
            || json!({"app_id": "new", "algorithm": "HS256", "key": "0123456789abcdef"}),
        ),
        row("delete /api/v1/jitsi/apps/{id}", "school:write", None),
    ]
}

fn platform(client_id: &str) -> Value {
    json!({"issuer": "https://moodle.example", "client_id": client_id, "deployment_ids": ["1"], "jwks_uri": "https://moodle.example/certs.php",
        "authorization_endpoint": "https://moodle.example/auth.php", "token_endpoint": "https://moodle.example/token.php"})
}

fn described() -> Vec<String> {
    let api: Value = serde_json::from_str(&kmz_meet_server::api::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if method != "parameters" {
                operations.push(format!("{method} {path}"));
            }
        }
    }
    operations.sort();
    operations
}

#[test]
fn every_route_has_a_row() {
    let mut known: Vec<String> = rows().iter().map(|row| row.operation.to_owned()).collect();
    known.sort();
    assert_eq!(known, described());
}

/// Two schools; in the first one of everything, with its teacher in a running conference of their own room.
struct World {
    server: TestServer,
    room: String,
    participant: String,
    attendance: String,
    key: String,
    webhook: String,
    secret: String,
    jitsi: String,
    lti: String,
    _teacher: common::client::Client,
}

impl World {
    async fn new() -> Self {
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
            common::client::Client::join(&berta, made["name"].as_str().unwrap(), "x").await;
        let kmz_meet_core::signal::ServerMessage::Joined { you, .. } = joined else {
            panic!("{joined:?}")
        };
        let admin = server.key("a", &[]).await;
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
        Self {
            room,
            participant: you.0,
            attendance,
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
            lti: id(admin.post("/api/v1/lti/platforms", platform("x")).await),
            jitsi: id(admin
                .post(
                    "/api/v1/jitsi/apps",
                    json!({"app_id": "x", "algorithm": "HS256", "key": "0123456789abcdef"}),
                )
                .await),
            server,
            _teacher: teacher,
        }
    }

    fn path(&self, template: &str) -> String {
        let id = match template.split('/').nth(3).unwrap() {
            "rooms" => &self.room,
            "attendance" => &self.attendance,
            "keys" => &self.key,
            "webhooks" => &self.webhook,
            "bbb" => &self.secret,
            "jitsi" => &self.jitsi,
            "lti" => &self.lti,
            _ => "",
        };
        template
            .replace("{id}", id)
            .replace("{participant}", &self.participant)
    }

    /// Everything of the first school by which another one's answer would betray it.
    fn is_betrayed_by(&self, answer: &Answer) -> bool {
        let text = answer.body.to_string();
        [
            &self.room,
            &self.attendance,
            &self.key,
            &self.webhook,
            &self.secret,
            &self.jitsi,
            &self.lti,
        ]
        .iter()
        .any(|id| text.contains(id.as_str()))
    }
}

async fn ask(request: reqwest::RequestBuilder, body: Value) -> Answer {
    Answer::of(if body.is_null() {
        request
    } else {
        request.json(&body)
    })
    .await
}

#[tokio::test]
async fn nobody_reaches_what_belongs_to_others() {
    let mut world = World::new().await;
    for row in rows() {
        let Some(scope) = row.scope else { continue };
        let (method, template) = row.operation.split_once(' ').unwrap();
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let path = world.path(template);
        let named = template.contains('{');
        let server = &world.server;
        let by_key = async |key: &Key| ask(key.request(method.clone(), &path), (row.body)()).await;
        let by_browser = async |name: &str| {
            let browser = server.signed_in(name).await;
            ask(browser.request(method.clone(), &path), (row.body)()).await
        };
        let what = row.operation;

        let nobody = ask(
            server.browser().request(method.clone(), &path),
            (row.body)(),
        )
        .await;
        assert_eq!(nobody.status, 401, "{what}: {nobody:?}");
        let others: Vec<&str> = kmz_meet_server::credentials::Scope::ALL
            .iter()
            .map(|one| one.as_str())
            .filter(|one| *one != scope)
            .collect();
        let without = by_key(&server.key("a", &others).await).await;
        assert_eq!(without.status, 403, "{what} without {scope}: {without:?}");
        // Another school, with every scope.
        let foreign = by_key(&server.key("b", &[]).await).await;
        if named {
            assert_eq!(
                foreign.status, 404,
                "{what} from another school: {foreign:?}"
            );
        }
        assert!(
            !world.is_betrayed_by(&foreign),
            "{what} tells another school: {foreign:?}"
        );
        // A teacher of the same school who does not own the room, and one of another school.
        for name in ["clara", "doris"] {
            let answer = by_browser(name).await;
            match row.teachers {
                Teachers::None => assert_eq!(answer.status, 403, "{what} by {name}: {answer:?}"),
                Teachers::Own if named => {
                    assert_eq!(answer.status, 404, "{what} by {name}: {answer:?}");
                }
                Teachers::Own => {}
            }
            assert!(
                !world.is_betrayed_by(&answer),
                "{what} tells {name}: {answer:?}"
            );
        }
        // Who looks after another school does not look after this one.
        for name in ["erna", "otto"] {
            let answer = by_browser(name).await;
            if named {
                assert_eq!(answer.status, 404, "{what} by {name}: {answer:?}");
            }
            assert!(
                !world.is_betrayed_by(&answer),
                "{what} tells {name}: {answer:?}"
            );
        }
        // Tickets open the attendance of their own room to its moderators, and nothing else.
        let ticket = |role, room: &str| {
            let ticket = kmz_meet_server::credentials::Ticket {
                room: room.to_owned(),
                identity: kmz_meet_server::credentials::Identity::of(
                    kmz_meet_server::user_id::UserId::of_api("a", "1"),
                    role,
                ),
                name: None,
                may_start: true,
                meeting: None,
                return_url: None,
            };
            server.with_token(
                &server
                    .app
                    .tickets
                    .sign(
                        &ticket,
                        1_800_000_000_000,
                        std::time::Duration::from_hours(1),
                    )
                    .unwrap(),
            )
        };
        assert_eq!(
            by_key(&ticket(TicketRole::Member, &world.room))
                .await
                .status,
            401,
            "{what} by a member's ticket"
        );
        let elsewhere = server
            .key("b", &[])
            .await
            .post("/api/v1/rooms", json!({}))
            .await
            .body;
        let elsewhere = ticket(TicketRole::Moderator, elsewhere["id"].as_str().unwrap());
        let elsewhere = by_key(&elsewhere).await;
        assert!(
            matches!(elsewhere.status, 403 | 404),
            "{what} by another room's ticket: {elsewhere:?}"
        );
        if !scope.starts_with("attendance") {
            let own = by_key(&ticket(TicketRole::Moderator, &world.room)).await;
            assert_eq!(own.status, 403, "{what} by a ticket: {own:?}");
        }

        // And who may, can: otherwise the refusals above would say nothing.
        if row.teachers == Teachers::Own {
            let own = by_browser("berta").await;
            assert!(
                !matches!(own.status, 401 | 403 | 404),
                "{what} by its owner: {own:?}"
            );
            if own.status == 204 {
                world = World::new().await;
                continue;
            }
        }
        let admin = by_browser("frida").await;
        assert!(
            !matches!(admin.status, 401 | 403 | 404),
            "{what} by the school's administrator: {admin:?}"
        );
        if admin.status == 204 {
            world = World::new().await;
            continue;
        }
        let key = by_key(&server.key("a", &[scope]).await).await;
        assert!(
            !matches!(key.status, 401 | 403 | 404),
            "{what} with {scope}: {key:?}"
        );
        if key.status == 204 {
            world = World::new().await;
        }
    }
}
