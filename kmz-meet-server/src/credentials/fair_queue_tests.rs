use super::*;

const TEACHER: &str = "berta";
const SCHOOL: [u8; 4] = [192, 0, 2, 1];

fn attempt(address: [u8; 4]) -> LoginAttempt {
    LoginAttempt {
        account: TEACHER.to_owned(),
        group: address.into(),
        network: address.into(),
        device: None,
        aged: false,
        connection: None,
        known: None,
    }
}

/// What the next millisecond brings.
type Guesses<'a> = &'a mut dyn FnMut(u64) -> Vec<LoginAttempt>;

/// Runs twenty seconds of guesses on two cores that take 40 ms each. Every second somebody sends the right password. Gives
/// how long they waited, sorted; `None` was dropped.
fn waits(guesses: Guesses, mut teacher: impl FnMut(u64) -> LoginAttempt) -> Vec<Option<u64>> {
    let start = Instant::now();
    let mut queue = FairQueue::default();
    let mut free_at = [0_u64; 2];
    let mut waits = vec![None; 20];
    for ms in 0..20_000_u64 {
        let now = start + Duration::from_millis(ms);
        for guess in guesses(ms) {
            queue.push(&guess, None, now);
        }
        if ms % 1_000 == 500 {
            queue.push(&teacher(ms), Some(ms), now);
        }
        for free_at in free_at.iter_mut().filter(|free_at| **free_at <= ms) {
            if let Next::Job(job, keys) = queue.next(now) {
                *free_at = ms + 40;
                queue.done(&keys, job.is_none(), now);
                if let Some(came) = job {
                    waits[came as usize / 1_000] = Some(ms - came + 40);
                }
            }
        }
        assert!(queue.waiting.len() <= MAX_WAITING);
    }
    waits.sort_by_key(|wait| wait.unwrap_or(u64::MAX));
    waits
}

fn p95(waits: &[Option<u64>]) -> u64 {
    // Nineteen of twenty are within it.
    waits[waits.len() * 95 / 100 - 1].unwrap_or(u64::MAX)
}

/// One guess in this many milliseconds.
fn every(period: u64, guess: impl Fn(u64) -> LoginAttempt) -> impl FnMut(u64) -> Vec<LoginAttempt> {
    move |ms| {
        if ms % period == 0 {
            vec![guess(ms / period)]
        } else {
            Vec::new()
        }
    }
}

fn from_port(port: u64) -> SocketAddr {
    (SCHOOL, port as u16).into()
}

#[test]
fn right_password_among_twenty_guesses_a_second_of_its_address_gets_its_turn() {
    // Nothing tells them apart, as behind a proxy without cookies.
    let mut guesses = every(50, |_| attempt(SCHOOL));
    let waits = waits(&mut guesses, |_| attempt(SCHOOL));
    assert!(p95(&waits) <= 1_000, "{waits:?}");
    assert!(waits.iter().all(Option::is_some), "{waits:?}");
}

#[test]
fn connection_beside_a_flood_of_others_is_not_held_up() {
    // 200 a second over 100 connections.
    let mut guesses = every(5, |number| LoginAttempt {
        connection: Some(from_port(number % 100)),
        ..attempt(SCHOOL)
    });
    let waits = waits(&mut guesses, |ms| LoginAttempt {
        connection: Some(from_port(10_000 + ms / 1_000)),
        ..attempt(SCHOOL)
    });
    assert!(p95(&waits) <= 500, "{waits:?}");
    // The first one too, when the queue knows nothing yet.
    assert!(waits[19].is_some_and(|wait| wait <= 2_000), "{waits:?}");
}

