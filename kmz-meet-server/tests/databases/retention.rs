//! A day of use with canaries in every name, address, mail, text and token, and then the clock moves: at each promised time nothing is
//! left in the database, a fresh dump of it, the files, the log and the metrics.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kmz_meet_core::signal::{ClientMessage, Door, Policy, ServerMessage};
use kmz_meet_server::clock::Clock;
use kmz_meet_server::config::{Config, MailConfig};
use kmz_meet_server::housekeeping::{Housekeeping, run_once};
use kmz_meet_server::store::{Contract, Room, RoomSource};
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::json;

use crate::common::client::Client;
use crate::common::kept::{count, hits};
use crate::common::{Answer, Browser, TestServer, set_cookie, teacher_request};

const GUEST: &str = "Kanarienvogel Lila";
const KNOCKER: &str = "Kanarienvogel Gelb";
const PRESENT: &str = "Kanarienvogel Blau";
const CHAT: &str = "Zwitschernde Nachricht";
const UNPROVED: &str = "kanarie.eins@schule.example";
const PROVED: &str = "kanarie.zwei@schule.example";
const ADDRESS: &str = "203.0.113.77";
const METRICS: &str = "0123456789abcdef-metrics";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What the program writes into its log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Of this whole process; other tests write into it, too.
    fn listen() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(Config::default().log)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    }

    fn bytes(&self) -> Vec<u8> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn server() -> TestServer {
    let server = TestServer::start_with(|config| {
        config.mail = Some(MailConfig::Show);
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.metrics_token = Some(METRICS.parse().unwrap());
    })
    .await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    server
}

/// Somebody at the canary's address.
fn stranger(server: &TestServer) -> Browser {
    let forwarded = HeaderMap::from_iter([(
        "x-forwarded-for".parse().unwrap(),
        HeaderValue::from_static(ADDRESS),
    )]);
    let http = reqwest::Client::builder()
        .no_proxy()
        .default_headers(forwarded);
    Browser {
        http: http.build().unwrap(),
        ..server.browser()
    }
}

async fn room(server: &TestServer, name: &str, door: Door, origin: RoomSource) {
    let room = Room {
        id: format!("id-{name}"),
        school: "a".to_owned(),
        owner: Some("id-berta".to_owned()),
        name: name.to_owned(),
        title: None,
        welcome: None,
        origin,
        external: None,
        policy: Policy {
            door,
            ..Policy::default()
        },
        password: None,
        created_at: 7,
    };
    server.add_room(&room).await.unwrap();
}

/// A lesson with somebody, who says something and gets a seat; it goes on.
async fn lesson(
    teacher: &Browser,
    guest: &Browser,
    room: &str,
    name: &str,
) -> (Vec<Client>, String) {
    let (berta, _) = Client::joined(teacher, room, "").await;
    let (mut pupil, seat) = Client::joined(guest, room, name).await;
    let text = CHAT.to_owned();
    pupil.say(&ClientMessage::SendChat { text }).await;
    pupil
        .until(|message| matches!(message, ServerMessage::Chat { .. }))
        .await;
    (vec![berta, pupil], seat)
}

async fn ends(mut clients: Vec<Client>) {
    clients[0].say(&ClientMessage::EndForAll).await;
    for client in &mut clients {
        while client.next().await.is_some() {}
    }
}

