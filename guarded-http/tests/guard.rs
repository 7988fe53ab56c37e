//! Nobody makes this machine ask what only this machine can reach.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use guarded_http::{Error, GuardedClient, Policy, Resolver, is_public};
use http::{HeaderMap, HeaderValue, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// A server that counts who connects, and answers as it is told.
async fn listener(answer: &'static [u8], pause: Duration) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, serve(listener, answer, pause))
}

async fn listen(address: (&str, u16), answer: &'static [u8], pause: Duration) -> Arc<AtomicUsize> {
    serve(TcpListener::bind(address).await.unwrap(), answer, pause)
}

fn serve(listener: TcpListener, answer: &'static [u8], pause: Duration) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = socket.read(&mut buffer).await;
                tokio::time::sleep(pause).await;
                let _ = socket.write_all(answer).await;
            });
        }
    });
    count
}

/// Says another address each time.
struct Changing(Vec<Vec<IpAddr>>, AtomicUsize);

#[async_trait]
impl Resolver for Changing {
    async fn resolve(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let turn = self.1.fetch_add(1, Ordering::SeqCst);
        Ok(self.0[turn.min(self.0.len() - 1)].clone())
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

async fn get(client: &GuardedClient, url: &str) -> Result<u16, Error> {
    let url = Url::parse(url).map_err(|_| Error::Failed)?;
    let answer = client
        .send(Method::GET, &url, HeaderMap::new(), Vec::new())
        .await?;
    Ok(answer.status.as_u16())
}

#[tokio::test]
async fn client_given_a_private_address_in_any_form_connects_to_nothing() {
    let (port, count) = listener(
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        Duration::ZERO,
    )
    .await;
    let client = GuardedClient::new(Policy::default());
    let hosts = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0.0.0.0",
        "0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fc00::1]",
        "[fd12::1]",
        "[fe80::1]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[2001::7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "１２７.0.0.1",
    ];
    assert!(hosts.len() >= 24);
    for host in hosts {
        for scheme in ["https", "http"] {
            let answer = get(&client, &format!("{scheme}://{host}:{port}/")).await;
            assert!(answer.is_err(), "{scheme}://{host}");
        }
    }
    for url in [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "gopher://example.com",
    ] {
        assert!(
            matches!(get(&client, url).await, Err(Error::Forbidden(_))),
            "{url}"
        );
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn client_given_a_name_with_a_private_address_connects_to_nothing() {
    let (port, count) = listener(
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        Duration::ZERO,
    )
    .await;
    for answers in [
        vec![vec![ip("127.0.0.1")]],
        // One of several is enough.
        vec![vec![ip("93.184.216.34"), ip("10.0.0.1")]],
        vec![vec![ip("::ffff:127.0.0.1")]],
        vec![vec![]],
    ] {
        let resolver = Arc::new(Changing(answers, AtomicUsize::new(0)));
        let client = GuardedClient::with_resolver(Policy::default(), resolver.clone());
        assert!(
            get(&client, &format!("https://rebind.example:{port}/"))
                .await
                .is_err()
        );
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn client_whose_name_resolves_differently_later_connects_to_the_checked_address() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let (port, checked) = listener(answer, Duration::ZERO).await;
    // Another address of this machine, at the same port: who resolves again comes here.
    let other = listen(("127.0.0.2", port), answer, Duration::ZERO).await;
    let resolver = Arc::new(Changing(
        vec![vec![ip("127.0.0.1")], vec![ip("127.0.0.2")]],
        AtomicUsize::new(0),
    ));
    let policy = Policy::default().allow_loopback(true);
    let client = GuardedClient::with_resolver(policy, resolver.clone());
    let url = format!("http://rebind.localhost:{port}/");
    assert_eq!(get(&client, &url).await.unwrap(), 200);
    let reached = || {
        (
            resolver.1.load(Ordering::SeqCst),
            checked.load(Ordering::SeqCst),
            other.load(Ordering::SeqCst),
        )
    };
    assert_eq!(reached(), (1, 1, 0));
    // The next request is a new one: no connection outlives the check of its address.
    assert_eq!(get(&client, &url).await.unwrap(), 200);
    assert_eq!(reached(), (2, 1, 1));
}

#[tokio::test]
async fn client_given_a_redirect_or_a_large_or_slow_response_stops() {
    let policy = Policy::default().allow_loopback(true);
    let client = GuardedClient::new(policy);
    let (target, reached) = listener(
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        Duration::ZERO,
    )
    .await;
    let redirect: &'static [u8] = Box::leak(format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{target}/\r\ncontent-length: 0\r\n\r\n").into_bytes().into_boxed_slice());
    let (port, _) = listener(redirect, Duration::ZERO).await;
    assert_eq!(
        get(&client, &format!("http://127.0.0.1:{port}/"))
            .await
            .unwrap(),
        302
    );
    assert_eq!(reached.load(Ordering::SeqCst), 0);
    let mut large = b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n".to_vec();
    large.resize(large.len() + 300_000, b'x');
    let (port, _) = listener(Box::leak(large.into_boxed_slice()), Duration::ZERO).await;
    assert!(matches!(
        get(&client, &format!("http://127.0.0.1:{port}/")).await,
        Err(Error::TooLarge { .. })
    ));
    let (port, _) = listener(b"HTTP/1.1 200 OK\r\n\r\n", Duration::from_secs(20)).await;
    let started = Instant::now();
    assert!(matches!(
        get(&client, &format!("http://127.0.0.1:{port}/")).await,
        Err(Error::TimedOut { .. })
    ));
    assert!(started.elapsed() < Duration::from_secs(9));
}

#[test]
fn allowed_host_that_is_private_passes_by_https_alone() {
    let client =
        GuardedClient::new(Policy::default().allow_hosts(["moodle.school.lan", "10.1.2.3"]));
    let check = |url: &str| client.check(&Url::parse(url).unwrap());
    assert!(check("https://moodle.school.lan/certs.php").is_ok());
    assert!(check("https://10.1.2.3/").is_ok());
    assert!(check("https://10.1.2.4/").is_err());
    assert!(check("http://moodle.school.lan/").is_err());
}

#[test]
fn address_is_public_where_registries_assign_it() {
    for address in [
        "1.1.1.1",
        "93.184.216.34",
        "172.32.0.1",
        "192.0.1.1",
        "100.128.0.1",
        "2606:4700::1111",
        "2a00:1450::1",
        "2001:4860::1",
    ] {
        assert!(is_public(ip(address)), "{address}");
    }
    for address in [
        "198.51.100.1",
        "203.0.113.9",
        "240.0.0.1",
        "::2",
        "5f00::1",
        "2001:2::1",
        "3fff::1",
    ] {
        assert!(!is_public(ip(address)), "{address}");
    }
}

#[tokio::test]
async fn policy_with_other_limits_enforces_them() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world";
    let (port, _) = listener(answer, Duration::from_millis(1)).await;
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let send = async |policy: Policy| {
        let client = GuardedClient::new(policy.allow_loopback(true));
        client
            .send(Method::GET, &url, HeaderMap::new(), Vec::new())
            .await
    };
    let whole = send(Policy::default().max_response_bytes(11)).await;
    assert_eq!(whole.unwrap().body, b"hello world");
    let cut = send(Policy::default().max_response_bytes(10)).await;
    assert_eq!(cut.unwrap_err(), Error::TooLarge { max_bytes: 10 });
    let long = send(Policy::default().max_url_bytes(10)).await;
    assert_eq!(long.unwrap_err(), Error::Forbidden("is too long"));
    let (port, _) = listener(answer, Duration::from_secs(20)).await;
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let timeout = Duration::from_millis(50);
    let client = GuardedClient::new(Policy::default().allow_loopback(true).timeout(timeout));
    let late = client
        .send(Method::GET, &url, HeaderMap::new(), Vec::new())
        .await;
    assert_eq!(late.unwrap_err(), Error::TimedOut { timeout });
}

#[tokio::test]
async fn user_agent_is_that_of_the_policy() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            heard.push(socket.read_u8().await.unwrap());
        }
        socket
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .unwrap();
        String::from_utf8(heard).unwrap()
    });
    let policy = Policy::default()
        .allow_loopback(true)
        .user_agent(HeaderValue::from_static("my-app/1.0"));
    let client = GuardedClient::new(policy);
    assert_eq!(
        get(&client, &format!("http://127.0.0.1:{port}/"))
            .await
            .unwrap(),
        204
    );
    assert!(heard.await.unwrap().contains("user-agent: my-app/1.0\r\n"));
}
