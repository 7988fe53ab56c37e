//! The second factor of signing in: codes of an authenticator app (TOTP, RFC 6238), and recovery codes in their place.
//!
//! The secret is sealed in the database, recovery codes are there as keyed hashes. A code is accepted once. Wrong ones are
//! counted by account, in the database: with the password at hand, nobody tries all codes.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};

use super::fingerprint;
use super::signed::{self, Signed, SigningFailed};
use crate::clock::{Timestamp, millis};
use crate::sealing::{NotOpened, Sealing};
use crate::store::{Database, KeptSecondFactor, StoreError, User};

/// Recovery codes that somebody gets.
pub const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code, of five bits each.
const CODE_CHARS: usize = 12;
/// Letters and digits that cannot be mistaken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Longest code that is looked at.
const MAX_CODE_CHARS: usize = 40;
/// How long the second step may take after the first.
const STEP_LIFETIME: Duration = Duration::from_mins(5);
/// Wrong codes without a wait: people mistype.
const MAX_FREE: i64 = 5;
/// The wait after the next one. It doubles with each more.
const MIN_WAIT: Duration = Duration::from_secs(30);
const MAX_WAIT: Duration = Duration::from_hours(1);

/// Which second factors an account has. Recovery codes go with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// An authenticator app.
    pub app: bool,
    pub passkeys: bool,
}

/// What signing in asks for after the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A code.
    Code,
    /// A second factor that is to be set up: it is required, and there is none.
    SetUp,
}

/// What somebody puts into their app.
pub struct Setup {
    /// Base32, as apps take it.
    pub secret: String,
    /// `otpauth://`, for the picture.
    pub url: String,
}

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Right,
    Wrong,
    /// Wrong too often; none was looked at.
    Wait(Duration),
    /// There is nothing that it could be checked against.
    Nothing,
}

