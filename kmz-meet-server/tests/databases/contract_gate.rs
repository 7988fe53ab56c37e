//! The contract gate: without a contract that holds, nothing opens, on any path. What each path makes (an account, a room, a ticket,
//! a conference) takes the proof that only `Database::open_school` gives, so a path without it does not compile; this file
//! tries what remains: that each path asks for the right school, at the right time, and says so in its own words.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod accounts;
mod passes;

use std::sync::Arc;
use std::time::Duration;

use crate::common::TestServer;
use crate::common::client::Client;
use crate::common::course::{CLAIM, Course};
use crate::common::key::Key;
use crate::common::platform::{ID, Platform, create, element};
use accounts::{Accounts, Way};
use jsonwebtoken::{EncodingKey, Header};
use kmz_meet_core::signal::{ClientMessage, RefusalReason, ServerMessage};
use kmz_meet_server::admin::{Admin, AdminError};
use kmz_meet_server::clock::{Clock, Timestamp};
use kmz_meet_server::config::MailConfig;
use kmz_meet_server::demo::{self, DemoError, DemoParts};
use kmz_meet_server::store::{Contract, UserRole};
use passes::Passes;
use proptest::prelude::*;
use serde_json::json;

const SECRET: &str = "a secret of sixteen and more";
const DAY: Timestamp = 24 * 60 * 60 * 1_000;

/// A way to something that needs a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    RoomByTeacher,
    RoomByKey,
    Ticket,
    OwnerStarts,
    LaunchByTeacher,
    LaunchByPupil,
    MeetingIsCreated,
    MeetingIsJoined,
    JitsiToken,
    DeepLinking,
    OldTicketStarts,
    PassIsMade,
    PassIsRedeemed,
    SubstituteStarts,
    TeacherByCommand,
    KeyByCommand,
    UnlockedByCommand,
    /// The first password of an account.
    PasswordByCommand,
    KeyByKey,
    Account(Way),
}

const PATHS: [Path; 31] = [
    Path::RoomByTeacher,
    Path::RoomByKey,
    Path::Ticket,
    Path::OwnerStarts,
    Path::LaunchByTeacher,
    Path::LaunchByPupil,
    Path::MeetingIsCreated,
    Path::MeetingIsJoined,
    Path::JitsiToken,
    Path::DeepLinking,
    Path::OldTicketStarts,
    Path::PassIsMade,
    Path::PassIsRedeemed,
    Path::SubstituteStarts,
    Path::TeacherByCommand,
    Path::KeyByCommand,
    Path::UnlockedByCommand,
    Path::PasswordByCommand,
    Path::KeyByKey,
    Path::Account(Way::Import),
    Path::Account(Way::Request),
    Path::Account(Way::Letters),
    Path::Account(Way::FirstPassword),
    Path::Account(Way::SingleSignOn),
    Path::Account(Way::Drop),
    Path::Account(Way::New),
    Path::Account(Way::Letter),
    Path::Account(Way::LetterOfUsed),
    Path::Account(Way::Mail),
    Path::Account(Way::MailOfUsed),
    Path::Account(Way::Unlock),
];

/// A school that had a contract when all of this was made.
struct World {
    server: TestServer,
    teacher: crate::common::Browser,
    key: Key,
    course: Arc<Course>,
    platform: Platform,
    /// The id and the name of a room of the teacher in which nobody is.
    room: (String, String),
    /// A moderator's ticket from when the contract held, for a room in which nobody is.
    ticket: (String, String),
    passes: Passes,
    accounts: Accounts,
    number: usize,
}

