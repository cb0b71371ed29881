//! Passwords that are guessed first: the commonest of the known breaches, words, names, dates, rows of the keyboard, and
//! what anybody can know of the person and of this product.
//!
//! It refuses to count kinds of characters: whoever needs fewer than a million guesses is told so, whatever is in it.
//! Invariant: nothing leaves the process; no service is asked about a password.

use secrecy::{ExposeSecret as _, SecretString};
use zxcvbn::{Score, zxcvbn};

/// Whose password it is to be: what is easily guessed of them.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Their e-mail.
    pub email: &'a str,
    /// Their name.
    pub name: &'a str,
}

/// Of the product, in both of its languages.
const PRODUCT: [&str; 5] =
    ["returnfeed", "return feed", "return", "feed", "\u{b9ac}\u{d134}\u{d53c}\u{b4dc}"];

impl About<'_> {
    /// Everything of it that somebody might type.
    pub(super) fn words(self) -> Vec<String> {
        let parts = self.email.split(|letter: char| !letter.is_alphanumeric());
        let names = self.name.split_whitespace();
        let whole = [self.email, self.name].into_iter().chain(PRODUCT);
        whole.chain(parts).chain(names).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    }
}

/// Whether a guesser who begins with what people use needs fewer than a million guesses.
pub(super) fn is_easy(password: &SecretString, words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    zxcvbn(password.expose_secret(), &words).score() < Score::Two
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: About<'_> = About { email: "ada.lovelace@studio.example.org", name: "Ada Lovelace" };

    fn easy(password: &str) -> bool {
        is_easy(&password.into(), &ADA.words())
    }

    #[test]
    fn what_everybody_uses_is_easy_however_it_is_dressed_up() {
        for common in [
            "password",
            "12345678",
            "P@ssw0rd",
            "drowssap1",
            "qwertyuiop",
            "1qaz2wsx",
            "iloveyou1",
            "20011225",
            "aaaaaaaa",
        ] {
            assert!(easy(common), "{common}");
        }
    }

    #[test]
    fn what_is_known_of_the_person_and_the_product_is_easy() {
        let repeated = "\u{be44}\u{bc00}\u{be44}\u{bc00}\u{be44}\u{bc00}\u{be44}\u{bc00}";
        for known in [
            "lovelace",
            "Lovelace1",
            "ada.lovelace@studio.example.org",
            "AdaLovelace",
            "returnfeed",
            "ReturnFeed1",
            repeated,
        ] {
            assert!(easy(known), "{known}");
        }
        let stranger = About { email: "bob@example.org", name: "Bob" };
        assert!(!is_easy(&"lovelace and babbage".into(), &stranger.words()));
    }

    #[test]
    fn words_that_one_chose_are_taken_in_any_script_and_of_any_kind_of_letters() {
        let korean = "\u{b178}\u{b780} \u{bc84}\u{c2a4}\u{b97c} \u{d0c0}\u{b294} \u{ace0}\u{c591}\u{c774}";
        for chosen in ["correct horse", "a passphrase for the tests", "xkqjwvhzpt", "8402917365", korean] {
            assert!(!easy(chosen), "{chosen}");
        }
    }

    #[test]
    fn the_longest_password_is_judged_in_bounded_work() {
        let long: String = "p@ssw0rd1q2w3e4r".chars().cycle().take(128).collect();
        assert!(!easy(&format!("{long}{long}{long}")), "beyond what is looked at there is no more work");
    }
}
