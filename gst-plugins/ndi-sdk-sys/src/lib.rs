//! Run-time loaded bindings to the NDI runtime: find, receive, tally.
