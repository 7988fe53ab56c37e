//! The same load on Janus (Debian's package) and on this server, by the same clients. `make bench-peer` starts it in a network
//! namespace; it writes `target/bench/peer.json` and prints the table of benches/README.md.
//!
//! `kmz-meet-bench-peer 1` measures one round instead of three; a second argument names what a room's name must contain.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot be made ends with a word on what failed"
)]

mod crowd;
mod janus;
mod ours;
mod scenarios;
mod table;

use kmz_meet_bench::machine;
use scenarios::{ROOMS, Who, measure};
use serde_json::{Value, json};

const ROUNDS: usize = 3;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments
        .next()
        .map_or(ROUNDS, |text| text.parse().expect("a number of rounds"));
    let only = arguments.next().unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut results = Vec::new();
    // Alternating: what else the machine does meets all of them.
    for round in 1..=rounds {
        for room in ROOMS.iter().filter(|room| room.name.contains(&only)) {
            for who in Who::ALL {
                let measured = runtime.block_on(measure(who, room));
                println!("round {round}, {}, {}: {measured}", room.name, who.name());
                results.push((room.name, who, measured));
            }
        }
    }
    let rows: Vec<Value> = table::medians(&results);
    println!("\n{}", table::markdown(&rows));
    let whole = json!({"machine": machine::describe(), "rounds": rounds, "janus": janus::version(), "rows": rows});
    let path = "target/bench/peer.json";
    std::fs::create_dir_all("target/bench").expect("a folder for results");
    let text = serde_json::to_string_pretty(&whole).expect("JSON");
    std::fs::write(path, format!("{text}\n")).expect("results written");
    println!("written to {path}");
}
