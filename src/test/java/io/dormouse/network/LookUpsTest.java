package io.dormouse.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import io.dormouse.support.Await;
import io.dormouse.support.FakeDns;
import io.dormouse.support.ManualExecutor;
import io.dormouse.testing.SimulatedNetwork;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Dns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who wants the same name at the same time shares one look-up, and what nobody wants is left. */
class LookUpsTest {
  private static final InetAddress FOUR = SimulatedNetwork.address("192.0.2.1");
  private static final InetAddress SIX = SimulatedNetwork.address("2001:db8::1");

  private final ManualLoop loop = new ManualLoop();
  private final ManualExecutor threads = new ManualExecutor();
  private final AtomicInteger systemCalls = new AtomicInteger();
  private final AtomicInteger appCalls = new AtomicInteger();
  private final Network system =
      new ForwardingNetwork() {
        @Override
        public List<InetAddress> resolve(String host) throws UnknownHostException {
          systemCalls.incrementAndGet();
          if (host.startsWith("no.")) {
            throw new UnknownHostException(host);
          }
          return List.of(FOUR);
        }
      };
  private final LookUps lookUps = new LookUps(loop, system, threads);
  private final FakeDns async = new FakeDns();
  private final List<String> told = new ArrayList<>();

  @AfterEach
  void nothingWasThrown() {
    assertThat(loop.thrown()).isEmpty();
  }

  private Dns blocking(Dns lookup) {
    return host -> {
      appCalls.incrementAndGet();
      return lookup.lookup(host);
    };
  }

  private LookUps.Ticket join(String who, Dns dns, String host, LookUps.Ticket before) {
    LookUps.Listener listener =
        new LookUps.Listener() {
          @Override
          public void found(List<InetAddress> addresses, boolean last) {
            List<String> texts = addresses.stream().map(InetAddress::getHostAddress).toList();
            told.add(who + " " + texts + (last ? " last" : ""));
          }

          @Override
          public void failed(Exception why) {
            told.add(who + " " + why);
          }
        };
    LookUps.Ticket[] ticket = new LookUps.Ticket[1];
    onLoop(() -> ticket[0] = lookUps.join(dns, host, listener, before));
    return ticket[0];
  }

  private LookUps.Ticket join(String who, Dns dns, String host) {
    return join(who, dns, host, null);
  }

  private void leave(LookUps.Ticket ticket) {
    onLoop(ticket::leave);
  }

  private void onLoop(Runnable action) {
    loop.execute(action);
    loop.run();
  }

  private void run() {
    do {
      loop.run();
    } while (threads.runAll());
    loop.run();
  }

