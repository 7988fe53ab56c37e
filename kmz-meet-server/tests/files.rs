//! Open files: the server logs a limit that is too low, and connections for which it has no file left.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

/// The server; it ends with the test.
struct Running {
    child: Child,
    listen: String,
    log: PathBuf,
    hard: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts the server with these limits of open files, and waits until it is ready.
    fn start(directory: &Path, soft: u64, hard: u64) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap().to_string();
        drop(free);
        let log = directory.join("log");
        let limits = format!("ulimit -Sn {soft} && ulimit -Hn {hard} && exec \"$0\" serve");
        let child = Command::new("sh")
            .args(["-c", &limits, env!("CARGO_BIN_EXE_kmz-meet")])
            .current_dir(directory)
            .env_clear()
            .env("KMZ_MEET_LISTEN", &listen)
            .env("KMZ_MEET_DATA_DIR", directory.join("data"))
            .env("KMZ_MEET_MEDIA_PORT", "0")
            .env("KMZ_MEET_MEDIA_ADDRESSES", "127.0.0.1")
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let running = Self {
            child,
            listen,
            log,
            hard,
        };
        running.until("ready", Self::is_served);
        running
    }

    fn is_served(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(&self.listen) else {
            return false;
        };
        let wait = Some(Duration::from_secs(2));
        stream.set_read_timeout(wait).unwrap();
        let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let mut answer = String::new();
        stream.write_all(request).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// How many lines of the log contain these words.
    fn says(&self, words: &str) -> usize {
        self.log()
            .lines()
            .filter(|line| line.contains(words))
            .count()
    }

    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        while !holds(self) {
            let late = started.elapsed() > Duration::from_secs(30);
            assert!(!late, "not {what}: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn open_files(&self) -> u64 {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap();
        files.count() as u64
    }

    /// From now on the server may open this many more files.
    fn leave(&self, more: u64) {
        let maximum = Some(self.hard);
        let current = Some(self.open_files() + more);
        prlimit(
            Some(self.pid()),
            Resource::Nofile,
            Rlimit { current, maximum },
        )
        .unwrap();
    }
}

/// Whether the limits of this process allow this hard limit.
fn may_be(hard: u64) -> bool {
    getrlimit(Resource::Nofile)
        .maximum
        .is_none_or(|maximum| maximum >= hard)
}

#[test]
fn low_hard_limit_of_open_files_is_logged_with_the_remedy() {
    const SAID: &str = "few connections are possible";
    for (soft, hard, is_low) in [
        (256, 256, true),
        (1_024, 1_024, true),
        (512, 4_095, true),
        // The server raises the soft limit.
        (256, 4_096, false),
        (1_024, 8_192, false),
    ] {
        if !may_be(hard) {
            continue;
        }
        let directory = tempfile::tempdir().unwrap();
        let running = Running::start(directory.path(), soft, hard);
        assert_eq!(
            running.says(SAID),
            usize::from(is_low),
            "{hard}: {}",
            running.log()
        );
        if is_low {
            let log = running.log();
            let line = log.lines().find(|line| line.contains(SAID)).unwrap();
            for part in ["WARN", &format!("permitted={hard}"), "4096", "LimitNOFILE="] {
                assert!(line.contains(part), "{part}: {line}");
            }
        }
    }
}

#[test]
fn connections_without_a_free_file_are_logged_and_survived() {
    const SAID: &str = "connections cannot be accepted";
    for more in [0, 1, 5] {
        let directory = tempfile::tempdir().unwrap();
        let hard = getrlimit(Resource::Nofile)
            .maximum
            .unwrap_or(8_192)
            .min(8_192);
        let running = Running::start(directory.path(), 1_024.min(hard), hard);
        assert_eq!(running.says(SAID), 0, "{}", running.log());
        running.leave(more);
        let crowd: Vec<TcpStream> = (0..40)
            .map(|_| TcpStream::connect(&running.listen).unwrap())
            .collect();
        running.until("said", |running| running.says(SAID) > 0);
        let log = running.log();
        let line = log.lines().find(|line| line.contains(SAID)).unwrap();
        for part in ["ERROR", "Too many open files", "LimitNOFILE="] {
            assert!(line.contains(part), "{part}: {line}");
        }
        // The server does not log each try.
        assert!(running.says(SAID) <= 3, "{log}");
        drop(crowd);
        running.leave(100);
        running.until("served again", Running::is_served);
    }
}
