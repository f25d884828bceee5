package io.dormouse.demo;

import io.dormouse.connection.Connection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Traffic over TCP, UDP and WebSocket: a message, and its echo.
 *
 * @param connection the connection
 * @param endpoint the other end
 * @param send sends a text over the connection
 * @param inbox gets what it receives
 */
record MessageTalk(
    Connection connection,
    Endpoint endpoint,
    Function<String, CompletableFuture<Void>> send,
    Inbox inbox)
    implements Talk {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  /** For one that need not answer. */
  private static final Duration SHORT_WAIT = Duration.ofMillis(300);

  @Override
  public void roundTrip(Duration limit) throws Exception {
    String message = message();
    CompletableFuture<Void> answer = inbox.expect(message);
    await(send.apply(message), limit);
    await(answer, limit);
  }

  @Override
  public Exchange greet(Duration limit) throws Exception {
    CompletableFuture<Void> answer = inbox.expect("");
    Duration wait = mustAnswer() ? limit : SHORT_WAIT;
    long began = System.nanoTime();
    await(send.apply(message()), limit);
    try {
      await(answer, wait);
      String took = Format.time(Format.since(began));
      return new Exchange(true, "sent, and answered in " + took);
    } catch (TimeoutException e) {
      return new Exchange(false, "sent; no answer within " + Format.time(wait));
    }
  }

  private static void await(CompletableFuture<Void> future, Duration limit) throws Exception {
    future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Each is new, so that a late echo is not taken for another's. */
  private static String message() {
    return "dormouse " + NUMBERS.incrementAndGet() + "\n";
  }
}
