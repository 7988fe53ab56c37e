//! The binary: a start that fails ends with one line that says what to do.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn kmz_meet(data_dir: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmz-meet"));
    command
        .args(arguments)
        .current_dir(data_dir)
        .env_clear()
        .env("KMZ_MEET_LISTEN", "127.0.0.1:0")
        .env("KMZ_MEET_MEDIA_PORT", "0")
        .env("KMZ_MEET_MEDIA_ADDRESSES", "127.0.0.1")
        .env("KMZ_MEET_DATA_DIR", data_dir)
        .envs(variables.iter().copied());
    command
}

/// The start must fail with one line. Returns the line.
fn failure(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("kmz-meet: "), "{stderr}");
    stderr
}

fn start_fails(variables: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    failure(
        &kmz_meet(directory.path(), variables, &["serve"])
            .output()
            .unwrap(),
    )
}

#[test]
fn wrong_setting_is_named_with_its_remedy() {
    for (key, value, mend) in [
        ("KMZ_MEET_LISTEN", "8080", "0.0.0.0:8080"),
        ("KMZ_MEET_MEDIA_PORT", "abc", "0 to 65535"),
        (
            "KMZ_MEET_MEDIA_ADDRESSES",
            "meet.example.org",
            "IP addresses",
        ),
        ("KMZ_MEET_PUBLIC_URL", "meet.example.org", "https://"),
        ("KMZ_MEET_LISTN", "127.0.0.1:0", "KMZ_MEET_LISTEN"),
    ] {
        let line = start_fails(&[(key, value)]);
        assert!(line.contains(key) && line.contains(mend), "{line}");
    }
}

#[test]
fn port_in_use_is_named_with_its_setting() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = tcp.local_addr().unwrap().to_string();
    let line = start_fails(&[("KMZ_MEET_LISTEN", &address)]);
    assert!(
        line.contains(&address) && line.contains("KMZ_MEET_LISTEN"),
        "{line}"
    );

    let udp = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = udp.local_addr().unwrap().port().to_string();
    let line = start_fails(&[("KMZ_MEET_MEDIA_PORT", &port)]);
    assert!(
        line.contains(&port) && line.contains("KMZ_MEET_MEDIA_PORT"),
        "{line}"
    );
}

#[test]
fn unwritable_data_directory_is_named_with_its_setting() {
    // Not even root can write there.
    let line = start_fails(&[("KMZ_MEET_DATA_DIR", "/proc/kmz-meet")]);
    assert!(
        line.contains("/proc/kmz-meet") && line.contains("KMZ_MEET_DATA_DIR"),
        "{line}"
    );
}

#[test]
fn missing_certificate_is_named_with_its_setting() {
    let line = start_fails(&[
        ("KMZ_MEET_TLS_CERTIFICATE", "no.pem"),
        ("KMZ_MEET_TLS_KEY", "no.key"),
    ]);
    assert!(
        line.contains("no.pem") && line.contains("KMZ_MEET_TLS_CERTIFICATE"),
        "{line}"
    );
}

