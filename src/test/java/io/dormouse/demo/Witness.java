package io.dormouse.demo;

import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.SuspendReport;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;

/** Waits for what the connections must do, notes it, and throws if they do something else. */
final class Witness {
  private final App app;
  private final SocketCount sockets;
  private final Notes notes;
  private final Duration limit;

  /**
   * Begins.
   *
   * @param limit for each wait; only a failure reaches it
   */
  Witness(App app, SocketCount sockets, Notes notes, Duration limit) {
    this.app = app;
    this.sockets = sockets;
    this.notes = notes;
    this.limit = limit;
  }

  /** Waits until these connections are open. */
  void allOpen(List<Talk> talks) throws Exception {
    CompletableFuture<?>[] open =
        talks.stream().map(talk -> talk.connection().whenOpen()).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(open).get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      String others =
          talks.stream()
              .filter(talk -> talk.connection().state() != ConnectionState.OPEN)
              .map(Witness::describe)
              .collect(Collectors.joining("; "));
      throw new UnexpectedException("after " + Format.time(limit) + ": " + others, e);
    }
  }

  /** Waits for the outcome of the first message that goes out on each new WebSocket. */
  void firstMessageSent() throws Exception {
    String outcome = app.firstMessages().poll(limit.toNanos(), TimeUnit.NANOSECONDS);
    require("sent".equals(outcome), "the chat's first message: " + outcome);
    notes.say(app.talk(ConnectionKind.WEBSOCKET), "first message " + outcome);
  }

  /** Has each of these connections carry traffic. */
  void trafficOn(List<Talk> talks) throws Exception {
    for (Talk talk : talks) {
      try {
        notes.say(talk, talk.exchange(limit));
      } catch (Exception e) {
        throw new UnexpectedException(
            "no traffic: " + UnexpectedException.seen(e) + "; " + describe(talk), e);
      }
    }
  }

  /** Waits until nothing is being closed any more. */
  SuspendReport settled() throws Exception {
    try {
      return app.registry().settled().get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new UnexpectedException("not settled after " + Format.time(limit), e);
    }
  }

  /** Waits until all sleep, and counts their sockets. */
  String allAsleep() throws Exception {
    SuspendReport report = settled();
    notes.say("all asleep in " + Format.time(report.took()));
    // Also where the system does not tell.
    app.registry().assertQuiescent();
    for (Talk talk : app.talks()) {
      inState(talk, ConnectionState.SUSPENDED);
    }
    return "all asleep, " + sockets(count -> count == 0);
  }

  /**
   * Counts the sockets to the servers, at this very moment: none gets time to close yet.
   *
   * @param right whether so many are right
   */
  String sockets(LongPredicate right) throws UnexpectedException {
    OptionalLong count = sockets.now();
    if (count.isEmpty()) {
      notes.say("  sockets to the servers: not counted on this system");
      return "sockets not counted";
    }
    notes.say("  sockets to the servers, counted by the system: " + count.getAsLong());
    String seen = Format.count(count.getAsLong(), "socket");
    require(right.test(count.getAsLong()), seen);
    return seen;
  }

  /** Requires a state. */
  void inState(Talk talk, ConnectionState state) throws UnexpectedException {
    require(talk.connection().state() == state, describe(talk));
  }

  /** Waits for what nobody announces, or until the limit: who asks looks again. */
  void until(BooleanSupplier condition) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long began = System.nanoTime();
    while (!condition.getAsBoolean() && Format.since(began).compareTo(limit) < 0) {
      boolean unused = never.await(5, TimeUnit.MILLISECONDS);
    }
  }

  /** Requires what is expected, or throws what is so instead. */
  void require(boolean expected, String otherwise) throws UnexpectedException {
    if (!expected) {
      throw new UnexpectedException(otherwise);
    }
  }

  /** Says where a connection is, and why. */
  static String describe(Talk talk) {
    ConnectionSnapshot snapshot = talk.connection().snapshot();
    return snapshot.name()
        + " is "
        + snapshot.state()
        + snapshot.lastReason().map(reason -> ", last end " + reason).orElse("");
  }
}
