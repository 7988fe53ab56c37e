//! The class list of a room's course, as the platform gives it now.

use kmz_meet_core::room::clean;
use lti_bridge::{Member, PlatformState, Store, kept_id};

use super::courses::Courses;
use super::rooms::Course;
use super::store::LtiStore;
use crate::attendance::Present;
use crate::clock::Timestamp;
use crate::store::{Record, StoreError};
use crate::user_id::UserId;

/// A member, and the id that launches give the same person.
pub struct Listed {
    /// As in tickets and in attendance.
    pub user: UserId,
    pub member: Member,
}

/// Everybody who is active in the course; empty if the room has no course, or the platform no such list. `None` if it has one
/// and does not answer now.
///
/// # Errors
/// When the store fails.
pub async fn of_room(app: &Courses, room: &str) -> Result<Option<Vec<Listed>>, StoreError> {
    let Some(course) = Record::<Course>::by_key(&app.store, room).await? else {
        return Ok(Some(Vec::new()));
    };
    let launch = course.data.launch;
    let Some(service) = launch.names else {
        return Ok(Some(Vec::new()));
    };
    let platform = LtiStore::of(app)
        .platform(&launch.platform.id)
        .await
        .inspect_err(|error| tracing::warn!(%error, "a platform cannot be looked up"));
    let Ok(platform) = platform else {
        return Ok(None);
    };
    let Some(platform) = platform.filter(|one| one.state == PlatformState::Active) else {
        return Ok(Some(Vec::new()));
    };
    match app.lti.members(&platform, &service).await {
        Ok(members) => {
            // An id that is too long is left out: launches refuse it too.
            let listed = members.into_iter().filter_map(|member| {
                let user = UserId::of_lti(&platform.id, &kept_id(&member.user_id)?);
                Some(Listed { user, member })
            });
            Ok(Some(listed.collect()))
        }
        Err(error) => {
            tracing::warn!(%error, "a class list cannot be read");
            Ok(None)
        }
    }
}

/// Adds the members of the class who were absent.
pub fn add_absent(people: &mut Vec<Present>, members: &[Listed], started_at: Timestamp) {
    for absent in members {
        let known = people
            .iter()
            .any(|one| one.user.as_deref() == Some(absent.user.as_str()));
        if !known && absent.member.role == lti_bridge::Role::Learner {
            people.push(Present {
                user: Some(absent.user.clone().into()),
                name: absent
                    .member
                    .name
                    .as_deref()
                    .and_then(clean)
                    .unwrap_or_else(|| "?".to_owned()),
                moderator: false,
                listed: true,
                first_at: started_at,
                last_at: started_at,
                measured_minutes: 0,
                corrected_minutes: None,
            });
        }
    }
}
