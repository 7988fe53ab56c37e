//! Floods by people who are not in the conference: HTTP, connections, datagrams.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::floods::{Target, goes_on};
use crate::room::connect;

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .expect("an HTTP client")
}

#[derive(Default)]
struct Statuses(BTreeMap<String, u64>);

impl Statuses {
    fn add(&mut self, answer: Result<reqwest::Response, reqwest::Error>) {
        let key = answer.map_or_else(
            |_| "no answer".to_owned(),
            |answer| answer.status().as_u16().to_string(),
        );
        *self.0.entry(key).or_default() += 1;
    }

    fn and(mut self, other: Self) -> Self {
        for (key, count) in other.0 {
            *self.0.entry(key).or_default() += count;
        }
        self
    }
}

async fn guess(
    http: reqwest::Client,
    base: String,
    username: String,
    password: String,
    from: Option<String>,
) -> Result<reqwest::Response, reqwest::Error> {
    let mut request = http
        .post(format!("{base}/api/v1/session"))
        .header("origin", &base)
        .json(&json!({"username": username, "password": password}));
    if let Some(from) = from {
        request = request.header("x-forwarded-for", from);
    }
    request.send().await
}

/// 20 a second, whatever the answers are.
pub async fn sign_in(target: &Target, until: Instant) -> Value {
    let http = client();
    let mut guesses = Vec::new();
    let mut number = 0;
    while goes_on(until, Duration::from_millis(50)).await {
        number += 1;
        guesses.push(tokio::spawn(guess(
            http.clone(),
            target.base.clone(),
            target.username.clone(),
            format!("falsch {number}"),
            None,
        )));
    }
    let mut statuses = Statuses::default();
    for guess in guesses {
        if let Ok(answer) = guess.await {
            statuses.add(answer);
        }
    }
    json!(statuses.0)
}

/// A hundred networks, each with one guess after the other.
pub async fn sign_in_from_many(target: &Target, until: Instant) -> Value {
    let http = client();
    let mut guessers = Vec::new();
    for network in 0..100u32 {
        let (http, base, username) = (http.clone(), target.base.clone(), target.username.clone());
        guessers.push(tokio::spawn(async move {
            let mut statuses = Statuses::default();
            let mut number = 0;
            while goes_on(until, Duration::from_millis(100)).await {
                number += 1;
                let from = Some(format!("2001:db8:{network:x}::1"));
                let password = format!("falsch {number}");
                statuses
                    .add(guess(http.clone(), base.clone(), username.clone(), password, from).await);
            }
            statuses
        }));
    }
    let mut statuses = Statuses::default();
    for guesser in guessers {
        if let Ok(more) = guesser.await {
            statuses = statuses.and(more);
        }
    }
    json!(statuses.0)
}

/// What every page load asks for.
pub async fn reads(target: &Target, until: Instant) -> Value {
    let http = client();
    let mut readers = Vec::new();
    for reader in 0..8 {
        let (http, base) = (http.clone(), target.base.clone());
        let path = ["/api/v1/session", "/api/v1/config", "/", "/nirgends"][reader % 4];
        readers.push(tokio::spawn(async move {
            let mut statuses = Statuses::default();
            while Instant::now() < until {
                statuses.add(http.get(format!("{base}{path}")).send().await);
            }
            statuses
        }));
    }
    let mut statuses = Statuses::default();
    for reader in readers {
        if let Ok(more) = reader.await {
            statuses = statuses.and(more);
        }
    }
    json!(statuses.0)
}

/// STUN binding requests (RFC 8489) for users who do not exist, with what looks like an integrity attribute.
pub async fn checks(target: &Target, until: Instant) -> Value {
    let port = target.media_port;
    let sent = tokio::task::spawn_blocking(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let _ = socket.connect(("127.0.0.1", port));
        let mut sent = 0u64;
        while Instant::now() < until {
            for _ in 0..64 {
                let _ = socket.send(&check(sent));
                sent += 1;
            }
            // About 30,000 a second.
            std::thread::sleep(Duration::from_millis(2));
        }
        sent
    })
    .await
    .unwrap_or(0);
    json!({"sent": sent})
}

