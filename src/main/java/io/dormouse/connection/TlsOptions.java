package io.dormouse.connection;

import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import okhttp3.CertificatePinner;

/**
 * How a connection uses TLS. A builder hands it to the app's code; it is used by that thread, and
 * until that code returns.
 *
 * <p>What can't be chosen: TLS 1.3 and 1.2 only; and the server's certificate must be for the
 * server's name, as OkHttp checks it, or for its address if there is no name.
 */
public interface TlsOptions {
  /**
   * Uses a context of the app's own: for client certificates, or for authorities that the platform
   * does not know. Connections that share one share its sessions. If none of these methods is
   * invoked, the platform's {@linkplain SSLContext#getDefault() default}.
   *
   * @param context initialized; may be shared by several connections
   * @return these options
   * @throws IllegalArgumentException if it is not initialized
   */
  TlsOptions sslContext(SSLContext context);

  /**
   * The same, with the trust manager that is in the context, as OkHttp takes both. It is needed for
   * {@linkplain #certificatePinner pins}.
   *
   * @param context initialized; may be shared by several connections
   * @param trustManager the one that the context was initialized with
   * @return these options
   * @throws IllegalArgumentException if the context is not initialized
   */
  TlsOptions sslContext(SSLContext context, X509TrustManager trustManager);

  /**
   * Accepts only servers that have the certificates pinned here, besides all other checks: OkHttp's
   * own pinner, taken as it is. So it looks for pins of the server's name ({@link #serverName}, or
   * else the host, that of a redirect too), and if it has none for that, it accepts every
   * certificate that is trusted. If this method is not invoked, there are none.
   *
   * @param pinner pins by host name, of which a pattern such as {@code *.example.com} may stand for
   *     many
   * @return these options
   */
  TlsOptions certificatePinner(CertificatePinner pinner);

  /**
   * The name that the server is asked for (server name indication, RFC 6066) and that its
   * certificate must have, whatever the host, that of a redirect too. If this method is not
   * invoked, the host that is connected to.
   *
   * @param name a host name or an address
   * @return these options
   * @throws IllegalArgumentException if it can't be one
   */
  TlsOptions serverName(String name);

  /**
   * <b>Insecure</b>: accepts a certificate for whatever name, so that anyone who has a certificate
   * of a trusted authority can read and change all that goes over the connection. For tests. It is
   * logged at WARN, and pins are still checked. If this method is not invoked, the name is checked.
   *
   * @return these options
   */
  TlsOptions insecurelyAcceptAnyHostName();
}