#[test]
fn config_check_reports_a_wrong_file_without_a_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("kmz-meet.toml");
    std::fs::write(&file, "capacity = 30\n").unwrap();
    let output = kmz_meet(directory.path(), &[], &["config", "check"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::write(&file, "capacity = 'many'\n").unwrap();
    let line = failure(
        &kmz_meet(directory.path(), &[], &["config", "check"])
            .output()
            .unwrap(),
    );
    assert!(
        line.contains("capacity") && line.contains("kmz-meet.toml"),
        "{line}"
    );
}

/// Runs the program with the umask that most systems have.
fn with_usual_umask(data_dir: &Path, arguments: &[&str]) -> Command {
    let plain = kmz_meet(data_dir, &[], arguments);
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "umask 022; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_clear()
        .envs(
            plain
                .get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        );
    command
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Nobody else may look into the data directory, nor into anything in it.
fn is_private(data_dir: &Path) {
    assert_eq!(mode(data_dir), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(data_dir).unwrap() {
        let path = entry.unwrap().path();
        // A file beside the database may be gone already.
        if let Ok(metadata) = std::fs::metadata(&path) {
            assert_eq!(
                metadata.permissions().mode() & 0o077,
                0,
                "{}",
                path.display()
            );
        }
        names.push(path);
    }
    assert!(
        names.contains(&data_dir.join("kmz-meet.sqlite")),
        "{names:?}"
    );
}

/// Runs the server until the demo is there: files that it makes after opening the database are private, too.
fn serve_for_a_moment(data_dir: &Path) {
    let child = with_usual_umask(data_dir, &["serve", "--demo"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let start = Instant::now();
    while !data_dir.join("demo.json").exists() {
        assert!(running.0.try_wait().unwrap().is_none(), "it ended");
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "it does not start"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    is_private(data_dir);
    assert!(data_dir.join("kmz-meet.sqlite-wal").exists());
}

#[test]
fn data_directory_made_by_a_command_is_private() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("var").join("data");
    std::fs::create_dir(directory.path().join("var")).unwrap();
    let made = with_usual_umask(&data, &["school", "add", "Schule", "--contract-signed"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    assert!(made.stderr.is_empty(), "{made:?}");
    is_private(&data);
    serve_for_a_moment(&data);
}

#[test]
fn existing_data_directory_is_made_private() {
    for wide in [0o755, 0o777, 0o750] {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("kmz-meet.sqlite"), b"").unwrap();
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set(&data.join("kmz-meet.sqlite"), 0o644);
        set(&data, wide);
        let check = with_usual_umask(&data, &["config", "check"])
            .output()
            .unwrap();
        let warned = String::from_utf8_lossy(&check.stderr).into_owned();
        assert!(check.status.success(), "{check:?}");
        assert!(warned.contains(&format!("{wide:o}")), "{warned}");
        assert!(warned.contains("kmz-meet.sqlite"), "{warned}");
        // The check changes nothing.
        assert_eq!(mode(&data), wide);
        serve_for_a_moment(&data);
        let check = with_usual_umask(&data, &["config", "check"])
            .output()
            .unwrap();
        assert!(check.stderr.is_empty(), "{check:?}");
    }
}

#[test]
fn shared_data_directory_is_refused_by_server_and_command() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("shared");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o1777)).unwrap();
    for arguments in [&["serve"][..], &["school", "key", "Schule"][..]] {
        let line = failure(&with_usual_umask(&data, arguments).output().unwrap());
        assert!(line.contains("KMZ_MEET_DATA_DIR"), "{line}");
    }
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o1777);
}

/// Ends the server when a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

fn wait_for_end(child: &mut Child, limit: Duration) -> Option<std::process::ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

#[test]
fn demo_starts_and_ends_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    for _ in 0..2 {
        let child = kmz_meet(
            directory.path(),
            &[("KMZ_MEET_LISTEN", &free)],
            &["serve", "--demo"],
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
        let mut running = Running(child);
        let start = Instant::now();
        while std::net::TcpStream::connect(&free).is_err()
            || !directory.path().join("demo.json").exists()
        {
            assert!(running.0.try_wait().unwrap().is_none(), "it ended");
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "it does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let killed = Command::new("kill")
            .arg(running.0.id().to_string())
            .status()
            .unwrap();
        assert!(killed.success());
        let status = wait_for_end(&mut running.0, Duration::from_secs(5));
        assert!(status.is_some_and(|status| status.success()), "{status:?}");
    }
}

#[test]
fn commands_make_a_school_a_key_and_a_teacher() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| kmz_meet(directory.path(), &[], arguments).output().unwrap();
    let said = |output: &Output| {
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(text.lines().count(), 1, "{text}");
        text.trim().to_owned()
    };
    let line = said(&run(&["school", "add", "Goethe-Schule"]));
    assert!(line.contains("contract send"), "{line}");
    let line = failure(&run(&["school", "key", "Goethe-Schule"]));
    assert!(line.contains("contract show"), "{line}");
    let add = ["school", "add", "Schiller-Schule", "--contract-signed"];
    let key = said(&run(&add));
    assert_eq!(key.split('.').count(), 3, "{key}");
    assert!(failure(&run(&add)).contains("school key"));
    assert_ne!(said(&run(&["school", "key", "Schiller-Schule"])), key);
    assert!(failure(&run(&["school", "key", "Lessing"])).contains("school add"));
    let teacher = [
        "teacher",
        "add",
        "muster",
        "--name",
        "Frau Muster",
        "--school",
        "Schiller-Schule",
    ];
    let password = said(&run(&teacher));
    assert_eq!(password.len(), 19, "{password}");
    assert!(failure(&run(&teacher)).contains("taken"));
    let fresh = said(&run(&["teacher", "password", "Muster"]));
    assert!(fresh.len() == 19 && fresh != password, "{fresh}");
    for command in ["lock", "unlock", "sessions", "remove"] {
        let line = said(&run(&["teacher", command, "muster"]));
        assert!(line.contains("muster"), "{line}");
    }
    for command in ["password", "lock", "unlock", "sessions", "remove"] {
        let line = failure(&run(&["teacher", command, "muster"]));
        assert!(line.contains("teacher add"), "{line}");
    }
}
