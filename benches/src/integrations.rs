//! What courses and integrators do: launches up to the seat, and requests to the REST API, on both stores.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use axum::Router;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kmz_meet_core::signal::SIGNAL_PATH;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::scenarios::print;
use crate::server::Server;

const CALLERS: usize = 16;
const SECONDS: u64 = 10;
const LAUNCHES: usize = 200;
const CLAIM: &str = "https://purl.imsglobal.org/spec/lti/claim";

/// A PostgreSQL of our own; it stops when its standard input ends.
struct Postgres {
    url: String,
    process: Child,
}

impl Postgres {
    fn start() -> Self {
        let mut process = Command::new("scripts/postgres-cluster.sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripts/postgres-cluster.sh");
        let mut directory = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output)
            .read_line(&mut directory)
            .expect("its directory");
        let directory = directory.trim();
        assert!(
            !directory.is_empty(),
            "PostgreSQL did not start: run make deps"
        );
        let host = directory.replace('/', "%2F");
        Self {
            url: format!("postgres://postgres@localhost/postgres?host={host}"),
            process,
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn percentile(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let place = (times.len() as f64 - 1.0) * share;
    let value = times.get(place as usize).copied().unwrap_or(0.0);
    (value * 100.0).round() / 100.0
}

async fn server(database: Option<&str>) -> Server {
    let mut environment = vec![("KMZ_MEET_API_REQUESTS_PER_MINUTE", "10000000")];
    if let Some(url) = database {
        environment.push(("KMZ_MEET_DATABASE_URL", url));
    }
    Server::start_with(&environment).await
}

/// Both stores, one after the other.
pub async fn on_both<F: Future<Output = Value>>(
    scenario: &str,
    run: impl Fn(Server) -> F,
) -> Value {
    let sqlite = run(server(None).await).await;
    print(scenario, "SQLite", &sqlite);
    let postgres = Postgres::start();
    let on_postgres = run(server(Some(&postgres.url)).await).await;
    print(scenario, "PostgreSQL", &on_postgres);
    json!({"sqlite": sqlite, "postgresql": on_postgres})
}

/// Requests a second and core of the server, reading a room and writing to it.
pub async fn rest() -> Value {
    on_both("rest", |server| async move {
        let server = Arc::new(server);
        let room = server.call("POST", "/api/v1/rooms", json!({})).await;
        let path = format!("/api/v1/rooms/{}", room["id"].as_str().expect("a room"));
        let read = requests(&server, "GET", &path, Value::Null).await;
        let write = requests(&server, "PATCH", &path, json!({"title": "x"})).await;
        json!({"read": read, "write": write, "resident_mb": server.resident_mb().round()})
    })
    .await
}

async fn requests(server: &Arc<Server>, method: &'static str, path: &str, body: Value) -> Value {
    let before = server.usage();
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        let (server, path, body) = (server.clone(), path.to_owned(), body.clone());
        callers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < until {
                let started = Instant::now();
                server.call(method, &path, body.clone()).await;
                times.push(started.elapsed().as_secs_f64() * 1_000.0);
            }
            times
        }));
    }
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await.expect("a caller"));
    }
    let after = server.usage();
    let seconds = (after.at - before.at).as_secs_f64();
    let cores = after.cores_since(before);
    let rate = times.len() as f64 / seconds;
    json!({
        "requests_per_second": rate.round(),
        "requests_per_second_and_core": (rate / cores.max(0.01)).round(),
        "server_cores": (cores * 100.0).round() / 100.0,
        "ms_p50": percentile(&mut times, 0.5),
        "ms_p99": percentile(&mut times, 0.99),
    })
}

/// A platform that signs all claims that it gets.
struct Platform {
    url: String,
    key: EncodingKey,
}

