//! Names that look like somebody else's are pointed out to moderators.

use super::fixtures::{
    act, arrive, at, comes, door, guest, id, knock, knocking, leaves_the_roster, teacher, verified,
};
use crate::room::{Arrival, Effect, Identity, Room};
use crate::signal::{ClientMessage, Door, LookAlike, ParticipantId, ServerMessage, Target};

fn flagged(room: &Room, who: &str) -> Option<(String, bool)> {
    let alike = room.look_alikes();
    let mut own = alike.iter().filter(|one| one.participant == id(who));
    let found = own.next().map(|one| (one.name.clone(), one.here));
    assert_eq!(own.next(), None, "once");
    found
}

fn comes_in(room: &mut Room, seat: &str, name: &str, identity: Identity) {
    let arrival = Arrival {
        typed_name: matches!(identity, Identity::Guest { .. }),
        ..Arrival::new(id(seat), name, identity)
    };
    comes(room, at(1_000), arrival);
}

fn lesson() -> Room {
    let mut room = knocking();
    act(&mut room, "Frau Maier", door(Door::Open)).expect("open");
    room
}

/// Ways in which strangers write a name that is not theirs.
fn look_alikes_of(name: &str) -> Vec<String> {
    let swaps = [
        ("a", "а"),
        ("a", "α"),
        ("a", "4"),
        ("a", "@"),
        ("a", "á"),
        ("a", "aa"),
        ("e", "е"),
        ("e", "3"),
        ("e", "é"),
        ("e", "ee"),
        ("e", "ė"),
        ("l", "I"),
        ("l", "1"),
        ("l", "|"),
        ("l", "ⅼ"),
        ("l", "lll"),
        ("o", "0"),
        ("o", "о"),
        ("o", "ö"),
        ("o", "ο"),
        ("o", "oo"),
        ("i", "1"),
        ("i", "í"),
        ("i", "і"),
        ("i", "!"),
        ("s", "5"),
        ("s", "$"),
        ("s", "ѕ"),
        ("s", "ss"),
        ("t", "7"),
        ("t", "+"),
        ("t", "tt"),
        ("r", "rr"),
        ("r", "r\u{301}"),
        ("n", "n\u{303}"),
        ("n", "nn"),
        ("m", "rn"),
        ("m", "mm"),
        ("p", "р"),
        ("p", "pp"),
    ];
    let mut written: Vec<String> = Vec::new();
    for (letter, other) in swaps {
        for spelled in [name.replacen(letter, other, 1), name.replace(letter, other)] {
            for ending in ["", " (2)", ".", " !"] {
                let spelled = format!("{spelled}{ending}");
                if spelled != name && !written.contains(&spelled) {
                    written.push(spelled);
                }
            }
        }
    }
    let (first, last) = name.split_once(' ').expect("two words");
    written.extend([
        name.to_uppercase(),
        name.to_lowercase(),
        format!("{last} {first}"),
        format!("{last}, {first}"),
        format!("{first}{last}"),
        format!("{first}-{last}"),
        format!("{first}_{last}"),
        format!("{first}  {last}"),
        format!("{first} \u{200b}{last}"),
        format!("{name}\u{2800}"),
        format!("{first}\u{a0}{last}"),
    ]);
    written
}

#[test]
fn two_hundred_names_that_look_like_a_pupils_are_all_flagged() {
    let name = "Anastasia Petermoll";
    let written = look_alikes_of(name);
    assert!(written.len() >= 200, "{}", written.len());
    let mut class = lesson();
    comes_in(&mut class, "pupil", name, guest("pupil"));
    for number in 0..30 {
        let child = format!("Kind {number}");
        comes_in(&mut class, &child, &child, guest(&child));
    }
    assert_eq!(class.look_alikes(), [], "nobody of the class");
    let missed: Vec<&String> = written
        .iter()
        .filter(|spelled| {
            let mut room = class.clone();
            comes_in(&mut room, "stranger", spelled, guest("stranger"));
            flagged(&room, "stranger") != Some((name.to_owned(), true))
        })
        .collect();
    assert_eq!(missed, Vec::<&String>::new());
}

#[test]
fn stranger_in_the_lobby_with_a_pupils_name_is_flagged() {
    let mut room = lesson();
    comes_in(&mut room, "Paula", "Paula", guest("p"));
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    knock(&mut room, "P4ula", guest("s"), "a");
    knock(&mut room, "Quirin", guest("q"), "a");
    knock(&mut room, "QUIRIN", guest("r"), "a");
    assert_eq!(flagged(&room, "P4ula"), Some(("Paula".into(), true)));
    assert_eq!(flagged(&room, "Quirin"), None, "he was first");
    assert_eq!(flagged(&room, "QUIRIN"), Some(("Quirin".into(), true)));
    // A moderator who comes in is told.
    let (_, effects) = arrive(
        &mut room,
        "Herr Kurz",
        {
            Identity::Owner {
                user: "second".into(),
            }
        },
        None,
    );
    assert!(effects.iter().any(|effect| matches!(effect,
        Effect::To { participant, message: ServerMessage::LookAlikesChanged { people } }
            if *participant == id("Herr Kurz") && people.len() == 2)));
}

