//! The real server, and sockets that a test writes to byte by byte.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends the server when a test fails.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The usual soft limit of open files, whatever the one of the tests is.
pub const USUAL_LIMIT: &str = "ulimit -Sn 1024; exec \"$0\" serve";
/// A limit that the server cannot raise: 824 connections, 618 of them of one address.
pub const HARD_LIMIT: &str = "ulimit -n 1024; exec \"$0\" serve";

pub fn start(data_dir: &std::path::Path) -> (Running, String) {
    start_with(data_dir, USUAL_LIMIT, &[])
}

pub fn start_with(
    data_dir: &std::path::Path,
    limit: &str,
    variables: &[(&str, &str)],
) -> (Running, String) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let child = Command::new("sh")
        .args(["-c", limit, env!("CARGO_BIN_EXE_kmz-meet")])
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

/// Whether the server closes in time while the client sends one byte a second.
pub fn closes_within(mut stream: TcpStream, limit: Duration) -> bool {
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

/// Whether the server closes in time while the client only reads.
pub fn is_closed_within(mut stream: TcpStream, limit: Duration) -> bool {
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

/// The answer to a whole request on a new connection; empty when the server closes without one.
pub fn answer(listen: &str) -> String {
    let mut stream = TcpStream::connect(listen).unwrap();
    let time = Some(Duration::from_secs(20));
    stream.set_read_timeout(time).unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    match stream.write_all(request) {
        Ok(()) => stream.read_to_string(&mut answer).unwrap_or_default(),
        Err(_) => 0,
    };
    answer
}

/// A client's frame with a mask that changes nothing.
pub fn frame(kind: u8, text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    let mut frame = vec![0x80 | kind, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// Opens a WebSocket. Joins this room, if one is given, and waits there.
pub fn websocket(listen: &str, room: Option<&str>) -> TcpStream {
    let mut stream = TcpStream::connect(listen).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let port = listen.rsplit(':').next().unwrap();
    let head = format!(
        "GET /api/v1/signal HTTP/1.1\r\nhost: localhost:{port}\r\norigin: http://localhost:{port}\r\n\
         connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        read.push(byte[0]);
    }
    assert!(
        read.starts_with(b"HTTP/1.1 101"),
        "{}",
        String::from_utf8_lossy(&read)
    );
    if let Some(room) = room {
        let join = format!(r#"{{"type":"join","room":"{room}","name":"Anna"}}"#);
        stream.write_all(&frame(1, &join)).unwrap();
        assert!(heard(&mut stream).contains("waiting"));
    }
    stream
}

/// The next frame of the server, or nothing when it closed.
pub fn heard(stream: &mut TcpStream) -> String {
    let mut head = [0; 2];
    if stream.read_exact(&mut head).is_err() {
        return String::new();
    }
    let mut text = vec![0; usize::from(head[1] & 0x7f)];
    stream.read_exact(&mut text).unwrap();
    format!("{:x} {}", head[0] & 0xf, String::from_utf8_lossy(&text))
}
