package io.dormouse.network;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

  /** Returns how hosts are found and reached. */
  Reach reach();

  /**
   * Returns the scheme of the URLs of which an app's proxy selector is asked, by the nature of what
   * is to be spoken.
   */
  default String proxyScheme() {
    return "socket"; // as ProxySelector.select() has it for TCP
  }

  /**
   * Returns the address over which this connection was open last; null if there was none, or an
   * attempt has failed since.
   */
  default @Nullable InetSocketAddress worked() {
    return null;
  }

  /**
   * Returns the address that the attempt before had connected to, and then failed, such as in a
   * handshake; null if there was none.
   */
  default @Nullable InetSocketAddress avoided() {
    return null;
  }

  /**
   * Says which address is tried now, for the log.
   *
   * @param address with the name of the host, if there is one
   */
  default void trying(InetSocketAddress address) {}

  /** Says which of those that were tried is connected. */
  default void reached(InetSocketAddress address) {}

  /**
   * Looks a host's addresses up off the loop, together with all who want the same. Nothing is told
   * if the attempt is over by then.
   *
   * @param host a name, or an address of any form
   */
  LookUps.Ticket resolve(String host, LookUps.Listener listener);

  /** Returns the reason of an attempt that ended since its host could not be looked up. */
  default CloseReason lookUpFailed(String host, Exception e) {
    if (e instanceof IOException) {
      String what = e instanceof UnknownHostException ? " has no address" : " can't be looked up";
      return CloseReason.of(CloseReason.Kind.UNRESOLVED, host + what, e);
    } else if (reach().dns().isPresent()) {
      return CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, "the app's Dns threw", e);
    }
    return CloseReason.of(CloseReason.Kind.CONNECT_FAILED, host + " can't be looked up", e);
  }

  /**
   * Looks something up off the loop, and runs one of the consumers back on it; neither if the
   * attempt is over by then.
   *
   * @param key what is looked up; the same key has the same kind of result
   */
  <V> void lookUp(Object key, Callable<V> work, Consumer<V> done, Consumer<Exception> failed);

  /**
   * Asks the app off the loop, and runs one of the consumers back on it; neither if the attempt is
   * over by then.
   */
  <V> void ask(Callable<V> supplier, Consumer<V> done, Consumer<Exception> failed);

  /**
   * Tells the app something off the loop, also if the attempt is over already. A connection tells
   * one thing at a time, and of those that wait for that the latest only.
   */
  void report(Runnable report);

  /**
   * Does a step of a TLS handshake off the loop, on threads that no callback, look-up or supplier
   * takes, and runs one of the consumers back on it; neither if the attempt is over by then.
   */
  <V> void handshake(Callable<V> step, Consumer<V> done, Consumer<Exception> failed);
}
