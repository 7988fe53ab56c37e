//! Lists of teachers of the demo: a file to import, and one that came sealed, with the operator's key that opens it.

use age::secrecy::{ExposeSecret, SecretString};
use age::x25519::Identity;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::parts::{DemoError, DemoParts};
use crate::credentials::new_password;
use crate::data_dir::DEMO_LIST;
use crate::drops::{self, NewKey, NotInvited, Unsealed};
use crate::secrets::write_private;
use crate::store::{DropState, OperatorKey, School, User};

/// Rows of both kinds, as offices write them; one address is there twice, and one is none.
const LIST: &str = "\
Anrede;Vorname;Nachname;E-Mail
Frau;Emilia;Musterfrau;emilia.musterfrau@demoschule.example
Herr;Friedrich;Mustermann;friedrich.mustermann@demoschule.example
Frau Dr.;Gülay;Exempel-Öztürk;guelay.exempel@demoschule.example
Herr;Hans;Beispielhaft;hans.beispielhaft(at)demoschule.example
Frau;Ida;Vorlage;ida.vorlage@demoschule.example
Frau;Ida;Vorlage;ida.vorlage@demoschule.example
;Jona;Probe;jona.probe@demoschule.example
";
const SEALED_NAME: &str = "Kollegium der Demoschule.csv";
const SEALED_LIST: &str = "\
Vorname;Nachname;E-Mail
Karla;Muster;karla.muster@demoschule.example
Levin;Muster;levin.muster@demoschule.example
Mira;Muster;mira.muster@demoschule.example
";
const KEY_LABEL: &str = "Schlüssel der Demo";
/// Of scrypt, as a power of two. The passphrase has 80 random bits, and stands beside the database.
const WORK_FACTOR: u8 = 14;
/// Sealed lists that are looked through for one that waits.
const MAX_SEEN: u64 = 200;
/// What is inside has such a length, so that it tells little about the list.
const PADDING: usize = 1024;

/// The key of the demo's operator in `demo.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DemoOperatorKey {
    pub id: String,
    /// As the console shows it.
    pub label: String,
    /// Opens its private half.
    pub passphrase: String,
}

/// Writes the file to import; gives its path.
pub(super) fn to_import(app: &DemoParts) -> std::io::Result<String> {
    let path = app.config.data_dir.join(DEMO_LIST);
    if !path.exists() {
        write_private(&path, LIST.as_bytes())?;
    }
    let path = path.canonicalize().unwrap_or(path);
    Ok(path.display().to_string())
}

/// The key that the file names as long as it is there, and a list that is sealed to it, unless one waits. `None`: the operator
/// has as many keys as may be active, and none of them is the demo's.
pub(super) async fn sealed(
    app: &DemoParts,
    school: &School,
    operator: &User,
    former: Option<DemoOperatorKey>,
) -> Result<Option<DemoOperatorKey>, DemoError> {
    let keys = app.store.operator_keys().await?;
    let of_file = |key: &DemoOperatorKey| keys.iter().find(|one| one.id == key.id).cloned();
    let kept = former.and_then(|former| Some((of_file(&former)?, former)));
    let known = match kept {
        Some(kept) => Some(kept),
        None => new_key(app, operator).await?,
    };
    let Some((key, told)) = known else {
        return Ok(None);
    };
    // Nothing new is sealed to a key that the operator retired.
    if key.retired_at.is_none() {
        hand_over(app, school, operator, &key).await?;
    }
    Ok(Some(told))
}

/// `None`: no further key may be active.
async fn new_key(
    app: &DemoParts,
    operator: &User,
) -> Result<Option<(OperatorKey, DemoOperatorKey)>, DemoError> {
    let passphrase = new_password();
    let secret = Identity::generate();
    let recipient = secret.to_public().to_string();
    let protecting = {
        let passphrase = SecretString::from(passphrase.clone());
        move || {
            let mut lock = age::scrypt::Recipient::new(passphrase);
            lock.set_work_factor(WORK_FACTOR);
            age::encrypt(&lock, secret.to_string().expose_secret().as_bytes())
        }
    };
    let identity = tokio::task::spawn_blocking(protecting).await;
    let identity = identity.map_err(|_| DemoError::Sealing)?;
    let identity = identity.map_err(|_| DemoError::Sealing)?;
    let new = NewKey {
        label: KEY_LABEL,
        recipient: &recipient,
        identity: &STANDARD.encode(identity),
    };
    let added = drops::add_key(&app.store, app.clock.now(), &operator.id, new).await?;
    let Ok(key) = added else {
        return Ok(None);
    };
    let told = DemoOperatorKey {
        id: key.id.clone(),
        label: KEY_LABEL.to_owned(),
        passphrase,
    };
    Ok(Some((key, told)))
}

/// As a secretary's browser does it (`web/src/lib/sealed/`), unless a sealed list of the school waits for this key.
async fn hand_over(
    app: &DemoParts,
    school: &School,
    operator: &User,
    key: &OperatorKey,
) -> Result<(), DemoError> {
    let (store, now) = (&app.store, app.clock.now());
    let there = store.sealed_drops(now, None, MAX_SEEN).await?;
    let waits = there.iter().any(|drop| {
        drop.school == school.id && drop.state == DropState::Sealed && drop.keys.contains(&key.id)
    });
    if waits {
        return Ok(());
    }
    let drop = match drops::invite(store, now, &operator.id, school).await {
        Ok((drop, _)) => drop,
        Err(NotInvited::Store(error)) => return Err(error.into()),
        // There are many links already, or nobody wants one: the demo goes on without another.
        Err(NotInvited::Bound(_) | NotInvited::NoContract | NotInvited::NoKey) => return Ok(()),
    };
    let recipient: age::x25519::Recipient =
        key.recipient.parse().map_err(|_| DemoError::Sealing)?;
    let packed = packed(SEALED_NAME, SEALED_LIST.as_bytes());
    let ciphertext = age::encrypt(&recipient, &packed).map_err(|_| DemoError::Sealing)?;
    let keys = std::slice::from_ref(&key.id);
    // The `age` crate adds a stanza for nobody, which `seal` refuses.
    match drops::keep(store, now, &drop, (&ciphertext, keys)).await {
        // Refused: somebody was faster, or too much lies here.
        Ok(()) | Err(Unsealed::Refused(_)) => Ok(()),
        Err(Unsealed::Unfit(_)) => Err(DemoError::Sealing),
        Err(Unsealed::Store(error)) => Err(error.into()),
    }
}

/// A file with its name, as `container.ts` lays it out: the length of the head, the head, the content, zeros.
fn packed(name: &str, content: &[u8]) -> Vec<u8> {
    let head = json!({"kind": "file", "name": name, "size": content.len()}).to_string();
    let length = u32::try_from(head.len()).unwrap_or_default();
    let mut packed = length.to_be_bytes().to_vec();
    packed.extend_from_slice(head.as_bytes());
    packed.extend_from_slice(content);
    packed.resize(packed.len().next_multiple_of(PADDING), 0);
    packed
}
