//! Bodies that are files.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::Problem;

/// The body of a request, as it is. Its route says by a `DefaultBodyLimit` how long it may be.
pub struct FileBody(pub Vec<u8>);

impl PartialSchema for FileBody {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A file, as it is."))
            .content_media_type("application/octet-stream")
            .into()
    }
}

impl ToSchema for FileBody {}

impl<S: Send + Sync> FromRequest<S> for FileBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| {
            let status = rejection.into_response().status();
            if status == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::larger("The file is larger than this address takes.")
            } else {
                Problem::bad_request("The body cannot be read.")
            }
        })?;
        Ok(Self(bytes.to_vec()))
    }
}
