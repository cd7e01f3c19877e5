//! What is to be pasted into Windows PowerShell, and how a name gets into it without ever being more than a name.
//!
//! A command is one of ours with holes. What fills a hole is written as a string in single quotes, in which PowerShell
//! expands nothing (Microsoft, about_Quoting_Rules). A name that may not be pasted at all leaves its blank there.

/// Fills each `{}` of our command with the next value, quoted. Braces of PowerShell's own stand alone: `{ … }`.
pub(super) fn paste(template: &'static str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut parts = template.split("{}");
    let mut command = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        command.push_str(&quote(values.next().copied().unwrap_or_default()));
        command.push_str(part);
    }
    command
}

/// A string in single quotes that reads as `value`. What has no place in a line to be pasted is left out: a line end
/// would end the command, other control characters move the cursor.
fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('\'');
    for character in value.chars().filter(|character| may_be_pasted(*character)) {
        quoted.push(character);
        if character == '\'' {
            quoted.push(character);
        }
    }
    quoted.push('\'');
    quoted
}

/// Whether a value can be pasted as it stands.
pub(super) fn is_pasteable(value: &str) -> bool {
    value.chars().all(may_be_pasted)
}

/// What is seen, and is one thing to the eye and to PowerShell: printable ASCII, and letters and digits of all scripts.
/// Not the typographic quotes: PowerShell takes them for plain ones.
fn may_be_pasted(character: char) -> bool {
    matches!(character, ' '..='~') || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_string_and_nothing_else() {
        let cases = [
            ("host.domain", "'host.domain'"),
            ("it's", "'it''s'"),
            ("'; Remove-Item C:\\ -Recurse; '", "'''; Remove-Item C:\\ -Recurse; '''"),
            ("$(calc) `n \"x\" | y & z", "'$(calc) `n \"x\" | y & z'"),
            ("a\r\nb\u{1b}[2Jc\u{202e}d\u{0}e", "'ab[2Jcde'"),
            ("a\u{2018}; calc; \u{2019}\u{201c}", "'a; calc; '"),
            ("Bücher", "'Bücher'"),
            ("", "''"),
        ];
        for (value, quoted) in cases {
            assert_eq!(quote(value), quoted);
        }
        assert!(is_pasteable("DOMAIN\\svc$") && !is_pasteable("a\nb") && !is_pasteable("a\u{2019}"));
    }

    #[test]
    fn each_hole_takes_its_value() {
        assert_eq!(paste("a {} | % { b {} }", &["1", "'"]), "a '1' | % { b '''' }");
        assert_eq!(paste("a {}", &["{}"]), "a '{}'");
    }

    /// Nothing that a value holds is read as anything but a string.
    #[test]
    fn a_value_changes_nothing_of_the_command_around_it() {
        let command = |value: &str| paste("a {} | % { b -c {} }", &[value, value]);
        let hostile =
            ["'", "''", "'; calc; '", "\u{2019}; calc; \u{2018}", "$(calc)", "`'", "a' | calc #", "{}", "\n'\r\n"];
        for value in hostile {
            assert_eq!(without_strings(&command(value)), "a ' | % { b -c ' }", "{value}");
        }
    }

    /// A command without its strings in single quotes, as PowerShell's own parser would leave them out.
    fn without_strings(command: &str) -> String {
        let mut rest = command.chars().peekable();
        let mut rest_of_it = String::new();
        let is_quote = |character: char| matches!(character, '\'' | '\u{2018}'..='\u{201b}');
        while let Some(character) = rest.next() {
            rest_of_it.push(character);
            if !is_quote(character) {
                continue;
            }
            while let Some(inside) = rest.next() {
                // Two together are one that is meant.
                if is_quote(inside) && rest.next_if(|next| is_quote(*next)).is_none() {
                    break;
                }
            }
        }
        rest_of_it
    }
}
