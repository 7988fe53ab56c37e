//! The medians of all rounds, and the table of them.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::scenarios::{ROOMS, Who};

/// For each room and server the median of each number, with the least and the most CPU.
pub fn medians(results: &[(&'static str, Who, Value)]) -> Vec<Value> {
    let mut rows = Vec::new();
    for room in &ROOMS {
        for who in Who::ALL {
            let of_this: Vec<&Value> = results
                .iter()
                .filter(|(name, by, _)| *name == room.name && *by == who)
                .map(|(_, _, measured)| measured)
                .collect();
            let Some(Value::Object(fields)) = of_this.first() else {
                continue;
            };
            let mut row = Map::new();
            row.insert("room".into(), json!(room.name));
            row.insert("server".into(), json!(who.name()));
            for field in fields.keys() {
                let mut values: Vec<f64> = of_this
                    .iter()
                    .filter_map(|one| one[field].as_f64())
                    .collect();
                values.sort_by(f64::total_cmp);
                row.insert(field.clone(), json!(values[values.len() / 2]));
                if field == "cpu_us_per_packet" {
                    row.insert("cpu_us_from".into(), json!(values.first()));
                    row.insert("cpu_us_to".into(), json!(values.last()));
                }
            }
            rows.push(Value::Object(row));
        }
    }
    rows
}

pub fn markdown(rows: &[Value]) -> String {
    let mut text = String::from(
        "| room | server | packets/s | CPU µs per packet (from–to) | delay p50 / p99 ms | loss | memory MB |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let number = |field: &str| row[field].as_f64().unwrap_or(0.0);
        let word = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {:.2} ({:.2}–{:.2}) | {:.2} / {:.2} | {:.3} % | {:.0} |",
            word("room"),
            word("server"),
            number("packets_per_second"),
            number("cpu_us_per_packet"),
            number("cpu_us_from"),
            number("cpu_us_to"),
            number("delay_ms_p50"),
            number("delay_ms_p99"),
            number("loss") * 100.0,
            number("resident_mb"),
        );
    }
    text
}
