//! Where a participant is. A check says only that someone who knows the session wants media sent to an address: anyone
//! can write any address into it. Media go to where our own check was answered (RFC 8445 calls it a triggered check, and
//! every full agent answers), and it is answered anew as long as they go there (RFC 7675). Before that no more is sent to
//! an address than three times what came from it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::sfu::net::socket::Path;

/// Paths that may be tried at the same time (a browser tries each of its networks, and each of our addresses and ports).
const MAX_PATHS: usize = 16;
/// What may be sent for each byte received, before an address is proven.
const MAX_AMPLIFICATION: usize = 3;
/// An unanswered check is repeated after this time …
const RETRY_AFTER: Duration = Duration::from_millis(250);
/// … so often, until the browser itself checks again.
const MAX_TRIES: u8 = 8;
/// An answer is good for so long.
const CONSENT_EXPIRY: Duration = Duration::from_secs(30);
/// … and asked for again after this time.
const CONSENT_INTERVAL: Duration = Duration::from_secs(5);

/// Names one check of ours; whoever gives it back has received it.
pub type CheckId = [u8; 12];

struct CheckedPath {
    path: Path,
    received: usize,
    sent: usize,
    proven: Option<Instant>,
    id: Option<CheckId>,
    checked: Option<Instant>,
    tries: u8,
}

/// See the module.
#[derive(Default)]
pub struct CandidatePaths {
    /// The one that was heard of last stands last.
    known: Vec<CheckedPath>,
    /// Where media go.
    selected: Option<Path>,
    /// Where the browser wants them.
    wished: Option<Path>,
    /// It has answered a check: it will do so again.
    answers: bool,
}

impl CandidatePaths {
    /// Where media go.
    #[must_use]
    pub fn selected(&self) -> Option<Path> {
        self.selected
    }

    /// Nothing can leave there any more. The browser's next check brings another.
    pub fn lost(&mut self) {
        self.selected = None;
    }

    /// There is no such address any more; whoever has it next is somebody else.
    pub fn ended(&mut self, address: SocketAddr) {
        self.known.retain(|known| known.path.remote != address);
        for path in [&mut self.selected, &mut self.wished] {
            *path = path.filter(|path| path.remote != address);
        }
    }

