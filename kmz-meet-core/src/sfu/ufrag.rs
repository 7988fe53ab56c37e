//! Our ICE user fragments (RFC 8445, section 5.3). A browser writes ours into each of its connectivity checks, so it says which
//! media thread a check is for, without any table: the first character is the thread. The last ones prove that this process
//! made it: whoever guesses has made up a text that no other thread is bothered with.

use std::hash::{BuildHasher, RandomState};

use super::ids::ThreadIndex;
use super::random::{ALPHABET, token};

/// Characters that are drawn by lot; with the proof they are more than the 24 bits that the RFC asks for.
const RANDOM: usize = 7;
const PROOF: usize = 4;

/// See the module.
#[derive(Default)]
pub struct Ufrags(RandomState);

impl Ufrags {
    /// A new one for a session on this thread.
    #[must_use]
    pub fn new_for(&self, thread: ThreadIndex) -> String {
        let mut ufrag = format!("{}{}", thread.letter(), token(RANDOM));
        let proof = self.proof(ufrag.as_bytes());
        ufrag.extend(proof.map(char::from));
        ufrag
    }

    /// The thread of one that is ours.
    #[must_use]
    pub fn thread_of(&self, ufrag: &str) -> Option<ThreadIndex> {
        let bytes = ufrag.as_bytes();
        let (said, proof) = bytes.split_at_checked(1 + RANDOM)?;
        (proof == self.proof(said)).then(|| ThreadIndex::of_letter(bytes[0]))?
    }

    fn proof(&self, said: &[u8]) -> [u8; PROOF] {
        let mut hash = self.0.hash_one(said);
        std::array::from_fn(|_| {
            let index = (hash % ALPHABET.len() as u64) as usize;
            hash /= ALPHABET.len() as u64;
            ALPHABET[index]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::ids::MAX_THREADS;

    #[test]
    fn thread_of_an_own_ufrag_comes_back_and_of_a_made_up_one_does_not() {
        let ufrags = Ufrags::default();
        for thread in (0..MAX_THREADS).map(ThreadIndex::from_index) {
            let ufrag = ufrags.new_for(thread);
            assert_eq!(ufrags.thread_of(&ufrag), Some(thread));
            let other = ThreadIndex::from_index((thread.index() + 1) % MAX_THREADS);
            let forged = format!("{}{}", other.letter(), &ufrag[1..]);
            assert_eq!(ufrags.thread_of(&forged), None, "of another thread");
            assert_eq!(
                Ufrags::default().thread_of(&ufrag),
                None,
                "of another process"
            );
        }
        for text in ["", "A", "ABCDEFGH", "ABCDEFGHIJKLM", "äöüäöüäöüäöü"] {
            assert_eq!(ufrags.thread_of(text), None, "{text}");
        }
    }
}
