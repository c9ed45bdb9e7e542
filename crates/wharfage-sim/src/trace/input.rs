//! Where a table is read from: a file that is opened again for each run, or what can be read once; packed with gzip or not.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Cursor, Read},
    sync::Arc,
};

use flate2::bufread::MultiGzDecoder;

/// Opens a file at its beginning, as often as is asked.
pub type Open = dyn Fn() -> io::Result<Box<dyn Read>> + Send + Sync;

/// What a table is read from.
///
/// What is packed with gzip is known by its first bytes, and read as if it were not; members that follow each other are one.
pub enum Input {
    /// can be read once, such as the standard input
    Once(Box<dyn Read>),
    /// can be opened again
    Again(Again),
}

/// A file that can be opened again.
#[derive(Clone)]
pub struct Again(Arc<Open>);

impl Input {
    /// What can be opened again.
    pub fn again(open: impl Fn() -> io::Result<Box<dyn Read>> + Send + Sync + 'static) -> Self {
        Self::Again(Again(Arc::new(open)))
    }
}

/// A text, as tests and examples have it.
impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes().to_vec())
    }
}

impl From<Vec<u8>> for Input {
    fn from(bytes: Vec<u8>) -> Self {
        let bytes: Arc<[u8]> = bytes.into();
        Self::again(move || Ok(Box::new(Cursor::new(Arc::clone(&bytes)))))
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Again")
    }
}

/// Two are the same where one is a copy of the other.
impl PartialEq for Again {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Again {
    /// Its content, from the beginning.
    pub(super) fn open(&self) -> io::Result<Box<dyn BufRead>> {
        unpacked((self.0)()?)
    }
}

/// How much is read at once.
const BLOCK: usize = 1 << 16;
/// What a file begins with that is packed with gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The content, unpacked where it is packed.
pub(super) fn unpacked(from: Box<dyn Read>) -> io::Result<Box<dyn BufRead>> {
    let mut from = BufReader::with_capacity(BLOCK, from);
    // A pipe may give one byte at a time.
    let mut head = Vec::new();
    (&mut from).take(GZIP.len() as u64).read_to_end(&mut head)?;
    let packed = head == GZIP;
    let whole = Cursor::new(head).chain(from);
    Ok(if packed { Box::new(BufReader::with_capacity(BLOCK, MultiGzDecoder::new(whole))) } else { Box::new(whole) })
}
