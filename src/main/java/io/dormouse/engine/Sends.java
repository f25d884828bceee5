package io.dormouse.engine;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.SendFailedException;
import io.dormouse.connection.SendQueueFullException;
import io.dormouse.loop.Loop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The sends of one connection, from their being accepted or refused to their one outcome. They go
 * by the loop, or past it by a {@link Shortcut}. Loop only, except for what is marked otherwise.
 *
 * @param <T> what is sent
 */
final class Sends<T> {
  /** The most that a worker writes by itself: what keeps it no longer than a callback may take. */
  private static final int MOST_AT_ONCE = 64 * 1024;

  /**
   * So many sends in a row go past the loop: answers do. What comes after them is a burst, which
   * the loop gathers into fewer system calls.
   */
  private static final int MOST_IN_A_ROW = 8;

  private final Link<T> link;
  private final Engine engine;
  private final Loop loop;

  /** Where futures are completed: off the loop, and apart from callbacks. */
  private final Executor completions;

  private final Queue<Outgoing<T>> unsettled = new ArrayDeque<>();

  // Of this round of the loop, told together when it ends: other threads read and change the
  // counters all the time, and each change would wait for them.
  private List<Runnable> outcomes = new ArrayList<>();
  private long written;
  private long released;

  // Any thread.
  private final AtomicLong bytesSent = new AtomicLong();
  private final AtomicLong bytesQueued = new AtomicLong(); // of accepted sends, not settled
  private final AtomicInteger inARow = new AtomicInteger(); // past the loop, since a delivery

  /** Set on the loop, while the connection is open; read by any thread. */
  private volatile @Nullable Shortcut<T> shortcut;

  /** Creates the sends of a connection. */
  Sends(Link<T> link, Engine engine) {
    this.link = link;
    this.engine = engine;
    this.loop = engine.loop();
    this.completions = engine.callbacks().completions(link.name());
  }

  /** Returns how many payload bytes were handed to the system. Any thread. */
  long bytesSent() {
    return bytesSent.get();
  }

  /** Counts payload bytes sent that were no sends of these. Any thread. */
  void countSent(long bytes) {
    bytesSent.addAndGet(bytes);
  }

  // ------------------------------------------------------------------------------- accepting

  /**
   * Accepts or refuses a send. Any thread.
   *
   * @param opening the generation whose opening this send belongs to; 0 for ordinary traffic
   */
  CompletableFuture<Void> submit(T payload, int size, long opening) {
    ConnectionState now = link.life().state();
    if (now != ConnectionState.OPEN && opening == 0) {
      return failed(new NotOpenException(link.name(), now));
    }
    if (opening == 0 && size <= MOST_AT_ONCE && Callbacks.isOwnThread()) {
      CompletableFuture<Void> sent = submitPastTheLoop(payload, size);
      if (sent != null) {
        return sent;
      }
    }
    Outgoing<T> message = new Outgoing<>(this, payload, size);
    long bound = engine.settings().sendQueueBytes();
    long waiting = bytesQueued.getAndAdd(message.held());
    if (waiting > 0 && waiting + message.held() > bound) {
      bytesQueued.addAndGet(-message.held());
      return failed(new SendQueueFullException(link.name(), waiting, size, bound));
    }
    try {
      loop.execute(() -> accept(message, opening));
    } catch (RejectedExecutionException e) {
      bytesQueued.addAndGet(-message.held());
      return failed(new NotOpenException(link.name(), ConnectionState.CLOSED));
    }
    return message.future();
  }

