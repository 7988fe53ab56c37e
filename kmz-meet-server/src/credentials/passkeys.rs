//! Passkeys (WebAuthn, <https://www.w3.org/TR/webauthn-3/>) as a second factor: what browsers are asked, and whether their
//! answers are right.
//!
//! A challenge is for one account and one purpose, valid for five minutes, in memory, and over when an answer to it came.
//! Wrong answers count as wrong codes do.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::{AllowedCredentials, AuthenticationVerificationOptions};
use webauthn_rp::request::register::{
    Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle, Username,
};
use webauthn_rp::request::{
    AsciiDomain, Credentials, PublicKeyCredentialDescriptor, RpId, UserVerificationRequirement,
};
use webauthn_rp::response::auth::error::AuthCeremonyErr;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, NonDiscoverableAuthentication,
    NonDiscoverableAuthenticationServerState, NonDiscoverableCredentialRequestOptions,
    PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use super::second_factor::{Checked, may_try};
use crate::clock::{Timestamp, millis};
use crate::store::{Database, KeptPasskey, StoreError, User};

/// Passkeys of one account: a key, a spare one, some computers.
pub const MAX_PASSKEYS: u64 = 5;
/// Longest name of one, in characters.
pub const MAX_PASSKEY_NAME_CHARS: usize = 60;
/// How long a browser may take to answer.
const CHALLENGE_LIFETIME: Duration = Duration::from_mins(5);
/// Challenges of one account that wait for an answer; a new one ends the oldest.
const MAX_CHALLENGES_OF_ACCOUNT: usize = 4;
/// Of all accounts.
const MAX_CHALLENGES: usize = 10_000;
/// The bytes by which authenticators know an account.
const HANDLE_BYTES: usize = 32;

type Handle = UserHandle<HANDLE_BYTES>;
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// What an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The second step of signing in.
    SignIn,
    /// Something that takes both factors, by somebody who is signed in.
    Proof,
}

/// Why no browser is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    #[error("this server is reached by an IP address, and passkeys are bound to names")]
    NoName,
    #[error("the account has no passkey, or as many as it may have")]
    Number,
    #[error("too many others are being asked")]
    NoRoom,
    #[error("the account, or what is kept of its passkeys, does not fit into a question")]
    Unusable,
}

/// What came of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asserted {
    Checked(Checked),
    /// The signature counter went back: there may be a copy of the authenticator.
    CountedBack,
}

enum State {
    Registration(RegistrationServerState<HANDLE_BYTES>),
    Assertion(Purpose, NonDiscoverableAuthenticationServerState),
}

struct Challenge {
    value: u128,
    until: Timestamp,
    state: State,
}

/// See the module.
pub struct Passkeys {
    /// `None`: there are none at an IP address.
    rp: Option<RpId>,
    /// The only origin whose answers count.
    origin: String,
    challenges: Mutex<HashMap<String, Vec<Challenge>>>,
}

impl Passkeys {
    /// Takes the origin of the pages, and the host in it.
    pub fn new(origin: &str, host: &str) -> Self {
        let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
        let domain = AsciiDomain::try_from(host.to_owned()).ok();
        Self {
            rp: domain.filter(|_| !is_address).map(RpId::Domain),
            origin: origin.to_owned(),
            challenges: Mutex::default(),
        }
    }

    /// Whether there are passkeys at this server.
    pub fn are_possible(&self) -> bool {
        self.rp.is_some()
    }

