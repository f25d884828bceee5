package io.dormouse.engine;

/** Makes messages for tests of what is below the engine: nobody waits for their outcome. */
public final class SettledOutgoing {
  private SettledOutgoing() {}

  /** Returns a message that belongs to no connection. */
  public static Outgoing<String> of(String payload) {
    Outgoing<String> message = new Outgoing<>(null, payload, payload.length());
    message.settled();
    return message;
  }
}
