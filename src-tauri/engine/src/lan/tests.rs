//! Pages and their director's machine, both ends real (str0m), the network between them and the time in a test's hands.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    CameraLamp, CertificateFingerprint, CloudToPage, Epoch, IceFragment, IcePassword, LanAddress, LanAnswer,
    LanOffer, LanPeer, LanSide, PageNumber, PageToCloud, Tally, TallyReason, TallySequence, TallyState,
};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::config::{DtlsCert, Fingerprint};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc, RtcConfig};

use super::LanEvent;
use super::peers::Peers;

const HERE: &str = "192.168.1.5:8444";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn certificate() -> DtlsCert {
    str0m::crypto::from_feature_flags().dtls_provider.generate_certificate().unwrap()
}

/// An operator's browser.
struct Page {
    rtc: Rtc,
    channel: ChannelId,
    at: SocketAddr,
    heard: Vec<(Instant, u64, TallyState)>,
    deadline: Instant,
    outbox: VecDeque<Vec<u8>>,
    /// How it comes again without the relay.
    again: Option<LanAnswer>,
    /// Whether it confirms what it hears.
    confirms: bool,
}

impl Page {
    fn new(port: u16, now: Instant) -> Self {
        Self::with(&certificate(), port, now)
    }

    /// With a certificate that it kept.
    fn with(certificate: &DtlsCert, port: u16, now: Instant) -> Self {
        let at = SocketAddr::new([192, 168, 1, 77].into(), port);
        let mut rtc = RtcConfig::new().clear_codecs().set_dtls_cert(certificate.clone()).build(now);
        rtc.add_local_candidate(Candidate::host(at, "udp").unwrap());
        let mut direct = rtc.direct_api();
        direct.set_ice_controlling(true);
        let channel = direct.create_data_channel(ChannelConfig {
            ordered: false,
            reliability: Reliability::MaxRetransmits { retransmits: 0 },
            negotiated: Some(0),
            ..ChannelConfig::default()
        });
        let (heard, outbox) = (Vec::new(), VecDeque::new());
        Self { rtc, channel, at, heard, deadline: now, outbox, again: None, confirms: true }
    }

    fn offer(&mut self, who: u8, n: u32) -> LanOffer {
        let direct = self.rtc.direct_api();
        let (creds, print) = (direct.local_ice_credentials(), direct.local_dtls_fingerprint().clone());
        let side = LanSide {
            fragment: IceFragment::try_from(creds.ufrag).unwrap(),
            password: IcePassword::try_from(creds.pass).unwrap(),
            fingerprint: CertificateFingerprint::of(&print.bytes.try_into().unwrap()),
        };
        LanOffer { peer: LanPeer::try_from(format!("{who:02x}").repeat(16)).unwrap(), n, side }
    }

    fn accept(&mut self, answer: &LanAnswer) {
        let LanAnswer::Open { side, addresses, .. } = answer else { panic!("{answer:?}") };
        for address in addresses {
            let there = SocketAddr::new(address.ip, address.port);
            self.rtc.add_remote_candidate(Candidate::host(there, "udp").unwrap());
        }
        let mut direct = self.rtc.direct_api();
        let (ufrag, pass) = (side.fragment.as_str().to_owned(), side.password.as_str().to_owned());
        direct.set_remote_ice_credentials(IceCreds { ufrag, pass });
        let bytes = side.fingerprint.bytes();
        direct.set_remote_fingerprint(Fingerprint { hash_func: "sha-256".to_owned(), bytes });
        direct.start_dtls(true).unwrap();
        direct.start_sctp(true);
    }

    fn handle(&mut self, input: Input) {
        self.rtc.handle_input(input).unwrap();
    }

    fn receive(&mut self, data: &[u8], now: Instant) {
        let receive = Receive::new(Protocol::Udp, HERE.parse().unwrap(), self.at, data).unwrap();
        self.handle(Input::Receive(now, receive));
    }