/// Nothing of these is left in this time, as the clock of the wall tells it.
async fn gone_within(server: &TestServer, canaries: &[&str], time: Duration) {
    let begun = std::time::Instant::now();
    while !hits(server, canaries).is_empty() {
        assert!(begun.elapsed() < time, "{:?}", hits(server, canaries));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// So much later, after the next round of housekeeping.
async fn later(server: &TestServer, time: Duration) {
    server.clock.advance(time);
    run_once(&Housekeeping::from(&*server.app)).await;
}

fn found(server: &TestServer, canary: &str) -> bool {
    !hits(server, &[canary]).is_empty()
}

/// The token of the newest mail to an address.
async fn mailed(server: &TestServer, to: &str) -> String {
    for _ in 0..200 {
        let mails = server.mails_so_far().await;
        let mail = mails.iter().find(|mail| mail["to"] == to);
        let link = mail.and_then(|mail| {
            mail["text"]
                .as_str()?
                .lines()
                .find_map(|line| line.split_once('#'))
        });
        if let Some((_, token)) = link {
            return token.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nothing is mailed to {to}");
}

async fn asks(server: &TestServer, browser: &Browser, email: &str) -> String {
    let asked = json!({"school_id": "a", "name": "Kanarie", "email": email});
    let taken = browser.post("/api/v1/teacher-requests", asked).await;
    assert_eq!(taken.status, 202, "{taken:?}");
    mailed(server, email).await
}

#[tokio::test(flavor = "multi_thread")]
async fn canaries_of_a_day_are_gone_at_the_promised_times() {
    let log = Log::listen();
    let server = server().await;
    room(&server, "eigener-raum", Door::Open, RoomSource::Own).await;
    room(&server, "raum-der-plattform", Door::Open, RoomSource::Api).await;
    room(&server, "raum-mit-tuer", Door::Knock, RoomSource::Own).await;

    // A day of use.
    let mut teacher = server.browser();
    let answer = teacher.sign_in("berta", "bertaberta").await;
    let cookie = set_cookie(&answer).unwrap();
    teacher.cookie = cookie.split(';').next().map(str::to_owned);
    let session = teacher.cookie.clone().unwrap();
    let session = session.split_once('=').unwrap().1.to_owned();
    let guest = server.browser();
    let stranger = stranger(&server);
    let wrong = stranger.sign_in("berta", "Kanarie im Passwort").await;
    assert_eq!(wrong.status(), 401);
    let first = asks(&server, &stranger, UNPROVED).await;
    let second = asks(&server, &stranger, PROVED).await;
    let request = teacher_request::confirm(&server, &second).await;
    let proof = stranger
        .request(reqwest::Method::PUT, "/api/v1/teacher-requests/proof")
        .header("request-token", &second)
        .body("%PDF-1.7 Kanarie im Nachweis");
    assert_eq!(Answer::of(proof).await.status, 204);
    let key = server.key("a", &[]).await;
    let (own, seat) = lesson(&teacher, &guest, "eigener-raum", GUEST).await;
    let (of_platform, other_seat) = lesson(&teacher, &guest, "raum-der-plattform", PRESENT).await;
    let (behind, _) = Client::joined(&teacher, "raum-mit-tuer", "").await;
    let (knocker, _) = Client::join(&guest, "raum-mit-tuer", KNOCKER).await;
    server.clock.advance(Duration::from_mins(45));
    // It is kept for a restart a moment later.
    tokio::time::sleep(Duration::from_secs(2)).await;

    // So the search finds what is there, and tokens and addresses never are.
    for canary in [GUEST, PRESENT, CHAT, UNPROVED, PROVED] {
        assert!(found(&server, canary), "{canary}");
    }
    let tokens = [&session, &first, &second, &seat, &other_seat, &key.token];
    let secret: Vec<&str> = tokens.into_iter().map(String::as_str).collect();
    let never = [
        "bertaberta",
        "Kanarie im Passwort",
        "Kanarie im Nachweis",
        ADDRESS,
        KNOCKER,
    ];
    let secret = [&secret[..], &never].concat();
    assert_eq!(hits(&server, &secret), []);

    // The lessons end: a minute later neither content nor guests are left.
    ends(own).await;
    ends(of_platform).await;
    drop(knocker);
    ends(vec![behind]).await;
    gone_within(&server, &[CHAT, GUEST, KNOCKER], Duration::from_mins(1)).await;
    assert!(
        found(&server, PRESENT),
        "the platform's room has attendance"
    );

    let sessions = || async {
        server
            .app
            .store
            .sessions_of("id-berta", 0)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(sessions().await, 1);
    later(&server, 13 * HOUR).await;
    assert_eq!(sessions().await, 0);
    later(&server, 12 * HOUR).await;
    let store = &server.app.store;
    let now = server.clock.now();
    assert!(
        kmz_meet_server::teacher_requests::by_token(store, now, &first)
            .await
            .unwrap()
            .is_none()
    );
    // The mail to it was shown; a week later it is gone, too.
    assert!(found(&server, UNPROVED));
    later(&server, 7 * DAY).await;
    assert_eq!(hits(&server, &[UNPROVED]), []);
    assert!(found(&server, PROVED) && found(&server, PRESENT));
    let proofs = || {
        std::fs::read_dir(server.app.config.data_dir.join("proofs"))
            .unwrap()
            .count()
    };
    assert_eq!(proofs(), 1, "{}", request.id);
    // A month after the day nothing of it is left at all.
    later(&server, 23 * DAY).await;
    let all = [GUEST, KNOCKER, PRESENT, CHAT, UNPROVED, PROVED, "Kanarie"];
    assert_eq!(hits(&server, &[&all[..], &secret[..]].concat()), []);
    assert_eq!(store.overdue(server.clock.now()).await.unwrap(), []);
    run_once(&Housekeeping::from(&*server.app)).await;
    assert_eq!(proofs(), 0);

    // Of all this time.
    let metrics = server.browser().request(reqwest::Method::GET, "/metrics");
    let metrics = metrics
        .bearer_auth(METRICS)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(metrics.contains("kmz_meet"), "{metrics}");
    let log = log.bytes();
    assert!(!log.is_empty());
    for canary in all.iter().chain(&secret) {
        assert_eq!(
            count(metrics.as_bytes(), canary),
            0,
            "{canary} in the metrics"
        );
        assert_eq!(count(&log, canary), 0, "{canary} in the log");
    }
}
