//! A program of the kernel's classic packet filter (BPF) that says for each datagram which of the sockets at a port gets it.
//! It knows connectivity checks by our user fragment in them, and everything else by the address that it comes from. It is a
//! guess only: a datagram that comes to the wrong thread is handed over.

use std::net::{IpAddr, SocketAddr};

use nix::libc::sock_filter;

use crate::sfu::ids::ThreadIndex;

/// The kernel takes no longer ones (BPF_MAXINSNS).
const MAX_INSTRUCTIONS: usize = 4_096;
/// Of the part before the search.
const HEAD: usize = 64;
/// Instructions of one interval in the search: a comparison, a jump, an answer.
const PER_INTERVAL: usize = 3;
/// Intervals of addresses that a program can tell apart.
pub const MAX_INTERVALS: usize = (MAX_INSTRUCTIONS - HEAD) / PER_INTERVAL;

/// Offsets from here are into the IP header (SKF_NET_OFF), those from 0 into the payload of UDP.
const NETWORK: u32 = 0xfff0_0000;
const MIX: u32 = 0x9e37_79b1;
const MIX_PORT: u32 = 0x85eb_ca77;
/// No socket has this index: the kernel chooses by its own hash.
const ANY: u32 = u32::MAX;

const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
const LOAD_LENGTH: u16 = 0x80;
const SUBTRACT: u16 = 0x14;
const MULTIPLY: u16 = 0x24;
const SHIFT_RIGHT: u16 = 0x74;
const XOR_X: u16 = 0xac;
const TO_X: u16 = 0x07;
const JUMP: u16 = 0x05;
const IF_EQUAL: u16 = 0x15;
const IF_AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;
const RETURN_A: u16 = 0x16;

/// A place in the order of addresses; two may have the same.
type Key = u32;

fn key(address: SocketAddr) -> Key {
    let port = u32::from(address.port()).wrapping_mul(MIX_PORT);
    match address.ip().to_canonical() {
        IpAddr::V4(four) => u32::from(four).wrapping_mul(MIX) ^ port,
        IpAddr::V6(six) => {
            let words = six.octets();
            let words = words
                .as_chunks::<4>()
                .0
                .iter()
                .copied()
                .map(u32::from_be_bytes);
            words.fold(0, |mixed: u32, word| (mixed ^ word).wrapping_mul(MIX)) ^ port
        }
    }
}

/// Addresses in their order, those of one thread that follow each other as one. `None`: nothing is known of these and those after
/// them.
pub struct Intervals(Vec<(Key, Option<ThreadIndex>)>);

impl Intervals {
    /// Of these, at most `most` intervals; whoever is not in them is found by the other way.
    #[must_use]
    pub fn new(addresses: &[(SocketAddr, ThreadIndex)], most: usize) -> Self {
        let mut all: Vec<(Key, Option<ThreadIndex>)> = addresses
            .iter()
            .map(|(address, thread)| (key(*address), Some(*thread)))
            .collect();
        all.sort_unstable_by_key(|(key, thread)| (*key, thread.map(ThreadIndex::index)));
        all.dedup_by_key(|(key, _)| *key);
        all.dedup_by_key(|(_, thread)| *thread);
        let most = most.min(MAX_INTERVALS);
        if all.len() > most {
            all.truncate(most);
            // Not the thread of the last one: it would get all who are beyond.
            if let Some((_, last)) = all.last_mut() {
                *last = None;
            }
        }
        Self(all)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.len()
    }
}

