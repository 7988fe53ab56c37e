//! Sends mails, a few at a time, and tries again those that were not taken.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinSet;

use super::letter::put_together;
use super::smtp::{SmtpError, Transport, TransportError};
use super::{Mailer, SharedMailer};
use crate::clock::{Clock, Timestamp, millis};
use crate::config::{Letterhead, MailConfig};
use crate::store::{KeptMail, MailState, SharedStore, StoreError};

/// Pauses after a failed try; the last one again and again.
const PAUSES: [Duration; 6] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
    Duration::from_hours(1),
    Duration::from_hours(4),
];
/// A mail of this age is given up.
const MAX_AGE: Duration = Duration::from_hours(48);
/// A try takes at most this long.
const MAX_TRY: Duration = Duration::from_mins(3);
/// No other server tries the same mail during this time: longer than a try, so that nobody gets it twice.
const LEASE: Duration = Duration::from_mins(5);
/// How often we look for what is due.
const INTERVAL: Duration = Duration::from_secs(2);
/// Connections at a time; mail servers permit few.
const MAX_TRIES: usize = 4;
/// Due mails that a round reads.
const MAX_DUE: u64 = 50;
/// How long the outcome of a mail is kept, without its content.
const SENT_KEPT: Duration = Duration::from_hours(7 * 24);
const FAILED_KEPT: Duration = Duration::from_hours(30 * 24);

/// What a try needs.
struct Sender {
    mailer: SharedMailer,
    store: SharedStore,
    clock: Arc<dyn Clock>,
    letterhead: Letterhead,
    transport: Transport,
}

/// Checks what it takes to send, without sending.
///
/// # Errors
/// When TLS for the mail server cannot be set up.
pub fn check(config: &MailConfig) -> Result<(), TransportError> {
    match config {
        MailConfig::Show => Ok(()),
        MailConfig::Smtp(smtp, letterhead) => {
            Transport::new(smtp, letterhead, "localhost").map(|_| ())
        }
    }
}

/// Runs for as long as the server does. Where no mail is sent it ends at once.
///
/// # Errors
/// When TLS for the mail server cannot be set up.
pub fn run(
    mailer: &SharedMailer,
    store: &SharedStore,
    clock: &Arc<dyn Clock>,
) -> Result<(), TransportError> {
    let Some(MailConfig::Smtp(smtp, letterhead)) = &mailer.route else {
        return Ok(());
    };
    let host = mailer.host().split(':').next().unwrap_or("localhost");
    let transport = Transport::new(smtp, letterhead, host)?;
    let letterhead = Letterhead::clone(letterhead);
    let (mailer, store, clock) = (Arc::downgrade(mailer), store.clone(), clock.clone());
    tokio::spawn(follow(mailer, move |mailer| {
        Arc::new(Sender {
            mailer,
            store: store.clone(),
            clock: clock.clone(),
            letterhead: letterhead.clone(),
            transport: transport.clone(),
        })
    }));
    Ok(())
}

async fn follow(mailer: Weak<Mailer>, sender: impl Fn(SharedMailer) -> Arc<Sender>) {
    let mut tries: JoinSet<Result<(), StoreError>> = JoinSet::new();
    while let Some(strong) = mailer.upgrade() {
        let sender = sender(strong);
        if let Err(error) = fill(&sender, &mut tries).await {
            tracing::warn!(%error, "mails wait for the store");
            tokio::time::sleep(INTERVAL).await;
        }
        tokio::select! {
            Some(ended) = tries.join_next() => note(ended),
            () = sender.mailer.notify.notified() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
        while let Some(ended) = tries.try_join_next() {
            note(ended);
        }
    }
}

fn note(ended: Result<Result<(), StoreError>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "what became of a mail is not stored"),
        Err(error) => tracing::warn!(%error, "a try to send a mail broke off"),
    }
}

/// Begins what is due, as far as there is room for it.
async fn fill(
    sender: &Arc<Sender>,
    tries: &mut JoinSet<Result<(), StoreError>>,
) -> Result<(), StoreError> {
    if tries.len() >= MAX_TRIES {
        return Ok(());
    }
    let now = sender.clock.now();
    for mut mail in sender.store.due_mails(now, MAX_DUE).await? {
        if tries.len() >= MAX_TRIES {
            return Ok(());
        }
        let until = now + millis(LEASE);
        if sender.store.lease_mail(&mut mail, until).await? {
            let sender = sender.clone();
            tries.spawn(async move { attempt(&sender, mail, until).await });
        }
    }
    Ok(())
}

