use super::*;

const RIGHT: &str = "geheim";
const WRONG: &str = "falsch";

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn nobody(last: u8) -> Visitor {
    Visitor {
        address: address(last),
        person: None,
        known_for: Duration::ZERO,
        connected: Instant::now(),
    }
}

/// A browser whose cookie was made an hour ago.
fn browser(name: &str) -> Visitor {
    Visitor {
        person: Some(Person::Device(name.to_owned())),
        known_for: Duration::from_hours(1),
        ..nobody(1)
    }
}

/// A browser whose cookie was made just now.
fn new_browser(name: &str) -> Visitor {
    Visitor {
        known_for: Duration::ZERO,
        ..browser(name)
    }
}

async fn is_unproven(guessing: &Guessing, visitor: &Visitor, now: Instant) -> bool {
    guessing.begin("room", RIGHT, visitor, now).await.unproven
}

async fn wrong(guessing: &Guessing, visitor: &Visitor, now: Instant) -> bool {
    let guess = guessing.begin("room", WRONG, visitor, now).await;
    guess.wrong(now)
}

#[tokio::test]
async fn wrong_of_an_address_makes_it_rate_limited_for_this_room_only() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    for _ in 0..OF_ADDRESS {
        assert!(!is_unproven(&guessing, &nobody(1), now).await);
        wrong(&guessing, &nobody(1), now).await;
    }
    assert!(is_unproven(&guessing, &nobody(1), now).await);
    assert!(!is_unproven(&guessing, &nobody(2), now).await);
    assert!(
        !guessing
            .begin("other", RIGHT, &nobody(1), now)
            .await
            .unproven
    );
    let later = now + WINDOW;
    assert!(!is_unproven(&guessing, &nobody(1), later).await);
}

#[tokio::test]
async fn wrong_of_one_person_does_not_make_others_at_the_address_rate_limited() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    for _ in 0..30 {
        wrong(&guessing, &browser("guesser"), now).await;
    }
    assert!(is_unproven(&guessing, &browser("guesser"), now).await);
    assert!(!is_unproven(&guessing, &browser("anna"), now).await);
    assert!(!is_unproven(&guessing, &new_browser("ben"), now).await);
    // Mistyping twice is human.
    for _ in 0..SLIPS {
        wrong(&guessing, &browser("clara"), now).await;
    }
    assert!(!is_unproven(&guessing, &browser("clara"), now).await);
}

#[tokio::test]
async fn wrong_from_many_addresses_puts_the_room_under_guessing_and_tells_it_once() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    let mut told = 0;
    for number in 0..200_u8 {
        told += u32::from(wrong(&guessing, &nobody(number), now).await);
    }
    assert_eq!(told, 1);
    assert!(
        is_unproven(&guessing, &nobody(201), now).await,
        "an address that never was wrong"
    );
    assert!(
        is_unproven(
            &guessing,
            &new_browser("fresh"),
            now + Duration::from_secs(1)
        )
        .await
    );
    assert!(
        !is_unproven(&guessing, &browser("anna"), now).await,
        "known before"
    );
    let user = Visitor {
        person: Some(Person::User("maier".to_owned())),
        ..nobody(1)
    };
    assert!(!is_unproven(&guessing, &user, now).await);
}

#[tokio::test]
async fn one_address_does_not_put_the_whole_room_under_guessing() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    let later = now + Duration::from_secs(1);
    for _ in 0..500 {
        wrong(&guessing, &nobody(1), now).await;
    }
    // With cookies by the hundred, each of which slips twice.
    for number in 0..500 {
        let visitor = Visitor {
            address: address(2),
            ..new_browser(&format!("stock {}", number / 2))
        };
        wrong(&guessing, &visitor, now).await;
    }
    let elsewhere = Visitor {
        address: address(3),
        ..new_browser("anna")
    };
    assert!(!is_unproven(&guessing, &elsewhere, later).await);
    assert!(!is_unproven(&guessing, &nobody(3), later).await);
    let here = |visitor| Visitor {
        address: address(2),
        ..visitor
    };
    assert!(is_unproven(&guessing, &here(new_browser("ben")), later).await);
    assert!(!is_unproven(&guessing, &here(browser("clara")), later).await);
}

#[tokio::test]
async fn a_class_in_which_every_fifth_mistypes_twice_comes_in_whole() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    for number in 0..70 {
        let visitor = new_browser(&format!("pupil {number}"));
        if number % 5 == 0 {
            wrong(&guessing, &visitor, now).await;
            wrong(&guessing, &visitor, now).await;
        }
        assert!(!is_unproven(&guessing, &visitor, now).await, "{number}");
    }
}

