//! The TURN protocol of one connection (RFC 8656 over TCP or TLS), without I/O.
//!
//! What differs from a server at large, and why it may: the only peers are the addresses of our own media plane, so a
//! permission or channel lasts as long as the allocation; one connection has one allocation, and its nonce lasts as long as
//! the connection, so that nothing is stored for a stranger. A stranger is told once that authentication is needed, and a
//! few times that a proof is wrong; whatever else they send is not answered.
//!
//! Nobody is sent more than they sent before they have proved who they are, counted over the whole connection. So the
//! challenge is as short as RFC 8489 permits, and where the request is shorter still, it waits for more. Firefox sends 44
//! bytes. Chromium sends 28, and the same again after a quarter of a second, over TCP as well.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc_crypto::RTCCryptoProvider;
use rtc_stun::attributes::{
    ATTR_CHANNEL_NUMBER, ATTR_DATA, ATTR_MESSAGE_INTEGRITY, ATTR_NONCE, ATTR_REALM,
    ATTR_REQUESTED_ADDRESS_FAMILY, ATTR_REQUESTED_TRANSPORT, ATTR_USERNAME,
    ATTR_XOR_RELAYED_ADDRESS, ATTR_XORMAPPED_ADDRESS,
};
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    CLASS_ERROR_RESPONSE, CLASS_INDICATION, CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, METHOD_ALLOCATE,
    METHOD_CHANNEL_BIND, METHOD_CREATE_PERMISSION, METHOD_REFRESH, METHOD_SEND, Message, Setter,
    TransactionId,
};
use rtc_stun::textattrs::TextAttribute;

use super::access::{Access, Full, Lease};
use super::address::Family;
use super::frame::{Frame, MAX_DATAGRAM};
use super::message::{
    addresses, lifetime, put_address, put_error, put_lifetime, put_text, refuse_unknown, respond,
};
use super::outbox::Outbox;
use super::refusal::Refusal;
use crate::sfu::random::token;

/// Of our credentials (RFC 8489, section 9.2); it says nothing about the installation. No more than four bytes: see
/// [`NONCE_LENGTH`].
pub const REALM: &str = "kmz";
/// Of an allocation that asks for less or for nothing (RFC 8656, section 7.2).
const LIFETIME: Duration = Duration::from_mins(10);
/// With it the challenge has 44 bytes, which is what the shortest request has of a client that does not repeat it. The nonce is
/// of one connection, which takes [`MAX_WRONG`] proofs: what was proved elsewhere is of use here once in a million.
const NONCE_LENGTH: usize = 4;
/// Wrong proofs after which the connection ends.
const MAX_WRONG: u8 = 3;
/// Messages of somebody who has not allocated, after which the connection ends. Chromium repeats a request eight times.
const MAX_MESSAGES_OF_STRANGER: u8 = 32;
/// Protocol number of UDP (REQUESTED-TRANSPORT, RFC 8656, section 18.6).
const UDP: u8 = 17;
/// Channel numbers: RFC 8656 ends at 0x4fff, RFC 5766, which browsers still speak, at 0x7ffe.
const CHANNELS: std::ops::RangeInclusive<u16> = 0x4000..=0x7ffe;

/// What a frame of the client means for the media thread.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Nothing,
    /// There is an allocation now.
    Allocated,
    /// A datagram for this address of ours.
    Datagram {
        to: IpAddr,
        datagram: Datagram<'a>,
    },
    /// The connection ends.
    End,
}

/// The bytes of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub enum Datagram<'a> {
    Borrowed(&'a [u8]),
    Owned(Vec<u8>),
}

impl AsRef<[u8]> for Datagram<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// An allocation.
pub struct Allocation {
    pub lease: Lease,
    pub family: Family,
    pub expires: Instant,
    /// The participant's id.
    pub username: String,
}

