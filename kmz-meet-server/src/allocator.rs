//! The allocator of the program: memory that a crowd needed goes back to the system when the crowd is gone.
//!
//! The C library keeps the memory of thousands of closed connections and of compared passwords (19 MB each) for good;
//! with it the server held 190 MB where it holds 40 MB now. jemalloc gives unused pages back.

use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// A thread of its own returns pages that were not used for a second, also when nothing is allocated meanwhile.
/// jemalloc reads the symbol `malloc_conf`, a pointer to a C string, before `main` (jemalloc(3), "TUNING").
#[used]
#[unsafe(export_name = "malloc_conf")]
#[expect(unsafe_code, reason = "jemalloc looks for a symbol of this name")]
static OPTIONS: &[u8; 60] = b"background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0\0";