/// Why a second factor cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    #[error("a second factor cannot be opened: {0}")]
    Sealing(#[from] NotOpened),
    #[error("a second factor cannot be used: {0}")]
    Totp(#[from] totp_rs::TotpError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// The account.
    sub: String,
    /// A fingerprint of its password: another password ends the step.
    mark: String,
}

impl signed::Claims for Claims {
    const AUDIENCE: &'static str = "second-step";
}

/// See the module.
pub struct SecondFactors {
    sealing: Sealing,
    codes: hmac::Key,
    steps: Signed<Claims>,
    /// How apps call this server.
    issuer: String,
}

fn about(user: &str) -> String {
    format!("second factor of {user}")
}

fn mark(user: &User) -> String {
    fingerprint(&format!("{}\0{}", user.id, user.password_hash))
}

impl SecondFactors {
    /// Takes the key of this server, and how it is called.
    ///
    /// # Errors
    /// When the key is none.
    pub fn new(key: &[u8; 32], host: &str) -> Result<Self, NotOpened> {
        // One key for each purpose.
        let derived = |purpose: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key);
            hmac::sign(&key, purpose.as_bytes())
        };
        let tag = derived("seal secrets");
        let sealing: [u8; 32] = tag.as_ref().try_into().map_err(|_| NotOpened)?;
        Ok(Self {
            sealing: Sealing::new(&sealing)?,
            codes: hmac::Key::new(hmac::HMAC_SHA256, derived("recovery codes").as_ref()),
            steps: Signed::new(derived("second steps").as_ref()),
            // No colon: it separates the issuer from the account.
            issuer: host.split(':').next().unwrap_or_default().to_owned(),
        })
    }

    /// Whether signing in to an account takes more than the password.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_on(store: &Database, user: &str) -> Result<bool, StoreError> {
        let kinds = Self::kinds(store, user).await?;
        Ok(kinds.app || kinds.passkeys)
    }

    /// What it takes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn kinds(store: &Database, user: &str) -> Result<Kinds, StoreError> {
        // Every second factor has this row.
        let Some(known) = store.second_factor(user).await? else {
            return Ok(Kinds::default());
        };
        Ok(Kinds {
            app: known.confirmed_at.is_some(),
            passkeys: store.has_passkeys(user).await?,
        })
    }

    /// Begins to set one up; `None`: there is one that counts.
    ///
    /// # Errors
    /// When the store or the library fails.
    pub async fn begin(
        &self,
        store: &Database,
        user: &User,
        now: Timestamp,
    ) -> Result<Option<Setup>, SecondFactorError> {
        let bytes: [u8; 20] = rand::random();
        let sealed = self.sealing.seal(&about(&user.id), &bytes)?;
        if !store.begin_second_factor(&user.id, &sealed, now).await? {
            return Ok(None);
        }
        let account: String = user.username.replace(':', " ");
        let totp = Builder::new()
            .with_secret(Secret::new_stack(bytes))
            .with_issuer(Some(self.issuer.as_str()))
            .with_account_name(account)
            .build()?;
        Ok(Some(Setup {
            secret: totp.secret().to_base32(),
            url: totp.to_url()?,
        }))
    }

    /// The first right code: it counts from now on. Gives the recovery codes, which nobody sees again; none where there are
    /// passkeys, with which they came.
    ///
    /// # Errors
    /// What came of a code that is not right; or when the store or the library fails.
    pub async fn confirm(
        &self,
        store: &Database,
        user: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Result<Vec<String>, Checked>, SecondFactorError> {
        let known = store.second_factor(user).await?;
        let begun =
            |known: &KeptSecondFactor| known.confirmed_at.is_none() && !known.secret.is_empty();
        let Some(known) = known.filter(begun) else {
            return Ok(Err(Checked::Nothing));
        };
        match self.check_known(store, &known, code, now).await? {
            Checked::Right => {
                let codes = if store.has_passkeys(user).await? {
                    NewCodes::default()
                } else {
                    self.recovery_codes(user)
                };
                let confirmed = store.confirm_second_factor(&known, &codes.hashes, now);
                // Another one is being set up since: this code proved nothing of that.
                Ok(if confirmed.await? {
                    Ok(codes.codes)
                } else {
                    Err(Checked::Nothing)
                })
            }
            other => Ok(Err(other)),
        }
    }

    /// New recovery codes in the place of the former ones.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn new_codes(&self, store: &Database, user: &str) -> Result<Vec<String>, StoreError> {
        let codes = self.recovery_codes(user);
        store.set_recovery_codes(user, &codes.hashes).await?;
        Ok(codes.codes)
    }

    /// New ones, which are not kept yet.
    pub fn recovery_codes(&self, user: &str) -> NewCodes {
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
        let hashes = codes.iter().filter_map(|code| self.hash(user, code));
        NewCodes {
            hashes: hashes.collect(),
            codes,
        }
    }

    /// Checks a code of the app, or a recovery code.
    ///
    /// # Errors
    /// When the store or the library fails.
    pub async fn check(
        &self,
        store: &Database,
        user: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Checked, SecondFactorError> {
        let known = store.second_factor(user).await?;
        match known.filter(|known| known.confirmed_at.is_some()) {
            Some(known) => self.check_known(store, &known, code, now).await,
            None => self.check_beside_passkeys(store, user, code, now).await,
        }
    }

    /// Without an app, recovery codes are the only codes.
    async fn check_beside_passkeys(
        &self,
        store: &Database,
        user: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Checked, SecondFactorError> {
        let known = store.second_factor(user).await?;
        let Some(known) = known.filter(|known| known.confirmed_at.is_none()) else {
            return Ok(Checked::Nothing);
        };
        if !store.has_passkeys(user).await? {
            return Ok(Checked::Nothing);
        }
        if let Some(wait) = may_try(store, &known, now).await? {
            return Ok(Checked::Wait(wait));
        }
        let right = match self.hash(user, &plain(code)) {
            Some(hash) => store.use_recovery_code(user, &hash).await?,
            None => false,
        };
        Ok(if right {
            Checked::Right
        } else {
            Checked::Wrong
        })
    }

    async fn check_known(
        &self,
        store: &Database,
        known: &KeptSecondFactor,
        code: &str,
        now: Timestamp,
    ) -> Result<Checked, SecondFactorError> {
        if let Some(wait) = may_try(store, known, now).await? {
            return Ok(Checked::Wait(wait));
        }
        let code = plain(code);
        if let Some(hash) = self.hash(&known.user, &code)
            && known.confirmed_at.is_some()
        {
            let used = store.use_recovery_code(&known.user, &hash).await?;
            return Ok(if used { Checked::Right } else { Checked::Wrong });
        }
        let totp = self.totp(known)?;
        let seconds = u64::try_from(now / 1_000).unwrap_or_default();
        let Some(step) = totp.check(&code, seconds) else {
            return Ok(Checked::Wrong);
        };
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let is_first = store.accept_step(known, step).await?;
        Ok(if is_first {
            Checked::Right
        } else {
            Checked::Wrong
        })
    }

    fn totp(&self, known: &KeptSecondFactor) -> Result<Totp, SecondFactorError> {
        let secret = self.sealing.open(&about(&known.user), &known.secret)?;
        let secret: [u8; 20] = secret.try_into().map_err(|_| NotOpened)?;
        Ok(Builder::new()
            .with_secret(Secret::new_stack(secret))
            .build()?)
    }

    /// What is kept of a recovery code; `None`: it has not the form of one.
    fn hash(&self, user: &str, code: &str) -> Option<String> {
        let code: String = code
            .chars()
            .filter(|char| *char != '-')
            .map(|char| char.to_ascii_lowercase())
            .collect();
        let fits = code.len() == CODE_CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then(|| {
            let tag = hmac::sign(&self.codes, format!("{user}\0{code}").as_bytes());
            URL_SAFE_NO_PAD.encode(tag)
        })
    }

    /// Signs that somebody gave the right password of an account.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign_step(&self, user: &User, now: Timestamp) -> Result<String, SigningFailed> {
        let claims = Claims {
            sub: user.id.clone(),
            mark: mark(user),
        };
        self.steps.sign(&claims, now + millis(STEP_LIFETIME))
    }

    /// Who gave the right password, if they did so a little while ago and it is the right one still.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn verify_step(
        &self,
        store: &Database,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let Some(claims) = self.steps.verify(token, now) else {
            return Ok(None);
        };
        let user = store.user(&claims.sub).await?;
        Ok(user.filter(|user| mark(user) == claims.mark))
    }
}

