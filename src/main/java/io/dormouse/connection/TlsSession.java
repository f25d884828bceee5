package io.dormouse.connection;

import java.security.cert.Certificate;
import java.util.List;

/** What TLS agreed on for one socket. Only the library makes these. Any thread. */
public interface TlsSession {
  /** {@return the version, such as {@code TLSv1.3}} */
  String protocol();

  /** {@return the cipher suite, such as {@code TLS_AES_128_GCM_SHA256}} */
  String cipherSuite();

  /** {@return the certificates that the server has sent, its own first} */
  List<Certificate> peerCertificates();

  /**
   * {@return whether this resumed the session of an earlier socket, which spares both sides most of
   * the arithmetic, and with TLS 1.2 a round trip} It is read in what the server has answered (RFC
   * 8446, section 4.2.11; RFC 5246, section 7.3), so it holds with the engine of any provider.
   *
   * <p>Which session is offered is the provider's choice. The JDK's keeps one for each host, port
   * and {@link javax.net.ssl.SSLContext}, whoever made it: so of many sockets at once to one host
   * few resume. On Android (Conscrypt) those of engines, as here, and of sockets, as OkHttp's, are
   * kept apart, since neither can use the other's.
   */
  boolean isResumed();
}
