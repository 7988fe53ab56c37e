//! A provider of a school, as a record. Who may change it is up to the caller; who did is told to each function.

use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::sealing::{NotOpened, Sealing};
use crate::store::{Kind, Record, RecordFilter, SharedStore, StoreError};

/// Providers that a school may have: its own server, a broker, and some more while it moves.
pub const MAX_PROVIDERS_OF_SCHOOL: u64 = 5;
/// The parent of the records that everybody sees at the sign-in page.
pub(super) const SHOWN: &str = "shown";

/// How a provider may sign its ID tokens. There is neither `none` nor one with a shared secret: who reads a public key could
/// take it for a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum SigningAlgorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl From<SigningAlgorithm> for CoreJwsSigningAlgorithm {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::RS256 => Self::RsaSsaPkcs1V15Sha256,
            SigningAlgorithm::RS384 => Self::RsaSsaPkcs1V15Sha384,
            SigningAlgorithm::RS512 => Self::RsaSsaPkcs1V15Sha512,
            SigningAlgorithm::PS256 => Self::RsaSsaPssSha256,
            SigningAlgorithm::PS384 => Self::RsaSsaPssSha384,
            SigningAlgorithm::PS512 => Self::RsaSsaPssSha512,
            SigningAlgorithm::ES256 => Self::EcdsaP256Sha256,
            SigningAlgorithm::ES384 => Self::EcdsaP384Sha384,
            SigningAlgorithm::EdDSA => Self::EdDsa,
        }
    }
}

/// In which claims a provider says what. A name with dots leads into objects, unless there is a claim that is called so as a
/// whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub name: String,
    pub address: String,
    /// Whose values say what somebody is. `None`: whoever the provider lets in is a teacher.
    pub role: Option<String>,
    /// Values of that claim that make a moderator.
    pub teachers: Vec<String>,
    /// Values of that claim that make an administrator of the school. None, unless somebody names them.
    pub administrators: Vec<String>,
    /// Which names the school, where a provider has several.
    pub school: Option<String>,
    /// Values of that claim that mean this school.
    pub schools: Vec<String>,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInProvider {
    pub issuer: String,
    pub client_id: String,
    /// Sealed: [`client_secret`] opens it.
    pub sealed_secret: String,
    pub algorithms: Vec<SigningAlgorithm>,
    /// Asked for beside `openid`.
    pub scopes: Vec<String>,
    /// On its button.
    pub label_de: String,
    pub label_en: String,
    /// Whether the sign-in page shows it to everybody.
    pub shown: bool,
    /// Whether who comes for the first time gets an account.
    pub makes_accounts: bool,
    /// Whether a confirmed address is enough to link a teacher's account. Otherwise its holder signs in by the password once.
    pub links_by_address: bool,
    pub claims: Claims,
}

impl Kind for SignInProvider {
    const KIND: &'static str = "sign_in_provider";
}

/// The school has as many as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyProviders;

/// What a sealed secret is about: that of another provider does not open in its place.
fn about(id: &str) -> String {
    format!("client secret of {id}")
}

/// Seals the secret of the provider with this id.
///
/// # Errors
/// When the library fails.
pub fn sealed_secret(sealing: &Sealing, id: &str, secret: &str) -> Result<String, NotOpened> {
    sealing.seal(&about(id), secret.as_bytes())
}

/// Opens it.
///
/// # Errors
/// When the key of the data directory is another one than it was sealed with.
pub fn client_secret(
    sealing: &Sealing,
    provider: &Record<SignInProvider>,
) -> Result<String, NotOpened> {
    let opened = sealing.open(&about(&provider.id), &provider.data.sealed_secret)?;
    String::from_utf8(opened).map_err(|_| NotOpened)
}

/// Where the record of a shown one is found.
fn placed(record: &mut Record<SignInProvider>) {
    record.parent = record.data.shown.then(|| SHOWN.to_owned());
}

/// Adds one. `by` did it. Whoever calls this lets only one at a time add to a school.
///
/// # Errors
/// When the store fails.
pub async fn add(
    store: &SharedStore,
    by: &str,
    mut record: Record<SignInProvider>,
) -> Result<Result<Record<SignInProvider>, TooManyProviders>, StoreError> {
    let filter = RecordFilter {
        school: record.school.as_deref(),
        limit: MAX_PROVIDERS_OF_SCHOOL,
        ..RecordFilter::default()
    };
    let present = Record::<SignInProvider>::list(store, filter).await?;
    if present.len() as u64 >= MAX_PROVIDERS_OF_SCHOOL {
        return Ok(Err(TooManyProviders));
    }
    placed(&mut record);
    record.insert_or_replace(store).await?;
    tracing::info!(provider = record.id, by, "a sign-in provider was added");
    Ok(Ok(record))
}

/// Changes one. `by` did it. `None`: it is gone.
///
/// # Errors
/// When the store fails.
pub async fn change(
    store: &SharedStore,
    by: &str,
    id: &str,
    set: impl Fn(&mut SignInProvider),
) -> Result<Option<Record<SignInProvider>>, StoreError> {
    let changed = Record::<SignInProvider>::change(store, id, |record| {
        set(&mut record.data);
        placed(record);
        Ok::<_, StoreError>(())
    });
    let changed = changed.await?;
    tracing::info!(provider = id, by, "a sign-in provider was changed");
    Ok(changed)
}

/// Deletes one with all its links. The accounts stay. `by` did it.
///
/// # Errors
/// When the store fails.
pub async fn delete(
    store: &SharedStore,
    by: &str,
    provider: &Record<SignInProvider>,
) -> Result<(), StoreError> {
    store
        .delete_with_sign_in_links(SignInProvider::KIND, &provider.id)
        .await?;
    tracing::info!(provider = provider.id, by, "a sign-in provider was deleted");
    Ok(())
}

/// Takes the link of an account away, so that its holder has to be linked anew. `by` did it. False: there is none.
///
/// # Errors
/// When the store fails.
pub async fn unlink(
    store: &SharedStore,
    by: &str,
    provider: &Record<SignInProvider>,
    user: &str,
) -> Result<bool, StoreError> {
    let was_there = store.delete_sign_in_link(&provider.id, user).await?;
    tracing::info!(provider = provider.id, user, by, "an account was unlinked");
    Ok(was_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_of_a_provider_opens_for_no_other() {
        let sealing = Sealing::new(&[7; 32]).unwrap();
        let provider = SignInProvider {
            issuer: "https://id.example".to_owned(),
            client_id: "c".to_owned(),
            sealed_secret: String::new(),
            algorithms: vec![SigningAlgorithm::RS256],
            scopes: Vec::new(),
            label_de: "Anmelden".to_owned(),
            label_en: "Sign in".to_owned(),
            shown: true,
            makes_accounts: true,
            links_by_address: false,
            claims: Claims {
                name: "name".to_owned(),
                address: "email".to_owned(),
                role: None,
                teachers: Vec::new(),
                administrators: Vec::new(),
                school: None,
                schools: Vec::new(),
            },
        };
        let mut one = Record::new("a".to_owned(), 0, provider);
        one.data.sealed_secret = sealed_secret(&sealing, &one.id, "geheim").unwrap();
        assert!(!one.data.sealed_secret.contains("geheim"));
        assert_eq!(client_secret(&sealing, &one).unwrap(), "geheim");
        let mut other = Record::new("b".to_owned(), 0, one.data.clone());
        other.data.sealed_secret.clone_from(&one.data.sealed_secret);
        assert_eq!(client_secret(&sealing, &other), Err(NotOpened));
    }
}
