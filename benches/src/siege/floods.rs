//! The floods, what each needs of the server beforehand, and the process that one runs in.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::class::Class;
use super::{FLOOD, arrivals, messages, requests};
use crate::server::Server;

/// A flood.
pub struct Flood {
    pub name: &'static str,
    pub what: &'static str,
}

macro_rules! floods {
    ($($name:literal: $what:literal,)*) => {
        pub const FLOODS: &[Flood] = &[$(Flood { name: $name, what: $what },)*];
    };
}

floods! {
    "nothing": "nobody floods: the figures to compare with",
    "hands": "25 guests raise and lower their hands as fast as they may",
    "messages": "15 guests turn a source on and off and write in the chat as fast as they may",
    "places": "one ticket is used for place after place",
    "knock": "149 people knock, others knock and go as fast as they can",
    "arrivals": "guests come in and go as fast as they can, with a webhook that hears of it",
    "passwords": "200 wrong room passwords a second",
    "sign-in": "20 wrong passwords a second for the teacher's account, from one address",
    "sign-in-100": "wrong passwords for the teacher's account from 100 networks",
    "reads": "as many requests for pages, settings and sessions as will go",
    "pictures": "a viewer asks for key frames and changes its view all the time",
    "checks": "STUN requests with invented names, as many as will go",
    "turn": "connections that ask for a TURN allocation without a proof, 40 times each, as many as will go",
    "connections": "bodies, headers and sockets that never go on, HTTP/1.1, HTTP/2 and WebSocket",
    "logins": "LTI logins that are never finished, and BigBlueButton calls with wrong checksums",
}

/// What a flood is aimed at: this machine's own server, nothing else.
#[derive(Serialize, Deserialize)]
pub struct Target {
    pub base: String,
    pub room: String,
    pub teacher: String,
    pub username: String,
    pub ticket: String,
    pub issuer: String,
    pub media_port: u16,
}

impl Target {
    pub async fn prepare(server: &Server, class: &Class, flood: &Flood) -> Self {
        let mut target = Self {
            base: server.base.clone(),
            room: class.room.clone(),
            teacher: class.teacher().id.clone(),
            username: server.demo["teacher"]["username"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            ticket: String::new(),
            issuer: "http://localhost:1".to_owned(),
            media_port: server.media_port,
        };
        match flood.name {
            "knock" => class
                .teacher()
                .tell(&json!({"type": "set_policy", "change": {"door": "knock"}})),
            "passwords" => class
                .teacher()
                .tell(&json!({"type": "set_password", "password": "sonnenblume"})),
            "places" => {
                let rooms = server.call("GET", "/api/v1/rooms", Value::Null).await;
                let rooms = rooms["rooms"].as_array().cloned().unwrap_or_default();
                let room = rooms
                    .iter()
                    .find(|room| room["name"] == class.room.as_str());
                let id = room.and_then(|room| room["id"].as_str());
                let path = format!("/api/v1/rooms/{}/tickets", id.expect("the class' room"));
                let ticket = server
                    .call(
                        "POST",
                        &path,
                        json!({"user": "one", "name": "One", "role": "member"}),
                    )
                    .await;
                ticket["ticket"]
                    .as_str()
                    .unwrap_or_default()
                    .clone_into(&mut target.ticket);
            }
            "arrivals" => {
                // Nobody listens there: deliveries are kept and tried again.
                let hook = json!({"url": "http://127.0.0.1:1/", "events": ["participant.joined", "participant.left"]});
                server.call("POST", "/api/v1/webhooks", hook).await;
            }
            "logins" => {
                let platform = json!({"issuer": target.issuer, "client_id": "siege", "deployment_ids": ["1"],
                    "authorization_endpoint": "http://localhost:1/auth", "token_endpoint": "http://localhost:1/token",
                    "jwks_uri": "http://localhost:1/jwks"});
                server.call("POST", "/api/v1/lti/platforms", platform).await;
            }
            _ => {}
        }
        target
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("JSON")
    }
}

/// The child: floods for the set time and prints what it did.
pub async fn flood(name: &str) {
    let target = std::env::var("SIEGE_TARGET").expect("a child of the siege");
    let target: Target = serde_json::from_str(&target).expect("a target");
    assert!(
        target.base.starts_with("http://localhost:"),
        "only this machine's own server"
    );
    let until = Instant::now() + FLOOD;
    let did = match name {
        "nothing" => {
            tokio::time::sleep(FLOOD).await;
            json!({})
        }
        "hands" => messages::hands(&target, until).await,
        "messages" => messages::sources_and_chat(&target, until).await,
        "pictures" => messages::pictures(&target, until).await,
        "places" => arrivals::places(&target, until).await,
        "knock" => arrivals::knock(&target, until).await,
        "arrivals" => arrivals::come_and_go(&target, until).await,
        "passwords" => arrivals::passwords(&target, until).await,
        "sign-in" => requests::sign_in(&target, until).await,
        "sign-in-100" => requests::sign_in_from_many(&target, until).await,
        "reads" => requests::reads(&target, until).await,
        "checks" => requests::checks(&target, until).await,
        "turn" => requests::turn(&target, until).await,
        "connections" => requests::connections(&target, until).await,
        "logins" => requests::logins(&target, until).await,
        _ => panic!("there is no flood {name}"),
    };
    println!("{did}");
}

/// Whether there is time left; sleeps for `pause` if so.
pub async fn goes_on(until: Instant, pause: Duration) -> bool {
    tokio::time::sleep(pause).await;
    Instant::now() < until
}
