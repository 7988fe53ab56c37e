//! Who is taken, and who waits.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kmz_meet_core::conference::{Entrance, NoStore, Options, outbox};
use kmz_meet_core::room::{Arrival, Identity, Room as RunningRoom, Setup};
use kmz_meet_core::sfu::{Media, MediaConfig};
use kmz_meet_core::signal::{ConferenceId, ParticipantId, Policy};

use super::*;
use crate::store::RoomSource;

fn room(id: u32, school: &str, owner: Option<&str>) -> Room {
    Room {
        id: id.to_string(),
        school: school.to_owned(),
        owner: owner.map(str::to_owned),
        name: format!("room-{id}"),
        title: None,
        welcome: None,
        origin: RoomSource::Own,
        external: None,
        policy: Policy::default(),
        password: None,
        created_at: 0,
    }
}

/// How many of these start one after the other.
fn started(admissions: &Admissions, rooms: impl Iterator<Item = Room>, now: Instant) -> usize {
    rooms
        .filter(|room| admissions.start(room, now).is_ok())
        .count()
}

#[test]
fn conferences_start_until_no_class_fits_in_and_again_when_no_class_is_expected() {
    let now = Instant::now();
    let admissions = Admissions::new(Some(100));
    let rooms = |from| (from..from + 10).map(|id| room(id, "a", None));
    assert_eq!(started(&admissions, rooms(0), now), 3);
    // None of them has anybody in it, so after a while their places are free.
    assert_eq!(started(&admissions, rooms(10), now + KEEPS_PLACES), 3);
    admissions.ended("10");
    assert_eq!(started(&admissions, rooms(20), now + KEEPS_PLACES), 1);
}

#[test]
fn first_conference_starts_on_the_smallest_server() {
    let admissions = Admissions::new(Some(1));
    let now = Instant::now();
    assert_eq!(admissions.start(&room(1, "a", None), now), Ok(()));
    assert_eq!(admissions.start(&room(2, "a", None), now), Err(ServerFull));
}

#[test]
fn conferences_of_one_account_keep_places_for_three_classes() {
    let now = Instant::now();
    let admissions = Admissions::new(Some(200));
    let many = (0..50).map(|id| room(id, "a", Some("eve")));
    assert_eq!(started(&admissions, many, now), 50);
    let others = (50..60).map(|id| room(id, "a", None));
    assert_eq!(started(&admissions, others, now), 3);
    assert_eq!(admissions.lock().places("a", now).0, 180);
}

#[test]
fn school_leaves_a_quarter_to_others_once_there_are_others() {
    let now = Instant::now();
    let admissions = Admissions::new(Some(240));
    assert_eq!(admissions.start(&room(100, "b", None), now), Ok(()));
    let rooms = (0..20).map(|id| room(id, "a", None));
    assert_eq!(started(&admissions, rooms, now), 6);
    assert_eq!(admissions.start(&room(101, "b", None), now), Ok(()));
    assert_eq!(
        admissions.start(&room(102, "c", None), now),
        Err(ServerFull)
    );
}

#[test]
fn restored_conference_goes_on_and_counts() {
    let now = Instant::now();
    let admissions = Admissions::new(Some(60));
    for id in 0..3 {
        admissions.restored(&room(id, "a", None), now);
    }
    assert_eq!(admissions.start(&room(9, "a", None), now), Err(ServerFull));
}

#[test]
fn school_with_a_restored_conference_keeps_its_part() {
    let now = Instant::now();
    let admissions = Admissions::new(Some(240));
    admissions.restored(&room(0, "b", None), now);
    let rooms = (1..50).map(|id| room(id, "a", None));
    assert_eq!(started(&admissions, rooms, now), 6);
    assert_eq!(admissions.start(&room(99, "b", None), now), Ok(()));
}

#[test]
fn server_without_a_limit_admits_everybody() {
    let now = Instant::now();
    let admissions = Admissions::new(None);
    let rooms = (0..500).map(|id| room(id, "a", Some("anna")));
    assert_eq!(started(&admissions, rooms, now), 500);
    assert!(admissions.has_place_for_guest());
}

#[test]
fn guest_comes_in_as_long_as_somebody_fits_in() {
    assert!(Admissions::new(Some(1)).has_place_for_guest());
    assert!(!Admissions::new(Some(0)).has_place_for_guest());
}

/// A conference that runs, with this person in it.
async fn runs(admissions: &Admissions, room: &Room, now: Instant, who: Identity) {
    let media = Media::start(MediaConfig {
        port: 0,
        addresses: vec![Ipv4Addr::LOCALHOST.into()],
        packets_per_second: 0,
        ..MediaConfig::default()
    });
    let setup = Setup::new(ConferenceId(room.id.clone()), "mutiger-dachs");
    let handle = ConferenceHandle::start(
        RunningRoom::new(setup, kmz_meet_core::Timestamp::default()),
        media.unwrap(),
        Arc::new(NoStore),
        Options {
            empty_after: Duration::from_mins(5),
        },
    );
    assert_eq!(admissions.start(room, now), Ok(()));
    admissions.runs(&room.id, &handle);
    let arrival = Arrival::new(ParticipantId("someone".to_owned()), "Someone", who);
    let entrance = handle.enter(arrival, outbox().0).await;
    assert!(matches!(entrance, Entrance::In { .. }), "{entrance:?}");
    // The next answer comes after the figures were noted.
    handle.participants().await;
    assert_eq!(handle.present(), 1);
}

#[tokio::test]
async fn guest_takes_the_places_of_the_next_class_only_where_a_moderator_is_or_a_class_is_expected()
{
    let now = Instant::now();
    let later = now + KEEPS_PLACES;
    let admissions = Admissions::new(Some(CLASS + 2));
    let (taught, alone) = (room(1, "a", None), room(2, "a", None));
    let owner = Identity::Owner {
        user: "berta".to_owned(),
    };
    let guest = Identity::Guest { device: None };
    runs(&admissions, &alone, now, guest).await;
    assert!(
        admissions.has_place_for_guest_in("2", now),
        "its class comes"
    );
    assert!(
        admissions.has_place_for_guest_in("2", later),
        "there is room"
    );
    runs(&admissions, &taught, later, owner).await;
    let latest = later + KEEPS_PLACES;
    assert!(!admissions.has_place_for_guest_in("2", latest));
    assert!(admissions.has_place_for_guest_in("1", latest));
    assert!(!admissions.has_place_for_guest_in("3", latest), "none runs");
    // A class still fits in.
    assert_eq!(admissions.start(&room(4, "a", None), latest), Ok(()));
}
