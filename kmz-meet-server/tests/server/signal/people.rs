//! People in a conference, as these tests need them.

use std::time::Duration;

use kmz_meet_core::signal::{
    ClientMessage, Participant, ParticipantId, Policy, RefusalReason, ServerMessage,
};
use serde_json::json;
use tokio::time::timeout;

use crate::common::client::Client;
use crate::common::{Browser, TestServer};

/// Anything that happens takes less time than this.
pub const SOON: Duration = Duration::from_secs(15);
/// Long enough to see that nothing happens.
pub const QUIET: Duration = Duration::from_millis(600);

/// A client, with what these tests ask of it.
pub struct Socket(pub Client);

impl Socket {
    /// Opens a socket and says the first message.
    pub async fn join(browser: &Browser, join: Join<'_>) -> Self {
        let mut socket = Self(Client::connect(browser).await);
        socket.say(&join.message()).await;
        socket
    }

    pub async fn say(&mut self, message: &ClientMessage) {
        self.0.say(message).await;
    }

    /// The next message as it came over the wire; `None`: the server closed the connection.
    pub async fn text(&mut self) -> Option<String> {
        self.0.next_text().await
    }

    pub async fn next(&mut self) -> Option<ServerMessage> {
        let text = self.text().await?;
        Some(serde_json::from_str(&text).expect("a message of the protocol"))
    }

    /// Skips messages up to the first wanted one.
    pub async fn until<T>(&mut self, wanted: impl Fn(&ServerMessage) -> Option<T>) -> T {
        let search = async {
            loop {
                let message = self.next().await.expect("still connected");
                if let Some(found) = wanted(&message) {
                    return found;
                }
            }
        };
        timeout(SOON, search).await.expect("in time")
    }

    /// The texts that arrive while nothing should happen any more.
    pub async fn trace(&mut self) -> Vec<String> {
        let mut trace = Vec::new();
        while let Ok(Some(text)) = timeout(QUIET, self.text()).await {
            trace.push(text);
        }
        trace
    }

    /// The refusal, after which the server closes the connection.
    pub async fn refusal(mut self) -> RefusalReason {
        let reason = self.until(|message| match message {
            ServerMessage::Refused { reason } => Some(*reason),
            _ => None,
        });
        let reason = reason.await;
        self.is_closed().await;
        reason
    }

    pub async fn is_closed(&mut self) {
        assert_eq!(self.text().await, None);
    }

    pub async fn chat(&mut self, text: &str) {
        self.say(&ClientMessage::SendChat {
            text: text.to_owned(),
        })
        .await;
    }

    pub async fn sees_chat(&mut self, wanted: &str) {
        self.until(|message| match message {
            ServerMessage::Chat { message } if message.text == wanted => Some(()),
            _ => None,
        })
        .await;
    }

    /// Waits until the roster entry of this person is as wanted.
    pub async fn sees(
        &mut self,
        id: &ParticipantId,
        wanted: impl Fn(&Participant) -> bool,
    ) -> Participant {
        self.until(|message| match message {
            ServerMessage::ParticipantChanged { participant }
            | ServerMessage::ParticipantJoined { participant }
                if participant.id == *id && wanted(participant) =>
            {
                Some(participant.clone())
            }
            _ => None,
        })
        .await
    }

    /// Reads `joined`.
    pub async fn joined(mut self) -> Person {
        let person = self.until(|message| match message {
            ServerMessage::Joined {
                you,
                seat,
                participants,
                chat,
                room,
                ..
            } => Some((
                you.clone(),
                seat.clone(),
                participants.clone(),
                chat.iter().map(|message| message.text.clone()).collect(),
                room.policy.clone(),
            )),
            _ => None,
        });
        let (id, seat, roster, chat, policy) = person.await;
        Person {
            socket: self,
            id,
            seat,
            roster,
            chat,
            policy,
        }
    }
}

/// The first message.
#[derive(Clone, Copy, Default)]
pub struct Join<'a> {
    pub room: &'a str,
    pub name: &'a str,
    pub password: Option<&'a str>,
    pub seat: Option<&'a str>,
}

impl<'a> Join<'a> {
    pub fn new(room: &'a str, name: &'a str) -> Self {
        Self {
            room,
            name,
            ..Self::default()
        }
    }

    pub fn password(self, password: &'a str) -> Self {
        Self {
            password: Some(password),
            ..self
        }
    }

    pub fn seat(self, seat: &'a str) -> Self {
        Self {
            seat: Some(seat),
            ..self
        }
    }

    pub fn message(self) -> ClientMessage {
        ClientMessage::Join {
            room: self.room.to_owned(),
            name: self.name.to_owned(),
            password: self.password.map(str::to_owned),
            seat: self.seat.map(str::to_owned),
            token: None,
        }
    }
}

/// Someone inside the conference, with what `joined` told them.
pub struct Person {
    pub socket: Socket,
    pub id: ParticipantId,
    pub seat: String,
    pub roster: Vec<Participant>,
    pub chat: Vec<String>,
    pub policy: Policy,
}

impl Person {
    pub fn names(&self) -> Vec<&str> {
        self.roster.iter().map(|person| &*person.name).collect()
    }

    pub fn entry(&self) -> &Participant {
        let own = |person: &&Participant| person.id == self.id;
        self.roster.iter().find(own).expect("oneself in the roster")
    }
}

/// Joins, which must succeed.
pub async fn enter(browser: &Browser, join: Join<'_>) -> Person {
    Socket::join(browser, join).await.joined().await
}

/// A browser with a device cookie: every browser that opened the page has one.
pub async fn guest(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    let page = browser.request(reqwest::Method::GET, "/").send().await;
    let cookie = crate::common::set_cookie(&page.unwrap()).expect("a device cookie");
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    browser
}

/// Creates a room of this teacher. Returns its name and its path in the API.
pub async fn room(teacher: &Browser, body: serde_json::Value) -> (String, String) {
    let room = teacher.post("/api/v1/rooms", body).await;
    assert_eq!(room.status, 201, "{room:?}");
    let text = |key: &str| room.body[key].as_str().unwrap().to_owned();
    (text("name"), format!("/api/v1/rooms/{}", text("id")))
}

/// A server, its teacher, and a room of hers with these fields.
pub async fn classroom(body: serde_json::Value) -> (TestServer, Browser, String) {
    let (server, teacher) = TestServer::with_teacher("berta").await;
    let (name, _) = room(&teacher, body).await;
    (server, teacher, name)
}

/// The same with the conference running: the teacher is in.
pub async fn lesson(policy: serde_json::Value) -> (TestServer, Browser, String, Person) {
    let (server, teacher, room) = classroom(json!({"policy": policy})).await;
    let person = enter(&teacher, Join::new(&room, "")).await;
    (server, teacher, room, person)
}
