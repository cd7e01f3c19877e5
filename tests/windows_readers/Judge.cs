// .NET opens the PFX files that qcert wrote, and says what it sees in them.
//
// It reads lines of words between tabs from standard input, and answers `ID <tab> FACT <tab> VALUE`. May not decide what
// is right: the test does. HOME has to be a folder of the test's own, for the stores of .NET are below it.
//
//   load  ID FILE PASSWORD             what is inside, and a signature of the text ID by the key
//   trust ID FILE                      puts a root into CurrentUser\Root
//   chain ID FILE PASSWORD             what the chain of the first certificate ends in
//   keep  ID FILE PASSWORD             puts it into CurrentUser\My, where Qlik's clients look for it
//   talk  ID SERVER PASSWORD CLIENT PASSWORD HOST      mutual TLS between two ends on 127.0.0.1

using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;

static class Judge
{
    // In which Qlik's certificates say what they are.
    const string Marker = "1.3.6.1.5.5.7.13.3";
    const int Deadline = 60000;

    static TextWriter answer;

    static int Main()
    {
        var utf8 = new UTF8Encoding(false);
        answer = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true };
        Say("runtime", "version", Environment.Version.ToString());
        using (var jobs = new StreamReader(Console.OpenStandardInput(), utf8))
        {
            string line;
            while ((line = jobs.ReadLine()) != null)
            {
                var words = line.Split('\t');
                try
                {
                    Do(words);
                }
                catch (Exception error)
                {
                    Say(words[1], "error", Describe(error));
                }
            }
        }
        Say("runtime", "done", "yes");
        return 0;
    }

    static void Do(string[] words)
    {
        switch (words[0])
        {
            case "load": Load(words[1], words[2], words[3]); break;
            case "trust": Trust(words[2]); break;
            case "chain": Chain(words[1], words[2], words[3]); break;
            case "keep": Keep(words[1], words[2], words[3]); break;
            case "talk": Talk(words[1], WithKey(words[2], words[3]), WithKey(words[4], words[5]), words[6]); break;
            default: throw new ArgumentException("no such job: " + words[0]);
        }
    }

    static void Say(string id, string fact, string value)
    {
        lock (answer) answer.WriteLine(id + "\t" + fact + "\t" + value.Replace('\n', ' ').Replace('\r', ' '));
    }

    static string Describe(Exception error)
    {
        var inner = error.InnerException == null ? "" : " / " + Describe(error.InnerException);
        return error.GetType().Name + " 0x" + error.HResult.ToString("x8") + ": " + error.Message + inner;
    }

    static X509Certificate2 Open(string file, string password)
    {
        return new X509Certificate2(file, password, X509KeyStorageFlags.Exportable);
    }

    // To open a PFX takes a tenth of a second, so it is done once.
    static readonly Dictionary<string, X509Certificate2Collection> opened = new Dictionary<string, X509Certificate2Collection>();

    static X509Certificate2Collection OpenAll(string file, string password)
    {
        if (!opened.ContainsKey(file))
        {
            var all = new X509Certificate2Collection();
            all.Import(file, password, X509KeyStorageFlags.Exportable);
            opened[file] = all;
        }
        return opened[file];
    }

    static X509Certificate2 WithKey(string file, string password)
    {
        foreach (var one in OpenAll(file, password))
        {
            if (one.HasPrivateKey) return one;
        }
        throw new InvalidDataException("no certificate has a key");
    }

    static void Load(string id, string file, string password)
    {
        var certificate = Open(file, password);
        Say(id, "subject", certificate.Subject);
        Say(id, "thumbprint", certificate.Thumbprint);
        Say(id, "friendly name", certificate.FriendlyName);
        Say(id, "has key", certificate.HasPrivateKey ? "yes" : "no");

        var all = OpenAll(file, password);
        var keys = 0;
        foreach (var one in all) keys += one.HasPrivateKey ? 1 : 0;
        Say(id, "certificates", all.Count.ToString());
        Say(id, "keys", keys.ToString());
        Say(id, "found by marker", all.Find(X509FindType.FindByExtension, Marker, false).Count.ToString());

        using (var key = certificate.GetRSAPrivateKey())
        {
            Say(id, "key bits", key.KeySize.ToString());
            var text = Encoding.ASCII.GetBytes(id);
            var signature = key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            Say(id, "signature", BitConverter.ToString(signature).Replace("-", ""));
            var secret = certificate.GetRSAPublicKey().Encrypt(text, RSAEncryptionPadding.OaepSHA1);
            Say(id, "decrypts", Encoding.ASCII.GetString(key.Decrypt(secret, RSAEncryptionPadding.OaepSHA1)));
        }
    }

    static void Trust(string file)
    {
        using (var store = new X509Store(StoreName.Root, StoreLocation.CurrentUser))
        {
            store.Open(OpenFlags.ReadWrite);
            store.Add(new X509Certificate2(file));
        }
    }

    static void Chain(string id, string file, string password)
    {
        using (var chain = new X509Chain())
        {
            // Qlik's certificates name no place where a revocation list would be.
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.ExtraStore.AddRange(OpenAll(file, password));
            var whole = chain.Build(WithKey(file, password));
            Say(id, "chain", whole ? "whole" : Status(chain));
            Say(id, "ends in", chain.ChainElements[chain.ChainElements.Count - 1].Certificate.Thumbprint);
        }
    }

    static string Status(X509Chain chain)
    {
        var status = X509ChainStatusFlags.NoError;
        foreach (var one in chain.ChainStatus) status |= one.Status;
        return status.ToString();
    }

    static void Keep(string id, string file, string password)
    {
        using (var store = new X509Store(StoreName.My, StoreLocation.CurrentUser))
        {
            store.Open(OpenFlags.ReadWrite);
            store.Add(WithKey(file, password));
        }
        using (var store = new X509Store(StoreName.My, StoreLocation.CurrentUser))
        {
            store.Open(OpenFlags.ReadOnly);
            // Only those that the roots of the user make valid.
            var found = store.Certificates.Find(X509FindType.FindByExtension, Marker, true);
            found = found.Find(X509FindType.FindBySubjectName, "QlikClient", true);
            found = found.Find(X509FindType.FindByThumbprint, WithKey(file, password).Thumbprint, true);
            Say(id, "found in store", found.Count == 1 && found[0].HasPrivateKey ? "with its key" : "no");
        }
    }

    static void Talk(string id, X509Certificate2 server, X509Certificate2 client, string host)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = new Thread(() => Serve(id, listener, server)) { IsBackground = true };
        serving.Start();
        try
        {
            Call(id, ((IPEndPoint)listener.LocalEndpoint).Port, client, host);
            if (!serving.Join(Deadline)) throw new TimeoutException("the server does not end");
        }
        finally
        {
            listener.Stop();
        }
    }

    // Goes on whatever the other end shows, and says what .NET makes of it.
    static RemoteCertificateValidationCallback Noting(string id, string fact)
    {
        return (sender, certificate, chain, errors) =>
        {
            var why = (errors & SslPolicyErrors.RemoteCertificateChainErrors) == 0 ? "" : " " + Status(chain);
            Say(id, fact, (certificate == null ? "nobody" : certificate.Subject) + ": " + errors + why);
            return true;
        };
    }

    static NetworkStream Patient(TcpClient client)
    {
        client.ReceiveTimeout = client.SendTimeout = Deadline;
        return client.GetStream();
    }

    static void Serve(string id, TcpListener listener, X509Certificate2 server)
    {
        try
        {
            using (var caller = listener.AcceptTcpClient())
            using (var stream = new SslStream(Patient(caller), false, Noting(id, "server sees")))
            {
                stream.AuthenticateAsServer(server, true, SslProtocols.Tls12, false);
                stream.WriteByte((byte)stream.ReadByte());
            }
        }
        catch (Exception error)
        {
            Say(id, "error", Describe(error));
        }
    }

    static void Call(string id, int port, X509Certificate2 client, string host)
    {
        using (var server = new TcpClient())
        {
            server.Connect(IPAddress.Loopback, port);
            using (var stream = new SslStream(Patient(server), false, Noting(id, "client sees")))
            {
                var mine = new X509CertificateCollection { client };
                stream.AuthenticateAsClient(host, mine, SslProtocols.Tls12, false);
                stream.WriteByte(42);
                Say(id, "echo", stream.ReadByte().ToString());
            }
        }
    }
}
