//! The compact form of a set of tables, read in place: nothing is parsed or copied at start.
//!
//! A file of sections: texts sorted by bytes, then keys, series and rows as fixed-size little-endian records, found by
//! binary search. [`super::compile`] writes it.

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::tables::Basis;
use crate::quantity::Unit;

pub(super) const MAGIC: &[u8; 8] = b"wharfag1";
pub(super) const STRING_NONE: u32 = u32::MAX;
pub(super) const DAY_NONE: u16 = u16::MAX;
pub(super) const NOTE_NONE: u16 = u16::MAX;
const DAY_ZERO: Date = jiff::civil::date(1999, 12, 31);

/// Days after 1999-12-31; 0 is "from the beginning", so the first real day is 1.
pub(super) fn day_number(date: Date) -> u16 {
    let days = date.since(DAY_ZERO).map_or(0, |s| s.get_days());
    u16::try_from(days).unwrap_or(DAY_NONE - 1)
}

pub(super) fn day_date(number: u16) -> Option<Date> {
    (number != DAY_NONE && number != 0).then(|| DAY_ZERO.saturating_add(i32::from(number).days()))
}

// The order of sections.
const EDITION: usize = 0;
const STRINGS: usize = 1;
const TEXT: usize = 2;
const SOURCES: usize = 3;
const NOTES: usize = 4;
const REGIONS: usize = 5;
const ALIASES: usize = 6;
const SCOPES: usize = 7;
const PRICE: usize = 8; // keys, series, rows
const TERM: usize = 11; // keys, series, rows
const TERM_VALUES: usize = 14;
const SHAPES: usize = 15;
const SECTIONS: usize = 16;

const DATED: usize = 11;
const PRICE_ROW: usize = 10 + DATED;
const TERM_ROW: usize = 13 + DATED;
const TERM_VALUE: usize = 9;
const REGION: usize = 36;
const SHAPE: usize = 44;

/// Compiled tables, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Packed<'b> {
    bytes: &'b [u8],
}

/// A dated row's common part.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowDates {
    pub basis: Basis,
    pub source: u16,
    pub from: u16,
    pub until: u16,
    pub confirmed: u16,
    pub note: u16,
}

impl RowDates {
    pub fn in_force(self, day: u16) -> bool {
        self.from <= day && day < self.until
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct PriceRecord {
    pub amount: Decimal,
    pub unit: Unit,
    pub dates: RowDates,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct TermRecord<'b> {
    pub unit: &'b str,
    pub columns: usize,
    pub first: u32,
    pub len: u32,
    pub dates: RowDates,
}

/// Which keyed part of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Prices,
    Terms,
}

impl Part {
    const fn section(self) -> usize {
        match self {
            Self::Prices => PRICE,
            Self::Terms => TERM,
        }
    }
}

/// The rows of one key in one region, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Series<'b> {
    pub key: &'b str,
    pub region: &'b str,
    pub first: u32,
    pub end: u32,
}

impl<'b> Packed<'b> {
    /// Compiled tables; `None` if the bytes are something else.
    pub fn new(bytes: &'b [u8]) -> Option<Self> {
        let ok = bytes.starts_with(MAGIC) && bytes.len() >= MAGIC.len() + SECTIONS * 8;
        ok.then_some(Self { bytes })
    }

