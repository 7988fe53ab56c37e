//! What of a conference a crash leaves.

use std::sync::atomic::{AtomicI64, Ordering};

use kmz_meet_core::room::{Arrival, Command, Identity};
use kmz_meet_core::sfu::MediaConfig;
use kmz_meet_core::signal::{ParticipantId, Policy};

use super::*;
use crate::clock::{Timestamp, millis};
use crate::store::{Contract, Database, School};

struct SteppedClock(AtomicI64);

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        self.0.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn conference_after_a_crash_counts_nobody_as_present_while_the_server_was_down() {
    let directory = tempfile::tempdir().unwrap();
    let store = Database::open(None, directory.path()).await.unwrap();
    let store: SharedStore = Arc::new(store);
    let school = School {
        id: "a".to_owned(),
        name: "A".to_owned(),
        contract: Contract::Signed,
        valid_until: None,
        domains: Vec::new(),
    };
    store.add_school(&school).await.unwrap();
    let room = Room {
        id: "r".to_owned(),
        school: school.id,
        owner: None,
        name: "mutiger-dachs".to_owned(),
        title: None,
        welcome: None,
        origin: RoomSource::Course,
        external: None,
        policy: Policy::default(),
        password: None,
        created_at: 0,
    };
    let open = store.open_school("a", 0).await.unwrap().unwrap();
    store.add_room(&open, &room).await.unwrap().unwrap();
    let clock = Arc::new(SteppedClock(AtomicI64::new(1_000)));
    let media = Media::start(MediaConfig {
        port: 0,
        addresses: vec!["127.0.0.1".parse().unwrap()],
        packets_per_second: 0,
        ..MediaConfig::default()
    });
    let (registry, _feeds) = Registry::new(
        &Config::default(),
        store.clone(),
        media.unwrap(),
        Arc::new(Seats::new(&[7; 32])),
        clock.clone(),
    );
    let mut running = registry.fresh(&room).await.unwrap();
    let anna = Identity::Verified {
        user: "lti:p:anna".to_owned(),
        device: None,
        listed: true,
        unidentified: false,
    };
    let anna = Arrival::new(ParticipantId("anna".to_owned()), "Anna", anna);
    running
        .handle(to_conference(1_000), Command::Arrive(anna))
        .unwrap();
    // Saved after ten minutes, and restored an hour later.
    let conference = running.conference().clone();
    let saved_at = 1_000 + millis(Duration::from_mins(10));
    store
        .save_conference(&conference, &room.id, running.snapshot(), saved_at)
        .await
        .unwrap();
    let restored_at = saved_at + millis(Duration::from_hours(1));
    clock.0.store(restored_at, Ordering::SeqCst);
    let handle = registry.running(&room).await.unwrap().unwrap();
    let attended = handle.attendance().await;
    let present: Vec<Duration> = attended.iter().map(|one| one.present).collect();
    assert_eq!(present, [Duration::from_mins(10)]);
}
