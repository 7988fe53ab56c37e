//! Connections that send a request byte by byte, or never finish one, are closed.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

#[path = "common/certificate.rs"]
mod certificate;

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends the server when a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The usual soft limit of open files, whatever the one of the tests is.
const USUAL_LIMIT: &str = "ulimit -Sn 1024; exec \"$0\" serve";

fn start(data_dir: &std::path::Path) -> (Running, String) {
    start_with(data_dir, &[])
}

fn start_with(data_dir: &std::path::Path, variables: &[(&str, &str)]) -> (Running, String) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let child = Command::new("sh")
        .args(["-c", USUAL_LIMIT, env!("CARGO_BIN_EXE_kmz-meet")])
        .current_dir(data_dir)
        .env_clear()
        .env("KMZ_MEET_LISTEN", &listen)
        .env("KMZ_MEET_DATA_DIR", data_dir)
        .env("KMZ_MEET_MEDIA_PORT", "0")
        .env("KMZ_MEET_MEDIA_ADDRESSES", "127.0.0.1")
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    let started = Instant::now();
    while TcpStream::connect(&listen).is_err() {
        assert!(started.elapsed() < Duration::from_secs(20), "no start");
        std::thread::sleep(Duration::from_millis(20));
    }
    (running, listen)
}

/// Until the server closes; trickles a byte each second meanwhile.
fn closes_within(mut stream: TcpStream, limit: Duration) -> bool {
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let started = Instant::now();
    let mut buffer = [0_u8; 4096];
    while started.elapsed() < limit {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if stream.write_all(b"x").is_err() {
                    return true;
                }
            }
            Err(_) => return true,
        }
    }
    false
}

#[test]
fn headers_have_to_come_in_time_with_every_request() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let begun: [&[u8]; 2] = [b"", request];
    let waiting = begun.map(|before| {
        let mut stream = TcpStream::connect(&listen).unwrap();
        stream.write_all(before).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: lo").unwrap();
        std::thread::spawn(move || closes_within(stream, Duration::from_secs(20)))
    });
    for waiting in waiting {
        assert!(waiting.join().unwrap());
    }
}

/// Until the server closes, while the client only listens.
fn is_closed_within(mut stream: TcpStream, limit: Duration) -> bool {
    stream.set_read_timeout(Some(limit)).unwrap();
    let mut buffer = [0_u8; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => {
                return !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
            }
        }
    }
}

#[test]
fn bodies_that_never_come_end_the_connection_on_every_route() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    let routes = [
        "/lti/launch",
        "/lti/login",
        "/bigbluebutton/api/create",
        "/api/v1/session",
        "/some-room",
    ];
    let waiting = routes.map(|route| {
        let mut stream = TcpStream::connect(&listen).unwrap();
        let head = format!(
            "POST {route} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\nstate=x"
        );
        stream.write_all(head.as_bytes()).unwrap();
        (
            route,
            std::thread::spawn(move || is_closed_within(stream, Duration::from_secs(50))),
        )
    });
    for (route, waiting) in waiting {
        assert!(waiting.join().unwrap(), "{route} is still open");
    }
}

#[test]
fn http2_connection_without_a_request_is_closed() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    let mut stream = TcpStream::connect(&listen).unwrap();
    // Preface, empty settings, and one GET / (indexed headers and a literal authority).
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
        .unwrap();
    stream
        .write_all(b"\x00\x00\x06\x01\x05\x00\x00\x00\x01\x82\x86\x84\x41\x01a")
        .unwrap();
    let mut answering = stream.try_clone().unwrap();
    // Acknowledges every ping, as libraries do by themselves.
    let pinging = std::thread::spawn(move || {
        let pong = b"\x00\x00\x08\x06\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";
        let ping = b"\x00\x00\x08\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";
        for _ in 0..60 {
            let sent = answering
                .write_all(pong)
                .and_then(|()| answering.write_all(ping));
            if sent.is_err() {
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    let started = Instant::now();
    let mut buffer = [0_u8; 4096];
    let mut read = 0;
    let closed = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(length) => read += length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break true,
        }
        if started.elapsed() > Duration::from_secs(75) {
            break false;
        }
    };
    assert!(
        closed && read > 100,
        "{read} bytes after {:?}",
        started.elapsed()
    );
    assert!(started.elapsed() > Duration::from_secs(20), "not at once");
    pinging.join().unwrap();
}

#[test]
fn more_connections_than_the_usual_limit_of_files_leave_room_for_others() {
    // This process holds the other ends.
    if kmz_meet_server::edge::raise_file_limit() < 4_096 {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    // Few enough that none waits in the queue of the system until earlier ones are closed for their silence.
    let crowd: Vec<TcpStream> = (0..1_100)
        .map(|_| TcpStream::connect(&listen).unwrap())
        .collect();
    let mut another = TcpStream::connect(&listen).unwrap();
    another
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    another
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    another.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(crowd);
}

/// Who does it right is answered by HTTPS.
async fn is_served(listen: &str) {
    let http = reqwest::Client::builder()
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        // A connection of its own each time.
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    let answer = http.get(format!("https://{listen}/healthz")).send().await;
    assert_eq!(answer.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handshakes_that_never_end_are_cut_off_and_others_are_served() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate::in_directory(directory.path());
    let (_running, listen) = start_with(
        directory.path(),
        &[
            ("KMZ_MEET_TLS_CERTIFICATE", &certificate),
            ("KMZ_MEET_TLS_KEY", &key),
        ],
    );
    is_served(&listen).await;
    // A record that says it has 512 bytes of a ClientHello, and its beginning.
    let half: Vec<u8> = [
        0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03,
    ]
    .into_iter()
    .chain(0..100)
    .collect();
    // Less than the time in which a connection without a request ends, TLS or not.
    let limit = Duration::from_secs(25);
    let mut waiting = Vec::new();
    for _ in 0..20 {
        for (kind, begun) in [
            ("nothing", &[][..]),
            ("one byte", &half[..1]),
            ("half a ClientHello", &half),
        ] {
            let mut stream = TcpStream::connect(&listen).unwrap();
            stream.write_all(begun).unwrap();
            let closed = std::thread::spawn(move || is_closed_within(stream, limit));
            waiting.push((kind, closed));
        }
    }
    let mut trickling = TcpStream::connect(&listen).unwrap();
    trickling.write_all(&half).unwrap();
    waiting.push((
        "trickled",
        std::thread::spawn(move || closes_within(trickling, limit)),
    ));
    for _ in 0..3 {
        is_served(&listen).await;
    }
    for (kind, closed) in waiting {
        assert!(closed.join().unwrap(), "{kind} is still open");
    }
    is_served(&listen).await;
}