#[test]
fn address_beside_guesses_from_a_hundred_networks_is_not_held_up() {
    // 200 a second, each from another household of a hundred networks.
    let mut guesses = every(5, |number| {
        let network = (0x2001_0db8_u128 << 96) | (u128::from(number % 100) << 80);
        let group = network | (u128::from(number % 60_000) << 64);
        LoginAttempt {
            group: std::net::Ipv6Addr::from_bits(group).into(),
            network: std::net::Ipv6Addr::from_bits(network).into(),
            ..attempt(SCHOOL)
        }
    });
    let waits = waits(&mut guesses, |_| attempt(SCHOOL));
    assert!(p95(&waits) <= 500, "{waits:?}");
    // The first one too, when the queue knows nothing yet.
    assert!(waits[19].is_some_and(|wait| wait <= 2_000), "{waits:?}");
}

#[test]
fn known_browser_that_was_not_often_wrong_is_first() {
    let known = LoginAttempt {
        known: Some("own".to_owned()),
        ..attempt(SCHOOL)
    };
    let mut guesses = every(5, |_| attempt(SCHOOL));
    let waits = waits(&mut guesses, |_| known.clone());
    assert!(
        waits.last().unwrap().unwrap_or(u64::MAX) <= 100,
        "{waits:?}"
    );

    let (mut queue, now) = (FairQueue::default(), Instant::now());
    for number in 0..5 {
        queue.push(&known, number, now);
    }
    queue.push(&attempt([192, 0, 2, 9]), 99, now);
    let mut order = Vec::new();
    let mut at = now;
    loop {
        match queue.next(at) {
            Next::Job(job, _) => order.push(job),
            Next::At(next) => at = next,
            Next::Nothing => break,
        }
    }
    assert_eq!(order, [0, 1, 2, 3, 99, 4]);
}

#[test]
fn account_under_guesses_from_everywhere_has_a_minimal_interval() {
    let (mut queue, start) = (FairQueue::default(), Instant::now());
    let mut compared = 0;
    for ms in (0..10_000_u32).step_by(5) {
        let now = start + Duration::from_millis(ms.into());
        queue.push(&attempt(ms.to_be_bytes()), (), now);
        while let Next::Job((), keys) = queue.next(now) {
            queue.done(&keys, true, now);
            compared += 1;
        }
    }
    assert_eq!(compared, 250);
    // Another account is free.
    let other = LoginAttempt {
        account: "clara".to_owned(),
        ..attempt(SCHOOL)
    };
    let now = start + Duration::from_secs(10);
    queue.next(now);
    queue.push(&other, (), now);
    assert!(matches!(queue.next(now), Next::Job(..)));
}

#[test]
fn browser_that_is_wrong_again_and_again_is_compared_twice_a_second() {
    let (mut queue, start) = (FairQueue::default(), Instant::now());
    let guess = LoginAttempt {
        device: Some("pupil".to_owned()),
        ..attempt(SCHOOL)
    };
    let mut compared = 0;
    for ms in (0..10_000_u64).step_by(50) {
        let now = start + Duration::from_millis(ms);
        queue.push(&guess, (), now);
        while let Next::Job((), keys) = queue.next(now) {
            queue.done(&keys, true, now);
            compared += 1;
        }
    }
    assert!((20..=25).contains(&compared), "{compared}");
}

#[test]
fn attempt_that_waited_in_vain_is_dropped_and_costs_nothing() {
    let (mut queue, start) = (FairQueue::default(), Instant::now());
    let came = attempt(SCHOOL);
    for _ in 0..3 * MAX_WAITING {
        queue.push(&came, (), start);
    }
    assert_eq!(queue.waiting.len(), MAX_WAITING);
    let Next::Job((), keys) = queue.next(start) else {
        panic!("nobody is next");
    };
    queue.done(&keys, true, start);
    assert!(matches!(queue.next(start), Next::At(_)));
    assert!(matches!(queue.next(start + MAX_WAIT), Next::Nothing));
    let group = queue.hasher.hash_one(Key::Group(came.group));
    // Only the compared one counts.
    assert_eq!(queue.use_of.level(group, start + MAX_WAIT), 1);
}

