//! Who needs the director's attention, and for what: the readiness of phones, sorted.
//!
//! It refuses to weigh: the order of [`Concern`] is the order of need, the worst first.

use returnfeed_protocol::{Ability, OperatorPresence, PictureState, Signal};

use crate::witness::Seen;

/// Below this, in percent, a phone that is not charging may not last.
const BATTERY_LOW: u8 = 20;
/// Above this, of a thousand packets, a picture breaks up.
const LOSS_HIGH: u16 = 30;

/// Something that a director should know before the cut; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// The operator says that something is wrong.
    Problem,
    /// The lamp was not confirmed.
    NotConfirmed,
    /// The page shows *unknown*.
    ShowsUnknown,
    /// The operator follows no camera.
    NoCamera,
    /// The page is hidden: nobody sees the lamp.
    Hidden,
    /// Sound was chosen and waits for a tap.
    SoundUnarmed,
    /// Vibration was chosen and waits for a tap.
    VibrationUnarmed,
    /// Neither sound nor vibration: RED is sight alone.
    SightAlone,
    /// The battery is low and not charging.
    BatteryLow,
    /// The screen may go dark.
    ScreenMayGoDark,
    /// The operator raises a hand.
    Hand,
    /// No programme picture where one is wanted.
    NoPicture,
    /// The picture breaks up.
    PictureBreaksUp,
    /// A silent switch may mute the tone.
    SoundUnsure,
    /// The phone hears by the second way.
    SecondWay,
    /// The page has not said what its phone can do.
    NotSaid,
}

impl Concern {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::NotConfirmed => "not_confirmed",
            Self::ShowsUnknown => "shows_unknown",
            Self::NoCamera => "no_camera",
            Self::Hidden => "hidden",
            Self::SoundUnarmed => "sound_unarmed",
            Self::VibrationUnarmed => "vibration_unarmed",
            Self::SightAlone => "sight_alone",
            Self::BatteryLow => "battery_low",
            Self::ScreenMayGoDark => "screen_may_go_dark",
            Self::Hand => "hand",
            Self::NoPicture => "no_picture",
            Self::PictureBreaksUp => "picture_breaks_up",
            Self::SoundUnsure => "sound_unsure",
            Self::SecondWay => "second_way",
            Self::NotSaid => "not_said",
        }
    }
}

/// What is to be known of a page; empty: it is ready.
pub fn concerns(presence: &OperatorPresence, seen: Option<Seen>) -> Vec<Concern> {
    let mut found = Vec::new();
    let mut note = |applies: bool, concern| {
        if applies {
            found.push(concern);
        }
    };
    note(presence.signal == Some(Signal::Problem), Concern::Problem);
    note(presence.signal == Some(Signal::Hand), Concern::Hand);
    note(matches!(seen, Some(Seen::Missing { .. })), Concern::NotConfirmed);
    note(matches!(seen, Some(Seen::Unknown)), Concern::ShowsUnknown);
    note(presence.camera.is_none(), Concern::NoCamera);
    if let Some(phone) = &presence.readiness {
        let felt = [phone.sound, phone.vibration];
        let sounds = |ability| matches!(ability, Ability::Ready | Ability::Unsure | Ability::Unarmed);
        note(!phone.visible, Concern::Hidden);
        note(phone.sound == Ability::Unarmed, Concern::SoundUnarmed);
        note(phone.vibration == Ability::Unarmed, Concern::VibrationUnarmed);
        note(!felt.into_iter().any(sounds), Concern::SightAlone);
        note(
            phone.battery.is_some_and(|battery| battery.percent <= BATTERY_LOW && !battery.charging),
            Concern::BatteryLow,
        );
        note(phone.screen != Ability::Ready, Concern::ScreenMayGoDark);
        note(!matches!(phone.picture, PictureState::Playing | PictureState::Off), Concern::NoPicture);
        note(phone.loss_per_mille.is_some_and(|loss| loss >= LOSS_HIGH), Concern::PictureBreaksUp);
        note(phone.sound == Ability::Unsure, Concern::SoundUnsure);
        note(phone.second_way, Concern::SecondWay);
    } else {
        found.push(Concern::NotSaid);
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::{Battery, ParticipantId, Readiness, Tally};

    use super::*;

    fn ready() -> Readiness {
        Readiness {
            sound: Ability::Ready,
            vibration: Ability::Impossible,
            screen: Ability::Ready,
            visible: true,
            picture: PictureState::Playing,
            layer: None,
            loss_per_mille: Some(0),
            round_trip_ms: None,
            second_way: false,
            lan: None,
            battery: None,
        }
    }

    fn operator(readiness: Option<Readiness>) -> OperatorPresence {
        OperatorPresence {
            participant: ParticipantId::from_parts(1, [1; 10]),
            name: "Ada".into(),
            camera: Some(1.try_into().unwrap()),
            asks: None,
            shows: Some(Tally::Idle),
            delay: None,
            readiness,
            signal: None,
            answered: None,
        }
    }

    #[test]
    fn an_iphone_with_sound_needs_nobody_and_without_it_sees_red_alone() {
        assert_eq!(concerns(&operator(Some(ready())), None), []);
        let light = Readiness { sound: Ability::Off, ..ready() };
        assert_eq!(concerns(&operator(Some(light)), None), [Concern::SightAlone]);
    }

    #[test]
    fn the_worst_comes_first() {
        let phone = Readiness {
            sound: Ability::Unarmed,
            screen: Ability::Refused,
            visible: false,
            picture: PictureState::Blocked,
            battery: Some(Battery { percent: 9, charging: false }),
            ..ready()
        };
        let signal = Some(Signal::Problem);
        let found = concerns(&OperatorPresence { signal, ..operator(Some(phone)) }, Some(Seen::Unknown));
        assert_eq!(
            found,
            [
                Concern::Problem,
                Concern::ShowsUnknown,
                Concern::Hidden,
                Concern::SoundUnarmed,
                Concern::BatteryLow,
                Concern::ScreenMayGoDark,
                Concern::NoPicture
            ]
        );
    }

    #[test]
    fn a_charger_a_picture_that_is_not_wanted_and_a_page_that_said_nothing() {
        let phone = Readiness {
            picture: PictureState::Off,
            battery: Some(Battery { percent: 9, charging: true }),
            ..ready()
        };
        assert_eq!(concerns(&operator(Some(phone)), None), []);
        assert_eq!(concerns(&operator(None), None), [Concern::NotSaid]);
    }
}
