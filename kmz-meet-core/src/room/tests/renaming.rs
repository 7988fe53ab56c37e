//! Moderators give other names, and say who belongs to the class.

use super::fixtures::{
    act, arrive, at, class, comes, door, guest, id, is_in, knock, knocking, leaves_the_roster,
    room, seat, teacher, to_all, verified, waits,
};
use crate::room::{Admission, Arrival, Effect, Identity, Refusal, Room};
use crate::signal::{
    ChatMessage, ClientMessage, Door, Participant, Policy, Role, ServerMessage, Target,
};

fn rename(room: &mut Room, who: &str, name: &str) -> Result<Vec<Effect>, Refusal> {
    let message = ClientMessage::Rename {
        participant: id(who),
        name: name.into(),
    };
    act(room, "Frau Maier", message)
}

fn mark(room: &mut Room, who: &str, marked: bool) -> Result<Vec<Effect>, Refusal> {
    let participant = id(who);
    let message = ClientMessage::Mark {
        participant,
        marked,
    };
    act(room, "Frau Maier", message)
}

fn entry(room: &Room, who: &str) -> Participant {
    room.participant(&id(who)).expect("in")
}

fn restarted(room: &Room) -> Room {
    Room::restore(&room.snapshot(), at(9_000), room.chat().to_vec(), at(9_000)).expect("readable")
}

fn say(room: &mut Room, who: &str) {
    let text = "Hallo".to_owned();
    act(room, who, ClientMessage::SendChat { text }).expect("said");
}

fn names_in_chat(room: &Room) -> Vec<&str> {
    room.chat().iter().map(|one| one.name.as_str()).collect()
}

#[test]
fn renamed_guest_is_called_so_by_all_and_on_earlier_messages() {
    let mut room = class();
    say(&mut room, "Anna");
    say(&mut room, "Ben");
    let effects = rename(&mut room, "Anna", "  Anna \u{202e}Lena ").expect("renamed");
    assert_eq!(entry(&room, "Anna").name, "Anna Lena");
    assert!(entry(&room, "Anna").renamed && !entry(&room, "Anna").typed_name);
    assert_eq!(names_in_chat(&room), ["Anna Lena", "Ben"]);
    let told = to_all(&effects);
    assert!(told.contains(&&ServerMessage::ParticipantChanged {
        participant: entry(&room, "Anna")
    }));
    assert!(told.contains(&&ServerMessage::ChatRenamed {
        from: id("Anna"),
        name: "Anna Lena".into()
    }));
    // The store has it too, so that it holds after a restart.
    let kept: Vec<&ChatMessage> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Keep(message) => Some(message),
            _ => None,
        })
        .collect();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].id, kept[0].name.as_str()), (1, "Anna Lena"));
    assert!(effects.contains(&Effect::Save));
}

#[test]
fn name_that_a_moderator_gave_stays_over_reload_loss_and_restart() {
    let mut room = class();
    rename(&mut room, "Anna", "Anna Lena").expect("renamed");
    for mut room in [room.clone(), restarted(&room)] {
        // By the seat, and by the browser under the name that the guest types again.
        arrive(&mut room, "", seat(id("Anna")), None);
        assert_eq!(entry(&room, "Anna").name, "Anna Lena");
        leaves_the_roster(&mut room, "Anna");
        let (admission, _) = arrive(&mut room, "Anna", guest("Anna"), None);
        assert_eq!(
            admission,
            Admission::Admitted {
                participant: id("Anna"),
                returned: true
            }
        );
        assert_eq!(entry(&room, "Anna").name, "Anna Lena");
    }
    // At a door to knock at, too.
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    leaves_the_roster(&mut room, "Anna");
    arrive(&mut room, "Anna", guest("Anna"), None);
    assert_eq!(room.knockers()[0].name, "Anna Lena");
    let target = Target::All;
    act(&mut room, "Frau Maier", ClientMessage::Admit { target }).expect("admitted");
    assert_eq!(entry(&room, "Anna").name, "Anna Lena");
}

#[test]
fn knocker_renamed_in_the_lobby_comes_in_under_the_new_name() {
    let mut room = knocking();
    knock(&mut room, "xXKillerXx", guest("x"), "a");
    rename(&mut room, "xXKillerXx", "Ben").expect("renamed");
    assert_eq!(room.knockers()[0].name, "Ben");
    assert!(!room.knockers()[0].typed_name);
    let target = Target::All;
    act(&mut room, "Frau Maier", ClientMessage::Admit { target }).expect("admitted");
    let ben = entry(&room, "xXKillerXx");
    assert!(ben.name == "Ben" && ben.renamed && !ben.typed_name);
    // And finds the seat again under the name that is typed.
    leaves_the_roster(&mut room, "xXKillerXx");
    knock(&mut room, "xXKillerXx", guest("x"), "a");
    assert_eq!(room.knockers()[0].name, "Ben");
}

