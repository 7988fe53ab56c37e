//! Each connection is an open file, and the usual limit of 1,024 is a small school.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Fewer are too few for a school behind one address.
const MIN_FILES: u64 = 4_096;
/// More are of no use.
const MAX_FILES: u64 = 262_144;

/// Raises the soft limit of open files as far as the hard one permits; what holds afterwards.
pub fn raise() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let permitted = limit.maximum.unwrap_or(u64::MAX);
    if permitted < MIN_FILES {
        tracing::warn!(
            permitted,
            "few connections are possible: raise the limit of open files to {MIN_FILES} or more (LimitNOFILE= of systemd, ulimit -Hn)"
        );
    }
    let now = limit.current.unwrap_or(u64::MAX);
    let wanted = permitted.min(MAX_FILES);
    if now >= wanted {
        return now;
    }
    let raised = Rlimit {
        current: Some(wanted),
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files stays at {now}");
            now
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raise_lifts_the_soft_limit_to_the_hard_one() {
        let raised = raise();
        let limit = getrlimit(Resource::Nofile);
        let hard = limit.maximum.unwrap_or(u64::MAX).min(MAX_FILES);
        assert!(raised >= hard, "{raised} of {hard}");
        assert!(limit.current.unwrap_or(u64::MAX) >= hard);
    }
}
