//! What is looked for in the logs of a server: every text of the symptoms that are known (Qlik facts 8) as a service
//! writes it, and nothing that a healthy server writes.

use super::*;
use crate::pki::knowledge;
use crate::pki::knowledge::scan::{Scan, Scanner, Stamp};
use std::sync::LazyLock;

const HEADER: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tThread\tId\tServiceUser\tMessage\tException\t\
    StackTrace\tProxySessionId\tId2\r\n";

fn log(messages: &[&str]) -> String {
    let line = |message: &&str| {
        format!(
            "7\t20261121T031244.898+0100\tERROR\tQLIK1\tSecurity.Proxy.Qlik.Sense.Common.Certificates\t8\t\
             40e67960-d393-4881-a7c8-efafe089ef0f\tCORP\\svc-qlik\t{message}\tSystem.Exception\tat Qlik.Sense.X()↵↓at \
             Qlik.Sense.Y()\t0\t40e67960-d393-4881-a7c8-efafe089ef0f\r\n"
        )
    };
    format!("{HEADER}{}", messages.iter().map(line).collect::<String>())
}

static SCANNER: LazyLock<Scanner> = LazyLock::new(knowledge::scanner_of_logs);

fn scan(log: &[u8]) -> Scan {
    let mut scanner = SCANNER.clone();
    scanner.feed(log);
    scanner.finish()
}

#[test]
fn every_symptom_is_found_in_a_line_of_a_service() {
    for (row, name, message) in [
        (1, "invalid-root", "Fatal error: an invalid root certificate was found"),
        (4, "other-root", "Certificate 'CN=qlik1' (2F66) is invalid because it was not signed correctly by 'CN=q-CA'"),
        (5, "no-private-key", "No private key found for certificate 'CN=qlik1' (2F66)"),
        (6, "private-key-access", "Unkown error when accessing the private key for certificate 'CN=qlik1'"),
        (7, "thumbprint", "Couldn't find a valid ssl certificate with thumbprint 2F66"),
        (7, "thumbprint", "Reverting to default Qlik Sense SSLCertificate"),
        (8, "bootstrap-needed", "Settings has been updated but will not take effect until bootstrap mode has been run"),
        (10, "waiting-for-certificates", "Waiting for certificates to be installed..."),
        (13, "invalid-purpose", "Error: unsupported certificate purpose, code: 'INVALID_PURPOSE'"),
        (14, "no-key-usage", "certificate verify failed: CA cert does not include key usage extension (_ssl.c:1010)"),
        (15, "unable-to-verify-leaf", "Error: unable to verify the first certificate"),
        (15, "unable-to-verify-leaf", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
        (16, "self-signed-in-chain", "Error: self signed certificate in certificate chain"),
        (16, "self-signed-in-chain", "code: 'SELF_SIGNED_CERT_IN_CHAIN'"),
        (17, "altname", "ERR_TLS_CERT_ALTNAME_INVALID: Hostname/IP does not match certificate's altnames: Host: q"),
        (18, "go-ip", "x509: cannot validate certificate for 10.0.0.5 because it doesn't contain any IP SANs"),
        (19, "go-legacy-name", "x509: certificate relies on legacy Common Name field, use SANs instead"),
        (20, "remote-certificate-invalid", "The remote certificate is invalid according to the validation procedure."),
        (20, "remote-certificate-invalid", "Could not establish trust relationship for the SSL/TLS secure channel"),
        (25, "certificates-not-loaded", "Qlik.Engine.Communication.CertificatesNotLoadedException: none"),
        (26, "key-mismatch", "error:0B080074:x509 certificate routines:X509_check_private_key:key values mismatch"),
        (
            28,
            "pfx-rc2",
            "inner_evp_generic_fetch:unsupported:Global default library context, Algorithm (RC2-40-CBC : 0)",
        ),
        (30, "mac-verify", "Error: mac verify failure"),
        (30, "network-password", "The specified network password is not correct."),
        (31, "bad-decrypt", "ERR_OSSL_BAD_DECRYPT: error:1C800064:Provider routines::bad decrypt"),
        (32, "trailing-bytes", "ValueError: ASN.1 parsing error: extra data"),
        (33, "wrong-content", "error:1E08010C:DECODER routines::unsupported"),
        (33, "no-start-line", "error:0909006C:PEM routines:get_name:no start line"),
        (
            35,
            "local-certificates-denied",
            r"Access to the path 'C:\ProgramData\Qlik\Sense\Repository\Exported Certificates\.Local Certificates\client.pem' is denied.",
        ),
        (36, "file-missing", "ENOENT: no such file or directory, open 'C:\\certs\\client_key.pem'"),
        (38, "untrusted-root", "HTTP Error 403.16 - Forbidden"),
        (38, "untrusted-root", "A certificate chain could not be built (0x800B0109)"),
        (38, "client-certificate-missing", "HTTP Error 403.7 - Forbidden"),
        (
            39,
            "trusted-list-too-long",
            "… of trust that this list has grown too long. This list has thus been truncated.",
        ),
        (40, "no-secure-channel", "The request was aborted: Could not create SSL/TLS secure channel."),
        (41, "not-yet-valid", "Error: certificate is not yet valid"),
        (42, "expired", "Error: certificate has expired, code: 'CERT_HAS_EXPIRED'"),
        (45, "long-common-name", "asn1 encoding routines:ASN1_mbstring_ncopy:string too long:maxsize=64"),
    ] {
        let text = log(&["all is well", message]);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in
            [text.as_bytes(), &[b"\xef\xbb\xbf", text.as_bytes()].concat(), &[b"\xff\xfe", &utf16[..]].concat()]
        {
            let scan = scan(bytes);
            let sighting = scan.found.iter().find(|sighting| sighting.text.name == name);
            let sighting = sighting.unwrap_or_else(|| panic!("{row}: {message}: {:?}", scan.found));
            assert_eq!((sighting.lines, sighting.first_line), (1, 3), "{row}");
            assert_eq!(sighting.last_time.map(Stamp::iso).as_deref(), Some("2026-11-21T03:12:44+01:00"), "{row}");
        }
    }
}

#[test]
fn what_a_healthy_server_writes_is_no_sighting() {
    let text = log(&[
        "Entering main startup phase..",
        "Reload of task 'Sales' was interrupted or cancelled",
        "key type mismatch in join of [Orders] and [Customers], error 20 at line 7",
        "ODBC: access denied, empty password; NOT_ENOUGH_DATA",
        "Certificate 'CN=qlik1' is valid until 2030",
        "HTTP 403 Forbidden for user CORP\\jane; XSRF prevention check failed",
        "Connection reset by peer; certificate verify failed",
        "0308010c-1c80-4881-a7c8-efafe089ef0f handed over",
    ]);
    assert!(scan(text.as_bytes()).found.is_empty(), "{:#?}", scan(text.as_bytes()).found);
}

#[test]
fn what_is_left_out_of_logs_is_in_the_catalogue_and_leaves_something() {
    let all: Vec<&KnownText> = LISTS.iter().copied().flatten().collect();
    for word in COMMON_WORDS {
        let of = |text: &&&KnownText| text.texts.contains(word);
        assert!(all.iter().any(|text| of(&text) && text.precision == Precision::Exact), "{word}");
    }
    assert!(OTHER_MATTERS.iter().all(|name| all.iter().any(|text| text.name == *name)));
    assert!(in_logs().all(|(_, forms)| !forms.is_empty()));
    assert!(in_logs().count() > 60);
}
