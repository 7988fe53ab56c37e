//! Papers on data protection, the pages that everybody reads, and the report: a violation that is planted makes its point fail.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use axum::http::HeaderMap;
use kmz_meet_server::clock::Clock;
use kmz_meet_server::config::{Config, PrivacyConfig, PublicUrl, Tls};
use kmz_meet_server::language::Language;
use kmz_meet_server::privacy::connections::Connections;
use kmz_meet_server::privacy::report::{Report, Subject};
use kmz_meet_server::store::{Contract, Event, Record, UserRole, Webhook};
use reqwest::Method;
use serde_json::json;

use crate::common::TestServer;

fn filled() -> PrivacyConfig {
    let text = |text: &str| Some(text.to_owned());
    PrivacyConfig {
        data_protection_officer: text("Frau Beispiel"),
        legal_basis: text("§ 1 Schulgesetz"),
        supervisory_authority: text("Landesbeauftragte"),
        server_location: text("Musterstadt"),
        processors: text("keine"),
        accessibility_contact: text("barriere@kmz.example"),
        accessibility_enforcement: text("Schlichtungsstelle"),
    }
}

/// A server of which every point holds.
struct Lawful {
    server: TestServer,
    config: Config,
    client: Vec<(String, String)>,
    interface: String,
    answered: Option<HeaderMap>,
    open_files: Vec<String>,
}

impl Lawful {
    async fn new() -> Self {
        let server = TestServer::start().await;
        server.school("a", Contract::Signed).await;
        server.teacher("a", "berta").await;
        let mut config = (*server.app.config).clone();
        config.public_url = Some("https://meet.kmz.example".parse().unwrap());
        config.operator_name = Some("Kreismedienzentrum".to_owned());
        config.operator_address = Some("Ringstr. 1, 12345 Stadt".to_owned());
        config.operator_email = Some("post@kmz.example".to_owned());
        config.privacy = filled();
        Self {
            server,
            config,
            client: vec![("assets/x.js".to_owned(), "fetch('/api')".to_owned())],
            interface: kmz_meet_server::api::openapi(),
            answered: None,
            open_files: Vec::new(),
        }
    }

    async fn report(&self) -> Report {
        let service: PublicUrl = self.config.public_url_at(443);
        let subject = Subject {
            config: &self.config,
            service: &service,
            store: &self.server.app.store,
            now: self.server.clock.now(),
            language: Language::English,
            client: &self.client,
            interface: &self.interface,
            answered: self.answered.as_ref(),
            open_files: &self.open_files,
        };
        Report::of(&subject).await.unwrap()
    }

    /// The numbers of the points that do not hold.
    async fn failed(&self) -> Vec<u8> {
        let lines = self.report().await.lines.into_iter();
        lines
            .filter(|line| !line.violations.is_empty())
            .map(|line| line.number)
            .collect()
    }
}

#[tokio::test]
async fn report_of_a_lawful_server_holds_in_every_point() {
    let lawful = Lawful::new().await;
    let report = lawful.report().await;
    assert!(report.holds(), "{}", report.text());
    assert_eq!(report.lines.len(), 22);
    let json = report.json();
    assert_eq!(
        (
            json["holds"].as_bool(),
            json["points"][21]["point"].as_str()
        ),
        (Some(true), Some("P22"))
    );
    assert!(report.text().contains("All 22 points hold."));
}

#[tokio::test]
async fn report_on_settings_that_break_a_promise_names_the_point() {
    type Plant = fn(&mut Lawful);
    let plants: [(&[u8], Plant); 14] = [
        (&[1], |it| {
            it.config.public_url = Some("http://meet.kmz.example".parse().unwrap());
        }),
        (&[1], |it| {
            let key = it.config.data_dir.join("key.pem");
            std::fs::write(&key, "x").unwrap();
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
            let certificate = key.clone();
            it.config.tls = Some(Tls { certificate, key });
        }),
        (&[2], |it| it.client[0].1 += "// Ende-zu-Ende"),
        (&[3], |it| {
            it.client[0].1 += "import 'https://cdn.example.com/x.js'";
        }),
        (&[3, 17], |it| {
            let policy = "default-src 'none'; img-src 'self' https://bilder.example";
            let policy = (
                "content-security-policy".parse().unwrap(),
                policy.parse().unwrap(),
            );
            let hsts = (
                "strict-transport-security".parse().unwrap(),
                "max-age=1".parse().unwrap(),
            );
            it.answered = Some(HeaderMap::from_iter([policy, hsts]));
        }),
        (&[7], |it| it.interface += "/api/v1/recordings"),
        (&[7], |it| it.client[0].1 += "new MediaRecorder(x)"),
        (&[8], |it| it.client[0].1 += "navigator.sendBeacon('/x')"),
        (&[10], |it| it.config.log = "debug".to_owned()),
        (&[11], |it| it.config.privacy.legal_basis = None),
        (&[11, 14], |it| it.config.operator_name = None),
        (&[19], |it| {
            it.config.database_url = Some("postgres://kmz@db.lan/kmz".to_owned());
        }),
        (&[19], |it| it.config.outgoing_loopback = true),
        (&[21], |it| it.open_files.push("seat.key".to_owned())),
    ];
    for (number, (points, plant)) in plants.into_iter().enumerate() {
        let mut lawful = Lawful::new().await;
        plant(&mut lawful);
        assert_eq!(
            lawful.failed().await,
            points,
            "{number}: {}",
            lawful.report().await.text()
        );
    }
}

