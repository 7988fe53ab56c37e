//! The tests that run now: how many, from where, for how long, and what connected.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use kmz_meet_core::sfu::{Media, MediaEvent, OfferError, Permit, TrafficLimit};
use kmz_meet_core::signal::{ConferenceId, ParticipantId, Relay, Sections, Tile};
use tokio::sync::mpsc;

use super::code::ResultCode;
use super::recent::RecentResults;
use crate::limits::Rate;
use crate::limits::rate::RateLimiter;

/// A test has media for so long; the server ends it.
pub const MAX_TEST_TIME: Duration = Duration::from_secs(30);
/// What it found is taken for so long after its begin.
const MAX_REPORT_TIME: Duration = Duration::from_secs(90);
/// Tests with media at the same time: together they use at most 36 Mbit/s each way, less than half of what a class takes.
const MAX_TESTS: usize = 8;
/// … of one network (an IPv4 address, or a /48 of IPv6). A school shares one, so others of it wait for their turn.
const MAX_TESTS_OF_NETWORK: usize = 4;
/// What a test as a whole may send, and be sent: twice what the page needs. It measures one path at a time, and sends pictures
/// of 1.95 Mbit/s with a voice of 50 packets a second, which every receiver hears.
const TRAFFIC: TrafficLimit = TrafficLimit {
    packets_per_second: 1_200,
    bytes_per_second: 560_000,
};
/// Of one network: a class in a row, and then one every two seconds.
const RATE: Rate = Rate {
    at_once: 40,
    each: Duration::from_secs(2),
};
/// Connections of one test: a few ports, the relay, and one more try.
const MAX_CONNECTIONS: usize = 8;
/// Where there is no place now, there may be one by then.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// Height of the picture that the receiving place wants, in pixels: all of what the page sends.
const TILE_HEIGHT: u32 = 720;
/// Bytes of the name of a test.
const NAME_BYTES: usize = 18;

/// There is no place now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

/// A test that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Whoever has it may go on with the test.
    pub id: String,
    /// For the relay: of the place that sends, and of the one that receives.
    pub relay: [Relay; 2],
}

/// An offer, and which of its sections is what.
#[derive(Debug)]
pub struct Offered {
    pub sdp: String,
    pub sections: Sections,
}

/// Why a connection was not made.
#[derive(Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// No test with this id runs.
    Unknown,
    /// It has made enough of them.
    TooMany,
    Offer(OfferError),
}

/// A test whose report has come.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// The network of who began it; see [`SelfTests::keeps`].
    pub from: IpAddr,
    pub school: Option<String>,
    /// For each of its connections, whether media flowed both ways.
    pub reached: Vec<bool>,
}

/// The two places on a path. All places of a test are in one conference: what the relay brings goes where the conference is.
struct Connection {
    sender: ParticipantId,
    receiver: ParticipantId,
    is_connected: [bool; 2],
}

struct Running {
    from: IpAddr,
    school: Option<String>,
    /// Begins the names of its conference and places. They go over the network, so it is not the id.
    tag: String,
    begun: Instant,
    connections: Vec<Connection>,
    /// `None`: its media have ended.
    events: Option<mpsc::UnboundedSender<MediaEvent>>,
}

impl Running {
    fn conference(&self) -> ConferenceId {
        ConferenceId(format!("test-{}", self.tag))
    }

    fn relayed(&self) -> [ParticipantId; 2] {
        ["sender", "receiver"].map(|end| ParticipantId(format!("test-{}-{end}", self.tag)))
    }

    fn has_media(&self) -> bool {
        self.events.is_some()
    }

    fn end_media(&mut self, media: &Media) {
        if self.events.take().is_none() {
            return;
        }
        let places = self
            .connections
            .iter()
            .flat_map(|one| [&one.sender, &one.receiver]);
        for place in places.chain(&self.relayed()) {
            media.remove(place);
        }
    }
}

#[derive(Default)]
struct Table {
    running: HashMap<String, Running>,
    rates: RateLimiter<IpAddr>,
    results: RecentResults,
}

impl Table {
    /// It has come least far. Its page hears that it has ended, and offers to test again.
    fn end_newest_of(&mut self, address: IpAddr, media: &Media) {
        let running = self.running.iter();
        let newest = running
            .filter(|(_, test)| test.from == address && test.has_media())
            .max_by_key(|(_, test)| test.begun)
            .map(|(id, _)| id.clone());
        if let Some(mut test) = newest.and_then(|id| self.running.remove(&id)) {
            test.end_media(media);
        }
    }
}

struct Shared {
    media: Media,
    table: Mutex<Table>,
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See the module. Clones share everything.
#[derive(Clone)]
pub struct SelfTests(Arc<Shared>);

impl SelfTests {
    /// On this media plane.
    pub fn new(media: Media) -> Self {
        Self(Arc::new(Shared {
            media,
            table: Mutex::default(),
        }))
    }

