//! The real program comes back after `kill -9` with everything that it had.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kmz_meet_core::signal::{ClientMessage, Door, Role, ServerMessage};
use serde_json::{Value, json};

use super::people::{Join, Person, enter};
use crate::common::{Browser, set_cookie};

/// Ends the server when a test fails.
struct Program {
    child: Child,
    browser: Browser,
    demo: Value,
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGKILL: the server writes nothing before it ends.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn start(data_dir: &Path, listen: &str) -> Program {
    let child = Command::new(env!("CARGO_BIN_EXE_kmz-meet"))
        .args(["serve", "--demo"])
        .current_dir(data_dir)
        .env_clear()
        .env("KMZ_MEET_LISTEN", listen)
        .env("KMZ_MEET_DATA_DIR", data_dir)
        .env("KMZ_MEET_MEDIA_PORT", "0")
        .env("KMZ_MEET_MEDIA_ADDRESSES", "127.0.0.1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let base = format!("http://{listen}");
    let mut program = Program {
        child,
        browser: Browser {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            origin: base.clone(),
            base,
            cookie: None,
        },
        demo: Value::Null,
    };
    let started = Instant::now();
    let health = format!("{}/healthz", program.browser.base);
    while program.browser.http.get(&health).send().await.is_err() {
        assert!(program.child.try_wait().unwrap().is_none(), "it ended");
        assert!(started.elapsed() < Duration::from_secs(20), "no start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let demo = std::fs::read(data_dir.join("demo.json")).unwrap();
    program.demo = serde_json::from_slice(&demo).unwrap();
    program
}

impl Program {
    async fn teacher(&self) -> Browser {
        let text = |key: &str| self.demo["teacher"][key].as_str().unwrap();
        let answer = self.browser.sign_in(text("username"), text("password"));
        let cookie = set_cookie(&answer.await).unwrap();
        Browser {
            cookie: cookie.split(';').next().map(str::to_owned),
            ..self.browser.clone()
        }
    }

    fn room(&self) -> &str {
        self.demo["room"]["name"].as_str().unwrap()
    }
}

#[tokio::test]
async fn conference_after_a_kill_has_its_ten_people_as_before() {
    let directory = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let program = start(directory.path(), &listen).await;
    let (teacher_browser, room) = (program.teacher().await, program.room().to_owned());
    let mut teacher = enter(&teacher_browser, Join::new(&room, "")).await;
    let mut pupils = Vec::new();
    for number in 0..9 {
        let name = format!("Kind {number}");
        pupils.push(enter(&program.browser, Join::new(&room, &name)).await);
    }
    for number in [3, 1] {
        let pupil: &mut Person = &mut pupils[number];
        pupil
            .socket
            .say(&ClientMessage::SetHand { raised: true })
            .await;
        teacher
            .socket
            .sees(&pupil.id, |entry| entry.hand.is_some())
            .await;
    }
    let role = ClientMessage::SetRole {
        participant: pupils[5].id.clone(),
        role: Role::Moderator,
    };
    teacher.socket.say(&role).await;
    pupils[0].socket.chat("Seite 12").await;
    let change = serde_json::from_value(json!({"door": "closed"})).unwrap();
    teacher
        .socket
        .say(&ClientMessage::SetPolicy { change })
        .await;
    let closed = |message: &ServerMessage| match message {
        ServerMessage::RoomChanged { room } => (room.policy.door == Door::Closed).then_some(()),
        _ => None,
    };
    teacher.socket.until(closed).await;
    // Events of some moments ago are on the disk.
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(program);

    let killed = Instant::now();
    let program = start(directory.path(), &listen).await;
    for (number, pupil) in pupils.iter().enumerate() {
        let back = enter(&program.browser, Join::new(&room, "").seat(&pupil.seat)).await;
        assert_eq!(back.id, pupil.id);
        assert_eq!(back.roster.len(), 10, "{:?}", back.names());
        let entry = back.entry();
        assert_eq!(entry.name, format!("Kind {number}"));
        let hand = match number {
            3 => Some(1),
            1 => Some(2),
            _ => None,
        };
        assert_eq!(entry.hand, hand);
        let role = if number == 5 {
            Role::Moderator
        } else {
            Role::Participant
        };
        assert_eq!(entry.role, role);
        assert_eq!(
            (back.chat.as_slice(), back.policy.door),
            (&["Seite 12".to_owned()][..], Door::Closed)
        );
    }
    // The teacher is still signed in, and gets her own seat.
    let back = enter(&teacher_browser, Join::new(&room, "")).await;
    assert_eq!((back.id, back.roster.len()), (teacher.id, 10));
    assert!(
        killed.elapsed() < Duration::from_secs(5),
        "{:?}",
        killed.elapsed()
    );
}
