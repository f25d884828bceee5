package io.dormouse.network;

import io.dormouse.loop.Loop;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** One attempt to connect, as the {@link Dialer} sees it: for whom, and who waits for others. */
public interface Attempt {
  /** Returns the connection's name, for messages. */
  String connectionName();

  /** Returns the loop that the attempt is made on. */
  Loop loop();

  /** Returns the network that it is made over. */
  Network network();

  /** Returns within which time it has to succeed, in nanoseconds. */
  long connectTimeoutNanos();

  /**
   * Says which address is tried now, for the log.
   *
   * @param address with the name of the host, if there is one
   */
  default void trying(InetSocketAddress address) {}

  /**
   * Looks something up off the loop, and runs one of the consumers back on it; neither if the
   * attempt is over by then.
   *
   * @param key what is looked up, such as a host's name; the same key has the same kind of result
   */
  <V> void lookUp(Object key, Callable<V> work, Consumer<V> done, Consumer<Exception> failed);

  /**
   * Asks the app off the loop, and runs one of the consumers back on it; neither if the attempt is
   * over by then.
   */
  <V> void ask(Callable<V> supplier, Consumer<V> done, Consumer<Exception> failed);

  /**
   * Does a step of a TLS handshake off the loop, on threads that no callback, look-up or supplier
   * takes, and runs one of the consumers back on it; neither if the attempt is over by then.
   */
  <V> void handshake(Callable<V> step, Consumer<V> done, Consumer<Exception> failed);
}
