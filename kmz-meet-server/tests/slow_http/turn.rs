//! Connections that speak TURN at the port of the page.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::certificate;
use super::sockets::{
    HARD_LIMIT, USUAL_LIMIT, answer, closes_within, is_closed_within, start, start_with,
};

const REALM: &str = "kmz";
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const REALM_ATTRIBUTE: u16 = 0x0014;
const NONCE: u16 = 0x0015;
const REQUESTED_TRANSPORT: u16 = 0x0019;
const SOFTWARE: (u16, &[u8]) = (0x8022, b"a test client");

/// An Allocate request (RFC 8656, section 7.1) of the transaction with this number, with these attributes besides
/// REQUESTED-TRANSPORT.
fn allocate(transaction: u8, attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in [(REQUESTED_TRANSPORT, &[17, 0, 0, 0][..])]
        .iter()
        .chain(attributes)
    {
        body.extend_from_slice(&kind.to_be_bytes());
        body.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        body.extend_from_slice(value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut message = vec![0x00, 0x03];
    message.extend_from_slice(&u16::try_from(body.len()).unwrap().to_be_bytes());
    message.extend_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
    message.extend_from_slice(b"transaction");
    message.push(transaction);
    message.extend_from_slice(&body);
    message
}

/// The error code and the nonce of the next answer; nothing when the server closed.
fn refused(stream: &mut impl Read) -> Option<(u16, Vec<u8>)> {
    let mut head = [0; 20];
    stream.read_exact(&mut head).ok()?;
    assert_eq!(head[..2], [0x01, 0x13], "an error response to Allocate");
    assert!(head[8..].starts_with(b"transaction"));
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[2], head[3]]))];
    stream.read_exact(&mut body).unwrap();
    let (mut code, mut nonce) = (0, Vec::new());
    let mut rest = &body[..];
    while let [high, low, long, short, behind @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*long, *short]));
        let value = &behind[..length];
        match u16::from_be_bytes([*high, *low]) {
            ERROR_CODE => code = u16::from(value[2]) * 100 + u16::from(value[3]),
            NONCE => nonce = value.to_vec(),
            _ => {}
        }
        rest = &behind[length.next_multiple_of(4)..];
    }
    Some((code, nonce))
}

fn connect(listen: &str) -> TcpStream {
    let stream = TcpStream::connect(listen).unwrap();
    let timeout = Some(Duration::from_secs(20));
    stream.set_read_timeout(timeout).unwrap();
    stream
}

/// A client that knows no password, over whatever: how often it was answered before the server closed.
fn answers_to_a_stranger(stream: &mut (impl Read + Write)) -> usize {
    let mut answers = 0;
    for transaction in 0..10 {
        // The server may have closed already.
        let _ = stream.write_all(&allocate(transaction, &[SOFTWARE]));
        match refused(stream) {
            Some((code, _)) => assert_eq!(code, 401),
            None => return answers,
        }
        answers += 1;
    }
    answers
}

#[test]
fn turn_client_without_a_password_is_challenged_once() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    assert_eq!(answers_to_a_stranger(&mut connect(&listen)), 1);
    assert!(answer(&listen).starts_with("HTTP/1.1 200"));
}

/// Counted at the socket, over the whole connection.
#[test]
fn turn_client_without_a_password_is_sent_no_more_bytes_than_it_sends() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    // What Chromium sends until it is answered, what Firefox sends once, and others who say too little or too much.
    let chromium = vec![allocate(0, &[]); 5];
    let firefox = vec![allocate(
        0,
        &[(0x000d, &[0, 0, 14, 16]), (0x8028, &[1, 2, 3, 4])],
    )];
    assert_eq!((chromium[0].len(), firefox[0].len()), (28, 44));
    let other = (0..40).map(|number| allocate(number, &[])).collect();
    let long = (0..40)
        .map(|number| allocate(number, &[(0x8022, &[b'x'; 500])]))
        .collect();
    for requests in [chromium, firefox, other, long] {
        let mut stream = connect(&listen);
        let wait = Duration::from_millis(50);
        stream.set_read_timeout(Some(wait)).unwrap();
        let (mut sent, mut received) = (0, 0);
        for request in &requests {
            if stream.write_all(request).is_err() {
                break;
            }
            sent += request.len();
            while let Ok(length @ 1..) = stream.read(&mut [0; 4_096]) {
                received += length;
            }
            assert!(received <= sent, "{received} bytes for {sent}");
        }
        if received == 0 {
            // The machine may be slow.
            let wait = Duration::from_secs(20);
            stream.set_read_timeout(Some(wait)).unwrap();
            received = stream.read(&mut [0; 4_096]).unwrap_or(0);
            assert!(received <= sent, "{received} bytes for {sent}");
        }
        assert!(received > 0, "it is told what it lacks");
    }
}

#[test]
fn turn_client_with_wrong_passwords_is_closed_after_a_few() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    let mut stream = connect(&listen);
    stream.write_all(&allocate(0, &[SOFTWARE])).unwrap();
    let (code, nonce) = refused(&mut stream).unwrap();
    assert_eq!(code, 401);
    let mut answers = 0;
    loop {
        let username = format!("guess {answers}");
        let attributes: [(u16, &[u8]); 4] = [
            (USERNAME, username.as_bytes()),
            (REALM_ATTRIBUTE, REALM.as_bytes()),
            (NONCE, &nonce),
            (MESSAGE_INTEGRITY, &[7; 20]),
        ];
        let _ = stream.write_all(&allocate(1 + answers, &attributes));
        match refused(&mut stream) {
            Some((code, _)) => assert_eq!(code, 401),
            None => break,
        }
        answers += 1;
    }
    assert!((1..=5).contains(&answers), "{answers}");
}

