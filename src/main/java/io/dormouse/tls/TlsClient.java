package io.dormouse.tls;

import io.dormouse.check.Check;
import io.dormouse.connection.TlsOptions;
import io.dormouse.connection.TlsSession;
import io.dormouse.network.AsciiNames;
import io.dormouse.network.Ipv4;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.CertificatePinner;
import okhttp3.ConnectionSpec;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one connection wants of TLS, and whom it trusts. Any thread. */
public final class TlsClient {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  /**
   * Engines of Conscrypt, which is Android's, fail if they are offered the session of a socket, but
   * share the cache with sockets of the same context, such as OkHttp's (its issue 1533). The port
   * is part of the key and serves for nothing else, so theirs are no ports.
   */
  private static final int FOR_ENGINES = 1 << 16;

  private final Optional<SSLContext> context;
  private final Optional<X509TrustManager> trustManager;
  private final Optional<CertificatePinner> pins;
  private final Optional<String> serverName;
  private final boolean anyHostName;

  /** With what the pins are compared: the chain that was trusted, and not all that was sent. */
  private @Nullable CertificatePinner pinsOfTrustedChain; // guarded by this

  private TlsClient(Options said) {
    context = said.context;
    trustManager = said.trustManager;
    pins = said.pins;
    serverName = said.serverName;
    anyHostName = said.anyHostName;
  }

  /**
   * Creates one as the app's code says.
   *
   * @param connectionName for messages
   * @throws IllegalArgumentException if there are pins and a context, but not its trust manager
   */
  public static TlsClient of(String connectionName, Consumer<? super TlsOptions> app) {
    Options options = new Options(connectionName);
    Check.given(connectionName, "options", app).accept(options);
    if (options.pins.isPresent()
        && options.context.isPresent()
        && !options.trustManager.isPresent()) {
      throw new IllegalArgumentException(
          connectionName
              + ": pins need the trust manager of the SSLContext: sslContext(context,"
              + " trustManager)");
    }
    if (options.anyHostName) {
      log.warn(
          "{}: INSECURE, a certificate is accepted whatever name it is for, as"
              + " insecurelyAcceptAnyHostName() says",
          connectionName);
    }
    return new TlsClient(options);
  }

  /** Returns the name that the server must have, if the app connects to this host. */
  String nameOf(String host) {
    return serverName.orElseGet(() -> inCertificates(host));
  }

  /** Returns a host as certificates name it. */
  private static String inCertificates(String host) {
    int zone = host.indexOf('%'); // RFC 4007, section 11: it means something on this system only
    return zone < 0 ? AsciiNames.of(host).orElse(host) : host.substring(0, zone);
  }

  /**
   * Makes what encrypts and decrypts for one socket, and begins the handshake. Takes as long as
   * making a key does, and the first time in a process as loading all that TLS needs: so not on the
   * loop.
   *
   * @param name of the server; sessions are resumed with the same name and port
   */
  SSLEngine newEngine(String name, int port) throws GeneralSecurityException, IOException {
    SSLContext made = context.isPresent() ? context.get() : SSLContext.getDefault();
    boolean apart = isConscrypt(made.getProvider());
    SSLEngine engine = made.createSSLEngine(name, apart ? FOR_ENGINES + port : port);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(versions(engine));
    if (!isAddress(name)) { // RFC 6066, section 3: "Literal IPv4 and IPv6 addresses are not"
      askFor(name, engine);
    }
    engine.beginHandshake();
    return engine;
  }

  /** Returns whether an object of a provider is of that of Android, wherever it is built in. */
  static boolean isConscrypt(Object of) {
    return of.getClass().getName().toLowerCase(Locale.ROOT).contains("conscrypt");
  }

  private static String[] versions(SSLEngine engine) {
    List<String> versions = new ArrayList<>(Arrays.asList(engine.getEnabledProtocols()));
    versions.retainAll(VERSIONS);
    if (versions.isEmpty()) {
      versions.addAll(Arrays.asList(engine.getSupportedProtocols()));
      versions.retainAll(VERSIONS);
    }
    return versions.toArray(new String[0]);
  }

  private static boolean isAddress(String name) {
    return name.indexOf(':') >= 0 || Ipv4.parse(name).isPresent();
  }

  private static void askFor(String name, SSLEngine engine) {
    SSLParameters parameters = engine.getSSLParameters();
    try {
      parameters.setServerNames(List.of(new SNIHostName(withoutRoot(name))));
      engine.setSSLParameters(parameters);
    } catch (IllegalArgumentException e) { // with an underscore, for one
      log.debug("no server name is sent, since the platform takes this one for none", e);
    }
  }

