//! One participant's WebSocket from its first message to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use kmz_meet_core::conference::{Outgoing, OutgoingKind};
use kmz_meet_core::signal::{ClientMessage, ErrorCode, RefusalReason, ServerMessage};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::connection::{Connection, Frame, Heard, Over};
use super::frame::PagesAround;
use super::join::{
    Attempt, JoinRequest, JoinedConnection, Outcome, SeatClaim, Token, try_to_enter,
};
use super::upgrade::{Socket, Upgrade};
use super::waiting_room::{Step, WaitingRoom};
use crate::auth::{Device, MaybeSession, OwnSession, origin_permitted};
use crate::credentials::TicketRole;
use crate::edge::Activity;
use crate::http::Problem;
use crate::integrations::jitsi::{self, JitsiToken};
use crate::limits::ClientAddress;
use crate::limits::limit_key::{LimitKey, Person};
use crate::limits::waiting::MIN_ANSWER_DELAY;
use crate::limits::waiting_sockets::{NoPlace, Waiting};
use crate::state::AppState;
use crate::user_id::UserId;

/// A client has this long to say where it wants to go.
const MAX_FIRST_MESSAGE: Duration = Duration::from_secs(10);
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// Upgrades to a WebSocket.
pub async fn connect(
    State(app): State<AppState>,
    MaybeSession(signed_in): MaybeSession,
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
        let mut session = Session::new(app, socket, signed_in, device, address);
        session.around = query.as_deref().and_then(PagesAround::read);
        session.activity = activity;
        let _ = session.run().await;
    })
}

struct Session {
    app: AppState,
    connection: Connection,
    signed_in: Option<OwnSession>,
    device: Option<String>,
    address: ClientAddress,
    connected_at: Instant,
    /// In a frame: the pages around it.
    around: Option<PagesAround>,
    /// Of the connection.
    activity: Option<Arc<Activity>>,
    /// Until then messages are short.
    has_joined: bool,
    /// In the lobby without being told so: to the client it looks as if there were nothing to enter.
    knock: Option<JoinedConnection>,
}

/// How a wait ended.
enum Arrived {
    Joined(JoinedConnection),
    /// The person is not coming in, and was told so.
    Gone,
}

/// What ends a wait before its time.
enum Event {
    Frame(Frame),
    Knock(KnockAnswer),
    /// A conference started, or there is nothing that could start any more.
    Started,
    /// Another socket got the place of this one.
    GivenAway,
    Ping,
    Time,
}

impl Session {
    fn new(
        app: AppState,
        socket: Socket,
        signed_in: Option<OwnSession>,
        device: Option<String>,
        address: ClientAddress,
    ) -> Self {
        let now = Instant::now();
        Self {
            app,
            connection: Connection::new(socket, now),
            signed_in,
            device,
            address,
            around: None,
            activity: None,
            connected_at: now,
            has_joined: false,
            knock: None,
        }
    }