    fn u16(self, at: usize) -> u16 {
        u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])
    }

    fn u32(self, at: usize) -> u32 {
        let b = &self.bytes[at..at + 4];
        u32::from_le_bytes([b[0], b[1], b[2], b[3]])
    }

    fn u64(self, at: usize) -> u64 {
        let mut b = [0; 8];
        b.copy_from_slice(&self.bytes[at..at + 8]);
        u64::from_le_bytes(b)
    }

    fn section(self, n: usize) -> usize {
        self.u32(MAGIC.len() + n * 8) as usize
    }

    fn count(self, n: usize) -> u32 {
        self.u32(MAGIC.len() + n * 8 + 4)
    }

    fn text(self, id: u32) -> &'b str {
        std::str::from_utf8(self.text_bytes(id)).unwrap_or("")
    }

    /// A text's bytes: enough to compare it, without looking at every one of them first.
    fn text_bytes(self, id: u32) -> &'b [u8] {
        let table = self.section(STRINGS) + id as usize * 4;
        let start = self.section(TEXT);
        &self.bytes[start + self.u32(table) as usize..start + self.u32(table + 4) as usize]
    }

    fn maybe_text(self, id: u32) -> Option<&'b str> {
        (id != STRING_NONE).then(|| self.text(id))
    }

    /// Name, date and month of the edition, if these tables declare one.
    pub(super) fn edition(self) -> Option<(&'b str, Date, u32)> {
        let at = self.section(EDITION);
        let name = self.maybe_text(self.u32(at))?;
        let date = day_date(self.u16(at + 4)).unwrap_or(DAY_ZERO);
        Some((name, date, u32::from(self.u16(at + 6))))
    }

    /// Id, title and address of a source.
    pub(super) fn source(self, n: u16) -> (&'b str, &'b str, Option<&'b str>) {
        let at = self.section(SOURCES) + usize::from(n) * 12;
        (self.text(self.u32(at)), self.text(self.u32(at + 4)), self.maybe_text(self.u32(at + 8)))
    }

    pub(super) fn sources(self) -> impl Iterator<Item = (&'b str, &'b str, Option<&'b str>)> {
        (0..self.count(SOURCES)).map(move |n| self.source(u16::try_from(n).unwrap_or(0)))
    }

    pub(super) fn note(self, n: u16) -> Option<&'b str> {
        (n != NOTE_NONE).then(|| self.text(self.u32(self.section(NOTES) + usize::from(n) * 4)))
    }

    pub(super) fn regions(self) -> impl Iterator<Item = super::Region<'b>> {
        (0..self.count(REGIONS)).map(move |n| {
            let at = self.section(REGIONS) + n as usize * REGION;
            let text = |i: usize| self.text(self.u32(at + i * 4));
            let maybe = |i: usize| self.maybe_text(self.u32(at + i * 4));
            super::Region {
                id: text(0),
                provider: text(1),
                city: text(2),
                city_ko: text(3),
                tier: maybe(4),
                egress_area: maybe(5),
                note: maybe(6),
                aliases: super::Aliases { packed: self, first: self.u32(at + 28), len: self.u32(at + 32) },
            }
        })
    }

    pub(super) fn alias(self, n: u32) -> &'b str {
        self.text(self.u32(self.section(ALIASES) + n as usize * 4))
    }

    pub(super) fn scopes(self) -> impl Iterator<Item = &'b str> {
        (0..self.count(SCOPES)).map(move |n| self.text(self.u32(self.section(SCOPES) + n as usize * 4)))
    }

    fn key(self, part: Part, n: u32) -> (u32, u32, u32) {
        let at = self.section(part.section()) + n as usize * 8;
        (self.u32(at), self.u32(at + 4), self.u32(at + 12))
    }

    fn series_at(self, part: Part, key: &'b str, n: u32) -> Series<'b> {
        let at = self.section(part.section() + 1) + n as usize * 8;
        Series { key, region: self.text(self.u32(at)), first: self.u32(at + 4), end: self.u32(at + 12) }
    }

    fn series_region(self, part: Part, n: u32) -> &'b [u8] {
        self.text_bytes(self.u32(self.section(part.section() + 1) + n as usize * 8))
    }

    /// The series of a key, by binary search.
    fn key_series(self, part: Part, key: &str) -> Option<(&'b str, u32, u32)> {
        let (mut low, mut high) = (0, self.count(part.section()));
        while low < high {
            let middle = low + (high - low) / 2;
            let (name, first, end) = self.key(part, middle);
            match self.text_bytes(name).cmp(key.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some((self.text(name), first, end)),
            }
        }
        None
    }

    pub(super) fn find(self, part: Part, key: &str, region: &str) -> Option<Series<'b>> {
        let (key, mut low, mut high) = self.key_series(part, key)?;
        while low < high {
            let middle = low + (high - low) / 2;
            match self.series_region(part, middle).cmp(region.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(self.series_at(part, key, middle)),
            }
        }
        None
    }

    /// Every series of a part, by key and region.
    pub(super) fn all(self, part: Part) -> impl Iterator<Item = Series<'b>> {
        (0..self.count(part.section())).flat_map(move |n| {
            let (name, first, end) = self.key(part, n);
            let key = self.text(name);
            (first..end).map(move |s| self.series_at(part, key, s))
        })
    }

    fn dates(self, at: usize) -> RowDates {
        RowDates {
            basis: Basis::ALL.get(usize::from(self.bytes[at])).copied().unwrap_or(Basis::Recalled),
            source: self.u16(at + 1),
            from: self.u16(at + 3),
            until: self.u16(at + 5),
            confirmed: self.u16(at + 7),
            note: self.u16(at + 9),
        }
    }

    pub(super) fn price_row(self, n: u32) -> PriceRecord {
        let at = self.section(PRICE + 2) + n as usize * PRICE_ROW;
        PriceRecord {
            amount: Decimal::from_i128_with_scale(i128::from(self.u64(at)), u32::from(self.bytes[at + 8])),
            unit: Unit::from_number(self.bytes[at + 9]).unwrap_or(Unit::Fraction),
            dates: self.dates(at + 10),
        }
    }

    pub(super) fn term_row(self, n: u32) -> TermRecord<'b> {
        let at = self.section(TERM + 2) + n as usize * TERM_ROW;
        TermRecord {
            first: self.u32(at),
            len: self.u32(at + 4),
            columns: usize::from(self.bytes[at + 8]).max(1),
            unit: self.text(self.u32(at + 9)),
            dates: self.dates(at + 13),
        }
    }

    pub(super) fn term_value(self, n: u32) -> Decimal {
        let (mantissa, scale) = self.term_digits(n);
        Decimal::from_i128_with_scale(i128::from(mantissa), scale)
    }

    /// A term's number as its digits and how many of them are decimal places.
    pub(super) fn term_digits(self, n: u32) -> (u64, u32) {
        let at = self.section(TERM_VALUES) + n as usize * TERM_VALUE;
        (self.u64(at), u32::from(self.bytes[at + 8]))
    }

    pub(super) fn shape(self, n: u32) -> super::Shape<'b> {
        let at = self.section(SHAPES) + n as usize * SHAPE;
        let text = |i: usize| self.text(self.u32(at + i * 4));
        let number = |i: usize| u64::from(self.u32(at + i * 4));
        let known = |n: u64| n != u64::from(u32::MAX);
        super::Shape {
            provider: text(0),
            name: text(1),
            arch: text(2),
            gpu: text(3),
            vcpu: crate::quantity::MilliVcpu(number(4)),
            memory: crate::quantity::Mib(number(5)),
            gpu_milli: Some(number(6)).filter(|n| known(*n)),
            allocatable: Some([number(7), number(8), number(9)]).filter(|a| a.iter().all(|n| known(*n))),
            source: self.source(self.u16(at + 40)).0,
        }
    }

    pub(super) fn shape_count(self) -> u32 {
        self.count(SHAPES)
    }
}
