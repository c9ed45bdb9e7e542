//! Dates and times of day, as nanoseconds since 1970.

use super::decimal::Decimal;

/// `2023-11-16 18:15:46.6805900`, with a `T`, a zone (`Z`, `+09:00`) or both; seconds since 1970 too.
pub fn date_and_time(text: &str) -> Option<u64> {
    let text = text.trim();
    let Some((date, time)) = text.split_once([' ', 'T']) else {
        return Decimal::read(text)?.times(1_000_000_000);
    };
    let (time, zone) = zoned(time)?;
    let mut parts = date.split('-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let mut clock = time.split(':');
    let (hour, minute) = (clock.next()?.parse::<u64>().ok()?, clock.next()?.parse::<u64>().ok()?);
    let second = Decimal::read(clock.next()?)?.times(1_000_000_000)?;
    let known = (1970..2500).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    // A minute may have a leap second.
    if !known
        || hour > 23
        || minute > 59
        || second >= 61_000_000_000
        || parts.next().is_some()
        || clock.next().is_some()
    {
        return None;
    }
    let days = u64::try_from(days_since_1970(year, month, day)).ok()?;
    let local = ((days * 86_400 + hour * 3_600 + minute * 60) * 1_000_000_000).checked_add(second)?;
    local.checked_add_signed(-zone)
}

/// A time of day, and how far its zone is ahead, in nanoseconds.
fn zoned(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix('Z') {
        return Some((time, 0));
    }
    let Some(sign) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (time, zone) = time.split_at(sign);
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 {
        return None;
    }
    let (hours, minutes) = (digits[..2].parse::<i64>().ok()?, digits[2..].parse::<i64>().ok()?);
    let ahead = (hours * 60 + minutes) * 60_000_000_000;
    Some((time.trim_end(), if zone.starts_with('-') { -ahead } else { ahead }))
}

/// Days of the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day last.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_and_without_a_zone() {
        const DAY: u64 = 86_400_000_000_000;
        #[rustfmt::skip]
        let cases = [
            ("1970-01-02 00:00:00",              Some(DAY)),
            ("1970-01-02T00:00:00.5Z",           Some(DAY + 500_000_000)),
            ("1970-01-02 09:00:00+09:00",        Some(DAY)),
            ("1970-01-01 19:00:00.000-0500",     Some(DAY)),
            ("2023-11-16 18:17:03.9799600",      Some(1_700_158_623_979_960_000)),
            ("1590530039.5035365",               Some(1_590_530_039_503_536_500)),
            ("1969-12-31 23:59:59",              None),
            ("1970-01-01 00:00:00+09:00",        None),
            ("1970-13-01 00:00:00",              None),
            ("1970-01-01 24:00:00",              None),
            ("1970-01-01 00:00:61",              None),
            ("1970-01-01 00:00",                 None),
            ("1970-01-01 00:00:00:00",           None),
            ("1970-01-01 00:00:00+9",            None),
            ("1970-01-01 00:00:00+é9",           None),
            ("yesterday",                        None),
            ("",                                 None),
        ];
        for (text, ns) in cases {
            assert_eq!(date_and_time(text), ns, "{text}");
        }
    }
}
