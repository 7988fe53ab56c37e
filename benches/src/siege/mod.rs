//! A class in a lesson while one person floods the server: what do the others notice?
//!
//! Each flood runs in a process of its own with low priority, bounded in time, against a fresh server with a teacher and
//! thirty participants. A flood that costs the class nothing leaves everyone connected, forwarding delays low, and the
//! teacher able to sign in and to come in.

mod arrivals;
mod class;
mod floods;
mod messages;
mod requests;
mod teacher;

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::machine;
use crate::server::Server;
use class::Class;
pub use floods::flood;
use floods::{FLOODS, Flood, Target};

/// How long a flood lasts.
pub const FLOOD: Duration = Duration::from_secs(15);
/// How long the server has afterwards to give memory back: closed connections and waiting people are gone by then.
const COOL_DOWN: Duration = Duration::from_secs(20);
const RESULTS: &str = "target/bench/siege.json";

/// Runs all floods, or those named.
pub async fn all(only: &[String]) {
    let mut results = Map::new();
    for flood in FLOODS {
        if only.is_empty() || only.iter().any(|name| name == flood.name) {
            let result = one(flood).await;
            results.insert(flood.name.to_owned(), result);
            // A flood that fails must not cost the results of those before it.
            save(results.clone());
        }
    }
    table(&results);
    println!("written to {RESULTS}");
}

async fn one(flood: &Flood) -> Value {
    println!("{}: {}", flood.name, flood.what);
    // One address stands for many by a header that only a trusted proxy may send.
    let server = Server::start_with(&[("KMZ_MEET_TRUSTED_PROXIES", "127.0.0.1,::1")]).await;
    let class = Class::start(&server).await;
    let target = Target::prepare(&server, &class, flood).await;
    // Sign-ins before the flood: the memory that they need is not counted as the cost of the flood.
    for _ in 0..6 {
        teacher::sign_in(&server).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    class.reset();
    let memory_before = server.resident_mb();
    let cpu_before = server.usage();
    let child = Command::new("nice")
        .args(["-n", "15"])
        .arg(std::env::current_exe().expect("this program"))
        .args(["flood", flood.name])
        .env("SIEGE_TARGET", target.to_json())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a flood");
    let times = teacher::come_in_again_and_again(&server, &class.room, FLOOD).await;
    let cores = server.usage().cores_since(cpu_before);
    let during = class.measure();
    let memory_peak = server.resident_mb();
    let said = child.wait_with_output().expect("the flood ends");
    let said: Value = serde_json::from_slice(&said.stdout).unwrap_or(Value::Null);
    tokio::time::sleep(COOL_DOWN).await;
    let memory_after = server.resident_mb();
    let result = json!({
        "what": flood.what,
        "flood": said,
        "others": class.people(),
        "cut_off": class.cut_off(),
        "delay_ms_p99": during.delay_ms_p99,
        "loss": during.loss,
        "sign_in_ms_p95": times.sign_in.p95(),
        "sign_in_failed": times.sign_in.failed,
        "come_in_ms_p95": times.come_in.p95(),
        "come_in_failed": times.come_in.failed,
        "memory_mb": {"before": round(memory_before), "at_the_end": round(memory_peak), "after": round(memory_after)},
        "memory_growth": round(memory_after / memory_before - 1.0),
        "server_cores": round(cores),
    });
    crate::scenarios::print("siege", flood.name, &result);
    result
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

fn table(results: &Map<String, Value>) {
    println!(
        "\n{:16} {:>8} {:>10} {:>8} {:>12} {:>12} {:>22}",
        "flood",
        "cut off",
        "delay p99",
        "loss",
        "sign in p95",
        "come in p95",
        "memory before/after"
    );
    for (name, result) in results {
        let text = |key: &str| result[key].to_string();
        println!(
            "{name:16} {:>8} {:>7} ms {:>8} {:>9} ms {:>9} ms {:>12} / {} MB",
            format!("{} of {}", result["cut_off"], result["others"]),
            text("delay_ms_p99"),
            text("loss"),
            text("sign_in_ms_p95"),
            text("come_in_ms_p95"),
            result["memory_mb"]["before"].to_string(),
            result["memory_mb"]["after"],
        );
    }
}

fn save(results: Map<String, Value>) {
    let mut whole: Map<String, Value> = std::fs::read_to_string(RESULTS)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    whole.insert("machine".into(), machine::describe());
    whole.extend(results);
    std::fs::create_dir_all("target/bench").expect("a folder for results");
    let text = serde_json::to_string_pretty(&Value::Object(whole)).expect("JSON");
    std::fs::write(RESULTS, format!("{text}\n")).expect("results written");
}