/// Recovery codes, and what is kept of them.
#[derive(Default)]
pub struct NewCodes {
    pub codes: Vec<String>,
    pub hashes: Vec<String>,
}

/// Counts a try; says how long to wait where none may be made now.
///
/// # Errors
/// When the store fails.
pub(super) async fn may_try(
    store: &Database,
    known: &KeptSecondFactor,
    now: Timestamp,
) -> Result<Option<Duration>, StoreError> {
    if now < known.next_at {
        let wait = u64::try_from(known.next_at - now).unwrap_or_default();
        return Ok(Some(Duration::from_millis(wait)));
    }
    // Counted before it is looked at: many guesses at once must not all pass.
    let next_at = now + millis(wait_after(known.failures + 1));
    let counted = store.try_second_factor(known, next_at, now).await?;
    Ok((!counted).then_some(Duration::from_secs(1)))
}

/// A code as it is compared.
fn plain(code: &str) -> String {
    code.chars()
        .filter(|char| !char.is_whitespace() && *char != '-')
        .take(MAX_CODE_CHARS)
        .collect()
}

fn recovery_code() -> String {
    let mut random = rand::rng();
    let mut group = || -> String {
        (0..CODE_CHARS / 3)
            .map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]))
            .collect()
    };
    [group(), group(), group()].join("-")
}

/// How long nothing is looked at after so many wrong codes in a row.
fn wait_after(failures: i64) -> Duration {
    match failures.checked_sub(MAX_FREE) {
        Some(over) if over > 0 => {
            let doubled = MIN_WAIT.saturating_mul(1 << over.clamp(1, 16).saturating_sub(1));
            doubled.min(MAX_WAIT)
        }
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(hash: &str) -> User {
        User {
            id: "1".to_owned(),
            school: "a".to_owned(),
            username: "berta".to_owned(),
            name: "Berta".to_owned(),
            role: crate::store::UserRole::Moderator,
            password_hash: hash.to_owned(),
            email: None,
            created_at: 0,
        }
    }

    #[test]
    fn wait_after_wrong_codes_leaves_no_chance_to_try_them_all() {
        assert_eq!(wait_after(MAX_FREE), Duration::ZERO);
        assert_eq!(wait_after(MAX_FREE + 1), MIN_WAIT);
        assert_eq!(wait_after(MAX_FREE + 2), 2 * MIN_WAIT);
        assert_eq!(wait_after(1_000), MAX_WAIT);
        assert_eq!(wait_after(i64::MAX), MAX_WAIT);
    }

    #[test]
    fn recovery_code_is_kept_by_a_hash_of_its_account_and_this_server() {
        let factors = SecondFactors::new(&[7; 32], "localhost:8080").unwrap();
        let code = recovery_code();
        let hash = factors.hash("1", &code).unwrap();
        assert!(!hash.contains(&code));
        assert_eq!(factors.hash("1", &code.to_uppercase()), Some(hash.clone()));
        assert_eq!(
            factors.hash("1", &code.replace('-', "")),
            Some(hash.clone())
        );
        assert_ne!(factors.hash("2", &code), Some(hash.clone()));
        let other = SecondFactors::new(&[8; 32], "localhost").unwrap();
        assert_ne!(other.hash("1", &code), Some(hash));
        for wrong in [
            "",
            "123456",
            "aaaa-aaaa-aaa",
            "aaaa-aaaa-aaao",
            "1111-1111-1111",
        ] {
            assert_eq!(factors.hash("1", wrong), None, "{wrong}");
        }
    }

    #[test]
    fn step_of_another_password_or_server_or_hour_is_none() {
        let factors = SecondFactors::new(&[7; 32], "localhost").unwrap();
        let token = factors.sign_step(&user("one"), 0).unwrap();
        let claims = factors.steps.verify(&token, 1_000).unwrap();
        assert_eq!(claims.mark, mark(&user("one")));
        assert_ne!(claims.mark, mark(&user("two")));
        assert!(
            factors
                .steps
                .verify(&token, millis(STEP_LIFETIME))
                .is_none()
        );
        let other = SecondFactors::new(&[8; 32], "localhost").unwrap();
        assert!(other.steps.verify(&token, 0).is_none());
    }
}
