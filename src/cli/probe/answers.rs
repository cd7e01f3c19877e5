//! Where TLS lets everybody in: what one harmless `GET /` is answered, with the client certificate and without.
//!
//! nginx and Windows' HTTP service finish the handshake with anybody and refuse by what they answer. Of an answer only
//! what tells the two callers apart counts.

use super::super::parallel;
use super::super::reach::{self, Manner, Patience, Target};
use crate::host::tls::{After, End, Failure, Identity, Stage, Version, alert_name, http};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Taken,
    /// Says how.
    Refused(String),
    /// Why the answers tell nothing.
    Nothing(String),
}

/// How a caller was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// A status, and no word on certificates.
    Status(u16),
    /// It says that there was none, or that the one shown will not do.
    Certificate(u16),
    Alert(u8),
    /// The connection was ended.
    Ended,
    Renegotiation,
    Other,
}

pub(super) fn tell(target: &Target, identity: &Identity, version: Version, patience: Patience) -> Told {
    let ask = |identity: Option<Identity>| {
        let manner = Manner { versions: vec![version], identity, request: request(target) };
        let met = reach::reach(target, &manner, patience, &http::is_enough);
        met.map_or(Said::Other, |met| said(&met.end))
    };
    match parallel::each(vec![Some(identity.clone()), None], false, ask)[..] {
        [with, without] => compared(with, without),
        _ => Told::Nothing(String::new()),
    }
}

fn request(target: &Target) -> Vec<u8> {
    let (host, version) = (target.place(), env!("CARGO_PKG_VERSION"));
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nUser-Agent: qcert/{version}\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

/// In lower case: nginx (ngx_http_special_response.c), IIS (HTTP status codes, 403.7, .13, .16, .17).
const ABOUT_CERTIFICATES: [&str; 6] = [
    "no required ssl certificate was sent",
    "the ssl certificate error",
    "403.7 - forbidden",
    "403.13 - forbidden",
    "403.16 - forbidden",
    "403.17 - forbidden",
];

fn said(end: &End) -> Said {
    match end {
        End::Done(After::Answer(octets)) => {
            let Ok(answer) = http::read(octets) else { return Said::Other };
            let body = String::from_utf8_lossy(&answer.body).to_lowercase();
            let named = ABOUT_CERTIFICATES.iter().any(|saying| body.contains(saying));
            // nginx' own, also where a page of the operator's stands for its words.
            if matches!(answer.status, 495 | 496) || matches!(answer.status, 400..=499) && named {
                Said::Certificate(answer.status)
            } else {
                Said::Status(answer.status)
            }
        }
        End::Failed(Failure::Alert(number, _)) => Said::Alert(*number),
        End::Done(After::Closed) | End::Failed(Failure::Closed(Stage::After) | Failure::Reset(Stage::After)) => {
            Said::Ended
        }
        End::Failed(Failure::Renegotiation) => Said::Renegotiation,
        End::Done(After::Quiet) | End::Failed(_) => Said::Other,
    }
}

fn compared(with: Said, without: Said) -> Told {
    match (with, without) {
        (Said::Certificate(status), _) => {
            Told::Refused(format!("it answers requests with {status} and names the certificate as the reason"))
        }
        (Said::Alert(number), _) => Told::Refused(format!("alert `{}`, once a request is sent", alert_name(number))),
        (Said::Renegotiation, _) => {
            Told::Nothing("it asks by a second handshake (renegotiation), which qcert does not do".to_owned())
        }
        (Said::Status(_), Said::Certificate(_) | Said::Alert(_) | Said::Ended) => Told::Taken,
        (Said::Status(200..=399 | 404), Said::Status(401 | 403)) => Told::Taken,
        (Said::Status(one), Said::Status(other)) if one == other => {
            Told::Nothing(format!("it lets callers without one in, too, and answers both alike ({one})"))
        }
        _ => Told::Nothing("it lets callers without one in, too, so being let in proves nothing".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(head: &str, body: &str) -> Said {
        said(&End::Done(After::Answer(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())))
    }

    #[test]
    fn nginx_and_iis_say_what_they_mind() {
        let bad = "HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1";
        let none = answered(bad, "<center>No required SSL certificate was sent</center>");
        let wrong = answered(bad, "<center>The SSL certificate error</center>");
        let welcome = answered("HTTP/1.1 200 OK", "welcome");
        assert_eq!((none, wrong), (Said::Certificate(400), Said::Certificate(400)));
        assert_eq!(compared(welcome, none), Told::Taken);
        assert!(matches!(compared(wrong, none), Told::Refused(_)));
        let iis = answered("HTTP/1.1 403 Forbidden", "HTTP Error 403.16 - Forbidden");
        assert!(matches!(compared(iis, iis), Told::Refused(_)));
        // A page that only speaks of certificates is no refusal.
        assert_eq!(answered("HTTP/1.1 200 OK", "what is the SSL certificate error?"), Said::Status(200));
    }

    #[test]
    fn what_does_not_tell_the_callers_apart_tells_nothing() {
        let (found, refused) = (Said::Status(200), Said::Status(403));
        assert_eq!(compared(found, refused), Told::Taken);
        for (with, without) in [
            (found, found),
            (refused, refused),
            (refused, found),
            (Said::Other, Said::Other),
            (Said::Ended, Said::Ended),
        ] {
            assert!(matches!(compared(with, without), Told::Nothing(_)), "{with:?} {without:?}");
        }
    }
}
