//! What a school decides for itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use kmz_meet_core::room::PolicyLimits;
use lti_bridge::WebOrigin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::policy;
use crate::audit::Action;
use crate::auth::Caller;
use crate::clock::Clock;
use crate::credentials::Scope;
use crate::frame_ancestors::FrameAncestors;
use crate::frame_ancestors::{MAX_BYTES_OF_SCHOOL, fits_share};
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::{Body, object_or_null};
use crate::integrations::lti::refresh_frame_ancestors;
use crate::school_settings::SchoolSettings;
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What handlers of a school reach.
    pub struct Schools {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        frame_ancestors: Arc<FrameAncestors>,
    }
}

/// Origins that a school may register.
const MAX_ORIGINS: usize = 20;

#[derive(Serialize, ToSchema)]
pub struct School {
    id: String,
    name: String,
    /// Attendance is deleted after this many days.
    attendance_days: u32,
    /// In which the school's times are told, in tables and columns of the gradebook: a name of the IANA database.
    time_zone: String,
    /// Pages of these origins may show the school's rooms in a frame.
    #[schema(value_type = Vec<String>)]
    embed_origins: Vec<WebOrigin>,
    /// What no room of the school loosens, from its next conference on.
    #[schema(value_type = policy::PolicyLimits)]
    room_limits: PolicyLimits,
    /// `required`: its teachers sign in with a second factor only; who has none sets one up at the next sign-in.
    second_factor: SecondFactorRule,
}

/// Whether a second factor is needed to sign in.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorRule {
    Optional,
    Required,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SchoolChange {
    #[schema(minimum = 1, maximum = 400)]
    attendance_days: Option<u32>,
    /// A name of the IANA database, such as `Europe/Berlin`.
    time_zone: Option<given::TimeZone>,
    /// Such as `https://moodle.example`: scheme, host and perhaps a port.
    #[schema(max_items = 20)]
    embed_origins: Option<Vec<given::WebOrigin>>,
    /// Only people who administer the school change it; keys do not.
    second_factor: Option<SecondFactorRule>,
    /// In place of the former ones.
    #[serde(deserialize_with = "object_or_null")]
    #[schema(value_type = Option<policy::PolicyLimits>)]
    room_limits: Option<PolicyLimits>,
}

/// The school
#[utoipa::path(get, path = "/api/v1/school", tag = "school", responses((status = 200, body = School)))]
pub async fn show(State(app): State<Schools>, caller: Caller) -> Result<Json<School>, Problem> {
    caller.may(Scope::RoomsRead)?;
    to_response(&app, &caller.school).await
}

async fn to_response(app: &Schools, school: &str) -> Result<Json<School>, Problem> {
    let settings = SchoolSettings::of(&app.store, school).await?;
    let school = app.store.school(school).await?;
    let school = school.ok_or_else(Problem::not_found)?;
    Ok(Json(School {
        id: school.id,
        name: school.name,
        attendance_days: settings.attendance_days,
        time_zone: settings.time_zone.to_string(),
        embed_origins: settings.embed_origins,
        second_factor: if settings.second_factor_required {
            SecondFactorRule::Required
        } else {
            SecondFactorRule::Optional
        },
        room_limits: settings.room_limits,
    }))
}

/// Change retention, time zone, embedding, and what rooms may loosen
#[utoipa::path(
    patch, path = "/api/v1/school", tag = "school", request_body = SchoolChange,
    responses((status = 200, body = School))
)]
pub async fn change(
    State(app): State<Schools>,
    caller: Caller,
    Body(change): Body<SchoolChange>,
) -> Result<Json<School>, Problem> {
    caller.may(Scope::SchoolWrite)?;
    if change.second_factor.is_some() {
        caller.person()?;
    }
    let days = change.attendance_days;
    if days.is_some_and(|days| !(1..=400).contains(&days)) {
        return Err(Problem::invalid(
            "attendance_days: it must be from 1 to 400.",
        ));
    }
    let zone = read(change.time_zone, "time_zone")?;
    let origins = match change.embed_origins {
        Some(given) if given.len() > MAX_ORIGINS => {
            return Err(Problem::invalid("embed_origins: there are more than 20."));
        }
        Some(given) => Some(read_origins(given, "embed_origins")?),
        None => None,
    };
    let now = app.clock.now();
    SchoolSettings::change(&app.store, now, &caller.school, |settings| {
        settings.attendance_days = days.unwrap_or(settings.attendance_days);
        if let Some(zone) = &zone {
            settings.time_zone.clone_from(zone);
        }
        if let Some(origins) = &origins {
            settings.embed_origins.clone_from(origins);
        }
        if let Some(rule) = change.second_factor {
            settings.second_factor_required = rule == SecondFactorRule::Required;
        }
        settings.room_limits = change.room_limits.unwrap_or(settings.room_limits);
    })
    .await?;
    refresh_frame_ancestors(&app.frame_ancestors, &app.store).await?;
    caller
        .note(&app.store, now, Action::SchoolChanged, &caller.school)
        .await?;
    to_response(&app, &caller.school).await
}

/// Origins in the form in which browsers compare them, each once.
pub(super) fn read_origins(
    given: Vec<given::WebOrigin>,
    field: &str,
) -> Result<Vec<WebOrigin>, Problem> {
    let mut origins = Vec::new();
    for origin in given {
        let origin = origin.read(field)?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    if !fits_share(&origins) {
        return Err(Problem::invalid(format!(
            "{field}: together they are longer than {MAX_BYTES_OF_SCHOOL} characters; name fewer."
        )));
    }
    Ok(origins)
}
