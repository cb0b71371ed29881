//! The C side: structures and entry points as the runtime lays them out (SDK 6 headers, 64-bit and 32-bit alike).
//!
//! Enumerations of the C side are plain `i32` here: newer runtimes add values, and an unknown one must not be
//! undefined behaviour. Only what this project calls is listed.

use std::ffi::{c_char, c_int, c_void};

use crate::error::LoadError;

/// `NDIlib_frame_type_e`.
pub(crate) mod frame_type {
    pub(crate) const NONE: i32 = 0;
    pub(crate) const VIDEO: i32 = 1;
    pub(crate) const AUDIO: i32 = 2;
    pub(crate) const METADATA: i32 = 3;
    pub(crate) const ERROR: i32 = 4;
    pub(crate) const STATUS_CHANGE: i32 = 100;
    pub(crate) const SOURCE_CHANGE: i32 = 101;
}

/// `NDIlib_recv_color_format_UYVY_BGRA`: UYVY, or BGRA where the source has transparency.
pub(crate) const COLOR_UYVY_BGRA: i32 = 1;
/// `NDIlib_frame_format_type_progressive`.
pub(crate) const PROGRESSIVE: i32 = 1;
/// `NDIlib_send_timecode_synthesize`.
pub(crate) const TIMECODE_SYNTHESIZE: i64 = i64::MAX;

/// A four character code as the runtime writes it.
pub(crate) const fn fourcc(code: [u8; 4]) -> i32 {
    i32::from_le_bytes(code)
}

#[repr(C)]
pub(crate) struct SourceRef {
    pub(crate) name: *const c_char,
    pub(crate) url: *const c_char,
}

#[repr(C)]
pub(crate) struct FindCreate {
    pub(crate) show_local_sources: bool,
    pub(crate) groups: *const c_char,
    pub(crate) extra_ips: *const c_char,
}

#[repr(C)]
pub(crate) struct ReceiverCreate {
    pub(crate) source: SourceRef,
    pub(crate) color_format: i32,
    pub(crate) bandwidth: i32,
    pub(crate) allow_video_fields: bool,
    pub(crate) name: *const c_char,
}

#[repr(C)]
pub(crate) struct SenderCreate {
    pub(crate) name: *const c_char,
    pub(crate) groups: *const c_char,
    pub(crate) clock_video: bool,
    pub(crate) clock_audio: bool,
}

#[repr(C)]
pub(crate) struct VideoRaw {
    pub(crate) width: c_int,
    pub(crate) height: c_int,
    pub(crate) fourcc: i32,
    pub(crate) rate_n: c_int,
    pub(crate) rate_d: c_int,
    pub(crate) aspect: f32,
    pub(crate) format: i32,
    pub(crate) timecode: i64,
    pub(crate) data: *mut u8,
    pub(crate) stride: c_int,
    pub(crate) metadata: *const c_char,
    pub(crate) timestamp: i64,
}

#[repr(C)]
pub(crate) struct AudioRaw {
    pub(crate) rate: c_int,
    pub(crate) channels: c_int,
    pub(crate) samples: c_int,
    pub(crate) timecode: i64,
    pub(crate) fourcc: i32,
    pub(crate) data: *mut u8,
    pub(crate) channel_stride: c_int,
    pub(crate) metadata: *const c_char,
    pub(crate) timestamp: i64,
}

#[repr(C)]
pub(crate) struct MetadataRaw {
    pub(crate) length: c_int,
    pub(crate) timecode: i64,
    pub(crate) data: *mut c_char,
}

#[repr(C)]
#[derive(Default)]
pub(crate) struct TallyRaw {
    pub(crate) program: bool,
    pub(crate) preview: bool,
}

#[repr(C)]
#[derive(Default)]
pub(crate) struct PerformanceRaw {
    pub(crate) video: i64,
    pub(crate) audio: i64,
    pub(crate) metadata: i64,
}

