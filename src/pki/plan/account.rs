//! `Account`: the Windows account that runs the services, as a person types it.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    #[error("an account's name is empty")]
    Empty,
    #[error("account name is {0} characters long")]
    TooLong(usize),
    #[error("account name `{name}` has the character `{character}`, which Windows allows in none")]
    Character { name: String, character: char },
}

impl AccountError {
    pub fn hint(&self) -> &'static str {
        "give it as Windows shows it, for example `DOMAIN\\qlik-service`, `.\\qlik-service` or `service@domain.local`"
    }
}

/// A domain's DNS name and a logon name in full.
const LONGEST: usize = 300;

impl Account {
    /// Windows' own rule for account names (Microsoft, user naming attributes), which keeps what would end an argument
    /// out as well; a backslash or an at sign parts the domain from the name.
    pub fn parse(typed: &str) -> Result<Self, AccountError> {
        if typed.trim().is_empty() {
            return Err(AccountError::Empty);
        }
        let length = typed.chars().count();
        if length > LONGEST {
            return Err(AccountError::TooLong(length));
        }
        let forbidden = |c: &char| "\"/[]:;|=,+*?<>".contains(*c) || !super::command::is_pasteable(&c.to_string());
        if let Some(character) = typed.chars().find(forbidden) {
            return Err(AccountError::Character { name: typed.escape_debug().to_string(), character });
        }
        Ok(Self(typed.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_taken_as_windows_writes_them() {
        for name in
            ["CORP\\svc-qlik", ".\\qlik service", "svc@corp.local", "CORP\\gmsa$", "NT AUTHORITY\\SYSTEM", "O'B"]
        {
            assert_eq!(Account::parse(name).unwrap().as_str(), name);
        }
        for name in ["", "  ", "a|b", "a;b", "a\"b", "a\nb", "a\u{202e}b", "a\u{2019}b", "<a>"] {
            assert!(Account::parse(name).is_err(), "{name:?}");
        }
        assert!(Account::parse(&"x".repeat(301)).is_err());
    }
}