    /// Asks for a new passkey: gives a `PublicKeyCredentialCreationOptionsJSON`.
    ///
    /// # Errors
    /// Why nobody is asked.
    pub fn ask_to_register(
        &self,
        user: &User,
        kept: &[KeptPasskey],
        now: Timestamp,
    ) -> Result<Value, NotAsked> {
        let rp = self.rp.as_ref().ok_or(NotAsked::NoName)?;
        if kept.len() as u64 >= MAX_PASSKEYS {
            return Err(NotAsked::Number);
        }
        let handle = handle(user)?;
        let name = Username::try_from(user.username.as_str());
        let entity = PublicKeyCredentialUserEntity {
            // A name in a form that authenticators do not know is not shown there.
            name: name
                .or_else(|_| Username::try_from("account"))
                .map_err(|_| NotAsked::Unusable)?,
            id: &handle,
            display_name: Nickname::try_from(user.name.as_str()).ok(),
        };
        let known = kept.iter().map(descriptor).collect::<Result<_, _>>()?;
        let mut options = PublicKeyCredentialCreationOptions::second_factor(rp, entity, known);
        options.authenticator_selection.user_verification = UserVerificationRequirement::Preferred;
        let value = options.challenge.as_data();
        let (state, question) = options.start_ceremony().map_err(|_| NotAsked::Unusable)?;
        let question = serde_json::to_value(&question).map_err(|_| NotAsked::Unusable)?;
        self.keep(user, value, State::Registration(state), now)?;
        Ok(question)
    }

    /// A new passkey, if the answer is right.
    pub fn register(
        &self,
        user: &User,
        name: &str,
        answer: &Value,
        now: Timestamp,
    ) -> Option<KeptPasskey> {
        let answer = serde_json::to_vec(answer).ok()?;
        let answer = Registration::from_json_relaxed(&answer).ok()?;
        let challenge = answer.challenge_relaxed().ok()?;
        let State::Registration(state) = self.take(user, challenge.0, now)? else {
            return None;
        };
        let origins = [self.origin.as_str()];
        let options = RegistrationVerificationOptions::<'_, '_, &str, &str> {
            allowed_origins: &origins,
            // Security keys tell what nobody asked.
            error_on_unsolicited_extensions: false,
            ..Default::default()
        };
        let credential = state.verify(self.rp.as_ref()?, &answer, &options).ok()?;
        Some(KeptPasskey {
            id: uuid::Uuid::now_v7().to_string(),
            user: user.id.clone(),
            credential_id: URL_SAFE_NO_PAD.encode(credential.id()),
            name: name.to_owned(),
            transports: credential.transports().encode().ok()?,
            public_key: URL_SAFE_NO_PAD.encode(credential.static_state().encode().ok()?),
            state: URL_SAFE_NO_PAD.encode(credential.dynamic_state().encode().ok()?),
            created_at: now,
            used_at: None,
        })
    }

    /// Asks for one of the passkeys of an account: gives a `PublicKeyCredentialRequestOptionsJSON`.
    ///
    /// # Errors
    /// Why nobody is asked.
    pub fn ask(
        &self,
        purpose: Purpose,
        user: &User,
        kept: &[KeptPasskey],
        now: Timestamp,
    ) -> Result<Value, NotAsked> {
        let rp = self.rp.as_ref().ok_or(NotAsked::NoName)?;
        let mut allowed = AllowedCredentials::with_capacity(kept.len());
        for passkey in kept {
            allowed.push(descriptor(passkey)?.into());
        }
        let options = NonDiscoverableCredentialRequestOptions::second_factor(rp, allowed);
        let mut options = options.map_err(|_| NotAsked::Number)?;
        options.options().user_verification = UserVerificationRequirement::Preferred;
        let value = options.options().challenge.as_data();
        let (state, question) = options.start_ceremony().map_err(|_| NotAsked::Unusable)?;
        let question = serde_json::to_value(&question).map_err(|_| NotAsked::Unusable)?;
        self.keep(user, value, State::Assertion(purpose, state), now)?;
        Ok(question)
    }

