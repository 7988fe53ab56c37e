//! CPU time of the media threads of this process, from the scheduler's own count.

use std::time::Duration;

/// How the media threads' names begin; a number follows.
const NAME: &str = "media-";

/// How many media threads there are, and what they used up to now.
pub(super) struct MediaTime {
    pub(super) threads: u32,
    pub(super) used: Duration,
}

/// `None` where the kernel does not tell.
pub(super) fn now() -> Option<MediaTime> {
    let mut time = MediaTime {
        threads: 0,
        used: Duration::ZERO,
    };
    for task in std::fs::read_dir("/proc/self/task").ok()?.flatten() {
        let Ok(name) = std::fs::read_to_string(task.path().join("comm")) else {
            continue;
        };
        let number = name.trim_end().strip_prefix(NAME);
        if number.is_none_or(|number| number.parse::<u32>().is_err()) {
            continue;
        }
        // Nanoseconds on a core are the first field (Documentation/scheduler/sched-stats.rst).
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        let nanos = text.split(' ').next()?.parse().ok()?;
        time.threads += 1;
        time.used += Duration::from_nanos(nanos);
    }
    (time.threads > 0).then_some(time)
}
