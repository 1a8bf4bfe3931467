//! Opens a capture file in slices, so that whoever shows the progress keeps its pace.

use super::{Analysis, OpenError};
use crate::capture::{CaptureFile, FilePosition, recorder};

/// A capture file that is being read.
#[derive(Debug)]
pub struct Opening {
    name: String,
    bytes: Vec<u8>,
    position: Option<FilePosition>,
}

/// How far a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes that were read.
    pub read_bytes: usize,
    /// Bytes of the file.
    pub total_bytes: usize,
    /// Whether nothing is left.
    pub is_done: bool,
}

impl Opening {
    /// Begins with the bytes of a whole file.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the bytes are no capture file, or one of a newer version.
    pub fn begin(bytes: Vec<u8>) -> Result<Self, OpenError> {
        if !recorder::is_recording(&bytes) {
            CaptureFile::open(&bytes)?;
        }
        Ok(Self { name: String::new(), bytes, position: Some(FilePosition::default()) })
    }

    /// The same file with a name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Reads on into `analysis` until about `most_bytes` more are read. Recordings of other
    /// programs are read in one piece.
    pub fn read_on(&mut self, analysis: &mut Analysis, most_bytes: usize) -> Progress {
        let total_bytes = self.bytes.len();
        let done = Progress { read_bytes: total_bytes, total_bytes, is_done: true };
        let Some(position) = self.position.take() else { return done };
        if recorder::is_recording(&self.bytes) {
            // `begin` has looked at the form; what it lets through opens.
            let _ = analysis.open_named(&self.name, &self.bytes);
            return done;
        }
        let Ok(mut file) = CaptureFile::resume(&self.bytes, position) else { return done };
        let end = file.read_bytes().saturating_add(most_bytes);
        while file.read_bytes() < end {
            let Some(chunk) = file.next() else {
                analysis.finish_file(&self.name, &file);
                return done;
            };
            analysis.take_chunk(chunk);
        }
        let read_bytes = file.read_bytes();
        self.position = Some(file.position());
        Progress { read_bytes, total_bytes, is_done: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXTURE: &[u8] = include_bytes!("../../tests/fixtures/session-v1.rollscope");

    #[test]
    fn slices_give_what_the_whole_file_gives() {
        let mut whole = Analysis::new();
        whole.open_file(FIXTURE).unwrap();
        for most_bytes in [1, 1000, 1 << 20] {
            let mut sliced = Analysis::new();
            let mut opening = Opening::begin(FIXTURE.to_vec()).unwrap();
            let mut read = 0;
            loop {
                let progress = opening.read_on(&mut sliced, most_bytes);
                assert!(progress.read_bytes > read || progress.is_done, "it goes on");
                read = progress.read_bytes;
                if progress.is_done {
                    break;
                }
            }
            assert_eq!(sliced.report_json(), whole.report_json());
            assert!(opening.read_on(&mut sliced, most_bytes).is_done, "and stays done");
        }
    }

    #[test]
    fn markers_are_saved_and_come_back() {
        let mut analysis = Analysis::new();
        analysis.open_file(FIXTURE).unwrap();
        analysis.mark(crate::frame::Frame(40), "here".to_owned());
        analysis.mark(crate::frame::Frame(7), String::new());
        analysis.mark(crate::frame::Frame(40), "here it begins".to_owned());
        let file = analysis.capture_file(0.0);
        let mut again = Analysis::new();
        again.open_file(&file).unwrap();
        let texts: Vec<(u32, String)> =
            again.markers().into_iter().map(|(frame, text)| (frame.0, text)).collect();
        assert_eq!(texts, [(7, String::new()), (40, "here it begins".to_owned())]);
        assert_eq!(again.report_json().len(), analysis.report_json().len());
        again.unmark(crate::frame::Frame(7));
        assert_eq!(again.markers().len(), 1);
    }
}
