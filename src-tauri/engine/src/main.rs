//! Starts the headless director.
fn main() {}
