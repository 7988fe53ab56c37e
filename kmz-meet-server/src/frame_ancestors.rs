//! The directive `frame-ancestors` of our pages: who may show them in a frame. The registered origins may, and no others. It is
//! the same for every room (ADR 6): a list for each room would tell which rooms there are. Whose origin it is counts when
//! someone joins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Once, PoisonError, RwLock};

use axum::http::HeaderValue;
use lti_bridge::WebOrigin;

use crate::csp;
use crate::own_pages::is_never_framed;
use crate::school_settings::SchoolSettings;
use crate::store::{Record, RecordFilter, SharedStore, StoreError};

/// Rows that we read: more than any installation has.
const MAX_ROWS: u64 = 10_000;
/// The part of the header that one school may use, in bytes: about thirty origins.
pub const MAX_BYTES_OF_SCHOOL: usize = 1_500;
/// The whole list, in bytes. Browsers and most proxies accept headers of 16 KB.
const MAX_BYTES: usize = 12_000;
/// Beyond this the operator is told: some proxies take no more than 4 KB of headers as they come (nginx's
/// `proxy_buffer_size`), and answer 502 for every page.
const BYTES_THAT_PROXIES_TAKE: usize = 3_000;

/// The origins that each school registered, and the policy made of them, kept ready because every page carries it.
pub struct FrameAncestors {
    websocket: String,
    own_policy: HeaderValue,
    kept: RwLock<Kept>,
    /// Locked while it is read anew: an older list never replaces a newer one.
    reading: tokio::sync::Mutex<()>,
    /// How often it was read.
    changes: AtomicU64,
}

struct Kept {
    policy: HeaderValue,
    schools: BTreeMap<String, BTreeSet<WebOrigin>>,
}

impl FrameAncestors {
    /// Nobody frames anything yet. `websocket` is our own address for WebSockets.
    pub fn new(websocket: String) -> Self {
        let own_policy = csp::policy(&websocket, &[]);
        let kept = Kept {
            policy: own_policy.clone(),
            schools: BTreeMap::new(),
        };
        Self {
            websocket,
            own_policy,
            kept: RwLock::new(kept),
            reading: tokio::sync::Mutex::default(),
            changes: AtomicU64::new(0),
        }
    }

    /// The content security policy of a page, by its path alone: a room that there is and one that there is not are alike.
    pub fn policy(&self, path: &str) -> HeaderValue {
        if is_never_framed(path) {
            return self.own_policy.clone();
        }
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.policy.clone()
    }

    /// Whether all of the pages around are the school's own, or those of its platforms. Texts that are no origins are not.
    pub fn is_of_school(&self, school: &str, around: &[String]) -> bool {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let Some(own) = kept.schools.get(school) else {
            return false;
        };
        let is_own = |text: &String| text.parse().is_ok_and(|origin| own.contains(&origin));
        !around.is_empty() && around.iter().all(is_own)
    }

    /// How often platforms or pages have changed: another number than before says that what was read is not sure any more.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Reads it anew, after a change. `platforms` reads the origins of each school's platforms: in its turn, so that an older
    /// list never replaces a newer one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn refresh<F>(
        &self,
        store: &SharedStore,
        platforms: impl FnOnce(SharedStore) -> F,
    ) -> Result<(), StoreError>
    where
        F: Future<Output = Result<Vec<(String, Vec<WebOrigin>)>, StoreError>>,
    {
        self.changes.fetch_add(1, Ordering::SeqCst);
        let _turn = self.reading.lock().await;
        let filter = RecordFilter {
            limit: MAX_ROWS,
            ..RecordFilter::default()
        };
        let mut lists: BTreeMap<String, Vec<WebOrigin>> = BTreeMap::new();
        for school in Record::<SchoolSettings>::list(store, filter).await? {
            let list = lists.entry(school.school.unwrap_or_default()).or_default();
            list.extend(school.data.embed_origins);
        }
        for (school, origins) in platforms(store.clone()).await? {
            lists.entry(school).or_default().extend(origins);
        }
        let policy = csp::policy(&self.websocket, &shared(&lists));
        warn_of_long_header(policy.len());
        let schools = lists
            .into_iter()
            .map(|(school, list)| (school, list.into_iter().collect()))
            .collect();
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Kept { policy, schools };
        Ok(())
    }
}

