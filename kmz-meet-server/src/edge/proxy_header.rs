//! Reads the header of the PROXY protocol, version 2, at the beginning of a connection, and not a byte more: what follows
//! stays in the socket.
//!
//! See section 2.2 of <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt>.

use std::io;
use std::net::{IpAddr, SocketAddr};

use proxy_header::{ParseConfig, Protocol, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Every header of version 2 begins so.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Headers of version 1 begin so.
const VERSION_1: &[u8] = b"PROXY ";
/// Signature, version and command, family and transport, and the length of the rest.
const FIXED_BYTES: usize = 16;
/// Of the whole header. Addresses have 36 bytes at the most; the rest is additional, such as a name or a checksum.
const MAX_HEADER_BYTES: usize = 2_048;

/// Who began the connection, as the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// The proxy itself, such as for a health check; or it has no address that others could reach.
    Proxy,
    Client(SocketAddr),
}

/// Why there is no header. The message says what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum HeaderError {
    #[error("the connection ended before its header")]
    Ended,
    #[error(
        "the header of the PROXY protocol has version 1: let the proxy send version 2 (HAProxy: send-proxy-v2; nginx since 1.31.4: proxy_protocol v2)"
    )]
    Version1,
    #[error(
        "the connection does not begin with a header of the PROXY protocol: let the proxy send version 2, or let it connect to listen (KMZ_MEET_LISTEN)"
    )]
    Missing,
    #[error(
        "the header of the PROXY protocol has more than {MAX_HEADER_BYTES} bytes: let the proxy add less to it"
    )]
    TooLong,
    #[error(
        "the header of the PROXY protocol is malformed: let the proxy send version 2 for connections over TCP"
    )]
    Malformed,
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for HeaderError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Ended,
            _ => Self::Io(error),
        }
    }
}

/// Reads the header. Whoever calls it sets a time for it.
///
/// # Errors
/// When no header of version 2 comes.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Sender, HeaderError> {
    let mut header = [0; MAX_HEADER_BYTES];
    let mut filled = 0;
    while filled < FIXED_BYTES {
        let read = stream.read(&mut header[filled..FIXED_BYTES]).await?;
        if read == 0 {
            return Err(HeaderError::Ended);
        }
        filled += read;
        // At once: a header of version 1 may be shorter than what we wait for.
        check_signature(&header[..filled])?;
    }
    let length = FIXED_BYTES + usize::from(u16::from_be_bytes([header[14], header[15]]));
    let rest = header.get_mut(FIXED_BYTES..length);
    stream.read_exact(rest.ok_or(HeaderError::TooLong)?).await?;
    parse(&header[..length])
}

fn check_signature(begun: &[u8]) -> Result<(), HeaderError> {
    let signature = &begun[..begun.len().min(SIGNATURE.len())];
    if SIGNATURE.starts_with(signature) {
        return Ok(());
    }
    Err(
        if VERSION_1.starts_with(&begun[..begun.len().min(VERSION_1.len())]) {
            HeaderError::Version1
        } else {
            HeaderError::Missing
        },
    )
}

/// Of a whole header.
fn parse(header: &[u8]) -> Result<Sender, HeaderError> {
    let config = ParseConfig {
        include_tlvs: false,
        allow_v1: false,
        allow_v2: true,
    };
    // Also where the parser wants more bytes: there are no more in this header.
    let (header, _) = ProxyHeader::parse(header, config).map_err(|_| HeaderError::Malformed)?;
    match header.proxied_address() {
        None => Ok(Sender::Proxy),
        Some(proxied) if proxied.protocol != Protocol::Stream => Err(HeaderError::Malformed),
        Some(proxied) => Ok(sender(proxied.source)),
    }
}

