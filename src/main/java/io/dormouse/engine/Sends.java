package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.SendFailedException;
import io.dormouse.connection.SendQueueFullException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sends of one connection, from their being accepted or refused to their one outcome. Loop
 * only, except for what is marked otherwise.
 *
 * <p>A send of a callback belongs to the generation that the callback is called for, and fails if
 * that is over: an answer never goes to a socket that has not heard the question. Any other send
 * belongs to the generation that is open when it is accepted.
 *
 * @param <T> what is sent
 */
final class Sends<T> implements Traffic {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  @SuppressWarnings("rawtypes") // a class literal has no type arguments
  private static final AtomicLongFieldUpdater<Sends> REFUSALS =
      AtomicLongFieldUpdater.newUpdater(Sends.class, "refusals");

  private final Link link;
  private final Engine engine;
  private final SendRoom room;
  private final Outcomes outcomes;
  private final Counters counters;

  /**
   * What is accepted, the oldest first; the first of them is not settled. Made when something is
   * accepted: if there is no memory then, there is none to enter it either.
   */
  private @Nullable Queue<Outgoing<T>> unsettled;

  /** Null while no generation is alive. */
  private @Nullable Live<T> live;

  /** The generation that is alive. */
  private record Live<T>(Session session, SendingWire<T> wire) {}

  // Any thread.
  private volatile long refusals;
  private volatile boolean refusing; // since the last send that was accepted

  Sends(Link link, Engine engine) {
    this.link = link;
    this.engine = engine;
    this.room = link.room();
    this.outcomes = link.outcomes();
    this.counters = link.counters();
  }

  @Override
  public long refusals() {
    return refusals;
  }

  /** A wire was made for a new generation. */
  void begin(Session session, SendingWire<T> wire) {
    live = new Live<>(session, wire);
  }

  // ------------------------------------------------------------------------------- accepting

  /**
   * Accepts or refuses a send. Any thread.
   *
   * @param preparing the generation whose preparation this send belongs to; 0 for ordinary traffic
   */
  CompletableFuture<Void> submit(T payload, int size, long preparing) {
    Session caller = null;
    if (preparing == 0) {
      caller = Inbox.callerOf(link);
      Exception refusal = refusal(caller);
      if (refusal != null) {
        return refused(refusal);
      }
    }
    Outgoing<T> message = new Outgoing<>(this, payload, size);
    if (!room.reserve(message.held())) {
      return refused(new SendQueueFullException(link.name(), room.bytes(), size, room.bound()));
    }
    try {
      engine.environment().loop().execute(new Acceptance(message, preparing, caller));
    } catch (RejectedExecutionException e) {
      room.release(message.held());
      return refused(link.notOpen(ConnectionState.CLOSED));
    } catch (Throwable e) { // no memory
      room.release(message.held());
      throw e;
    }
    return message.future();
  }

  /** Returns why ordinary traffic is refused; null if it is not. Any thread. */
  private @Nullable Exception refusal(@Nullable Session caller) {
    CloseReason over = caller == null ? null : caller.endReason();
    if (over != null) {
      return new SendFailedException(link.name(), over, false);
    }
    ConnectionState now = link.linkState().state();
    return now == ConnectionState.OPEN ? null : link.notOpen(now);
  }

  private CompletableFuture<Void> refused(Exception why) {
    count(why);
    return failed(why);
  }

  private void count(Exception refusal) {
    REFUSALS.incrementAndGet(this);
    if (!refusing) {
      refusing = true;
      log.debug("{}; the next ones that are refused too are not logged", refusal.getMessage());
    }
  }

  private void accepted() {
    if (refusing) {
      refusing = false;
    }
  }

  private static CompletableFuture<Void> failed(Exception why) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    future.completeExceptionally(why);
    return future;
  }

  /** A send on its way to the loop, where it is accepted in its turn among the link's events. */
  private final class Acceptance implements Runnable {
    private final Outgoing<T> message;
    private final long preparing;
    private final @Nullable Session caller;
    private boolean inTurn;

    Acceptance(Outgoing<T> message, long preparing, @Nullable Session caller) {
      this.message = message;
      this.preparing = preparing;
      this.caller = caller;
    }

    @Override
    public void run() {
      if (inTurn) {
        accept();
      } else {
        inTurn = true;
        link.run(this);
      }
    }

    private void accept() {
      Exception refusal = preparing == 0 ? refusal(caller) : refusalWhilePreparing();
      if (refusal != null) {
        settle(message, refusal);
        count(refusal);
        return;
      }
      accepted();
      enter(message);
      send(message);
    }

    private @Nullable Exception refusalWhilePreparing() {
      ConnectionState state = link.linkState().state();
      boolean inTime =
          preparing == link.status().generation()
              && (state == ConnectionState.PREPARING || state == ConnectionState.OPEN);
      return inTime ? null : link.notOpen(state);
    }
  }

  private void enter(Outgoing<T> message) {
    if (unsettled == null) {
      unsettled = new ConcurrentLinkedQueue<>();
    }
    unsettled.add(message);
  }

  private @Nullable Outgoing<T> firstUnsettled() {
    return unsettled == null ? null : unsettled.peek();
  }

  private void send(Outgoing<T> message) {
    Live<T> now = live;
    if (now == null || !now.session.mayCallWire()) {
      return; // the end, which is on its way, settles it
    }
    try {
      now.wire.send(message);
    } catch (Throwable e) {
      now.session.thrown(e);
    }
  }

  // -------------------------------------------------------------------------------- outcomes

  void onWritten(Outgoing<T> message) {
    settle(message, null);
    counters.addSentOnLoop(message.size());
  }

  void onFailed(Outgoing<T> message, CloseReason reason) {
    settle(message, new SendFailedException(link.name(), reason, message.isPartlyWritten()));
  }

  private void settle(Outgoing<T> message, @Nullable Exception failure) {
    outcomes.addSend(message.future(), failure, message.held());
    message.settled();
    for (Outgoing<T> first = firstUnsettled();
        first != null && first.isSettled();
        first = firstUnsettled()) {
      Objects.requireNonNull(unsettled).remove();
    }
  }

  @Override
  public void endGeneration(CloseReason reason, Unsent unsent) {
    live = null;
    for (Outgoing<T> message = firstUnsettled(); message != null; message = firstUnsettled()) {
      message.failed(reason); // removes it
      unsent.add(message.size());
    }
  }
}
