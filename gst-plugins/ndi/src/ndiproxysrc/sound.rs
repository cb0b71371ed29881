//! From the runtime's sound, a plane per channel, to buffers that are interleaved. Levels stay as they are.

use gst::prelude::*;
use ndi_sdk_sys::AudioFrame;

use super::capture::Dropped;

const SAMPLE: usize = size_of::<f32>();

/// Makes buffers of sound.
pub(super) struct Sounds {
    rate: u32,
    channels: usize,
    caps: gst::Caps,
}

impl Default for Sounds {
    /// What silence is said to be of, until a source says otherwise.
    fn default() -> Self {
        let (rate, channels) = (48_000, 2);
        Self { rate, channels, caps: caps_of(rate, channels).expect("48 kHz stereo is sound") }
    }
}

impl Sounds {
    /// Of the last sound.
    pub(super) fn caps(&self) -> &gst::Caps {
        &self.caps
    }

    pub(super) fn make(&mut self, frame: &AudioFrame<'_>) -> Result<(gst::Caps, gst::Buffer), Dropped> {
        let (rate, channels) = (frame.rate(), frame.channels());
        if (self.rate, self.channels) != (rate, channels) {
            let caps = caps_of(rate, channels);
            let caps =
                caps.ok_or_else(|| Dropped(format!("{channels} channels at {rate} Hz are no sound")))?;
            *self = Self { rate, channels, caps };
        }
        let planes: Vec<&[f32]> = (0..channels).map(|index| frame.channel(index)).collect();
        let bytes = interleave(&planes, frame.samples());
        let bytes = bytes.ok_or_else(|| Dropped("a block of sound lacks samples".to_owned()))?;
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        let duration = gst::ClockTime::SECOND.mul_div_floor(frame.samples() as u64, u64::from(rate));
        buffer.make_mut().set_duration(duration);
        Ok((self.caps.clone(), buffer))
    }
}

fn caps_of(rate: u32, channels: usize) -> Option<gst::Caps> {
    let channels = u32::try_from(channels).ok().filter(|channels| *channels > 0 && rate > 0)?;
    let info = gst_audio::AudioInfo::builder(gst_audio::AudioFormat::F32le, rate, channels).build().ok()?;
    info.to_caps().ok()
}

/// Sample by sample; none if there is nothing or a channel is not `samples` long.
fn interleave(planes: &[&[f32]], samples: usize) -> Option<Vec<u8>> {
    let step = planes.len().checked_mul(SAMPLE).filter(|step| *step > 0)?;
    if planes.iter().any(|plane| plane.len() != samples) {
        return None;
    }
    let mut bytes = vec![0_u8; step.checked_mul(samples).filter(|length| *length > 0)?];
    for (index, plane) in planes.iter().enumerate() {
        for (group, sample) in bytes.chunks_exact_mut(step).zip(*plane) {
            group[index * SAMPLE..(index + 1) * SAMPLE].copy_from_slice(&sample.to_le_bytes());
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_become_samples_side_by_side() {
        let bytes = interleave(&[&[1.0, 2.0], &[-1.0, -2.0]], 2).expect("complete");
        let samples: Vec<f32> = bytes
            .chunks_exact(SAMPLE)
            .map(|b| f32::from_le_bytes(b.try_into().expect("four bytes")))
            .collect();
        assert_eq!(samples, [1.0, -1.0, 2.0, -2.0]);
    }

    #[test]
    fn an_incomplete_block_is_no_sound() {
        assert_eq!(interleave(&[&[1.0, 2.0], &[1.0]], 2), None);
        assert_eq!(interleave(&[], 2), None);
        assert_eq!(interleave(&[&[], &[]], 0), None);
    }

    #[test]
    fn caps_are_made_for_mono_stereo_and_many_channels_and_not_for_none() {
        gst::init().expect("GStreamer is installed");
        for channels in [1, 2, 6, 16] {
            let caps = caps_of(48_000, channels).expect("sound").to_string();
            assert!(caps.contains(&format!("channels=(int){channels}")), "{caps}");
        }
        assert_eq!(caps_of(48_000, 0), None);
        assert_eq!(caps_of(0, 2), None);
    }
}
