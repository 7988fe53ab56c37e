use rand::RngExt;

/// A password to hand out: four times four signs that cannot be mistaken for each other, 80 bits.
pub fn new_password() -> String {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let mut group = || -> String {
        (0..4)
            .map(|_| char::from(SIGNS[random.random_range(0..SIGNS.len())]))
            .collect()
    };
    [group(), group(), group(), group()].join("-")
}