  private static CompletableFuture<Void> failed(Exception why) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    future.completeExceptionally(why);
    return future;
  }

  private void accept(Outgoing<T> message, long opening) {
    ConnectionState state = link.life().state();
    boolean open = state == ConnectionState.OPEN && opening == 0;
    boolean preparing =
        opening == link.status().generation()
            && (state == ConnectionState.PREPARING || state == ConnectionState.OPEN);
    if (open || preparing) {
      unsettled.add(message);
      link.onWire(wire -> wire.send(message));
    } else {
      settle(message, new NotOpenException(link.name(), state));
    }
  }

  // ------------------------------------------------------------------------- past the loop

  /** The connection has become open, with this way past the loop; null for none. */
  void open(@Nullable Shortcut<T> way) {
    inARow.set(0);
    shortcut = way;
  }

  /** Something is delivered, so what is sent from now on may be an answer. Any thread. */
  void delivering() {
    inARow.set(0);
  }

  /** Returns null if it has to go by the loop. Any thread. */
  private @Nullable CompletableFuture<Void> submitPastTheLoop(T payload, int size) {
    Shortcut<T> way = shortcut;
    if (way == null || inARow.get() >= MOST_IN_A_ROW || !way.enter()) {
      return null;
    }
    // Looked at inside: the loop changes the state first, and then takes the way back. Nothing that
    // was accepted before may wait either, or it would be overtaken.
    if (link.life().state() != ConnectionState.OPEN || bytesQueued.get() > 0) {
      way.leave();
      return null;
    }
    ByteBuffer bytes;
    try {
      bytes = way.encode(payload);
    } catch (Throwable e) { // the loop meets it again, and says what it means for the connection
      way.leave();
      return null;
    }
    inARow.incrementAndGet();
    int length = bytes.remaining();
    way.write(bytes);
    if (!bytes.hasRemaining()) {
      bytesSent.addAndGet(size);
      way.leave();
      return CompletableFuture.completedFuture(null);
    }
    Outgoing<T> message = new Outgoing<>(this, payload, size);
    if (bytes.remaining() < length) {
      message.partlyWritten();
    }
    bytesQueued.addAndGet(message.held());
    if (!engine.execute(() -> takeOver(way, message, bytes))) {
      return failed(new SendFailedException(link.name(), lastReason(), message.isPartlyWritten()));
    }
    return message.future();
  }

  private void takeOver(Shortcut<T> way, Outgoing<T> message, ByteBuffer rest) {
    if (shortcut == way) {
      unsettled.add(message);
      link.onWire(wire -> way.handOver(message, rest));
    } else {
      message.failed(lastReason());
    }
  }

  /** Why the latest generation ended; it has. */
  private CloseReason lastReason() {
    CloseReason reason = link.status().lastReason();
    return reason != null ? reason : CloseReason.of(CloseReason.Kind.CLOSED_BY_APP);
  }

  // -------------------------------------------------------------------------------- outcomes

  void onWritten(Outgoing<T> message) {
    written += message.size();
    settle(message, null);
  }

  void onFailed(Outgoing<T> message, CloseReason reason) {
    settle(message, new SendFailedException(link.name(), reason, message.isPartlyWritten()));
  }

  private void settle(Outgoing<T> message, @Nullable Exception failure) {
    released += message.held();
    while (!unsettled.isEmpty() && unsettled.element().isSettled()) {
      unsettled.remove();
    }
    complete(message.future(), failure);
  }

  /** What a generation could not send. */
  record Unsent(int messages, long bytes) {}

  /** The generation has ended, and with it what it has not sent. */
  Unsent endGeneration(CloseReason reason) {
    shortcut = null;
    int messages = 0;
    long bytes = 0;
    for (Outgoing<T> message = unsettled.poll(); message != null; message = unsettled.poll()) {
      if (!message.isSettled()) {
        messages++;
        bytes += message.size();
        message.failed(reason);
      }
    }
    return new Unsent(messages, bytes);
  }

  /** Completes a future of the app's where those of sends are completed. */
  void complete(CompletableFuture<Void> future, @Nullable Exception failure) {
    if (outcomes.isEmpty()) {
      loop.atRoundEnd(this::tellOutcomes);
    }
    outcomes.add(
        () -> {
          if (failure == null) {
            future.complete(null);
          } else {
            future.completeExceptionally(failure);
          }
        });
  }

  private void tellOutcomes() {
    List<Runnable> told = outcomes;
    outcomes = new ArrayList<>();
    bytesSent.addAndGet(written);
    bytesQueued.addAndGet(-released);
    written = 0;
    released = 0;
    completions.execute(() -> told.forEach(Runnable::run));
  }
}
