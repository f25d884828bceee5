package io.dormouse.engine;

import org.jspecify.annotations.Nullable;

/**
 * A wire over which the app sends. {@code send} may come any number of times after {@link
 * Generation#connected()}, but not between {@code flush} and {@code unflush}, nor after {@code
 * closeGracefully}.
 *
 * @param <T> what is sent over it
 */
public interface SendingWire<T> extends Wire {
  /** Writes this after what was sent before, and settles it. */
  void send(Outgoing<T> message);

  /**
   * Returns what writes sends on their callers' threads, for the time from {@link
   * Generation#connected()} on; null if all sends go by the loop. Asked when the connection has
   * become open.
   */
  default @Nullable DirectWrite<T> directWrite() {
    return null;
  }
}