  private static void join(Thread thread) {
    try {
      thread.join(Await.LIMIT.toMillis());
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void thoseWhoWantTheSameNameShareOneLookUp() {
    for (String who : List.of("a", "b", "c")) {
      join(who, null, "h.example");
    }
    run();
    assertThat(systemCalls).hasValue(1);
    assertThat(told)
        .containsExactly("a [192.0.2.1] last", "b [192.0.2.1] last", "c [192.0.2.1] last");
  }

  /** Name servers and {@link Dns} know names in ASCII only. */
  @Test
  void aNameInAnotherScriptIsAskedForInAscii() {
    List<String> asked = new ArrayList<>();
    Dns app =
        host -> {
          asked.add(host);
          return List.of(FOUR);
        };
    join("a", app, "b\u00fccher.example");
    run();
    assertThat(asked).containsExactly("xn--bcher-kva.example");
    assertThat(told).containsExactly("a [192.0.2.1] last");
  }

  /** However often a connection asks for another name, while one look-up hangs. */
  @Test
  void whoWaitsForTheEndOfAnotherLookUpAndLeavesIsForgotten() {
    LookUps.Ticket hangs = join("a", null, "a.example");
    leave(hangs);
    WeakReference<LookUps.Ticket> left = joinAndLeave(hangs);
    Await.until(
        "it is forgotten",
        () -> {
          System.gc();
          return left.get() == null;
        });
    assertThat(told).isEmpty();
    run();
  }

  private WeakReference<LookUps.Ticket> joinAndLeave(LookUps.Ticket before) {
    LookUps.Ticket ticket = join("b", null, "b.example", before);
    leave(ticket);
    return new WeakReference<>(ticket);
  }

  @Test
  void whoComesAfterTheAnswerAsksAnew() {
    join("a", null, "h.example");
    run();
    join("b", null, "h.example");
    run();
    assertThat(systemCalls).hasValue(2);
  }

  @Test
  void anotherNameAndAnotherResolverAreOtherLookUps() {
    join("a", null, "h.example");
    join("b", null, "other.example");
    join("c", blocking(host -> List.of(SIX)), "h.example");
    join("d", blocking(host -> List.of(SIX)), "h.example");
    run();
    assertThat(systemCalls).hasValue(2);
    assertThat(appCalls).hasValue(2);
  }

  @Test
  void whoHasLeftIsToldNothingAndTheOthersAre() {
    LookUps.Ticket a = join("a", null, "h.example");
    join("b", null, "h.example");
    leave(a);
    run();
    assertThat(told).containsExactly("b [192.0.2.1] last");
  }

  @Test
  void whoLeavesWhileTheOthersAreToldIsToldNothing() {
    LookUps.Ticket[] second = new LookUps.Ticket[1];
    LookUps.Listener first =
        new LookUps.Listener() {
          @Override
          public void found(List<InetAddress> addresses, boolean last) {
            second[0].leave();
          }

          @Override
          public void failed(Exception why) {
            second[0].leave();
          }
        };
    for (String host : List.of("h.example", "no.example")) {
      onLoop(() -> lookUps.join(null, host, first, null));
      second[0] = join("b", null, host);
      run();
    }
    assertThat(told).isEmpty();
  }

  @Test
  void whatNobodyWantsAnyMoreWhenItsThreadComesIsNotAsked() {
    for (int i = 0; i < 1_000; i++) {
      leave(join("a", null, "h.example"));
    }
    assertThat(threads.size()).as("threads asked for").isEqualTo(1);
    run();
    assertThat(systemCalls).hasValue(0);
    join("b", null, "h.example");
    run();
    assertThat(told).containsExactly("b [192.0.2.1] last");
  }

  @Test
  void aFailureIsToldToAll() {
    join("a", null, "no.example");
    join("b", null, "no.example");
    run();
    assertThat(told)
        .containsExactly(
            "a java.net.UnknownHostException: no.example",
            "b java.net.UnknownHostException: no.example");
    join("c", null, "no.example");
    run();
    assertThat(systemCalls).as("it is forgotten").hasValue(2);
  }

  @Test
  void anErrorOfTheAppsIsTold() {
    Dns broken =
        host -> {
          throw new NoClassDefFoundError("some/Class");
        };
    join("a", broken, "h.example");
    run();
    assertThat(told)
        .containsExactly("a " + new ExecutionException(new NoClassDefFoundError("some/Class")));
  }

  /** As a fake does that nobody has taught. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aResolverThatGivesNullHasFailedAndIsNotAskedAgain(boolean inAList) {
    List<InetAddress> given = inAList ? Arrays.asList(FOUR, null) : null;
    join("a", blocking(host -> given), "h.example");
    run();
    assertThat(appCalls).hasValue(1);
    assertThat(told)
        .containsExactly("a java.lang.NullPointerException: the app's Dns gave null for h.example");
  }

  @Test
  void noAddressIsAsGoodAsNoName() {
    join("a", blocking(host -> List.of()), "h.example");
    run();
    assertThat(told).containsExactly("a java.net.UnknownHostException: h.example");
  }

  @Test
  void whatTheResolverWouldNotTakeAsANameHasNoAddress() {
    join("a", async, "a..example");
    run();
    assertThat(told).containsExactly("a java.net.UnknownHostException: a..example");
    assertThat(async.calls).isEmpty();
  }

  @Test
  void anAddressIsForThePlatformAndNotForTheAppsResolver() {
    join("a", blocking(host -> List.of(SIX)), "2001:db8::7");
    run();
    assertThat(systemCalls).hasValue(1);
    assertThat(appCalls).hasValue(0);
  }

  // ------------------------------------------------------------------------ one that blocks

  /** Blocks until it is released, whoever interrupts; then it answers, or fails if interrupted. */
  private final class Stubborn implements Dns {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);
    final CompletableFuture<Void> interrupted = new CompletableFuture<>();

    @Override
    public List<InetAddress> lookup(String host) throws UnknownHostException {
      if (appCalls.incrementAndGet() > 1) {
        return List.of(SIX);
      }
      begun.countDown();
      while (true) {
        try {
          release.await();
          if (interrupted.isDone()) {
            throw new UnknownHostException("interrupted");
          }
          return List.of(FOUR);
        } catch (InterruptedException e) {
          interrupted.complete(null);
        }
      }
    }

    Thread start() {
      Thread thread = new Thread(threads::runAll);
      thread.start();
      Await.latch(begun);
      return thread;
    }
  }

  @Test
  void oneThatNobodyWantsIsInterruptedAndAskedAgainIfSomebodyDoes() {
    Stubborn dns = new Stubborn();
    LookUps.Ticket a = join("a", dns, "h.example");
    Thread thread = dns.start();
    leave(a);
    Await.get(dns.interrupted);
    join("b", dns, "h.example", a);
    assertThat(threads.size()).as("no second thread").isZero();
    dns.release.countDown();
    join(thread);
    run();
    assertThat(told).containsExactly("b [2001:db8:0:0:0:0:0:1] last");
    assertThat(appCalls).hasValue(2);
  }

  @Test
  void oneThatSomebodyStillWantsIsNotInterrupted() {
    Stubborn dns = new Stubborn();
    LookUps.Ticket a = join("a", dns, "h.example");
    join("b", dns, "h.example");
    Thread thread = dns.start();
    leave(a);
    dns.release.countDown();
    join(thread);
    run();
    assertThat(dns.interrupted).isNotDone();
    assertThat(told).containsExactly("b [192.0.2.1] last");
  }

  /** Or a connection whose app gives a new name each time would block a thread with each. */
  @Test
  void aConnectionBlocksOneThreadAtATime() {
    Stubborn dns = new Stubborn();
    LookUps.Ticket latest = join("a", dns, "old.example");
    Thread thread = dns.start();
    for (int i = 0; i < 5; i++) {
      leave(latest);
      latest = join("a" + i, dns, "new" + i + ".example", latest);
    }
    assertThat(threads.size()).as("threads asked for").isZero();
    dns.release.countDown();
    join(thread);
    run();
    assertThat(told).containsExactly("a4 [2001:db8:0:0:0:0:0:1] last");
    assertThat(appCalls).as("those in between were never asked").hasValue(2);
  }

  @Test
  void anInterruptThatComesTooLateIsNotTheNextOnes() {
    Dns dns =
        host -> {
          Thread.currentThread().interrupt();
          return List.of(FOUR);
        };
    join("a", dns, "h.example");
    run();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  // ------------------------------------------------------------------ one that does not block

  @Test
  void oneThatDoesNotBlockIsAskedInItsOwnWay() {
    join("a", async, "h.example");
    join("b", async, "h.example");
    run();
    assertThat(async.calls).hasSize(1);
    async.last().answer(false, SIX);
    run();
    join("c", async, "h.example");
    run();
    async.last().answer(true, FOUR);
    run();
    assertThat(told)
        .containsExactly(
            "a [2001:db8:0:0:0:0:0:1]",
            "b [2001:db8:0:0:0:0:0:1]",
            "c [2001:db8:0:0:0:0:0:1]",
            "a [192.0.2.1] last",
            "b [192.0.2.1] last",
            "c [192.0.2.1] last");
  }

  /** HTTP needs more of them than the addresses. */
  @Test
  void allItsRecordsAreToldBeforeTheLastAddressesAlsoToWhoCameLate() {
    List<String> order = new ArrayList<>();
    LookUps.Listener listener =
        new LookUps.Listener() {
          @Override
          public void records(List<Dns.Record> all) {
            order.add(all.size() + " records");
          }

          @Override
          public void found(List<InetAddress> addresses, boolean last) {
            order.add(addresses.size() + (last ? " last" : " found"));
          }

          @Override
          public void failed(Exception why) {
            order.add("failed");
          }
        };
    onLoop(() -> lookUps.join(async, "h.example", listener, null));
    run();
    async.last().answer(false, SIX);
    run();
    assertThat(order).containsExactly("1 found");
    order.clear();
    onLoop(() -> lookUps.join(async, "h.example", listener, null));
    run();
    assertThat(order).containsExactly("1 found");
    order.clear();
    async.last().answer(true, FOUR);
    run();
    assertThat(order).containsExactly("2 records", "1 last", "2 records", "1 last");
  }

  @Test
  void itIsCancelledOffTheLoopWhenNobodyWaitsAnyMore() {
    LookUps.Ticket a = join("a", async, "h.example");
    LookUps.Ticket b = join("b", async, "h.example");
    run();
    leave(a);
    run();
    assertThat(async.last().isCanceled()).isFalse();
    leave(b);
    assertThat(async.last().isCanceled()).as("the app's code is not for the loop").isFalse();
    run();
    assertThat(async.last().isCanceled()).isTrue();
    join("c", async, "h.example");
    run();
    assertThat(async.calls).hasSize(2);
    async.calls.get(0).fail(new IOException("canceled"));
    run();
    assertThat(told).isEmpty();
    async.last().answer(true, FOUR);
    run();
    assertThat(told).containsExactly("c [192.0.2.1] last");
  }

  @Test
  void aFailureAfterSomeAddressesIsTheirEnd() {
    join("a", async, "h.example");
    run();
    async.last().answer(false, FOUR);
    async.last().fail(new InterruptedIOException("timeout"));
    run();
    assertThat(told).containsExactly("a [192.0.2.1] last");
  }

  @Test
  void aFailureBeforeAnyIsAFailure() {
    join("a", async, "h.example");
    run();
    async.last().fail(new InterruptedIOException("timeout"));
    async.last().answer(true, FOUR);
    run();
    assertThat(told).containsExactly("a java.io.InterruptedIOException: timeout");
  }
}
