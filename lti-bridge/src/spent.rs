//! Logins that came back to the browser that began them, whatever became of them. A login that succeeded is noted in the
//! store as well, for good. Here the oldest give way to new ones: an attacker who brings back thousands of their own logins
//! gains nothing but a second try for a failed one.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::numeric_date::NumericDate;

/// More than a county brings back while a login holds.
const MAX_LOGINS: usize = 20_000;

#[derive(Default)]
struct Noted {
    ids: HashSet<String>,
    /// In the order in which they came, with their ends.
    order: VecDeque<(String, NumericDate)>,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Spent(Mutex<Noted>);

impl Spent {
    /// Notes a login; `false` when it was noted before.
    pub(crate) fn note(&self, id: &str, expires_at: NumericDate, now: NumericDate) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((oldest, at)) = noted.order.front()
            && (*at <= now || noted.order.len() >= MAX_LOGINS)
        {
            let oldest = oldest.clone();
            noted.ids.remove(&oldest);
            noted.order.pop_front();
        }
        let is_new = noted.ids.insert(id.to_owned());
        if is_new {
            noted.order.push_back((id.to_owned(), expires_at));
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spent_login_is_noted_once_until_it_expires() {
        let spent = Spent::default();
        assert!(spent.note("a", NumericDate(300), NumericDate(0)));
        assert!(!spent.note("a", NumericDate(300), NumericDate(299)));
        assert!(spent.note("b", NumericDate(600), NumericDate(300)));
        assert_eq!(spent.0.lock().unwrap().order.len(), 1);
    }

    #[test]
    fn spent_logins_are_bounded() {
        let spent = Spent::default();
        for number in 0..3 * MAX_LOGINS {
            assert!(spent.note(&number.to_string(), NumericDate(300), NumericDate(0)));
        }
        let noted = spent.0.lock().unwrap();
        assert_eq!(
            (noted.ids.len(), noted.order.len()),
            (MAX_LOGINS, MAX_LOGINS)
        );
    }
}
