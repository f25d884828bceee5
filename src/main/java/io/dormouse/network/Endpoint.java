package io.dormouse.network;

import io.dormouse.check.Check;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Where a socket is to connect. An address that is unresolved is looked up for each attempt. */
public sealed interface Endpoint {
  /**
   * Says what is wrong with an address that the app has supplied, without what it may have put into
   * its host; empty if it can be connected to.
   */
  static Optional<String> problemOf(@Nullable InetSocketAddress address) {
    if (address == null) {
      return Optional.of("null");
    } else if (address.getPort() == 0) {
      return Optional.of("port 0");
    }
    return address.isUnresolved() ? Check.hostProblem(address.getHostString()) : Optional.empty();
  }

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
