package io.dormouse.connection;

import java.net.PasswordAuthentication;
import java.net.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Has the user and the password for a proxy, as the app knows them. They go to that proxy only, and
 * appear in no log, no exception and no text of an object.
 */
@FunctionalInterface
public interface ProxyAuthenticator {
  /**
   * Returns who the app is to this proxy. It is asked for each attempt, for each proxy that may be
   * used in it, on a thread of the library where it may block. What it gives goes to an HTTP proxy
   * with the request (basic authentication, RFC 7617), and to a SOCKS proxy if that asks for it
   * (RFC 1929); both are readable on the way to the proxy.
   *
   * @param proxy HTTP or SOCKS
   * @return null if there is nothing to say
   * @throws Exception if that can't be told now: the attempt has failed
   */
  @Nullable PasswordAuthentication authenticate(Proxy proxy) throws Exception;
}
