package io.dormouse.engine;

import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who waits for one connection to be open. Loop only. */
final class OpenWaiters {
  private static final int FEW = 16;

  private final Function<ConnectionState, NotOpenException> refusal;
  private final Outcomes outcomes;
  private @Nullable Queue<CompletableFuture<Void>> waiting; // null if nobody does
  private int size; // which the queue would have to count
  private int sweepAt = FEW;

  OpenWaiters(Function<ConnectionState, NotOpenException> refusal, Outcomes outcomes) {
    this.refusal = refusal;
    this.outcomes = outcomes;
  }

  /** Completes {@code future} when the connection is open; fails it when it is closed for good. */
  void add(CompletableFuture<Void> future, ConnectionState now) {
    if (waiting == null) {
      waiting = new ConcurrentLinkedQueue<>();
    } else if (size >= sweepAt) {
      waiting.removeIf(CompletableFuture::isDone); // the app gave up on these
      size = waiting.size();
      sweepAt = Math.max(FEW, 2 * size); // so that each is looked at twice, and no more
    }
    waiting.add(future);
    size++;
    onState(now);
  }

  int size() {
    return size;
  }

  /** The connection is in this state. */
  void onState(ConnectionState state) {
    boolean open = state == ConnectionState.OPEN;
    if (waiting == null || !(open || state == ConnectionState.CLOSED)) {
      return;
    }
    while (!waiting.isEmpty()) { // removed when told, so that a lack of memory loses none
      outcomes.add(waiting.element(), open ? null : refusal.apply(state));
      waiting.remove();
      size--;
    }
    waiting = null;
    sweepAt = FEW;
  }
}
