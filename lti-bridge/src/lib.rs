pub mod outgoing;
