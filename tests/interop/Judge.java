// Java: PKIX validation of both chains, both PFX as key stores, then real mutual TLS between a server and a client.
//
//     java Judge judge FOLDER MACHINE                             everything above, in this one process
//     java Judge visit ROOT MACHINE VERSION PORT [PFX]            ask a server on 127.0.0.1 for its start page
//
// The password is in JUDGE_PASSWORD. Ends with 0 when everything is accepted. Run by java.rs and visitors.rs.
// May not connect to anything but 127.0.0.1, nor wait longer than its socket's deadline.

import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public final class Judge {
    private static final int MILLISECONDS = 30_000;
    private static final char[] PASSWORD = System.getenv("JUDGE_PASSWORD").toCharArray();

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("judge")) {
            judge(Path.of(arguments[1]), arguments[2]);
        } else {
            Path pfx = arguments.length > 5 ? Path.of(arguments[5]) : null;
            visit(Path.of(arguments[1]), arguments[2], arguments[3], Integer.parseInt(arguments[4]), pfx);
        }
    }

    private static void judge(Path folder, String machine) throws Exception {
        X509Certificate root = certificate(folder.resolve("root.pem"));
        check(root.equals(certificate(folder.resolve("root.cer"))), "root.cer and root.pem differ");
        for (String role : List.of("server", "client")) {
            X509Certificate leaf = certificate(folder.resolve(role + ".pem"));
            openContainer(folder.resolve(role + ".pfx"), leaf);
            validate(leaf, root);
        }
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            shakeHands(folder, machine, version);
        }
        System.out.println("judged");
    }

    private static void validate(X509Certificate leaf, X509Certificate root) throws Exception {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(false);
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(List.of(leaf)), parameters);
    }

    /** The alias is a GUID that nobody knows beforehand, so entries are looked up one by one, as programs do. */
    private static void openContainer(Path file, X509Certificate expected) throws Exception {
        KeyStore store = keyStore(file);
        int keys = 0;
        for (String alias : Collections.list(store.aliases())) {
            check(store.isKeyEntry(alias), file + ": an entry without a key: " + alias);
            check(store.getCertificate(alias).equals(expected), file + ": another certificate than the PEM file's");
            check(store.getCertificateChain(alias).length == 1, file + ": more than one certificate");
            byte[] message = "signed".getBytes(StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign((PrivateKey) store.getKey(alias, PASSWORD));
            signature.update(message);
            byte[] signed = signature.sign();
            signature.initVerify(expected);
            signature.update(message);
            check(signature.verify(signed), file + ": the key is not the certificate's");
            keys++;
        }
        check(keys == 1, file + ": " + keys + " keys, expected one");
    }

    private static void shakeHands(Path folder, String machine, String version) throws Exception {
        Path root = folder.resolve("root.pem");
        SSLContext server = context(root, folder.resolve("server.pfx"));
        SSLContext client = context(root, folder.resolve("client.pfx"));
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (var listener = (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
            listener.setSoTimeout(MILLISECONDS);
            listener.setNeedClientAuth(true);
            var seen = CompletableFuture.supplyAsync(() -> welcome(listener));
            try (SSLSocket stream = connect(client, machine, version, listener.getLocalPort())) {
                byte[] greeting = stream.getInputStream().readAllBytes();
                check(new String(greeting, StandardCharsets.US_ASCII).equals("welcome"), "no welcome");
                check(stream.getSession().getProtocol().equals(version), "another protocol version");
            }
            check(seen.get(MILLISECONDS, TimeUnit.MILLISECONDS).equals("CN=QlikClient"), "another client");
        }
    }

    /** Answers one client and says who it was. */
    private static String welcome(SSLServerSocket listener) {
        try (SSLSocket stream = (SSLSocket) listener.accept()) {
            stream.setSoTimeout(MILLISECONDS);
            stream.getOutputStream().write("welcome".getBytes(StandardCharsets.US_ASCII));
            return stream.getSession().getPeerPrincipal().getName();
        } catch (java.io.IOException reason) {
            return "nobody: " + reason;
        }
    }

    private static void visit(Path root, String machine, String version, int port, Path pfx) throws Exception {
        try (SSLSocket stream = connect(context(root, pfx), machine, "TLSv" + version, port)) {
            String request = "GET / HTTP/1.0\r\nHost: " + machine + "\r\n\r\n";
            stream.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            stream.getOutputStream().flush();
            stream.getInputStream().transferTo(System.out);
            System.out.flush();
        }
    }

    /** Connects to 127.0.0.1 whatever the name is, and checks the name as a browser would. */
    private static SSLSocket connect(SSLContext context, String machine, String version, int port) throws Exception {
        Socket plain = new Socket(InetAddress.getByName("127.0.0.1"), port);
        plain.setSoTimeout(MILLISECONDS);
        SSLSocket stream = (SSLSocket) context.getSocketFactory().createSocket(plain, machine, port, true);
        SSLParameters parameters = stream.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(new String[] {version});
        stream.setSSLParameters(parameters);
        stream.startHandshake();
        return stream;
    }

    private static SSLContext context(Path root, Path pfx) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", certificate(root));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyManager[] keys = null;
        if (pfx != null) {
            KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
            factory.init(keyStore(pfx), PASSWORD);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore keyStore(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(file)) {
            store.load(stream, PASSWORD);
        }
        return store;
    }

    private static X509Certificate certificate(Path file) throws Exception {
        try (InputStream stream = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream);
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
