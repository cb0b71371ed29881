//! The server: SRT in, WHEP out, accounts, sessions and the tally relay, one binary.
