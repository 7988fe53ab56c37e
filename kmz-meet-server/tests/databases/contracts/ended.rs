use std::time::Duration;

use kmz_meet_core::signal::{Alert, ClientMessage, Role, ServerMessage};
use kmz_meet_server::admin::Admin;
use kmz_meet_server::clock;
use kmz_meet_server::contracts::Step;
use kmz_meet_server::store::Contract;
use serde_json::json;

use super::{World, pdf};
use crate::common::Browser;
use crate::common::client::Client;

/// A school with a contract, and its teacher.
async fn with_teacher() -> (World, Browser, String) {
    let world = World::new().await;
    assert_eq!(world.sign(&pdf("1"), None).await.status, 201);
    let (berta, name) = teacher_of(&world).await;
    (world, berta, name)
}

async fn teacher_of(world: &World) -> (Browser, String) {
    world.server.teacher("a", "berta").await;
    let berta = world.server.signed_in("berta").await;
    let room = berta.post("/api/v1/rooms", json!({})).await.body;
    let name = room["name"].as_str().unwrap().to_owned();
    (berta, name)
}

async fn alerted(client: &mut Client) {
    let alert = ServerMessage::Alert {
        alert: Alert::ContractEnded,
    };
    client.until(|message| *message == alert).await;
}

#[tokio::test]
async fn end_of_a_contract_is_told_in_running_conferences_which_go_on() {
    let (world, berta, name) = with_teacher().await;
    let (mut teacher, _) = Client::joined(&berta, &name, "").await;
    assert_eq!(world.step(json!({"step": "end"})).await.status, 201);
    alerted(&mut teacher).await;
    let (_pupil, answer) = Client::join(&world.server.browser(), &name, "Anna").await;
    let is_in = matches!(answer, ServerMessage::Joined { .. });
    assert!(is_in, "{answer:?}");
    // Whoever moderates later is told when they come in; when all have left, nobody starts it again.
    teacher.say(&ClientMessage::EndForAll).await;
    while teacher.next().await.is_some() {}
    let (_teacher, answer) = Client::join(&berta, &name, "").await;
    assert!(
        !matches!(answer, ServerMessage::Joined { .. }),
        "{answer:?}"
    );
}

#[tokio::test]
async fn contract_that_is_signed_again_takes_the_end_back() {
    let (world, berta, name) = with_teacher().await;
    let (mut teacher, _) = Client::joined(&berta, &name, "").await;
    assert_eq!(world.step(json!({"step": "end"})).await.status, 201);
    alerted(&mut teacher).await;
    assert_eq!(world.sign(&pdf("2"), None).await.status, 201);
    // The server looks once a minute, and at once when it hears of any end.
    let path = "/api/v1/schools/home/contract/changes";
    let ended = world.operator.post(path, json!({"step": "end"})).await;
    assert_eq!(ended.status, 201, "{ended:?}");
    let alert = ServerMessage::Alert {
        alert: Alert::ContractHolds,
    };
    teacher.until(|message| *message == alert).await;
    // Who comes now hears of no end.
    let (mut second, _) = Client::joined(&berta, &name, "").await;
    let heard = tokio::time::timeout(Duration::from_secs(2), alerted(&mut second)).await;
    assert!(heard.is_err());
}

#[tokio::test]
async fn end_at_the_command_line_is_told_by_the_running_server() {
    let world = World::new().await;
    // Commands go by the clock of the machine.
    let now = clock::system().now();
    world.server.clock.set(now);
    world.server.set_contract("a", Contract::Signed, None).await;
    let world = World {
        operator: world.server.signed_in("otto").await,
        ..world
    };
    let (berta, name) = teacher_of(&world).await;
    let (mut teacher, _) = Client::joined(&berta, &name, "").await;
    let admin = Admin::open(&world.server.app.config).await.unwrap();
    let said = admin.step_contract("School a", Step::End, Some("umgezogen".to_owned()));
    assert!(said.await.unwrap().contains("ended"));
    alerted(&mut teacher).await;
    let contract = world.contract().await;
    let last = contract["history"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (&last["by"], &last["note"]),
        (&json!("command line"), &json!("umgezogen"))
    );
}

#[tokio::test]
async fn end_of_another_school_is_not_told_here() {
    let (world, berta, name) = with_teacher().await;
    let (mut teacher, _) = Client::joined(&berta, &name, "").await;
    let path = "/api/v1/schools/home/contract/changes";
    let ended = world.operator.post(path, json!({"step": "end"})).await;
    assert_eq!(ended.status, 201);
    let heard = tokio::time::timeout(Duration::from_secs(3), alerted(&mut teacher)).await;
    assert!(heard.is_err());
}

#[tokio::test]
async fn conference_six_hours_after_the_contract_is_ended() {
    let (world, berta, name) = with_teacher().await;
    let (mut teacher, _) = Client::joined(&berta, &name, "").await;
    assert_eq!(world.step(json!({"step": "end"})).await.status, 201);
    alerted(&mut teacher).await;
    world.server.clock.advance(Duration::from_hours(6));
    // The server looks once a minute, and at once when it hears of any end.
    let operator = world.server.signed_in("otto").await;
    let path = "/api/v1/schools/home/contract/changes";
    let ended = operator.post(path, json!({"step": "end"})).await;
    assert_eq!(ended.status, 201, "{ended:?}");
    let over = async { while teacher.next().await.is_some() {} };
    let over = tokio::time::timeout(Duration::from_secs(20), over).await;
    assert!(over.is_ok(), "it goes on");
}

#[tokio::test]
async fn conference_restored_after_a_restart_is_told_and_starts_no_other() {
    let (world, berta, name) = with_teacher().await;
    let (teacher, _) = Client::joined(&berta, &name, "").await;
    assert_eq!(world.step(json!({"step": "end"})).await.status, 201);
    // As after a kill.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let server = world.server.restarted().await;
    drop(teacher);
    assert!(!server.app.conferences.rooms().is_empty());
    let berta = server.signed_in("berta").await;
    let (_client, answer) = Client::join(&berta, &name, "").await;
    let ServerMessage::Joined {
        you, participants, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    // Without a contract the owner is nobody in particular.
    let me = participants.into_iter().find(|one| one.id == you).unwrap();
    assert_eq!(me.role, Role::Participant);
}