#[repr(C)]
#[derive(Default)]
pub(crate) struct QueueRaw {
    pub(crate) video: c_int,
    pub(crate) audio: c_int,
    pub(crate) metadata: c_int,
}

macro_rules! zeroed_by_field {
    ($($structure:ident { $($field:ident : $value:expr),* $(,)? })*) => {$(
        impl Default for $structure {
            fn default() -> Self {
                Self { $($field: $value),* }
            }
        }
    )*};
}
use std::ptr::{null, null_mut};
zeroed_by_field! {
    VideoRaw { width: 0, height: 0, fourcc: 0, rate_n: 0, rate_d: 0, aspect: 0.0, format: PROGRESSIVE,
        timecode: TIMECODE_SYNTHESIZE, data: null_mut(), stride: 0, metadata: null(), timestamp: 0 }
    AudioRaw { rate: 0, channels: 0, samples: 0, timecode: TIMECODE_SYNTHESIZE, fourcc: 0, data: null_mut(),
        channel_stride: 0, metadata: null(), timestamp: 0 }
    MetadataRaw { length: 0, timecode: TIMECODE_SYNTHESIZE, data: null_mut() }
}

/// Declares the table of entry points and how it is filled, so that a name and its type stand in one place.
macro_rules! entry_points {
    ($($field:ident = $symbol:literal ($($argument:ty),*) $(-> $answer:ty)?;)*) => {
        /// The runtime's entry points. Valid as long as the library they came from stays loaded.
        pub(crate) struct Api {
            $(pub(crate) $field: unsafe extern "C" fn($($argument),*) $(-> $answer)?,)*
        }

        impl Api {
            /// Looks every entry point up.
            ///
            /// # Safety
            /// `library` must be an NDI runtime and stay loaded as long as the table is used.
            pub(crate) unsafe fn look_up(library: &libloading::Library, path: &str) -> Result<Self, LoadError> {
                Ok(Self {
                    $($field: {
                        // SAFETY: the caller vouches for the library; the type is the one its header declares.
                        let symbol = unsafe {
                            library.get::<unsafe extern "C" fn($($argument),*) $(-> $answer)?>($symbol)
                        };
                        *symbol.map_err(|_| LoadError::TooOld {
                            path: path.to_owned(),
                            symbol: String::from_utf8_lossy($symbol).trim_end_matches('\0').to_owned(),
                        })?
                    },)*
                })
            }
        }
    };
}

type Instance = *mut c_void;