  /**
   * Checks that the server is the one that is meant. Its chain is trusted already. May take a
   * while.
   *
   * @param resumed whether the session was made by an earlier socket
   * @return what was agreed on
   * @throws SSLPeerUnverifiedException if it is another
   */
  TlsSession verify(String name, SSLSession session, boolean resumed)
      throws SSLPeerUnverifiedException {
    if (!anyHostName && !HostNames.VERIFIER.verify(name, session)) {
      throw new WrongHostException(name, session.getPeerCertificates());
    }
    if (pins.isPresent()) {
      checkPins(pins(pins.get()), inPins(name), session.getPeerCertificates());
    }
    return new Agreed(
        session.getProtocol(),
        session.getCipherSuite(),
        List.of(session.getPeerCertificates()),
        resumed);
  }

  /**
   * Returns a host as OkHttp's pins name it: there it is a URL's, in lower case and in the one form
   * that an address has. A name that is written out to the root is the same name.
   */
  private static String inPins(String name) {
    return new HttpUrl.Builder().scheme("https").host(withoutRoot(name)).build().host();
  }

  private static String withoutRoot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  private static void checkPins(CertificatePinner pinner, String name, Certificate[] chain)
      throws WrongPinException {
    try {
      pinner.check(name, Arrays.asList(chain));
    } catch (SSLPeerUnverifiedException e) {
      throw new WrongPinException(e);
    }
  }

  /**
   * A server may send any certificates besides its own, and so a pinned one that it does not have
   * the key of. OkHttp's client gives its pinner what finds the chain that was trusted.
   */
  private synchronized CertificatePinner pins(CertificatePinner apps) {
    CertificatePinner made = pinsOfTrustedChain;
    if (made == null) {
      OkHttpClient.Builder client = new OkHttpClient.Builder().certificatePinner(apps);
      if (context.isPresent() && trustManager.isPresent()) {
        client.sslSocketFactory(context.get().getSocketFactory(), trustManager.get());
      }
      made = client.build().certificatePinner();
      pinsOfTrustedChain = made;
    }
    return made;
  }

  /** OkHttp's check of names and addresses, which is there whatever the client is for. */
  private static final class HostNames {
    static final HostnameVerifier VERIFIER =
        new OkHttpClient.Builder()
            .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT)) // loads nothing for TLS
            .build()
            .hostnameVerifier();

    private HostNames() {}
  }

  /** The certificate is for others. */
  static final class WrongHostException extends SSLPeerUnverifiedException {
    private static final long serialVersionUID = 1;

    WrongHostException(String name, Certificate[] certificates) {
      super("the server's certificate is not for " + name + CertificateNames.of(certificates));
    }
  }

  /** The certificates are not those that are pinned. */
  static final class WrongPinException extends SSLPeerUnverifiedException {
    private static final long serialVersionUID = 1;

    WrongPinException(SSLPeerUnverifiedException pinner) {
      super("wrong pin: none of the server's certificates is pinned");
      initCause(pinner);
    }
  }

  private record Agreed(
      String protocol, String cipherSuite, List<Certificate> peerCertificates, boolean isResumed)
      implements TlsSession {
    @Override
    public String toString() { // the certificates alone take a page
      return protocol + ", " + cipherSuite + (isResumed ? ", resumed" : "");
    }
  }

  /** What an app says, as long as it says it. */
  private static final class Options implements TlsOptions {
    private final String connectionName;
    private Optional<SSLContext> context = Optional.empty();
    private Optional<X509TrustManager> trustManager = Optional.empty();
    private Optional<CertificatePinner> pins = Optional.empty();
    private Optional<String> serverName = Optional.empty();
    private boolean anyHostName;

    Options(String connectionName) {
      this.connectionName = connectionName;
    }

    @Override
    public TlsOptions sslContext(SSLContext own) {
      context = Optional.of(initialized(own));
      trustManager = Optional.empty();
      return this;
    }

    @Override
    public TlsOptions sslContext(SSLContext own, X509TrustManager trusts) {
      context = Optional.of(initialized(own));
      trustManager = Optional.of(Check.given(connectionName, "trustManager", trusts));
      return this;
    }

    private SSLContext initialized(SSLContext own) {
      Check.given(connectionName, "context", own);
      try {
        SSLSocketFactory unused = own.getSocketFactory();
        return own;
      } catch (IllegalStateException e) {
        throw new IllegalArgumentException(
            connectionName + ": the SSLContext is not initialized; call its init() first", e);
      }
    }

    @Override
    public TlsOptions certificatePinner(CertificatePinner pinner) {
      pins = Optional.of(Check.given(connectionName, "pinner", pinner));
      return this;
    }

    @Override
    public TlsOptions serverName(String name) {
      serverName = Optional.of(inCertificates(Check.host(connectionName, name)));
      return this;
    }

    @Override
    public TlsOptions insecurelyAcceptAnyHostName() {
      anyHostName = true;
      return this;
    }
  }
}
