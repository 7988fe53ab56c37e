//! Join links: for whom they are, and as whom they let in.

use std::time::Duration;

use kmz_meet_core::signal::{ClientMessage, Role, ServerMessage};

use super::{PUPIL, TEACHER, me, platform};
use crate::common::client::Client;
use crate::common::platform::{ID, create, element, enter, failed, fragment};

#[tokio::test]
async fn join_link_without_its_meeting_or_role_is_refused() {
    let (_server, platform) = platform().await;
    failed(
        &platform
            .call("join", &format!("{ID}&fullName=Anna&role=VIEWER"))
            .await,
        "invalidMeetingIdentifier",
    );
    platform.call("create", &create()).await;
    failed(
        &platform
            .call(
                "join",
                &format!("{ID}&fullName=Anna&role=VIEWER&createTime=1"),
            )
            .await,
        "mismatchCreateTimeParam",
    );
    failed(
        &platform
            .call("join", &format!("{ID}&fullName=Anna&password=guessed"))
            .await,
        "invalidPassword",
    );
    failed(
        &platform.call("join", &format!("{ID}&fullName=Anna")).await,
        "invalidPassword",
    );
    failed(
        &platform.call("join", &format!("{ID}&role=VIEWER")).await,
        "missingParamFullName",
    );
    // A browser gets a page that says what to do.
    let url = platform.url("join", &format!("{ID}&fullName=Anna&role=VIEWER&createTime=1&logoutURL=https%3A%2F%2Fmoodle.example%2F%22%3E%3Cscript%3E"));
    let page = platform
        .http
        .get(url)
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 400);
    let page = page.text().await.unwrap();
    assert!(
        page.contains("Die Konferenz läuft nicht") && !page.contains("<script>"),
        "{page}"
    );
}

#[tokio::test]
async fn full_name_in_a_link_is_cut_or_asked_for() {
    let (server, platform) = platform().await;
    platform.call("create", &create()).await;
    for (number, name) in ["%F0%9F%99%82", "%E2%A0%80", "-+-"].into_iter().enumerate() {
        let link = platform
            .join(&format!("{ID}&fullName={name}&role=VIEWER&userID={number}"))
            .await;
        assert_eq!(fragment(&link, "name"), None, "{name}");
        let (_, answer) = enter(&server, &link).await;
        assert!(
            matches!(
                answer,
                ServerMessage::Refused {
                    reason: kmz_meet_core::signal::RefusalReason::BadName
                }
            ),
            "{answer:?}"
        );
    }
    let link = platform
        .join(&format!(
            "{ID}&fullName={}&role=VIEWER&userID=9",
            "x".repeat(61)
        ))
        .await;
    assert_eq!(fragment(&link, "name"), Some("x".repeat(60)));
}

#[tokio::test]
async fn user_ids_with_different_ends_are_different_people() {
    let (server, platform) = platform().await;
    platform.call("create", &create()).await;
    for length in [255, 256, 1_000, 4_000] {
        let mut users = Vec::new();
        for end in ["a", "b", "a"] {
            let id = format!("{}{end}", "u".repeat(length));
            let link = platform
                .join(&format!("{ID}&fullName=Anna&role=VIEWER&userID={id}"))
                .await;
            let ticket = fragment(&link, "ticket").unwrap();
            let now = kmz_meet_server::clock::Clock::now(&*server.clock);
            users.push(
                server
                    .app
                    .tickets
                    .verify(&ticket, now)
                    .unwrap()
                    .identity
                    .user,
            );
        }
        assert_ne!(users[0], users[1], "{length}");
        assert_eq!(users[0], users[2], "{length}");
    }
    for length in [4_097, 5_000, 7_000] {
        let id = "u".repeat(length);
        let query = format!("{ID}&fullName=Anna&role=VIEWER&redirect=false&userID={id}");
        failed(&platform.call("join", &query).await, "validationError");
    }
}

