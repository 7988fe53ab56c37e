//! Deep Linking 2.0: a teacher selects or makes a content item from inside the course, and the platform gets a signed link to it.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::claims::DeepLinkingClaim;
use crate::form::Form;
use crate::handler::ContentItem;
use crate::keys;
use crate::model::{Launch, PlatformState, Role};
use crate::origin::WebOrigin;
use crate::pages::{Framers, Language, Page};
use crate::random::random;
use crate::refusal::Refusal;
use crate::settings::Wording;
use crate::signed::{Kind, Signed};
use crate::tool::Bridge;

/// How long a teacher may take to select.
const SELECTION_LIFETIME: Duration = Duration::from_hours(1);
/// The platform reads a response at once.
const RESPONSE_LIFETIME: Duration = Duration::from_mins(5);
const MAX_TITLE: usize = 200;
const NEW: &str = "new";
const CANCEL: &str = "cancel";

/// Longest choice, in bytes: it comes back in a form.
const MAX_CODE: usize = 100 * 1_024;

/// A choice that is being made. The page carries it, signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choosing {
    launch: Launch,
    return_url: Url,
    data: Option<String>,
}

impl Kind for Choosing {
    const AUDIENCE: &'static str = "choice";
}

#[derive(Template)]
#[template(path = "selection.html")]
struct SelectionPage<'a> {
    page: &'a Page<'a>,
    wording: &'a Wording,
    action: &'a str,
    code: &'a str,
    /// Name of the field that says which item is selected.
    field: &'a str,
    items: &'a [ContentItem],
    /// Proposed title of a new item.
    proposed: &'a str,
}

/// The form by which the browser takes the signed link to the platform.
#[derive(Template)]
#[template(path = "selected.html")]
struct SelectedPage<'a> {
    page: &'a Page<'a>,
    action: &'a str,
    token: &'a str,
}

fn language(launch: &Launch) -> Language {
    launch
        .locale
        .as_deref()
        .map_or(Language::German, Language::of)
}

/// The signed link goes to pages of the platform only.
fn is_returned_to(launch: &Launch, url: &Url) -> Result<(), Refusal> {
    let foreign = || Refusal::tell("lti_return_foreign");
    let origin = WebOrigin::of(url).map_err(|_| foreign())?;
    if launch.platform.origins().contains(&origin) {
        Ok(())
    } else {
        Err(foreign())
    }
}

/// The page on which an item is selected. It needs no cookie: only this page has the signed code that it sends back.
pub(crate) async fn choose(
    bridge: &Bridge,
    launch: &Launch,
    settings: &DeepLinkingClaim,
) -> Result<Response, Refusal> {
    if launch.role != Role::Instructor {
        return Err(Refusal::forbidden("lti_not_teaching"));
    }
    is_returned_to(launch, &settings.deep_link_return_url)?;
    if !settings.accept_types.is_empty()
        && !settings
            .accept_types
            .iter()
            .any(|kind| kind == "ltiResourceLink")
    {
        return Err(Refusal::tell("lti_link_not_accepted"));
    }
    let items = bridge.handler.content_items(launch).await?;
    let choice = Signed {
        id: random()?,
        expires_at: bridge.now() + SELECTION_LIFETIME,
        data: Choosing {
            launch: launch.clone(),
            return_url: settings.deep_link_return_url.clone(),
            data: settings.data.clone(),
        },
    };
    let code = bridge.signer.sign(&choice);
    let code = code.map_err(|error| Refusal::internal(&error))?;
    if code.len() > MAX_CODE {
        return Err(Refusal::tell("lti_too_long"));
    }
    Ok(page(bridge, launch, &items, &code))
}

fn page(bridge: &Bridge, launch: &Launch, items: &[ContentItem], code: &str) -> Response {
    let language = language(launch);
    let wording = &bridge.settings.wording;
    let title = language.of_words(&wording.selection);
    let proposed = launch
        .context
        .as_ref()
        .and_then(|context| context.title.as_deref())
        .unwrap_or_default();
    let page = Page {
        language,
        title,
        data: Vec::new(),
        framers: Framers::Only(launch.platform.origins()),
        base: bridge.base_path(),
    };
    page.answer(
        StatusCode::OK,
        &SelectionPage {
            page: &page,
            wording,
            action: &bridge.url("/deep-link"),
            code,
            field: &bridge.settings.item_parameter,
            items,
            proposed,
        },
    )
}

