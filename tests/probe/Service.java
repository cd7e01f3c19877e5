// Java as a service: shows a certificate, asks for one, and says welcome.
//
//     java Service.java PFX ROOT MIN MAX ASK      (prints the port it took; ends when its standard input closes)
//
// The PFX has no password. MIN and MAX are 1.2 or 1.3, ASK is demand, wish or nothing. Run by servers.rs. May not listen
// on anything but 127.0.0.1.

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

public final class Service {
    public static void main(String[] arguments) throws Exception {
        SSLContext context = context(Path.of(arguments[0]), Path.of(arguments[1]));
        List<String> versions = new ArrayList<>();
        for (String version : List.of("1.2", "1.3")) {
            if (version.compareTo(arguments[2]) >= 0 && version.compareTo(arguments[3]) <= 0) {
                versions.add("TLSv" + version);
            }
        }
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters settings = context.getDefaultSSLParameters();
                settings.setProtocols(versions.toArray(new String[0]));
                settings.setNeedClientAuth(arguments[4].equals("demand"));
                if (arguments[4].equals("wish")) {
                    settings.setWantClientAuth(true);
                }
                parameters.setSSLParameters(settings);
            }
        });
        server.createContext("/", exchange -> {
            byte[] body = "welcome\n".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream stream = exchange.getResponseBody()) {
                stream.write(body);
            }
        });
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        System.out.println(server.getAddress().getPort());
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }

    private static SSLContext context(Path pfx, Path root) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream stream = Files.newInputStream(root)) {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            trusted.setCertificateEntry("root", factory.generateCertificate(stream));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(pfx)) {
            own.load(stream, new char[0]);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