    /// Checks an answer, and uses its challenge up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn check(
        &self,
        store: &Database,
        purpose: Purpose,
        user: &User,
        answer: &Value,
        now: Timestamp,
    ) -> Result<Asserted, StoreError> {
        let kept = store.passkeys_of(&user.id).await?;
        let known = store.second_factor(&user.id).await?;
        let Some(known) = known.filter(|_| !kept.is_empty()) else {
            return Ok(Asserted::Checked(Checked::Nothing));
        };
        if let Some(wait) = may_try(store, &known, now).await? {
            return Ok(Asserted::Checked(Checked::Wait(wait)));
        }
        let right = match self.verify(purpose, user, &kept, answer, now) {
            Verified::Right(passkey, state) => store.use_passkey(&passkey, &state, now).await?,
            Verified::Wrong => false,
            Verified::CountedBack => return Ok(Asserted::CountedBack),
        };
        Ok(Asserted::Checked(if right {
            Checked::Right
        } else {
            Checked::Wrong
        }))
    }

    fn verify(
        &self,
        purpose: Purpose,
        user: &User,
        kept: &[KeptPasskey],
        answer: &Value,
        now: Timestamp,
    ) -> Verified {
        let verified = || -> Option<Verified> {
            let answer = serde_json::to_vec(answer).ok()?;
            let answer =
                NonDiscoverableAuthentication::<HANDLE_BYTES>::from_json_relaxed(&answer).ok()?;
            let challenge = answer.challenge_relaxed().ok()?;
            let state = match self.take(user, challenge.0, now)? {
                State::Assertion(of, state) if of == purpose => state,
                _ => return None,
            };
            let id = URL_SAFE_NO_PAD.encode(answer.raw_id());
            let passkey = kept.iter().find(|passkey| passkey.credential_id == id)?;
            let handle = handle(user).ok()?;
            let id = URL_SAFE_NO_PAD.decode(&passkey.credential_id).ok()?;
            let public_key = URL_SAFE_NO_PAD.decode(&passkey.public_key).ok()?;
            let dynamic = URL_SAFE_NO_PAD.decode(&passkey.state).ok()?;
            let mut credential = AuthenticatedCredential::new(
                CredentialId::<&[u8]>::decode(id.as_slice()).ok()?,
                &handle,
                StaticState::<PublicKey>::decode(public_key.as_slice()).ok()?,
                DynamicState::decode(dynamic.try_into().ok()?).ok()?,
            )
            .ok()?;
            let origins = [self.origin.as_str()];
            let options = AuthenticationVerificationOptions::<'_, '_, &str, &str> {
                allowed_origins: &origins,
                error_on_unsolicited_extensions: false,
                ..Default::default()
            };
            match state.verify(self.rp.as_ref()?, &answer, &mut credential, &options) {
                Ok(_) => {
                    let state = credential.dynamic_state().encode().ok()?;
                    let state = URL_SAFE_NO_PAD.encode(state);
                    Some(Verified::Right(Box::new(passkey.clone()), state))
                }
                Err(AuthCeremonyErr::SignatureCounter) => Some(Verified::CountedBack),
                Err(_) => None,
            }
        };
        verified().unwrap_or(Verified::Wrong)
    }

    fn challenges(&self) -> MutexGuard<'_, HashMap<String, Vec<Challenge>>> {
        self.challenges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, user: &User, value: u128, state: State, now: Timestamp) -> Result<(), NotAsked> {
        let mut all = self.challenges();
        if all.values().map(Vec::len).sum::<usize>() >= MAX_CHALLENGES {
            all.retain(|_, of_account| {
                of_account.retain(|one| one.until > now);
                !of_account.is_empty()
            });
            if all.values().map(Vec::len).sum::<usize>() >= MAX_CHALLENGES {
                return Err(NotAsked::NoRoom);
            }
        }
        let of_account = all.entry(user.id.clone()).or_default();
        of_account.retain(|one| one.until > now);
        if of_account.len() >= MAX_CHALLENGES_OF_ACCOUNT {
            of_account.remove(0);
        }
        of_account.push(Challenge {
            value,
            until: now + millis(CHALLENGE_LIFETIME),
            state,
        });
        Ok(())
    }

    /// Whoever answers has one try.
    fn take(&self, user: &User, value: u128, now: Timestamp) -> Option<State> {
        let mut all = self.challenges();
        let of_account = all.get_mut(&user.id)?;
        let at = of_account.iter().position(|one| one.value == value)?;
        let challenge = of_account.remove(at);
        if of_account.is_empty() {
            all.remove(&user.id);
        }
        (challenge.until > now).then_some(challenge.state)
    }
}

enum Verified {
    /// With what is to be kept of it from now on.
    Right(Box<KeptPasskey>, String),
    Wrong,
    CountedBack,
}

