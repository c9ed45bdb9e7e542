//! Lines of a table as cells, one at a time.
//!
//! A cell is in quotes or not, and ends on its line: so a line number in a message is the one that an editor shows, and memory
//! is bounded by one line whatever a file holds.

use std::io::{BufRead, Read};

use super::fault::Wrong;

/// Longest line, in bytes.
const LONGEST: u64 = 16 << 20;

/// Lines of a table.
pub struct Lines {
    from: Box<dyn BufRead>,
    line: Vec<u8>,
    number: u64,
    /// from and to, in the line
    cells: Vec<(usize, usize)>,
}

impl Lines {
    pub fn new(from: Box<dyn BufRead>) -> Self {
        Self { from, line: Vec::new(), number: 0, cells: Vec::new() }
    }

    /// The line that was read last, from 1.
    pub fn number(&self) -> u64 {
        self.number.max(1)
    }

    /// How many cells it has.
    pub fn width(&self) -> usize {
        self.cells.len()
    }

    /// One of its cells, without quotes and the blanks around it; empty where there is none.
    pub fn cell(&self, n: usize) -> &[u8] {
        self.cells.get(n).map_or(&[], |&(from, to)| &self.line[from..to])
    }

    /// A cell as a text that a message can hold.
    pub fn text(&self, n: usize) -> String {
        let cell = self.cell(n);
        String::from_utf8_lossy(&cell[..cell.len().min(200)]).replace("\"\"", "\"")
    }

    /// Reads the next line that is not blank; false behind the last.
    pub fn advance(&mut self) -> Result<bool, Wrong> {
        loop {
            self.line.clear();
            self.number += 1;
            let read = (&mut self.from).take(LONGEST).read_until(b'\n', &mut self.line);
            let read = read.map_err(|e| Wrong::Unreadable(e.to_string()))?;
            if read as u64 == LONGEST {
                return Err(Wrong::LongLine);
            }
            if self.number == 1 && self.line.starts_with("\u{feff}".as_bytes()) {
                self.line.drain(..3);
            }
            if read == 0 {
                self.number -= 1;
                return Ok(false);
            }
            if !self.line.trim_ascii().is_empty() {
                return self.split().map(|()| true);
            }
        }
    }

    fn split(&mut self) -> Result<(), Wrong> {
        self.cells.clear();
        let end = self.line.trim_ascii_end().len();
        let line = &self.line[..end];
        let comma = |from: usize| line[from..].iter().position(|b| *b == b',').map_or(end, |n| from + n);
        let mut at = 0;
        loop {
            let from = at + (line[at..].len() - line[at..].trim_ascii_start().len());
            let next = if line.get(from) == Some(&b'"') {
                let close = closing_quote(line, from + 1).ok_or(Wrong::Quotes)?;
                self.cells.push((from + 1, close));
                let next = comma(close);
                if !line[close + 1..next].trim_ascii().is_empty() {
                    return Err(Wrong::Quotes);
                }
                next
            } else {
                let next = comma(at);
                // Blanks alone are an empty cell.
                let from = from.min(next);
                self.cells.push((from, from + line[from..next].trim_ascii_end().len()));
                next
            };
            if next == end {
                return Ok(());
            }
            at = next + 1;
        }
    }
}

/// Where the quote is that closes a cell; two are one within it.
fn closing_quote(line: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = from + line[from..].iter().position(|b| *b == b'"')?;
        if line.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(u64, Vec<String>)>, Wrong> {
        let mut lines = Lines::new(Box::new(std::io::Cursor::new(text.to_owned())));
        let mut all = Vec::new();
        while lines.advance()? {
            all.push((lines.number(), (0..lines.width()).map(|n| lines.text(n)).collect()));
        }
        Ok(all)
    }

    #[test]
    fn cells_are_what_stands_between_commas_and_quotes() {
        #[rustfmt::skip]
        let cases: [(&str, &[&str]); 8] = [
            ("a,b", &["a", "b"]),
            (" a , b \r", &["a", "b"]),
            ("a,,", &["a", "", ""]),
            (",\t,x", &["", "", "x"]),
            ("\"a,b\",c", &["a,b", "c"]),
            (" \"a\" ,\"say \"\"b\"\"\"", &["a", "say \"b\""]),
            ("\"\",1", &["", "1"]),
            ("a\"b,c", &["a\"b", "c"]),
        ];
        for (line, cells) in cases {
            assert_eq!(all(line).unwrap(), [(1, cells.iter().map(|c| (*c).to_owned()).collect())], "{line}");
        }
    }

    #[test]
    fn blank_lines_count_but_are_no_rows() {
        let rows = all("\u{feff}a,b\r\n\r\n  \n1,2\n\n3,4").unwrap();
        assert_eq!(rows.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 4, 6]);
        assert_eq!(rows[0].1, ["a", "b"]);
    }

    #[test]
    fn what_is_not_a_line_of_cells_is_refused() {
        for bad in ["\"a,b", "\"a\"b,c", "\"a\"\""] {
            assert_eq!(all(bad), Err(Wrong::Quotes), "{bad}");
        }
        assert_eq!(all(&"x".repeat(17 << 20)), Err(Wrong::LongLine));
        assert_eq!(all(&format!("{},1", "x".repeat(10 << 20))).unwrap()[0].1[1], "1");
    }
}
