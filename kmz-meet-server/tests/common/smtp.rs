//! A mail server that answers as it is told, with STARTTLS, and keeps what it took.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[path = "certificate.rs"]
mod certificate;

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    pub to: String,
    pub data: String,
    pub over_tls: bool,
    pub signed_in: bool,
}

#[derive(Default)]
struct Said {
    /// Answers to `RCPT TO`, one after the other; then 250.
    to_recipients: VecDeque<String>,
    /// Answers to `AUTH`, one after the other; then 235.
    to_sign_in: VecDeque<String>,
    taken: Vec<ReceivedMail>,
    offers_starttls: bool,
    /// Before each answer to `DATA`.
    pause: Duration,
}

/// See the module.
#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    said: Arc<Mutex<Said>>,
    /// What it proves itself with, as a PEM file.
    pub certificate: String,
}

impl MailServer {
    pub async fn start(directory: &Path) -> Self {
        let (certificate, key) = certificate::in_directory(directory);
        let chain = vec![CertificateDer::from_pem_file(&certificate).unwrap()];
        let key = PrivateKeyDer::from_pem_file(key).unwrap();
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let tls = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            said: Arc::new(Mutex::new(Said {
                offers_starttls: true,
                ..Said::default()
            })),
            certificate,
        };
        let behind = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, acceptor) = (behind.clone(), acceptor.clone());
                tokio::spawn(async move { server.serve(stream, acceptor).await });
            }
        });
        server
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        self.said.lock().unwrap()
    }

    pub fn without_starttls(&self) {
        self.said().offers_starttls = false;
    }

    pub fn answers_recipients(&self, answers: &[&str]) {
        self.said().to_recipients = answers.iter().map(|one| (*one).to_owned()).collect();
    }

    pub fn answers_sign_in(&self, answers: &[&str]) {
        self.said().to_sign_in = answers.iter().map(|one| (*one).to_owned()).collect();
    }

    pub fn takes_its_time(&self, pause: Duration) {
        self.said().pause = pause;
    }

    pub fn taken(&self) -> Vec<ReceivedMail> {
        self.said().taken.clone()
    }

    /// Waits until it has taken so many.
    pub async fn has_taken(&self, number: usize) -> Vec<ReceivedMail> {
        for _ in 0..600 {
            if self.taken().len() >= number {
                return self.taken();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{number} mails were not sent: {:?}", self.taken());
    }

    async fn serve(&self, stream: TcpStream, acceptor: TlsAcceptor) {
        let mut plain = BufReader::new(stream);
        let offers = self.said().offers_starttls;
        plain.write_all(b"220 mail.test ESMTP\r\n").await.ok();
        if self.talk(&mut plain, false, offers).await {
            let stream = plain.into_inner();
            if let Ok(secure) = acceptor.accept(stream).await {
                self.talk(&mut BufReader::new(secure), true, false).await;
            }
        }
    }

    /// Until the connection ends, or the client wants TLS.
    async fn talk<S>(&self, stream: &mut BufReader<S>, over_tls: bool, offers_tls: bool) -> bool
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut to, mut signed_in) = (String::new(), false);
        loop {
            let mut line = String::new();
            if !matches!(stream.read_line(&mut line).await, Ok(1..)) {
                return false;
            }
            let command = line.trim_end();
            let verb = command.get(..4).unwrap_or_default().to_uppercase();
            let answer = match verb.as_str() {
                "EHLO" if offers_tls => "250-mail.test\r\n250 STARTTLS".to_owned(),
                "EHLO" => "250-mail.test\r\n250 AUTH PLAIN".to_owned(),
                "STAR" if offers_tls => {
                    stream.write_all(b"220 go on\r\n").await.ok();
                    return true;
                }
                "AUTH" => {
                    let answer = self.said().to_sign_in.pop_front();
                    signed_in = answer.is_none();
                    answer.unwrap_or_else(|| "235 welcome".to_owned())
                }
                "RCPT" => {
                    to = command["RCPT TO:<".len()..]
                        .split('>')
                        .next()
                        .unwrap()
                        .to_owned();
                    let answer = self.said().to_recipients.pop_front();
                    answer.unwrap_or_else(|| "250 ok".to_owned())
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok();
                    let data = read_data(stream).await;
                    let pause = self.said().pause;
                    tokio::time::sleep(pause).await;
                    self.said().taken.push(ReceivedMail {
                        to: to.clone(),
                        data,
                        over_tls,
                        signed_in,
                    });
                    "250 taken".to_owned()
                }
                "QUIT" => "221 bye".to_owned(),
                _ => "250 ok".to_owned(),
            };
            if stream
                .write_all(format!("{answer}\r\n").as_bytes())
                .await
                .is_err()
            {
                return false;
            }
        }
    }
}

async fn read_data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> String {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        match stream.read_line(&mut line).await {
            Ok(1..) if line != ".\r\n" => data.push_str(&line),
            _ => return data,
        }
    }
}
