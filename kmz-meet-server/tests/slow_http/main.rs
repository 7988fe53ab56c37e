//! Connections that send a request byte by byte, or never finish one, are closed.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

#[path = "../common/certificate.rs"]
mod certificate;
mod proxied;
mod sockets;
mod turn;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use sockets::{
    HARD_LIMIT, USUAL_LIMIT, answer, closes_within, frame, heard, is_closed_within, start,
    start_with, websocket,
};

#[test]
fn slow_headers_of_any_request_close_the_connection() {
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

#[test]
fn bodies_that_never_come_close_the_connection() {
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
fn server_beyond_the_usual_file_limit_still_answers() {
    // This process holds the other ends.
    if kmz_meet_server::edge::raise_file_limit() < 4_096 {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    // Few enough that none waits in the queue of the system until the server closes earlier ones.
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

/// A right client gets its answer over HTTPS.
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
async fn handshakes_that_never_end_are_closed_and_others_are_served() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate::in_directory(directory.path());
    let (_running, listen) = start_with(
        directory.path(),
        USUAL_LIMIT,
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

#[test]
fn half_sent_requests_of_one_address_block_nobody_there() {
    if kmz_meet_server::edge::raise_file_limit() < 4_096 {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start_with(directory.path(), HARD_LIMIT, &[]);
    let mut waiting: Vec<TcpStream> = (0..5)
        .map(|number| websocket(&listen, Some(&format!("room-{number}"))))
        .collect();
    let begin = || {
        let mut stream = TcpStream::connect(&listen).unwrap();
        let head = "POST /lti/launch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\ns";
        // The server may have refused it already.
        let _ = stream.write_all(head.as_bytes());
        stream
    };
    let mut crowd: Vec<TcpStream> = (0..800).map(|_| begin()).collect();
    for number in 0..40 {
        let answer = answer(&listen);
        assert!(answer.starts_with("HTTP/1.1 200"), "{number}: {answer:?}");
        crowd.push(begin());
    }
    // Silent WebSockets are no better than half a request.
    let silent: Vec<TcpStream> = (0..700).map(|_| websocket(&listen, None)).collect();
    for number in 0..10 {
        let answer = answer(&listen);
        assert!(answer.starts_with("HTTP/1.1 200"), "{number}: {answer:?}");
    }
    for stream in &mut waiting {
        stream.write_all(&frame(9, "here")).unwrap();
        let mut said = heard(stream);
        // Pings of the server's own may come first.
        while said.starts_with("9 ") {
            said = heard(stream);
        }
        assert_eq!(said, "a here");
    }
    drop((crowd, silent));
}

#[test]
fn requests_while_many_are_half_sent_have_less_time() {
    if kmz_meet_server::edge::raise_file_limit() < 4_096 {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start_with(directory.path(), HARD_LIMIT, &[]);
    let begun = Instant::now();
    let crowd: Vec<TcpStream> = (0..500)
        .map(|_| {
            let mut stream = TcpStream::connect(&listen).unwrap();
            let head =
                "POST /lti/launch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\ns";
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    for stream in &crowd {
        stream.set_nonblocking(true).unwrap();
    }
    // Wait until fewer than half of the share are open. At other times a body has twenty seconds.
    let closed = |mut stream: &TcpStream| match stream.read(&mut [0; 4_096]) {
        Err(error) => error.kind() != ErrorKind::WouldBlock,
        Ok(read) => read == 0,
    };
    let mut open: Vec<&TcpStream> = crowd.iter().collect();
    while open.len() > 320 && begun.elapsed() < Duration::from_secs(18) {
        std::thread::sleep(Duration::from_millis(100));
        open.retain(|stream| !closed(stream));
    }
    assert!(open.len() <= 320, "{} are open", open.len());
}
