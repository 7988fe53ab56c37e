use super::super::bounded::MAX_KEYS;
use super::*;

const RIGHT: &str = "geheim";
const WRONG: &str = "falsch";

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn nobody(last: u8) -> LimitKey {
    LimitKey {
        address: address(last),
        person: None,
        known_for: Duration::ZERO,
        connected: Instant::now(),
    }
}

/// A browser whose cookie was made an hour ago.
fn browser(name: &str) -> LimitKey {
    LimitKey {
        person: Some(Person::Device(name.to_owned())),
        known_for: Duration::from_hours(1),
        ..nobody(1)
    }
}

/// A browser whose cookie was made just now.
fn new_browser(name: &str) -> LimitKey {
    LimitKey {
        known_for: Duration::ZERO,
        ..browser(name)
    }
}

async fn is_unproven(attempts: &PasswordAttempts, key: &LimitKey, now: Instant) -> bool {
    attempts.begin("room", RIGHT, key, now).await.unproven
}

async fn wrong(attempts: &PasswordAttempts, key: &LimitKey, now: Instant) -> bool {
    let attempt = attempts.begin("room", WRONG, key, now).await;
    attempt.wrong(now)
}

#[tokio::test]
async fn wrong_of_an_address_is_counted_for_this_room_only() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    for _ in 0..MAX_WRONG_OF_ADDRESS {
        assert!(!is_unproven(&attempts, &nobody(1), now).await);
        wrong(&attempts, &nobody(1), now).await;
    }
    assert!(is_unproven(&attempts, &nobody(1), now).await);
    assert!(!is_unproven(&attempts, &nobody(2), now).await);
    assert!(
        !attempts
            .begin("other", RIGHT, &nobody(1), now)
            .await
            .unproven
    );
    let later = now + WINDOW;
    assert!(!is_unproven(&attempts, &nobody(1), later).await);
}

#[tokio::test]
async fn wrong_of_one_person_does_not_count_for_others_at_the_address() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    for _ in 0..30 {
        wrong(&attempts, &browser("guesser"), now).await;
    }
    assert!(is_unproven(&attempts, &browser("guesser"), now).await);
    assert!(!is_unproven(&attempts, &browser("anna"), now).await);
    assert!(!is_unproven(&attempts, &new_browser("ben"), now).await);
    // Mistyping twice is human.
    for _ in 0..MAX_SLIPS {
        wrong(&attempts, &browser("clara"), now).await;
    }
    assert!(!is_unproven(&attempts, &browser("clara"), now).await);
}

#[tokio::test]
async fn wrong_from_many_addresses_makes_everybody_unproven_and_is_told_once() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    let mut told = 0;
    for number in 0..200_u8 {
        told += u32::from(wrong(&attempts, &nobody(number), now).await);
    }
    assert_eq!(told, 1);
    assert!(
        is_unproven(&attempts, &nobody(201), now).await,
        "an address that never was wrong"
    );
    assert!(
        is_unproven(
            &attempts,
            &new_browser("fresh"),
            now + Duration::from_secs(1)
        )
        .await
    );
    assert!(
        !is_unproven(&attempts, &browser("anna"), now).await,
        "known before"
    );
    let user = LimitKey {
        person: Some(Person::User("maier".to_owned())),
        ..nobody(1)
    };
    assert!(!is_unproven(&attempts, &user, now).await);
}

#[tokio::test]
async fn wrong_of_one_address_does_not_make_those_of_others_unproven() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    let later = now + Duration::from_secs(1);
    for _ in 0..500 {
        wrong(&attempts, &nobody(1), now).await;
    }
    // With cookies by the hundred, each of which slips twice.
    for number in 0..500 {
        let key = LimitKey {
            address: address(2),
            ..new_browser(&format!("stock {}", number / 2))
        };
        wrong(&attempts, &key, now).await;
    }
    let elsewhere = LimitKey {
        address: address(3),
        ..new_browser("anna")
    };
    assert!(!is_unproven(&attempts, &elsewhere, later).await);
    assert!(!is_unproven(&attempts, &nobody(3), later).await);
    let here = |key| LimitKey {
        address: address(2),
        ..key
    };
    assert!(is_unproven(&attempts, &here(new_browser("ben")), later).await);
    assert!(!is_unproven(&attempts, &here(browser("clara")), later).await);
}

#[tokio::test]
async fn begin_for_a_class_in_which_every_fifth_mistypes_twice_is_proven() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    for number in 0..70 {
        let key = new_browser(&format!("pupil {number}"));
        if number % 5 == 0 {
            wrong(&attempts, &key, now).await;
            wrong(&attempts, &key, now).await;
        }
        assert!(!is_unproven(&attempts, &key, now).await, "{number}");
    }
}

