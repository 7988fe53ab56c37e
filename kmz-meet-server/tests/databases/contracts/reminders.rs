use std::time::Duration;

use kmz_meet_server::contracts::{Reminder, mark_due};
use kmz_meet_server::store::UserRole;

use super::{World, pdf};

async fn due(world: &World) -> Vec<Reminder> {
    let now = world.server.app.clock.now();
    let due = mark_due(&world.server.app.store, now, Some("kmz@kmz.example"));
    due.await.unwrap()
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
            assert_eq!(reminder.to.operator.as_deref(), Some("kmz@kmz.example"));
            assert_eq!(reminder.to.school_admins, ["id-anna"]);
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
