//! How much a client may send.

/// Where the WebSocket is served. The version is part of the path.
pub const SIGNAL_PATH: &str = "/api/v1/signal";
/// Largest message that a client may send, in bytes (an offer is the largest one).
pub const MAX_MESSAGE_BYTES: usize = 96 * 1024;
/// Largest session description, in bytes.
pub const MAX_SDP_BYTES: usize = 64 * 1024;
/// Longest chat message, in characters.
pub const MAX_CHAT_CHARS: usize = 2_000;
/// Longest name of a person, in characters.
pub const MAX_NAME_CHARS: usize = 60;
/// Longest conference password, in characters.
pub const MAX_PASSWORD_CHARS: usize = 100;
/// Most entries in any list of a client's message.
pub const MAX_LIST: usize = 256;
/// Where a client is told that it sends too fast: messages a second, and how many may come at once.
pub const MESSAGES_PER_SECOND: u32 = 20;
/// See [`MESSAGES_PER_SECOND`].
pub const MESSAGES_BURST: u32 = 60;