/// Once: the list is read anew at every change.
fn warn_of_long_header(bytes: usize) {
    static TOLD: Once = Once::new();
    if bytes > BYTES_THAT_PROXIES_TAKE {
        TOLD.call_once(|| {
            tracing::warn!(
                bytes,
                "the list of pages that may frame rooms makes a long header; a proxy in front must take it \
                 (nginx: proxy_buffer_size 16k)"
            );
        });
    }
}

/// Whether these origins fit into the share of a school.
pub fn fits_share(origins: &[WebOrigin]) -> bool {
    origins.iter().map(length).sum::<usize>() <= MAX_BYTES_OF_SCHOOL
}

/// With the space before it.
fn length(origin: &WebOrigin) -> usize {
    origin.as_str().len() + 1
}

/// What goes into the header: in turns one of each school, so that nobody's many leave no room for others' few.
fn shared(lists: &BTreeMap<String, Vec<WebOrigin>>) -> Vec<WebOrigin> {
    let mut chosen = BTreeSet::new();
    let mut left = MAX_BYTES;
    let mut queues: Vec<(&String, Vec<&WebOrigin>)> = Vec::new();
    for (school, list) in lists {
        let mut share = MAX_BYTES_OF_SCHOOL;
        let mut queue: Vec<&WebOrigin> = Vec::new();
        for origin in list {
            if queue.contains(&origin) {
                continue;
            }
            match share.checked_sub(length(origin)) {
                Some(rest) => {
                    share = rest;
                    queue.push(origin);
                }
                None => {
                    tracing::warn!(%school, "the school's origins are more than its share of the header; some may not frame rooms");
                    break;
                }
            }
        }
        queue.reverse();
        queues.push((school, queue));
    }
    while !queues.is_empty() {
        queues.retain_mut(|(school, queue)| {
            let Some(origin) = queue.pop() else {
                return false;
            };
            if chosen.contains(origin) {
                return true;
            }
            match left.checked_sub(length(origin)) {
                Some(rest) => {
                    left = rest;
                    chosen.insert(origin.clone());
                    true
                }
                None => {
                    tracing::warn!(%school, "the header has no room for all of the school's origins");
                    false
                }
            }
        });
    }
    chosen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(prefix: &str, count: usize, length: usize) -> Vec<WebOrigin> {
        let host = "x".repeat(length.min(60));
        let origin = |number| format!("https://{prefix}{number}.{host}.example").parse();
        (0..count)
            .filter_map(|number| origin(number).ok())
            .collect()
    }

    fn bytes(origins: &[WebOrigin]) -> usize {
        origins.iter().map(length).sum()
    }

    #[test]
    fn header_of_a_school_with_many_origins_keeps_room_for_others() {
        let mut lists = BTreeMap::new();
        // A school with 600 origins, and twenty that do the same.
        for greedy in 0..21 {
            lists.insert(format!("a{greedy}"), list(&format!("g{greedy}-"), 600, 60));
        }
        lists.insert("z".to_owned(), list("small", 3, 5));
        let chosen = shared(&lists);
        assert!(bytes(&chosen) <= MAX_BYTES);
        for origin in &lists["z"] {
            assert!(chosen.contains(origin), "{origin}");
        }
    }

    #[test]
    fn header_of_one_school_is_bounded_by_its_share() {
        let lists = BTreeMap::from([("a".to_owned(), list("g", 600, 60))]);
        let chosen = shared(&lists);
        assert!(!chosen.is_empty() && bytes(&chosen) <= MAX_BYTES_OF_SCHOOL);
        assert!(!fits_share(&lists["a"]) && fits_share(&chosen));
    }

    #[test]
    fn header_has_an_origin_of_several_schools_once() {
        let same: Vec<WebOrigin> = list("m", 1, 3);
        let lists = (0..500).map(|school| (format!("{school}"), same.clone()));
        assert_eq!(shared(&lists.collect()), same);
    }
}
