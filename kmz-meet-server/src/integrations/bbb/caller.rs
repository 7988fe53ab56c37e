//! Finds the caller by the checksum: the school whose secret made it.

use super::checksum::{Signed, Trial};
use super::query::Query;
use super::rewritten;
use super::state::Meetings;
use super::xml::Failure;
use crate::credentials::bbb_secret;
use crate::limits::ClientAddress;

/// The caller, as the checksum tells.
pub(super) struct Caller {
    pub(super) school: String,
    /// The id of the secret that made the checksum.
    pub(super) secret: String,
}

/// A call without its name.
pub(super) struct Sent {
    /// The parameters with the checksum.
    pub(super) parameters: String,
    pub(super) is_form: bool,
    /// The body names a presentation.
    pub(super) presents: bool,
    pub(super) from: ClientAddress,
}

/// Finds the school whose secret made the checksum.
pub(super) async fn caller(
    app: &Meetings,
    call: &str,
    signed: &Signed<'_>,
    sent: &Sent,
) -> Result<Caller, Failure> {
    let mut trials: Vec<Trial> = signed.of_call(call).into_iter().collect();
    if trials.is_empty() {
        return Err(Failure::checksum());
    }
    if sent.is_form {
        // BigBlueButton itself accepts the checksum of this form only; many clients sign what they send.
        let canonical = Query::canonical(&signed.query);
        let canonical = canonical.map(|query| Signed { query, ..*signed });
        trials.extend(canonical.and_then(|signed| signed.of_call(call)));
    }
    let secrets = app.bbb_secrets.all().await?;
    let now = app.clock.now();
    let whose = |trials: &[Trial]| {
        let fits = |secret: &str| trials.iter().any(|trial| trial.fits(secret));
        let secret = secrets
            .iter()
            .find(|secret| bbb_secret::holds(secret, now) && fits(&secret.data.secret))?;
        Some(Caller {
            school: secret.school.clone()?,
            secret: secret.id.clone(),
        })
    };
    // This costs next to nothing, however long the call is. A right checksum is never refused because of others at the address.
    if let Some(caller) = whose(&trials) {
        return Ok(caller);
    }
    // If a browser or a proxy rewrote the query on the way, the original has to be guessed.
    let guessed = || {
        let forms = rewritten::likely(&signed.query).into_iter();
        let trials = forms.filter_map(|query| Signed { query, ..*signed }.of_call(call));
        whose(&trials.collect::<Vec<Trial>>())
    };
    let (from, length) = (sent.from.group(), sent.parameters.len());
    let guessed = app.in_turn.run(from, length, guessed).await?;
    guessed.ok_or_else(Failure::checksum)
}