#[test]
fn name_given_by_a_moderator_is_cleaned_and_made_unique_like_any_other() {
    let mut room = class();
    room.owner_name = Some("Herr Kurz".into());
    for (given, becomes) in [
        ("Ben", "Ben (2)"),
        ("frau-maier", "frau-maier (2)"),
        ("Frau МаIег", "Frau МаIег (2)"),
        ("Herr Kurz", "Herr Kurz (2)"),
        ("Anna", "Anna"),
    ] {
        rename(&mut room, "Anna", given).expect("renamed");
        assert_eq!(entry(&room, "Anna").name, becomes);
    }
    for bad in ["", "  ", "\u{200b}", "!!!", &"x".repeat(61)] {
        let before = room.clone();
        assert_eq!(rename(&mut room, "Anna", bad), Err(Refusal::BadMessage));
        assert_eq!(room, before);
    }
    assert_eq!(
        rename(&mut room, "nobody", "Ben"),
        Err(Refusal::UnknownParticipant)
    );
    let by_ben = ClientMessage::Rename {
        participant: id("Anna"),
        name: "Bens Freundin".into(),
    };
    assert_eq!(act(&mut room, "Ben", by_ben), Err(Refusal::NotPermitted));
}

#[test]
fn name_of_an_account_or_a_platform_is_not_changed() {
    let mut room = class();
    arrive(&mut room, "Carl", verified("carl", None), None);
    let typed = Arrival {
        typed_name: true,
        ..Arrival::new(id("Dana"), "Dana", verified("dana", None))
    };
    comes(&mut room, at(1_000), typed);
    for who in ["Carl", "Frau Maier"] {
        assert_eq!(rename(&mut room, who, "Neu"), Err(Refusal::NotPermitted));
    }
    // Whoever came by an account without a name typed it.
    rename(&mut room, "Dana", "Dana K.").expect("renamed");
    rename(&mut room, "Dana", "Dana L.").expect("renamed again");
    assert_eq!(entry(&room, "Dana").name, "Dana L.");
}

#[test]
fn marked_guest_is_listed_and_stays_when_all_who_are_not_go() {
    let mut room = class();
    let effects = mark(&mut room, "Anna", true).expect("marked");
    assert!(entry(&room, "Anna").listed && entry(&room, "Anna").marked);
    assert!(effects.contains(&Effect::Save));
    let mut room = restarted(&room);
    for name in ["Frau Maier", "Anna", "Ben"] {
        arrive(&mut room, "", seat(id(name)), None);
    }
    let mut taken_back = room.clone();
    let target = Target::Unlisted;
    let remove = ClientMessage::Remove { target };
    act(&mut room, "Frau Maier", remove.clone()).expect("removed");
    assert_eq!(room.role(&id("Anna")), Some(Role::Participant));
    assert_eq!(room.role(&id("Ben")), None);
    mark(&mut taken_back, "Anna", false).expect("taken back");
    assert!(!entry(&taken_back, "Anna").listed);
    act(&mut taken_back, "Frau Maier", remove).expect("removed");
    assert_eq!(taken_back.role(&id("Anna")), None);
}

#[test]
fn mark_opens_no_door() {
    let mut room = class();
    mark(&mut room, "Anna", true).expect("marked");
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    leaves_the_roster(&mut room, "Anna");
    let (admission, _) = arrive(&mut room, "Anna", guest("Anna"), None);
    assert!(
        matches!(admission, Admission::Lobby { .. }),
        "{admission:?}"
    );
    // But the lobby says that she belongs here.
    assert!(room.knockers()[0].listed);
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
    let (admission, _) = arrive(&mut room, "", seat(id("Anna")), None);
    assert!(!is_in(&admission), "{admission:?}");
}

#[test]
fn listed_knockers_are_let_in_by_one_action_and_the_others_turned_away_by_one() {
    let mut room = knocking();
    arrive(&mut room, "Carl", unlisted("carl"), None);
    knock(&mut room, "Stranger", guest("s"), "a");
    knock(&mut room, "Anna", guest("a"), "a");
    mark(&mut room, "Anna", true).expect("marked at the door");
    let target = Target::Listed;
    act(&mut room, "Frau Maier", ClientMessage::Admit { target }).expect("admitted");
    assert!(entry(&room, "Anna").marked);
    assert!(waits(&room, "Stranger") && waits(&room, "Carl"));
    let target = Target::Unlisted;
    act(&mut room, "Frau Maier", ClientMessage::Refuse { target }).expect("refused");
    assert!(room.knockers().is_empty());
}

fn unlisted(user: &str) -> Identity {
    Identity::Verified {
        user: user.into(),
        device: None,
        listed: false,
        unidentified: false,
    }
}

/// Nobody watches unnoticed: also the moderators of a school's administration are told of, and on everybody's list.
#[test]
fn moderator_who_comes_in_is_on_the_roster_and_told_of() {
    let mut room = room(Policy::default(), None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    let head = Identity::Owner {
        user: "head".into(),
    };
    let (_, effects) = arrive(&mut room, "Frau Direktorin", head, None);
    assert!(effects.iter().any(|effect| matches!(effect,
        Effect::ToOthers { message: ServerMessage::ParticipantJoined { participant }, .. }
            if participant.name == "Frau Direktorin" && participant.role == Role::Moderator)));
    assert!(
        room.roster()
            .iter()
            .any(|one| one.name == "Frau Direktorin")
    );
}
