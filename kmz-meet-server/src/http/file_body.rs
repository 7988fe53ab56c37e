//! Bodies that are files.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::Problem;
use crate::limits::{FilePlace, FilePlaces};

/// In seconds: where there is no place, one may be free by then.
const BUSY_SECONDS: u64 = 5;

/// The body of a request, as it is. Its route says by a `DefaultBodyLimit` how long it may be.
pub struct FileBody(pub Vec<u8>);

impl FileBody {
    /// Reads it when it is known who sends it, and only while there is a place for them: what others send is not taken into memory.
    ///
    /// # Errors
    /// `too_many_requests`, `too_large`, or when the body does not come.
    pub async fn read<'a>(
        request: Request,
        places: &'a FilePlaces,
        who: &str,
    ) -> Result<(Vec<u8>, FilePlace<'a>), Problem> {
        let place = places.take(who);
        let place = place.ok_or_else(|| Problem::too_many_requests(BUSY_SECONDS))?;
        let Self(bytes) = Self::from_request(request, &()).await?;
        Ok((bytes, place))
    }
}

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
