package io.dormouse.engine;

/** Makes messages for tests of what is below the engine: nobody waits for their outcome. */
public final class SettledOutgoing {
  private SettledOutgoing() {}

  /** Returns a message that belongs to no connection. */
  public static Outgoing<String> of(String payload) {
    return of(payload, payload.length());
  }

  /** The same of anything. */
  public static <T> Outgoing<T> of(T payload, int size) {
    Outgoing<T> message = new Outgoing<>(null, payload, size);
    message.settled();
    return message;
  }
}