impl Platform {
    async fn start() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let der = pair.as_der().expect("a key");
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
        let jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).expect("a public key");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = json!("k");
        let set = json!({"keys": [jwk]}).to_string();
        let router = Router::new().route("/jwks", get(move || async move { set }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, key }
    }

    fn token(&self, base: &str, nonce: &str, person: usize) -> String {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .as_secs();
        let role = if person == 0 { "Instructor" } else { "Learner" };
        let claims = json!({
            "iss": self.url, "aud": "bench", "iat": now, "exp": now + 60, "nonce": nonce,
            "sub": person.to_string(), "name": format!("Person {person}"),
            format!("{CLAIM}/deployment_id"): "1", format!("{CLAIM}/version"): "1.3.0",
            format!("{CLAIM}/message_type"): "LtiResourceLinkRequest",
            format!("{CLAIM}/target_link_uri"): format!("{base}/lti/launch"),
            format!("{CLAIM}/resource_link"): {"id": (person / 50).to_string()},
            format!("{CLAIM}/context"): {"id": "1", "title": "Course"},
            format!("{CLAIM}/roles"): [format!("http://purl.imsglobal.org/vocab/lis/v2/membership#{role}"),
                "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"],
        });
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some("k".to_owned());
        jsonwebtoken::encode(&header, &claims, &self.key).expect("a token")
    }
}

/// From the click in the course to `joined` on the WebSocket: login, verified launch, room, ticket, seat.
pub async fn launches() -> Value {
    on_both("launches", |server| async move {
        let platform = Platform::start().await;
        let registered = server
            .call(
                "POST",
                "/api/v1/lti/platforms",
                json!({"issuer": platform.url, "client_id": "bench", "deployment_ids": ["1"],
                    "authorization_endpoint": format!("{}/auth", platform.url),
                    "token_endpoint": format!("{}/token", platform.url),
                    "jwks_uri": format!("{}/jwks", platform.url)}),
            )
            .await;
        assert!(registered["id"].is_string(), "{registered}");
        let before = server.usage();
        let mut times = Vec::new();
        let mut seats = Vec::new();
        for person in 0..LAUNCHES {
            let started = Instant::now();
            seats.push(launch(&server, &platform, person).await);
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        let cores = server.usage().cores_since(before);
        json!({
            "launches": LAUNCHES,
            "to_seat_ms_p50": percentile(&mut times, 0.5),
            "to_seat_ms_p95": percentile(&mut times, 0.95),
            "server_cores": (cores * 100.0).round() / 100.0,
        })
    })
    .await
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn launch(server: &Server, platform: &Platform, person: usize) -> Socket {
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("an HTTP client");
    let launch_url = format!("{}/lti/launch", server.base);
    let login = http
        .get(format!("{}/lti/login", server.base))
        .query(&[
            ("iss", platform.url.as_str()),
            ("login_hint", "1"),
            ("client_id", "bench"),
            ("target_link_uri", &launch_url),
        ])
        .send()
        .await
        .expect("an answer");
    let cookies: Vec<String> = login
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| Some(value.to_str().ok()?.split(';').next()?.to_owned()))
        .collect();
    let location = login.headers()["location"].to_str().expect("text");
    let location = reqwest::Url::parse(location).expect("a URL");
    let asked = |name: &str| {
        let mut pairs = location.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .expect("a parameter")
    };
    let token = platform.token(&server.base, &asked("nonce"), person);
    let answer = http
        .post(&launch_url)
        .header("cookie", cookies.join("; "))
        .form(&[("id_token", token.as_str()), ("state", &asked("state"))])
        .send()
        .await
        .expect("an answer");
    let room = answer.headers()["location"].to_str().expect("text");
    let room = reqwest::Url::parse(room).expect("a URL");
    let fragment = room.fragment().unwrap_or_default();
    let ticket = fragment
        .split('&')
        .find_map(|pair| pair.strip_prefix("ticket="))
        .expect("a ticket");
    let url = format!("{}{SIGNAL_PATH}", server.base.replacen("http", "ws", 1));
    let (mut socket, _) = tokio_tungstenite::connect_async(url)
        .await
        .expect("a WebSocket");
    let join = json!({"type": "join", "room": room.path().trim_start_matches('/'), "name": "x", "token": ticket});
    socket
        .send(Message::Text(join.to_string().into()))
        .await
        .expect("sent");
    while let Some(Ok(message)) = socket.next().await {
        let text = message.to_text().unwrap_or_default();
        if text.contains("\"type\":\"joined\"") {
            return socket;
        }
        assert!(!text.contains("\"type\":\"refused\""), "{text}");
    }
    panic!("the connection ended before the seat");
}