#[tokio::test]
async fn join_link_gives_the_role_it_says() {
    let (server, platform) = platform().await;
    platform.call("create", &create()).await;
    let pupil = platform.join(&format!("{ID}&{PUPIL}")).await;
    let (_first, answer) = enter(&server, &pupil).await;
    let anna = me(answer);
    assert_eq!((anna.role, anna.name.as_str()), (Role::Participant, "Anna"));

    // The same ticket again, with another name and another room.
    let join = ClientMessage::Join {
        room: "another-room".into(),
        name: "Frau Müller".into(),
        password: None,
        seat: None,
        token: fragment(&pupil, "ticket"),
    };
    let mut again = Client::connect(&server.browser()).await;
    again.say(&join).await;
    let again = me(again.answer().await);
    assert_eq!(again.role, Role::Participant);
    assert!(again.name.starts_with("Anna"), "{}", again.name);

    // The role overrides the password, even a wrong one. An unknown role is ignored.
    for (link, role) in [
        (
            "fullName=B&password=moderator123&role=VIEWER",
            Role::Participant,
        ),
        (
            "fullName=C&password=attendee1234&role=MODERATOR",
            Role::Moderator,
        ),
        ("fullName=D&password=moderator123", Role::Moderator),
        ("fullName=E&password=other&role=viewer", Role::Participant),
        (
            "fullName=F&password=moderator123&role=admin",
            Role::Moderator,
        ),
        (
            "fullName=G&password=attendee1234&role=admin",
            Role::Participant,
        ),
    ] {
        let link = platform.join(&format!("{ID}&{link}")).await;
        let (_client, answer) = enter(&server, &link).await;
        assert_eq!(me(answer).role, role, "{link}");
    }
    failed(
        &platform
            .call("join", &format!("{ID}&fullName=H&role=admin"))
            .await,
        "invalidPassword",
    );
}

#[tokio::test]
async fn join_link_after_the_end_of_its_meeting_waits() {
    let (server, platform) = platform().await;
    platform.call("create", &create()).await;
    let (pupil, teacher) = (
        platform.join(&format!("{ID}&{PUPIL}")).await,
        platform.join(&format!("{ID}&{TEACHER}")).await,
    );
    let (_anna, answer) = enter(&server, &pupil).await;
    me(answer);
    platform.call("end", ID).await;
    for link in [&pupil, &teacher] {
        let (_client, answer) = enter(&server, link).await;
        assert!(matches!(answer, ServerMessage::Waiting), "{answer:?}");
    }
    assert_eq!(server.app.conferences.load(), (0, 0));

    // The next meeting of the same name is another one.
    server.clock.advance(Duration::from_secs(1));
    platform.call("create", &create()).await;
    let newer = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (_teacher, answer) = enter(&server, &newer).await;
    assert_eq!(me(answer).role, Role::Moderator);
    for link in [&pupil, &teacher] {
        let (_client, answer) = enter(&server, link).await;
        assert!(matches!(answer, ServerMessage::Waiting), "{answer:?}");
    }
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "participantCount"), Some("1"));
}

#[tokio::test]
async fn person_without_an_id_has_the_same_id_in_every_answer() {
    let (server, platform) = platform().await;
    platform
        .call("create", &format!("{}&guestPolicy=ASK_MODERATOR", create()))
        .await;
    let join = async |query: &str| {
        let query = format!("{ID}&{query}&redirect=false");
        platform.call("join", &query).await
    };
    let answer = join("fullName=Anna&role=VIEWER").await;
    let link = element(&answer, "url").unwrap().replace("&amp;", "&");
    let (_anna, joined) = enter(&server, &link.parse().unwrap()).await;
    me(joined);
    let user = element(&answer, "user_id").unwrap();
    let info = platform.call("getMeetingInfo", ID).await;
    assert!(info.contains(&format!("<userID>{user}</userID>")), "{info}");
    assert!(info.contains("<customdata></customdata>"), "{info}");
    assert_eq!(element(&answer, "guestStatus"), Some("ALLOW"));

    let answer = join("fullName=Oma&role=VIEWER&guest=true").await;
    assert_eq!(element(&answer, "guestStatus"), Some("WAIT"), "{answer}");
    assert_eq!(element(&answer, "messageKey"), Some("guestWait"));
}