/// It says nothing of a person, and is the same for all passkeys of an account.
fn handle(user: &User) -> Result<Handle, NotAsked> {
    let hash = digest::digest(
        &digest::SHA256,
        format!("passkeys of {}", user.id).as_bytes(),
    );
    let bytes: [u8; HANDLE_BYTES] = hash.as_ref().try_into().map_err(|_| NotAsked::Unusable)?;
    Handle::decode(bytes).map_err(|_| NotAsked::Unusable)
}

fn descriptor(passkey: &KeptPasskey) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, NotAsked> {
    let id = URL_SAFE_NO_PAD.decode(&passkey.credential_id).ok();
    let id = id.and_then(|id| CredentialId::<Vec<u8>>::decode(id).ok());
    Ok(PublicKeyCredentialDescriptor {
        id: id.ok_or(NotAsked::Unusable)?,
        transports: AuthTransports::decode(passkey.transports).map_err(|_| NotAsked::Unusable)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: usize) -> User {
        User {
            id: format!("id-{id}"),
            school: "a".to_owned(),
            username: "berta".to_owned(),
            name: "Berta".to_owned(),
            role: crate::store::UserRole::Moderator,
            password_hash: "x".to_owned(),
            email: None,
            created_at: 0,
        }
    }

    fn waiting(passkeys: &Passkeys) -> usize {
        passkeys.challenges().values().map(Vec::len).sum()
    }

    #[test]
    fn question_at_an_address_is_none() {
        for host in ["192.0.2.1", "[2001:db8::1]"] {
            let passkeys = Passkeys::new(&format!("https://{host}"), host);
            let asked = passkeys.ask_to_register(&user(1), &[], 0);
            assert_eq!(asked.unwrap_err(), NotAsked::NoName);
            assert!(!passkeys.are_possible());
        }
        assert!(Passkeys::new("https://meet.example", "meet.example").are_possible());
    }

    #[test]
    fn questions_that_wait_are_bounded_by_account_and_as_a_whole() {
        let passkeys = Passkeys::new("https://meet.example", "meet.example");
        for _ in 0..MAX_CHALLENGES_OF_ACCOUNT + 3 {
            passkeys.ask_to_register(&user(0), &[], 0).unwrap();
        }
        assert_eq!(waiting(&passkeys), MAX_CHALLENGES_OF_ACCOUNT);
        for account in 1..=MAX_CHALLENGES - MAX_CHALLENGES_OF_ACCOUNT {
            passkeys.ask_to_register(&user(account), &[], 1).unwrap();
        }
        let more = user(MAX_CHALLENGES);
        let asked = passkeys.ask_to_register(&more, &[], 1);
        assert_eq!(asked.unwrap_err(), NotAsked::NoRoom);
        // What is over makes room.
        let later = millis(CHALLENGE_LIFETIME);
        passkeys.ask_to_register(&more, &[], later).unwrap();
        assert_eq!(
            waiting(&passkeys),
            MAX_CHALLENGES - MAX_CHALLENGES_OF_ACCOUNT + 1
        );
    }

    #[test]
    fn question_says_nothing_of_the_account_but_its_names() {
        let passkeys = Passkeys::new("https://meet.example:8443", "meet.example");
        let question = passkeys.ask_to_register(&user(7), &[], 0).unwrap();
        assert_eq!(question["rp"]["id"], "meet.example");
        assert_eq!(question["user"]["displayName"], "Berta");
        let handle = URL_SAFE_NO_PAD.decode(question["user"]["id"].as_str().unwrap());
        assert_eq!(handle.unwrap().len(), HANDLE_BYTES);
        assert!(!question.to_string().contains("id-7"));
        // The same for each passkey of an account, and another one for others.
        let again = passkeys.ask_to_register(&user(7), &[], 0).unwrap();
        assert_eq!(again["user"], question["user"]);
        assert_ne!(again["challenge"], question["challenge"]);
        let other = passkeys.ask_to_register(&user(8), &[], 0).unwrap();
        assert_ne!(other["user"]["id"], question["user"]["id"]);
    }
}
