//! Names of people and of rooms in a join request.

use kmz_meet_core::signal::RefusalReason;
use serde_json::json;

use super::people::{Join, Socket, classroom, enter, guest};

#[tokio::test]
async fn unusable_name_is_refused_alike_for_every_room() {
    let (server, teacher, room) = classroom(json!({"password": "Igel"})).await;
    let _teacher = enter(&teacher, Join::new(&room, "")).await;
    let guest = guest(&server).await;
    let too_long = "x".repeat(61);
    for name in ["", "  ", "\u{202e}\u{200b}", "...", &too_long] {
        for room in [room.as_str(), "mutiger-dachs-lomi-katu-renu"] {
            let socket = Socket::join(&guest, Join::new(room, name)).await;
            assert_eq!(socket.refusal().await, RefusalReason::BadName, "{name:?}");
        }
    }
}

#[tokio::test]
async fn room_is_found_by_its_name_in_another_spelling() {
    let (server, teacher, room) = classroom(json!({})).await;
    let _teacher = enter(&teacher, Join::new(&room, "")).await;
    let typed = format!(" {} ", room.to_uppercase().replace('-', " "));
    enter(&guest(&server).await, Join::new(&typed, "Anna")).await;
}

#[tokio::test]
async fn name_that_looks_like_the_teachers_gets_a_suffix() {
    let (server, teacher, room) = classroom(json!({})).await;
    let teacher = enter(&teacher, Join::new(&room, "")).await;
    let name = teacher.entry().name.clone();
    let mut kept = Vec::new();
    for alike in [
        format!("{name}\u{2800}"),
        format!("{name}\u{1d159}"),
        name.replace('e', "\u{435}"),
        name.to_uppercase(),
    ] {
        let guest = enter(&guest(&server).await, Join::new(&room, &alike)).await;
        assert!(
            guest.entry().name.ends_with(')'),
            "{alike:?}: {}",
            guest.entry().name
        );
        kept.push(guest);
    }
}

#[tokio::test]
async fn pasted_password_matches_in_another_normal_form() {
    let (server, teacher, room) = classroom(json!({"password": "grüne Wiese"})).await;
    let _teacher = enter(&teacher, Join::new(&room, "")).await;
    for pasted in [
        "gru\u{308}ne Wiese",
        "grüne\u{a0}Wiese ",
        "\u{feff}grüne  Wiese",
    ] {
        let join = Join::new(&room, "Anna").password(pasted);
        enter(&guest(&server).await, join).await;
    }
}