    /// All that were heard of.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.known.iter().map(|known| known.path.remote)
    }

    /// An authentic check came from there. Gives the address that no path has any more, because it had to make room.
    pub fn heard(
        &mut self,
        now: Instant,
        path: Path,
        bytes: usize,
        nominated: bool,
    ) -> Option<SocketAddr> {
        let forgotten = self.remember(path);
        if let Some(known) = self.known.last_mut() {
            known.received += bytes;
            known.tries = 0;
        }
        // The browser decides: the path that it nominated last is the one to send on.
        if nominated || self.selected.is_none() {
            self.wished = Some(path);
            if self.is_proven(now, path) {
                self.selected = Some(path);
            }
        }
        forgotten
    }

    /// So much came from there.
    pub fn received(&mut self, path: Path, bytes: usize) {
        if let Some(known) = self.find(path) {
            known.received += bytes;
        }
    }

    /// Whether so much may be sent there, whatever it is.
    pub fn may_send(&mut self, now: Instant, path: Path, bytes: usize) -> bool {
        if self.is_proven(now, path) {
            return true;
        }
        let Some(known) = self.find(path) else {
            return false;
        };
        let may = known.sent + bytes <= MAX_AMPLIFICATION * known.received;
        if may {
            known.sent += bytes;
        }
        may
    }

    /// The path to check now, and the name of the check: the one that the browser wants, or the one in use anew.
    pub fn check_due(
        &mut self,
        now: Instant,
        new: impl FnOnce() -> CheckId,
    ) -> Option<(Path, CheckId)> {
        let wished = self.wished.filter(|path| !self.is_proven(now, *path));
        let known = self.known.iter_mut().find(|known| {
            let since = known.checked.map(|at| now.saturating_duration_since(at));
            if wished == Some(known.path) {
                since.is_none_or(|since| since >= RETRY_AFTER && known.tries < MAX_TRIES)
            } else if self.selected == Some(known.path) {
                let old = known
                    .proven
                    .is_none_or(|at| now.saturating_duration_since(at) >= CONSENT_INTERVAL);
                old && since.is_none_or(|since| since >= RETRY_AFTER * 4)
            } else {
                false
            }
        })?;
        known.checked = Some(now);
        known.tries = known.tries.saturating_add(1);
        Some((known.path, *known.id.get_or_insert_with(new)))
    }

    /// Whether this is the check that was sent there and not answered yet.
    #[must_use]
    pub fn awaits(&self, path: Path, id: CheckId) -> bool {
        self.known
            .iter()
            .any(|known| known.path == path && known.id == Some(id))
    }

    /// A check of ours was answered from there.
    pub fn answered(&mut self, now: Instant, path: Path) {
        self.answers = true;
        self.prove(now, path);
    }

    /// What we sent there was received there.
    pub fn prove(&mut self, now: Instant, path: Path) {
        let Some(known) = self.find(path) else { return };
        known.proven = Some(now);
        known.id = None;
        known.tries = 0;
        if self.selected.is_none() || self.wished == Some(path) {
            self.selected = Some(path);
        }
    }

    /// Media do not go on to where nobody has answered for long.
    pub fn expire(&mut self, now: Instant) {
        if self
            .selected
            .is_some_and(|selected| !self.is_proven(now, selected))
        {
            self.selected = None;
        }
    }

    /// Whether media go to this address, and rightly.
    #[must_use]
    pub fn holds(&self, now: Instant, address: SocketAddr) -> bool {
        self.selected
            .is_some_and(|path| path.remote == address && self.is_proven(now, path))
    }

    fn find(&mut self, path: Path) -> Option<&mut CheckedPath> {
        self.known.iter_mut().find(|known| known.path == path)
    }

    fn is_proven(&self, now: Instant, path: Path) -> bool {
        self.known
            .iter()
            .find(|known| known.path == path)
            .and_then(|known| known.proven)
            .is_some_and(|at| !self.answers || now.saturating_duration_since(at) < CONSENT_EXPIRY)
    }

    /// Takes note of a path that was just heard of; the one that was silent for longest makes room, but never the one in
    /// use.
    fn remember(&mut self, path: Path) -> Option<SocketAddr> {
        let mut forgotten = None;
        let known = if let Some(at) = self.known.iter().position(|known| known.path == path) {
            self.known.remove(at)
        } else {
            if self.known.len() >= MAX_PATHS {
                let oldest = self
                    .known
                    .iter()
                    .position(|known| Some(known.path) != self.selected);
                forgotten = oldest.map(|at| self.known.remove(at).path.remote);
            }
            CheckedPath {
                path,
                received: 0,
                sent: 0,
                proven: None,
                id: None,
                checked: None,
                tries: 0,
            }
        };
        self.known.push(known);
        forgotten.filter(|address| !self.addresses().any(|one| one == *address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::net::port::PortIndex;

    fn path(port: u16) -> Path {
        Path {
            remote: SocketAddr::from(([192, 0, 2, 1], port)),
            local: None,
            port: PortIndex::MAIN,
        }
    }

    fn check(paths: &mut CandidatePaths, now: Instant) -> Option<Path> {
        paths.check_due(now, || [7; 12]).map(|(path, _)| path)
    }

    /// Someone who was proven at port 1.
    fn settled(now: Instant) -> CandidatePaths {
        let mut paths = CandidatePaths::default();
        paths.heard(now, path(1), 100, true);
        assert_eq!(paths.selected(), None, "anyone can write an address");
        assert_eq!(check(&mut paths, now), Some(path(1)));
        paths.answered(now, path(1));
        assert_eq!(paths.selected(), Some(path(1)));
        paths
    }

    #[test]
    fn path_in_use_is_never_forgotten() {
        let now = Instant::now();
        let mut paths = settled(now);
        for port in 2..=100 {
            let forgotten = paths.heard(now, path(port), 100, true);
            assert_ne!(forgotten, Some(path(1).remote));
        }
        assert!(paths.addresses().any(|address| address == path(1).remote));
        assert_eq!(paths.known.len(), MAX_PATHS);
    }

    #[test]
    fn path_silent_for_longest_makes_room() {
        let now = Instant::now();
        let mut paths = CandidatePaths::default();
        for port in 1..=16 {
            assert_eq!(paths.heard(now, path(port), 100, false), None);
        }
        assert_eq!(paths.heard(now, path(1), 100, false), None, "heard again");
        let forgotten = paths.heard(now, path(17), 100, false);
        assert_eq!(forgotten, Some(path(2).remote), "not the first one");
    }

    #[test]
    fn address_of_another_path_stays_known() {
        let now = Instant::now();
        let here = Path {
            local: Some([192, 0, 2, 9].into()),
            ..path(1)
        };
        let mut paths = CandidatePaths::default();
        for port in 1..=15 {
            paths.heard(now, path(port), 100, false);
        }
        paths.heard(now, here, 100, false);
        assert_eq!(paths.heard(now, path(16), 100, false), None);
    }

    #[test]
    fn selected_path_changes_only_after_an_answer() {
        let now = Instant::now();
        let mut paths = settled(now);
        paths.heard(now, path(2), 100, true);
        assert_eq!(paths.selected(), Some(path(1)));
        assert_eq!(check(&mut paths, now), Some(path(2)));
        assert!(paths.awaits(path(2), [7; 12]));
        assert!(!paths.awaits(path(1), [7; 12]), "not from elsewhere");
        assert!(!paths.awaits(path(2), [8; 12]), "not a guess");
        paths.answered(now, path(2));
        assert_eq!(paths.selected(), Some(path(2)));
        assert!(!paths.awaits(path(2), [7; 12]), "once");
        // Back again: it answered a moment ago.
        paths.heard(now, path(1), 100, true);
        assert_eq!(paths.selected(), Some(path(1)));
    }

    #[test]
    fn unproven_path_may_be_sent_three_times_what_came_from_it() {
        let start = Instant::now();
        let mut paths = settled(start);
        let mut sent = 0;
        for step in 0..200u32 {
            let now = start + Duration::from_millis(500) * step;
            if step % 4 == 0 {
                paths.heard(now, path(2), 100, true);
            }
            while paths.may_send(now, path(2), 90) {
                sent += 90;
            }
            assert_ne!(paths.selected(), Some(path(2)));
        }
        assert!(sent <= 3 * 50 * 100, "{sent}");
        assert!(!paths.may_send(start, path(3), 1), "nothing to strangers");
    }

    #[test]
    fn check_without_an_answer_is_repeated_a_few_times() {
        let start = Instant::now();
        let mut paths = settled(start);
        paths.heard(start, path(2), 100, true);
        let checks = (0..200u32)
            .filter(|step| {
                check(&mut paths, start + Duration::from_millis(20) * *step) == Some(path(2))
            })
            .count();
        assert_eq!(checks, usize::from(MAX_TRIES));
    }

    #[test]
    fn path_in_use_is_checked_while_another_is_silent() {
        let start = Instant::now();
        let mut paths = settled(start);
        for step in 0..300u32 {
            let now = start + Duration::from_millis(200) * step;
            paths.heard(now, path(2), 100, true);
            if check(&mut paths, now) == Some(path(1)) {
                paths.answered(now, path(1));
            }
            paths.expire(now);
            assert_eq!(paths.selected(), Some(path(1)), "{step}");
        }
    }

    #[test]
    fn path_whose_address_ended_is_neither_selected_nor_checked() {
        let start = Instant::now();
        let mut paths = settled(start);
        paths.ended(path(2).remote);
        assert_eq!(paths.selected(), Some(path(1)), "another's");
        paths.ended(path(1).remote);
        assert_eq!(paths.selected(), None);
        assert_eq!(paths.addresses().count(), 0);
        let later = start + Duration::from_secs(1);
        assert_eq!(check(&mut paths, later), None);
    }

    #[test]
    fn path_without_consent_is_no_longer_selected() {
        let start = Instant::now();
        let mut paths = settled(start);
        let mut checks = 0;
        for step in 0..29 {
            let now = start + Duration::from_secs(1) * step;
            // Checks that someone writes the address into do not keep it.
            paths.heard(now, path(1), 100, true);
            checks += usize::from(check(&mut paths, now).is_some());
            paths.expire(now);
            assert!(paths.holds(now, path(1).remote));
        }
        assert!(checks > 10, "{checks}");
        let later = start + CONSENT_EXPIRY;
        paths.heard(later, path(1), 100, true);
        paths.expire(later);
        assert_eq!(paths.selected(), None);
        assert!(!paths.holds(later, path(1).remote));
        paths.answered(later, path(1));
        assert_eq!(paths.selected(), Some(path(1)), "an answer brings it back");
    }
}
