//! A headless participant: joins over the real signalling, publishes test media and counts what it receives.
//!
//! It is made of the `webrtc` crate and says what a browser says, so what works for it works through every layer of the
//! server. It decodes nothing: its media only looks like Opus and VP8 (see [`Media`]).
//!
//! ```no_run
//! # async fn example() -> Result<(), kmz_meet_core::client::ClientError> {
//! use kmz_meet_core::client::{Client, Media, Options, Video, Voice};
//! use kmz_meet_core::signal::Source;
//!
//! let client = Client::join("http://localhost:8080", Options::guest("mutiger-dachs-lomi-katu-reno", "Robot")).await?;
//! client.publish(Source::Microphone, Media::Voice(Voice::talking())).await?;
//! client.publish(Source::Camera, Media::Video(Video::camera())).await?;
//! tokio::time::sleep(std::time::Duration::from_secs(10)).await;
//! println!("{:?}", client.counts().await);
//! client.leave().await;
//! # Ok(())
//! # }
//! ```

mod codecs;
mod counts;
mod key_frames;
mod media;
mod options;
mod peer;
mod publisher;
mod receive;
mod sdp;
mod session;
mod signalling;
mod stamp;
mod state;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, broadcast, mpsc, oneshot, watch};
use webrtc::peer_connection::RTCPeerConnectionState;

pub use counts::{Counts, Histogram, Sequence, SlotCounts};
pub use media::{Layer, Media, Video, Voice};
pub use options::{ClientError, MediaOptions, Options, PacketWatch};
pub use receive::{Slot, SlotsBySsrc};
/// The RTCP packets of [`Client::send_rtcp`].
pub use rtc::rtcp;
pub use session::{sign_in, sign_out};
pub use stamp::{STAMP_LENGTH, Stamp, clock};
pub use state::{Slots, Status, View};
/// The crate underneath, for [`MediaOptions::runtime`].
pub use webrtc;

use crate::signal::{ClientMessage, ParticipantId, ServerMessage, Source, Tile};
use peer::Peer;
use publisher::Publisher;
use signalling::Incoming;

/// How long the server may take for an answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a connection may take from answer to media.
const CONNECTING: Duration = Duration::from_secs(10);
/// Messages that a slow reader of [`Client::events`] may be behind before it loses some.
const EVENTS: usize = 1_024;

/// A participant without a screen. Dropping it closes its connections without saying goodbye, as a crash would.
pub struct Client {
    outbox: mpsc::UnboundedSender<ClientMessage>,
    shared: Arc<Shared>,
    media: AsyncMutex<Option<Peer>>,
    publishers: Mutex<HashMap<Source, Publisher>>,
    options: MediaOptions,
    loopback: bool,
}

/// What the reading task and the client both use.
struct Shared {
    view: Mutex<View>,
    status: watch::Sender<Status>,
    events: broadcast::Sender<Arc<ServerMessage>>,
    answer: Mutex<Option<oneshot::Sender<Result<String, ClientError>>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is locked here is left half changed by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    /// Comes in and starts media: returns when packets can flow. Waits as long as the person is kept in the lobby.
    ///
    /// # Errors
    /// When the server cannot be reached, does not admit the person, or media does not connect.
    pub async fn join(base: &str, options: Options) -> Result<Self, ClientError> {
        let client = Self::enter(base, options).await?;
        client.admitted().await?;
        client.start_media().await?;
        client.connected().await?;
        Ok(client)
    }

