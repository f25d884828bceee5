package io.dormouse.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A TCP port on loopback that refuses, for as long as this is open: it is bound, so that nobody
 * else can get it, and nobody listens.
 */
public final class ClosedPort implements AutoCloseable {
  private final Socket holder = new Socket();

  /** Takes a free port. */
  public ClosedPort() {
    try {
      holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns its address. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), holder.getLocalPort());
  }

  @Override
  public void close() {
    try {
      holder.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