entry_points! {
    initialize = b"NDIlib_initialize\0" () -> bool;
    version = b"NDIlib_version\0" () -> *const c_char;
    find_create = b"NDIlib_find_create_v2\0" (*const FindCreate) -> Instance;
    find_destroy = b"NDIlib_find_destroy\0" (Instance);
    find_sources = b"NDIlib_find_get_current_sources\0" (Instance, *mut u32) -> *const SourceRef;
    find_wait = b"NDIlib_find_wait_for_sources\0" (Instance, u32) -> bool;
    recv_create = b"NDIlib_recv_create_v3\0" (*const ReceiverCreate) -> Instance;
    recv_destroy = b"NDIlib_recv_destroy\0" (Instance);
    recv_connect = b"NDIlib_recv_connect\0" (Instance, *const SourceRef);
    recv_capture = b"NDIlib_recv_capture_v3\0" (Instance, *mut VideoRaw, *mut AudioRaw, *mut MetadataRaw, u32) -> i32;
    recv_free_video = b"NDIlib_recv_free_video_v2\0" (Instance, *const VideoRaw);
    recv_free_audio = b"NDIlib_recv_free_audio_v3\0" (Instance, *const AudioRaw);
    recv_free_metadata = b"NDIlib_recv_free_metadata\0" (Instance, *const MetadataRaw);
    recv_set_tally = b"NDIlib_recv_set_tally\0" (Instance, *const TallyRaw) -> bool;
    recv_connections = b"NDIlib_recv_get_no_connections\0" (Instance) -> c_int;
    recv_performance = b"NDIlib_recv_get_performance\0" (Instance, *mut PerformanceRaw, *mut PerformanceRaw);
    recv_queue = b"NDIlib_recv_get_queue\0" (Instance, *mut QueueRaw);
    send_create = b"NDIlib_send_create\0" (*const SenderCreate) -> Instance;
    send_destroy = b"NDIlib_send_destroy\0" (Instance);
    send_video = b"NDIlib_send_send_video_v2\0" (Instance, *const VideoRaw);
    send_audio = b"NDIlib_send_send_audio_v3\0" (Instance, *const AudioRaw);
    send_tally = b"NDIlib_send_get_tally\0" (Instance, *mut TallyRaw, u32) -> bool;
    send_connections = b"NDIlib_send_get_no_connections\0" (Instance, u32) -> c_int;
    send_source = b"NDIlib_send_get_source_name\0" (Instance) -> *const SourceRef;
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    #[test]
    fn a_video_frame_is_laid_out_as_the_header_says() {
        assert_eq!(size_of::<VideoRaw>(), 72);
        assert_eq!(offset_of!(VideoRaw, fourcc), 8);
        assert_eq!(offset_of!(VideoRaw, aspect), 20);
        assert_eq!(offset_of!(VideoRaw, format), 24);
        assert_eq!(offset_of!(VideoRaw, timecode), 32);
        assert_eq!(offset_of!(VideoRaw, data), 40);
        assert_eq!(offset_of!(VideoRaw, stride), 48);
        assert_eq!(offset_of!(VideoRaw, metadata), 56);
        assert_eq!(offset_of!(VideoRaw, timestamp), 64);
    }

    #[test]
    fn an_audio_frame_is_laid_out_as_the_header_says() {
        assert_eq!(size_of::<AudioRaw>(), 64);
        assert_eq!(offset_of!(AudioRaw, samples), 8);
        assert_eq!(offset_of!(AudioRaw, timecode), 16);
        assert_eq!(offset_of!(AudioRaw, fourcc), 24);
        assert_eq!(offset_of!(AudioRaw, data), 32);
        assert_eq!(offset_of!(AudioRaw, channel_stride), 40);
        assert_eq!(offset_of!(AudioRaw, metadata), 48);
        assert_eq!(offset_of!(AudioRaw, timestamp), 56);
    }

    #[test]
    fn the_small_structures_are_laid_out_as_the_header_says() {
        assert_eq!((size_of::<SourceRef>(), offset_of!(SourceRef, url)), (16, 8));
        assert_eq!((size_of::<FindCreate>(), offset_of!(FindCreate, groups)), (24, 8));
        assert_eq!(offset_of!(FindCreate, extra_ips), 16);
        assert_eq!((size_of::<ReceiverCreate>(), offset_of!(ReceiverCreate, color_format)), (40, 16));
        assert_eq!(offset_of!(ReceiverCreate, bandwidth), 20);
        assert_eq!(offset_of!(ReceiverCreate, allow_video_fields), 24);
        assert_eq!(offset_of!(ReceiverCreate, name), 32);
        assert_eq!((size_of::<SenderCreate>(), offset_of!(SenderCreate, clock_video)), (24, 16));
        assert_eq!(offset_of!(SenderCreate, clock_audio), 17);
        assert_eq!((size_of::<MetadataRaw>(), offset_of!(MetadataRaw, data)), (24, 16));
        assert_eq!(offset_of!(MetadataRaw, timecode), 8);
        assert_eq!((size_of::<TallyRaw>(), offset_of!(TallyRaw, preview)), (2, 1));
        assert_eq!(size_of::<PerformanceRaw>(), 24);
        assert_eq!(size_of::<QueueRaw>(), 12);
    }

    #[test]
    fn a_four_character_code_is_written_low_byte_first() {
        assert_eq!(fourcc(*b"UYVY"), 0x5956_5955);
    }
}