/// An attempt of a browser that was here before.
fn aged(name: &str) -> LoginAttempt {
    LoginAttempt {
        device: Some(name.to_owned()),
        aged: true,
        ..attempt(SCHOOL)
    }
}

/// An attempt with a connection and a cookie made for this one guess.
fn fresh(number: u64) -> LoginAttempt {
    LoginAttempt {
        device: Some(number.to_string()),
        connection: Some(from_port(number)),
        ..attempt(SCHOOL)
    }
}

/// How many tries somebody needs who knows the password. They come three seconds after the guesses began, and come again a
/// second after an attempt was dropped. Two cores, 40 ms for each comparison.
fn tries(guesses: Guesses, teacher: &LoginAttempt) -> usize {
    let start = Instant::now();
    let mut queue = FairQueue::default();
    let mut free_at = [0_u64; 2];
    let right = std::rc::Rc::new(());
    let (mut tries, mut next_try) = (0, 3_010);
    for ms in 0..300_000_u64 {
        let now = start + Duration::from_millis(ms);
        for guess in guesses(ms) {
            queue.push(&guess, None, now);
        }
        if std::rc::Rc::strong_count(&right) > 1 {
            next_try = ms + 1_010;
        } else if ms >= next_try {
            queue.push(teacher, Some(right.clone()), now);
            tries += 1;
        }
        for free_at in free_at.iter_mut().filter(|free_at| **free_at <= ms) {
            if let Next::Job(job, keys) = queue.next(now) {
                *free_at = ms + 40;
                queue.done(&keys, job.is_none(), now);
                if job.is_some() {
                    return tries;
                }
            }
        }
    }
    usize::MAX
}

#[test]
fn browser_with_an_aged_cookie_goes_before_new_connections_and_cookies() {
    let mut guesses = every(5, fresh);
    let waits = waits(&mut guesses, |_| aged("teacher"));
    assert!(p95(&waits) <= 250, "{waits:?}");
    assert!(waits.iter().all(Option::is_some), "{waits:?}");
}

#[test]
fn new_browser_among_200_new_connections_a_second_gets_a_share_of_the_turns() {
    let most = (0..4).map(|run| {
        let mut guesses = every(5, |number| fresh(number + run));
        tries(&mut guesses, &fresh(900_000))
    });
    // One try in eight gets a turn: more than this happens once in a hundred thousand times.
    let most = most.max().unwrap_or(usize::MAX);
    assert!(most <= 100, "{most}");
}

#[test]
fn new_browser_beside_collected_aged_cookies_gets_some_turns() {
    let most = (0..4).map(|_| {
        let mut guesses = every(5, |number| aged(&number.to_string()));
        tries(&mut guesses, &fresh(900_000))
    });
    assert_eq!(most.max(), Some(1));
    // Also if the attacker has as many new connections.
    let mut number = 0;
    let mut both = |ms: u64| {
        number += 1;
        match ms % 10 {
            0 => vec![aged(&number.to_string())],
            5 => vec![fresh(number)],
            _ => Vec::new(),
        }
    };
    // A quarter of the turns is for a hundred a second.
    let most = tries(&mut both, &fresh(900_000));
    assert!(most <= 200, "{most}");
}

#[test]
fn aged_cookie_that_is_wrong_again_and_again_loses_its_rank() {
    let (mut queue, now) = (FairQueue::default(), Instant::now());
    for number in 0..6 {
        queue.push(&aged("pupil"), number, now);
    }
    let old = queue.waiting.iter().filter(|one| one.aged).count();
    assert_eq!(old, 4);
}

#[test]
fn new_browser_beside_a_flood_of_another_address_gets_its_turn() {
    // The attacker has the best that one can get: aged cookies.
    let mut guesses = every(5, |number| aged(&number.to_string()));
    let home = [192, 0, 2, 9];
    let waits = waits(&mut guesses, |ms| LoginAttempt {
        connection: Some((home, ms as u16).into()),
        ..attempt(home)
    });
    assert!(p95(&waits) <= 250, "{waits:?}");
}