/// The time of the machine, which commands beside the server go by.
fn machine_time() -> Timestamp {
    kmz_meet_server::clock::system().now()
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start_with(|config| {
            config.outgoing_loopback = true;
            config.mail = Some(MailConfig::Show);
        })
        .await;
        server.clock.set(machine_time());
        for school in ["a", "b"] {
            server.school(school, Contract::Signed).await;
        }
        server.teacher("a", "berta").await;
        server.teacher("a", "clara").await;
        let teacher = server.signed_in("berta").await;
        let key = server.key("a", &[]).await;
        let app = json!({"app_id": "moodle", "algorithm": "HS256", "key": SECRET});
        assert_eq!(key.post("/api/v1/jitsi/apps", app).await.status, 201);
        let course = Course::start().await;
        course.register(&key, "c").await;
        let platform = Platform::of(&server, "a").await;
        let made = platform.call("create", &create()).await;
        assert_eq!(element(&made, "returncode"), Some("SUCCESS"), "{made}");
        let room = teacher.post("/api/v1/rooms", json!({})).await.body;
        let text = |field: &str| room[field].as_str().unwrap().to_owned();
        let room = (text("id"), text("name"));
        let other = key.post("/api/v1/rooms", json!({})).await.body;
        let path = format!("/api/v1/rooms/{}/tickets", other["id"].as_str().unwrap());
        let who =
            json!({"user": "8", "role": "moderator", "name": "Frau M", "valid_seconds": 86_400});
        let ticket = key.post(&path, who).await;
        let text = |answer: &serde_json::Value| answer.as_str().unwrap().to_owned();
        let ticket = (text(&other["name"]), text(&ticket.body["ticket"]));
        Self {
            passes: Passes::new(&server, &teacher, &room.0).await,
            accounts: Accounts::new(&server, &key).await,
            server,
            teacher,
            key,
            course,
            platform,
            room,
            ticket,
            number: 0,
        }
    }

    /// Goes this way. True: it led to what it is for.
    async fn leads(&mut self, path: Path) -> bool {
        self.number += 1;
        let number = self.number;
        match path {
            Path::RoomByTeacher => made(&self.teacher.post("/api/v1/rooms", json!({})).await),
            Path::RoomByKey => made(&self.key.post("/api/v1/rooms", json!({})).await),
            Path::Account(way) => {
                let (server, key) = (&self.server, &self.key);
                self.accounts.lead(server, key, way, number).await
            }
            Path::KeyByKey => {
                let new = json!({"name": "x", "scopes": ["rooms:read"]});
                made(&self.key.post("/api/v1/keys", new).await)
            }
            Path::Ticket => {
                let path = format!("/api/v1/rooms/{}/tickets", self.room.0);
                let who = json!({"user": "7", "role": "moderator", "name": "Frau M"});
                made(&self.key.post(&path, who).await)
            }
            Path::OwnerStarts => self.starts(json!({"room": self.room.1, "name": ""})).await,
            Path::LaunchByTeacher => {
                let course = &self.course;
                let answer = course
                    .launch(&self.server, "c", |claims| course.teacher(claims))
                    .await;
                launched(answer).await
            }
            Path::LaunchByPupil => {
                launched(self.course.launch(&self.server, "c", |_| ()).await).await
            }
            Path::MeetingIsCreated => {
                let query = create().replace("meetingID=", &format!("meetingID=n{number}-"));
                let answer = self.platform.call("create", &query).await;
                permitted(&answer)
            }
            Path::MeetingIsJoined => {
                let query = format!(
                    "{ID}&fullName=Frau+M&password=moderator123&role=MODERATOR&userID=3&redirect=false"
                );
                permitted(&self.platform.call("join", &query).await)
            }
            Path::JitsiToken => {
                let claims = json!({"iss": "moodle", "aud": "jitsi", "sub": "meet.example", "room": format!("klasse7b{number}"),
                    "exp": self.server.clock.now() / 1_000 + 3_600,
                    "context": {"user": {"name": "Frau M", "id": "3", "moderator": true}}});
                let key = EncodingKey::from_secret(SECRET.as_bytes());
                let token = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
                let join =
                    json!({"room": format!("klasse7b{number}"), "name": "Frau M", "token": token});
                self.starts(join).await
            }
            Path::DeepLinking => self.links_a_new_room().await,
            Path::OldTicketStarts => {
                let (room, token) = &self.ticket;
                self.starts(json!({"room": room, "name": "Frau M", "token": token}))
                    .await
            }
            Path::PassIsMade => self.passes.make(&self.teacher).await,
            Path::PassIsRedeemed => self.passes.redeem(&self.server).await,
            Path::SubstituteStarts => {
                let (room, token) = (&self.room.1, &self.passes.ticket);
                let who = json!({"room": room, "name": "Frau V", "token": token});
                self.starts(who).await
            }
            Path::TeacherByCommand
            | Path::KeyByCommand
            | Path::UnlockedByCommand
            | Path::PasswordByCommand => {
                let admin = Admin::open(&self.server.app.config).await.unwrap();
                let username = format!("teacher{number}");
                let refused = match path {
                    Path::TeacherByCommand => {
                        let made = admin
                            .add_teacher("School a", (&username, "Frau T"), UserRole::Operator)
                            .await;
                        made.err()
                    }
                    Path::KeyByCommand => admin.add_key("School a").await.err(),
                    Path::PasswordByCommand => {
                        let none = "UPDATE users SET password_hash = '' WHERE username = 'unused'";
                        self.server.execute(none).await;
                        let given = admin.reset_password("unused").await;
                        self.server.execute(none).await;
                        given.err()
                    }
                    _ => {
                        admin.set_locked("clara", true).await.unwrap();
                        admin.set_locked("clara", false).await.err()
                    }
                };
                match refused {
                    None => true,
                    Some(AdminError::NotOpen(school)) => {
                        assert_eq!(school, "School a");
                        false
                    }
                    Some(error) => panic!("{path:?}: {error}"),
                }
            }
        }
    }

    /// A teacher lets the course make a room by Deep Linking.
    async fn links_a_new_room(&self) -> bool {
        let course = &self.course;
        let back = format!("{}/back", course.url);
        let launch = course.launch(&self.server, "c", |claims| {
            course.teacher(claims);
            claims[format!("{CLAIM}/message_type")] = json!("LtiDeepLinkingRequest");
            claims
                .as_object_mut()
                .unwrap()
                .remove(&format!("{CLAIM}/resource_link"));
            claims["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"] = json!({
                "accept_types": ["ltiResourceLink"], "accept_presentation_document_targets": ["window"],
                "accept_multiple": true, "deep_link_return_url": back,
            });
        });
        let page = launch.await;
        assert_eq!(page.status(), 200);
        let page = page.text().await.unwrap();
        let (_, code) = page.split_once("name=\"code\" value=\"").unwrap();
        let (code, _) = code.split_once('"').unwrap();
        let form = [("code", code), ("room", "new"), ("title", "Elternabend")];
        let browser = self.server.browser();
        let request = browser.request(reqwest::Method::POST, "/lti/deep-link");
        let answer = request.form(&form).send().await.unwrap();
        let status = answer.status();
        let page = answer.text().await.unwrap();
        if status != 200 {
            assert_eq!(status, 403, "{page}");
            assert!(page.contains("no_contract"), "{page}");
        }
        status == 200
    }

    /// Whether somebody who joins so starts the conference and is in it.
    async fn starts(&self, mut join: serde_json::Value) -> bool {
        join["type"] = json!("join");
        let token = join.get("token").is_some();
        let browser = if token {
            self.server.browser()
        } else {
            self.teacher.clone()
        };
        let (mut client, answer) = Client::arrive(&browser, join).await;
        let is_in = matches!(answer, ServerMessage::Joined { .. });
        if !is_in {
            let reason = RefusalReason::NoContract;
            assert_eq!(answer, ServerMessage::Refused { reason });
        }
        if is_in {
            // The conference ends, so the next one has to start again.
            client.say(&ClientMessage::EndForAll).await;
            while client.next().await.is_some() {}
        }
        is_in
    }

    async fn set(&self, contract: Contract, valid_until: Option<Timestamp>) {
        self.server.set_contract("a", contract, valid_until).await;
    }
}

