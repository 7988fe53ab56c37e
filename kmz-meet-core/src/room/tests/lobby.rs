//! What one person can take of the lobby from all others.

use proptest::prelude::*;

use super::fixtures::{arrive, cookieless, guest, id, knock, knocking, room, teacher, waits};
use crate::room::lobby_places::{MAX_LOBBY_PLACES, MAX_LOBBY_PLACES_PER_ADDRESS};
use crate::room::{Admission, Effect, Identity, LeaveNotice, Room};
use crate::signal::{Door, Policy, RefusalReason};

#[test]
fn lobby_with_many_knocks_is_bounded() {
    let mut room = room(
        Policy {
            door: Door::Knock,
            ..Policy::default()
        },
        None,
    );
    for number in 0..400 {
        arrive(
            &mut room,
            &format!("g{number}"),
            guest(&format!("d{number}")),
            None,
        );
    }
    assert_eq!(room.knockers().len(), 150);
    assert!(matches!(
        arrive(&mut room, "Frau Maier", teacher(), None).0,
        Admission::Admitted { .. }
    ));
}

#[test]
fn lobby_flooded_from_one_address_keeps_a_class_waiting() {
    for (flood, class) in [("a", "a"), ("a", "b")] {
        for with_cookies in [false, true] {
            let mut room = knocking();
            for number in 0..400 {
                let name = format!("x{number}");
                // Three knocks of each cookie.
                let device = format!("x{}", number / 3);
                let identity = if with_cookies {
                    guest(&device)
                } else {
                    cookieless()
                };
                // As many as can be had in a few seconds.
                if !with_cookies || number < 149 {
                    knock(&mut room, &name, identity, flood);
                }
            }
            assert!(with_cookies || room.knockers().len() <= MAX_LOBBY_PLACES_PER_ADDRESS);
            let names: Vec<String> = (0..65).map(|number| format!("g{number}")).collect();
            for name in &names {
                let admission = knock(&mut room, name, guest(name), class);
                assert!(
                    matches!(admission, Admission::Lobby { .. }),
                    "{name} of {class}, {with_cookies}: {admission:?}"
                );
            }
            // And those who knock on do not push them out.
            for number in 0..400 {
                let name = format!("y{number}");
                let device = format!("x{}", number / 3);
                let identity = if with_cookies {
                    guest(&device)
                } else {
                    cookieless()
                };
                knock(&mut room, &name, identity, flood);
            }
            let missing: Vec<_> = names.iter().filter(|name| !waits(&room, name)).collect();
            assert!(missing.is_empty(), "{class}, {with_cookies}: {missing:?}");
            assert!(room.knockers().len() <= MAX_LOBBY_PLACES);
        }
    }
}

#[test]
fn lobby_full_of_browsers_of_one_address_takes_in_a_class_of_another() {
    let mut room = knocking();
    for number in 0..MAX_LOBBY_PLACES {
        let name = format!("x{number}");
        knock(&mut room, &name, guest(&name), "a");
    }
    assert_eq!(room.knockers().len(), MAX_LOBBY_PLACES);
    for number in 0..70 {
        let name = format!("g{number}");
        let admission = knock(&mut room, &name, guest(&name), "b");
        assert!(matches!(admission, Admission::Lobby { .. }), "{name}");
    }
    // And many addresses do not push out a class that waits.
    let mut room = knocking();
    for number in 0..70 {
        let name = format!("g{number}");
        knock(&mut room, &name, guest(&name), "b");
    }
    for number in 0..MAX_LOBBY_PLACES {
        let name = format!("x{number}");
        knock(&mut room, &name, guest(&name), "a");
    }
    for number in 0..300 {
        let name = format!("y{number}");
        knock(&mut room, &name, guest(&name), &name);
    }
    let class = (0..70).filter(|number| waits(&room, &format!("g{number}")));
    assert_eq!(class.count(), 70);
}

#[test]
fn lobby_gives_cookieless_guests_of_one_address_two_thirds() {
    let mut room = knocking();
    for number in 0..150 {
        knock(&mut room, &format!("x{number}"), cookieless(), "a");
    }
    assert_eq!(room.knockers().len(), 100);
    for number in 0..50 {
        knock(&mut room, &format!("y{number}"), cookieless(), "b");
    }
    assert!((0..50).all(|number| waits(&room, &format!("y{number}"))));
    assert_eq!(room.knockers().len(), 150);
}

#[test]
fn fourth_knock_of_a_browser_replaces_the_oldest() {
    let mut room = knocking();
    for number in 0..10 {
        knock(&mut room, &format!("x{number}"), guest("x"), "a");
    }
    let waiting: Vec<String> = room.knockers().into_iter().map(|one| one.id.0).collect();
    assert_eq!(waiting, ["x7", "x8", "x9"]);
    let (_, effects) = arrive(&mut room, "x10", guest("x"), None);
    let notice = LeaveNotice::Refused(RefusalReason::TooManyPlaces);
    let participant = id("x7");
    assert!(effects.contains(&Effect::Out {
        participant,
        notice
    }));
}

#[test]
fn fourth_knock_of_an_account_replaces_the_oldest_whatever_the_browser() {
    let mut room = knocking();
    for number in 0..10 {
        let device = format!("d{number}");
        let identity = Identity::Verified {
            user: "paul".into(),
            device: (number % 2 == 0).then_some(device),
            listed: false,
            unidentified: false,
        };
        knock(&mut room, &format!("x{number}"), identity, "a");
    }
    let waiting: Vec<String> = room.knockers().into_iter().map(|one| one.id.0).collect();
    assert_eq!(waiting, ["x7", "x8", "x9"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    /// Whoever has a browser of their own, and knocks once, is neither refused nor sent away for those who have none.
    #[test]
    fn lobby_under_random_knocks_keeps_devices_before_cookieless_guests(
        knocks in prop::collection::vec((any::<bool>(), 0..4u8, 0..120u32), 200..350)
    ) {
        let mut room = knocking();
        let devices = |room: &Room| {
            let own = room.lobby.iter().filter(|one| one.device.is_some());
            own.map(|one| one.id.clone()).collect::<std::collections::BTreeSet<_>>()
        };
        for (number, (has_device, address, who)) in knocks.into_iter().enumerate() {
            let address = format!("a{}", address / 2);
            let name = format!("k{number}");
            let before = devices(&room);
            let identity = if has_device { guest(&format!("{address} {who}")) } else { cookieless() };
            let admission = knock(&mut room, &name, identity, &address);
            prop_assert!(room.lobby.len() <= MAX_LOBBY_PLACES);
            let near = room.lobby.iter().filter(|one| one.address.as_deref() == Some(&address));
            let near_without = near.filter(|one| one.device.is_none()).count();
            prop_assert!(near_without <= MAX_LOBBY_PLACES_PER_ADDRESS);
            if has_device {
                let refused = admission == Admission::Refused(RefusalReason::Full);
                prop_assert!(!refused || devices(&room).len() == MAX_LOBBY_PLACES);
            } else {
                prop_assert!(devices(&room).is_superset(&before));
            }
        }
    }
}
