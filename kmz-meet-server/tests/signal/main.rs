//! Signalling over real WebSockets: one file per behaviour.
//!
//! `waiting` what looks alike from outside · `lobby` what someone in the lobby gets to know · `removed` who cannot come
//! back · `seat` who always can · `restart` what a killed server remembers · `hostile` what strangers send ·
//! `door` origin, limits of guessing, tenancy.