/// The program for so many threads.
#[must_use]
pub fn program(intervals: &Intervals, threads: usize) -> Vec<sock_filter> {
    let mut code = Vec::with_capacity(HEAD + PER_INTERVAL * intervals.0.len());
    // A connectivity check (RFC 8489): a binding request with our user fragment first in its USERNAME, which browsers write
    // first of all attributes. A load beyond the end would choose the first socket.
    let check = [
        (LOAD_LENGTH, 0, Test::No),
        (IF_AT_LEAST, 25, Test::Or),
        (LOAD_HALF, 0, Test::No),
        (IF_EQUAL, 1, Test::Or),
        (LOAD_WORD, 4, Test::No),
        (IF_EQUAL, 0x2112_a442, Test::Or),
        (LOAD_HALF, 20, Test::No),
        (IF_EQUAL, 6, Test::Or),
        (LOAD_BYTE, 24, Test::No),
        (SUBTRACT, u32::from(b'A'), Test::No),
        (IF_AT_LEAST, threads as u32, Test::Unless),
        (RETURN_A, 0, Test::No),
    ];
    let length = check.len();
    for (index, (operation, value, test)) in check.into_iter().enumerate() {
        let to_end = (length - index - 1) as u8;
        code.push(match test {
            Test::No => plain(operation, value),
            Test::Or => branch(operation, value, 0, to_end),
            Test::Unless => branch(operation, value, to_end, 0),
        });
    }
    if intervals.0.is_empty() {
        code.push(plain(RETURN, ANY));
        return code;
    }
    let four = [
        plain(LOAD_WORD, NETWORK + 12),
        plain(MULTIPLY, MIX),
        plain(TO_X, 0),
        plain(LOAD_HALF, NETWORK + 20),
        plain(MULTIPLY, MIX_PORT),
        plain(XOR_X, 0),
    ];
    let mut six = Vec::new();
    for word in 0..4 {
        six.push(plain(LOAD_WORD, NETWORK + 8 + 4 * word));
        if word > 0 {
            six.push(plain(XOR_X, 0));
        }
        six.push(plain(MULTIPLY, MIX));
        six.push(plain(TO_X, 0));
    }
    six.extend([
        plain(LOAD_HALF, NETWORK + 40),
        plain(MULTIPLY, MIX_PORT),
        plain(XOR_X, 0),
    ]);
    code.push(plain(LOAD_BYTE, NETWORK));
    code.push(plain(SHIFT_RIGHT, 4));
    code.push(branch(IF_EQUAL, 4, 0, four.len() as u8 + 1));
    code.extend(four);
    code.push(plain(JUMP, six.len() as u32));
    code.extend(six);
    search(&intervals.0, &mut code);
    code
}

enum Test {
    No,
    /// Goes on behind the check when it does not hold.
    Or,
    /// … when it holds.
    Unless,
}

fn search(intervals: &[(Key, Option<ThreadIndex>)], code: &mut Vec<sock_filter>) {
    if let [(_, thread)] = intervals {
        code.push(plain(
            RETURN,
            thread.map_or(ANY, |thread| thread.index() as u32),
        ));
        return;
    }
    let (low, high) = intervals.split_at(intervals.len() / 2);
    code.push(branch(IF_AT_LEAST, high[0].0, 0, 1));
    // As many as `low` becomes; a branch cannot go so far.
    code.push(plain(JUMP, (PER_INTERVAL * low.len() - 2) as u32));
    search(low, code);
    search(high, code);
}

fn plain(code: u16, k: u32) -> sock_filter {
    branch(code, k, 0, 0)
}

