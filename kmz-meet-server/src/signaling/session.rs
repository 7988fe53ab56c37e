//! One participant's WebSocket from its first message to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use kmz_meet_core::conference::{Outgoing, OutgoingKind};
use kmz_meet_core::signal::{ClientMessage, ErrorCode, RefusalReason, ServerMessage};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::connection::{Connection, Frame, Heard, Over};
use super::frame::PagesAround;
use super::join::{Attempt, JoinRequest, JoinedConnection, Outcome, try_to_enter};
use super::sender::Sender;
use super::state::Signaling;
use super::upgrade::Upgrade;
use super::waiting_room::{Step, WaitingRoom};
use crate::auth::{Device, MaybeSession, origin_permitted};
use crate::edge::Activity;
use crate::http::Problem;
use crate::limits::ClientAddress;
use crate::limits::waiting::MIN_ANSWER_DELAY;
use crate::limits::waiting_sockets::{NoPlace, Waiting};

/// A client has this long to say where it wants to go.
const MAX_FIRST_MESSAGE: Duration = Duration::from_secs(10);
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// Upgrades a request to a WebSocket.
pub async fn connect(
    State(app): State<Signaling>,
    MaybeSession(session): MaybeSession,
    Device(device): Device,
    address: ClientAddress,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    upgrade: Upgrade,
) -> Response {
    if !origin_permitted(&app.public_url, &headers) {
        return Problem::foreign_origin().into_response();
    }
    let activity = upgrade.activity.clone();
    upgrade.then(move |socket| async move {
        let now = Instant::now();
        let sender = Sender {
            app,
            session,
            device,
            address,
            connected_at: now,
            around: query.as_deref().and_then(PagesAround::read),
        };
        let mut session = Session {
            sender,
            connection: Connection::new(socket, now),
            activity,
            has_joined: false,
            knock: None,
        };
        let _ = session.run().await;
    })
}

struct Session {
    sender: Sender,
    connection: Connection,
    /// What the server's edge knows of the connection.
    activity: Option<Arc<Activity>>,
    /// Until the person has joined, messages are short.
    has_joined: bool,
    /// The place in a lobby of somebody who is not told that they are there: the client sees a room with nothing to enter.
    knock: Option<JoinedConnection>,
}

/// How a wait ended.
enum Arrived {
    Joined(JoinedConnection),
    /// The person does not come in, and was told so.
    Gone,
}

/// What wakes a session that waits.
enum Event {
    Frame(Frame),
    Knock(KnockAnswer),
    /// A conference started, or the server stops.
    Started,
    /// Another connection got this one's place.
    GivenAway,
    Ping,
    Time,
}

impl Session {
    async fn run(&mut self) -> Result<(), Over> {
        let Ok(first) = timeout(MAX_FIRST_MESSAGE, self.first_request()).await else {
            return self
                .connection
                .close(CloseCode::Policy, "say join first")
                .await;
        };
        let request = first?;
        // From here on the limits count the sender; before, this could have been anybody's thousandth connection.
        if let Some(activity) = &self.activity {
            activity.stays();
        }
        let arrived = self.arrive(request).await;
        self.give_up_knocking().await;
        match arrived? {
            Arrived::Joined(joined) => self.stay(joined).await,
            Arrived::Gone => Ok(()),
        }
    }

    async fn give_up_knocking(&mut self) {
        if let Some(knock) = self.knock.take() {
            knock.conference.gone(knock.connection).await;
        }
    }

    async fn first_request(&mut self) -> Result<JoinRequest, Over> {
        loop {
            let frame = self.connection.frame().await;
            match self.connection.read(frame).await? {
                Heard::Message(message) => match self.join_request(message).await? {
                    Some(request) => return Ok(request),
                    None => self.connection.send_error(ErrorCode::NotJoined).await?,
                },
                Heard::Nothing => {}
            }
        }
    }

    /// The join request in a message; `None` for another message.
    async fn join_request(&mut self, message: ClientMessage) -> Result<Option<JoinRequest>, Over> {
        let Some(request) = self.sender.request(message).await else {
            return Ok(None);
        };
        // Sent first, because a person who is refused needs it most. It tells nothing about the room.
        let ticket = request.ticket();
        if let Some(url) = ticket.and_then(|ticket| ticket.return_url.clone()) {
            self.connection
                .send(&ServerMessage::ReturnUrl { url })
                .await?;
        }
        Ok(Some(request))
    }