fn made(answer: &crate::common::Answer) -> bool {
    if answer.status != 201 {
        answer.is_problem(403, "no_contract");
    }
    answer.status == 201
}

async fn launched(answer: reqwest::Response) -> bool {
    let leads = answer.status().is_redirection();
    if !leads {
        assert_eq!(answer.status(), 403);
        assert!(answer.text().await.unwrap().contains("no_contract"));
    }
    leads
}

fn permitted(answer: &str) -> bool {
    let is_done = element(answer, "returncode") == Some("SUCCESS");
    if !is_done {
        crate::common::platform::failed(answer, "noContract");
    }
    is_done
}

fn contracts() -> impl Strategy<Value = (Contract, Option<i64>)> {
    let state = prop_oneof![
        Just(Contract::Requested),
        Just(Contract::FormSent),
        Just(Contract::Signed),
        Just(Contract::Ended),
    ];
    // Days from now until it ends; today has ended.
    (state, prop_oneof![Just(None), (-3..3i64).prop_map(Some)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn every_path_leads_exactly_as_long_as_the_contract_holds(changes in prop::collection::vec(contracts(), 1..4)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for (contract, days) in changes {
                let until = days.map(|days| world.server.clock.now() + days * DAY);
                world.set(contract, until).await;
                let holds = contract == Contract::Signed && days.is_none_or(|days| days > 0);
                for path in PATHS {
                    assert_eq!(world.leads(path).await, holds, "{path:?} with {contract:?}, {days:?} days");
                }
            }
        });
    }
}

