//! The server as a child process, and what the kernel reports about it.

use std::net::{TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub struct Server {
    child: Child,
    pub base: String,
    pub cookie: String,
    /// What the demo wrote into `demo.json`.
    pub demo: Value,
    /// Where media go.
    pub media_port: u16,
    api_key: String,
    http: reqwest::Client,
    data: tempfile::TempDir,
}

/// What the server used up to now.
#[derive(Clone, Copy)]
pub struct Usage {
    pub cpu: Duration,
    pub at: Instant,
}

impl Usage {
    /// Of this process.
    pub fn own() -> Self {
        Self::of("self")
    }

    /// Of a process, by its number or as `self`.
    pub fn of(process: &str) -> Self {
        let text =
            std::fs::read_to_string(format!("/proc/{process}/stat")).expect("the process runs");
        // The name in parentheses may have spaces; utime and stime are the 12th and 13th field after it (proc_pid_stat(5)).
        let ticks: u64 = text
            .rsplit_once(')')
            .map_or("", |(_, rest)| rest)
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        // USER_HZ is 100 on every Linux that Rust runs on.
        Self {
            cpu: Duration::from_millis(ticks * 10),
            at: Instant::now(),
        }
    }

    /// Cores used since `before`.
    pub fn cores_since(self, before: Self) -> f64 {
        (self.cpu.saturating_sub(before.cpu)).as_secs_f64() / (self.at - before.at).as_secs_f64()
    }
}

impl Server {
    /// Starts `target/release/kmz-meet`, or what `KMZ_MEET_BIN` names.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more keys of the environment.
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        let binary =
            std::env::var("KMZ_MEET_BIN").unwrap_or_else(|_| "target/release/kmz-meet".into());
        let data = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .expect("a port")
            .port();
        let media = UdpSocket::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .expect("a port")
            .port();
        let child = Command::new(&binary)
            .args(["serve", "--demo"])
            .env_remove("KMZ_MEET_BIN")
            .env("KMZ_MEET_LISTEN", format!("127.0.0.1:{port}"))
            .env("KMZ_MEET_DATA_DIR", data.path())
            .env("KMZ_MEET_MEDIA_PORT", media.to_string())
            .env("KMZ_MEET_MEDIA_ADDRESSES", "127.0.0.1")
            .env("KMZ_MEET_MEDIA_PACKETS_PER_SECOND", "0")
            .env("KMZ_MEET_LOG", "warn")
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{binary} does not start ({error}): run make build first")
            });
        let base = format!("http://localhost:{port}");
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("an HTTP client");
        let mut server = Self {
            child,
            base,
            cookie: String::new(),
            demo: Value::Null,
            media_port: media,
            api_key: String::new(),
            http,
            data,
        };
        server.sign_in().await;
        server
    }

    async fn sign_in(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self
            .http
            .get(format!("{}/healthz", self.base))
            .send()
            .await
            .is_err()
        {
            assert!(
                Instant::now() < deadline,
                "the server is not ready after 20 s"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let demo = std::fs::read_to_string(self.data.path().join("demo.json")).expect("demo.json");
        let demo: Value = serde_json::from_str(&demo).expect("JSON");
        let answer = self
            .http
            .post(format!("{}/api/v1/session", self.base))
            .header("origin", &self.base)
            .json(&demo["teacher"])
            .send()
            .await
            .expect("an answer");
        let cookie = answer
            .headers()
            .get("set-cookie")
            .expect("signed in")
            .to_str()
            .expect("text");
        self.demo = demo.clone();
        self.api_key = String::from(demo["api_key"].as_str().unwrap_or_default());
        self.cookie = String::from(cookie.split(';').next().unwrap_or_default());
    }

    /// Creates a room. Returns its name.
    pub async fn room(&self) -> String {
        let answer = self
            .http
            .post(format!("{}/api/v1/rooms", self.base))
            .header("origin", &self.base)
            .header("cookie", &self.cookie)
            .json(&serde_json::json!({}))
            .send()
            .await
            .expect("an answer");
        let room: Value = answer.json().await.expect("JSON");
        room["name"].as_str().expect("a room").to_owned()
    }

    /// A call of the REST API with the demo's key.
    pub async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let method = method.parse().expect("a method");
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.api_key);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// Posts a file with the school's API key.
    pub async fn post_file(&self, path: &str, bytes: Vec<u8>) -> Value {
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .bearer_auth(&self.api_key)
            .header("content-type", "application/octet-stream")
            .body(bytes);
        let answer = request.send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// CPU time of the whole process, user and system, ended threads included.
    pub fn usage(&self) -> Usage {
        Usage::of(&self.child.id().to_string())
    }

    /// Resident memory in megabytes.
    pub fn resident_mb(&self) -> f64 {
        resident_mb(&self.child.id().to_string())
    }

    /// The most memory that was resident since its start, in megabytes.
    pub fn peak_mb(&self) -> f64 {
        memory_mb(&self.child.id().to_string(), "VmHWM:")
    }
}

/// Resident memory of a process in megabytes.
pub fn resident_mb(process: &str) -> f64 {
    memory_mb(process, "VmRSS:")
}

/// A line of `/proc/<process>/status` (proc_pid_status(5)), in megabytes.
fn memory_mb(process: &str, line: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let kilobytes: f64 = text
        .lines()
        .find_map(|found| found.strip_prefix(line))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0.0);
    kilobytes / 1_024.0
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
