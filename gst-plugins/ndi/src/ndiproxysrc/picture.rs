//! From the runtime's picture to a buffer. Copied, never lent: a buffer that someone holds downstream must not keep
//! the receiver, and with it the tally, alive.

use gst::prelude::*;
use gst_video::prelude::*;
use ndi_sdk_sys::VideoFrame;

use super::capture::Dropped;
use super::shape::Shape;

/// Makes buffers of pictures, from one pool as long as their shape stays.
pub(super) struct Pictures {
    small: bool,
    pool: Option<Pool>,
}

struct Pool {
    shape: Shape,
    info: gst_video::VideoInfo,
    caps: gst::Caps,
    buffers: gst_video::VideoBufferPool,
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Buffers that are out are freed when they come back; there is nothing to do about a refusal.
        drop(self.buffers.set_active(false));
    }
}

impl Pictures {
    /// `small` if the source's small picture is asked for.
    pub(super) fn new(small: bool) -> Self {
        Self { small, pool: None }
    }

    pub(super) fn make(&mut self, frame: &VideoFrame<'_>) -> Result<(gst::Caps, gst::Buffer), Dropped> {
        let shape = Shape::of(frame, self.small)
            .ok_or_else(|| Dropped(format!("pixel format {} is not understood", frame.fourcc())))?;
        let pool = match self.pool.take().filter(|pool| pool.shape == shape) {
            Some(pool) => pool,
            None => Pool::of(shape)?,
        };
        let pool = self.pool.insert(pool);
        Ok((pool.caps.clone(), pool.copy(frame)?))
    }
}

impl Pool {
    fn of(shape: Shape) -> Result<Self, Dropped> {
        let no_picture = || Dropped(format!("{shape:?} is no picture"));
        let info = shape.info().ok_or_else(no_picture)?;
        let caps = info.to_caps().map_err(|_| no_picture())?;
        let size = u32::try_from(info.size()).map_err(|_| no_picture())?;
        let buffers = gst_video::VideoBufferPool::new();
        let mut config = buffers.config();
        // As many as are in use: what is downstream bounds it.
        config.set_params(Some(&caps), size, 2, 0);
        buffers
            .set_config(config)
            .and_then(|()| buffers.set_active(true))
            .map_err(|error| no_memory(&error))?;
        Ok(Self { shape, info, caps, buffers })
    }

    fn copy(&self, frame: &VideoFrame<'_>) -> Result<gst::Buffer, Dropped> {
        let (from, from_stride) = (frame.data(), frame.stride());
        if from.is_empty() {
            return Err(Dropped("a picture lacks pixels".to_owned()));
        }
        let row = self.shape.format.bytes() * self.shape.width as usize;
        let mut buffer = self.buffers.acquire_buffer(None).map_err(|error| no_memory(&error))?;
        let writable = buffer.make_mut();
        {
            let mut target = gst_video::VideoFrameRef::from_buffer_ref_writable(writable, &self.info)
                .map_err(|error| no_memory(&error))?;
            let to_stride =
                target.plane_stride().first().map_or(0, |stride| usize::try_from(*stride).unwrap_or(0));
            let to = target.plane_data_mut(0).map_err(|error| no_memory(&error))?;
            for (to, from) in to.chunks_mut(to_stride.max(1)).zip(from.chunks(from_stride)) {
                if let (Some(to), Some(from)) = (to.get_mut(..row), from.get(..row)) {
                    to.copy_from_slice(from);
                }
            }
        }
        writable.set_duration(self.shape.duration());
        Ok(buffer)
    }
}

fn no_memory(error: &dyn std::fmt::Display) -> Dropped {
    Dropped(format!("no memory for a picture: {error}"))
}
