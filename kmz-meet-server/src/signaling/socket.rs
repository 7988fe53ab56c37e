//! One WebSocket from its first message to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use kmz_meet_core::signal::{ClientMessage, ErrorCode, RefusalReason, ServerMessage};
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::door::{Inside, Outcome, try_door};
use super::frame::PagesAround;
use super::join_request::Visit;
use super::upgrade::{Socket, Upgrade};
use crate::auth::{Device, MaybeSession, OwnSession, origin_permitted};
use crate::credentials::{Ticket, TicketRole};
use crate::edge::Activity;
use crate::http::Problem;
use crate::integrations::jitsi::{JitsiToken, jitsi_ticket};
use crate::limits::ClientAddress;
use crate::limits::messages::{Limit, Verdict};
use crate::limits::visitor::{Person, Visitor};
use crate::limits::waiting::EARLIEST;
use crate::limits::waiting_sockets::{NoPlace, Waiting};
use crate::state::AppState;

/// A client has this long to say where it wants to go.
const FIRST_MESSAGE: Duration = Duration::from_secs(10);
/// A client that takes longer to take a message does not read.
const SEND: Duration = Duration::from_secs(10);
const PING: Duration = Duration::from_secs(10);
/// Nothing heard for this long, not even an answer to a ping: the connection is dead.
const SILENT: Duration = Duration::from_secs(30);
/// Who waits is tried again at the latest after this time; a start is noticed at once.
const TRY_AGAIN: Duration = Duration::from_secs(10);
/// Longest that someone waits for a conference to start by one connection.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// How the message begins by which a client hears that it is in.
const JOINED: &str = r#"{"type":"joined","#;

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

/// The connection is over; there is nobody to be told why.
struct Over;

/// What a client's frame was.
enum Heard {
    Message(ClientMessage),
    /// Nothing to act upon: a ping, or something that was answered already.
    Nothing,
}

