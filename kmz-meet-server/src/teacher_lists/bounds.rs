//! What a list may be at the most.

/// Longer files are refused. A list of 20,000 people with ten columns has some 2 MB.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// People in one list.
pub const MAX_ROWS: usize = 20_000;
/// Columns of a table, used or not.
pub const MAX_COLUMNS: usize = 200;
/// A longer cell makes its row unreadable.
pub const MAX_CELL_CHARS: usize = 1_000;
/// A password is looked at no further than Excel lets one be typed.
pub const MAX_PASSWORD_CHARS: usize = 255;