fn check(number: u64) -> Vec<u8> {
    let username = format!("user{:04}:abcd", number % 10_000);
    let mut attributes = vec![0x00, 0x06, 0x00, username.len() as u8];
    attributes.extend(username.as_bytes());
    attributes.resize(attributes.len().next_multiple_of(4), 0);
    attributes.extend([0x00, 0x08, 0x00, 20]);
    attributes.extend([number as u8; 20]);
    let mut packet = vec![0x00, 0x01];
    packet.extend((attributes.len() as u16).to_be_bytes());
    packet.extend(0x2112_a442u32.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(number.to_be_bytes());
    packet.extend(attributes);
    packet
}

/// TURN requests (RFC 8656) of nobody: each connection sends many at once. How much comes back for it?
pub async fn turn(target: &Target, until: Instant) -> Value {
    const REQUESTS: usize = 40;
    // Allocate, with REQUESTED-TRANSPORT.
    let mut request = vec![0, 3, 0, 8];
    request.extend(0x2112_a442u32.to_be_bytes());
    request.extend(*b"a siege here");
    request.extend([0, 0x19, 0, 4, 17, 0, 0, 0]);
    let requests = request.repeat(REQUESTS);
    let address = address_of(target);
    let mut floods = Vec::new();
    for _ in 0..8 {
        let (address, requests) = (address.clone(), requests.clone());
        floods.push(tokio::spawn(async move {
            let (mut connections, mut sent, mut received, mut failed) = (0u64, 0u64, 0u64, 0u64);
            while Instant::now() < until {
                let connecting = TcpStream::connect(&address);
                let Ok(Ok(mut stream)) =
                    tokio::time::timeout(Duration::from_secs(1), connecting).await
                else {
                    failed += 1;
                    continue;
                };
                connections += 1;
                if stream.write_all(&requests).await.is_ok() {
                    sent += requests.len() as u64;
                }
                let mut answers = Vec::new();
                let reading = stream.read_to_end(&mut answers);
                // The connection is ended after some requests.
                let _ = tokio::time::timeout(Duration::from_millis(200), reading).await;
                received += answers.len() as u64;
            }
            [connections, sent, received, failed]
        }));
    }
    let mut sums = [0u64; 4];
    for flood in floods {
        for (sum, one) in sums.iter_mut().zip(flood.await.unwrap_or_default()) {
            *sum += one;
        }
    }
    let [connections, sent, received, failed] = sums;
    json!({
        "connections": connections,
        "requests": sent / request.len() as u64,
        "bytes_sent": sent,
        "bytes_received": received,
        "failed": failed,
    })
}

fn address_of(target: &Target) -> String {
    target
        .base
        .trim_start_matches("http://")
        .replace("localhost", "127.0.0.1")
}

/// Requests that never end, and sockets that never send.
pub async fn connections(target: &Target, until: Instant) -> Value {
    let address = address_of(target);
    let starts: [Vec<u8>; 4] = [
        b"POST /lti/launch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nid_token=".to_vec(),
        b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{".to_vec(),
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00".to_vec(),
    ];
    let mut held = Vec::new();
    let (mut opened, mut failed) = (0u64, 0u64);
    for number in 0..1_500 {
        match tokio::time::timeout(Duration::from_secs(1), TcpStream::connect(&address)).await {
            Ok(Ok(mut stream)) => {
                let _ = stream.write_all(&starts[number % starts.len()]).await;
                opened += 1;
                held.push(stream);
            }
            _ => failed += 1,
        }
        if Instant::now() >= until {
            break;
        }
    }
    let (mut sockets, mut silent) = (0u64, Vec::new());
    for _ in 0..1_000 {
        match tokio::time::timeout(Duration::from_secs(1), connect(&target.base, "")).await {
            Ok(Ok(socket)) => {
                sockets += 1;
                silent.push(socket);
            }
            _ => failed += 1,
        }
        if Instant::now() >= until {
            break;
        }
    }
    tokio::time::sleep(until.saturating_duration_since(Instant::now())).await;
    json!({"connections": opened, "websockets": sockets, "failed": failed})
}

/// Long logins that are never finished, and calls with wrong checksums.
pub async fn logins(target: &Target, until: Instant) -> Value {
    let http = client();
    let mut callers = Vec::new();
    for caller in 0..6 {
        let (http, base, issuer) = (http.clone(), target.base.clone(), target.issuer.clone());
        callers.push(tokio::spawn(async move {
            let mut statuses = Statuses::default();
            let link = format!("{base}/lti/launch?x={}", "x".repeat(1_500));
            while Instant::now() < until {
                let request = if caller % 2 == 0 {
                    http.get(format!("{base}/lti/login")).query(&[
                        ("iss", issuer.as_str()),
                        ("login_hint", "1"),
                        ("client_id", "siege"),
                        ("target_link_uri", &link),
                    ])
                } else {
                    http.get(format!("{base}/bigbluebutton/api/create"))
                        .query(&[
                            ("meetingID", "x"),
                            ("name", &"y".repeat(1_500)),
                            ("checksum", "0000000000000000000000000000000000000000"),
                        ])
                };
                statuses.add(request.send().await);
            }
            statuses
        }));
    }
    let mut statuses = Statuses::default();
    for caller in callers {
        if let Ok(more) = caller.await {
            statuses = statuses.and(more);
        }
    }
    json!(statuses.0)
}