#[tokio::test]
async fn report_on_a_cookie_that_nobody_needs_names_the_point() {
    let mut lawful = Lawful::new().await;
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-security-policy",
        "default-src 'none'".parse().unwrap(),
    );
    headers.insert("strict-transport-security", "max-age=1".parse().unwrap());
    headers.append("set-cookie", "__Host-kmz_device=x; Path=/".parse().unwrap());
    lawful.answered = Some(headers.clone());
    assert_eq!(lawful.failed().await, Vec::<u8>::new());
    headers.append("set-cookie", "tracker=x".parse().unwrap());
    lawful.answered = Some(headers);
    assert_eq!(lawful.failed().await, [16]);
}

#[tokio::test]
async fn report_on_a_database_that_breaks_a_promise_names_the_point() {
    let plants: [(&[u8], &str); 9] = [
        (
            &[5],
            "UPDATE users SET role = 'superuser' WHERE id = 'id-berta'",
        ),
        (
            &[9],
            "INSERT INTO attendance (id, school_id, conference_id, started_at, ended_at, created_at, expires_at) VALUES ('x', 'a', 'c', 1, 2, 3, 4)",
        ),
        (
            &[9],
            "INSERT INTO chat (conference_id, number, message) VALUES ('gone', 1, '{}')",
        ),
        (&[10, 15], "ALTER TABLE sessions ADD COLUMN remote_ip TEXT"),
        (
            &[12],
            "INSERT INTO audit (id, created_at, actor_kind, actor_id, actor_name, action, target) VALUES ('x', 1799999999999, 'account', 'gone', 'Frau Weg', 'key.made', 'x')",
        ),
        (
            &[13],
            "UPDATE schools SET contract = 'requested' WHERE id = 'a'",
        ),
        (
            &[20],
            "INSERT INTO audit (id, created_at, actor_kind, actor_id, actor_name, action, target) VALUES ('x', 1, 'command_line', '', '', 'key.made', 'x')",
        ),
        (
            &[21],
            "INSERT INTO teacher_requests (id, school_id, state, name, email, language, known, created_at, expires_at) VALUES ('x', 'a', 'waiting', 'N', 'e@x.example', 'de', 0, 1, 9000000000000)",
        ),
        (
            &[22],
            "UPDATE users SET password_hash = 'geheim' WHERE id = 'id-berta'",
        ),
    ];
    for (points, plant) in plants {
        let lawful = Lawful::new().await;
        lawful.server.execute(plant).await;
        assert_eq!(
            lawful.failed().await,
            points,
            "{plant}: {}",
            lawful.report().await.text()
        );
    }
}

#[tokio::test]
async fn report_on_proofs_that_are_old_or_open_names_the_point() {
    let lawful = Lawful::new().await;
    let proof = lawful.config.data_dir.join("proofs/x.age");
    std::fs::write(&proof, "age-encryption.org/v1 x").unwrap();
    assert_eq!(lawful.failed().await, Vec::<u8>::new());
    let old = SystemTime::now() - Duration::from_hours(32 * 24);
    std::fs::File::options()
        .write(true)
        .open(&proof)
        .unwrap()
        .set_modified(old)
        .unwrap();
    assert_eq!(lawful.failed().await, [21]);
    std::fs::write(&proof, "%PDF-1.7").unwrap();
    assert_eq!(lawful.failed().await, [21]);
    std::fs::remove_file(&proof).unwrap();
    let folder = lawful.config.data_dir.join("mail");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("password_changed.de.txt"),
        "Betreff: x\n\n{password}",
    )
    .unwrap();
    assert_eq!(lawful.failed().await, [22]);
}

