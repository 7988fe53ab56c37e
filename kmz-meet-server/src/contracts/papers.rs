//! Signed documents: taken, encrypted, and given back to operators.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;

use super::document_kind::DocumentKind;
use super::vault::{Vault, WrongKey};
use crate::clock::Timestamp;
use crate::store::{AddError, ContractDocument, Database, StoreError};

/// A contract as a scan in colour.
pub const MAX_DOCUMENT_BYTES: usize = 10 * 1024 * 1024;
/// Of one school: a signature each, and some that were scanned twice.
const MAX_DOCUMENTS: u64 = 50;

/// Why a document is not kept or not read.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    #[error("The file is not a whole PDF, JPEG or PNG file.")]
    Kind,
    #[error("The file is larger than 10 MiB.")]
    TooLarge,
    #[error("The school has {MAX_DOCUMENTS} documents already.")]
    TooMany,
    #[error("the document cannot be encrypted: {0}")]
    Sealing(std::io::Error),
    #[error(transparent)]
    WrongKey(#[from] WrongKey),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a document of a school; the same one again is the first one.
///
/// # Errors
/// When it is none, or the store fails.
pub async fn keep_document(
    store: &Database,
    vault: &Arc<Vault>,
    now: Timestamp,
    (school, by): (&str, &str),
    bytes: Vec<u8>,
) -> Result<ContractDocument, NotKept> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(NotKept::TooLarge);
    }
    let kind = DocumentKind::of(&bytes).ok_or(NotKept::Kind)?;
    let sha256 = hex::encode(digest(&SHA256, &bytes));
    let former = store.contract_documents(school).await?;
    if let Some(same) = former.into_iter().find(|one| one.sha256 == sha256) {
        return Ok(same);
    }
    let document = ContractDocument {
        id: Uuid::now_v7().to_string(),
        school: school.to_owned(),
        created_at: now,
        sha256,
        media_type: kind.media_type().to_owned(),
        size: bytes.len() as u64,
    };
    let vault = vault.clone();
    let sealed = tokio::task::spawn_blocking(move || vault.seal(&bytes)).await;
    let sealed = sealed.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let sealed = sealed.map_err(NotKept::Sealing)?;
    let added = store.add_contract_document(&document, sealed, MAX_DOCUMENTS);
    match added.await? {
        Ok(()) => {
            tracing::info!(school, by, document = %document.id, "a signed document was stored");
            Ok(document)
        }
        Err(AddError::TooMany | AddError::AlreadyExists) => Err(NotKept::TooMany),
    }
}

/// A document of a school as it came.
///
/// # Errors
/// When the key is another one, or the store fails.
pub async fn read_document(
    store: &Database,
    vault: &Arc<Vault>,
    school: &str,
    (id, by): (&str, &str),
) -> Result<Option<(ContractDocument, Vec<u8>)>, NotKept> {
    let Some((document, sealed)) = store.contract_document(school, id).await? else {
        return Ok(None);
    };
    let vault = vault.clone();
    let opened = tokio::task::spawn_blocking(move || vault.open_sealed(&sealed)).await;
    let bytes = opened.unwrap_or(Err(WrongKey))?;
    tracing::info!(school, by, document = %id, "a signed document was read");
    Ok(Some((document, bytes)))
}
