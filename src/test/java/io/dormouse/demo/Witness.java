package io.dormouse.demo;

import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.observe.SuspendReport;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Waits for what the connections must do, notes what they do, and counts it. */
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

  /** Waits until these connections are open, or until the limit, and says who is not. */
  void awaitOpen(List<Talk> talks) throws Exception {
    long began = System.nanoTime();
    CompletableFuture<?>[] open =
        talks.stream().map(talk -> talk.connection().whenOpen()).toArray(CompletableFuture[]::new);
    Wait wait = notes.waiting(() -> notOpen(talks), limit);
    try (wait) {
      CompletableFuture.allOf(open).get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // Who counts them will see.
    }
    long count = count(talks, ConnectionState.OPEN);
    notes.say(Counts.text(count, "open") + " after " + Format.time(Format.since(began)));
    for (Talk talk : talks) {
      if (talk.connection().state() != ConnectionState.OPEN) {
        notes.say("  " + describe(talk));
      }
    }
  }

  private static String notOpen(List<Talk> talks) {
    return talks.stream()
        .filter(talk -> talk.connection().state() != ConnectionState.OPEN)
        .map(Witness::describe)
        .collect(Collectors.joining("; "));
  }

  /** Waits for the outcome of the first message that goes out on the WebSocket of now. */
  void greetingSent() throws Exception {
    Talk chat = app.talk(Service.CHAT);
    long generation = chat.connection().snapshot().generation();
    App.Greeting greeting;
    do {
      Wait wait = notes.waiting(() -> "first message; " + describe(chat), limit);
      try (wait) {
        greeting = app.greetings().poll(limit.toNanos(), TimeUnit.NANOSECONDS);
      }
      require(greeting != null, "no first message on the new WebSocket; " + describe(chat));
    } while (greeting.generation() < generation);
    require(greeting.sent(), "the first message on the new WebSocket: " + greeting.outcome());
    notes.say(chat, "first message " + greeting.outcome());
  }

  /** Sends something over each of these connections, and counts those that answer. */
  long answers(List<Talk> talks) {
    long answers = 0;
    for (Talk talk : talks) {
      Wait wait = notes.waiting(() -> "answer to " + talk.connection().name(), limit);
      try (wait) {
        Exchange exchange = talk.exchange(limit);
        notes.say(talk, exchange.told());
        answers += exchange.answered() ? 1 : 0;
      } catch (Exception e) {
        notes.say(talk, "no answer: " + why(e) + describe(talk));
      }
    }
    return answers;
  }

  /** What a failure adds to the connection's state: nothing, if it only says that. */
  private static String why(Exception failure) {
    return failure.getCause() instanceof NotOpenException
        ? ""
        : UnexpectedException.seen(failure) + "; ";
  }

  /** Waits until nothing is being closed any more. */
  SuspendReport settled() throws Exception {
    Wait wait =
        notes.waiting(() -> "open: " + String.join(", ", app.registry().stillOpen()), limit);
    try (wait) {
      return app.registry().settled().get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new UnexpectedException("not settled after " + Format.time(limit), e);
    }
  }

  /** Waits until nothing is being closed any more, and counts who sleeps. */
  void awaitAsleep(Counts seen) throws Exception {
    SuspendReport report = settled();
    // Also where the system does not tell.
    app.registry().assertQuiescent();
    long asleep = count(app.talks(), ConnectionState.SUSPENDED);
    notes.say(Counts.text(asleep, "asleep") + " after " + Format.time(report.took()));
    seen.put("asleep", asleep);
    countSockets(seen);
  }

  /** Returns whether this system tells how many sockets there are. */
  boolean countsSockets() {
    return sockets.now().isPresent();
  }

  /** Counts the sockets to the servers, at this very moment: none gets time to close yet. */
  void countSockets(Counts seen) {
    OptionalLong count = sockets.now();
    if (count.isPresent()) {
      notes.say("  sockets counted by the system: " + count.getAsLong());
      seen.put("socket", count.getAsLong());
    } else {
      notes.say("  sockets: not counted on this system");
    }
  }

  /** Counts those of these connections that are in this state now. */
  static long count(List<Talk> talks, ConnectionState state) {
    return count(talks, talk -> talk.connection().state() == state);
  }

  /** Counts those of these connections of which this is true now. */
  static long count(List<Talk> talks, Predicate<Talk> which) {
    return talks.stream().filter(which).count();
  }

  /**
   * Waits for what nobody announces, or until the limit: who asks looks again.
   *
   * @param otherwise how things stand as long as it does not hold
   */
  void until(BooleanSupplier condition, Supplier<String> otherwise) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long began = System.nanoTime();
    Wait wait = notes.waiting(otherwise, limit);
    try (wait) {
      while (!condition.getAsBoolean() && Format.since(began).compareTo(limit) < 0) {
        boolean unused = never.await(5, TimeUnit.MILLISECONDS);
      }
    }
  }

  private static void require(boolean expected, String otherwise) throws UnexpectedException {
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
