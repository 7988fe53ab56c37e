//! Signed contracts as files: uploaded and read by operators alone, stored encrypted.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::contracts::DocumentEntry;
use super::schools::Administration;
use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::contracts::{DocumentKind, NotKept, keep_document, read_document};
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::file_body::FileBody;
use crate::http::path::Path;

/// A PDF, JPEG or PNG file.
pub struct DocumentFile;

impl PartialSchema for DocumentFile {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A PDF, JPEG or PNG file."))
            .content_media_type("application/octet-stream")
            .into()
    }
}

impl ToSchema for DocumentFile {}

/// Upload a signed contract: PDF, JPEG or PNG of 10 MiB at the most, told apart by what is in it; for operators. The same
/// file again is the same document
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/contract/documents", tag = "contracts",
    params(("school_id" = String, Path)),
    request_body(content = DocumentFile, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = DocumentEntry),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`too_many`"),
        (status = 413, body = Problem, description = "`too_large`"),
        (status = 415, body = Problem, description = "`unsupported_media_type`"),
    )
)]
pub async fn upload(
    State(app): State<Administration>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<DocumentEntry>), Problem> {
    caller.operates()?;
    let school = caller.school(&app.store, &id, Scope::SchoolWrite).await?;
    // Read when it is known who sends it: what others send is not taken into memory.
    let FileBody(bytes) = FileBody::from_request(request, &()).await?;
    let now = app.clock.now();
    let kept = keep_document(
        &app.store,
        &app.contract_vault,
        now,
        (&school.id, &caller.actor()),
        bytes,
    )
    .await;
    let document = kept.map_err(refused)?;
    let what = (Action::ContractDocumentStored, document.id.as_str());
    audit::note(&app.store, now, &caller.as_actor(), Some(&school.id), what).await?;
    Ok((StatusCode::CREATED, Json(document.into())))
}

/// A signed contract as it was uploaded; for operators
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/contract/documents/{id}", tag = "contracts",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, content(
            (DocumentFile = "application/pdf"), (DocumentFile = "image/jpeg"), (DocumentFile = "image/png")
        )),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: the key of the documents is another one now"),
    )
)]
pub async fn download(
    State(app): State<Administration>,
    caller: Caller,
    Path((school, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    caller.operates()?;
    let school = caller
        .school(&app.store, &school, Scope::SchoolWrite)
        .await?;
    let read = read_document(
        &app.store,
        &app.contract_vault,
        &school.id,
        (&id, &caller.actor()),
    )
    .await;
    let (document, bytes) = read.map_err(refused)?.ok_or_else(Problem::not_found)?;
    let what = (Action::ContractDocumentRead, document.id.as_str());
    let now = app.clock.now();
    audit::note(&app.store, now, &caller.as_actor(), Some(&school.id), what).await?;
    let kind = DocumentKind::of_media_type(&document.media_type);
    let (media_type, extension) = kind.map_or(("application/octet-stream", "bin"), |kind| {
        (kind.media_type(), kind.extension())
    });
    // Never shown as a page of ours, whatever it is to some reader.
    let named = format!(
        "attachment; filename=\"contract-{}.{extension}\"",
        document.created_at
    );
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
        (
            HeaderName::from_static("x-download-options"),
            HeaderValue::from_static("noopen"),
        ),
    ] {
        headers.insert(name, value);
    }
    if let Ok(named) = HeaderValue::from_str(&named) {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    Ok(response)
}

fn refused(error: NotKept) -> Problem {
    match error {
        NotKept::Kind => Problem::other_media_type(error.to_string()),
        NotKept::TooLarge => Problem::larger(error.to_string()),
        NotKept::TooMany => Problem::too_many(error.to_string()),
        NotKept::WrongKey(_) => Problem::not_now(
            "The document cannot be decrypted: contracts.key in the data directory is not the one by which it was encrypted. \
             Put that key back, below the new one.",
        ),
        NotKept::Sealing(error) => Problem::internal(&error),
        NotKept::Store(error) => error.into(),
    }
}
