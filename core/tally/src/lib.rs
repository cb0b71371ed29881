//! Switcher facts in, one tally per camera out; the logic of the relay.
