//! A meeting at the limit that its platform set.

use kmz_meet_core::signal::{ClientMessage, RefusalReason, Role, ServerMessage};

use super::{PUPIL, TEACHER, me, platform};
use crate::common::platform::{ID, Platform, create, element, enter, failed};

#[tokio::test]
async fn meeting_at_its_limit_refuses_all_but_known_and_teachers() {
    let (server, platform) = platform().await;
    let query = format!("{}&maxParticipants=2&guestPolicy=ALWAYS_DENY", create());
    platform.call("create", &query).await;
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "maxUsers"), Some("2"));
    failed(
        &platform
            .call("join", &format!("{ID}&fullName=Oma&role=VIEWER&guest=true"))
            .await,
        "guestDeniedAccess",
    );
    let third = platform.join(&format!("{ID}&{PUPIL}")).await;
    let mut inside = Vec::new();
    for id in ["10", "11"] {
        let link = platform
            .join(&format!("{ID}&fullName=A&role=VIEWER&userID={id}"))
            .await;
        let (client, answer) = enter(&server, &link).await;
        me(answer);
        inside.push(client);
    }
    // A new link is refused at once. An old link is refused at the door.
    failed(
        &platform.call("join", &format!("{ID}&{PUPIL}")).await,
        "maxParticipantsReached",
    );
    let page = platform
        .http
        .get(platform.url("join", &format!("{ID}&{PUPIL}")))
        .header("accept", "text/html")
        .header("accept-language", "de");
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Die Konferenz ist voll"), "{page}");
    let (_third, answer) = enter(&server, &third).await;
    assert!(
        matches!(
            answer,
            ServerMessage::Refused {
                reason: RefusalReason::Full,
                ..
            }
        ),
        "{answer:?}"
    );
    // A participant joins again with another device.
    platform
        .join(&format!("{ID}&fullName=A&role=VIEWER&userID=10"))
        .await;
    // A teacher is never locked out.
    let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (_teacher, answer) = enter(&server, &teacher).await;
    assert_eq!(me(answer).role, Role::Moderator);
}

/// The join link of this person.
async fn link(platform: &Platform, person: &str) -> reqwest::Url {
    platform.join(&format!("{ID}&{person}")).await
}

#[tokio::test]
async fn teacher_who_lost_the_window_joins_beyond_the_limit() {
    // The same teacher, another teacher, and a teacher while the first window is still connected.
    for (other, is_lost, returns) in [
        (TEACHER, true, true),
        ("fullName=Herr+K&role=MODERATOR&userID=30", true, false),
        (TEACHER, false, false),
        (
            "fullName=Herr+K&password=moderator123&userID=31",
            false,
            false,
        ),
    ] {
        let (server, platform) = platform().await;
        let query = format!("{}&maxParticipants=2", create());
        platform.call("create", &query).await;
        let (mut window, answer) = enter(&server, &link(&platform, TEACHER).await).await;
        let first = me(answer);
        let (mut anna, answer) = enter(&server, &link(&platform, PUPIL).await).await;
        me(answer);
        if is_lost {
            // The connection ends without a leave: the seat stays.
            drop(window.socket);
            anna.until(|message| {
                matches!(message, ServerMessage::ParticipantChanged { participant } if !participant.connected)
            })
            .await;
        } else {
            window.say(&ClientMessage::Ping).await;
        }
        let (_second, answer) = enter(&server, &link(&platform, other).await).await;
        let second = me(answer);
        assert_eq!(second.role, Role::Moderator, "{other}");
        assert_eq!(second.id == first.id, returns, "{other}");
    }
}

#[tokio::test]
async fn pupil_who_lost_the_connection_returns_at_the_limit() {
    for person in [
        PUPIL,
        "fullName=Ben&role=VIEWER&userID=55",
        // Another name on another device: the id tells who it is.
        "fullName=Mia+L&role=VIEWER&userID=77",
    ] {
        let (server, platform) = platform().await;
        let query = format!("{}&maxParticipants=2", create());
        platform.call("create", &query).await;
        let (mut teacher, answer) = enter(&server, &link(&platform, TEACHER).await).await;
        me(answer);
        let (window, answer) = enter(&server, &link(&platform, person).await).await;
        let first = me(answer);
        let stranger = format!("{ID}&fullName=X&role=VIEWER&userID=99");
        failed(
            &platform.call("join", &stranger).await,
            "maxParticipantsReached",
        );
        drop(window);
        teacher
            .until(|message| {
                matches!(message, ServerMessage::ParticipantChanged { participant } if !participant.connected)
            })
            .await;
        // Nobody else takes the seat meanwhile, and a new link gives it back.
        failed(
            &platform.call("join", &stranger).await,
            "maxParticipantsReached",
        );
        let (_back, answer) = enter(&server, &link(&platform, person).await).await;
        assert_eq!(me(answer).id, first.id, "{person}");
    }
}

#[tokio::test]
async fn answers_report_the_capacity_that_holds() {
    let (_server, platform) = platform().await;
    for (wanted, real) in [("1", "2"), ("5", "5"), ("5000", "70"), ("0", "0")] {
        let query = format!("meetingID=of{wanted}&maxParticipants={wanted}");
        let made = platform.call("create", &query).await;
        assert_eq!(element(&made, "maxParticipants"), Some(real), "{made}");
        let info = platform
            .call("getMeetingInfo", &format!("meetingID=of{wanted}"))
            .await;
        assert_eq!(element(&info, "maxUsers"), Some(real), "{info}");
    }
}

#[tokio::test]
async fn participant_count_stays_below_the_limit_of_the_platform() {
    let (server, platform) = platform().await;
    let query = format!("{}&maxParticipants=2", create());
    platform.call("create", &query).await;
    let count = async || {
        let info = platform.call("getMeetingInfo", ID).await;
        element(&info, "participantCount").unwrap().to_owned()
    };
    assert_eq!(count().await, "0");
    let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (teacher_client, answer) = enter(&server, &teacher).await;
    me(answer);
    assert_eq!(count().await, "1");
    let pupil = platform.join(&format!("{ID}&{PUPIL}")).await;
    let (_pupil, answer) = enter(&server, &pupil).await;
    me(answer);
    // Moodle refuses everyone at the limit, even people who lost the connection.
    assert_eq!(count().await, "1");
    drop(teacher_client);
    let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (_teacher, answer) = enter(&server, &teacher).await;
    me(answer);
    assert_eq!(count().await, "1");
}
