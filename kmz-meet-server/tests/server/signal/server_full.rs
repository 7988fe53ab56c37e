//! A server that takes no more people: what starts no more, and who comes in all the same.

use std::time::Duration;

use kmz_meet_core::signal::{ClientMessage, RefusalReason, ServerMessage};
use kmz_meet_server::store::Contract;
use serde_json::json;

use super::people::{Join, Socket, enter, room};
use crate::common::{Browser, TestServer};

/// A server that takes so many people, with a school, and its teacher.
async fn server_for(people: u32) -> (TestServer, Browser) {
    let server = TestServer::start_with(|config| config.max_people = Some(people)).await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let teacher = server.signed_in("berta").await;
    (server, teacher)
}

#[tokio::test]
async fn teacher_of_a_second_class_on_a_full_server_is_told_to_come_later_and_comes_when_the_first_is_over()
 {
    let (server, berta) = server_for(40).await;
    let (first, path) = room(&berta, json!({})).await;
    let _berta = enter(&berta, Join::new(&first, "")).await;
    server.teacher("a", "carla").await;
    let carla = server.signed_in("carla").await;
    let (second, _) = room(&carla, json!({})).await;
    let metrics = server.browser().request(reqwest::Method::GET, "/metrics");
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    for line in ["kmz_meet_max_people 40", "kmz_meet_places_taken 30"] {
        assert!(metrics.contains(&format!("\n{line}\n")), "{metrics}");
    }
    let refused = Socket::join(&carla, Join::new(&second, "")).await;
    assert_eq!(refused.refusal().await, RefusalReason::ServerFull);
    assert_eq!(
        berta.delete(&format!("{path}/conference")).await.status,
        204
    );
    let carla = enter(&carla, Join::new(&second, "")).await;
    assert_eq!(carla.roster.len(), 1);
}

#[tokio::test]
async fn class_that_runs_on_a_full_server_keeps_its_people_and_takes_back_its_teacher_and_its_seats()
 {
    let (server, berta) = server_for(2).await;
    let (name, _) = room(&berta, json!({})).await;
    let teacher = enter(&berta, Join::new(&name, "")).await;
    let anna = enter(&server.browser(), Join::new(&name, "Anna")).await;
    let stranger = Socket::join(&server.browser(), Join::new(&name, "Eve")).await;
    assert_eq!(stranger.refusal().await, RefusalReason::ServerFull);
    // Another account is known, so it comes in.
    server.teacher("a", "carla").await;
    let carla = enter(&server.signed_in("carla").await, Join::new(&name, "")).await;
    assert_eq!(carla.roster.len(), 3);
    drop(teacher);
    let back = enter(&berta, Join::new(&name, "")).await;
    assert_eq!(back.roster.len(), 3);
    let back = enter(&server.browser(), Join::new(&name, "Anna").seat(&anna.seat)).await;
    assert_eq!(back.id, anna.id);
}

#[tokio::test]
async fn stranger_at_a_full_server_gets_the_same_answer_for_a_room_that_runs_and_for_none() {
    let (server, berta) = server_for(1).await;
    let (name, path) = room(&berta, json!({"password": "Igel 7"})).await;
    let before = Socket::join(&server.browser(), Join::new("kein-raum", "Eve"))
        .await
        .next()
        .await;
    assert_eq!(before, Some(ServerMessage::Waiting));
    let _teacher = enter(&berta, Join::new(&name, "")).await;
    for wanted in [name.as_str(), "kein-raum"] {
        let eve = Socket::join(&server.browser(), Join::new(wanted, "Eve")).await;
        assert_eq!(eve.refusal().await, RefusalReason::ServerFull, "{wanted}");
    }
    assert_eq!(
        berta.delete(&format!("{path}/conference")).await.status,
        204
    );
    let mut eve = Socket::join(&server.browser(), Join::new("kein-raum", "Eve")).await;
    assert_eq!(eve.next().await, Some(ServerMessage::Waiting));
}

/// The last thirty places are for the next class: a guest takes them only where a lesson goes on.
#[tokio::test]
async fn guest_of_a_conference_without_a_teacher_on_a_nearly_full_server_waits_as_for_no_room_until_the_teacher_is_back()
 {
    let (server, berta) = server_for(32).await;
    let (name, _) = room(&berta, json!({})).await;
    let mut teacher = enter(&berta, Join::new(&name, "")).await;
    let anna = enter(&server.browser(), Join::new(&name, "Anna")).await;
    // Nobody waits for the rest of the class any more.
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(11)).await;
    tokio::time::resume();
    let ben = enter(&server.browser(), Join::new(&name, "Ben")).await;
    assert_eq!(ben.roster.len(), 3, "a lesson goes on");
    teacher.socket.say(&ClientMessage::Leave).await;
    while teacher.socket.text().await.is_some() {}
    for wanted in [name.as_str(), "kein-raum"] {
        let mut eve = Socket::join(&server.browser(), Join::new(wanted, "Eve")).await;
        assert_eq!(eve.next().await, Some(ServerMessage::Waiting), "{wanted}");
    }
    let back = Join::new(&name, "Anna").seat(&anna.seat);
    assert_eq!(enter(&server.browser(), back).await.id, anna.id);
    // Another class fits in.
    server.teacher("a", "carla").await;
    let carla = server.signed_in("carla").await;
    let (second, _) = room(&carla, json!({})).await;
    enter(&carla, Join::new(&second, "")).await;
    let _teacher = enter(&berta, Join::new(&name, "")).await;
    let eve = enter(&server.browser(), Join::new(&name, "Eve")).await;
    assert_eq!(eve.roster.len(), 4);
}
