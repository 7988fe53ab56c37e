//! The machine on which the numbers were measured.

use serde_json::{Value, json};

pub fn describe() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned())
        .unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rustc = std::process::Command::new("rustc")
        .arg("--version")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    json!({
        "cpu": model,
        "cores": cores,
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "rustc": rustc,
        "load_average_at_start": read("/proc/loadavg").split(' ').next().unwrap_or_default(),
        "note": "server and load generator share the cores; CPU is the server process's own",
    })
}
