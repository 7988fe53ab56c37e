//! A measured stretch of time: the server's use and what the receivers counted.

use std::time::Duration;

use serde_json::{Value, json};

use crate::receive::{Receiving, Tally};
use crate::server::Server;

pub struct Measured {
    pub tally: Tally,
    pub cores: f64,
    pub seconds: f64,
    pub resident_mb: f64,
}

impl Measured {
    pub async fn during(server: &Server, receiving: &Receiving, seconds: u64) -> Self {
        receiving.reset();
        let before = server.usage();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let after = server.usage();
        // The receivers publish their count ten times a second.
        tokio::time::sleep(Duration::from_millis(150)).await;
        Self {
            tally: receiving.tally(),
            cores: after.cores_since(before),
            seconds: (after.at - before.at).as_secs_f64(),
            resident_mb: server.resident_mb(),
        }
    }

    pub fn per_second(&self) -> f64 {
        self.tally.packets as f64 / self.seconds
    }

    pub fn us_per_packet(&self) -> f64 {
        self.cores * 1e6 / self.per_second().max(1.0)
    }

    pub fn as_json(&mut self, floor: f64) -> Value {
        let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
        json!({
            "packets_per_second": self.per_second().round(),
            "cpu_us_per_packet": round(self.us_per_packet()),
            "floor_us": round(floor),
            "ratio_to_floor": round(self.us_per_packet() / floor),
            "loss": (self.tally.loss() * 1e6).round() / 1e6,
            "server_cores": round(self.cores),
            "resident_mb": round(self.resident_mb),
            "delay_ms_p50": round(self.tally.delay_ms(0.5)),
            "delay_ms_p99": round(self.tally.delay_ms(0.99)),
            "undecryptable_of_sampled": self.tally.undecryptable,
        })
    }
}
