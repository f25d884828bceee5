package io.dormouse.engine;

import java.util.concurrent.CompletableFuture;

/**
 * The handle of a connection over which the app sends, for any thread.
 *
 * @param <T> what is sent over it
 */
public abstract class SendingConnection<T> extends ManagedConnection {
  private final Sends<T> sends;

  /** Creates a handle that is not registered yet. */
  protected SendingConnection(Engine engine, LinkOptions options) {
    super(engine, options);
    this.sends = new Sends<>(link(), engine);
  }

  @Override
  protected abstract SendingWire<T> newWire(Generation generation);

  @Override
  final Wire makeWire(Session session) {
    SendingWire<T> made = newWire(session);
    sends.begin(session, made);
    setLiveWire(made);
    return made;
  }

  @Override
  final Traffic traffic() {
    return sends;
  }

  /** Sends ordinary traffic. */
  protected final CompletableFuture<Void> submit(T payload, int size) {
    return sends.submit(payload, size, 0);
  }

  /** Sends what belongs to the preparation of a generation. */
  protected final CompletableFuture<Void> submitPreparing(T payload, int size, long generation) {
    return sends.submit(payload, size, generation);
  }
}
