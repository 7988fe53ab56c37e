//! The end of a conference, and what the API tells of a running one.

use kmz_meet_core::signal::{ClientMessage, RefusalReason, ServerMessage, Who};
use serde_json::json;

use super::people::{Join, QUIET, SOON, Socket, enter, guest, room};
use crate::common::TestServer;

#[tokio::test]
async fn end_for_all_leaves_nothing() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let (name, path) = room(&browser, json!({})).await;
    let id = path.rsplit('/').next().unwrap();
    let mut teacher = enter(&browser, Join::new(&name, "")).await;
    let mut anna = enter(&guest(&server).await, Join::new(&name, "Anna")).await;
    anna.socket.chat("Zwiebelkuchen").await;
    teacher.socket.sees_chat("Zwiebelkuchen").await;

    let running = browser.get(&path).await.body;
    assert_eq!(
        (&running["running"], &running["participants"]),
        (&json!(true), &json!(2))
    );
    browser.delete(&path).await.is_problem(409, "room_running");
    assert!(
        server
            .app
            .store
            .conference_of_room(id)
            .await
            .unwrap()
            .is_some()
    );

    teacher.socket.say(&ClientMessage::EndForAll).await;
    for socket in [&mut teacher.socket, &mut anna.socket] {
        socket
            .until(|message| (*message == ServerMessage::Ended).then_some(()))
            .await;
        socket.is_closed().await;
    }
    let gone = async {
        while server
            .app
            .store
            .conference_of_room(id)
            .await
            .unwrap()
            .is_some()
        {
            tokio::time::sleep(QUIET / 10).await;
        }
    };
    tokio::time::timeout(SOON, gone).await.expect("deleted");
    // The rows are deleted first. SQLite empties its log right afterwards.
    let on_disk = || {
        let files = std::fs::read_dir(&server.app.config.data_dir).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        paths.filter(|path| path.is_file()).any(|path| {
            let bytes = std::fs::read(path).unwrap();
            bytes.windows(13).any(|window| window == b"Zwiebelkuchen")
        })
    };
    let clean = async {
        while on_disk() {
            tokio::time::sleep(QUIET / 10).await;
        }
    };
    tokio::time::timeout(SOON, clean).await.expect("wiped");
    assert_eq!(browser.get(&path).await.body["running"], false);

    // People who join now wait for the next conference. An old seat does not open it.
    let join = Join::new(&name, "Anna").seat(&anna.seat);
    let late = Socket::join(&guest(&server).await, join).await;
    assert_eq!(late.refusal().await, RefusalReason::BadSeat);
    let mut late = Socket::join(&guest(&server).await, Join::new(&name, "Anna")).await;
    assert_eq!(late.next().await, Some(ServerMessage::Waiting));
    drop(late);
    let next = enter(&browser, Join::new(&name, "")).await;
    assert_eq!((next.names(), next.chat.len()), (vec!["Frau berta"], 0));
    assert_eq!(browser.get(&path).await.body["participants"], 1);
}

#[tokio::test]
async fn conference_that_everyone_left_ends() {
    let server = TestServer::start_with(|config| {
        config.empty_after = std::time::Duration::from_secs(2);
    })
    .await;
    server
        .school("a", kmz_meet_server::store::Contract::Signed)
        .await;
    server.teacher("a", "berta").await;
    let browser = server.signed_in("berta").await;
    let (name, path) = room(&browser, json!({})).await;
    let teacher = enter(&browser, Join::new(&name, "")).await;
    assert_eq!(browser.get(&path).await.body["running"], true);
    drop(teacher);
    let over = async {
        while browser.get(&path).await.body["running"] == true {
            tokio::time::sleep(QUIET / 4).await;
        }
    };
    tokio::time::timeout(SOON, over).await.expect("ended");
}

#[tokio::test]
async fn room_changed_during_a_conference_keeps_everyone_in_it() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let (name, path) = room(&browser, json!({})).await;
    let mut teacher = enter(&browser, Join::new(&name, "")).await;
    let mut anna = enter(&guest(&server).await, Join::new(&name, "Anna")).await;
    let change = json!({"password": "Igel", "policy": {"camera": "moderators"}});
    assert_eq!(browser.patch(&path, change).await.status, 200);
    let password = |message: &ServerMessage| match message {
        ServerMessage::Password { password } => password.clone(),
        _ => None,
    };
    assert_eq!(teacher.socket.until(password).await, "Igel");
    let locked = |message: &ServerMessage| match message {
        ServerMessage::RoomChanged { room } => {
            (room.policy.camera == Who::Moderators && room.has_password).then_some(())
        }
        _ => None,
    };
    anna.socket.until(locked).await;
    let newcomer = guest(&server).await;
    let mut waiting = Socket::join(&newcomer, Join::new(&name, "Ben")).await;
    assert_eq!(waiting.next().await, Some(ServerMessage::Waiting));
    enter(&newcomer, Join::new(&name, "Ben").password("Igel")).await;
    assert_eq!(
        browser.patch(&path, json!({"password": null})).await.status,
        200
    );
    enter(&guest(&server).await, Join::new(&name, "Carl")).await;
    anna.socket.chat("noch da").await;
    teacher.socket.sees_chat("noch da").await;
}

#[tokio::test]
async fn conference_asked_for_while_not_running_is_not_created() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let (name, path) = room(&browser, json!({})).await;
    let mut waiting = Socket::join(&guest(&server).await, Join::new(&name, "Anna")).await;
    assert_eq!(waiting.next().await, Some(ServerMessage::Waiting));
    let conference = format!("{path}/conference");
    browser.get(&conference).await.is_problem(404, "not_found");
    assert!(server.app.conferences.rooms().is_empty());
    assert_eq!(server.app.conferences.load(), (0, 0));
}