    async fn run(&mut self) -> Result<(), Over> {
        let Ok(first) = timeout(MAX_FIRST_MESSAGE, self.first_request()).await else {
            return self
                .connection
                .close(CloseCode::Policy, "say join first")
                .await;
        };
        let request = first?;
        // From here on others count who it is; until now it could be anybody's thousandth.
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

    /// The request in a message; `None` where it is another one.
    async fn join_request(&mut self, message: ClientMessage) -> Result<Option<JoinRequest>, Over> {
        let ClientMessage::Join {
            room,
            name,
            password,
            seat,
            token,
        } = message
        else {
            return Ok(None);
        };
        let said_at = Instant::now();
        let token = match &token {
            Some(token) => self.token(token, &room).await,
            None => Token::Absent,
        };
        // Before anything else: whoever is turned away needs it most. It tells nothing about the room.
        if let Token::Valid(ticket) = &token
            && let Some(url) = ticket.return_url.clone()
        {
            self.connection
                .send(&ServerMessage::ReturnUrl { url })
                .await?;
        }
        let seat = self.seat(seat.as_deref());
        Ok(Some(JoinRequest {
            visitor: self.visitor(&token, &seat),
            said_at,
            room,
            name,
            password: password.filter(|password| !password.is_empty()),
            seat,
            token,
            session: self.signed_in.clone(),
            around: self.around.clone(),
            device: self.device.clone(),
        }))
    }

    /// Whom limits count: by account, ticket or seat if that is sure, else by browser.
    fn visitor(&self, token: &Token, seat: &SeatClaim) -> LimitKey {
        let user = match token {
            Token::Valid(ticket) => person_of(ticket.role, ticket.unidentified, &ticket.user),
            Token::Jitsi(pass) => person_of(pass.role, pass.unidentified, &pass.user),
            Token::Refused(_) => None,
            Token::Absent => self.signed_in.as_ref().map(|own| own.user.id.clone()),
        };
        let of_seat = || match seat {
            SeatClaim::Of { participant, .. } => Some(Person::Seat(participant.0.clone())),
            SeatClaim::Absent | SeatClaim::Invalid => None,
        };
        let device = self.device.as_ref();
        let now = self.app.clock.now();
        let known_for = device.map(|device| self.app.devices.age(device, now));
        let person = user.map(Person::User).or_else(of_seat);
        LimitKey {
            address: self.address.group(),
            person: person.or_else(|| device.cloned().map(Person::Device)),
            known_for: known_for.unwrap_or_default(),
            connected: self.connected_at,
        }
    }

    fn seat(&self, seat: Option<&str>) -> SeatClaim {
        let Some(seat) = seat else {
            return SeatClaim::Absent;
        };
        match self.app.seats.verify(seat, self.app.clock.now()) {
            Some((conference, participant)) => SeatClaim::Of {
                conference,
                participant,
            },
            None => SeatClaim::Invalid,
        }
    }

    /// What a token says: one of our own, or one that a registered app made.
    async fn token(&mut self, token: &str, room: &str) -> Token {
        if let Some(ticket) = self.app.tickets.verify(token, self.app.clock.now()) {
            return Token::Valid(ticket);
        }
        match jitsi::verify(&self.app, token, room).await {
            Ok(JitsiToken::Valid(pass)) => Token::Jitsi(pass),
            Ok(JitsiToken::NotYet) => Token::Refused(RefusalReason::NotYet),
            Ok(JitsiToken::Disputed) => Token::Refused(RefusalReason::Disputed),
            Ok(JitsiToken::Wrong) => Token::Refused(RefusalReason::BadSeat),
            Err(error) => {
                tracing::warn!(%error, "a token cannot be looked up");
                Token::Refused(RefusalReason::BadSeat)
            }
        }
    }

    /// Until the person is in, or is not coming in. Waits where there is nothing to enter yet.
    async fn arrive(&mut self, mut request: JoinRequest) -> Result<Arrived, Over> {
        let app = self.app.clone();
        let mut attempt = Attempt::default();
        let mut starts = app.conferences.starts();
        let mut place = None;
        let mut room = WaitingRoom::new(Instant::now());
        let mut pings = pings();
        // The first one comes at once.
        pings.tick().await;
        loop {
            match room.next(Instant::now()) {
                Step::Try => {
                    starts.borrow_and_update();
                    match try_to_enter(&app, &request, &mut attempt).await {
                        Ok(Outcome::Joined(joined)) => return Ok(Arrived::Joined(joined)),
                        Ok(Outcome::Refused(reason)) => {
                            // As late as 'nothing here', so that it does not tell what had to be looked up.
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

    /// There is no place to wait.
    async fn no_place(&mut self, reason: NoPlace, room: &WaitingRoom) -> Result<Arrived, Over> {
        if let Some(at) = room.owed_at() {
            // Said at once it would tell how long the room was looked for.
            sleep_until(at.into()).await;
        }
        match reason {
            NoPlace::OfPerson => self.refuse(RefusalReason::TooManyAttempts).await,
            NoPlace::OfOthers => self.come_again().await,
        }
    }

    /// Others need this place, or have all of them. The client comes again by itself.
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

    /// In the conference or its lobby.
    async fn stay(&mut self, mut joined: JoinedConnection) -> Result<(), Over> {
        let outcome = self.talk(&mut joined).await;
        joined.conference.gone(joined.connection).await;
        outcome
    }

    async fn talk(&mut self, joined: &mut JoinedConnection) -> Result<(), Over> {
        let mut pings = pings();
        // Before `joined`: the client decides by it what the page around is told.
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

    /// Sends what the conference says. Who is told that they are in may say more.
    async fn pass_on(&mut self, message: &Outgoing) -> Result<(), Over> {
        if !self.has_joined && message.kind() == OutgoingKind::Joined {
            self.has_joined = true;
            self.connection.permit_long_messages();
        }
        self.connection.send_text(message.text().into()).await
    }
}

/// The person whom a signed claim names, where it is sure that it is one.
fn person_of(role: TicketRole, unidentified: bool, user: &UserId) -> Option<String> {
    let is_one = matches!(role, TicketRole::Moderator | TicketRole::Member);
    (is_one && !unidentified).then(|| user.clone().into())
}

fn pings() -> Interval {
    let mut pings = interval(PING_INTERVAL);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings
}

/// What became of someone who is in the lobby without being told so.
enum KnockAnswer {
    /// In, by this message.
    Admitted(Outgoing),
    TurnedAway,
    /// The conference has ended.
    Over,
    Nothing,
}

/// When another socket got the place of this one; never without a place.
async fn given_away(place: Option<&Waiting<'_>>) {
    match place {
        Some(place) => place.gives_way().await,
        None => std::future::pending().await,
    }
}

/// Waits for ever where nobody knocks.
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
