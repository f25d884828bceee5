package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import java.util.concurrent.CompletableFuture;

/**
 * An accepted send on its way to its one outcome. Loop only, except for its future.
 *
 * @param <T> what is sent
 */
public final class Outgoing<T> {
  /**
   * What a waiting message costs besides its bytes (its future, its places in queues), in either
   * direction and roughly: without it a million empty messages would be free.
   */
  public static final int OVERHEAD = 256;

  private final Sends<T> sends;
  private final T payload;
  private final int size;
  private final CompletableFuture<Void> future = new CompletableFuture<>();
  private boolean partlyWritten;
  private boolean settled;

  Outgoing(Sends<T> sends, T payload, int size) {
    this.sends = sends;
    this.payload = payload;
    this.size = size;
  }

  /** Returns what is sent. */
  public T payload() {
    return payload;
  }

  /** Returns the payload's bytes. */
  public int size() {
    return size;
  }

  /** Some of it was handed to the system, so it can never be sent again. */
  public void partlyWritten() {
    partlyWritten = true;
  }

  /** All of it was handed to the system. */
  public void written() {
    if (!settled) {
      sends.onWritten(this);
    }
  }

  /** It can't be sent; the generation goes on. */
  public void failed(CloseReason reason) {
    if (!settled) {
      sends.onFailed(this, reason);
    }
  }

  /** Its outcome is on its way. */
  void settled() {
    settled = true;
  }

  /** What it counts against the bound on what waits. */
  long held() {
    return (long) size + OVERHEAD;
  }

  boolean isPartlyWritten() {
    return partlyWritten;
  }

  boolean isSettled() {
    return settled;
  }

  CompletableFuture<Void> future() {
    return future;
  }
}
