//! Chaos: real servers and real directors that are killed, stopped, cut off and doubled, while pages follow.
//!
//! Judged by what was recorded, never by a log: every word that a page heard, with the moments between which the rule of
//! the page showed it, and every set of lamps that a director said. Invariants, of ARCHITECTURE's *What must always hold*:
//! (a) no lamp is lit more than 3 s after its director's link died; (b) no word of an older run comes after one of a newer;
//! (c) nothing of another session is heard, of which one goes on at the same servers; (d) who may not have the high layer
//! never gets it; and everything is right again within 3 s of the return of what was gone.

mod beside;
mod clock;
mod stage;
mod watch;

use std::time::Duration;

use clock::WallClock;
use stage::{Cast, Director, Stage};

use crate::nats::Nats;
use crate::postgres::Cluster;

/// Longer than a word is good for.
const OUTAGE: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn a_director_that_is_killed_leaves_no_lamp_lit_and_the_next_run_is_right() {
    let mut stage = Stage::start().await;
    stage.cut(2).await;
    let died = stage.director.kill();
    stage.all_unknown().await;
    let again = stage.direct_again();
    stage.right_again(1).await;
    stage.cut(2).await;
    stage.judge(&[(died, again)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_director_that_stands_still_is_unknown_and_right_when_it_goes_on() {
    let mut stage = Stage::start().await;
    stage.cut(2).await;
    let died = stage.director.signal("-STOP");
    stage.all_unknown().await;
    let resumed = stage.director.signal("-CONT");
    stage.right_again(2).await;
    stage.cut(1).await;
    stage.judge(&[(died, resumed)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_is_right_again_on_the_same_data() {
    let mut stage = Stage::start().await;
    stage.cut(2).await;
    let died = stage.kill_server();
    stage.all_unknown().await;
    let restarted = stage.serve_again();
    stage.right_again(2).await;
    stage.cut(1).await;
    stage.judge(&[(died, restarted)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_is_right_again_when_it_goes_on() {
    let mut stage = Stage::start().await;
    stage.cut(2).await;
    let died = stage.signal_server("-STOP");
    stage.all_unknown().await;
    let resumed = stage.signal_server("-CONT");
    stage.right_again(2).await;
    stage.cut(1).await;
    stage.judge(&[(died, resumed)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_director_said_before_it_was_killed_is_not_fresh_when_the_server_goes_on() {
    let mut stage = Stage::start().await;
    stage.cut(2).await;
    stage.signal_server("-STOP");
    // Its last words stand in the server's socket.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let died = stage.director.kill();
    tokio::time::sleep(OUTAGE).await;
    stage.signal_server("-CONT");
    stage.served().await;
    // Long enough for a word to be shown that should not be.
    tokio::time::sleep(OUTAGE).await;
    stage.all_unknown().await;
    let again = stage.direct_again();
    stage.right_again(1).await;
    stage.judge(&[(died, again)]);
}

/// Shorter than a silence that anybody would notice, and with the last word said at its very beginning.
#[tokio::test(flavor = "multi_thread")]
async fn a_standstill_too_short_to_be_noticed_makes_no_dead_director_s_word_new() {
    let mut stage = Stage::start().await;
    stage.cut(2).await;
    stage.signal_server("-STOP");
    stage.press_and_hear_it_said(1).await;
    let died = stage.director.kill();
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    stage.signal_server("-CONT");
    stage.served().await;
    // Long enough for a word to be shown that should not be.
    tokio::time::sleep(OUTAGE).await;
    stage.all_unknown().await;
    let again = stage.direct_again();
    stage.right_again(1).await;
    stage.judge(&[(died, again)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_director_that_is_cut_off_is_unknown_and_right_when_the_network_is_back() {
    let mut stage = Stage::start().await;
    stage.cut(2).await;
    let parted = stage.part();
    stage.all_unknown().await;
    let joined = stage.join();
    stage.right_again(2).await;
    stage.cut(1).await;
    stage.judge(&[(parted, joined)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_director_takes_over_and_the_first_ends() {
    let mut stage = Stage::start().await;
    stage.cut(2).await;
    let mut first = std::mem::replace(&mut stage.director, Director::nobody());
    stage.direct_again();
    first.ended_by_itself().await;
    stage.right(1).await;
    stage.cut(2).await;
    stage.judge(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_are_right_again_when_their_database_was_killed_or_stood_still() {
    let cluster = Cluster::start();
    let mut stage = Stage::cast(Cast { cluster: Some(&cluster), ..Cast::default() }).await;
    stage.cut(2).await;
    cluster.kill();
    // Who is at the director's own server needs no database; who is at the other hears nothing.
    stage.page_shows_unknown(1).await;
    cluster.resume();
    stage.right_again(2).await;
    stage.cut(1).await;
    cluster.freeze();
    stage.page_shows_unknown(1).await;
    cluster.thaw();
    stage.right_again(1).await;
    stage.cut(2).await;
    stage.judge(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_are_right_again_when_the_nats_between_them_was_killed_or_stood_still() {
    let (cluster, mut nats) = (Cluster::start(), Nats::start());
    let cast = Cast { cluster: Some(&cluster), bus: Some(nats.setting()), ..Cast::default() };
    let mut stage = Stage::cast(cast).await;
    stage.cut(2).await;
    nats.kill();
    stage.page_shows_unknown(1).await;
    nats.resume();
    stage.right_again(2).await;
    stage.cut(1).await;
    nats.freeze();
    stage.page_shows_unknown(1).await;
    nats.thaw();
    stage.right_again(1).await;
    stage.cut(2).await;
    // What it carried is not new when it carries it at last.
    nats.freeze();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let died = stage.director.kill();
    stage.all_unknown().await;
    nats.thaw();
    tokio::time::sleep(OUTAGE).await;
    stage.all_unknown().await;
    let again = stage.direct_again();
    stage.right_again(1).await;
    stage.judge(&[(died, again)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_jump_an_hour_make_no_word_old_or_new() {
    let (cluster, clock) = (Cluster::start(), WallClock::right());
    let cast = Cast { cluster: Some(&cluster), clock: Some(&clock), ..Cast::default() };
    let mut stage = Stage::cast(cast).await;
    let mut on_air = 1;
    for hour in ["+3600", "-3600", "+0"] {
        clock.set(hour);
        on_air = 3 - on_air;
        stage.cut(on_air).await;
        // The words of some seconds, by the new clock.
        tokio::time::sleep(OUTAGE).await;
        stage.right(on_air).await;
    }
    stage.no_word_was_older_than(Duration::from_secs(600));
    clock.set("+3600");
    let died = stage.director.kill();
    stage.all_unknown().await;
    let again = stage.direct_again();
    stage.right_again(1).await;
    stage.judge(&[(died, again)]);
}

/// Fault after fault, of a seed; three of them, and sixty in the long suite.
#[tokio::test(flavor = "multi_thread")]
async fn a_seeded_evening_of_faults_breaks_nothing() {
    let rounds = if std::env::var_os("RETURNFEED_LONG").is_some() { 60 } else { 3 };
    let mut stage = Stage::start().await;
    let (mut dead, mut random) = (Vec::new(), 0x2545_f491_u32);
    let mut on_air = 1;
    for round in 0..rounds {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let fault = random >> 29;
        println!("round {round}: fault {fault}");
        let died = match fault {
            0 | 1 => stage.director.kill(),
            2 => stage.director.signal("-STOP"),
            3 | 4 => stage.kill_server(),
            5 => stage.signal_server("-STOP"),
            _ => stage.part(),
        };
        stage.all_unknown().await;
        let mended = match fault {
            0 | 1 => stage.direct_again(),
            2 => stage.director.signal("-CONT"),
            3 | 4 => stage.serve_again(),
            5 => stage.signal_server("-CONT"),
            _ => stage.join(),
        };
        dead.push((died, mended));
        // Another run begins with its first source.
        on_air = if fault <= 1 { 1 } else { on_air };
        stage.right_again(on_air).await;
        on_air = 3 - on_air;
        stage.cut(on_air).await;
    }
    stage.judge(&dead);
}