    fn drain(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Transmit(sent) => self.outbox.push_back(sent.contents.to_vec()),
                Output::Event(Event::ChannelData(data)) => self.hear(&data.data, now),
                Output::Event(_) => {}
                Output::Timeout(at) => {
                    self.deadline = at;
                    return;
                }
            }
        }
    }

    fn hear(&mut self, text: &[u8], now: Instant) {
        let (age_ms, state) = match serde_json::from_slice(text).unwrap() {
            CloudToPage::Tally { age_ms, state, .. } => (age_ms, state),
            CloudToPage::LanAnswer { answer } => {
                self.again = Some(answer);
                return;
            }
            other => panic!("{other:?}"),
        };
        if self.confirms {
            let lamp = &state.cameras[0];
            let (epoch, seq, camera, tally) = (state.epoch, state.seq, lamp.camera, lamp.tally);
            self.say(&serde_json::to_vec(&PageToCloud::Shown { epoch, seq, camera, tally }).unwrap());
        }
        self.heard.push((now, age_ms, state));
    }

    fn say(&mut self, text: &[u8]) {
        let taken = self.rtc.channel(self.channel).map(|mut channel| channel.write(false, text));
        assert!(matches!(taken, Some(Ok(true))), "{taken:?}");
    }

    fn shows(&self) -> Option<(Instant, Tally)> {
        self.heard.last().map(|(at, _, state)| (*at, state.cameras[0].tally))
    }
}

/// The director's machine, some pages, and what lies between.
struct Lan {
    peers: Peers,
    pages: Vec<Page>,
    now: Instant,
    events: Vec<LanEvent>,
    /// Datagrams of the director's machine that the network drops from now on.
    lost: usize,
    seq: u64,
}

impl Lan {
    fn new() -> Self {
        str0m::crypto::from_feature_flags().install_process_default();
        let peers = Peers::new(HERE.parse().unwrap()).unwrap();
        Self { peers, pages: Vec::new(), now: Instant::now(), events: Vec::new(), lost: 0, seq: 0 }
    }

    /// A page that the relay introduced, and that has connected.
    fn join(&mut self, page: u64) {
        self.join_with(page, &certificate());
    }

    fn join_with(&mut self, page: u64, certificate: &DtlsCert) {
        let port = 50_000 + u16::try_from(self.pages.len()).unwrap();
        let mut new = Page::with(certificate, port, self.now);
        let offer = new.offer(u8::try_from(page).unwrap(), 1);
        let answer = self.offer(page, &offer);
        new.accept(&answer);
        self.pages.push(new);
        self.run(ms(500));
    }

    fn offer(&mut self, page: u64, offer: &LanOffer) -> LanAnswer {
        let there: SocketAddr = HERE.parse().unwrap();
        let addresses = vec![LanAddress { ip: there.ip(), port: there.port() }];
        self.peers.handle_offer(PageNumber(page), offer, addresses, self.now)
    }

    fn word(&mut self, tally: Tally) {
        self.seq += 1;
        let (camera, name) = (1.try_into().unwrap(), "Wide".to_owned());
        let cameras = vec![CameraLamp { camera, name, tally, reason: TallyReason::NotInUse }];
        let state = TallyState { epoch: Epoch(7), seq: TallySequence(self.seq), cameras };
        self.peers.handle_word(state, self.now);
    }

    /// Lets time pass, a millisecond at a time.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.exchange();
            self.now += ms(1);
            if self.peers.poll_timeout().is_some_and(|at| at <= self.now) {
                self.peers.handle_timeout(self.now);
            }
            for page in self.pages.iter_mut().filter(|page| page.deadline <= self.now) {
                page.handle(Input::Timeout(self.now));
            }
        }
        self.exchange();
    }

    /// What both ends have to say to each other now, to the end.
    fn exchange(&mut self) {
        for _ in 0..100 {
            let mut quiet = true;
            for page in &mut self.pages {
                page.drain(self.now);
                while let Some(data) = page.outbox.pop_front() {
                    quiet = false;
                    self.peers.handle_datagram(page.at, &data, self.now);
                }
            }
            while let Some((to, data)) = self.peers.poll_transmit() {
                quiet = false;
                if self.lost > 0 {
                    self.lost -= 1;
                } else if let Some(page) = self.pages.iter_mut().find(|page| page.at == to) {
                    page.receive(&data, self.now);
                }
            }
            while let Some(event) = self.peers.poll_event() {
                self.events.push(event);
            }
            if quiet {
                return;
            }
        }
        panic!("both ends go on for ever");
    }

    fn paths(&self) -> Vec<(u64, bool)> {
        let path = |event: &LanEvent| match event {
            LanEvent::Path { page, proven } => Some((page.0, *proven)),
            _ => None,
        };
        self.events.iter().filter_map(path).collect()
    }
}

