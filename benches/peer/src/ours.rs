//! People in a conference of kmz-meet: one connection each, for what they send and what they see.

use std::net::IpAddr;

use futures_util::{SinkExt, StreamExt};
use kmz_meet_bench::server::Server;
use serde_json::{Value, json};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid};
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::crowd::{Connection, Crowd, Shape};
use crate::scenarios::{Room, Wanted};

/// Voices that the server sends at a time.
const AUDIO_SLOTS: usize = 5;

/// Everybody who is in; they leave when dropped.
pub struct Present {
    _people: Vec<mpsc::UnboundedSender<String>>,
}

/// Brings all people of the room in.
pub async fn fill(server: &Server, address: IpAddr, room: &Room, crowd: &Crowd) -> Present {
    let name = server.room().await;
    let mut people = Vec::new();
    let mut all = Vec::new();
    for number in 0..room.people() {
        let video_slots = room.pictures_for(number);
        let is_teacher = number == 0;
        let mut connection = Connection::new(address);
        let mut person = join(server, &name, number, is_teacher).await;
        let sends = room.sends(number);
        negotiate(&mut person, &mut connection, &sends, video_slots).await;
        for shape in &sends {
            let source = if shape.codec.is_audio() {
                "microphone"
            } else {
                "camera"
            };
            person
                .tell(&json!({"type": "set_source", "source": source, "on": true}))
                .await;
        }
        crowd.add(connection);
        people.push(person.id.clone());
        all.push(person);
    }
    let cameras: Vec<&String> = (0..room.people())
        .filter(|number| {
            room.sends(*number)
                .iter()
                .any(|shape| shape.codec.is_video())
        })
        .map(|number| &people[number])
        .collect();
    let height = match room.wanted {
        Wanted::Large => 720,
        Wanted::Small => 180,
    };
    let mut kept = Vec::new();
    for mut person in all {
        let tiles: Vec<Value> = cameras
            .iter()
            .filter(|id| **id != &person.id)
            .map(|id| json!({"participant": id, "height": height}))
            .collect();
        person.tell(&json!({"type": "view", "tiles": tiles})).await;
        kept.push(person.keep());
    }
    Present { _people: kept }
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

struct Person {
    id: String,
    socket: Socket,
}

impl Person {
    async fn tell(&mut self, message: &Value) {
        let text = Message::text(message.to_string());
        self.socket.send(text).await.expect("sent");
    }

    async fn until(&mut self, wanted: &str) -> Value {
        loop {
            let Message::Text(text) = self.socket.next().await.expect("open").expect("readable")
            else {
                continue;
            };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            let kind = message["type"].as_str().unwrap_or_default();
            assert!(!matches!(kind, "refused" | "error"), "{message}");
            if kind == wanted {
                return message;
            }
        }
    }

    /// Reads and drops what comes as long as somebody holds what this gives.
    fn keep(mut self) -> mpsc::UnboundedSender<String> {
        let (hold, mut held) = mpsc::unbounded_channel::<String>();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    gone = held.recv() => if gone.is_none() { return },
                    frame = self.socket.next() => if !matches!(frame, Some(Ok(_))) { return },
                }
            }
        });
        hold
    }
}

async fn join(server: &Server, room: &str, number: usize, is_teacher: bool) -> Person {
    let url = format!("{}/api/v1/signal", server.base.replacen("http", "ws", 1));
    let mut request = url.into_client_request().expect("a URL");
    if is_teacher {
        let cookie = server.cookie.parse().expect("a cookie");
        request.headers_mut().insert("cookie", cookie);
    }
    let (socket, _) = connect_async(request).await.expect("a WebSocket");
    let mut person = Person {
        id: String::new(),
        socket,
    };
    let name = if is_teacher {
        String::new()
    } else {
        format!("person {number}")
    };
    person
        .tell(&json!({"type": "join", "room": room, "name": name}))
        .await;
    let joined = person.until("joined").await;
    joined["you"]
        .as_str()
        .expect("an id")
        .clone_into(&mut person.id);
    person
}

async fn negotiate(
    person: &mut Person,
    connection: &mut Connection,
    sends: &[Shape],
    video_slots: usize,
) {
    let mut change = connection.rtc.sdp_api();
    let mut add = |kind, direction| change.add_media(kind, direction, None, None, None);
    let mut sections = json!({});
    for shape in sends {
        let (kind, source) = match shape.codec.kind() {
            MediaKind::Audio => (MediaKind::Audio, "microphone"),
            MediaKind::Video => (MediaKind::Video, "camera"),
        };
        let mid = add(kind, Direction::SendOnly);
        sections[source] = json!(mid.to_string());
        connection.sends.push((mid, *shape));
    }
    let mut slots = |kind, count| -> Vec<String> {
        let mids = (0..count).map(|_| add(kind, Direction::RecvOnly));
        mids.map(|mid: Mid| mid.to_string()).collect()
    };
    sections["audio_slots"] = json!(slots(MediaKind::Audio, AUDIO_SLOTS));
    sections["video_slots"] = json!(slots(MediaKind::Video, video_slots));
    let (offer, pending) = change.apply().expect("a change");
    person
        .tell(&json!({"type": "offer", "sdp": offer.to_sdp_string(), "sections": sections}))
        .await;
    let answer = person.until("answer").await;
    let answer =
        SdpAnswer::from_sdp_string(answer["sdp"].as_str().expect("SDP")).expect("an answer");
    connection
        .rtc
        .sdp_api()
        .accept_answer(pending, answer)
        .expect("accepted");
}
