//! Conferences that ran, and the ways into rooms.

use kmz_meet_core::signal::{ClientMessage, Door, Right, Role, ServerMessage, Who};
use serde_json::json;

use super::upgraded;
use crate::common::client::Client;
use crate::common::course::{Course, led_to};
use crate::common::platform::{Platform, element, enter};

#[tokio::test]
async fn conference_running_before_the_upgrade_goes_on_after_it() {
    let upgraded = upgraded().await;
    let chat = [
        ("Anna".to_owned(), "Guten Morgen".to_owned()),
        ("Frau Maier".to_owned(), "Bitte Seite 12 öffnen".to_owned()),
    ];
    let (mut maier, came) = upgraded.back("maier").await;
    assert_eq!(came.own.role, Role::Moderator, "without the cookie");
    assert_eq!((came.door, came.camera), (Door::Knock, Who::Moderators));
    assert_eq!((came.participants, &came.chat[..]), (3, &chat[..]));
    let (mut ben, came) = upgraded.back("ben").await;
    assert_eq!((came.own.role, came.own.hand), (Role::Participant, Some(1)));
    assert_eq!(came.own.grants, [Right::Camera]);
    let (mut anna, came) = upgraded.back("anna").await;
    assert_eq!((came.own.role, came.own.hand), (Role::Participant, Some(2)));
    assert_eq!(came.own.grants, []);
    assert_eq!((came.door, came.camera), (Door::Knock, Who::Moderators));
    assert_eq!(came.chat, chat);

    // All are back: the API tells of the conference what it told before.
    let key = upgraded.key();
    let conference = format!("/rooms/{}/conference", upgraded.text("/rooms/own"));
    let get = async |path: &str| key.get(&format!("/api/v1{path}")).await.body;
    let found = upgraded
        .compared("answers", |path| path == conference, get)
        .await;
    assert!(found.is_empty(), "{}", found.join("\n"));

    // The door and the chat still work.
    let own = upgraded.text("/own_room");
    let join = json!({"type": "join", "room": own, "name": "Dora", "password": "pinguin"});
    let (mut dora, answer) = Client::arrive(&upgraded.server.browser(), join).await;
    assert!(matches!(answer, ServerMessage::Lobby), "{answer:?}");
    maier
        .until(|message| {
            matches!(message, ServerMessage::LobbyChanged { knockers } if knockers.iter().any(|one| one.name == "Dora"))
        })
        .await;
    let text = "Wieder da".to_owned();
    ben.say(&ClientMessage::SendChat { text: text.clone() })
        .await;
    for client in [&mut anna, &mut maier] {
        let is_it = |message: &ServerMessage| matches!(message, ServerMessage::Chat { message } if message.text == text);
        client.until(is_it).await;
    }
    maier.say(&ClientMessage::EndForAll).await;
    dora.until(|message| {
        matches!(
            message,
            ServerMessage::Ended | ServerMessage::Waiting | ServerMessage::Refused { .. }
        )
    })
    .await;
    anna.until(|message| matches!(message, ServerMessage::Ended))
        .await;
}

#[tokio::test]
async fn joins_of_all_kinds_after_the_upgrade_lead_to_the_same_rooms() {
    let upgraded = upgraded().await;
    let (server, key) = (&upgraded.server, upgraded.key());
    let rooms = key.get("/api/v1/rooms").await.body["rooms"].clone();
    let rooms_before = rooms.as_array().unwrap().len();
    let room = |name: &str| {
        let mut rooms = rooms.as_array().unwrap().iter();
        let room = rooms.find(|one| one["title"] == name).unwrap();
        room["name"].as_str().unwrap().to_owned()
    };
    let name_in = |answer: &ServerMessage| match answer {
        ServerMessage::Joined { room, .. } => room.name.clone(),
        other => panic!("{other:?}"),
    };
    // A ticket of the REST API, made before.
    let join = json!({"type": "join", "room": room("Sprechstunde"), "name": "", "token": upgraded.text("/ticket/ticket")});
    let (_portal, answer) = Client::arrive(&server.browser(), join).await;
    assert_eq!(name_in(&answer), room("Sprechstunde"));
    // A token of the portal that came from Jitsi.
    let join = json!({"type": "join", "room": "Elternabend", "name": "", "token": upgraded.text("/jitsi_token")});
    let (_jitsi, answer) = Client::arrive(&server.browser(), join).await;
    assert_eq!(name_in(&answer), room("elternabend"));
    // A meeting of a platform that speaks BigBlueButton.
    let platform = Platform {
        base: format!("{}/bigbluebutton/api", server.origin),
        secret: upgraded.text("/bbb_secret").to_owned(),
        http: reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap(),
    };
    let info = platform.call("getMeetingInfo", "meetingID=meeting-1").await;
    assert_eq!(element(&info, "meetingName"), Some("Physik"), "{info}");
    assert_eq!(element(&info, "attendeePW"), Some("ap"));
    let url = platform
        .join("meetingID=meeting-1&fullName=Frau+Rot&password=mp&userID=r1")
        .await;
    let (_bbb, answer) = enter(server, &url).await;
    assert_eq!(name_in(&answer), room("Physik"));
    // A link in the course.
    let course = Course::known(
        upgraded.text("/platform_url"),
        upgraded.text("/platform_key"),
    )
    .await;
    let url = led_to(&course.launch(server, "c", |_| {}).await);
    assert_eq!(url.path(), format!("/{}", upgraded.text("/course_room")));
    let (_anna, answer) = enter(server, &url).await;
    assert_eq!(name_in(&answer), upgraded.text("/course_room"));
    let rooms = key.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"].as_array().unwrap().len(), rooms_before);
}
