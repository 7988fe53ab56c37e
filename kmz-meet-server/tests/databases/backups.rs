//! Backups: what is in them, who reads them, and that a restored one brings back nobody who was erased.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use age::secrecy::ExposeSecret;
use kmz_meet_core::signal::ConferenceId;
use kmz_meet_server::audit::Actor;
use kmz_meet_server::backup::{BackupError, backup, restore};
use kmz_meet_server::clock::Clock;
use kmz_meet_server::config::Config;
use kmz_meet_server::housekeeping::{Housekeeping, run_once};
use kmz_meet_server::leaving::{self, Rooms};
use kmz_meet_server::store::{Contract, Database, UserRole};

use crate::common::TestServer;
use crate::common::kept::count;

const DAY: i64 = 24 * 3_600_000;

async fn server() -> TestServer {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    server
}

/// As the command line has it: nobody listens there.
fn config(server: &TestServer) -> Config {
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        ..(*server.app.config).clone()
    }
}

/// A new file beside the data directory.
fn file(server: &TestServer, name: &str) -> PathBuf {
    server.app.config.data_dir.with_file_name(name)
}

async fn erase(server: &TestServer, username: &str) {
    let store = &server.app.store;
    let user = store.user_by_username(username).await.unwrap().unwrap();
    let proofs = &server.app.teacher_requests.proofs;
    let now = server.clock.now();
    let erased = leaving::erase(
        store,
        now,
        proofs,
        &user,
        &Rooms::Delete,
        &Actor::CommandLine,
    );
    erased.await.unwrap();
}

async fn accounts(config: &Config) -> Vec<String> {
    let store = Database::open(config.database_url.as_deref(), &config.data_dir).await;
    let users = store.unwrap().all_users().await.unwrap().into_iter();
    let mut names: Vec<String> = users.map(|user| user.username).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_of_an_older_backup_erases_who_was_erased_since() {
    let server = server().await;
    let (config, file) = (config(&server), file(&server, "a.backup"));
    let now = server.clock.now();
    backup(&config, &file, None, now).await.unwrap();
    erase(&server, "berta").await;
    run_once(&Housekeeping::from(&*server.app)).await;
    server.app.store.close().await.unwrap();
    let refused = restore(&config, &file, None, false, now + DAY).await;
    assert!(
        matches!(refused, Err(BackupError::WouldReplace)),
        "{refused:?}"
    );
    // Twice: the list outlives a restore.
    for _ in 0..2 {
        let restored = restore(&config, &file, None, true, now + DAY)
            .await
            .unwrap();
        assert_eq!((restored.made_at, restored.erased), (now, 1));
        assert_eq!(accounts(&config).await, ["frida"]);
    }
    let late = restore(&config, &file, None, true, now + 31 * DAY).await;
    assert!(matches!(late, Err(BackupError::TooOld(30))), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_after_the_database_was_lost_knows_who_was_erased() {
    let server = TestServer::start_with(|config| config.database_url = None).await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    server.teacher("a", "carla").await;
    let (config, file) = (config(&server), file(&server, "a.backup"));
    let now = server.clock.now();
    backup(&config, &file, None, now).await.unwrap();
    erase(&server, "carla").await;
    run_once(&Housekeeping::from(&*server.app)).await;
    server.app.store.close().await.unwrap();
    std::fs::remove_file(config.data_dir.join("kmz-meet.sqlite")).unwrap();
    let restored = restore(&config, &file, None, false, now + DAY)
        .await
        .unwrap();
    assert_eq!(restored.erased, 1);
    assert_eq!(accounts(&config).await, ["berta"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_is_private_and_has_no_chat_and_no_sessions() {
    let server = server().await;
    let room = server.signed_in("berta").await;
    let room = room.post("/api/v1/rooms", serde_json::json!({})).await.body;
    let (room, conference) = (room["id"].as_str().unwrap(), ConferenceId("c".to_owned()));
    let store = &server.app.store;
    store
        .save_conference(&conference, room, "Kanarie-Liste".to_owned(), 1)
        .await
        .unwrap();
    store
        .append_chat(&conference, 1, "Kanarie-Chat".to_owned())
        .await
        .unwrap();
    let (config, file) = (config(&server), file(&server, "a.backup"));
    let now = server.clock.now();
    backup(&config, &file, None, now).await.unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = backup(&config, &file, None, now).await;
    assert!(
        matches!(again, Err(BackupError::Exists { .. })),
        "{again:?}"
    );
    store.close().await.unwrap();
    restore(&config, &file, None, true, now).await.unwrap();
    let restored = Database::open(config.database_url.as_deref(), &config.data_dir)
        .await
        .unwrap();
    assert!(restored.conference_of_room(room).await.unwrap().is_none());
    assert_eq!(restored.sessions_of("id-berta", 0).await.unwrap(), []);
    assert_eq!(accounts(&config).await, ["berta", "frida"]);
    for file in std::fs::read_dir(&config.data_dir).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        assert_eq!(count(&bytes, "Kanarie-"), 0, "{:?}", file.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_backup_opens_with_its_key_alone() {
    let server = server().await;
    let (config, path) = (config(&server), file(&server, "a.age"));
    let now = server.clock.now();
    let wrong = backup(&config, &path, Some("age1nobody"), now).await;
    assert!(matches!(wrong, Err(BackupError::Recipient(_))), "{wrong:?}");
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    backup(&config, &path, Some(&recipient), now).await.unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(count(&bytes, "SQLite") + count(&bytes, "berta"), 0);
    server.app.store.close().await.unwrap();
    let none = restore(&config, &path, None, true, now).await;
    assert!(matches!(none, Err(BackupError::NoIdentity)), "{none:?}");
    let keys = file(&server, "keys.txt");
    let other = age::x25519::Identity::generate();
    std::fs::write(&keys, other.to_string().expose_secret()).unwrap();
    let closed = restore(&config, &path, Some(&keys), true, now).await;
    assert!(matches!(closed, Err(BackupError::NotOpened)), "{closed:?}");
    let lines = format!("# made today\n{}\n", identity.to_string().expose_secret());
    std::fs::write(&keys, lines).unwrap();
    restore(&config, &path, Some(&keys), true, now)
        .await
        .unwrap();
    assert_eq!(accounts(&config).await, ["berta", "frida"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_beside_a_running_server_is_refused() {
    let server = server().await;
    let file = file(&server, "a.backup");
    let now = server.clock.now();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = Config {
        listen: listener.local_addr().unwrap(),
        ..config(&server)
    };
    backup(&config, &file, None, now).await.unwrap();
    let refused = restore(&config, &file, None, true, now).await;
    assert!(matches!(refused, Err(BackupError::Runs(_))), "{refused:?}");
}
