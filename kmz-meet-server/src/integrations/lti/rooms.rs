//! From a verified launch to a room. One resource link is one durable room of the school that registered the platform.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kmz_meet_core::room::clean;
use kmz_meet_core::signal::{Door, Policy};
use lti_bridge::{ContentItem, Context, Launch, LaunchHandler, Refused, Role};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::failures::LaunchFailures;
use crate::clock::Clock;
use crate::config::{Entry, PublicUrl};
use crate::credentials::{Identity, TICKET_LIFETIME, Ticket, TicketRole, Tickets, random_token};
use crate::html_text;
use crate::rooms::{self, NewRoom};
use crate::schools::may_open;
use crate::store::{
    Kind, OpenSchool, Record, RecordFilter, Room, RoomSource, SharedStore, StoreError,
};
use crate::user_id::UserId;

/// How many rooms of one course a teacher can choose from.
const MAX_CONTENT_ITEMS: u64 = 200;
/// The longest title, in characters.
const MAX_TITLE: usize = 200;
/// A teacher's ticket also shows the attendance after the lesson, so it is valid for a school day.
const TEACHER_TICKET_LIFETIME: Duration = Duration::from_hours(8);
/// How often the server tries to store a course while other launches store it too.
const MAX_TRIES: usize = 3;

/// The course of a room, and the services of its platform. The key of the record is the room's id, its parent the course.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Course {
    /// The last launch that opened the room, without the person.
    pub launch: Launch,
    /// Whether its teachers read German, if a launch said so. It decides the names of the gradebook's columns.
    #[serde(default)]
    pub german: Option<bool>,
}

impl Kind for Course {
    const KIND: &'static str = "lti_course";
}

/// Opens rooms for the launches of courses.
pub struct CourseRooms {
    pub store: SharedStore,
    pub tickets: Arc<Tickets>,
    pub public_url: PublicUrl,
    pub clock: Arc<dyn Clock>,
    pub capacity: u32,
    pub failures: LaunchFailures,
}

fn refused(code: &'static str, german: &str, english: &str) -> Refused {
    Refused {
        code,
        german: german.to_owned(),
        english: english.to_owned(),
    }
}

fn failed(error: impl std::error::Error) -> Refused {
    tracing::error!(%error, "a launch cannot be led into a room");
    refused(
        "lti_internal",
        "Beim Dienst ist etwas schiefgegangen. Bitte versuche es noch einmal.",
        "Something went wrong at the service. Please try again.",
    )
}

/// The key of a launch's course, by which its rooms are found.
fn course(launch: &Launch) -> String {
    place(launch, launch.context.as_ref())
}

fn place(launch: &Launch, context: Option<&Context>) -> String {
    let context = context.map_or("", |context| &context.id);
    format!("{} {} {context}", launch.platform.id, launch.deployment_id)
}

/// Whether a room belongs to the course of a launch. A Deep Linking request may have left out its course: then the room belongs
/// to the first course that opens it.
fn is_of_course(known: &Record<Course>, launch: &Launch) -> bool {
    let parent = known.parent.as_deref();
    let context = known.data.launch.context.as_ref();
    let same = |other: &Context| {
        launch
            .context
            .as_ref()
            .is_some_and(|one| one.id == other.id)
    };
    parent == Some(course(launch).as_str())
        || (parent == Some(place(launch, None).as_str()) && context.is_none_or(same))
}

/// What is stored of a launch: the course, without the person.
fn kept(launch: &Launch, former: Option<&Course>) -> Launch {
    let said = |launch: &Launch| (launch.names.clone(), launch.grades.clone());
    let before = former
        .map(|former| said(&former.launch))
        .unwrap_or_default();
    let (names, grades) = match (launch.role, said(launch)) {
        (Role::Instructor, now) => now,
        // Platforms may tell learners less than teachers, and never more.
        (Role::Learner, now) => (before.0.or(now.0), before.1.or(now.1)),
    };
    let context = former.and_then(|former| former.launch.context.clone());
    let mut kept = launch.clone();
    kept.subject = None;
    kept.name = None;
    kept.role = Role::Learner;
    kept.custom = BTreeMap::new();
    kept.locale = None;
    kept.document_target = None;
    kept.return_url = None;
    kept.context = launch.context.clone().or(context);
    kept.names = names;
    kept.grades = grades;
    kept
}