/// An address of the proxy's own machine is no address of a client: programs on our machine have more rights.
fn sender(source: SocketAddr) -> Sender {
    let address: IpAddr = source.ip().to_canonical();
    if address.is_loopback() || address.is_unspecified() {
        return Sender::Proxy;
    }
    Sender::Client(SocketAddr::new(address, source.port()))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// A header with this command, family and transport, and what follows the length.
    fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [SIGNATURE, &[command, family][..], &length, rest].concat()
    }

    /// From 192.0.2.7:51000 to 192.0.2.1:443.
    fn ipv4() -> Vec<u8> {
        let addresses = [192, 0, 2, 7, 192, 0, 2, 1, 0xc7, 0x38, 1, 0xbb];
        header(0x21, 0x11, &addresses)
    }

    fn ipv6(source: &str) -> Vec<u8> {
        let source: std::net::Ipv6Addr = source.parse().unwrap();
        let rest = [&source.octets()[..], &[0; 16], &[0xc7, 0x38, 1, 0xbb]].concat();
        header(0x21, 0x21, &rest)
    }

    /// What is read from these bytes, and what is left of them.
    async fn read_all(bytes: &[u8]) -> (Result<Sender, HeaderError>, Vec<u8>) {
        let (mut proxy, mut server) = duplex(4_096);
        proxy.write_all(bytes).await.unwrap();
        drop(proxy);
        let sender = read(&mut server).await;
        let mut left = Vec::new();
        server.read_to_end(&mut left).await.unwrap();
        (sender, left)
    }

    fn client(address: &str) -> Sender {
        Sender::Client(address.parse().unwrap())
    }

    #[tokio::test]
    async fn header_with_bytes_behind_it_leaves_them() {
        let bytes = [&ipv4()[..], b"GET / HTTP/1.1\r\n"].concat();
        let (sender, left) = read_all(&bytes).await;
        assert_eq!(sender.unwrap(), client("192.0.2.7:51000"));
        assert_eq!(left, b"GET / HTTP/1.1\r\n");
    }

    #[tokio::test]
    async fn header_in_any_segments_is_read() {
        let bytes = [&ipv4()[..], b"\x16"].concat();
        for at in 1..bytes.len() {
            let (mut proxy, mut server) = duplex(64);
            let (first, second) = bytes.split_at(at);
            let (sender, ()) = tokio::join!(read(&mut server), async {
                proxy.write_all(first).await.unwrap();
                tokio::task::yield_now().await;
                proxy.write_all(second).await.unwrap();
            });
            assert_eq!(sender.unwrap(), client("192.0.2.7:51000"), "{at}");
            assert_eq!(server.read_u8().await.unwrap(), 0x16, "{at}");
        }
    }

    #[tokio::test]
    async fn header_of_ipv6_names_the_client() {
        let (sender, _) = read_all(&ipv6("2001:db8::7")).await;
        assert_eq!(sender.unwrap(), client("[2001:db8::7]:51000"));
        let (sender, _) = read_all(&ipv6("::ffff:192.0.2.7")).await;
        assert_eq!(sender.unwrap(), client("192.0.2.7:51000"));
    }

    #[tokio::test]
    async fn header_without_a_client_is_of_the_proxy() {
        let unix = [0; 216];
        let own = ipv6("::1");
        for bytes in [
            header(0x20, 0x00, &[]),
            header(0x20, 0x11, &[192, 0, 2, 7, 192, 0, 2, 1, 0, 1, 0, 2]),
            header(0x21, 0x00, &[]),
            header(0x21, 0x31, &unix),
            header(0x21, 0x11, &[127, 0, 0, 1, 127, 0, 0, 1, 0, 1, 0, 2]),
            own,
        ] {
            let (sender, left) = read_all(&bytes).await;
            assert_eq!(sender.unwrap(), Sender::Proxy, "{bytes:?}");
            assert!(left.is_empty());
        }
    }

    #[tokio::test]
    async fn header_with_additional_fields_is_read_to_its_end() {
        let fields = [0x04, 0, 3, 1, 2, 3, 0xea, 0, 1, 9, 0xff];
        let addresses = [192, 0, 2, 7, 192, 0, 2, 1, 0xc7, 0x38, 1, 0xbb];
        let bytes = header(0x21, 0x11, &[&addresses[..], &fields].concat());
        let (sender, left) = read_all(&[&bytes[..], b"x"].concat()).await;
        assert_eq!(sender.unwrap(), client("192.0.2.7:51000"));
        assert_eq!(left, b"x");
    }

    #[tokio::test]
    async fn header_of_version_1_is_refused_however_short() {
        for bytes in [
            &b"PROXY TCP4 192.0.2.7 192.0.2.1 51000 443\r\n"[..],
            b"PROXY U",
        ] {
            let (mut proxy, mut server) = duplex(4_096);
            proxy.write_all(bytes).await.unwrap();
            // It does not wait for more.
            let sender = read(&mut server).await;
            assert!(matches!(sender, Err(HeaderError::Version1)), "{sender:?}");
        }
    }

    #[tokio::test]
    async fn connection_without_a_header_is_refused() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"\x16\x03\x01\x02",
            b"\r\n\r\n\0\r\nQUIX",
            &[0; 20],
        ] {
            let (sender, _) = read_all(bytes).await;
            assert!(matches!(sender, Err(HeaderError::Missing)), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn malformed_header_is_refused() {
        for bytes in [
            header(0x11, 0x11, &[0; 12]),
            header(0x22, 0x11, &[0; 12]),
            header(0x21, 0x11, &[0; 11]),
            header(0x21, 0x21, &[0; 12]),
            header(0x21, 0x11, &[]),
            header(0x21, 0x12, &[192; 12]),
            header(0x21, 0x55, &[0; 12]),
        ] {
            let (sender, _) = read_all(&[&bytes[..], &[7; 40]].concat()).await;
            assert!(matches!(sender, Err(HeaderError::Malformed)), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn header_that_is_too_long_or_ends_is_refused() {
        let long = [0; MAX_HEADER_BYTES - FIXED_BYTES + 1];
        let (sender, _) = read_all(&header(0x20, 0x00, &long)).await;
        assert!(matches!(sender, Err(HeaderError::TooLong)));
        let (sender, _) = read_all(&header(0x20, 0x00, &long[1..])).await;
        assert_eq!(sender.unwrap(), Sender::Proxy);
        for end in [0, 5, 14, 20] {
            let (sender, _) = read_all(&ipv4()[..end]).await;
            assert!(matches!(sender, Err(HeaderError::Ended)), "{end}");
        }
    }

    proptest! {
        #[test]
        fn parse_of_any_header_ends_without_a_panic(
            command in any::<u8>(),
            family in any::<u8>(),
            rest in vec(any::<u8>(), 0..300),
        ) {
            let _ = parse(&header(command, family, &rest));
        }
    }
}
