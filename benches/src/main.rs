//! The load generator: starts the release server as a child, fills it over loopback, and measures the server alone.
//!
//! `kmz-meet-bench all` runs everything; `floor`, `fan-out`, `saturation`, `class`, `panic`, `rooms`, `threads`, `joins`, `bell`,
//! `launches`, `import`, `rest` one scenario.
//! `kmz-meet-bench siege` runs the floods, into `target/bench/siege.json`.
//! Results go to `target/bench/latest.json`; `make record-bench` takes them into git. Every scenario ends by itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot be made ends with a word on what failed"
)]

mod bell;
mod import;
mod integrations;
mod load;
mod panic;
mod publish;
mod receive;
mod room;
mod scenarios;
mod siege;

use kmz_meet_bench::{floor, machine, server};
use serde_json::{Map, Value, json};

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_else(|| "all".to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    if wanted == "siege" {
        let only: Vec<String> = std::env::args().skip(2).collect();
        runtime.block_on(siege::all(&only));
        return;
    }
    if wanted == "flood" {
        // A child of the siege.
        let name = std::env::args().nth(2).unwrap_or_default();
        runtime.block_on(siege::flood(&name));
        return;
    }
    let mut results = Map::new();
    results.insert("machine".into(), machine::describe());
    runtime.block_on(async {
        let all = wanted == "all";
        if all || wanted == "floor" {
            results.insert("floor".into(), json!({ "us_per_packet": floor::measure() }));
        }
        if all || wanted == "fan-out" {
            results.insert("fan_out".into(), scenarios::fan_out().await);
        }
        if all || wanted == "saturation" {
            results.insert("saturation".into(), scenarios::saturation().await);
        }
        if all || wanted == "class" {
            results.insert("class".into(), scenarios::class().await);
        }
        if all || wanted == "panic" {
            results.insert("panic".into(), panic::panic().await);
        }
        if all || wanted == "rooms" {
            results.insert("rooms".into(), scenarios::rooms().await);
        }
        if all || wanted == "threads" {
            results.insert("threads".into(), scenarios::threads().await);
        }
        if all || wanted == "joins" {
            results.insert("joins".into(), scenarios::joins().await);
        }
        if all || wanted == "bell" {
            results.insert("bell".into(), bell::bell().await);
        }
        if all || wanted == "launches" {
            results.insert("launches".into(), integrations::launches().await);
        }
        if all || wanted == "import" {
            results.insert("import".into(), import::import().await);
        }
        if all || wanted == "rest" {
            results.insert("rest".into(), integrations::rest().await);
        }
    });
    save(results);
}

/// Keeps what other runs measured: a single scenario replaces only itself.
fn save(results: Map<String, Value>) {
    let path = "target/bench/latest.json";
    let mut whole: Map<String, Value> = std::fs::read_to_string(path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    whole.extend(results);
    if let Some(browser) = std::fs::read_to_string("target/bench/browser.json")
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
    {
        whole.insert("browser".into(), browser);
    }
    std::fs::create_dir_all("target/bench").expect("a folder for results");
    let text = serde_json::to_string_pretty(&Value::Object(whole)).expect("JSON");
    std::fs::write(path, format!("{text}\n")).expect("results written");
    println!("written to {path}");
}
