package io.dormouse.http;

import java.net.Socket;
import java.util.function.Supplier;

/** Sockets of the app's own making. */
final class OwnSockets extends UnconnectedSockets {
  private final Supplier<Socket> make;

  OwnSockets(Supplier<Socket> make) {
    this.make = make;
  }

  @Override
  public Socket createSocket() {
    return make.get();
  }
}
