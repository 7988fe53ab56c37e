//! Uploads whose body does not come.

use futures_util::future::{BoxFuture, FutureExt, select_all};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::TestServer;

/// More than there are places for files.
const UPLOADS: usize = 5;

/// Uploads that go on until this is dropped.
pub struct SlowUploads {
    _rest: Vec<BoxFuture<'static, (TcpStream, String)>>,
}

impl SlowUploads {
    /// Begins more than there are places for, the lines of their heads taken from `heads` in turn. Gives them when the first one is
    /// refused: then the others have all places that they get.
    pub async fn begin(server: &TestServer, heads: &[String]) -> Self {
        let host = server.origin.strip_prefix("http://").unwrap();
        let mut answers = Vec::new();
        for head in heads.iter().cycle().take(UPLOADS) {
            let address = host.replace("localhost", "127.0.0.1");
            let mut stream = TcpStream::connect(address).await.unwrap();
            let origin = &server.origin;
            let head = format!(
                "{head}\r\nhost: {host}\r\norigin: {origin}\r\ncontent-length: 1000\r\n\
                 content-type: application/octet-stream\r\n\r\nx"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let answer = async move {
                let mut bytes = vec![0; 4_096];
                let length = stream.read(&mut bytes).await.unwrap();
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                (stream, text)
            };
            answers.push(answer.boxed());
        }
        let ((_, refused), _, rest) = select_all(answers).await;
        assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
        Self { _rest: rest }
    }
}
