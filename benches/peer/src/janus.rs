//! Janus with its videoroom, and people in a room of it: one connection for what somebody sends, one for what they see, as its own
//! client has them.

use std::net::IpAddr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use kmz_meet_bench::server::Usage;
use serde_json::{Value, json};
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::Direction;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::crowd::{Connection, Crowd};
use crate::scenarios::Room;

const PORT: u16 = 8_188;
const ROOM: u64 = 1_234;
/// Where Debian's package has its modules.
const MODULES: &str = "/usr/lib/x86_64-linux-gnu/janus";

/// A running Janus.
pub struct Janus {
    child: Child,
    address: IpAddr,
    _directory: tempfile::TempDir,
}

impl Janus {
    /// `event_loops`: so many threads for all connections; 0 is what Janus does by itself, a thread for each.
    pub async fn start(address: IpAddr, event_loops: usize) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        configure(directory.path(), address, event_loops).expect("a configuration");
        let child = Command::new("janus")
            .arg("-F")
            .arg(directory.path())
            .arg("-C")
            .arg(directory.path().join("janus.jcfg"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("janus starts: run benches/peer/deps.sh first");
        let deadline = Instant::now() + Duration::from_secs(10);
        while tokio::net::TcpStream::connect((address, PORT))
            .await
            .is_err()
        {
            assert!(Instant::now() < deadline, "Janus is not ready after 10 s");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self {
            child,
            address,
            _directory: directory,
        }
    }

    pub fn usage(&self) -> Usage {
        Usage::of(&self.child.id().to_string())
    }

    pub fn resident_mb(&self) -> f64 {
        kmz_meet_bench::server::resident_mb(&self.child.id().to_string())
    }
}

impl Drop for Janus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the package says its version is.
pub fn version() -> String {
    let said = Command::new("dpkg-query")
        .args(["-W", "-f=${Version}", "janus"])
        .output();
    said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned())
        .unwrap_or_default()
}

/// The package's own values, but only the videoroom and WebSockets are loaded, sessions do not end, and it is ICE-lite as we are.
fn configure(directory: &Path, address: IpAddr, event_loops: usize) -> std::io::Result<()> {
    for (kind, module) in [
        ("plugins", "libjanus_videoroom.so"),
        ("transports", "libjanus_websockets.so"),
        ("events", ""),
        ("loggers", ""),
    ] {
        let folder = directory.join(kind);
        std::fs::create_dir(&folder)?;
        if !module.is_empty() {
            symlink(format!("{MODULES}/{kind}/{module}"), folder.join(module))?;
        }
    }
    let loops = if event_loops == 0 {
        String::new()
    } else {
        format!("event_loops = {event_loops}\n")
    };
    let path = directory.display();
    std::fs::write(
        directory.join("janus.jcfg"),
        format!(
            "general: {{\nconfigs_folder = \"{path}\"\nplugins_folder = \"{path}/plugins\"\n\
             transports_folder = \"{path}/transports\"\nevents_folder = \"{path}/events\"\n\
             loggers_folder = \"{path}/loggers\"\ndebug_level = 2\nsession_timeout = 0\n{loops}}}\n\
             nat: {{\nice_lite = true\nice_enforce_list = \"{address}\"\n}}\n"
        ),
    )?;
    std::fs::write(
        directory.join("janus.transport.websockets.jcfg"),
        format!("general: {{\nws = true\nws_port = {PORT}\nws_ip = \"{address}\"\n}}\n"),
    )
}

/// Everybody who is in; they leave when dropped.
pub struct Present {
    session: tokio::task::JoinHandle<()>,
}

impl Drop for Present {
    fn drop(&mut self) {
        self.session.abort();
    }
}

/// Brings all people of the room in. Gives how many connections that makes.
pub async fn fill(janus: &Janus, room: &Room, crowd: &Crowd) -> (Present, usize) {
    let mut session = Session::open(janus.address).await;
    let mut connections = 0;
    let mut feeds = Vec::new();
    for number in 0..room.people() {
        let sends = room.sends(number);
        if sends.is_empty() {
            continue;
        }
        if feeds.is_empty() {
            session.create_room().await;
        }
        let handle = session.attach().await;
        let joined = session
            .ask(
                handle,
                json!({"request": "join", "ptype": "publisher", "room": ROOM}),
                None,
            )
            .await;
        let feed = joined["plugindata"]["data"]["id"].as_u64().expect("an id");
        let mut connection = Connection::new(janus.address);
        let mut change = connection.rtc.sdp_api();
        for shape in sends {
            let kind = shape.codec.kind();
            let mid = change.add_media(kind, Direction::SendOnly, None, None, None);
            connection.sends.push((mid, shape));
        }
        let (offer, pending) = change.apply().expect("a change");
        let jsep = json!({"type": "offer", "sdp": offer.to_sdp_string()});
        let published = session
            .ask(handle, json!({"request": "publish"}), Some(jsep))
            .await;
        let answer = published["jsep"]["sdp"].as_str().expect("an answer");
        let answer = SdpAnswer::from_sdp_string(answer).expect("an answer");
        connection
            .rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("accepted");
        crowd.add(connection);
        connections += 1;
        // A subscription needs the feed's media.
        crowd.connected(connections).await;
        feeds.push((number, feed));
    }
    for number in 0..room.people() {
        let streams: Vec<Value> = feeds
            .iter()
            .filter(|(of, _)| *of != number)
            .map(|(_, feed)| json!({"feed": feed}))
            .collect();
        if streams.is_empty() {
            continue;
        }
        let handle = session.attach().await;
        let join =
            json!({"request": "join", "ptype": "subscriber", "room": ROOM, "streams": streams});
        let attached = session.ask(handle, join, None).await;
        let offer = attached["jsep"]["sdp"].as_str().expect("an offer");
        let offer = SdpOffer::from_sdp_string(offer).expect("an offer");
        let mut connection = Connection::new(janus.address);
        let answer = connection
            .rtc
            .sdp_api()
            .accept_offer(offer)
            .expect("accepted");
        let jsep = json!({"type": "answer", "sdp": answer.to_sdp_string()});
        session
            .ask(handle, json!({"request": "start"}), Some(jsep))
            .await;
        crowd.add(connection);
        connections += 1;
    }
    (session.keep(), connections)
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A session of the Janus API, with all handles.
struct Session {
    socket: Socket,
    id: u64,
    transactions: u64,
}

impl Session {
    async fn open(address: IpAddr) -> Self {
        let mut request = format!("ws://{address}:{PORT}/")
            .into_client_request()
            .expect("a URL");
        let protocol = "janus-protocol".parse().expect("a header");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (socket, _) = connect_async(request).await.expect("a WebSocket");
        let mut session = Self {
            socket,
            id: 0,
            transactions: 0,
        };
        let made = session.call(json!({"janus": "create"})).await;
        session.id = made["data"]["id"].as_u64().expect("a session");
        session
    }

    async fn attach(&mut self) -> u64 {
        let attach =
            json!({"janus": "attach", "plugin": "janus.plugin.videoroom", "session_id": self.id});
        self.call(attach).await["data"]["id"]
            .as_u64()
            .expect("a handle")
    }

    async fn create_room(&mut self) {
        let handle = self.attach().await;
        let body = json!({"request": "create", "room": ROOM, "publishers": 100, "bitrate": 0,
            "audiocodec": "opus", "videocodec": "vp8", "fir_freq": 0});
        let message =
            json!({"janus": "message", "session_id": self.id, "handle_id": handle, "body": body});
        let made = self.call(message).await;
        assert!(made["plugindata"]["data"]["room"].is_u64(), "{made}");
    }

    /// Asks the plugin and waits for its event.
    async fn ask(&mut self, handle: u64, body: Value, jsep: Option<Value>) -> Value {
        let mut message =
            json!({"janus": "message", "session_id": self.id, "handle_id": handle, "body": body});
        if let Some(jsep) = jsep {
            message["jsep"] = jsep;
        }
        self.call(message).await
    }

    /// The answer to a message: what has its transaction and is not only a receipt.
    async fn call(&mut self, mut message: Value) -> Value {
        self.transactions += 1;
        let transaction = self.transactions.to_string();
        message["transaction"] = json!(transaction);
        let text = Message::text(message.to_string());
        self.socket.send(text).await.expect("sent");
        loop {
            let next = tokio::time::timeout(Duration::from_secs(10), self.socket.next());
            let frame = next
                .await
                .expect("in time")
                .expect("open")
                .expect("readable");
            let Message::Text(text) = frame else { continue };
            let answer: Value = serde_json::from_str(&text).expect("JSON");
            let is_error =
                answer["janus"] == "error" || !answer["plugindata"]["data"]["error"].is_null();
            assert!(!is_error, "{answer}");
            if answer["transaction"] == json!(transaction) && answer["janus"] != "ack" {
                return answer;
            }
        }
    }

    /// Reads and drops what comes.
    fn keep(mut self) -> Present {
        Present {
            session: tokio::spawn(
                async move { while let Some(Ok(_)) = self.socket.next().await {} },
            ),
        }
    }
}