#[tokio::test]
async fn wrong_passwords_that_go_on_keep_the_room_under_guessing() {
    let (guessing, mut now) = (Guessing::default(), Instant::now());
    let start = now;
    for number in 0..=u8::MAX {
        wrong(&guessing, &nobody(number), now).await;
        now += Duration::from_secs(5);
    }
    assert!(now > start + 2 * WINDOW);
    assert!(is_unproven(&guessing, &nobody(200), now).await);
    assert!(!is_unproven(&guessing, &nobody(200), now + WINDOW).await);
}

#[tokio::test]
async fn browsers_laid_in_stock_give_few_guesses() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    let mut tried = 0;
    for number in 0..10_000 {
        let visitor = browser(&number.to_string());
        let guess = guessing.begin("room", WRONG, &visitor, now).await;
        tried += u32::from(!guess.unproven);
        guess.wrong(now);
    }
    assert!(tried <= OF_ROOM + OF_EARLIER, "{tried} passwords of 10,000");
}

#[tokio::test]
async fn guesses_at_once_are_not_all_tried_before_the_first_is_counted() {
    let (guessing, now) = (Arc::new(Guessing::default()), Instant::now());
    let tried = Arc::new(Mutex::new(0_u32));
    let many: Vec<_> = (0..1_000)
        .map(|number| {
            let (guessing, tried) = (guessing.clone(), tried.clone());
            tokio::spawn(async move {
                let visitor = new_browser(&number.to_string());
                let guess = guessing.begin("room", WRONG, &visitor, now).await;
                *tried.lock().unwrap() += u32::from(!guess.unproven);
                tokio::task::yield_now().await;
                guess.wrong(now);
            })
        })
        .collect();
    for one in many {
        one.await.unwrap();
    }
    let tried = *tried.lock().unwrap();
    assert!(tried <= OF_ROOM + OF_EARLIER, "{tried}");
}

#[tokio::test]
async fn a_class_that_is_right_at_once_is_let_in_whole() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    // At the same time and without cookies: each waits only for those before it.
    let guesses = (0..70).map(|_| async {
        let guess = guessing.begin("room", RIGHT, &nobody(1), now).await;
        assert!(!guess.unproven);
        tokio::task::yield_now().await;
        guessing.right(guess, now);
    });
    futures_util::future::join_all(guesses).await;
}

#[tokio::test]
async fn who_was_right_before_comes_in_whatever_others_do() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    let anna = new_browser("anna");
    let guess = guessing.begin("room", RIGHT, &anna, now).await;
    guessing.right(guess, now);
    for number in 0..100 {
        wrong(&guessing, &browser(&number.to_string()), now).await;
    }
    assert!(is_unproven(&guessing, &new_browser("ben"), now).await);
    assert!(!is_unproven(&guessing, &anna, now).await);
}

#[tokio::test]
async fn counts_of_many_addresses_do_not_wipe_out_the_newest() {
    let (guessing, start) = (Guessing::default(), Instant::now());
    let of = |number: usize| Of::Address(number.to_string(), address(1));
    let at = |number: usize| start + Duration::from_micros(number as u64);
    for number in 0..=MAX_ENTRIES {
        guessing
            .budget(of(number), OF_ADDRESS, at(number))
            .wrong(at(number));
    }
    let wrong = |number: usize| {
        guessing
            .budget(of(number), OF_ADDRESS, at(MAX_ENTRIES))
            .state()
            .wrong
    };
    assert_eq!(
        (wrong(MAX_ENTRIES), wrong(MAX_ENTRIES - 1), wrong(0)),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn who_was_right_by_one_password_guesses_another_like_everyone() {
    let (guessing, now) = (Guessing::default(), Instant::now());
    let stock: Vec<Visitor> = (0..1_000)
        .map(|one| new_browser(&one.to_string()))
        .collect();
    for visitor in &stock {
        let guess = guessing.begin("room", RIGHT, visitor, now).await;
        guessing.right(guess, now);
    }
    // The password is another one since.
    let mut tried = 0;
    for (number, visitor) in stock.iter().enumerate() {
        let guess = guessing
            .begin("room", &number.to_string(), visitor, now)
            .await;
        tried += u32::from(!guess.unproven);
        guess.wrong(now);
    }
    assert!(tried <= OF_ROOM, "{tried} passwords of 1,000");
    // And by the new one nobody of them comes in unseen.
    let guess = guessing.begin("room", "neu", &stock[0], now).await;
    assert!(guess.unproven);
    // In the same room as it was before: a class that was in comes in, mistyped or not.
    assert!(!is_unproven(&guessing, &stock[1], now).await);
}
