//! The attendance of a lesson.

use kmz_meet_server::store::{AlreadyExists, Attendance, Record, RecordFilter, StoreError};

use super::{Note, lesson, with_rooms};

#[tokio::test]
async fn attendance_with_many_rows_is_loaded_in_order() {
    let server = with_rooms(&["igel"]).await;
    let store = &server.app.store;
    let lesson = lesson(350);
    lesson.add(store).await.unwrap().unwrap();
    let kept = Record::<Attendance>::get(store, &lesson.id).await.unwrap();
    assert_eq!(kept.unwrap().data, lesson.data);
    // A conference has one attendance.
    let again = Record::new("a".to_owned(), 0, lesson.data.clone());
    assert_eq!(again.add(store).await.unwrap(), Err(AlreadyExists));
}

#[tokio::test]
async fn concurrent_corrections_conflict_only_for_the_same_person() {
    let server = with_rooms(&["igel"]).await;
    let store = &server.app.store;
    let lesson = lesson(3);
    lesson.add(store).await.unwrap().unwrap();
    let correct = async |who: usize, minutes: u32| {
        let tries = std::cell::Cell::new(0);
        let change = |record: &mut Record<Attendance>| -> Result<(), StoreError> {
            tries.set(tries.get() + 1);
            record.data.people[who].corrected_minutes = Some(minutes);
            Ok(())
        };
        let changed = Record::<Attendance>::change(store, &lesson.id, change).await;
        let people = changed.unwrap().unwrap().data.people;
        assert_eq!(people[who].corrected_minutes, Some(minutes));
        tries.get()
    };
    assert_eq!(tokio::join!(correct(0, 10), correct(1, 20)), (1, 1));
    // The second change is made again, on top of the first one.
    let (one, other) = tokio::join!(correct(0, 30), correct(0, 40));
    assert!((2..=3).contains(&(one + other)), "{one}, {other}");
    // The time of the results is stored concurrently.
    let note = |record: &mut Record<Attendance>| -> Result<(), StoreError> {
        record.data.graded_at = Some(7);
        Ok(())
    };
    let noted = Record::<Attendance>::change(store, &lesson.id, note);
    let (noted, _) = tokio::join!(noted, correct(2, 50));
    noted.unwrap().unwrap();
    let kept = Record::<Attendance>::get(store, &lesson.id).await.unwrap();
    let kept = kept.unwrap().data;
    assert_eq!(kept.graded_at, Some(7));
    let corrected: Vec<Option<u32>> = kept
        .people
        .iter()
        .map(|person| person.corrected_minutes)
        .collect();
    assert!(matches!(corrected[0], Some(30 | 40)), "{corrected:?}");
    assert_eq!(corrected[1..], [Some(20), Some(50)]);
}

#[tokio::test]
async fn lesson_added_again_stores_no_document() {
    let server = with_rooms(&["igel"]).await;
    let store = &server.app.store;
    let documents = async || {
        let filter = RecordFilter {
            limit: 10,
            ..RecordFilter::default()
        };
        Record::<Note>::list(store, filter).await.unwrap().len()
    };
    let note = || Record::new("a".to_owned(), 0, Note(1));
    let added = lesson(1).add_with(store, &note()).await.unwrap();
    assert_eq!((added, documents().await), (Ok(()), 1));
    let again = lesson(1).add_with(store, &note()).await.unwrap();
    assert_eq!((again, documents().await), (Err(AlreadyExists), 1));
}