#[test]
fn a_page_that_was_introduced_hears_the_newest_word_with_its_age_and_each_cut_at_once() {
    let mut lan = Lan::new();
    lan.word(Tally::Idle);
    lan.run(ms(400));
    lan.join(3);
    let (_, age_ms, state) =
        lan.pages[0].heard.first().expect("it hears what was said before it came").clone();
    assert!((400..900).contains(&age_ms) && state.seq == TallySequence(1), "{age_ms} {state:?}");
    lan.word(Tally::Program);
    let cut = lan.now;
    lan.run(ms(5));
    assert_eq!(lan.pages[0].shows(), Some((cut, Tally::Program)));
}

#[test]
fn a_change_is_heard_within_a_third_of_a_second_although_its_datagrams_are_lost() {
    let mut lan = Lan::new();
    lan.join(3);
    for (lost, tally) in [(1, Tally::Program), (2, Tally::Preview), (1, Tally::Program)] {
        lan.run(ms(3_000));
        let cut = lan.now;
        lan.lost = lost;
        lan.word(tally);
        lan.run(ms(400));
        let (_, _, state) = lan.pages[0].heard.last().unwrap();
        assert_eq!(state.cameras[0].tally, tally, "{lost} datagrams were lost");
        let (first, ..) = lan.pages[0].heard.iter().find(|(_, _, state)| state.seq.0 == lan.seq).unwrap();
        assert!(*first <= cut + ms(300), "{:?}", *first - cut);
    }
}

#[test]
fn what_a_page_shows_is_told_and_it_is_proven_until_it_was_silent_for_three_seconds() {
    let mut lan = Lan::new();
    lan.join(3);
    assert_eq!(lan.paths(), []);
    for _ in 0..5 {
        lan.word(Tally::Program);
        lan.run(ms(1_000));
    }
    let shown = lan.events.iter().filter(|event| {
        matches!(event, LanEvent::Shown(shown) if shown.page == PageNumber(3) && shown.tally == Tally::Program)
    });
    assert!(shown.count() >= 5, "{:?}", lan.events);
    assert_eq!(lan.paths(), [(3, true)]);
    lan.pages[0].confirms = false;
    lan.run(ms(1_900));
    assert_eq!(lan.paths(), [(3, true)]);
    lan.run(ms(1_200));
    assert_eq!(lan.paths(), [(3, true), (3, false)]);
    lan.pages[0].confirms = true;
    lan.word(Tally::Idle);
    lan.run(ms(100));
    assert_eq!(lan.paths(), [(3, true), (3, false), (3, true)]);
}

#[test]
fn who_shows_another_certificate_than_the_relay_said_hears_nothing() {
    let mut lan = Lan::new();
    lan.word(Tally::Program);
    let mut page = Page::new(50_000, lan.now);
    let mut offer = page.offer(3, 1);
    offer.side.fingerprint = CertificateFingerprint::of(&[9; 32]);
    let answer = lan.offer(3, &offer);
    page.accept(&answer);
    lan.pages.push(page);
    lan.run(ms(3_000));
    assert_eq!(lan.pages[0].heard.len(), 0);
    assert_eq!(lan.events, []);
}

#[test]
fn a_stranger_is_not_answered() {
    let mut lan = Lan::new();
    lan.join(3);
    let mut stranger = Page::new(60_000, lan.now);
    let mut guessed = stranger.offer(3, 1).side;
    guessed.password = IcePassword::try_from("x".repeat(24)).unwrap();
    let there: SocketAddr = HERE.parse().unwrap();
    let addresses = vec![LanAddress { ip: there.ip(), port: there.port() }];
    stranger.accept(&LanAnswer::Open { n: 1, side: guessed, addresses });
    for step in 0..100_u64 {
        stranger.handle(Input::Timeout(lan.now + ms(step * 20)));
        stranger.drain(lan.now);
        while let Some(data) = stranger.outbox.pop_front() {
            lan.peers.handle_datagram(stranger.at, &data, lan.now);
        }
        lan.peers.handle_datagram(stranger.at, b"\x16\xfe\xfdno handshake", lan.now);
        lan.peers.handle_datagram(stranger.at, b"", lan.now);
        while let Some((to, _)) = lan.peers.poll_transmit() {
            assert_ne!(to, stranger.at);
        }
    }
}