#[tokio::test]
async fn contract_that_runs_out_closes_every_path_by_itself() {
    let mut world = World::new().await;
    let end = world.server.clock.now() + DAY / 24;
    world.set(Contract::Signed, Some(end)).await;
    for path in PATHS {
        assert!(world.leads(path).await, "{path:?} before");
    }
    world.server.clock.advance(Duration::from_hours(1));
    // Commands go by the clock of the machine, which does not turn for a test.
    let by_time = PATHS.into_iter().filter(|path| {
        !matches!(
            path,
            Path::TeacherByCommand
                | Path::KeyByCommand
                | Path::UnlockedByCommand
                | Path::PasswordByCommand
        )
    });
    for path in by_time {
        assert!(!world.leads(path).await, "{path:?} after");
    }
}

#[tokio::test]
async fn contract_of_another_school_opens_nothing_here() {
    let mut world = World::new().await;
    world.set(Contract::Ended, None).await;
    for path in PATHS {
        assert!(!world.leads(path).await, "{path:?}");
    }
}

#[tokio::test]
async fn conference_that_runs_when_the_contract_ends_goes_on() {
    let world = World::new().await;
    let (_teacher, _) = Client::join(&world.teacher, &world.room.1, "").await;
    world.set(Contract::Ended, None).await;
    let (_pupil, answer) = Client::join(&world.server.browser(), &world.room.1, "Anna").await;
    let is_in = matches!(answer, ServerMessage::Joined { .. });
    assert!(is_in, "{answer:?}");
}

#[tokio::test]
async fn demo_whose_contract_ended_makes_nothing_more() {
    let server = TestServer::start().await;
    let parts = DemoParts::from(&*server.app);
    let made = demo::prepare(&parts).await.unwrap();
    let school = server.app.store.school_by_name(&made.school).await;
    let school = school.unwrap().unwrap().id;
    server.set_contract(&school, Contract::Ended, None).await;
    let again = demo::prepare(&parts).await.err();
    assert!(matches!(again, Some(DemoError::NoContract)), "{again:?}");
}
