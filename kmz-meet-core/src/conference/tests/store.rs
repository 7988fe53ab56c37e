//! What outlives the process, and what the end leaves.

use super::super::actor::MAX_SNAPSHOT_AGE;
use super::*;

#[tokio::test]
async fn conference_restored_from_the_store_goes_on_and_deletes_its_data_at_the_end() {
    let memory = Memory::default();
    let conference = start(room(), &memory);
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let mut anna = join(&conference, "Anna", guest()).await;
    conference
        .say(anna.connection, ClientMessage::SetHand { raised: true })
        .await;
    conference
        .say(
            anna.connection,
            ClientMessage::SetSource {
                source: Source::Camera,
                on: true,
            },
        )
        .await;
    conference
        .say(
            anna.connection,
            ClientMessage::SendChat {
                text: "hallo".into(),
            },
        )
        .await;
    anna.until(|message| matches!(message, ServerMessage::Chat { .. }))
        .await;
    maier
        .until(|message| matches!(message, ServerMessage::Chat { .. }))
        .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    // What the store has at this moment is what a killed process leaves behind.
    let (snapshot, chat) = memory
        .with(|kept| (kept.snapshot.clone().expect("saved"), kept.chat.clone()))
        .expect("kept");
    let restored = start(
        Room::restore(&snapshot, Timestamp::default(), chat, Timestamp::default())
            .expect("readable"),
        &memory,
    );
    let seat = Identity::Seat {
        participant: ParticipantId("Anna".into()),
        owner: SeatOwner::Bearer,
    };
    let mut anna = join(&restored, "", seat).await;
    let Some(ServerMessage::Joined {
        participants,
        chat,
        media_kept,
        ..
    }) = anna.next().await
    else {
        panic!("joined")
    };
    assert!(!media_kept);
    assert_eq!(chat[0].text, "hallo");
    let me = participants
        .iter()
        .find(|one| one.name == "Anna")
        .expect("in the roster");
    assert_eq!(
        (me.hand, me.connected, &me.sources[..]),
        (Some(1), true, &[Source::Camera][..])
    );
    assert!(
        !participants
            .iter()
            .find(|one| one.name == "Frau Maier")
            .expect("seat kept")
            .connected
    );

    let maier = join(&restored, "Frau Maier", teacher()).await;
    restored
        .say(maier.connection, ClientMessage::EndForAll)
        .await;
    anna.until(|message| *message == ServerMessage::Ended).await;
    restored.ended().await;
    for _ in 0..100 {
        if memory
            .with(|kept| kept.over && kept.chat.is_empty())
            .expect("kept")
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the data of an ended conference is still there");
}

#[tokio::test]
async fn conference_with_a_failing_store_goes_on_and_writes_later() {
    let memory = Memory::default();
    memory.0.lock().expect("no panic before").failing = true;
    let conference = start(room(), &memory);
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    conference
        .say(
            maier.connection,
            ClientMessage::SendChat {
                text: "hallo".into(),
            },
        )
        .await;
    maier
        .until(|message| matches!(message, ServerMessage::Chat { .. }))
        .await;
    memory.0.lock().expect("no panic before").failing = false;
    for _ in 0..200 {
        if memory
            .with(|kept| kept.snapshot.is_some() && kept.chat.len() == 1)
            .expect("kept")
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing was written after the store came back");
}

#[tokio::test(start_paused = true)]
async fn snapshot_of_a_lesson_in_which_nothing_happens_is_saved_again_where_attendance_is_taken() {
    for takes_attendance in [true, false] {
        let memory = Memory::default();
        let setup = Setup {
            takes_attendance,
            ..Setup::new(ConferenceId("c".into()), "mutiger-dachs")
        };
        let conference = start(Room::new(setup, Timestamp::default()), &memory);
        let _maier = join(&conference, "Frau Maier", teacher()).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        memory.with(|kept| kept.snapshot = None).expect("kept");
        tokio::time::sleep(MAX_SNAPSHOT_AGE + Duration::from_secs(2)).await;
        let is_saved = memory.with(|kept| kept.snapshot.is_some()).expect("kept");
        assert_eq!(is_saved, takes_attendance);
    }
}

#[tokio::test]
async fn conference_left_by_all_ends() {
    let memory = Memory::default();
    let conference = start(room(), &memory);
    let maier = join(&conference, "Frau Maier", teacher()).await;
    conference.gone(maier.connection).await;
    tokio::time::timeout(Duration::from_secs(10), conference.ended())
        .await
        .expect("it ends");
}

#[tokio::test]
async fn conference_with_a_clock_of_its_owner_records_by_it() {
    let memory = Memory::default();
    let at = |minute| Timestamp::default() + Duration::from_mins(minute);
    let set = |minute| memory.0.lock().expect("no panic before").now = Some(at(minute));
    let setup = Setup::new(ConferenceId("c".into()), "mutiger-dachs");
    let setup = Setup {
        takes_attendance: true,
        ..setup
    };
    let conference = start(Room::new(setup, at(10)), &memory);
    set(20);
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let text = "hallo".to_owned();
    set(30);
    conference
        .say(maier.connection, ClientMessage::SendChat { text })
        .await;
    let said = maier
        .until(|message| matches!(message, ServerMessage::Chat { .. }))
        .await;
    let ServerMessage::Chat { message } = said else {
        panic!("{said:?}")
    };
    assert_eq!(message.at, at(30));
    set(65);
    conference
        .say(maier.connection, ClientMessage::EndForAll)
        .await;
    conference.deleted().await;
    let summary = memory
        .with(|kept| kept.summary.take())
        .expect("kept")
        .expect("told of the end");
    assert_eq!((summary.started_at, summary.ended_at), (at(10), at(65)));
    let attended = &summary.attended[0];
    assert_eq!((attended.first_at, attended.last_at), (at(20), at(65)));
    assert_eq!(attended.present, Duration::from_mins(45));
}
