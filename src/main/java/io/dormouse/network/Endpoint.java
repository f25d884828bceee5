package io.dormouse.network;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.Callable;

/** Where a stream is to connect. An address that is unresolved is looked up for each attempt. */
public sealed interface Endpoint {
  /** Said when the connection was registered: no thread but the loop is needed for it. */
  record Known(InetSocketAddress address) implements Endpoint {
    /** Checks the argument. */
    public Known {
      Objects.requireNonNull(address, "address");
    }
  }

  /** Asked of the app for each attempt, off the loop, since its code may block. */
  record Asked(Callable<InetSocketAddress> supplier) implements Endpoint {
    /** Checks the argument. */
    public Asked {
      Objects.requireNonNull(supplier, "supplier");
    }
  }
}
