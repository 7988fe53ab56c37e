//! Floods by participants of the conference.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::floods::{Target, goes_on};
use crate::room::Person;

/// Guests with media, as pupils with developer tools are.
async fn guests(target: &Target, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..count {
        let join =
            json!({"type": "join", "room": target.room, "name": format!("flooder {number}")});
        people.push(Person::enter(&target.base, "", &join, 1).await);
    }
    people
}

fn still_inside(people: &[Person]) -> usize {
    people.iter().filter(|person| !person.is_cut_off()).count()
}

/// Each participant lowers and raises their hand, in the order of the queue.
pub async fn hands(target: &Target, until: Instant) -> Value {
    let people = guests(target, 25).await;
    let mut messages = 0;
    for person in &people {
        person.tell(&json!({"type": "set_hand", "raised": true}));
    }
    // Bursts of as many messages as a connection may send at once, and of those that it may send meanwhile.
    while goes_on(until, Duration::from_secs(3)).await {
        for _ in 0..29 {
            for person in &people {
                person.tell(&json!({"type": "set_hand", "raised": false}));
                person.tell(&json!({"type": "set_hand", "raised": true}));
                messages += 2;
            }
        }
    }
    json!({"messages": messages, "flooders_still_inside": still_inside(&people)})
}

/// Turns a source on and off, and sends long messages.
pub async fn sources_and_chat(target: &Target, until: Instant) -> Value {
    let people = guests(target, 15).await;
    let text = "😀".repeat(2_000);
    let mut messages = 0;
    while goes_on(until, Duration::from_millis(160)).await {
        for person in &people {
            person.tell(&json!({"type": "set_source", "source": "microphone", "on": true}));
            person.tell(&json!({"type": "set_source", "source": "microphone", "on": false}));
            person.tell(&json!({"type": "send_chat", "text": text}));
            messages += 3;
        }
    }
    json!({"messages": messages, "flooders_still_inside": still_inside(&people)})
}

/// Views with and without the teacher's picture.
pub async fn pictures(target: &Target, until: Instant) -> Value {
    let people = guests(target, 3).await;
    let mut messages = 0;
    let mut on = false;
    while goes_on(until, Duration::from_millis(55)).await {
        on = !on;
        for person in &people {
            if on {
                person.show(&[&target.teacher], 720, 720);
            } else {
                person.show(&[], 0, 0);
            }
            messages += 1;
        }
    }
    json!({"messages": messages, "flooders_still_inside": still_inside(&people)})
}
