//! What spans components. The tests beside this file run the real programs; nothing depends on this crate.