async fn attempt(
    sender: &Sender,
    mut mail: KeptMail,
    leased_until: Timestamp,
) -> Result<(), StoreError> {
    let outcome = tokio::time::timeout(MAX_TRY, send(sender, &mail)).await;
    let outcome = outcome.unwrap_or_else(|_| {
        Err(SmtpError {
            status: None,
            reason: "the mail server took too long".to_owned(),
            is_final: false,
        })
    });
    settle(&mut mail, outcome, sender.clock.now());
    if mail.state == MailState::Failed {
        let (id, kind) = (&mail.id, &mail.kind);
        tracing::warn!(%id, %kind, status = mail.last_status, "a mail is given up");
    }
    sender.store.update_mail(&mail, leased_until).await?;
    Ok(())
}

async fn send(sender: &Sender, mail: &KeptMail) -> Result<(), SmtpError> {
    let failed = |reason: String| SmtpError {
        status: None,
        reason,
        is_final: true,
    };
    let content = sender.mailer.open(mail);
    let (language, written) = content
        .map_err(|error| failed(error.to_string()))?
        .ok_or_else(|| failed("its content is gone".to_owned()))?;
    let letter = put_together(
        &sender.letterhead,
        &sender.mailer.public_url,
        (&mail.id, &mail.recipient),
        (language, &written),
    );
    let letter = letter.map_err(|error| failed(error.to_string()))?;
    sender.transport.send(letter).await
}

/// Notes what came of a try.
fn settle(mail: &mut KeptMail, outcome: Result<(), SmtpError>, now: Timestamp) {
    mail.attempts += 1;
    mail.last_at = Some(now);
    let pause = PAUSES[(mail.attempts as usize - 1).min(PAUSES.len() - 1)];
    let over = |mail: &mut KeptMail, state, kept: Duration| {
        mail.state = state;
        mail.content = None;
        mail.due_at = None;
        mail.expires_at = Some(now + millis(kept));
    };
    match outcome {
        Ok(()) => {
            mail.last_status = None;
            mail.last_error = None;
            over(mail, MailState::Sent, SENT_KEPT);
        }
        Err(error) => {
            mail.last_status = error.status;
            mail.last_error = Some(error.reason);
            let next_at = now + millis(pause);
            if error.is_final || next_at > mail.created_at + millis(MAX_AGE) {
                over(mail, MailState::Failed, FAILED_KEPT);
            } else {
                mail.due_at = Some(next_at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> KeptMail {
        KeptMail {
            id: "1".to_owned(),
            school: None,
            user: None,
            kind: "password_reset".to_owned(),
            recipient: "berta@school.example".to_owned(),
            content: Some("sealed".to_owned()),
            urgency: 1,
            state: MailState::Waiting,
            attempts: 0,
            last_status: None,
            last_error: None,
            last_at: None,
            due_at: Some(0),
            created_at: 0,
            expires_at: None,
        }
    }

    fn refused(is_final: bool) -> Result<(), SmtpError> {
        Err(SmtpError {
            status: Some(451),
            reason: "try again later".to_owned(),
            is_final,
        })
    }

    #[test]
    fn mail_that_is_not_taken_is_tried_for_two_days_with_growing_pauses() {
        let (mut mail, mut tried) = (mail(), Vec::new());
        while let Some(due_at) = mail.due_at {
            tried.push(due_at);
            settle(&mut mail, refused(false), due_at);
        }
        assert_eq!(mail.state, MailState::Failed);
        assert_eq!(mail.content, None);
        assert_eq!(mail.last_error.as_deref(), Some("try again later"));
        let pauses: Vec<i64> = tried.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(pauses.is_sorted(), "{pauses:?}");
        assert_eq!(pauses[0], 60_000);
        let last = tried.last().copied().unwrap();
        assert!(
            last <= millis(MAX_AGE) && last > millis(MAX_AGE / 2),
            "{last}"
        );
    }

    #[test]
    fn mail_that_was_refused_or_sent_is_over_and_its_content_gone() {
        for (outcome, state) in [
            (refused(true), MailState::Failed),
            (Ok(()), MailState::Sent),
        ] {
            let mut mail = mail();
            settle(&mut mail, outcome, 5);
            assert_eq!((mail.state, mail.due_at), (state, None));
            assert_eq!(mail.content, None);
            assert!(mail.expires_at.is_some());
        }
    }
}
