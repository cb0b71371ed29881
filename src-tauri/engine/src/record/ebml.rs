//! Elements of EBML (RFC 8794): an id, a size, a content. Pure.

/// The size of an element that is not known yet, in eight bytes.
pub(super) const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/// An element, as its bytes.
#[derive(Debug, Clone)]
pub(super) struct Element(pub(super) Vec<u8>);

impl Element {
    pub(super) fn new(id: &[u8], content: &[u8]) -> Self {
        let mut bytes = id.to_vec();
        bytes.extend(size(content.len() as u64));
        bytes.extend(content);
        Self(bytes)
    }
}

/// An element of elements.
pub(super) fn master(id: &[u8], parts: &[Element]) -> Element {
    let content: Vec<u8> = parts.iter().flat_map(|part| part.0.iter().copied()).collect();
    Element::new(id, &content)
}

pub(super) fn uint(id: &[u8], value: u64) -> Element {
    let bytes = value.to_be_bytes();
    let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
    Element::new(id, bytes.get(from..).unwrap_or(&bytes))
}

pub(super) fn float(id: &[u8], value: f64) -> Element {
    Element::new(id, &value.to_be_bytes())
}

/// A size in eight bytes, to be filled in where [`UNKNOWN_SIZE`] stood.
pub(super) fn size8(size: u64) -> [u8; 8] {
    (size | 1 << 56).to_be_bytes()
}

/// A size in as few bytes as it needs.
fn size(size: u64) -> Vec<u8> {
    // All ones means unknown: a size that looks so takes a byte more.
    let length = (1..8u32).find(|length| size < (1 << (7 * length)) - 1).unwrap_or(8);
    let marked = size | 1 << (7 * length);
    marked.to_be_bytes().iter().skip(8 - length as usize).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_as_few_bytes_as_they_can() {
        assert_eq!(size(0), [0x80]);
        assert_eq!(size(126), [0xfe]);
        assert_eq!(size(127), [0x40, 0x7f]);
        assert_eq!(size(16_383), [0x20, 0x3f, 0xff]);
        assert_eq!(size8(5), [1, 0, 0, 0, 0, 0, 0, 5]);
        assert_eq!(uint(&[0xd7], 0).0, [0xd7, 0x81, 0]);
        assert_eq!(uint(&[0xd7], 256).0, [0xd7, 0x82, 1, 0]);
    }
}