#[tokio::test]
async fn wrong_that_goes_on_keeps_the_room_unproven() {
    let (attempts, mut now) = (PasswordAttempts::default(), Instant::now());
    let start = now;
    for number in 0..=u8::MAX {
        wrong(&attempts, &nobody(number), now).await;
        now += Duration::from_secs(5);
    }
    assert!(now > start + 2 * WINDOW);
    assert!(is_unproven(&attempts, &nobody(200), now).await);
    assert!(!is_unproven(&attempts, &nobody(200), now + WINDOW).await);
}

#[tokio::test]
async fn begin_with_cookies_laid_in_stock_gives_few_attempts() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    let mut tried = 0;
    for number in 0..10_000 {
        let key = browser(&number.to_string());
        let attempt = attempts.begin("room", WRONG, &key, now).await;
        tried += u32::from(!attempt.unproven);
        attempt.wrong(now);
    }
    assert!(
        tried <= MAX_WRONG_OF_ROOM + MAX_WRONG_OF_EARLIER,
        "{tried} passwords of 10,000"
    );
}

#[tokio::test]
async fn begin_of_many_at_once_waits_until_the_first_are_counted() {
    let (attempts, now) = (Arc::new(PasswordAttempts::default()), Instant::now());
    let tried = Arc::new(Mutex::new(0_u32));
    let many: Vec<_> = (0..1_000)
        .map(|number| {
            let (attempts, tried) = (attempts.clone(), tried.clone());
            tokio::spawn(async move {
                let key = new_browser(&number.to_string());
                let attempt = attempts.begin("room", WRONG, &key, now).await;
                *tried.lock().unwrap() += u32::from(!attempt.unproven);
                tokio::task::yield_now().await;
                attempt.wrong(now);
            })
        })
        .collect();
    for one in many {
        one.await.unwrap();
    }
    let tried = *tried.lock().unwrap();
    assert!(tried <= MAX_WRONG_OF_ROOM + MAX_WRONG_OF_EARLIER, "{tried}");
}

#[tokio::test]
async fn begin_of_a_class_that_is_right_at_once_is_proven() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    // At the same time and without cookies: each waits only for those before it.
    let all = (0..70).map(|_| async {
        let attempt = attempts.begin("room", RIGHT, &nobody(1), now).await;
        assert!(!attempt.unproven);
        tokio::task::yield_now().await;
        attempts.right(attempt, now);
    });
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn begin_of_a_browser_that_was_right_before_is_proven_whatever_others_do() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    let anna = new_browser("anna");
    let attempt = attempts.begin("room", RIGHT, &anna, now).await;
    attempts.right(attempt, now);
    for number in 0..100 {
        wrong(&attempts, &browser(&number.to_string()), now).await;
    }
    assert!(is_unproven(&attempts, &new_browser("ben"), now).await);
    assert!(!is_unproven(&attempts, &anna, now).await);
}

#[tokio::test]
async fn budgets_of_too_many_addresses_forget_the_oldest() {
    let (attempts, start) = (PasswordAttempts::default(), Instant::now());
    let of = |number: usize| Of::Address(number.to_string(), address(1));
    let at = |number: usize| start + Duration::from_micros(number as u64);
    for number in 0..=MAX_KEYS {
        attempts
            .budget(of(number), MAX_WRONG_OF_ADDRESS, at(number))
            .wrong(at(number));
    }
    let wrong = |number: usize| {
        attempts
            .budget(of(number), MAX_WRONG_OF_ADDRESS, at(MAX_KEYS))
            .state()
            .wrong
    };
    assert_eq!((wrong(MAX_KEYS), wrong(MAX_KEYS - 1), wrong(0)), (1, 1, 0));
}

#[tokio::test]
async fn begin_after_one_password_was_right_counts_another_like_everyones() {
    let (attempts, now) = (PasswordAttempts::default(), Instant::now());
    let stock: Vec<LimitKey> = (0..1_000)
        .map(|one| new_browser(&one.to_string()))
        .collect();
    for key in &stock {
        let attempt = attempts.begin("room", RIGHT, key, now).await;
        attempts.right(attempt, now);
    }
    // The password is another one since.
    let mut tried = 0;
    for (number, key) in stock.iter().enumerate() {
        let attempt = attempts.begin("room", &number.to_string(), key, now).await;
        tried += u32::from(!attempt.unproven);
        attempt.wrong(now);
    }
    assert!(tried <= MAX_WRONG_OF_ROOM, "{tried} passwords of 1,000");
    // And by the new one nobody of them comes in unseen.
    let attempt = attempts.begin("room", "neu", &stock[0], now).await;
    assert!(attempt.unproven);
    // In the same room as it was before: a class that was in comes in, mistyped or not.
    assert!(!is_unproven(&attempts, &stock[1], now).await);
}
