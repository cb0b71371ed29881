//! The sequence parameter set: profile, level, size, and whether pictures may come out of order
//! (H.264 7.3.2.1.1, E.1.1).
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use super::bits::Bits;
use super::nal::{NalType, unescape};

/// What a sequence parameter set says, as far as a return feed asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sps {
    /// 66 baseline, 77 main, 100 high.
    pub profile_idc: u8,
    /// The constraint_set flags, flag 0 at the top.
    pub constraint_flags: u8,
    /// Ten times the level: 31 is level 3.1.
    pub level_idc: u8,
    /// Pixels across, cropping applied.
    pub width: u32,
    /// Pixels down, cropping applied.
    pub height: u32,
    /// 2 says by itself that pictures come in the order of decoding.
    pub pic_order_cnt_type: u32,
    /// max_num_reorder_frames, if the encoder states it.
    pub max_num_reorder: Option<u32>,
    /// 1 is 4:2:0, what browsers show; 0 has no colour, 2 is 4:2:2, 3 is 4:4:4.
    pub chroma_format: u32,
    /// Bits of a sample, the larger of luma and chroma.
    pub bit_depth: u32,
    /// Every picture is a whole frame; false where pictures may be fields.
    pub frames_only: bool,
    /// Frames per second as (numerator, denominator), if the encoder states it.
    pub frame_rate: Option<(u32, u32)>,
}

/// Why a sequence parameter set cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpsError {
    /// Another kind of NAL unit.
    #[error("NAL unit of type {0:?} where a sequence parameter set was expected")]
    NotAnSps(Option<NalType>),
    /// It ends too early or holds a code that does not exist.
    #[error("the encoder sent a sequence parameter set that cannot be read: restart the encoder")]
    Malformed,
}

impl Sps {
    /// Reads a NAL unit, header byte included, start code not.
    pub fn parse(nal: &[u8]) -> Result<Self, SpsError> {
        let kind = nal.first().copied().map(NalType::of);
        if kind != Some(NalType::Sps) {
            return Err(SpsError::NotAnSps(kind));
        }
        let rbsp = unescape(nal);
        let mut bits = Bits::new(rbsp.get(1..).unwrap_or_default());
        read(&mut bits).ok_or(SpsError::Malformed)
    }

    /// True if the encoder may use B-frames: a picture then waits for one that comes after it.
    pub fn may_reorder(&self) -> bool {
        self.profile_idc != 66 && self.pic_order_cnt_type != 2 && self.max_num_reorder != Some(0)
    }

    /// What keeps browsers on phones from showing such pictures, in the encoder's words; `None` if nothing does.
    pub fn unplayable(&self) -> Option<&'static str> {
        match (self.profile_idc, self.chroma_format, self.bit_depth) {
            (88, ..) => Some("Extended profile"),
            (_, _, 9..) => Some("deeper than 8-bit"),
            (_, 0, _) => Some("4:0:0"),
            (_, 2, _) => Some("4:2:2"),
            (_, 3, _) => Some("4:4:4"),
            (66 | 77 | 100, 1, _) => None,
            (110, ..) => Some("High 10 profile"),
            (122, ..) => Some("High 4:2:2 profile"),
            (44 | 244, ..) => Some("High 4:4:4 profile"),
            _ => Some("multi-layer"),
        }
    }

    /// `profile-level-id` of RFC 6184 8.1, for SDP.
    pub fn profile_level_id(&self) -> String {
        format!("{:02x}{:02x}{:02x}", self.profile_idc, self.constraint_flags, self.level_idc)
    }
}

fn read(bits: &mut Bits<'_>) -> Option<Sps> {
    let profile_idc = u8::try_from(bits.bits(8)?).ok()?;
    let constraint_flags = u8::try_from(bits.bits(8)?).ok()?;
    let level_idc = u8::try_from(bits.bits(8)?).ok()?;
    bits.ue()?; // seq_parameter_set_id
    let (chroma_format, bit_depth) = if has_chroma(profile_idc) { read_chroma(bits)? } else { (1, 8) };
    bits.ue()?; // log2_max_frame_num_minus4
    let pic_order_cnt_type = read_picture_order(bits)?;
    bits.ue()?; // max_num_ref_frames
    bits.flag()?; // gaps_in_frame_num_value_allowed_flag
    let (width, height, frames_only) = read_size(bits, chroma_format)?;
    let (frame_rate, max_num_reorder) = if bits.flag()? { read_vui(bits)? } else { (None, None) };
    Some(Sps {
        profile_idc,
        constraint_flags,
        level_idc,
        width,
        height,
        pic_order_cnt_type,
        max_num_reorder,
        chroma_format,
        bit_depth,
        frames_only,
        frame_rate,
    })
}

const fn has_chroma(profile_idc: u8) -> bool {
    matches!(profile_idc, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135)
}

