//! Guests, and people without an id.

use kmz_meet_core::signal::{ClientMessage, ServerMessage, Target};

use super::platform;
use crate::common::platform::{ID, create, element, enter};

#[tokio::test]
async fn guest_under_ask_moderator_waits_in_the_lobby() {
    let (server, platform) = platform().await;
    platform
        .call("create", &format!("{}&guestPolicy=ASK_MODERATOR", create()))
        .await;
    let teacher = platform
        .join(&format!("{ID}&fullName=Frau+M&role=MODERATOR&userID=3"))
        .await;
    let (_teacher, _) = enter(&server, &teacher).await;
    let guest = platform
        .join(&format!("{ID}&fullName=Oma&role=VIEWER&guest=true"))
        .await;
    let (_guest, answer) = enter(&server, &guest).await;
    assert!(matches!(answer, ServerMessage::Lobby), "{answer:?}");
}

/// People without an id join as their platform wants it. After a removal each of them could be the removed one.
#[tokio::test]
async fn person_without_an_id_after_a_removal_knocks() {
    let (server, platform) = platform().await;
    platform.call("create", &create()).await;
    let link = |name: &str| format!("{ID}&fullName={name}&role=VIEWER");
    let teacher = format!("{ID}&fullName=Frau+M&role=MODERATOR&userID=3");
    let (mut teacher, _) = enter(&server, &platform.join(&teacher).await).await;
    let xxx = platform.join(&link("xXx")).await;
    let (_xxx, answer) = enter(&server, &xxx).await;
    let ServerMessage::Joined { you, .. } = answer else {
        panic!("{answer:?}")
    };
    let target = Target::These(vec![you]);
    teacher.say(&ClientMessage::Remove { target }).await;
    teacher
        .until(|message| matches!(message, ServerMessage::ParticipantLeft { .. }))
        .await;
    let (_, answer) = enter(&server, &xxx).await;
    assert!(
        matches!(answer, ServerMessage::Refused { .. }),
        "the same ticket: {answer:?}"
    );
    for name in ["xXx", "Anna"] {
        let (_, answer) = enter(&server, &platform.join(&link(name)).await).await;
        assert_eq!(answer, ServerMessage::Lobby, "{name}");
    }
    let pupil = format!("{}&userID=4", link("Ben"));
    let (_, answer) = enter(&server, &platform.join(&pupil).await).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
}

#[tokio::test]
async fn guest_under_always_accept_is_not_listed() {
    let (server, platform) = platform().await;
    platform
        .call("create", &format!("{}&guestPolicy=ALWAYS_ACCEPT", create()))
        .await;
    let link = async |query: &str| platform.join(&format!("{ID}&{query}")).await;
    let teacher = link("fullName=Frau+M&role=MODERATOR&userID=3").await;
    let (mut teacher, _) = enter(&server, &teacher).await;
    let pupil = link("fullName=Anna&role=VIEWER&userID=4").await;
    let (_pupil, _) = enter(&server, &pupil).await;
    let guest = link("fullName=Frau+Schulleiterin&role=VIEWER&guest=true&userID=5").await;
    let (mut guest, answer) = enter(&server, &guest).await;
    let ServerMessage::Joined {
        participants, you, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    let shown: Vec<(bool, bool)> = participants
        .iter()
        .map(|one| (one.verified, one.listed))
        .collect();
    assert_eq!(shown, [(true, true), (true, true), (false, false)]);
    teacher
        .say(&ClientMessage::Remove {
            target: Target::Unlisted,
        })
        .await;
    guest
        .until(|message| *message == ServerMessage::Removed)
        .await;
    let left = |message: &ServerMessage| matches!(message, ServerMessage::ParticipantLeft { participant, .. } if *participant == you);
    teacher.until(left).await;
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "participantCount"), Some("2"));
}
