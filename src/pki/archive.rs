//! The plain archive inside of a backup: headers of tar in its oldest common form (POSIX.1-1988, `ustar`), as values.
//!
//! Only what a backup needs: ordinary files with short names. Links, folders and extensions are neither written nor
//! read, so that nothing in an archive can point anywhere. Not compressed, so that nothing in it grows.

use time::OffsetDateTime;

pub const BLOCK: usize = 512;
/// Archives are filled up to a multiple of this, as `tar` does.
pub const RECORD: u64 = 10_240;
/// Two empty blocks end an archive.
const END: u64 = 2 * BLOCK as u64;

pub type Block = [u8; BLOCK];

/// Offset and length of what is written or read of a header.
const NAME: (usize, usize) = (0, 100);
const MODE: (usize, usize) = (100, 8);
const USER: (usize, usize) = (108, 8);
const GROUP: (usize, usize) = (116, 8);
const SIZE: (usize, usize) = (124, 12);
const MODIFIED: (usize, usize) = (136, 12);
const CHECKSUM: (usize, usize) = (148, 8);
const KIND: (usize, usize) = (156, 1);
const MAGIC: (usize, usize) = (257, 8);
const PREFIX: (usize, usize) = (345, 155);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no header of an archive of plain files")]
pub struct NoHeader;

/// The header of a file that its owner alone may read. `None` where the form has no room for the name or the size.
pub fn header(entry: &Entry, modified: OffsetDateTime) -> Option<Block> {
    let mut block = [0; BLOCK];
    let plain = entry.name.bytes().all(|octet| octet.is_ascii_graphic());
    if !plain || entry.name.is_empty() || entry.name.len() > NAME.1 {
        return None;
    }
    put(&mut block, NAME, entry.name.as_bytes());
    octal(&mut block, MODE, 0o600)?;
    octal(&mut block, USER, 0)?;
    octal(&mut block, GROUP, 0)?;
    octal(&mut block, SIZE, entry.size)?;
    octal(&mut block, MODIFIED, modified.unix_timestamp().try_into().unwrap_or(0))?;
    put(&mut block, KIND, b"0");
    put(&mut block, MAGIC, b"ustar\x0000");
    let sum = checksum(&block);
    octal(&mut block, CHECKSUM, sum)?;
    Some(block)
}

/// `None` for the end of the archive.
pub fn read(block: &Block) -> Result<Option<Entry>, NoHeader> {
    if block.iter().all(|octet| *octet == 0) {
        return Ok(None);
    }
    let ordinary = matches!(get(block, KIND), b"0" | b"\0") && get(block, PREFIX).iter().all(|octet| *octet == 0);
    if number(get(block, CHECKSUM)) != Some(checksum(block)) || !get(block, MAGIC).starts_with(b"ustar") || !ordinary {
        return Err(NoHeader);
    }
    let name = get(block, NAME).split(|octet| *octet == 0).next().unwrap_or_default();
    let name = str::from_utf8(name).map_err(|_| NoHeader)?.to_owned();
    Ok(Some(Entry { name, size: number(get(block, SIZE)).ok_or(NoHeader)? }))
}

/// How many zero octets follow a file of this size.
pub fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK as u64) - size
}

/// The octets of an archive with files of these sizes; `None` where that is more than there are.
pub fn length(sizes: impl IntoIterator<Item = u64>) -> Option<u64> {
    let mut total = END;
    for size in sizes {
        let filled = size.checked_next_multiple_of(BLOCK as u64)?;
        total = total.checked_add(BLOCK as u64)?.checked_add(filled)?;
    }
    total.checked_next_multiple_of(RECORD)
}

/// The sum of all octets, with the field of the sum itself taken as spaces.
fn checksum(block: &Block) -> u64 {
    let all: u64 = block.iter().map(|octet| u64::from(*octet)).sum();
    let field: u64 = get(block, CHECKSUM).iter().map(|octet| u64::from(*octet)).sum();
    all - field + u64::from(b' ') * CHECKSUM.1 as u64
}

fn get(block: &Block, (at, length): (usize, usize)) -> &[u8] {
    block.get(at..at + length).unwrap_or_default()
}

fn put(block: &mut Block, (at, length): (usize, usize), value: &[u8]) {
    let field = block.iter_mut().skip(at).take(length);
    field.zip(value).for_each(|(octet, value)| *octet = *value);
}

/// Octal digits that fill the field but for a zero octet at its end.
fn octal(block: &mut Block, field: (usize, usize), value: u64) -> Option<()> {
    let digits = format!("{value:0width$o}", width = field.1 - 1);
    if digits.len() >= field.1 {
        return None;
    }
    put(block, field, digits.as_bytes());
    put(block, (field.0 + field.1 - 1, 1), b"\0");
    Some(())
}

fn number(field: &[u8]) -> Option<u64> {
    let text = str::from_utf8(field).ok()?.trim_matches([' ', '\0']);
    u64::from_str_radix(text, 8).ok().filter(|_| text.bytes().all(|octet| octet.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-22 02:00 UTC);

    fn entry(name: &str, size: u64) -> Entry {
        Entry { name: name.to_owned(), size }
    }

    #[test]
    fn a_header_comes_back_as_it_went() {
        for entry in [entry("root.pem", 0), entry("previous/0123456789abcdef/root_key.pem", 8 << 30 >> 1)] {
            let block = header(&entry, NOW).unwrap();
            assert_eq!(read(&block), Ok(Some(entry)));
        }
        assert_eq!(read(&[0; BLOCK]), Ok(None));
    }

    #[test]
    fn what_has_no_room_is_not_written() {
        for (name, size) in [("", 0), ("a b", 0), ("ü", 0), (&*"a".repeat(101), 0), ("a", 8 << 30)] {
            assert_eq!(header(&entry(name, size), NOW), None, "{name}");
        }
        assert!(header(&entry(&"a".repeat(100), (8 << 30) - 1), NOW).is_some());
    }

    #[test]
    fn only_plain_files_are_read() {
        let block = header(&entry("root.pem", 7), NOW).unwrap();
        for kind in [b'1', b'2', b'5', b'x', b'L'] {
            let mut other = block;
            put(&mut other, KIND, &[kind]);
            let sum = checksum(&other);
            octal(&mut other, CHECKSUM, sum).unwrap();
            assert_eq!(read(&other), Err(NoHeader));
        }
        for at in 0..BLOCK {
            let mut other = block;
            other[at] ^= 1;
            assert_ne!(read(&other), Ok(Some(entry("root.pem", 7))), "octet {at}");
        }
    }

    #[test]
    fn an_archive_is_filled_up() {
        assert_eq!((padding(0), padding(1), padding(512)), (0, 511, 0));
        assert_eq!(length([]), Some(RECORD));
        assert_eq!(length([9 * 512, 8 * 512]), Some(2 * RECORD));
        assert_eq!(length([9 * 512, 7 * 512]), Some(RECORD));
        assert_eq!(length([u64::MAX]), None);
        assert_eq!(length([u64::MAX - 1023, 1]), None);
    }
}
