//! A foreign server that receives what ours sends.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use tokio::sync::{Mutex, mpsc};

/// A request that came.
#[derive(Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

pub struct Receiver {
    pub url: String,
    calls: Mutex<mpsc::UnboundedReceiver<Call>>,
    status: Arc<std::sync::atomic::AtomicU16>,
}

type Shared = (
    mpsc::UnboundedSender<Call>,
    Arc<std::sync::atomic::AtomicU16>,
);

async fn take(State((calls, status)): State<Shared>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let _ = calls.send(Call {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    StatusCode::from_u16(status.load(std::sync::atomic::Ordering::SeqCst)).unwrap()
}

impl Receiver {
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0").await
    }

    /// At this address and port.
    pub async fn start_at(address: &str) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, calls) = mpsc::unbounded_channel();
        let status = Arc::new(std::sync::atomic::AtomicU16::new(200));
        let router = Router::new()
            .fallback(take)
            .with_state((sender, status.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            calls: Mutex::new(calls),
            status,
        }
    }

    /// Sets the status of the answers from now on.
    pub fn answers(&self, status: u16) {
        self.status
            .store(status, std::sync::atomic::Ordering::SeqCst);
    }

    pub async fn next(&self, within: Duration) -> Call {
        self.try_next(within).await.expect("in time")
    }

    /// The next one, if it comes in time.
    pub async fn try_next(&self, within: Duration) -> Option<Call> {
        let mut calls = self.calls.lock().await;
        tokio::time::timeout(within, calls.recv()).await.ok()?
    }

    /// Whether no request arrives for this time.
    pub async fn is_quiet(&self, during: Duration) -> bool {
        self.try_next(during).await.is_none()
    }
}
