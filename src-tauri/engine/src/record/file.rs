//! One file of a recording, on the disk.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use returnfeed_media::{Unit, h264};

use super::matroska::{Matroska, Picture, Write, nal_units};
use crate::clock::EngineTime;
use crate::switch::CHANNELS;

/// A power cut costs at most this much.
const SAFE_EACH: Duration = Duration::from_secs(5);

/// An open file. What is written is the system's at once: a program that is killed loses nothing.
pub(super) struct Recording {
    path: PathBuf,
    file: File,
    matroska: Option<Matroska>,
    picture: Picture,
    /// Of the first frame.
    began: EngineTime,
    safe: Instant,
}

impl Recording {
    /// Makes a file of a name that is free, for units like this keyframe; `None` where it is no keyframe with its
    /// parameter sets.
    ///
    /// # Errors
    /// When there can be no file.
    pub(super) fn begin(folder: &Path, name: &str, keyframe: &Unit) -> io::Result<Option<Self>> {
        let Some(picture) = picture(keyframe) else { return Ok(None) };
        let (path, file) = create(folder, name)?;
        let channels = u8::try_from(CHANNELS).unwrap_or(2);
        let (matroska, head) = Matroska::begin(&picture, channels, keyframe.pts.0);
        let began = keyframe.pts.since_start();
        let mut recording =
            Self { path, file, matroska: Some(matroska), picture, began, safe: Instant::now() };
        recording.write(vec![head])?;
        Ok(Some(recording))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn began(&self) -> EngineTime {
        self.began
    }

    /// Whether this unit belongs into a file of its own: another encoder made it.
    pub(super) fn is_of_another(&self, unit: &Unit) -> bool {
        unit.keyframe && picture(unit).is_some_and(|picture| picture != self.picture)
    }

    pub(super) fn unit(&mut self, unit: &Unit) -> io::Result<()> {
        let writes = self.matroska.as_mut().map(|file| file.unit(unit)).unwrap_or_default();
        self.write(writes)?;
        if self.safe.elapsed() >= SAFE_EACH {
            self.safe = Instant::now();
            self.file.sync_data()?;
        }
        Ok(())
    }

    /// Completes it.
    pub(super) fn end(mut self) -> io::Result<()> {
        let writes = self.matroska.take().map(Matroska::end).unwrap_or_default();
        self.write(writes)?;
        self.file.sync_all()
    }

    fn write(&mut self, writes: Vec<Write>) -> io::Result<()> {
        for write in writes {
            match write {
                Write::Append(bytes) => self.file.write_all(&bytes)?,
                Write::Patch { at, bytes } => {
                    self.file.seek(SeekFrom::Start(at))?;
                    self.file.write_all(&bytes)?;
                    self.file.seek(SeekFrom::End(0))?;
                }
            }
        }
        Ok(())
    }
}

fn picture(keyframe: &Unit) -> Option<Picture> {
    let of_kind = |kind: u8| {
        nal_units(&keyframe.data)
            .find(|nal| nal.first().is_some_and(|header| header & 0x1f == kind))
            .map(<[u8]>::to_vec)
    };
    let size = h264::find_sps(&keyframe.data)?;
    Some(Picture { width: size.width.into(), height: size.height.into(), sps: of_kind(7)?, pps: of_kind(8)? })
}

/// Never over another file.
fn create(folder: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    for n in 1..1_000 {
        let name = if n == 1 { format!("{name}.mkv") } else { format!("{name} ({n}).mkv") };
        let path = folder.join(name);
        match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "a thousand files have this name"))
}
