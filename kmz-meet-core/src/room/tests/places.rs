//! How many places one person, one browser or one account takes.

use super::fixtures::{
    arrive, at, class, cookieless, guest, id, is_in, room, seat, teacher, verified,
};
use crate::room::{Admission, Command, Effect, Identity, LeaveNotice, MAX_PLACES_PER_PERSON, Room};
use crate::signal::{Policy, RefusalReason, ServerMessage};

#[test]
fn fourth_place_of_a_ticket_evicts_the_oldest() {
    let mut room = class();
    for number in 0..80 {
        let name = format!("b{number}");
        let admission = arrive(&mut room, &name, verified("ben", None), None).0;
        assert!(is_in(&admission));
    }
    assert_eq!(room.present(), 3 + MAX_PLACES_PER_PERSON);
    for (name, present) in [("b76", false), ("b77", true), ("b79", true)] {
        assert_eq!(room.role(&id(name)).is_some(), present, "{name}");
    }
    let admission = arrive(&mut room, "", seat(id("b0")), None).0;
    assert_eq!(admission, Admission::Refused(RefusalReason::BadSeat));
    let (_, effects) = arrive(&mut room, "b80", verified("ben", None), None);
    let notice = LeaveNotice::Refused(RefusalReason::TooManyPlaces);
    let participant = id("b77");
    assert!(effects.contains(&Effect::Out {
        participant,
        notice
    }));
}

#[test]
fn browser_with_changing_identities_holds_three_places() {
    let mut room = class();
    for number in 0..20 {
        let name = format!("g{number}");
        let identity = match number % 3 {
            0 => guest("laptop"),
            1 => Identity::Invited {
                device: Some("laptop".into()),
            },
            // The claim names nobody in particular: another one each time.
            _ => verified(&name, Some("laptop")),
        };
        assert!(is_in(&arrive(&mut room, &name, identity, None).0));
    }
    assert_eq!(room.present(), 3 + MAX_PLACES_PER_PERSON);
}

#[test]
fn fourth_place_of_a_teacher_is_given_and_a_lost_one_is_taken_up_again() {
    let mut room = class();
    for name in ["phone", "desk", "board"] {
        assert!(is_in(&arrive(&mut room, name, teacher(), None).0));
    }
    assert_eq!(room.role(&id("Frau Maier")), None, "the oldest");
    // A place that nobody uses is taken up again, and none is lost for it.
    let participant = id("desk");
    room.handle(at(3_000), Command::Gone { participant })
        .expect("gone");
    let (admission, _) = arrive(&mut room, "other", teacher(), None);
    let participant = id("desk");
    assert_eq!(
        admission,
        Admission::Admitted {
            participant,
            returned: true
        }
    );
}

#[test]
fn room_of_seventy_cookieless_guests_admits_all() {
    let mut room = room(Policy::default(), None);
    for number in 0..70 {
        let admission = arrive(&mut room, &format!("g{number}"), cookieless(), None).0;
        assert!(is_in(&admission));
    }
}

#[test]
fn shared_account_is_told_to_moderators_once() {
    let mut room = class();
    let told = |effects: &[Effect]| {
        let told = effects.iter().filter_map(|effect| match effect {
            Effect::ToModerators(ServerMessage::SharedAccount { name }) => Some(name.clone()),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let comes = |room: &mut Room, name: &str, user: &str, device: Option<&str>| {
        told(&arrive(room, name, verified(user, device), None).1)
    };
    // One person with three devices, one of which has many windows.
    for (name, device) in [
        ("a", "phone"),
        ("b", "laptop"),
        ("c", "board"),
        ("d", "phone"),
    ] {
        assert!(comes(&mut room, name, "carl", Some(device)).is_empty());
    }
    // And a fourth device, after the connection of another one was lost.
    let participant = id("c");
    room.handle(at(3_000), Command::Gone { participant })
        .expect("gone");
    assert!(comes(&mut room, "e", "carl", Some("phone")).is_empty());
    for number in 0..10 {
        let name = format!("Klasse 5b {number}");
        let news = comes(&mut room, &name, "5b", Some(&name));
        let expected = if number == 3 { vec![name] } else { vec![] };
        assert_eq!(news, expected);
    }
    // Devices without a cookie count, too; and after three accounts it is known.
    for user in ["6a", "6b", "6c", "6d"] {
        let all =
            (0..5).flat_map(|number| comes(&mut room, &format!("{user} {number}"), user, None));
        let all = all.collect::<Vec<_>>().len();
        assert_eq!(all, usize::from(user == "6a" || user == "6b"), "{user}");
    }
    // Also to who moderates later.
    let mut restored =
        Room::restore(&room.snapshot(), at(9_000), Vec::new(), at(9_000)).expect("readable");
    let (_, effects) = arrive(&mut restored, "second", teacher(), None);
    let name = "Klasse 5b 3".to_owned();
    let message = ServerMessage::SharedAccount { name };
    let participant = id("Frau Maier");
    assert!(effects.contains(&Effect::To {
        participant,
        message
    }));
    // A teacher with many windows is told nothing.
    for number in 0..8 {
        let (_, effects) = arrive(&mut restored, &format!("w{number}"), teacher(), None);
        assert!(told(&effects).is_empty());
    }
}
