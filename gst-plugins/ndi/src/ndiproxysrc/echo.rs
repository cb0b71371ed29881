//! Reads what a source says of its own lamps: `<ndi_tally_echo on_program="true" on_preview="false"/>`.
//!
//! Text from the network: read leniently in form (order, quotes, white space), strictly in meaning (only `true`
//! lights a lamp).

use ndi_sdk_sys::Tally;

/// The lamps that the message reports, or none if it is another message.
pub(super) fn read(message: &str) -> Option<Tally> {
    let element = message.trim_start().strip_prefix("<ndi_tally_echo")?;
    if !element.starts_with(|c: char| c.is_whitespace() || c == '/' || c == '>') {
        return None;
    }
    let lit = |name| attribute(element, name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    Some(Tally { program: lit("on_program"), preview: lit("on_preview") })
}

/// The value of an attribute of the element that `text` begins with, behind its name.
pub(super) fn attribute<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let tag = text.split('>').next()?;
    tag.match_indices(name).find_map(|(at, _)| {
        let before = tag[..at].chars().next_back()?;
        let value = tag[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        before.is_whitespace().then(|| value[1..].split(quote).next())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lamps(program: bool, preview: bool) -> Option<Tally> {
        Some(Tally { program, preview })
    }

    #[test]
    fn the_runtimes_own_form_is_read() {
        assert_eq!(read(r#"<ndi_tally_echo on_program="true" on_preview="false"/>"#), lamps(true, false));
        assert_eq!(read(r#"<ndi_tally_echo on_program="false" on_preview="true"/>"#), lamps(false, true));
    }

    #[test]
    fn order_quotes_and_white_space_do_not_matter() {
        assert_eq!(read(" <ndi_tally_echo\n on_preview = 'true'\ton_program='TRUE' />"), lamps(true, true));
    }

    #[test]
    fn what_is_missing_or_unknown_lights_no_lamp() {
        assert_eq!(read("<ndi_tally_echo/>"), lamps(false, false));
        assert_eq!(read(r#"<ndi_tally_echo on_program="yes" xon_preview="true"/>"#), lamps(false, false));
        assert_eq!(read(r#"<ndi_tally_echo on_program="true"#), lamps(true, false));
    }

    #[test]
    fn other_messages_are_not_echoes() {
        assert_eq!(read(r#"<ndi_tally on_program="true"/>"#), None);
        assert_eq!(read(r#"<ndi_tally_echoes on_program="true"/>"#), None);
        assert_eq!(read(""), None);
    }
}