    /// Tries until the person is in or refused. Waits while there is nothing to enter.
    async fn arrive(&mut self, mut request: JoinRequest) -> Result<Arrived, Over> {
        let app = self.sender.app.clone();
        let mut attempt = Attempt::default();
        let mut starts = app.conferences.starts();
        let mut place = None;
        let mut room = WaitingRoom::new(Instant::now());
        // The first tick of an interval that begins now comes with the next millisecond; nobody who comes in waits for that.
        let mut pings = pings(tokio::time::Instant::now() + PING_INTERVAL);
        loop {
            match room.next(Instant::now()) {
                Step::Try => {
                    starts.borrow_and_update();
                    match try_to_enter(&app, &request, &mut attempt).await {
                        Ok(Outcome::Joined(joined)) => return Ok(Arrived::Joined(joined)),
                        Ok(Outcome::Refused(reason)) => {
                            // As late as 'nothing here', so that its delay does not tell what was looked up.
                            sleep_until((request.said_at + MIN_ANSWER_DELAY).into()).await;
                            return self.refuse(reason).await;
                        }
                        Ok(Outcome::Knocking(knock)) => {
                            self.knock = Some(knock);
                            room.knocks();
                        }
                        Ok(Outcome::TooEarly(again)) => room.too_early(again),
                        Ok(Outcome::Nothing) => {}
                        Err(error) => {
                            tracing::warn!(%error, "a join request cannot be decided on");
                            return self.come_again().await;
                        }
                    }
                    if !room.has_answer() {
                        let held_back = app
                            .waiting_limits
                            .hold_back(&request.visitor, Instant::now());
                        room.answer_at(request.said_at + held_back);
                    }
                    if place.is_none() {
                        match app.waiting_limits.sockets.wait(&request.visitor) {
                            Ok(taken) => place = Some(taken),
                            Err(reason) => return self.no_place(reason, &room).await,
                        }
                    }
                }
                Step::Tell => self.connection.send(&ServerMessage::Waiting).await?,
                Step::ComeAgain => {
                    let again = self.connection.close(CloseCode::Again, "wait again");
                    return again.await.map(|()| Arrived::Gone);
                }
                Step::Wait(until) => {
                    match self
                        .event(&mut starts, place.as_ref(), &mut pings, until)
                        .await
                    {
                        Event::Frame(frame) => match self.connection.read(frame).await? {
                            Heard::Message(ClientMessage::Ping) => {
                                self.connection.send(&ServerMessage::Pong).await?;
                            }
                            Heard::Message(ClientMessage::Leave | ClientMessage::Away) => {
                                return Ok(Arrived::Gone);
                            }
                            Heard::Message(message) => {
                                let Some(next) = self.join_request(message).await? else {
                                    self.connection.send_error(ErrorCode::NotJoined).await?;
                                    continue;
                                };
                                self.give_up_knocking().await;
                                if let Some(at) = room.owed_at() {
                                    sleep_until(at.into()).await;
                                }
                                request = next;
                                attempt = Attempt::default();
                                room.asked_anew();
                            }
                            Heard::Nothing => {}
                        },
                        Event::Knock(KnockAnswer::Admitted(message)) => {
                            if let Some(knock) = self.knock.take() {
                                let first = Some(message);
                                return Ok(Arrived::Joined(JoinedConnection { first, ..knock }));
                            }
                        }
                        Event::Knock(KnockAnswer::TurnedAway) => {
                            self.give_up_knocking().await;
                            room.turned_away();
                        }
                        Event::Knock(KnockAnswer::Over) => {
                            self.knock = None;
                            room.lobby_closed();
                        }
                        Event::Knock(KnockAnswer::Nothing) | Event::Time => {}
                        Event::Started => room.conference_started(),
                        Event::GivenAway => return self.come_again().await,
                        Event::Ping => self.connection.ping().await?,
                    }
                }
            }
        }
    }