    /// Begins a test of somebody in this network.
    ///
    /// # Errors
    /// When there are too many at this moment.
    pub fn begin(&self, from: IpAddr, now: Instant) -> Result<Begun, Wait> {
        let mut table = self.0.table();
        let table = &mut *table;
        let mut by_address: HashMap<IpAddr, usize> = HashMap::new();
        for test in table.running.values().filter(|test| test.has_media()) {
            *by_address.entry(test.from).or_default() += 1;
        }
        let all: usize = by_address.values().sum();
        let of_address = by_address.get(&from).copied().unwrap_or(0);
        if of_address >= MAX_TESTS_OF_NETWORK {
            return Err(Wait(RETRY_AFTER));
        }
        // A few addresses must not keep all others from testing: whoever has most gives a place to who has clearly fewer.
        let most = by_address.into_iter().max_by_key(|(_, tests)| *tests);
        let gives_way = most.filter(|(_, tests)| all >= MAX_TESTS && *tests > of_address + 1);
        if all >= MAX_TESTS && gives_way.is_none() {
            return Err(Wait(RETRY_AFTER));
        }
        let usage = table.rates.usage_mut(from, now);
        if !usage.try_acquire(RATE, now) {
            return Err(Wait(usage.earliest(RATE, now) - now));
        }
        if let Some((address, _)) = gives_way {
            table.end_newest_of(address, &self.0.media);
        }
        let (events, heard) = mpsc::unbounded_channel();
        let id = crate::credentials::random_token::<NAME_BYTES>();
        let test = Running {
            from,
            school: None,
            tag: crate::credentials::random_token::<NAME_BYTES>(),
            begun: now,
            connections: Vec::new(),
            events: Some(events.clone()),
        };
        let Shared { media, table: _ } = &*self.0;
        let relay = test.relayed().map(|place| {
            media.add(&test.conference(), &place, events.clone());
            media.relay_credentials(&place)
        });
        media.limit(&test.conference(), TRAFFIC);
        table.running.insert(id.clone(), test);
        tokio::spawn(watch(Arc::downgrade(&self.0), id.clone(), heard));
        Ok(Begun { id, relay })
    }

    /// The test counts for this school.
    pub fn counts_for(&self, id: &str, school: String) {
        if let Some(test) = self.0.table().running.get_mut(id) {
            test.school = Some(school);
        }
    }

    /// Answers the offers of the two places on one path; gives the number of the connection, and the answers.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(
        &self,
        id: &str,
        offered: [Offered; 2],
    ) -> Result<(usize, [String; 2]), ConnectError> {
        let Shared { media, table: _ } = &*self.0;
        let (number, places) = {
            // What ends the test takes the lock too, so no place is left behind.
            let mut table = self.0.table();
            let test = table.running.get_mut(id).ok_or(ConnectError::Unknown)?;
            let events = test.events.clone().ok_or(ConnectError::Unknown)?;
            let number = test.connections.len();
            if number >= MAX_CONNECTIONS {
                return Err(ConnectError::TooMany);
            }
            let name = format!("test-{}-{number}", test.tag);
            let place = |end: &str| ParticipantId(format!("{name}-{end}"));
            let (sender, receiver) = (place("sender"), place("receiver"));
            let conference = test.conference();
            media.add(&conference, &sender, events.clone());
            media.add(&conference, &receiver, events);
            let permit = Permit {
                microphone: true,
                camera: true,
                ..Permit::default()
            };
            media.permit(&sender, permit);
            let tile = Tile {
                participant: sender.clone(),
                height: TILE_HEIGHT,
            };
            media.view(&receiver, vec![tile], None);
            test.connections.push(Connection {
                sender: sender.clone(),
                receiver: receiver.clone(),
                is_connected: [false; 2],
            });
            (number, [sender, receiver])
        };
        let [sender, receiver] = &offered;
        let answer = async |place, offered: &Offered| {
            let answer = media.offer(place, &offered.sdp, &offered.sections).await;
            answer.map_err(ConnectError::Offer)
        };
        let answers = [
            answer(&places[0], sender).await?,
            answer(&places[1], receiver).await?,
        ];
        Ok((number, answers))
    }

    /// Ends a test, whose report has come. There is one report of each.
    pub fn end(&self, id: &str) -> Option<Ended> {
        let mut test = self.0.table().running.remove(id)?;
        test.end_media(&self.0.media);
        let reached = |one: &Connection| one.is_connected == [true; 2];
        Some(Ended {
            from: test.from,
            reached: test.connections.iter().map(reached).collect(),
            school: test.school,
        })
    }

    /// Notes that a result of this network is about to be kept. Gives the one of its own that goes for it: when it has many of
    /// the last day, or `is_full`, and no more fit in without another's.
    pub fn keeps(
        &self,
        from: IpAddr,
        code: &ResultCode,
        is_full: bool,
        now: Instant,
    ) -> Option<ResultCode> {
        self.0.table().results.add(from, code, is_full, now)
    }
}

/// Notes what connects, and ends the test in time.
async fn watch(shared: Weak<Shared>, id: String, mut events: mpsc::UnboundedReceiver<MediaEvent>) {
    let begun = tokio::time::Instant::now();
    let end = tokio::time::sleep_until(begun + MAX_TEST_TIME);
    tokio::pin!(end);
    loop {
        tokio::select! {
            event = events.recv() => {
                let (Some(event), Some(shared)) = (event, shared.upgrade()) else { return };
                if let MediaEvent::Connected { participant } = event {
                    note(&shared, &id, &participant);
                }
            }
            () = &mut end => break,
        }
    }
    drop(events);
    if let Some(shared) = shared.upgrade()
        && let Some(test) = shared.table().running.get_mut(&id)
    {
        test.end_media(&shared.media);
    }
    tokio::time::sleep_until(begun + MAX_REPORT_TIME).await;
    if let Some(shared) = shared.upgrade() {
        shared.table().running.remove(&id);
    }
}

fn note(shared: &Shared, id: &str, place: &ParticipantId) {
    let mut table = shared.table();
    let connections = table.running.get_mut(id).map(|test| &mut test.connections);
    for one in connections.into_iter().flatten() {
        one.is_connected[0] |= one.sender == *place;
        one.is_connected[1] |= one.receiver == *place;
    }
}