/// The language of the course: that of the last teacher who came.
fn german(launch: &Launch, former: Option<&Course>) -> Option<bool> {
    let said = launch.locale.as_deref();
    let said = said.filter(|_| launch.role == Role::Instructor);
    said.map(|locale| locale.to_ascii_lowercase().starts_with("de"))
        .or_else(|| former.and_then(|former| former.german))
}

/// Who the person of a launch is to the room.
fn identity(launch: &Launch) -> Identity {
    let Some(subject) = &launch.subject else {
        // Without an id the person is unknown, whatever else the launch says of them.
        return Identity {
            user: UserId::of_nobody(random_token::<16>()),
            role: TicketRole::Guest,
            unidentified: true,
        };
    };
    let role = match launch.role {
        Role::Instructor => TicketRole::Moderator,
        Role::Learner => TicketRole::Member,
    };
    Identity::of(UserId::of_lti(&launch.platform.id, subject), role)
}

#[async_trait]
impl LaunchHandler for CourseRooms {
    async fn open(&self, launch: &Launch) -> Result<Url, Refused> {
        let school = self.contract_signed(launch).await?;
        let room = match self.linked(launch).await.map_err(failed)? {
            Some(room) => room,
            None => self.own(&school, launch).await?,
        };
        self.keep_course(&room, launch).await.map_err(failed)?;
        let identity = identity(launch);
        let moderates = identity.moderates();
        let name = launch.name.as_deref().and_then(clean);
        let ticket = Ticket {
            room: room.id.clone(),
            identity,
            name: name.clone(),
            may_start: moderates,
            meeting: None,
            return_url: launch
                .return_url
                .as_ref()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .map(Url::to_string),
        };
        let lifetime = if moderates {
            TEACHER_TICKET_LIFETIME
        } else {
            TICKET_LIFETIME
        };
        let ticket = self
            .tickets
            .sign(&school, &ticket, self.clock.now(), lifetime);
        let ticket = ticket.map_err(failed)?;
        let lang = launch.locale.as_deref().map(
            |locale| {
                if locale.starts_with("de") { "de" } else { "en" }
            },
        );
        let url = self.public_url.entry(
            &room.name,
            &Entry {
                ticket: &ticket,
                name: name.as_deref(),
                title: room.title.as_deref(),
                lang,
            },
        );
        Url::parse(&url).map_err(|error| {
            tracing::error!(%error, "the way into a room is no URL");
            refused(
                "lti_internal",
                "Beim Dienst ist etwas schiefgegangen.",
                "Something went wrong at the service.",
            )
        })
    }

    async fn content_items(&self, launch: &Launch) -> Result<Vec<ContentItem>, Refused> {
        let place = course(launch);
        let filter = RecordFilter {
            school: Some(&launch.platform.tenant),
            parent: Some(&place),
            limit: MAX_CONTENT_ITEMS,
            ..RecordFilter::default()
        };
        let courses = Record::<Course>::list(&self.store, filter).await;
        let mut rooms = Vec::new();
        for course in courses.map_err(failed)? {
            let id = course.key.unwrap_or_default();
            if let Some(room) = self.store.room(&id).await.map_err(failed)? {
                rooms.push(choice(room));
            }
        }
        Ok(rooms)
    }

    async fn create_content_item(
        &self,
        launch: &Launch,
        title: &str,
    ) -> Result<ContentItem, Refused> {
        let school = self.contract_signed(launch).await?;
        let context = launch.context.as_ref();
        let title = match title.trim() {
            "" => context.and_then(|context| context.title.clone()),
            title => Some(title.to_owned()),
        };
        let external = format!("lti:{}:made:{}", launch.platform.id, Uuid::new_v4());
        let room = self.make(&school, title, external).await?;
        self.keep_course(&room, launch).await.map_err(failed)?;
        Ok(choice(room))
    }

    async fn launch_refused(&self, platform_id: &str, code: &'static str) {
        let now = self.clock.now();
        self.failures
            .count(&self.store, now, platform_id, code)
            .await;
    }
}

fn choice(room: Room) -> ContentItem {
    ContentItem {
        title: room.title.unwrap_or(room.name),
        id: room.id,
    }
}

