//! The class: a teacher who is heard and seen, and thirty who watch.

use crate::publish::{Publishing, Stream};
use crate::receive::Receiving;
use crate::room::Person;
use crate::server::Server;

const PARTICIPANTS: usize = 30;

pub struct Class {
    pub room: String,
    teacher: Person,
    participants: Vec<Person>,
    receiving: Receiving,
    _publishing: Publishing,
}

/// What the participants received during a flood.
pub struct During {
    pub delay_ms_p99: f64,
    pub loss: f64,
}

impl Class {
    pub async fn start(server: &Server) -> Self {
        let room = server.room().await;
        let mut teacher = Person::join(server, &room, "", true, 1).await;
        teacher.turn_on("camera");
        teacher.turn_on("microphone");
        let (mut participants, mut peers) = (Vec::new(), Vec::new());
        for number in 0..PARTICIPANTS {
            let mut person =
                Person::join(server, &room, &format!("person {number}"), false, 9).await;
            person.show(&[&teacher.id], 360, 180);
            peers.push(person.peer.take().expect("media"));
            participants.push(person);
        }
        let mut streams = Stream::layers(100).to_vec();
        streams.push(Stream::voice(105));
        let peer = teacher.peer.take().expect("media");
        Self {
            room,
            teacher,
            participants,
            receiving: Receiving::start(peers),
            _publishing: Publishing::start(vec![(peer, streams)]),
        }
    }

    pub fn teacher(&self) -> &Person {
        &self.teacher
    }

    /// Counts from now on.
    pub fn reset(&self) {
        self.receiving.reset();
    }

    pub fn measure(&self) -> During {
        let mut tally = self.receiving.tally();
        During {
            delay_ms_p99: super::round(tally.delay_ms(0.99)),
            loss: (tally.loss() * 1e5).round() / 1e5,
        }
    }

    /// How many participants there are, with the teacher.
    pub fn people(&self) -> usize {
        self.participants.len() + 1
    }

    /// How many of them lost their connection.
    pub fn cut_off(&self) -> usize {
        self.participants
            .iter()
            .chain([&self.teacher])
            .filter(|person| person.is_cut_off())
            .count()
    }
}
