//! The relay's side of cues: what stands, and who has answered.
//!
//! It refuses a second answer of one operator to one cue. Invariant: only answers to cues that stand are kept.

use std::collections::BTreeMap;

use returnfeed_protocol::{Answered, CameraNumber, Cue, CueSheet, ParticipantId};

/// A sheet with more cues than there are cameras, or two for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sheet holds one cue for each camera and one for all, at most {max}", max = CueSheet::MAX)]
pub struct SheetRefusal;

/// What an operator's page is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// No phone may sound.
    pub silent: bool,
    /// The newest cue for its camera.
    pub cue: Option<Cue>,
    /// What this operator has said to it.
    pub answered: Option<Answered>,
}

/// The cues of one session.
#[derive(Debug, Default)]
pub(crate) struct Cues {
    sheet: CueSheet,
    answers: BTreeMap<ParticipantId, Answered>,
}

impl Cues {
    pub(crate) fn handle_sheet(&mut self, sheet: CueSheet) -> Result<(), SheetRefusal> {
        let mut targets: Vec<_> = sheet.cues.iter().map(|cue| cue.to).collect();
        targets.sort_unstable();
        targets.dedup();
        if sheet.cues.len() > CueSheet::MAX || targets.len() != sheet.cues.len() {
            return Err(SheetRefusal);
        }
        self.answers.retain(|_, answered| sheet.cues.iter().any(|cue| cue.id == answered.cue));
        self.sheet = sheet;
        Ok(())
    }

    pub(crate) const fn sheet(&self) -> &CueSheet {
        &self.sheet
    }

    /// Whether this is the operator's first answer to the cue that stands for the camera.
    pub(crate) fn handle_answer(
        &mut self,
        who: ParticipantId,
        camera: Option<CameraNumber>,
        answered: Answered,
    ) -> bool {
        let stands = self.sheet.cue_for(camera).is_some_and(|cue| cue.id == answered.cue);
        let is_first = self.answers.get(&who).is_none_or(|before| before.cue != answered.cue);
        if stands && is_first {
            self.answers.insert(who, answered);
        }
        stands && is_first
    }

    pub(crate) fn answered(&self, who: ParticipantId) -> Option<Answered> {
        self.answers.get(&who).copied()
    }

    pub(crate) fn standing(&self, who: ParticipantId, camera: Option<CameraNumber>) -> Standing {
        let cue = self.sheet.cue_for(camera).cloned();
        let answered =
            self.answered(who).filter(|answered| cue.as_ref().is_some_and(|cue| cue.id == answered.cue));
        Standing { silent: self.sheet.silent, cue, answered }
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::{CueAnswer, CueId, Epoch};

    use super::*;

    fn cue(n: u64, to: Option<u16>) -> Cue {
        let to = to.map(|number| number.try_into().unwrap());
        Cue { id: CueId { epoch: Epoch(1), n }, to, text: "wide".to_owned().try_into().unwrap() }
    }

    fn sheet(cues: &[Cue]) -> CueSheet {
        CueSheet { silent: false, cues: cues.to_vec() }
    }

    fn answer(n: u64, answer: CueAnswer) -> Answered {
        Answered { cue: CueId { epoch: Epoch(1), n }, answer }
    }

    fn who(n: u8) -> ParticipantId {
        ParticipantId::from_parts(u64::from(n), [n; 10])
    }

    #[test]
    fn the_first_answer_of_each_operator_stands_until_the_cue_is_gone() {
        let (mut cues, one) = (Cues::default(), Some(1.try_into().unwrap()));
        cues.handle_sheet(sheet(&[cue(1, None)])).unwrap();
        assert!(cues.handle_answer(who(1), one, answer(1, CueAnswer::Cannot)));
        assert!(!cues.handle_answer(who(1), one, answer(1, CueAnswer::Ready)), "never twice");
        assert!(cues.handle_answer(who(2), one, answer(1, CueAnswer::Read)));
        assert_eq!(cues.standing(who(1), one).answered, Some(answer(1, CueAnswer::Cannot)));
        // The director's repeat after a lost connection asks nobody again.
        cues.handle_sheet(sheet(&[cue(1, None)])).unwrap();
        assert_eq!(cues.standing(who(2), one).answered, Some(answer(1, CueAnswer::Read)));
        cues.handle_sheet(sheet(&[cue(2, None)])).unwrap();
        assert_eq!((cues.answered(who(1)), cues.standing(who(1), one).answered), (None, None));
    }

    #[test]
    fn an_answer_to_what_does_not_stand_for_the_camera_is_none() {
        let mut cues = Cues::default();
        let (one, two) = (Some(1.try_into().unwrap()), Some(2.try_into().unwrap()));
        cues.handle_sheet(sheet(&[cue(1, None), cue(2, Some(2))])).unwrap();
        assert!(!cues.handle_answer(who(1), one, answer(2, CueAnswer::Ready)), "another camera's");
        assert!(!cues.handle_answer(who(1), two, answer(1, CueAnswer::Ready)), "a newer one took its place");
        assert!(!cues.handle_answer(who(1), one, answer(9, CueAnswer::Ready)), "never said");
        assert!(cues.handle_answer(who(1), two, answer(2, CueAnswer::Ready)));
    }

    #[test]
    fn two_cues_for_one_camera_are_no_sheet() {
        let mut cues = Cues::default();
        cues.handle_sheet(sheet(&[cue(1, None)])).unwrap();
        assert_eq!(cues.handle_sheet(sheet(&[cue(2, Some(1)), cue(3, Some(1))])), Err(SheetRefusal));
        assert_eq!(cues.standing(who(1), None).cue, Some(cue(1, None)), "what stood stands");
    }
}
