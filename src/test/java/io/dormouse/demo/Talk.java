package io.dormouse.demo;

import io.dormouse.connection.Connection;
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
   * @return what happened, for people to read
   * @throws Exception if it can't be sent within the limit
   */
  String greet(Duration limit) throws Exception;

  /**
   * Shows that the connection carries traffic.
   *
   * @param limit how long one exchange may take
   * @return what happened, for people to read
   * @throws Exception if it carries none
   */
  default String exchange(Duration limit) throws Exception {
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
    return times + " round trips, the fastest in " + Format.time(fastest);
  }
}