#[test]
fn a_page_that_offers_anew_is_heard_under_its_new_number_and_the_old_connection_ends() {
    let mut lan = Lan::new();
    lan.join(3);
    lan.word(Tally::Program);
    lan.run(ms(100));
    // The cloud came back, and calls the page otherwise; its phone is the same.
    let mut again = Page::new(50_001, lan.now);
    let offer = again.offer(3, 2);
    let answer = lan.offer(9, &offer);
    again.accept(&answer);
    lan.pages.push(again);
    lan.run(ms(500));
    lan.word(Tally::Preview);
    lan.run(ms(100));
    assert_eq!(lan.pages[1].shows().map(|(_, tally)| tally), Some(Tally::Preview));
    assert_eq!(lan.paths(), [(3, true), (9, true), (3, false)]);
    let before = lan.pages[0].heard.len();
    lan.run(ms(1_000));
    lan.word(Tally::Idle);
    lan.run(ms(100));
    assert_eq!(lan.pages[0].heard.len(), before, "nobody speaks to the old connection");
}

#[test]
fn a_page_that_is_reloaded_again_and_again_while_the_relay_is_away_comes_back_by_what_it_was_told() {
    let mut lan = Lan::new();
    let kept = certificate();
    lan.join_with(3, &kept);
    for reload in 1..=3 {
        lan.word(Tally::Program);
        lan.run(ms(20_000));
        let again = lan.pages.pop().unwrap().again.expect("it was told how to come again");
        let mut page = Page::with(&kept, 51_000 + reload, lan.now);
        page.accept(&again);
        lan.pages.push(page);
        lan.run(ms(500));
        assert_eq!(lan.pages[0].shows().map(|(_, tally)| tally), Some(Tally::Program), "reload {reload}");
    }
    assert_eq!(lan.paths().last(), Some(&(3, true)));
}

#[test]
fn who_was_told_how_to_come_again_but_shows_another_certificate_hears_nothing_and_spoils_nothing() {
    let mut lan = Lan::new();
    let kept = certificate();
    lan.join_with(3, &kept);
    lan.word(Tally::Program);
    lan.run(ms(1_000));
    let again = lan.pages.pop().unwrap().again.unwrap();
    let mut thief = Page::new(51_000, lan.now);
    thief.accept(&again);
    lan.pages.push(thief);
    lan.run(ms(3_000));
    assert_eq!(lan.pages[0].heard.len(), 0);
    lan.pages.clear();
    lan.run(ms(3_500));
    let mut page = Page::with(&kept, 51_001, lan.now);
    page.accept(&again);
    lan.pages.push(page);
    lan.run(ms(500));
    assert_eq!(lan.pages[0].shows().map(|(_, tally)| tally), Some(Tally::Program));
}

#[test]
fn a_page_that_never_connects_gives_its_place_back_and_one_too_many_is_told_so() {
    let mut lan = Lan::new();
    let offers: Vec<_> = (0..=200_u8).map(|who| Page::new(50_000, lan.now).offer(who, 1)).collect();
    let (last, first) = offers.split_last().unwrap();
    for (page, offer) in (1..).zip(first) {
        assert!(matches!(lan.offer(page, offer), LanAnswer::Open { .. }));
    }
    assert_eq!(lan.offer(201, last), LanAnswer::Closed { n: 1 });
    lan.now += ms(15_001);
    lan.peers.handle_timeout(lan.now);
    assert!(matches!(lan.offer(201, last), LanAnswer::Open { .. }));
}

#[test]
fn a_machine_without_an_address_serves_nobody() {
    let mut lan = Lan::new();
    let offer = Page::new(50_000, lan.now).offer(1, 4);
    assert_eq!(
        lan.peers.handle_offer(PageNumber(1), &offer, Vec::new(), lan.now),
        LanAnswer::Closed { n: 4 }
    );
}