fn branch(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel does with it, for packets without options.
    fn run(program: &[sock_filter], from: SocketAddr, payload: &[u8]) -> u32 {
        let mut network = [0; 60];
        let port = match from.ip() {
            IpAddr::V4(four) => {
                network[0] = 0x45;
                network[12..16].copy_from_slice(&four.octets());
                20
            }
            IpAddr::V6(six) => {
                network[0] = 0x60;
                network[8..24].copy_from_slice(&six.octets());
                40
            }
        };
        network[port..port + 2].copy_from_slice(&from.port().to_be_bytes());
        let load = |k: u32, size: usize| {
            let (bytes, at) = if k >= NETWORK {
                (&network[..], k - NETWORK)
            } else {
                (payload, k)
            };
            let at = at as usize;
            bytes[at..at + size]
                .iter()
                .fold(0, |value, byte| value << 8 | u32::from(*byte))
        };
        let (mut a, mut x, mut at) = (0u32, 0u32, 0);
        loop {
            let step = program[at];
            at += 1;
            match step.code {
                LOAD_WORD => a = load(step.k, 4),
                LOAD_HALF => a = load(step.k, 2),
                LOAD_BYTE => a = load(step.k, 1),
                LOAD_LENGTH => a = payload.len() as u32,
                SUBTRACT => a = a.wrapping_sub(step.k),
                MULTIPLY => a = a.wrapping_mul(step.k),
                SHIFT_RIGHT => a >>= step.k,
                XOR_X => a ^= x,
                TO_X => x = a,
                JUMP => at += step.k as usize,
                IF_EQUAL => at += usize::from(if a == step.k { step.jt } else { step.jf }),
                IF_AT_LEAST => at += usize::from(if a >= step.k { step.jt } else { step.jf }),
                RETURN => return step.k,
                RETURN_A => return a,
                code => panic!("{code:#x}"),
            }
        }
    }

    fn address(number: u32) -> SocketAddr {
        let port = 1_024 + (number * 7_919 % 60_000) as u16;
        if number.is_multiple_of(3) {
            let six = std::net::Ipv6Addr::from_bits(0x2001_0db8 << 96 | u128::from(number));
            SocketAddr::new(six.into(), port)
        } else {
            SocketAddr::from((
                std::net::Ipv4Addr::from_bits(0x0a00_0000 + number / 40),
                port,
            ))
        }
    }

    fn thread(number: u32) -> ThreadIndex {
        ThreadIndex::from_index((number * 31 % 5) as usize)
    }

    #[test]
    fn program_for_every_number_of_addresses_finds_their_threads() {
        for count in [1, 2, 3, 5, 8, 50, 333, 1_200] {
            let all: Vec<_> = (0..count).map(|one| (address(one), thread(one))).collect();
            let intervals = Intervals::new(&all, MAX_INTERVALS);
            let program = program(&intervals, 5);
            assert!(program.len() <= MAX_INSTRUCTIONS);
            let wrong = all
                .iter()
                .filter(|(at, thread)| run(&program, *at, &[0x80; 100]) != thread.index() as u32)
                .count();
            // Two addresses may have one key.
            assert!(wrong <= 1, "{wrong} of {count}");
        }
    }

    #[test]
    fn program_for_too_many_addresses_is_as_long_as_may_be() {
        let all: Vec<_> = (0..9_000).map(|one| (address(one), thread(one))).collect();
        let intervals = Intervals::new(&all, usize::MAX);
        assert_eq!(intervals.len(), MAX_INTERVALS);
        let program = program(&intervals, 5);
        assert!((MAX_INSTRUCTIONS - HEAD..=MAX_INSTRUCTIONS).contains(&program.len()));
        // Whoever is beyond is no one thread's.
        let found = all.iter().map(|(at, _)| run(&program, *at, &[0x80; 100]));
        let unknown = found.filter(|thread| *thread == ANY).count();
        assert!(unknown > 6_000, "{unknown}");
    }

    #[test]
    fn program_sends_a_check_to_the_thread_of_its_letter() {
        let provider = rtc_crypto::default_provider().expect("cryptography");
        let check =
            |ufrag: &str| crate::sfu::testing::binding_request(ufrag, "a password", &provider);
        for known in [&[][..], &[(address(7), ThreadIndex::from_index(1))]] {
            let program = program(&Intervals::new(known, MAX_INTERVALS), 3);
            let otherwise = if known.is_empty() { ANY } else { 1 };
            let sent_to = |payload: &[u8]| run(&program, address(7), payload);
            assert_eq!(sent_to(&check("Aabcdefghijk")), 0);
            assert_eq!(sent_to(&check("Cabcdefghijk")), 2);
            for ufrag in ["Dabcdefghijk", "aabcdefghijk", "0abcdefghijk"] {
                assert_eq!(sent_to(&check(ufrag)), otherwise, "{ufrag}");
            }
            let whole = check("Cabcdefghijk");
            for length in 0..25 {
                assert_eq!(sent_to(&whole[..length]), otherwise, "{length}");
            }
        }
    }
}