#[test]
fn turn_messages_that_never_end_close_the_connection() {
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start(directory.path());
    let whole = allocate(0, &[]);
    // As long as a connection without a whole request of HTTP is open, and not longer.
    let limit = Duration::from_secs(25);
    let begun = [&whole[..1], &whole[..3], &whole[..19], &whole[..]];
    let waiting = begun.map(|begun| {
        let mut stream = TcpStream::connect(&listen).unwrap();
        stream.write_all(begun).unwrap();
        std::thread::spawn(move || is_closed_within(stream, limit))
    });
    // Whoever says nothing for nearly as long, and then a byte, has no more time than the others.
    let late = TcpStream::connect(&listen).unwrap();
    let late_byte = whole[..1].to_vec();
    let late = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(8));
        (&late).write_all(&late_byte).unwrap();
        is_closed_within(late, Duration::from_secs(7))
    });
    let trickling = TcpStream::connect(&listen).unwrap();
    (&trickling).write_all(&whole[..1]).unwrap();
    let trickling = std::thread::spawn(move || closes_within(trickling, limit));
    for (number, waiting) in waiting.into_iter().enumerate() {
        assert!(waiting.join().unwrap(), "{number} is still open");
    }
    assert!(trickling.join().unwrap(), "trickled");
    assert!(late.join().unwrap(), "late");
    // Channel data is nothing to begin with.
    let mut stream = connect(&listen);
    stream.write_all(&whole[..4]).unwrap();
    stream.write_all(&[0xff; 100]).unwrap();
    assert!(is_closed_within(stream, limit));
}

/// What somebody is told who signs in with a name that nobody has.
fn sign_in(listen: &str, name: usize) -> String {
    let port = listen.rsplit(':').next().unwrap();
    let body = format!(r#"{{"username":"nobody-{name}","password":"a wrong one"}}"#);
    let mut stream = connect(listen);
    let request = format!(
        "POST /api/v1/session HTTP/1.1\r\nhost: localhost:{port}\r\norigin: http://localhost:{port}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn turn_messages_half_sent_by_a_crowd_block_nobody() {
    if kmz_meet_server::edge::raise_file_limit() < 4_096 {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (_running, listen) = start_with(directory.path(), HARD_LIMIT, &[]);
    let started = Instant::now();
    let whole = allocate(0, &[]);
    let mut crowd = Vec::new();
    for number in 0..2_000 {
        let mut stream = TcpStream::connect(&listen).unwrap();
        let begun = [&whole[..1], &whole[..25], &whole[..]][number % 3];
        // The server may have closed it already.
        let _ = stream.write_all(begun);
        crowd.push(stream);
        if number % 100 == 0 {
            let answer = answer(&listen);
            assert!(answer.starts_with("HTTP/1.1 200"), "{number}: {answer:?}");
            let answer = sign_in(&listen, number);
            assert!(answer.starts_with("HTTP/1.1 401"), "{number}: {answer:?}");
        }
    }
    for stream in &crowd {
        stream.set_nonblocking(true).unwrap();
    }
    let closed = |mut stream: &TcpStream| loop {
        match stream.read(&mut [0; 4_096]) {
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
            Ok(0) => return true,
            Ok(_) => {}
        }
    };
    let mut open: Vec<&TcpStream> = crowd.iter().collect();
    while !open.is_empty() && started.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(100));
        open.retain(|stream| !closed(stream));
    }
    assert!(open.is_empty(), "{} are open", open.len());
    assert!(answer(&listen).starts_with("HTTP/1.1 200"));
}

/// Any certificate: the test has made it.
fn client_config() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = AnyCertificate(provider.signature_verification_algorithms);
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(std::sync::Arc::new(verifier))
        .with_no_client_auth()
}

#[derive(Debug)]
struct AnyCertificate(rustls::crypto::WebPkiSupportedAlgorithms);

impl rustls::client::danger::ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &rustls::pki_types::CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[test]
fn port_with_tls_serves_turn_and_http() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate::in_directory(directory.path());
    let variables = [
        ("KMZ_MEET_TLS_CERTIFICATE", certificate.as_str()),
        ("KMZ_MEET_TLS_KEY", key.as_str()),
    ];
    let (_running, listen) = start_with(directory.path(), USUAL_LIMIT, &variables);
    let config = std::sync::Arc::new(client_config());
    let over_tls = || {
        // Browsers send no name where the address is a number.
        let name = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
        let connection = rustls::ClientConnection::new(config.clone(), name).unwrap();
        rustls::StreamOwned::new(connection, connect(&listen))
    };
    assert_eq!(answers_to_a_stranger(&mut over_tls()), 1);
    let mut http = over_tls();
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    http.write_all(request).unwrap();
    let mut answer = [0; 12];
    http.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    // Without TLS there is neither.
    let mut plain = connect(&listen);
    plain.write_all(&allocate(0, &[])).unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(said.len() <= 7, "an alert at the most: {said:?}");
}
