package io.dormouse.demo;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import java.time.Duration;

/** One of the app's connections, and how traffic goes over it. */
interface Talk {
  /** Returns the connection. */
  Connection connection();

  /** Returns the other end. */
  Endpoint endpoint();

  /**
   * Sends something to a server that echoes, and waits until it is back.
   *
   * @throws Exception if that takes longer than the limit, or fails
   */
  void roundTrip(Duration limit) throws Exception;

  /**
   * Sends something to a server of which nothing is known.
   *
   * @throws Exception if it can't be sent within the limit, or comes back as an error
   */
  Exchange greet(Duration limit) throws Exception;

  /**
   * Whether the other end must answer: a server of the demo's own, and one of which nothing but an
   * answer shows that it is there. Others have accepted the connection, and may well be silent.
   */
  default boolean mustAnswer() {
    ConnectionKind kind = connection().kind();
    return endpoint().echoes() || kind == ConnectionKind.HTTP || kind == ConnectionKind.UDP;
  }

  /**
   * Sends something, and sees whether it is answered.
   *
   * @param limit how long one exchange may take
   * @throws Exception if it can't be sent, or a server that echoes does not
   */
  default Exchange exchange(Duration limit) throws Exception {
    if (!endpoint().echoes()) {
      return greet(limit);
    }
    int times = 5;
    Duration fastest = limit;
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      roundTrip(limit);
      Duration took = Format.since(began);
      fastest = took.compareTo(fastest) < 0 ? took : fastest;
    }
    return new Exchange(true, times + " round trips, best " + Format.time(fastest));
  }
}
