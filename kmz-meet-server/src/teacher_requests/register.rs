//! The register of teachers that an office has already: a list in the form of those that schools send, as a file or at an address
//! of the web. Who is in it need not prove that they teach.

use std::collections::HashSet;
use std::io::Read;
use std::sync::{PoisonError, RwLock};

use axum::http::{HeaderMap, Method, StatusCode};
use guarded_http::GuardedClient;
use url::Url;

use crate::email_address::EmailAddress;
use crate::teacher_lists::{MAX_FILE_BYTES, Reader, Refusal};

/// Who is in the register.
#[derive(Default)]
pub struct Register {
    addresses: RwLock<HashSet<EmailAddress>>,
}

/// Why the register was not read; what was read before stays.
#[derive(Debug, thiserror::Error)]
pub enum NoRegister {
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("its address does not answer: {0}")]
    Address(#[from] guarded_http::Error),
    #[error("its address answers {0}")]
    Status(StatusCode),
    #[error("it is no list: {}", .0.code())]
    List(Refusal),
}

/// At most one byte more than a list may have: then it is refused.
fn read_file(path: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Register {
    /// Whether the register has this address.
    pub fn knows(&self, address: &EmailAddress) -> bool {
        let addresses = self.addresses.read();
        addresses
            .unwrap_or_else(PoisonError::into_inner)
            .contains(address)
    }

    /// Reads it anew: `source` is the path of a file, or an https address.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn refresh(
        &self,
        source: &str,
        client: &GuardedClient,
        reader: &Reader,
    ) -> Result<usize, NoRegister> {
        let bytes = match Url::parse(source) {
            Ok(url) if matches!(url.scheme(), "https" | "http") => {
                let (max, get) = (MAX_FILE_BYTES, Method::GET);
                let answer = client.send_with_limit(max, get, &url, HeaderMap::new(), Vec::new());
                let answer = answer.await?;
                if answer.status != StatusCode::OK {
                    return Err(NoRegister::Status(answer.status));
                }
                answer.body
            }
            _ => {
                let source = source.to_owned();
                let read = tokio::task::spawn_blocking(move || read_file(&source));
                read.await.map_err(std::io::Error::other)??
            }
        };
        let list = reader.read(bytes, None).await.map_err(NoRegister::List)?;
        let readable = list.rows.into_iter().filter_map(|row| row.read.ok());
        let addresses: HashSet<EmailAddress> = readable.map(|teacher| teacher.email).collect();
        let count = addresses.len();
        *self
            .addresses
            .write()
            .unwrap_or_else(PoisonError::into_inner) = addresses;
        Ok(count)
    }
}
