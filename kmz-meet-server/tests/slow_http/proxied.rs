//! Connections of a proxy that passes TCP on and says in a header whose they are.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::sockets::{Running, USUAL_LIMIT, is_closed_within, start_with};
use super::{certificate, is_served};

/// A server with a second listener, and where that is.
fn start(directory: &std::path::Path, variables: &[(&str, &str)]) -> (Running, SocketAddr) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxied = free.local_addr().unwrap();
    drop(free);
    let listen = proxied.to_string();
    let own = [
        ("KMZ_MEET_PROXY_LISTEN", listen.as_str()),
        ("KMZ_MEET_TRUSTED_PROXIES", "127.0.0.1"),
        ("KMZ_MEET_API_REQUESTS_PER_MINUTE", "10"),
    ];
    // It is bound before the data is opened, so before any connection is taken.
    let (running, _) = start_with(directory, USUAL_LIMIT, &[&own, variables].concat());
    (running, proxied)
}

/// A header of version 2 of a client at 192.0.2.`last`.
fn header(last: u8) -> Vec<u8> {
    let addresses = [192, 0, 2, last, 192, 0, 2, 254, 0xc7, 0x38, 1, 0xbb];
    [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &addresses].concat()
}

/// All that is answered to these bytes until the server closes.
fn answer_on(mut stream: TcpStream, bytes: &[u8]) -> Vec<u8> {
    let time = Some(Duration::from_secs(20));
    stream.set_read_timeout(time).unwrap();
    let mut answer = Vec::new();
    if stream.write_all(bytes).is_ok() {
        // Whoever is refused while bytes are unread gets a reset.
        let read = stream.read_to_end(&mut answer);
        assert!(!matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock));
    }
    answer
}

fn answer(listen: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    answer_on(TcpStream::connect(listen).unwrap(), bytes)
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

#[test]
fn limit_by_address_counts_the_address_of_the_header() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, proxied) = start(directory.path(), &[]);
    let status = |client| {
        let request = b"GET /api/v1/rooms HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
            authorization: Bearer invented\r\n\r\n";
        let answer = answer(proxied, &[&header(client), &request[..]].concat());
        String::from_utf8_lossy(&answer)
            .chars()
            .skip(9)
            .take(3)
            .collect::<String>()
    };
    let refused = (0..30).filter(|_| status(1) == "429").count();
    assert!(refused >= 15, "{refused} of 30");
    assert_eq!(status(2), "401");
}

#[test]
fn connection_without_a_header_of_a_trusted_proxy_gets_no_answer() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, proxied) = start(directory.path(), &[]);
    let version_1 = b"PROXY TCP4 192.0.2.1 192.0.2.254 51000 443\r\n";
    for bytes in [
        HEALTH.to_vec(),
        [&version_1[..], HEALTH].concat(),
        [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff"[..], HEALTH].concat(),
    ] {
        assert!(answer(proxied, &bytes).is_empty(), "{bytes:?}");
    }
    let right = [&header(1), HEALTH].concat();
    assert!(answer(proxied, &right).starts_with(b"HTTP/1.1 200"));
    // All of 127.0.0.0/8 is this machine.
    let other = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    other
        .bind(&SocketAddr::from(([127, 0, 0, 2], 0)).into())
        .unwrap();
    other.connect(&proxied.into()).unwrap();
    assert!(answer_on(other.into(), &right).is_empty());
}

#[test]
fn header_that_stops_half_way_closes_the_connection() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, proxied) = start(directory.path(), &[]);
    let mut stream = TcpStream::connect(proxied).unwrap();
    stream.write_all(&header(1)[..20]).unwrap();
    // Less than the time in which a connection without a request ends.
    assert!(is_closed_within(stream, Duration::from_secs(25)));
}

#[test]
fn turn_behind_a_header_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, proxied) = start(directory.path(), &[]);
    // An Allocate request without credentials, repeated until it is longer than the answer; another one ends the connection.
    let allocate = b"\x00\x03\x00\x00\x21\x12\xa4\x42transaction1".repeat(3);
    let another = b"\x00\x03\x00\x00\x21\x12\xa4\x42transaction2";
    let answer = answer(proxied, &[&header(1), &allocate[..], another].concat());
    assert!(answer.starts_with(&[0x01, 0x13]), "{answer:?}");
}

/// A proxy that sends its header and what a client says first in one segment.
async fn proxy(to: SocketAddr) -> SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut first = header(1);
                client.read_buf(&mut first).await.unwrap();
                let mut server = tokio::net::TcpStream::connect(to).await.unwrap();
                server.write_all(&first).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handshake_in_the_segment_of_the_header_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate::in_directory(directory.path());
    let (_running, proxied) = start(
        directory.path(),
        &[
            ("KMZ_MEET_TLS_CERTIFICATE", &certificate),
            ("KMZ_MEET_TLS_KEY", &key),
        ],
    );
    is_served(&proxy(proxied).await.to_string()).await;
}
