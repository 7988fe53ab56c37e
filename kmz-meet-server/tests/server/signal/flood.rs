//! Floods of other frames, clients that do not read, and crowds. The others notice nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::SinkExt;
use kmz_meet_core::signal::{ClientMessage, ErrorCode, MAX_CHAT_CHARS, ServerMessage};
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::people::{Join, SOON, Socket, enter, guest, lesson};
use crate::common::client::Client;

/// Sends until the server does not take it any more.
async fn flood(socket: &mut Socket, message: Message, times: usize) {
    for _ in 0..times {
        if socket.0.socket.send(message.clone()).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn flood_of_binary_frames_or_pings_is_disconnected() {
    let (server, _, room, mut teacher) = lesson(json!({})).await;
    for frame in [
        Message::binary(vec![1_u8]),
        Message::Ping(vec![1_u8].into()),
    ] {
        let mut hostile = enter(&guest(&server).await, Join::new(&room, "Mallory")).await;
        flood(&mut hostile.socket, frame, 10_000).await;
        let closed = async { while hostile.socket.text().await.is_some() {} };
        tokio::time::timeout(SOON, closed)
            .await
            .expect("disconnected");
        teacher
            .socket
            .sees(&hostile.id, |entry| !entry.connected)
            .await;
    }
}

#[tokio::test]
async fn socket_that_never_reads_is_cut_off_and_delays_nobody() {
    let (server, browser, room, mut teacher) = lesson(json!({})).await;
    let deaf = enter(&guest(&server).await, Join::new(&room, "Mallory")).await;
    // Four people talk 8 kB at a time, as fast as they may, until more waits than the system and the server hold.
    let silence = Arc::new(AtomicBool::new(false));
    let mut talkers = Vec::new();
    for name in ["Anna", "Ben", "Clara", "Dora"] {
        let person = enter(&server.browser(), Join::new(&room, name)).await;
        talkers.push(tokio::spawn(talk(person.socket, silence.clone())));
    }
    let cut_off = async {
        while teacher.socket.next().await.is_some_and(|message| {
            !matches!(message, ServerMessage::ParticipantChanged { participant }
                if participant.id == deaf.id && !participant.connected)
        }) {}
    };
    let in_time = tokio::time::timeout(4 * SOON, cut_off).await;
    silence.store(true, Ordering::Relaxed);
    in_time.expect("cut off");
    for talker in talkers {
        talker.await.expect("nobody else was cut off");
    }
    teacher.socket.chat("Ende").await;
    teacher.socket.sees_chat("Ende").await;
    // The chat fits into what newcomers get at once.
    let late = enter(&guest(&server).await, Join::new(&room, "Emil")).await;
    assert_eq!(late.chat.last().map(String::as_str), Some("Ende"));
    let back = enter(&browser, Join::new(&room, "")).await;
    assert_eq!(back.chat.len(), late.chat.len());
}

/// Sends chat messages and reads those of all.
async fn talk(mut socket: Socket, silence: Arc<AtomicBool>) {
    let text = "\u{1f600}".repeat(MAX_CHAT_CHARS);
    let mut moments = tokio::time::interval(Duration::from_millis(60));
    while !silence.load(Ordering::Relaxed) {
        tokio::select! {
            _ = moments.tick() => socket.chat(&text).await,
            heard = socket.text() => assert!(heard.is_some(), "still connected"),
        }
    }
}

#[tokio::test]
async fn messages_before_join_do_not_extend_its_timeout() {
    let (server, _, _, _teacher) = lesson(json!({})).await;
    let mut client = Client::connect(&server.browser()).await;
    client.say(&ClientMessage::EndForAll).await;
    let code = ErrorCode::NotJoined;
    assert_eq!(client.next().await, Some(ServerMessage::Error { code }));
    let started = std::time::Instant::now();
    let closed = async {
        loop {
            tokio::select! {
                text = client.next_text() => if text.is_none() { return },
                () = tokio::time::sleep(Duration::from_secs(3)) => client.say(&ClientMessage::Ping).await,
            }
        }
    };
    tokio::time::timeout(SOON, closed).await.expect("closed");
    assert!(started.elapsed() >= Duration::from_secs(9));
}

#[tokio::test]
async fn crowd_of_knocks_sends_the_teacher_a_bounded_amount() {
    let (server, _, room, mut teacher) = lesson(json!({"door": "knock"})).await;
    let browser = server.browser();
    let crowd = async move {
        let mut staying = Vec::new();
        for number in 0..400 {
            let name = format!("{number} {}", "x".repeat(50));
            let mut socket = Socket::join(&browser, Join::new(&room, &name)).await;
            // Every second one leaves at once, which changes the list again.
            if number % 2 == 0 {
                staying.push(socket);
            } else {
                socket.say(&ClientMessage::Leave).await;
            }
        }
        staying
    };
    let mut bytes = 0;
    let crowd = tokio::spawn(crowd);
    let staying = async {
        while !crowd.is_finished() {
            if let Ok(text) =
                tokio::time::timeout(Duration::from_millis(100), teacher.socket.text()).await
            {
                bytes += text.expect("the teacher stays connected").len();
            }
        }
    };
    staying.await;
    let _staying = crowd.await.unwrap();
    assert!(bytes < 10_000_000, "{bytes}");
    teacher.socket.chat("noch da").await;
    teacher.socket.sees_chat("noch da").await;
}