#[tokio::test]
async fn connections_list_has_what_the_configuration_and_the_schools_name() {
    let lawful = Lawful::new().await;
    let webhook = Webhook {
        url: "https://empfang.example:8443/x".to_owned(),
        events: vec![Event::ConferenceEnded],
        secret: "whsec_x".to_owned(),
        active: true,
    };
    let webhook = Record::new("a".to_owned(), 1, webhook);
    webhook
        .add(&lawful.server.app.store, 100)
        .await
        .unwrap()
        .unwrap();
    let config = Config {
        teacher_register: Some("https://amt.example/liste.csv".to_owned()),
        outgoing_hosts: vec!["moodle.lan".to_owned()],
        media_extra_ports: vec![3478],
        ..lawful.config.clone()
    };
    let connections = Connections::read(&config, &lawful.server.app.store)
        .await
        .unwrap();
    let hosts: Vec<&str> = connections
        .outgoing
        .iter()
        .map(|one| one.host.as_str())
        .collect();
    for host in ["empfang.example:8443", "amt.example", "moodle.lan"] {
        assert!(hosts.contains(&host), "{hosts:?}");
    }
    let ports: Vec<&str> = connections
        .ports
        .iter()
        .map(|one| one.address.as_str())
        .collect();
    assert!(ports.contains(&"3478"), "{ports:?}");
}

async fn page(server: &TestServer, path: &str) -> (u16, String) {
    let answer = server
        .browser()
        .request(Method::GET, path)
        .send()
        .await
        .unwrap();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn information_is_read_by_anybody_in_three_languages() {
    let server = TestServer::start_with(|config| config.privacy = filled()).await;
    server.school("a", Contract::Signed).await;
    server.school("b", Contract::Requested).await;
    for (path, tag, words) in [
        ("/privacy", "de", "Datenschutz in der Videokonferenz"),
        ("/privacy?language=de-easy", "de-simple", "Leichter Sprache"),
        (
            "/privacy?language=en",
            "en",
            "Privacy in the video conference",
        ),
        ("/privacy/a", "de", "School a"),
        (
            "/privacy/a?language=de-easy",
            "de-simple",
            "Die Schule heißt: School a.",
        ),
        ("/accessibility?language=en", "en", "barriere@kmz.example"),
    ] {
        let (status, html) = page(&server, path).await;
        assert_eq!(status, 200, "{path}");
        assert!(
            html.contains(&format!("<html lang=\"{tag}\">")) && html.contains(words),
            "{path}: {html}"
        );
        // Its own address is plain HTTP here.
        let html = html.replace(&server.origin, "");
        assert!(
            !html.contains("<script") && !html.contains("http://") && !html.contains("style="),
            "{html}"
        );
    }
    // A school without a contract and one that there is not look alike.
    let (closed, none) = (
        page(&server, "/privacy/b").await,
        page(&server, "/privacy/x").await,
    );
    assert_eq!((closed.0, &closed.1), (404, &none.1));
}

#[tokio::test]
async fn papers_are_files_for_operators_and_the_information_for_its_school() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.person("a", "otto", UserRole::Operator).await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let (otto, frida) = (
        server.signed_in("otto").await,
        server.signed_in("frida").await,
    );
    for paper in ["record", "measures", "connections", "accessibility"] {
        let path = format!("/api/v1/privacy/{paper}/pdf");
        let pdf = otto.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(
            (pdf.status().as_u16(), &pdf.headers()["content-type"]),
            (200, &"application/pdf".parse().unwrap())
        );
        assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-1.7"));
        let html = otto.request(Method::GET, &path.replace("pdf", "html"));
        let html = html
            .header("accept-language", "de")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(html.contains("operator_name"), "{html}");
        frida.get(&path).await.is_problem(403, "not_permitted");
    }
    for language in ["de", "de-easy", "en"] {
        let path = format!("/api/v1/schools/a/privacy/{language}/pdf");
        let pdf = frida.request(Method::GET, &path).send().await.unwrap();
        assert!(
            pdf.bytes().await.unwrap().starts_with(b"%PDF-1.7"),
            "{language}"
        );
    }
    let none = otto.get("/api/v1/privacy/tracking/pdf").await;
    none.is_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn report_at_the_command_line_says_by_its_exit_code_whether_all_holds() {
    use crate::common::machine::Machine;
    let machine = Machine::new();
    machine.said(&["school", "add", "Schule", "--contract-signed"]);
    let report = machine.run(&["privacy", "report", "--json", "--language", "en"]);
    assert_eq!(report.status.code(), Some(2), "{report:?}");
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["holds"], json!(false));
    assert!(
        report["points"][10]["violations"]
            .to_string()
            .contains("legal_basis"),
        "{report}"
    );
    let text = machine.said(&[
        "privacy",
        "information",
        "--school",
        "Schule",
        "--language",
        "de-easy",
    ]);
    assert!(text.contains("Die Schule heißt: Schule."), "{text}");
    machine.said(&["privacy", "record", "--pdf", "a.pdf", "--html", "a.html"]);
    assert!(
        std::fs::read(machine.0.path().join("a.pdf"))
            .unwrap()
            .starts_with(b"%PDF-1.7")
    );
    assert!(
        machine
            .refused(&["privacy", "information", "--school", "X"])
            .contains("school list")
    );
}
