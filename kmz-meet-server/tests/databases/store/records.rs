//! Documents of every kind.

use kmz_meet_server::store::{Contract, Record};

use super::{Note, with_rooms};

#[tokio::test]
async fn due_records_are_shared_out_evenly() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    server.school("b", Contract::Signed).await;
    let add = async |school: &str, parent: Option<&str>, due_at: i64, number: u32| {
        let mut note = Record::new(school.to_owned(), 0, Note(number));
        note.parent = parent.map(str::to_owned);
        note.due_at = Some(due_at);
        note.add(store).await.unwrap().unwrap();
    };
    for number in 0..10 {
        add("a", None, 1, number).await;
    }
    add("a", Some("x"), 2, 10).await;
    add("b", None, 3, 11).await;
    add("b", None, 9, 12).await;
    let due = Record::<Note>::due_of_each(store, 5, 2, 100).await.unwrap();
    let numbers: Vec<u32> = due.iter().map(|note| note.data.0).collect();
    assert_eq!(numbers, [0, 1, 10, 11]);
    let due = Record::<Note>::due_of_each(store, 5, 2, 3).await.unwrap();
    assert_eq!(due.len(), 3);
}

#[tokio::test]
async fn deleted_record_is_not_updated() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let mut notes = Vec::new();
    for parent in ["x", "x", "y"] {
        let mut note = Record::new("a".to_owned(), 0, Note(1));
        note.parent = Some(parent.to_owned());
        note.insert_or_replace(store).await.unwrap();
        notes.push(note);
    }
    notes[0].data = Note(2);
    notes[0].due_at = Some(7);
    assert!(notes[0].update(store).await.unwrap());
    let found = Record::<Note>::get(store, &notes[0].id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&notes[0]));
    assert_eq!(Record::<Note>::delete_of(store, "x").await.unwrap(), 2);
    assert!(!notes[0].update(store).await.unwrap());
    assert!(notes[2].update(store).await.unwrap());
    let found = Record::<Note>::get(store, &notes[0].id).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn record_whose_end_cannot_be_told_stays() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let note = Record::new("a".to_owned(), 0, Note(1));
    note.add(store).await.unwrap().unwrap();
    let told = Record::new("a".to_owned(), 0, Note(2));
    told.add(store).await.unwrap().unwrap();
    // There is one with this id.
    assert!(note.delete_telling(store, &told).await.is_err());
    let found = Record::<Note>::get(store, &note.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&note));
    let told = Record::new("a".to_owned(), 0, Note(3));
    for is_there in [true, false] {
        let deleted = note.delete_telling(store, &told).await;
        assert_eq!(deleted.unwrap(), is_there);
    }
    let kept = Record::<Note>::get(store, &told.id).await.unwrap();
    assert_eq!(kept, Some(told));
}
