package io.dormouse.http;

import java.net.InetAddress;
import java.net.Socket;
import java.util.function.Supplier;
import javax.net.SocketFactory;

/** Sockets of the app's own making. */
final class OwnSockets extends SocketFactory {
  private final Supplier<Socket> make;

  OwnSockets(Supplier<Socket> make) {
    this.make = make;
  }

  @Override
  public Socket createSocket() {
    return make.get();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new AssertionError();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw new AssertionError();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new AssertionError();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw new AssertionError();
  }
}
