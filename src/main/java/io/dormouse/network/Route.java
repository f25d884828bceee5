package io.dormouse.network;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A way to a host: straight, or through a proxy.
 *
 * @param proxy {@link Proxy#NO_PROXY} for straight
 * @param credentials for the proxy; null for none
 * @param asked what the app's selector was asked, which hears if the proxy can't be reached; null
 *     if there is no selector
 */
record Route(Proxy proxy, @Nullable Credentials credentials, @Nullable URI asked) {
  static final Route DIRECT = new Route(Proxy.NO_PROXY, null, null);

  boolean isDirect() {
    return proxy.type() == Proxy.Type.DIRECT;
  }

  /** Returns where to connect to, if the way goes through a proxy. */
  InetSocketAddress proxyAddress() {
    return (InetSocketAddress) proxy.address();
  }

  /** Returns what is to be said to the proxy. */
  ProxyHandshake handshake(String host, int port) throws ProxyException {
    return proxy.type() == Proxy.Type.HTTP
        ? new HttpConnect(host, port, credentials)
        : new Socks5(host, port, credentials);
  }
}
