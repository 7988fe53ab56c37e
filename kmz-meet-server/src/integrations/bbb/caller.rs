//! Who calls, by the checksum: whose secret made it.

use super::checksum::{Signed, Trial};
use super::query::Query;
use super::rewritten;
use super::state::Meetings;
use super::xml::Failure;
use crate::credentials::bbb_secret;
use crate::limits::ClientAddress;

/// Who calls: found out by the checksum.
pub(super) struct Caller {
    pub(super) school: String,
    /// Id of the secret that was used.
    pub(super) secret: String,
}

/// What was sent, apart from the call's name.
pub(super) struct Sent {
    /// With the checksum.
    pub(super) parameters: String,
    pub(super) is_form: bool,
    /// The body names a presentation.
    pub(super) presents: bool,
    pub(super) from: ClientAddress,
}

/// Whose secret made the checksum.
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
        // BigBlueButton itself takes forms in this form only; many clients sign what they send.
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
    // This costs next to nothing, however long the call is: who is right is never refused for what others at the address do.
    if let Some(caller) = whose(&trials) {
        return Ok(caller);
    }
    // What a browser or a proxy wrote anew on the way has to be guessed.
    let guessed = || {
        let forms = rewritten::likely(&signed.query).into_iter();
        let trials = forms.filter_map(|query| Signed { query, ..*signed }.of_call(call));
        whose(&trials.collect::<Vec<Trial>>())
    };
    let (from, length) = (sent.from.group(), sent.parameters.len());
    let guessed = app.in_turn.run(from, length, guessed).await?;
    guessed.ok_or_else(Failure::checksum)
}
