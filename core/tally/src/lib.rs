//! Switcher facts in, one tally per camera out; the logic of the relay; the rule of the page.
//!
//! Four parts of one way: a [`Director`] makes words, a [`Hub`] hands them on, a [`Follower`] shows them, a
//! [`Witness`] knows who has shown what. None has a clock, a socket or randomness.
//!
//! Invariants: (a) no camera shows RED or GREEN longer than
//! [`returnfeed_protocol::TALLY_FRESH_MS`] after the director's last word was made, plus what the network took;
//! (b) a word of an older epoch never replaces one of a newer.

mod attention;
mod crew;
mod cues;
mod director;
mod facts;
mod follower;
mod hub;
mod plan;
mod rule;
mod trial;
mod witness;

pub use attention::{Concern, concerns};
pub use crew::{Holder, Questions, Verdict, judge};
pub use cues::{SheetRefusal, Standing};
pub use director::{Director, DirectorConfig, Reason};
pub use facts::{InputFact, SwitcherName, meant};
pub use follower::Follower;
pub use hub::{Hub, Snapshot, StaleDirector, Takeover, WordRefusal};
pub use plan::{CameraPlan, Feed, GreenRule, InputRef, PlanRefusal};
pub use trial::Lamps;
pub use witness::{CameraAccount, Observation, Seen, Witness};
