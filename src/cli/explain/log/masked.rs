//! Secrets in a line of a log: they are left out of what is shown, for an excerpt goes into tickets. May not read or print.

/// What a value is called that nobody else may see, at the end of its name: `clientSecret`, `certificate_password`.
const KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pass phrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "authorization",
    "cookie",
];
const MASK: &str = "***";
const BLANKS: [char; 2] = [' ', '\t'];
const QUOTES: [char; 2] = ['"', '\''];

/// The same line with `***` in place of each value of such a name, and of a password inside an address.
pub(in super::super::super) fn masked(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = cut(rest, rest.find(['=', ':']).map(|at| at + 1)) {
        shown.push_str(before);
        rest = after;
        if is_secret(before) {
            rest = leave_out_value(&mut shown, after);
        } else if let Some(address) = after.strip_prefix("//") {
            shown.push_str("//");
            rest = leave_out_account(&mut shown, address);
        }
    }
    shown.push_str(rest);
    shown
}

fn cut(text: &str, at: Option<usize>) -> Option<(&str, &str)> {
    text.split_at_checked(at?)
}

/// Whether it ends in such a name and a separator.
fn is_secret(before: &str) -> bool {
    let name = before.trim_end_matches(['=', ':', ' ', '"', '\'', '\\', ']']).to_ascii_lowercase();
    KEYS.iter().any(|key| name.ends_with(key))
}

/// What is behind the value. Where an unquoted one ends is a guess, and rather too late than too early.
fn leave_out_value<'a>(shown: &mut String, after: &'a str) -> &'a str {
    let value = after.trim_start_matches(['=', ':', '>', ' ', '\\']);
    let opening = after.len() - value.len();
    shown.push_str(after.get(..opening).unwrap_or_default());
    let quote = value.chars().next().filter(|first| QUOTES.contains(first));
    let end = match quote {
        Some(quote) => {
            shown.push(quote);
            value.char_indices().skip(1).find(|(_, one)| *one == quote).map(|(at, _)| at)
        }
        None => unquoted(value),
    };
    let (left_out, rest) = cut(value, end).unwrap_or((value, ""));
    if !left_out.is_empty() {
        shown.push_str(MASK);
    }
    rest
}

/// In a connection string a value goes on to the semicolon, blanks and all; `Bearer` and its like are not all of it.
fn unquoted(value: &str) -> Option<usize> {
    let end = value.find([';', '\t', '"', '\'', '&', '<', '\r', '\n']);
    if value.get(..end.unwrap_or(value.len())).is_some_and(|value| value.contains(' ')) && !is_semicolon(value, end) {
        let scheme = ["bearer ", "basic ", "negotiate ", "ntlm "];
        let skip =
            scheme.iter().find(|word| value.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word)));
        let skip = skip.map_or(0, |word| word.len());
        let blank = value.get(skip..).and_then(|value| value.find(BLANKS)).map(|at| at + skip);
        return [blank, end].into_iter().flatten().min();
    }
    end
}

fn is_semicolon(value: &str, at: Option<usize>) -> bool {
    at.and_then(|at| value.get(at..)).is_some_and(|rest| rest.starts_with(';'))
}

/// `account:password@host`.
fn leave_out_account<'a>(shown: &mut String, address: &'a str) -> &'a str {
    let end = address.find(['/', ' ', '\t', '"', '\'', '<', '?', '#']);
    let host = address.get(..end.unwrap_or(address.len())).unwrap_or_default();
    let parts = host.rfind('@').and_then(|at| address.split_at_checked(at));
    let Some((account, rest)) = parts.filter(|(account, _)| account.contains(':')) else { return address };
    shown.push_str(account.split(':').next().unwrap_or_default());
    shown.push(':');
    shown.push_str(MASK);
    rest
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_are_left_out() {
        for (line, shown) in [
            ("password=geheim-2026 next", "password=*** next"),
            ("Server=db;Pwd=two words;Database=QSR", "Server=db;Pwd=***;Database=QSR"),
            ("PASSWORD = geheim", "PASSWORD = ***"),
            ("password: geheim, and so on", "password: *** and so on"),
            (r#"{"certificatePassword":"ge:h=e im","x":1}"#, r#"{"certificatePassword":"***","x":1}"#),
            ("client_secret='abc' y", "client_secret='***' y"),
            ("password => geheim", "password => ***"),
            ("?token=abc.def&user=x", "?token=***&user=x"),
            ("Authorization: Bearer abc.def.ghi end", "Authorization: *** end"),
            ("postgres://qlik:ge@heim@db:4432/QSR", "postgres://qlik:***@db:4432/QSR"),
            ("pwd=a\tpassword=b", "pwd=***\tpassword=***"),
            ("token=…", "token=***"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }

    #[test]
    fn all_else_is_as_it_was() {
        for line in [
            "",
            "password",
            "password=",
            "The specified network password is not correct",
            "https://qs1.example.com:4242/qrs/about?user=a@b:c",
            "CN=qs1.example.com-CA: was not signed",
            "=:=:=",
            "ünï=cödé",
        ] {
            assert_eq!(masked(line), line);
        }
    }
}