/// The choice was made.
pub(crate) async fn chosen(
    State(bridge): State<Arc<Bridge>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&bridge, &body).await {
        Ok(response) => response,
        Err(refusal) => bridge.refused(&refusal, Language::wanted(&headers), None),
    }
}

async fn answer(bridge: &Bridge, body: &[u8]) -> Result<Response, Refusal> {
    let form = Form::read(body)?;
    let code = form.need("code", "lti_choice_unknown")?;
    let choice = bridge.signer.read::<Choosing>(code);
    let choice = choice.ok_or_else(|| Refusal::again("lti_choice_unknown"))?;
    if choice.expires_at <= bridge.now() {
        return Err(Refusal::again("lti_choice_expired"));
    }
    if !bridge.store.use_once(&choice.id, choice.expires_at).await? {
        return Err(Refusal::again("lti_choice_unknown"));
    }
    let mut choosing = choice.data;
    // Choosing takes its time: meanwhile the platform may have been taken back.
    let platform = bridge.store.platform(&choosing.launch.platform.id).await?;
    let platform = platform.filter(|platform| platform.state == PlatformState::Active);
    choosing.launch.platform =
        platform.ok_or_else(|| Refusal::forbidden("lti_platform_disabled"))?;
    is_returned_to(&choosing.launch, &choosing.return_url)?;
    let launch = &choosing.launch;
    let item = if form.get("cancel").is_some() {
        None
    } else {
        Some(selected(bridge, launch, &form).await?)
    };
    let token = signed(bridge, &choosing, item.as_ref()).await?;
    let language = language(launch);
    let title = language.say("Zurück zum Kurs", "Back to the course");
    let page = Page {
        language,
        title,
        data: Vec::new(),
        framers: Framers::Only(launch.platform.origins()),
        base: bridge.base_path(),
    };
    Ok(page.answer(
        StatusCode::OK,
        &SelectedPage {
            page: &page,
            action: choosing.return_url.as_str(),
            token: &token,
        },
    ))
}

async fn selected(bridge: &Bridge, launch: &Launch, form: &Form) -> Result<ContentItem, Refusal> {
    match form.get(&bridge.settings.item_parameter) {
        None | Some(NEW) => {
            let title: String = form
                .get("title")
                .unwrap_or_default()
                .trim()
                .chars()
                .filter(|c| !c.is_control())
                .take(MAX_TITLE)
                .collect();
            Ok(bridge.handler.create_content_item(launch, &title).await?)
        }
        Some(id) => {
            // Only what was offered: the list is asked for again.
            let items = bridge.handler.content_items(launch).await?;
            let item = items.into_iter().find(|item| item.id == id);
            item.ok_or_else(|| Refusal::tell("lti_room_unknown"))
        }
    }
}

async fn signed(
    bridge: &Bridge,
    choosing: &Choosing,
    item: Option<&ContentItem>,
) -> Result<String, Refusal> {
    let now = bridge.now();
    let platform = &choosing.launch.platform;
    let parameter = bridge.settings.item_parameter.as_str();
    let items: Vec<Value> = item
        .map(|item| {
            json!({
                "type": "ltiResourceLink",
                "title": item.title,
                "url": bridge.launch_url(),
                "custom": {parameter: item.id},
            })
        })
        .into_iter()
        .collect();
    let mut claims = json!({
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": now,
        "exp": now + RESPONSE_LIFETIME,
        "nonce": random()?,
        "https://purl.imsglobal.org/spec/lti/claim/deployment_id": choosing.launch.deployment_id,
        "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiDeepLinkingResponse",
        "https://purl.imsglobal.org/spec/lti/claim/version": "1.3.0",
        "https://purl.imsglobal.org/spec/lti-dl/claim/content_items": items,
    });
    if let Some(data) = &choosing.data {
        claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] = json!(data);
    }
    Ok(keys::sign(&*bridge.store, now, &claims).await?)
}