/// See the module.
pub struct Session {
    client: SocketAddr,
    /// Our media plane: the only peers.
    peers: Vec<SocketAddr>,
    access: Arc<Access>,
    crypto: Arc<dyn RTCCryptoProvider>,
    outbox: Arc<Outbox>,
    nonce: String,
    /// The request that was answered with what a stranger has to show.
    challenged: Option<TransactionId>,
    wrong: u8,
    /// Messages that came before there was an allocation.
    messages: u8,
    /// Bytes that came and were not answered with as many, of whoever has proved nothing.
    credit: usize,
    pub allocation: Option<Allocation>,
}

impl Session {
    /// For a connection of this client, to reach these addresses of ours.
    #[must_use]
    pub fn new(
        client: SocketAddr,
        peers: Vec<SocketAddr>,
        access: Arc<Access>,
        crypto: Arc<dyn RTCCryptoProvider>,
        outbox: Arc<Outbox>,
    ) -> Self {
        Self {
            client: SocketAddr::new(client.ip().to_canonical(), client.port()),
            peers,
            access,
            crypto,
            outbox,
            nonce: token(NONCE_LENGTH),
            challenged: None,
            wrong: 0,
            messages: 0,
            credit: 0,
            allocation: None,
        }
    }

    /// Takes a frame; answers are in the outbox then.
    pub fn read<'a>(&mut self, now: Instant, frame: Frame<'a>) -> Event<'a> {
        match frame {
            Frame::Channel { number, datagram } => match self.outbox.peer_of(number) {
                Some(to) => Event::Datagram {
                    to,
                    datagram: Datagram::Borrowed(datagram),
                },
                // Nobody sends on a channel before it is there.
                None => Event::End,
            },
            Frame::Stun(bytes) => {
                if self.allocation.is_none() {
                    self.messages += 1;
                    if self.messages > MAX_MESSAGES_OF_STRANGER {
                        return Event::End;
                    }
                    self.credit += bytes.len();
                }
                let mut message = Message {
                    raw: bytes.to_vec(),
                    ..Message::default()
                };
                if message.decode().is_err() {
                    return Event::End;
                }
                match message.typ.class {
                    CLASS_REQUEST => self.request(now, &mut message),
                    CLASS_INDICATION if message.typ.method == METHOD_SEND => self.send(&message),
                    CLASS_INDICATION => Event::Nothing,
                    _ => Event::End,
                }
            }
        }
    }

    fn request(&mut self, now: Instant, request: &mut Message) -> Event<'static> {
        let key = match self.authenticate(request) {
            Ok(key) => key,
            Err(refusal) => return self.challenge(request, refusal),
        };
        let outcome = match request.typ.method {
            METHOD_ALLOCATE => self.allocate(now, request, &key),
            METHOD_REFRESH => self.refresh(now, request, &key),
            METHOD_CREATE_PERMISSION => self.create_permission(request, &key),
            METHOD_CHANNEL_BIND => self.channel_bind(request, &key),
            _ => Err(Refusal::BadRequest),
        };
        outcome.unwrap_or_else(|refusal| {
            let mut answer = respond(request, CLASS_ERROR_RESPONSE);
            put_error(&mut answer, refusal);
            self.finish(answer, Some(&key.bytes));
            Event::Nothing
        })
    }

    /// Says what a stranger has to show, once; the same goes for a wrong proof, a few times. Not before as much has come.
    fn challenge(&mut self, request: &Message, refusal: Refusal) -> Event<'static> {
        let is_proof = request.contains(ATTR_MESSAGE_INTEGRITY);
        self.wrong += u8::from(is_proof);
        if self.wrong > MAX_WRONG {
            return Event::End;
        }
        if self.challenged == Some(request.transaction_id) {
            // Repeated before the answer was there.
            return Event::Nothing;
        }
        if !is_proof && self.challenged.is_some() {
            return Event::End;
        }
        let mut answer = respond(request, CLASS_ERROR_RESPONSE);
        put_error(&mut answer, refusal);
        put_text(&mut answer, ATTR_REALM, REALM);
        put_text(&mut answer, ATTR_NONCE, &self.nonce);
        if self.allocation.is_none() {
            let Some(credit) = self.credit.checked_sub(answer.raw.len()) else {
                return Event::Nothing;
            };
            self.credit = credit;
        }
        self.challenged = Some(request.transaction_id);
        self.finish(answer, None);
        Event::Nothing
    }

    /// Long-term credentials (RFC 8489, section 9.2.4).
    fn authenticate(&self, request: &mut Message) -> Result<Key, Refusal> {
        if !request.contains(ATTR_MESSAGE_INTEGRITY) {
            return Err(Refusal::Unauthorized);
        }
        let text = |attribute| {
            let found = TextAttribute::get_from_as(request, attribute);
            found
                .map(|found| found.text)
                .map_err(|_| Refusal::BadRequest)
        };
        let (username, realm, nonce) = (text(ATTR_USERNAME)?, text(ATTR_REALM)?, text(ATTR_NONCE)?);
        if nonce != self.nonce {
            return Err(Refusal::StaleNonce);
        }
        if realm != REALM {
            return Err(Refusal::Unauthorized);
        }
        let password = self
            .access
            .password(&username)
            .ok_or(Refusal::Unauthorized)?;
        let crypto = self.crypto.crypto();
        let bytes =
            MessageIntegrity::long_term_integrity_key(username.clone(), realm, password, crypto)
                .map_err(|_| Refusal::Unauthorized)?;
        MessageIntegrity::check(request, &bytes, crypto).map_err(|_| Refusal::Unauthorized)?;
        // RFC 8656, section 5: an allocation belongs to who made it.
        let is_other = self
            .allocation
            .as_ref()
            .is_some_and(|allocation| allocation.username != username);
        if is_other {
            return Err(Refusal::WrongCredentials);
        }
        Ok(Key { username, bytes })
    }

    fn allocate(
        &mut self,
        now: Instant,
        request: &Message,
        key: &Key,
    ) -> Result<Event<'static>, Refusal> {
        if self.allocation.is_some() {
            return Err(Refusal::Mismatch);
        }
        refuse_unknown(request)?;
        let transport = request.get(ATTR_REQUESTED_TRANSPORT);
        match transport.ok().as_deref() {
            Some([UDP, ..]) => {}
            Some(_) => return Err(Refusal::Transport),
            None => return Err(Refusal::BadRequest),
        }
        let family = match request.get(ATTR_REQUESTED_ADDRESS_FAMILY).ok().as_deref() {
            // Browsers that name none take what they get; it has to be one that reaches us.
            None if self
                .peers
                .iter()
                .all(|peer| Family::of(peer.ip()) == Family::V6) =>
            {
                Family::V6
            }
            None | Some([1, ..]) => Family::V4,
            Some([2, ..]) => Family::V6,
            Some(_) => return Err(Refusal::AddressFamily),
        };
        if !self
            .peers
            .iter()
            .any(|peer| Family::of(peer.ip()) == family)
        {
            return Err(Refusal::AddressFamily);
        }
        let lifetime = lifetime(request)?.unwrap_or(LIFETIME).max(LIFETIME);
        let lease = self
            .access
            .allocate(&key.username)
            .map_err(|full| match full {
                Full::Quota => Refusal::Quota,
                Full::Capacity => Refusal::Capacity,
                Full::Gone => Refusal::Unauthorized,
            })?;
        let mut answer = respond(request, CLASS_SUCCESS_RESPONSE);
        put_address(
            &mut answer,
            ATTR_XOR_RELAYED_ADDRESS,
            lease.id.address(family),
        );
        put_lifetime(&mut answer, lifetime);
        put_address(&mut answer, ATTR_XORMAPPED_ADDRESS, self.client);
        self.finish(answer, Some(&key.bytes));
        self.allocation = Some(Allocation {
            lease,
            family,
            expires: now + lifetime,
            username: key.username.clone(),
        });
        Ok(Event::Allocated)
    }

    fn refresh(
        &mut self,
        now: Instant,
        request: &Message,
        key: &Key,
    ) -> Result<Event<'static>, Refusal> {
        let allocation = self.allocation.as_mut().ok_or(Refusal::Mismatch)?;
        let asked = lifetime(request)?;
        let lifetime = match asked {
            Some(Duration::ZERO) => Duration::ZERO,
            asked => asked.unwrap_or(LIFETIME).max(LIFETIME),
        };
        allocation.expires = now + lifetime;
        let mut answer = respond(request, CLASS_SUCCESS_RESPONSE);
        put_lifetime(&mut answer, lifetime);
        self.finish(answer, Some(&key.bytes));
        Ok(if lifetime.is_zero() {
            Event::End
        } else {
            Event::Nothing
        })
    }

    fn create_permission(
        &mut self,
        request: &Message,
        key: &Key,
    ) -> Result<Event<'static>, Refusal> {
        let wanted = addresses(request)?;
        if wanted.is_empty() {
            return Err(Refusal::BadRequest);
        }
        // A permission is for an address, whatever the port (RFC 8656, section 9).
        let known: Vec<_> = wanted
            .iter()
            .map(|wanted| self.peer(|peer| peer.ip() == wanted.ip()))
            .collect::<Result<_, _>>()?;
        for peer in known {
            self.outbox.permit(peer.ip(), peer.port());
        }
        self.finish(respond(request, CLASS_SUCCESS_RESPONSE), Some(&key.bytes));
        Ok(Event::Nothing)
    }

    fn channel_bind(&mut self, request: &Message, key: &Key) -> Result<Event<'static>, Refusal> {
        let number = match request.get(ATTR_CHANNEL_NUMBER).ok().as_deref() {
            Some([high, low, ..]) => u16::from_be_bytes([*high, *low]),
            _ => return Err(Refusal::BadRequest),
        };
        let [wanted] = addresses(request)?[..] else {
            return Err(Refusal::BadRequest);
        };
        if !CHANNELS.contains(&number) {
            return Err(Refusal::BadRequest);
        }
        let peer = self.peer(|peer| *peer == wanted)?;
        if !self.outbox.bind(peer.ip(), peer.port(), number) {
            return Err(Refusal::BadRequest);
        }
        self.finish(respond(request, CLASS_SUCCESS_RESPONSE), Some(&key.bytes));
        Ok(Event::Nothing)
    }

    /// An address of ours that the allocation can reach.
    fn peer(&self, is_it: impl Fn(&SocketAddr) -> bool) -> Result<SocketAddr, Refusal> {
        let allocation = self.allocation.as_ref().ok_or(Refusal::Mismatch)?;
        let peer = self
            .peers
            .iter()
            .copied()
            .find(is_it)
            .ok_or(Refusal::Forbidden)?;
        if Family::of(peer.ip()) == allocation.family {
            Ok(peer)
        } else {
            Err(Refusal::PeerFamily)
        }
    }

    /// A Send indication (RFC 8656, section 11.2) is not answered, whatever is wrong with it.
    fn send(&self, message: &Message) -> Event<'static> {
        let Ok(addresses) = addresses(message) else {
            return Event::Nothing;
        };
        let [to] = addresses[..] else {
            return Event::Nothing;
        };
        let (Ok(peer), Ok(datagram)) = (self.peer(|peer| *peer == to), message.get(ATTR_DATA))
        else {
            return Event::Nothing;
        };
        if datagram.len() > MAX_DATAGRAM || !self.outbox.is_permitted(peer.ip()) {
            return Event::Nothing;
        }
        Event::Datagram {
            to: peer.ip(),
            datagram: Datagram::Owned(datagram),
        }
    }

    fn finish(&self, mut answer: Message, key: Option<&[u8]>) {
        if let Some(key) = key {
            let integrity =
                MessageIntegrity::new_raw_integrity_with_provider(key, self.crypto.crypto());
            if integrity.add_to(&mut answer).is_err() {
                return;
            }
        }
        self.outbox.answer(&answer.raw);
    }
}

struct Key {
    username: String,
    bytes: Vec<u8>,
}
