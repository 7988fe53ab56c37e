//! Connections that send a request byte by byte, or never finish one, are closed.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

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

fn start(data_dir: &std::path::Path) -> (Running, String) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let child = Command::new(env!("CARGO_BIN_EXE_kmz-meet"))
        .arg("serve")
        .current_dir(data_dir)
        .env_clear()
        .env("KMZ_MEET_LISTEN", &listen)
        .env("KMZ_MEET_DATA_DIR", data_dir)
        .env("KMZ_MEET_MEDIA_PORT", "0")
        .env("KMZ_MEET_MEDIA_ADDRESSES", "127.0.0.1")
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