impl CourseRooms {
    async fn contract_signed(&self, launch: &Launch) -> Result<OpenSchool, Refused> {
        let school = &launch.platform.tenant;
        let open = may_open(&self.store, self.clock.now(), school).await;
        open.map_err(failed)?.ok_or_else(|| {
            refused(
                "no_contract",
                "Die Schule hat keinen gültigen Vertrag zur Auftragsverarbeitung, deshalb gibt es keine Räume.",
                "The school has no valid data-processing agreement, so there are no rooms.",
            )
        })
    }

    /// The room that a Deep Linking response named, if it belongs to this course: a role in one course is none in another.
    async fn linked(&self, launch: &Launch) -> Result<Option<Room>, StoreError> {
        let Some(id) = launch.custom.get("room") else {
            return Ok(None);
        };
        let known = Record::<Course>::by_key(&self.store, id).await?;
        let of_this_course = known.is_some_and(|known| {
            known.school.as_deref() == Some(launch.platform.tenant.as_str())
                && is_of_course(&known, launch)
        });
        if of_this_course {
            self.store.room(id).await
        } else {
            Ok(None)
        }
    }

    /// The link's own room, created at its first launch. Links of a copied course still name the room of the original: those
    /// that named the same room share one here too.
    async fn own(&self, school: &OpenSchool, launch: &Launch) -> Result<Room, Refused> {
        let link = launch.resource_link.as_ref();
        let place = format!("lti:{}:{}", launch.platform.id, launch.deployment_id);
        let of_link = format!("{place}:{}", link.map_or("", |link| &link.id));
        let named = launch.custom.get("room");
        let original = named.and_then(|id| Uuid::parse_str(id).ok());
        let copied = match (original, &launch.context) {
            (Some(original), Some(context)) => {
                Some(format!("{place}:copy:{original}:{}", context.id))
            }
            _ => None,
        };
        // Earlier versions gave each copied link a room of its own. It stays.
        for external in [Some(&of_link), copied.as_ref()].into_iter().flatten() {
            let known = self
                .store
                .room_by_external(school.id(), RoomSource::Course, external)
                .await
                .map_err(failed)?;
            if let Some(room) = known {
                return Ok(room);
            }
        }
        let external = copied.unwrap_or(of_link);
        let context = launch.context.as_ref();
        let title = link
            .and_then(|link| link.title.clone())
            .or_else(|| context.and_then(|context| context.title.clone()));
        self.make(school, title, external).await
    }

    async fn make(
        &self,
        school: &OpenSchool,
        title: Option<String>,
        external: String,
    ) -> Result<Room, Refused> {
        let policy = Policy {
            // The class comes straight in by its launches; everybody else waits.
            door: Door::Knock,
            ..rooms::default_policy(self.capacity)
        };
        let new = NewRoom {
            title: title.and_then(|title| html_text::title(&title, MAX_TITLE)),
            external: Some(external),
            ..NewRoom::new(school, RoomSource::Course, policy)
        };
        let room = rooms::find_or_create(&self.store, self.clock.now(), new).await;
        room.map_err(failed)?.map_err(failed)
    }

    /// Stores where the class list and the gradebook are, as the last launch said.
    async fn keep_course(&self, room: &Room, launch: &Launch) -> Result<(), StoreError> {
        // The whole class presses the link at once. The first launch adds the record, and the others update it.
        for _ in 0..MAX_TRIES {
            let former = Record::<Course>::by_key(&self.store, &room.id).await?;
            let german = german(launch, former.as_ref().map(|former| &former.data));
            let launch = kept(launch, former.as_ref().map(|former| &former.data));
            let mut record = match former {
                Some(former) => {
                    let parent = match former.data.launch.context {
                        Some(_) => former.parent.clone(),
                        // A teacher chose the room without a course. Now it has one.
                        None => Some(course(&launch)),
                    };
                    let data = Course { launch, german };
                    let record = Record {
                        parent,
                        data,
                        ..former
                    };
                    if record.update(&self.store).await? {
                        break;
                    }
                    continue;
                }
                None => Record::new(
                    room.school.clone(),
                    self.clock.now(),
                    Course { launch, german },
                ),
            };
            record.key = Some(room.id.clone());
            record.parent = Some(course(&record.data.launch));
            if record.add(&self.store).await?.is_ok() {
                break;
            }
        }
        Ok(())
    }
}