#[test]
fn name_of_somebody_who_left_is_flagged_as_one_of_before() {
    for leaves in [true, false] {
        let mut room = lesson();
        comes_in(&mut room, "Paula", "Paula", guest("p"));
        if leaves {
            act(&mut room, "Paula", ClientMessage::Leave).expect("left");
        } else {
            leaves_the_roster(&mut room, "Paula");
        }
        let mut room =
            Room::restore(&room.snapshot(), at(9_000), Vec::new(), at(9_000)).expect("readable");
        comes_in(&mut room, "x", "paula", guest("s"));
        assert_eq!(flagged(&room, "x"), Some(("Paula".into(), false)));
        // She herself comes back by her browser.
        comes_in(&mut room, "y", "Paula", guest("p"));
        let again = room.look_alikes();
        assert!(
            again.iter().all(|one| one.participant == id("x")),
            "{again:?}"
        );
    }
}

#[test]
fn guest_who_came_before_a_known_pupil_of_that_name_is_the_one_flagged() {
    let mut room = lesson();
    comes_in(&mut room, "guest", "Paula", guest("s"));
    comes_in(&mut room, "Paula", "Paula", verified("paula", None));
    assert_eq!(flagged(&room, "guest"), Some(("Paula (2)".into(), true)));
    assert_eq!(flagged(&room, "Paula"), None);
}

#[test]
fn word_of_a_moderator_ends_the_flag() {
    let mut room = lesson();
    for seat in ["one", "two"] {
        comes_in(&mut room, seat, "Paula", guest(seat));
    }
    let participant: ParticipantId = id("two");
    let mark = |marked| ClientMessage::Mark {
        participant: participant.clone(),
        marked,
    };
    assert!(flagged(&room, "two").is_some());
    let effects = act(&mut room, "Frau Maier", mark(true)).expect("marked");
    assert!(effects.contains(&Effect::NamesChanged));
    assert_eq!(flagged(&room, "two"), None);
    assert!(flagged(&room, "one").is_some(), "now it is the other one");
    act(&mut room, "Frau Maier", mark(false)).expect("taken back");
    let rename = ClientMessage::Rename {
        participant: participant.clone(),
        name: "Paula K.".into(),
    };
    act(&mut room, "Frau Maier", rename).expect("renamed");
    assert_eq!(room.look_alikes(), []);
}

#[test]
fn own_second_tab_is_no_look_alike() {
    let mut room = lesson();
    comes_in(&mut room, "one", "Paula", guest("p"));
    comes_in(&mut room, "two", "Paula", guest("p"));
    assert_eq!(room.look_alikes(), []);
}

#[test]
fn flood_of_leaving_guests_keeps_the_names_of_known_people() {
    let mut room = lesson();
    comes_in(&mut room, "Paula", "Paula", verified("paula", None));
    act(&mut room, "Paula", ClientMessage::Leave).expect("left");
    for number in 0..400 {
        let name = format!("Fremd {number}");
        comes_in(&mut room, &name, &name, guest(&name));
        act(&mut room, &name, ClientMessage::Leave).expect("left");
    }
    comes_in(&mut room, "x", "Paula", guest("s"));
    assert_eq!(flagged(&room, "x"), Some(("Paula".into(), false)));
    let size = room.snapshot().len();
    assert!(size < 64 * 1024, "{size} bytes");
}

/// A full room, a lobby, and all of one name: what moderators are told is bounded, and each is named once.
#[test]
fn crowd_of_one_name_is_told_of_once_each() {
    let mut room = lesson();
    for number in 0..69 {
        comes_in(
            &mut room,
            &format!("p{number}"),
            "Paula",
            guest(&format!("p{number}")),
        );
    }
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    for number in 0..40 {
        comes_in(
            &mut room,
            &format!("k{number}"),
            "PAULA",
            guest(&format!("k{number}")),
        );
    }
    let alike: Vec<LookAlike> = room.look_alikes();
    assert_eq!(alike.len(), 69 + 40 - 1);
    assert!(alike.iter().all(|one| one.name == "Paula"));
    let target = Target::All;
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    arrive(&mut room, "Herr Kurz", teacher(), None);
    assert_eq!(room.look_alikes().len(), 39);
}