/// chroma_format_idc and the depth of a sample.
fn read_chroma(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    let format = bits.ue().filter(|format| *format < 4)?;
    if format == 3 {
        bits.flag()?; // separate_colour_plane_flag
    }
    let (luma, chroma) = (bits.ue()?, bits.ue()?); // bit_depth_luma_minus8, bit_depth_chroma_minus8
    let depth = luma.max(chroma).checked_add(8)?;
    bits.flag()?; // qpprime_y_zero_transform_bypass_flag
    if bits.flag()? {
        for list in 0..if format == 3 { 12 } else { 8 } {
            if bits.flag()? {
                skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some((format, depth))
}

/// 7.3.2.1.1.1
fn skip_scaling_list(bits: &mut Bits<'_>, size: u32) -> Option<()> {
    let (mut last, mut next) = (8i32, 8i32);
    for _ in 0..size {
        if next != 0 {
            next = last.checked_add(bits.se()?)?.rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

fn read_picture_order(bits: &mut Bits<'_>) -> Option<u32> {
    let kind = bits.ue()?;
    match kind {
        0 => {
            bits.ue()?; // log2_max_pic_order_cnt_lsb_minus4
        }
        1 => {
            bits.flag()?; // delta_pic_order_always_zero_flag
            bits.se()?; // offset_for_non_ref_pic
            bits.se()?; // offset_for_top_to_bottom_field
            for _ in 0..bits.ue().filter(|count| *count < 256)? {
                bits.se()?; // offset_for_ref_frame
            }
        }
        _ => {}
    }
    Some(kind)
}

/// Macroblocks less cropping, whose unit depends on the chroma format (7-19 to 7-22); and frame_mbs_only_flag.
fn read_size(bits: &mut Bits<'_>, chroma_format: u32) -> Option<(u32, u32, bool)> {
    let across = bits.ue()?.checked_add(1)?.checked_mul(16)?;
    let map_units = bits.ue()?.checked_add(1)?;
    let frames_only = bits.flag()?;
    if !frames_only {
        bits.flag()?; // mb_adaptive_frame_field_flag
    }
    let fields = if frames_only { 1u32 } else { 2 };
    let down = map_units.checked_mul(16)?.checked_mul(fields)?;
    bits.flag()?; // direct_8x8_inference_flag
    if !bits.flag()? {
        return Some((across, down, frames_only));
    }
    let unit_x = if matches!(chroma_format, 1 | 2) { 2 } else { 1 };
    let unit_y = fields.checked_mul(if chroma_format == 1 { 2 } else { 1 })?;
    let mut crop = |unit: u32| bits.ue()?.checked_add(bits.ue()?)?.checked_mul(unit);
    let (x, y) = (crop(unit_x)?, crop(unit_y)?);
    Some((across.checked_sub(x)?, down.checked_sub(y)?, frames_only))
}

/// Frame rate and reorder depth, if stated (E.1.1).
#[expect(clippy::type_complexity, reason = "two optional facts of one table, read once")]
fn read_vui(bits: &mut Bits<'_>) -> Option<(Option<(u32, u32)>, Option<u32>)> {
    if bits.flag()? && bits.bits(8)? == 255 {
        bits.bits(32)?; // sar_width, sar_height
    }
    if bits.flag()? {
        bits.flag()?; // overscan_appropriate_flag
    }
    if bits.flag()? {
        bits.bits(4)?; // video_format, video_full_range_flag
        if bits.flag()? {
            bits.bits(24)?; // colour description
        }
    }
    if bits.flag()? {
        bits.ue()?; // chroma_sample_loc_type_top_field
        bits.ue()?; // chroma_sample_loc_type_bottom_field
    }
    let frame_rate = if bits.flag()? { read_timing(bits)? } else { None };
    let (nal_hrd, vcl_hrd) = (skip_hrd(bits)?, skip_hrd(bits)?);
    if nal_hrd || vcl_hrd {
        bits.flag()?; // low_delay_hrd_flag
    }
    bits.flag()?; // pic_struct_present_flag
    let reorder = if bits.flag()? { Some(read_restriction(bits)?) } else { None };
    Some((frame_rate, reorder))
}

/// Two ticks of time_scale are one frame.
fn read_timing(bits: &mut Bits<'_>) -> Option<Option<(u32, u32)>> {
    let (ticks, scale) = (bits.bits(32)?, bits.bits(32)?);
    bits.flag()?; // fixed_frame_rate_flag
    Some(ticks.checked_mul(2).filter(|ticks| *ticks > 0).map(|ticks| (scale, ticks)))
}

/// hrd_parameters, if present (E.1.2).
fn skip_hrd(bits: &mut Bits<'_>) -> Option<bool> {
    if !bits.flag()? {
        return Some(false);
    }
    let count = bits.ue().filter(|count| *count < 32)?.checked_add(1)?;
    bits.bits(8)?; // bit_rate_scale, cpb_size_scale
    for _ in 0..count {
        bits.ue()?; // bit_rate_value_minus1
        bits.ue()?; // cpb_size_value_minus1
        bits.flag()?; // cbr_flag
    }
    bits.bits(20)?; // the lengths of four fields
    Some(true)
}

fn read_restriction(bits: &mut Bits<'_>) -> Option<u32> {
    bits.flag()?; // motion_vectors_over_pic_boundaries_flag
    for _ in 0..4 {
        bits.ue()?; // max_bytes_per_pic_denom to log2_max_mv_length_vertical
    }
    bits.ue()
}
