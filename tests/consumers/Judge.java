// Java on many bundles in one process: what a program gets that loads them, calls, and is called.
//
//     java Judge.java
//
// What is read and answered: tests/consumers.rs. May not connect to anything but 127.0.0.1.

import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;

public final class Judge {
    private static final int MILLISECONDS = 20_000;

    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(System.getenv("QCERT_CASES")))) {
            String[] fields = line.split("\t", -1);
            String answer = "accepted";
            try {
                step(Path.of(fields[0]), fields[1], fields[2], fields[3].toCharArray());
            } catch (Throwable reason) {
                answer = "refused\t" + reasons(reason);
            }
            System.out.println(fields[0] + "\t" + fields[1] + "\t" + answer);
        }
    }

    private static String reasons(Throwable reason) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = reason; cause != null; cause = cause.getCause()) {
            text.append(text.length() == 0 ? "" : " <- ").append(cause);
        }
        return text.toString().replaceAll("\\s+", " ");
    }

    private static void step(Path folder, String step, String machine, char[] password) throws Exception {
        switch (step) {
            case "root" -> root(folder);
            case "pfx" -> open(folder.resolve("client.pfx"), password);
            case "call" -> {
                SSLContext client = context(null, trust(folder));
                raise(shakeHands(context(peer(folder, "server"), everybody()), client, machine)[1]);
            }
            case "serve" -> {
                SSLContext server = context(peer(folder, "sound"), trust(folder));
                raise(shakeHands(server, context(peer(folder, "client"), everybody()), null)[0]);
            }
            default -> throw new IllegalArgumentException(step);
        }
    }

    private static void raise(Exception reason) throws Exception {
        if (reason != null) {
            throw reason;
        }
    }

    private static X509Certificate root(Path folder) throws Exception {
        try (InputStream stream = Files.newInputStream(folder.resolve("root.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream);
        }
    }

    private static TrustManager[] trust(Path folder) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", root(folder));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    private static void open(Path file, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(file)) {
            store.load(stream, password);
        }
        KeyManagerFactory.getInstance("SunX509").init(store, password);
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias) && store.getKey(alias, password) != null) {
                return;
            }
        }
        throw new IllegalStateException("no key entry");
    }

    private static byte[] octets(Path file) throws Exception {
        return Base64.getMimeDecoder().decode(Files.readString(file).replaceAll("-----[^-]*-----", ""));
    }

    /** The other end. */
    private static Shows peer(Path folder, String role) throws Exception {
        Path files = folder.resolve("peer");
        X509Certificate[] chain;
        try (InputStream stream = Files.newInputStream(files.resolve(role + ".pem"))) {
            chain = CertificateFactory.getInstance("X.509").generateCertificates(stream).toArray(X509Certificate[]::new);
        }
        KeyFactory factory = KeyFactory.getInstance(chain[0].getPublicKey().getAlgorithm());
        PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(octets(files.resolve(role + "_key.pem"))));
        return new Shows(chain, key);
    }

    /** Shows its certificate to whoever asks, as programs in other languages do. */
    private record Shows(X509Certificate[] chain, PrivateKey key) {
        KeyManager manager() {
            return new X509ExtendedKeyManager() {
                public String[] getClientAliases(String kind, Principal[] issuers) {
                    return new String[] {"own"};
                }

                public String chooseClientAlias(String[] kinds, Principal[] issuers, Socket socket) {
                    return List.of(kinds).contains(chain[0].getPublicKey().getAlgorithm()) ? "own" : null;
                }

                public String[] getServerAliases(String kind, Principal[] issuers) {
                    return new String[] {"own"};
                }

                public String chooseServerAlias(String kind, Principal[] issuers, Socket socket) {
                    return kind.equals(chain[0].getPublicKey().getAlgorithm()) ? "own" : null;
                }

                public X509Certificate[] getCertificateChain(String alias) {
                    return chain.clone();
                }

                public PrivateKey getPrivateKey(String alias) {
                    return key;
                }
            };
        }
    }

    private static SSLContext context(Shows own, TrustManager[] trust) throws Exception {
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(own == null ? null : new KeyManager[] {own.manager()}, trust, null);
        return made;
    }

    private static TrustManager[] everybody() {
        return new TrustManager[] {
            new X509TrustManager() {
                public void checkClientTrusted(X509Certificate[] chain, String kind) {}

                public void checkServerTrusted(X509Certificate[] chain, String kind) {}

                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            }
        };
    }

    /** What the server says and what the client says; null where an end is content. */
    private static Exception[] shakeHands(SSLContext server, SSLContext client, String machine) throws Exception {
        InetAddress here = InetAddress.getByName("127.0.0.1");
        try (ServerSocket listener = new ServerSocket(0, 1, here)) {
            listener.setSoTimeout(MILLISECONDS);
            CompletableFuture<Exception> served = CompletableFuture.supplyAsync(() -> serve(listener, server, machine));
            Exception called = call(here, listener.getLocalPort(), client, machine);
            return new Exception[] {served.get(MILLISECONDS, TimeUnit.MILLISECONDS), called};
        }
    }

    private static Exception serve(ServerSocket listener, SSLContext context, String machine) {
        try (Socket plain = listener.accept()) {
            plain.setSoTimeout(MILLISECONDS);
            SSLSocket stream = (SSLSocket) context.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
            stream.setUseClientMode(false);
            stream.setNeedClientAuth(machine == null);
            stream.startHandshake();
            stream.getOutputStream().write(1);
            stream.close();
            return null;
        } catch (Exception reason) {
            return reason;
        }
    }

    private static Exception call(InetAddress here, int port, SSLContext context, String machine) {
        try (Socket plain = new Socket(here, port)) {
            plain.setSoTimeout(MILLISECONDS);
            String host = machine == null ? "127.0.0.1" : machine;
            SSLSocket stream = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
            if (machine != null) {
                SSLParameters parameters = stream.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                stream.setSSLParameters(parameters);
            }
            stream.startHandshake();
            stream.getInputStream().read();
            return null;
        } catch (Exception reason) {
            return reason;
        }
    }
}