    /// Asks to come in and returns at once; [`Self::status`] and [`Self::admitted`] tell what became of it.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn enter(base: &str, options: Options) -> Result<Self, ClientError> {
        let (outbox, inbox) = signalling::open(base, options.cookie.as_deref()).await?;
        let shared = Arc::new(Shared {
            view: Mutex::default(),
            status: watch::Sender::new(Status::Entering),
            events: broadcast::Sender::new(EVENTS),
            answer: Mutex::default(),
        });
        tokio::spawn(read(inbox, shared.clone()));
        let client = Self {
            outbox,
            shared,
            media: AsyncMutex::default(),
            publishers: Mutex::default(),
            options: options.media,
            loopback: is_loopback(base),
        };
        client.say(ClientMessage::Join {
            room: options.room,
            name: options.name,
            password: options.password,
            seat: options.seat,
            token: options.token,
        })?;
        Ok(client)
    }

    /// Waits until the person is inside.
    ///
    /// # Errors
    /// When it is final that they do not come in.
    pub async fn admitted(&self) -> Result<(), ClientError> {
        let mut status = self.shared.status.subscribe();
        let status = status
            .wait_for(|status| *status == Status::Inside || status.is_final())
            .await
            .map_err(|_| ClientError::Over)?;
        match &*status {
            Status::Inside => Ok(()),
            Status::Refused(reason) => Err(ClientError::Refused(*reason)),
            Status::Lost => Err(ClientError::Connection("the server closed it".into())),
            _ => Err(ClientError::Over),
        }
    }

    /// Offers a media session, in place of a former one.
    ///
    /// # Errors
    /// When the server rejects the offer or does not answer.
    pub async fn start_media(&self) -> Result<(), ClientError> {
        let mut media = self.media.lock().await;
        lock(&self.publishers).clear();
        if let Some(former) = media.take() {
            former.close().await;
        }
        let (peer, sdp, sections) = Peer::offer(&self.options, self.loopback).await?;
        let (answered, answer) = oneshot::channel();
        *lock(&self.shared.answer) = Some(answered);
        self.say(ClientMessage::Offer {
            sdp,
            sections: sections.clone(),
        })?;
        let answer = tokio::time::timeout(ANSWER, answer)
            .await
            .map_err(|_| ClientError::TimedOut("the answer to the offer"))?
            .map_err(|_| ClientError::Over)??;
        peer.answer(&answer, &sections).await?;
        *media = Some(peer);
        Ok(())
    }

    /// Waits until media can flow.
    ///
    /// # Errors
    /// When the connection fails or takes longer than ten seconds.
    pub async fn connected(&self) -> Result<(), ClientError> {
        let mut state = self
            .media
            .lock()
            .await
            .as_ref()
            .ok_or(ClientError::NoMedia)?
            .state
            .clone();
        let wait = state.wait_for(|state| {
            matches!(
                state,
                RTCPeerConnectionState::Connected
                    | RTCPeerConnectionState::Failed
                    | RTCPeerConnectionState::Closed
            )
        });
        let state = tokio::time::timeout(CONNECTING, wait)
            .await
            .map_err(|_| ClientError::TimedOut("connecting media"))?
            .map_err(|_| ClientError::Over)?;
        if *state == RTCPeerConnectionState::Connected {
            Ok(())
        } else {
            Err(ClientError::Media(format!("the connection is {}", *state)))
        }
    }

    /// Publishes test media on a source and says that the source is on. Replaces what was published on it before.
    ///
    /// # Errors
    /// Without a media session, or when the media does not fit the source.
    pub async fn publish(&self, source: Source, media: Media) -> Result<(), ClientError> {
        let outlet = self
            .media
            .lock()
            .await
            .as_ref()
            .ok_or(ClientError::NoMedia)?
            .outlet(source)
            .await?;
        lock(&self.publishers).remove(&source);
        let publisher = publisher::start(source, outlet, media)?;
        lock(&self.publishers).insert(source, publisher);
        self.set_source(source, true)
    }

    /// Stops publishing and says that the source is off.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn unpublish(&self, source: Source) -> Result<(), ClientError> {
        lock(&self.publishers).remove(&source);
        self.set_source(source, false)
    }

    /// Says that a source is on or off, whatever is published: with [`Self::publish`] before it, this is how a client
    /// behaves that does not keep to what it says.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn set_source(&self, source: Source, on: bool) -> Result<(), ClientError> {
        self.say(ClientMessage::SetSource { source, on })
    }

    /// Says what is shown, most important first: people and the heights of their pictures in pixels.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn show(
        &self,
        tiles: &[(ParticipantId, u32)],
        pinned: Option<ParticipantId>,
    ) -> Result<(), ClientError> {
        let tiles = tiles
            .iter()
            .map(|(participant, height)| Tile {
                participant: participant.clone(),
                height: *height,
            })
            .collect();
        self.say(ClientMessage::View { tiles, pinned })
    }

    /// Says anything that the protocol knows: chat, hands, and what moderators may.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn say(&self, message: ClientMessage) -> Result<(), ClientError> {
        self.outbox.send(message).map_err(|_| ClientError::Over)
    }

    /// Every message of the server from now on.
    pub fn events(&self) -> broadcast::Receiver<Arc<ServerMessage>> {
        self.shared.events.subscribe()
    }

    /// How far this client has come.
    pub fn status(&self) -> Status {
        self.shared.status.borrow().clone()
    }

    /// The same, to wait for changes.
    pub fn statuses(&self) -> watch::Receiver<Status> {
        self.shared.status.subscribe()
    }

    /// The conference as this client sees it now.
    pub fn view(&self) -> View {
        lock(&self.shared.view).clone()
    }

    /// Waits until the view is as wanted.
    ///
    /// # Errors
    /// When that takes longer than `within`.
    pub async fn sees(
        &self,
        within: Duration,
        mut wanted: impl FnMut(&View) -> bool,
    ) -> Result<(), ClientError> {
        let mut events = self.events();
        let wait = async {
            loop {
                if wanted(&lock(&self.shared.view)) {
                    return;
                }
                // Having missed messages is no reason to miss the state; after the last one it never changes.
                if matches!(
                    events.recv().await,
                    Err(broadcast::error::RecvError::Closed)
                ) {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(within, wait)
            .await
            .map_err(|_| ClientError::TimedOut("what was waited for"))
    }

    /// What was received until now; empty without a media session.
    pub async fn counts(&self) -> Counts {
        self.media
            .lock()
            .await
            .as_ref()
            .map(|peer| peer.ledger.counts())
            .unwrap_or_default()
    }

    /// Which SSRC belongs to which slot; empty without a media session.
    pub async fn slots_by_ssrc(&self) -> SlotsBySsrc {
        self.media
            .lock()
            .await
            .as_ref()
            .map(|peer| peer.ledger.slots())
            .unwrap_or_default()
    }

    /// The id under which a header extension was offered, by the end of its URI.
    pub async fn extension(&self, uri_end: &str) -> Option<u8> {
        self.media
            .lock()
            .await
            .as_ref()
            .and_then(|peer| peer.extension(uri_end))
    }

    /// Sends RTCP packets beside those of [`MediaOptions::feedback`].
    ///
    /// # Errors
    /// Without a media session.
    pub async fn send_rtcp(&self, packets: Vec<Box<dyn rtcp::Packet>>) -> Result<(), ClientError> {
        self.media
            .lock()
            .await
            .as_ref()
            .ok_or(ClientError::NoMedia)?
            .send_rtcp(packets)
            .await
    }

    /// Leaves for good: the seat is given back.
    pub async fn leave(self) {
        let _ = self.say(ClientMessage::Leave);
        self.close().await;
    }

    /// Goes without a word, as when the network fails: the seat stays.
    pub async fn close(self) {
        lock(&self.publishers).clear();
        if let Some(peer) = self.media.lock().await.take() {
            peer.close().await;
        }
    }
}

/// Reads until the socket closes.
async fn read(mut inbox: mpsc::UnboundedReceiver<Incoming>, shared: Arc<Shared>) {
    while let Some(Incoming::Message(message)) = inbox.recv().await {
        match &*message {
            ServerMessage::Answer { sdp } => {
                if let Some(answer) = lock(&shared.answer).take() {
                    let _ = answer.send(Ok(sdp.clone()));
                }
            }
            ServerMessage::Error { code } => {
                use crate::signal::ErrorCode::{BadOffer, Busy, NotJoined};
                if matches!(code, BadOffer | Busy | NotJoined)
                    && let Some(answer) = lock(&shared.answer).take()
                {
                    let _ = answer.send(Err(ClientError::Rejected(*code)));
                }
            }
            _ => {}
        }
        let status = lock(&shared.view).apply(&message);
        // Nobody listening is no failure.
        let _ = shared.events.send(Arc::from(message));
        if let Some(status) = status {
            shared.status.send_replace(status);
        }
    }
    lock(&shared.answer).take();
    shared.status.send_if_modified(|status| {
        let lost = !status.is_final();
        if lost {
            *status = Status::Lost;
        }
        lost
    });
}

fn is_loopback(base: &str) -> bool {
    let host = base.split("://").nth(1).unwrap_or_default();
    host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]")
}
