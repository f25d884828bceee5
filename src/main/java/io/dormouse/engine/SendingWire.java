package io.dormouse.engine;

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
}
