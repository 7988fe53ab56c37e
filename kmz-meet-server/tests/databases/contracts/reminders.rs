use std::time::Duration;

use kmz_meet_server::config::MailConfig;
use kmz_meet_server::contracts::{Reminder, mark_due, remind};
use kmz_meet_server::store::UserRole;

use super::{World, pdf};

async fn due(world: &World) -> Vec<Reminder> {
    let now = world.server.app.clock.now();
    mark_due(&world.server.app.store, now).await.unwrap()
}

#[tokio::test]
async fn reminders_of_a_contract_come_once_at_each_stage() {
    let world = World::new().await;
    assert_eq!(world.sign(&pdf("1"), Some("2027-07-31")).await.status, 201);
    world
        .server
        .person("a", "anna", UserRole::SchoolAdmin)
        .await;
    world.server.teacher("a", "berta").await;
    assert_eq!(due(&world).await, []);
    let mut stages = Vec::new();
    for _ in 0..200 {
        world.server.clock.advance(Duration::from_hours(24));
        for reminder in due(&world).await {
            assert_eq!(reminder.school.id, "a");
            assert_eq!(reminder.last_day, "2027-07-31");
            assert_eq!(reminder.school_admins, ["id-anna"]);
            stages.push(reminder.stage);
        }
        assert_eq!(due(&world).await, []);
    }
    assert_eq!(stages, [90, 30, 7]);
}

#[tokio::test]
async fn reminder_is_given_to_one_of_two_who_look_at_once() {
    let world = World::new().await;
    assert_eq!(world.sign(&pdf("1"), Some("2027-02-01")).await.status, 201);
    let (one, other) = tokio::join!(due(&world), due(&world));
    assert_eq!(one.len() + other.len(), 1);
}

#[tokio::test]
async fn reminder_is_mailed_to_the_operator_and_to_administrators_once() {
    let world = World::with(|config| config.mail = Some(MailConfig::Show)).await;
    assert_eq!(world.sign(&pdf("1"), Some("2027-02-01")).await.status, 201);
    let server = &world.server;
    server.person("a", "anna", UserRole::SchoolAdmin).await;
    let (app, now) = (&server.app, server.app.clock.now());
    let address = "anna@schule.example".parse().unwrap();
    let set = app.store.set_email("id-anna", &address).await;
    set.unwrap().unwrap();
    for _ in 0..2 {
        let told = remind(&app.store, &app.mailer, now, Some("kmz@kmz.example"));
        told.await.unwrap();
    }
    let mails = server.browser().get("/demo/mail.json").await.body;
    let mut to = Vec::new();
    for mail in mails["mails"].as_array().unwrap() {
        assert!(
            mail["text"].as_str().unwrap().contains("2027-02-01"),
            "{mail}"
        );
        to.push(mail["to"].as_str().unwrap());
    }
    to.sort_unstable();
    assert_eq!(to, ["anna@schule.example", "kmz@kmz.example"]);
}
