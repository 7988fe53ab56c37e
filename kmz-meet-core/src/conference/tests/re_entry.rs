//! What a client learns that comes back while its media go on.

use std::sync::atomic::Ordering;

use super::speakers_only::{connect, pictures, sender};
use super::*;
use crate::signal::Tile;

#[tokio::test(flavor = "multi_thread")]
async fn client_that_comes_back_with_kept_media_hears_what_it_missed_of_them() {
    let anna = ParticipantId("Anna".into());
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let viewer = connect(&conference, &mut maier).await;
    let sending = sender(&conference, "Anna", 300).await;
    sending.speaks.store(true, Ordering::Relaxed);
    let view = ClientMessage::View {
        tiles: vec![Tile {
            participant: anna.clone(),
            height: 180,
        }],
        pinned: None,
    };
    conference.say(maier.connection, view).await;
    // Nobody looks at the teacher's camera. That is told after five seconds, and then nothing changes any more.
    let (viewer, counts) = pictures(viewer, Duration::from_millis(5_500)).await;
    assert!(counts.contains_key(&300), "{counts:?}");
    let is_watched = |message: &ServerMessage| matches!(message, ServerMessage::Watched { camera, .. } if camera == &["q"]);
    maier.until(is_watched).await;

    conference.gone(maier.connection).await;
    let seat = Identity::Seat {
        participant: ParticipantId("Frau Maier".into()),
        owner: SeatOwner::Bearer,
    };
    let mut maier = join(&conference, "", seat).await;
    let kept_alive = tokio::spawn(pictures(viewer, Duration::from_secs(2)));
    let Some(ServerMessage::Joined { media_kept, .. }) = maier.next().await else {
        panic!("joined first")
    };
    assert!(media_kept);
    let (mut slots, mut watched, mut speaking) = (false, false, false);
    while !(slots && watched && speaking) {
        match maier.next().await.expect("still connected") {
            ServerMessage::Slots { video, .. } => slots |= video.contains(&Some(anna.clone())),
            ServerMessage::Speaking { participants } => speaking |= participants.contains(&anna),
            message => watched |= is_watched(&message),
        }
    }
    kept_alive.await.expect("kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn newcomer_hears_who_speaks() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let sending = sender(&conference, "Anna", 300).await;
    sending.speaks.store(true, Ordering::Relaxed);
    let speaks = |message: &ServerMessage| matches!(message, ServerMessage::Speaking { participants } if !participants.is_empty());
    maier.until(speaks).await;
    let mut ben = join(&conference, "Ben", guest()).await;
    ben.until(speaks).await;
}