    async fn event(
        &mut self,
        starts: &mut watch::Receiver<u64>,
        place: Option<&Waiting<'_>>,
        pings: &mut Interval,
        until: Instant,
    ) -> Event {
        tokio::select! {
            frame = self.connection.frame() => Event::Frame(frame),
            answer = knock_answer(&mut self.knock) => Event::Knock(answer),
            () = given_away(place) => Event::GivenAway,
            _ = starts.changed() => Event::Started,
            () = sleep_until(until.into()) => Event::Time,
            _ = pings.tick() => Event::Ping,
        }
    }

    /// Answers a request for which there is no place to wait.
    async fn no_place(&mut self, reason: NoPlace, room: &WaitingRoom) -> Result<Arrived, Over> {
        if let Some(at) = room.owed_at() {
            // An answer at once would tell how long the room was looked for.
            sleep_until(at.into()).await;
        }
        match reason {
            NoPlace::OfPerson => self.refuse(RefusalReason::TooManyAttempts).await,
            NoPlace::OfOthers => self.come_again().await,
        }
    }

    /// Tells the client to come again: others need this place, or have all of them.
    async fn come_again(&mut self) -> Result<Arrived, Over> {
        self.connection.send_error(ErrorCode::Busy).await?;
        let closed = self.connection.close(CloseCode::Again, "try again later");
        closed.await.map(|()| Arrived::Gone)
    }

    async fn refuse(&mut self, reason: RefusalReason) -> Result<Arrived, Over> {
        let message = ServerMessage::Refused { reason };
        self.connection.send(&message).await?;
        let closed = self.connection.close(CloseCode::Normal, "refused");
        closed.await.map(|()| Arrived::Gone)
    }

    /// Serves the connection while its person is in the conference or the lobby.
    async fn stay(&mut self, mut joined: JoinedConnection) -> Result<(), Over> {
        let outcome = self.talk(&mut joined).await;
        joined.conference.gone(joined.connection).await;
        outcome
    }

    async fn talk(&mut self, joined: &mut JoinedConnection) -> Result<(), Over> {
        let mut pings = pings(tokio::time::Instant::now());
        // Before `joined`: by this the client decides what it tells the page around.
        if let Some(own) = joined.own_frame {
            self.connection.send(&ServerMessage::Framed { own }).await?;
        }
        if let Some(message) = joined.first.take() {
            self.pass_on(&message).await?;
        }
        loop {
            tokio::select! {
                message = joined.reader.next() => match message {
                    Some(message) => self.pass_on(&message).await?,
                    None => return self.connection.close(CloseCode::Normal, "over").await,
                },
                frame = self.connection.frame() => {
                    if let Heard::Message(message) = self.connection.read(frame).await? {
                        joined.conference.say(joined.connection, message).await;
                    }
                }
                _ = pings.tick() => self.connection.ping().await?,
            }
        }
    }

    /// Sends a message of the conference. `joined` permits the client longer messages.
    async fn pass_on(&mut self, message: &Outgoing) -> Result<(), Over> {
        if !self.has_joined && message.kind() == OutgoingKind::Joined {
            self.has_joined = true;
            self.connection.permit_long_messages();
        }
        self.connection.send_text(message.text().into()).await
    }
}

/// When a connection is asked whether it is there, from this moment on.
fn pings(from: tokio::time::Instant) -> Interval {
    let mut pings = interval_at(from, PING_INTERVAL);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings
}

/// What happened to a knock of which the client knows nothing.
enum KnockAnswer {
    /// Admitted, by this message.
    Admitted(Outgoing),
    TurnedAway,
    /// The conference has ended.
    Over,
    Nothing,
}

/// Waits until another connection gets this place; for ever without a place.
async fn given_away(place: Option<&Waiting<'_>>) {
    match place {
        Some(place) => place.gives_way().await,
        None => std::future::pending().await,
    }
}

/// Waits for the answer to the knock; for ever without one.
async fn knock_answer(knock: &mut Option<JoinedConnection>) -> KnockAnswer {
    let Some(knock) = knock else {
        return std::future::pending().await;
    };
    let Some(message) = knock.reader.next().await else {
        return KnockAnswer::Over;
    };
    match message.kind() {
        OutgoingKind::Joined => KnockAnswer::Admitted(message),
        OutgoingKind::Refused(RefusalReason::Ended) => KnockAnswer::Over,
        OutgoingKind::Refused(_) => KnockAnswer::TurnedAway,
        _ => KnockAnswer::Nothing,
    }
}
