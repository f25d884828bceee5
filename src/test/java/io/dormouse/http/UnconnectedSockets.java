package io.dormouse.http;

import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** Makes sockets as OkHttp asks for them: it connects them itself. */
abstract class UnconnectedSockets extends SocketFactory {
  @Override
  public final Socket createSocket(String host, int port) {
    throw new AssertionError();
  }

  @Override
  public final Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw new AssertionError();
  }

  @Override
  public final Socket createSocket(InetAddress host, int port) {
    throw new AssertionError();
  }

  @Override
  public final Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw new AssertionError();
  }
}