struct Session {
    app: AppState,
    socket: Socket,
    signed_in: Option<OwnSession>,
    device: Option<String>,
    address: ClientAddress,
    connected: Instant,
    /// In a frame: the pages around it.
    around: Option<PagesAround>,
    /// Of the connection.
    activity: Option<Arc<Activity>>,
    limit: Limit,
    heard: Instant,
    /// Until then messages are short.
    has_joined: bool,
    /// In the lobby without being told so: to the client it looks as if there were nothing to enter.
    knock: Option<Inside>,
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
            socket,
            signed_in,
            device,
            address,
            around: None,
            activity: None,
            connected: now,
            limit: Limit::new(now),
            heard: now,
            has_joined: false,
            knock: None,
        }
    }

    async fn run(&mut self) -> Result<(), Over> {
        let Ok(first) = timeout(FIRST_MESSAGE, self.join()).await else {
            return self.close(CloseCode::Policy, "say join first").await;
        };
        let mut visit = first?;
        // From here on others count who it is; until now it could be anybody's thousandth.
        if let Some(activity) = &self.activity {
            activity.stays();
        }
        let arrived = self.arrive(&mut visit).await;
        self.give_up_knocking().await;
        match arrived? {
            Some(inside) => self.inside(inside).await,
            None => Ok(()),
        }
    }

    async fn give_up_knocking(&mut self) {
        if let Some(knock) = self.knock.take() {
            knock.conference.gone(knock.connection).await;
        }
    }

    /// The first message.
    async fn join(&mut self) -> Result<Visit, Over> {
        loop {
            let frame = self.socket.next().await;
            match self.read(frame).await? {
                Heard::Message(message) => match self.visit(message).await? {
                    Some(visit) => return Ok(visit),
                    None => {
                        self.send(&ServerMessage::Error {
                            code: ErrorCode::NotJoined,
                        })
                        .await?;
                    }
                },
                Heard::Nothing => {}
            }
        }
    }

    async fn visit(&mut self, message: ClientMessage) -> Result<Option<Visit>, Over> {
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
        let said = Instant::now();
        let read = match &token {
            Some(token) => self.ticket(token, &room).await,
            None => JitsiToken::Wrong,
        };
        let (ticket, no_ticket) = match read {
            JitsiToken::Ticket(ticket) => (Some(ticket), RefusalReason::BadSeat),
            JitsiToken::NotYet => (None, RefusalReason::NotYet),
            JitsiToken::Disputed => (None, RefusalReason::Disputed),
            JitsiToken::Wrong => (None, RefusalReason::BadSeat),
        };
        // Before anything else: whoever is turned away needs it most. It tells nothing about the room.
        if let Some(url) = ticket.as_ref().and_then(|ticket| ticket.leave.clone()) {
            self.send(&ServerMessage::WayBack { url }).await?;
        }
        let visitor = self.visitor(ticket.as_ref(), token.is_some(), seat.as_deref());
        Ok(Some(Visit {
            visitor,
            said,
            moment: None,
            room,
            name,
            password: password.filter(|password| !password.is_empty()),
            seat,
            ticket,
            no_ticket,
            token,
            signed_in: self.signed_in.clone(),
            around: self.around.clone(),
            own_frame: false,
            device: self.device.clone(),
            counted: false,
            suspicious: false,
        }))
    }

    /// Whom limits count: by account, ticket or seat if that is sure, else by browser.
    fn visitor(&self, ticket: Option<&Ticket>, has_token: bool, seat: Option<&str>) -> Visitor {
        let (app, now) = (&self.app, self.app.clock.now());
        let of_ticket = |ticket: &Ticket| {
            let is_one = matches!(ticket.role, TicketRole::Moderator | TicketRole::Member);
            (is_one && !ticket.anonymous).then(|| ticket.user.clone())
        };
        let user = match ticket {
            Some(ticket) => of_ticket(ticket),
            None if has_token => None,
            None => self.signed_in.as_ref().map(|own| own.user.id.clone()),
        };
        let of_seat = || {
            let (_, participant) = app.seats.verify(seat?, now)?;
            Some(Person::Seat(participant.0))
        };
        let device = self.device.as_ref();
        let known_for = device.map(|device| app.devices.age(device, now));
        let person = user.map(Person::User).or_else(of_seat);
        Visitor {
            address: self.address.group(),
            person: person.or_else(|| device.cloned().map(Person::Device)),
            known_for: known_for.unwrap_or_default(),
            connected: self.connected,
        }
    }

    /// What a token says: one of our own, or one that a registered app made.
    async fn ticket(&mut self, token: &str, room: &str) -> JitsiToken {
        if let Some(ticket) = self.app.tickets.verify(token, self.app.clock.now()) {
            return JitsiToken::Ticket(ticket);
        }
        jitsi_ticket(&self.app, token, room)
            .await
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "a token cannot be looked up");
                JitsiToken::Wrong
            })
    }

    /// Until the person is in, or is not coming in. Waits where there is nothing to enter yet.
    async fn arrive(&mut self, visit: &mut Visit) -> Result<Option<Inside>, Over> {
        let app = self.app.clone();
        let mut starts = app.conferences.starts();
        let mut place = None;
        // What is told to the client of this attempt, and when.
        let mut told = false;
        let mut tell_at: Option<Instant> = None;
        // Turned away by a moderator: not tried again, and answered as before.
        let mut turned_away = false;
        let until = Instant::now() + LONGEST_WAIT;
        loop {
            starts.borrow_and_update();
            let mut try_again = Instant::now() + TRY_AGAIN;
            if self.knock.is_none() && !turned_away {
                let too_early = visit.too_early(&app, Instant::now());
                let outcome = match too_early {
                    Some(moment) => {
                        try_again = try_again.min(moment);
                        Ok(Outcome::Nothing)
                    }
                    None => try_door(&app, visit).await,
                };
                match outcome {
                    Ok(Outcome::Inside(inside)) => return Ok(Some(inside)),
                    Ok(Outcome::Refused(reason)) => {
                        // As late as 'nothing here', so that it does not tell what had to be looked up.
                        sleep_until((visit.said + EARLIEST).into()).await;
                        return self.refuse(reason).await;
                    }
                    Ok(Outcome::Knocking(inside)) => self.knock = Some(inside),
                    Ok(Outcome::Nothing) => {}
                    Err(error) => {
                        tracing::warn!(%error, "an arrival cannot be decided on");
                        return self.come_again().await;
                    }
                }
            }
            if !told && tell_at.is_none() {
                let held_back = app.throttle.hold_back(&visit.visitor, Instant::now());
                tell_at = Some(visit.said + held_back);
            }
            if place.is_none() {
                let waiting = app.throttle.waiting.wait(&visit.visitor);
                if waiting.is_err()
                    && let Some(at) = tell_at
                {
                    // Said at once it would tell how long the room was looked for.
                    sleep_until(at.into()).await;
                }
                place = match waiting {
                    Ok(place) => Some(place),
                    Err(NoPlace::OfPerson) => {
                        return self.refuse(RefusalReason::TooManyAttempts).await;
                    }
                    Err(NoPlace::OfOthers) => return self.come_again().await,
                };
            }
            let mut ping = interval(PING);
            ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ping.tick().await;
            let again = tokio::time::Instant::from_std(try_again);
            loop {
                let telling = tell_at
                    .filter(|_| !told)
                    .map_or(again, tokio::time::Instant::from_std);
                tokio::select! {
                    frame = self.socket.next() => {
                        // Another attempt before the answer to the last one would get round the holding back.
                        if let Heard::Message(message) = self.read(frame).await? {
                            match message {
                                ClientMessage::Ping => self.send(&ServerMessage::Pong).await?,
                                ClientMessage::Leave | ClientMessage::Away => return Ok(None),
                                message => if let Some(next) = self.visit(message).await? {
                                    self.give_up_knocking().await;
                                    if !told && let Some(at) = tell_at {
                                        sleep_until(at.into()).await;
                                    }
                                    *visit = next;
                                    told = false;
                                    tell_at = None;
                                    turned_away = false;
                                    break;
                                } else {
                                    self.send(&ServerMessage::Error { code: ErrorCode::NotJoined }).await?;
                                },
                            }
                        }
                    }
                    heard = answer_to(&mut self.knock) => match heard {
                        Knocked::Admitted(text) => {
                            return Ok(self.knock.take().map(|inside| Inside { first: Some(text), ..inside }));
                        }
                        Knocked::TurnedAway => {
                            self.give_up_knocking().await;
                            turned_away = true;
                        }
                        Knocked::Over => {
                            self.knock = None;
                            break;
                        }
                        Knocked::Nothing => {}
                    },
                    () = sleep_until(telling), if !told => {
                        told = true;
                        self.send(&ServerMessage::Waiting).await?;
                    }
                    () = given_away(place.as_ref()) => return self.come_again().await,
                    _ = starts.changed() => break,
                    () = sleep_until(again), if told => break,
                    _ = ping.tick() => self.ping().await?,
                }
                if Instant::now() >= until {
                    // Whoever is still there comes again by themselves, and waits on.
                    self.close(CloseCode::Again, "wait again").await?;
                    return Ok(None);
                }
            }
        }
    }

    /// Others need this place, or have all of them. The client comes again by itself.
    async fn come_again<T>(&mut self) -> Result<Option<T>, Over> {
        let code = ErrorCode::Busy;
        self.send(&ServerMessage::Error { code }).await?;
        self.close(CloseCode::Again, "try again later").await?;
        Ok(None)
    }

    async fn refuse<T>(&mut self, reason: RefusalReason) -> Result<Option<T>, Over> {
        self.send(&ServerMessage::Refused { reason }).await?;
        self.close(CloseCode::Normal, "refused").await?;
        Ok(None)
    }

    /// In the conference or its lobby.
    async fn inside(&mut self, mut inside: Inside) -> Result<(), Over> {
        let outcome = self.talk(&mut inside).await;
        inside.conference.gone(inside.connection).await;
        outcome
    }

    async fn talk(&mut self, inside: &mut Inside) -> Result<(), Over> {
        let mut ping = interval(PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Before `joined`: the client decides by it what the page around is told.
        if let Some(own) = inside.own_frame {
            self.send(&ServerMessage::Framed { own }).await?;
        }
        if let Some(text) = inside.first.take() {
            self.has_joined(&text);
            self.send_text(text.as_ref().into()).await?;
        }
        loop {
            tokio::select! {
                message = inside.reader.next() => match message {
                    Some(text) => {
                        self.has_joined(&text);
                        self.send_text(text.as_ref().into()).await?;
                    }
                    None => return self.close(CloseCode::Normal, "over").await,
                },
                frame = self.socket.next() => {
                    if let Heard::Message(message) = self.read(frame).await? {
                        inside.conference.say(inside.connection, message).await;
                    }
                }
                _ = ping.tick() => self.ping().await?,
            }
        }
    }

    /// Who is told that they are in may say more.
    fn has_joined(&mut self, told: &str) {
        if !self.has_joined && told.starts_with(JOINED) {
            self.has_joined = true;
            self.socket.get_mut().permit_long();
        }
    }

    async fn read(&mut self, frame: Option<Result<Message, Error>>) -> Result<Heard, Over> {
        let Some(Ok(frame)) = frame else {
            // A frame beyond the limit ends here too: it was never read.
            return Err(Over);
        };
        let now = Instant::now();
        self.heard = now;
        // Every frame counts: a flood of pings costs as much as one of messages.
        match self.limit.message(now) {
            Verdict::Take => {}
            Verdict::Drop { tell } => {
                if tell {
                    self.send(&ServerMessage::Error {
                        code: ErrorCode::TooFast,
                    })
                    .await?;
                }
                return Ok(Heard::Nothing);
            }
            Verdict::Disconnect => {
                self.close(CloseCode::Policy, "too many messages").await?;
                return Err(Over);
            }
        }
        match frame {
            Message::Close(_) => return Err(Over),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(Heard::Nothing),
            // The parser itself limits the depth, and takes no field twice.
            Message::Text(text) => {
                if let Ok(message) = serde_json::from_str(text.as_str()) {
                    return Ok(Heard::Message(message));
                }
            }
            Message::Binary(_) => {}
        }
        self.send(&ServerMessage::Error {
            code: ErrorCode::BadMessage,
        })
        .await?;
        Ok(Heard::Nothing)
    }

    async fn ping(&mut self) -> Result<(), Over> {
        if self.heard.elapsed() > SILENT {
            return Err(Over);
        }
        self.deliver(Message::Ping(axum::body::Bytes::new())).await
    }

    async fn send(&mut self, message: &ServerMessage) -> Result<(), Over> {
        let text = serde_json::to_string(message).map_err(|_| Over)?;
        self.send_text(text).await
    }

    async fn send_text(&mut self, text: String) -> Result<(), Over> {
        self.deliver(Message::Text(text.into())).await
    }

    async fn deliver(&mut self, message: Message) -> Result<(), Over> {
        match timeout(SEND, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Over),
        }
    }

    async fn close(&mut self, code: CloseCode, reason: &'static str) -> Result<(), Over> {
        self.deliver(Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })))
        .await
    }
}

/// What became of someone who is in the lobby without being told so.
enum Knocked {
    /// In, by this message.
    Admitted(Arc<str>),
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
async fn answer_to(knock: &mut Option<Inside>) -> Knocked {
    let Some(knock) = knock else {
        return std::future::pending().await;
    };
    let Some(text) = knock.reader.next().await else {
        return Knocked::Over;
    };
    match serde_json::from_str(&text) {
        Ok(ServerMessage::Joined { .. }) => Knocked::Admitted(text),
        Ok(ServerMessage::Refused {
            reason: RefusalReason::Ended,
        }) => Knocked::Over,
        Ok(ServerMessage::Refused { .. }) => Knocked::TurnedAway,
        _ => Knocked::Nothing,
    }
}
