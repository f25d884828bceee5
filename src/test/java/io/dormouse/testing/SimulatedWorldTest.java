package io.dormouse.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.task.LongRunningTask;
import io.dormouse.tcp.TcpConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SimulatedWorldTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final SimulatedWorld world = new SimulatedWorld();
  private final Host server = world.host("203.0.113.1", "h.example").serve(7, Peers.echo());
  private final List<String> happened = new ArrayList<>();

  @AfterEach
  void close() {
    world.close();
  }

  private TcpConnection register(ConnectionRegistry registry) {
    return registry
        .tcp("echo")
        .connectTo("h.example", 7)
        .onData((tcp, bytes) -> happened.add("received " + bytes.remaining()))
        .register();
  }

  private TcpConnection open(ConnectionRegistry registry) {
    TcpConnection echo = register(registry);
    world.lifecycle().onForeground();
    world.await(echo.whenOpen());
    return echo;
  }

  // ---------------------------------------------------------------------------------------- runs

  private static String run(long seed) {
    try (SimulatedWorld world = new SimulatedWorld(seed)) {
      Host host = world.host("203.0.113.1", "h.example").serve(7, Peers.echo());
      host.link().jitter(Duration.ofMillis(30)).loss(0.1);
      try (ConnectionRegistry registry = world.registry().build()) {
        TcpConnection echo = registry.tcp("echo").connectTo("h.example", 7).register();
        world.lifecycle().onForeground();
        world.after(SECOND, host::resetAll);
        for (int i = 0; i < 20; i++) {
          world.await(echo.whenOpen());
          CompletableFuture<Void> unused = echo.send("hello " + i);
          world.advance(Duration.ofMillis(100));
        }
      }
      return world.timeline().toText() + world.elapsed() + " " + world.network().fingerprint();
    }
  }

  @Test
  void theSameSeedIsTheSameRun() {
    assertThat(run(5)).contains("resets").isEqualTo(run(5)).isNotEqualTo(run(6));
  }

  @Test
  void hoursTakeNoTime() {
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection echo = open(registry);
      world.advance(Duration.ofHours(10));
      assertThat(echo.state()).isEqualTo(ConnectionState.OPEN);
      assertThat(world.elapsed()).isBetween(Duration.ofHours(10), Duration.ofHours(11));
    }
  }

  /** The app's own code makes its registry. */
  @Test
  void aRegistryThatTheAppBuildsItselfIsInTheWorld() {
    try (ConnectionRegistry registry =
        world.within(() -> ConnectionRegistry.builder(world.lifecycle()).build())) {
      TcpConnection echo = open(registry);
      world.await(echo.send("x"));
      world.advance(SECOND);
      assertThat(happened).containsExactly("received 1");
      assertThat(world.network().openSockets()).isEqualTo(1);
    }
    assertThat(world.network().openSockets()).isZero();
  }

  // ------------------------------------------------------------------------------- who waits, how

  @Test
  void whatWaitsInACallbackLetsTimePass() {
    List<Boolean> settled = new ArrayList<>();
    try (ConnectionRegistry registry = world.registry().build()) {
      registry
          .tcp("waits")
          .connectTo("h.example", 7)
          .onOpen(
              tcp -> {
                world.lifecycle().onBackground();
                settled.add(registry.awaitSettled(Duration.ofSeconds(4)));
                settled.add(registry.stillOpen().isEmpty());
              })
          .register();
      world.lifecycle().onForeground();
      world.advance(Duration.ofSeconds(10));
    }
    assertThat(settled).containsExactly(true, true);
  }

  @Test
  void aThreadOfTheWorldWaitsInItsTime() {
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection echo = register(registry);
      world
          .threads()
          .execute(
              () -> {
                world.await(echo.whenOpen());
                happened.add("open after " + world.elapsed().toMillis() / 1000 + " s");
                world.lifecycle().onBackground();
                happened.add("settled " + registry.awaitSettled(Duration.ofSeconds(4)));
              });
      world.after(Duration.ofSeconds(3), world.lifecycle()::onForeground);
      world.advance(Duration.ofSeconds(10));
    }
    assertThat(happened).containsExactly("open after 3 s", "settled true");
  }

  /** What is waited for may be something that is taken, and so is so only once. */
  @Test
  void aThreadOfTheWorldWaitsForAPermit() {
    Semaphore permits = new Semaphore(0);
    world
        .threads()
        .execute(
            () -> {
              try {
                boolean taken =
                    world.network().blocking().sleepUntil(permits::tryAcquire, Long.MAX_VALUE / 2);
                happened.add(taken + " after " + world.elapsed());
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    world.after(SECOND, permits::release);
    world.advance(SECOND.multipliedBy(2));
    assertThat(happened).containsExactly("true after PT1S");
    assertThat(permits.availablePermits()).isZero();
  }

  /** Whatever it catches; a new wait ends at once. */
  @Test
  void aThreadOfTheWorldEndsWithIt() {
    List<Thread> threads = new ArrayList<>();
    world
        .threads()
        .execute(
            () -> {
              threads.add(Thread.currentThread());
              try {
                world.await(new CompletableFuture<>());
              } finally {
                happened.add("unwound");
                world.await(new CompletableFuture<>());
              }
            });
    world.advance(SECOND);
    assertThat(threads.get(0).isAlive()).isTrue();
    world.close();
    assertThat(happened).containsExactly("unwound");
    assertThat(threads.get(0).isAlive()).isFalse();
  }

  /** That is a mistake of the test's, which is told so after 20 s; its end does not wait for it. */
  @Test
  void aThreadThatWaitsForSomethingRealIsInterruptedAtTheEnd() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    world
        .threads()
        .execute(
            () -> {
              threads.add(Thread.currentThread());
              begun.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                happened.add("interrupted");
              }
            });
    Thread driver = new Thread(() -> assertThatThrownBy(() -> world.advance(SECOND)));
    driver.start();
    begun.await();
    driver.interrupt(); // as a test is that takes too long
    driver.join();
    world.close();
    assertThat(happened).containsExactly("interrupted");
    assertThat(threads.get(0).isAlive()).isFalse();
  }

  @Test
  void callbacksRunOnTheAppsMainThreadOneAfterTheOther() {
    try (ConnectionRegistry registry =
        world.registry().callbackExecutor(world.mainThread()).build()) {
      registry
          .tcp("waits")
          .connectTo("h.example", 7)
          .onOpen(
              tcp -> {
                world.mainThread().execute(() -> happened.add("later"));
                world.advance(SECOND);
                happened.add("first");
              })
          .register();
      world.lifecycle().onForeground();
      world.advance(Duration.ofSeconds(10));
    }
    assertThat(happened).containsExactly("first", "later");
  }

  @Test
  void whatNeverComesFailsWithTheTimeline() {
    server.silence(7);
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection echo = register(registry);
      world.lifecycle().onForeground();
      CompletableFuture<Void> open = echo.whenOpen();
      assertThatThrownBy(() -> world.await(open, Duration.ofSeconds(30)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("not within PT30S of simulated time")
          .hasMessageContaining("CONNECTING -> WAITING");
      assertThat(world.elapsed()).isEqualTo(Duration.ofSeconds(30));
    }
  }

  @Test
  void whatATestPlansMayFailIt() {
    world.after(
        SECOND,
        () -> {
          throw new AssertionError("as planned");
        });
    assertThatThrownBy(() -> world.advance(SECOND)).hasMessage("as planned");
  }

  @Test
  void whatAHostThrowsFailsTheTest() {
    server.serve(
        7,
        () ->
            new Peer() {
              @Override
              public void opened(PeerSocket socket) {
                throw new IllegalStateException("on purpose");
              }
            });
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection unused = register(registry);
      world.lifecycle().onForeground();
      assertThatThrownBy(() -> world.advance(SECOND))
          .isInstanceOf(AssertionError.class)
          .hasRootCauseMessage("on purpose");
    }
  }

  @Test
  void whatAThreadOfTheWorldThrowsFailsTheTest() {
    world
        .threads()
        .execute(
            () -> {
              throw new IllegalStateException("on purpose");
            });
    assertThatThrownBy(() -> world.advance(SECOND)).hasRootCauseMessage("on purpose");
  }

  @Test
  void aHostCanNotLetTimePass() {
    server.serve(
        7,
        () ->
            new Peer() {
              @Override
              public void opened(PeerSocket socket) {
                world.advance(SECOND);
              }
            });
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection unused = register(registry);
      world.lifecycle().onForeground();
      assertThatThrownBy(() -> world.advance(SECOND))
          .hasRootCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a host can't let time pass");
    }
  }

  // ---------------------------------------------------------------------------- what a system does

  /** In a frozen process nothing runs; the network goes on, and so does the plan. */
  @Test
  void aFrozenProcessRunsNothingAndThenAllThatWasDue() {
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection echo = open(registry);
      ScheduledFuture<?> unused =
          world.timer().schedule(() -> happened.add("app's timer"), 1, TimeUnit.MINUTES);
      world.after(Duration.ofMinutes(5), () -> happened.add("plan, " + echo.state()));
      world.after(Duration.ofMinutes(5), server::resetAll);
      world.after(Duration.ofMinutes(6), () -> happened.add("reset, " + echo.state()));
      world.freeze(Duration.ofMinutes(20));
      assertThat(happened).containsExactly("plan, OPEN", "reset, OPEN", "app's timer");
      assertThat(echo.state()).isNotEqualTo(ConnectionState.OPEN);
      world.await(echo.whenOpen());
      assertThat(world.elapsed()).isLessThan(Duration.ofMinutes(21));
    }
  }

  /** As a plan of the test's, too. */
  @Test
  void aFreezeMayBePlanned() {
    world.after(SECOND, () -> world.freeze(Duration.ofMinutes(20)));
    world.advance(Duration.ofSeconds(5));
    assertThat(world.elapsed()).isEqualTo(Duration.ofSeconds(1).plusMinutes(20));
  }

  @Test
  void whoseSocketsAreKilledHearsWhyAndThePeerSeesAReset() {
    List<StateChange> changes = new ArrayList<>();
    server.serve(
        7,
        () ->
            new Peer() {
              @Override
              public void broken(PeerSocket socket) {
                happened.add("the peer sees it");
              }
            });
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection echo = open(registry);
      echo.addListener((connection, change) -> changes.add(change));
      world.killSockets();
      world.advance(Duration.ofMillis(100));
      assertThat(happened).containsExactly("the peer sees it");
      assertThat(changes.get(0).from()).isEqualTo(ConnectionState.OPEN);
      assertThat(changes.get(0).reason().orElseThrow().cause().orElseThrow())
          .hasMessageContaining("Software caused connection abort");
      world.await(echo.whenOpen());
    }
  }

  @Test
  void whoseTaskIsTakenBackHearsOfIt() {
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection echo = open(registry);
      LongRunningTask unused =
          registry.startTask(
              "sync", options -> options.covering(echo).onEnded(ended -> happened.add("ended")));
      world.lifecycle().onBackground();
      world.advance(SECOND);
      assertThat(echo.state()).isEqualTo(ConnectionState.OPEN);
      world.assertQuiescent(); // what a task covers may be open
      assertThatThrownBy(world::assertNothingLeaks).hasMessageContaining("the task sync");
      world.revokeTasks();
      assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
      assertThat(echo.state()).isEqualTo(ConnectionState.SUSPENDED);
      assertThat(happened).containsExactly("ended");
      assertThat(world.timeline().toText())
          .contains("sync             begins, covers echo")
          .contains("system           revokes the task sync")
          .contains("sync             ends: revoked");
    }
  }

  /** Of all registries, and with what the test, the system and the network did. */
  @Test
  void aWorldHasTheTimelineOfAllItsRegistries() {
    try (ConnectionRegistry one = world.registry().build();
        ConnectionRegistry other = world.registry().build()) {
      TcpConnection unused = open(one);
      TcpConnection second = other.tcp("second").connectTo("h.example", 7).register();
      world.await(second.whenOpen());
      world.note("here");
      assertThat(world.timeline()).hasToString("2 connections and 0 tasks in 80 ms");
      assertThat(world.timeline().toText())
          .contains("lifecycle        onForeground")
          .contains("0.080 s  second           PREPARING -> OPEN")
          .contains("test             here");
      assertThat(world.report()).contains("FOREGROUND, 1 connection\nNAME", "second  tcp   open");
    }
    assertThat(world.report()).doesNotContain("FOREGROUND");
  }

  @Test
  void aLifecycleSettlesInTheWorldsTime() {
    AppLifecycle settled = world.lifecycle().settled(Duration.ofMillis(700), world.timer());
    try (ConnectionRegistry registry = world.registry(settled).build()) {
      TcpConnection echo = open(registry);
      world.lifecycle().onBackground();
      world.advance(Duration.ofMillis(699));
      assertThat(settled.state()).isEqualTo(AppState.FOREGROUND);
      assertThat(echo.state()).isEqualTo(ConnectionState.OPEN);
      world.advance(SECOND);
      assertThat(echo.state()).isEqualTo(ConnectionState.SUSPENDED);
    }
  }

  @Test
  void aTimerRepeatsUntilItIsCancelled() {
    ScheduledFuture<?> each =
        world.timer().scheduleAtFixedRate(() -> happened.add("tick"), 1, 2, TimeUnit.SECONDS);
    world.advance(Duration.ofSeconds(5));
    assertThat(happened).hasSize(3);
    assertThat(each.getDelay(TimeUnit.SECONDS)).isEqualTo(2);
    each.cancel(false);
    world.advance(Duration.ofSeconds(5));
    assertThat(happened).hasSize(3);
  }

  @Test
  void aTimerThatIsShutDownRunsOnlyWhatWasPlannedOnce() {
    ScheduledExecutorService timer = world.timer();
    ScheduledFuture<?> each =
        timer.scheduleAtFixedRate(() -> happened.add("tick"), 1, 1, TimeUnit.SECONDS);
    ScheduledFuture<?> once = timer.schedule(() -> happened.add("once"), 2, TimeUnit.SECONDS);
    timer.shutdown();
    assertThat(each.isCancelled()).isTrue();
    assertThat(timer.isTerminated()).isFalse();
    world.advance(SECOND.multipliedBy(3));
    assertThat(happened).containsExactly("once");
    assertThat(once.isDone() && timer.isTerminated()).isTrue();
  }

  @Test
  void aTimerThatIsShutDownNowRunsNothingAndOthersGoOn() {
    ScheduledExecutorService timer = world.timer();
    ScheduledFuture<?> mine = timer.schedule(() -> happened.add("mine"), 1, TimeUnit.SECONDS);
    ScheduledFuture<?> other =
        world.timer().schedule(() -> happened.add("other"), 1, TimeUnit.SECONDS);
    timer.shutdownNow();
    world.advance(SECOND);
    assertThat(happened).containsExactly("other");
    assertThat(mine.isCancelled() && other.isDone()).isTrue();
  }

  @Test
  void aTimerHasNoPeriodOfZero() {
    assertThatThrownBy(() -> world.timer().scheduleAtFixedRate(() -> {}, 1, 0, TimeUnit.SECONDS))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void runsAgain() {
    world.mainThread().execute(this::runsAgain);
  }

  @Test
  void whatHandsItselfInAgainAndAgainFailsTheTest() {
    runsAgain();
    assertThatThrownBy(() -> world.advance(SECOND)).hasMessageContaining("not idle");
  }

  @Test
  void anyThreadBeginsARegistryWhileTimePasses() throws InterruptedException {
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    Thread other =
        new Thread(
            () -> {
              for (int i = 0; i < 300; i++) {
                ConnectionRegistry unused = world.registry().build();
              }
            });
    other.setUncaughtExceptionHandler((thread, e) -> thrown.add(e));
    other.start();
    while (other.isAlive()) {
      world.advance(Duration.ofMillis(1));
    }
    other.join();
    assertThat(thrown).isEmpty();
  }

  // ------------------------------------------------------------------------------- interrupted

  @Test
  void whoIsInterruptedDoesNotWait() {
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection unused = register(registry);
      Thread.currentThread().interrupt();
      assertThat(registry.awaitSettled(SECOND)).isFalse();
      assertThat(world.elapsed()).isZero();
      assertThat(registry.connections()).hasSize(1);
      assertThat(Thread.interrupted()).as("still").isTrue();
    }
  }

  /** From the end of one to the beginning of the next. */
  @Test
  void aTimerPausesBetweenTwoRuns() {
    Runnable takesASecond =
        () -> {
          happened.add("at " + world.elapsed());
          world.advance(SECOND);
        };
    ScheduledFuture<?> each =
        world.timer().scheduleWithFixedDelay(takesASecond, 1, 2, TimeUnit.SECONDS);
    world.advance(Duration.ofSeconds(6));
    each.cancel(false);
    assertThat(happened).containsExactly("at PT1S", "at PT4S");
  }

  // ----------------------------------------------------------------------------------- what is
  // left

  /** It looks names up, on threads of a world that has none any more. */
  @Test
  void aRegistryMayBeClosedAfterItsWorld() {
    ConnectionRegistry registry = world.registry().build();
    TcpConnection unused = open(registry);
    world.threads().execute(() -> world.await(new CompletableFuture<>()));
    world.threads().execute(() -> happened.add("before"));
    world.advance(SECOND);
    world.close();
    long begin = System.nanoTime();
    world.threads().execute(() -> happened.add("after"));
    world.advance(Duration.ofHours(2));
    registry.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    assertThat(happened).containsExactly("before", "after");
    assertThat(registry.connections()).isEmpty();
  }

  @Test
  void aThreadOfTheWorldThatCatchesEverythingDoesNotGoOnForEver() throws InterruptedException {
    AtomicInteger waits = new AtomicInteger();
    world
        .threads()
        .execute(
            () -> {
              while (true) {
                waits.incrementAndGet();
                try {
                  world.sleep(SECOND);
                } catch (Throwable e) {
                  // Goes on.
                }
              }
            });
    world.advance(SECOND);
    world.close();
    assertThat(waits.get()).isLessThan(1_000);
  }

  @Test
  void aSocketThatIsOpenIsNamed() {
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection unused = open(registry);
      assertThatThrownBy(world::assertQuiescent)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("echo")
          .hasMessageContaining("PREPARING -> OPEN");
      world.revokeTasks(); // there are none
    }
    world.assertQuiescent();
  }

  @Test
  void whoDoesNotCloseLeaks() {
    ConnectionRegistry registry = world.registry().build();
    TcpConnection echo = open(registry);
    assertThatThrownBy(world::assertNothingLeaks)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("echo (OPEN)");
    echo.close();
    world.assertNothingLeaks();
    registry.close();
    world.assertNothingLeaks();
  }

  /** A peer that never answers a close: what is closed just now has its time. */
  @Test
  void whatIsBeingClosedIsNoLeak() {
    server.serve(7, Peers.mute());
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection echo = open(registry);
      world.await(echo.send(ByteBuffer.allocate(1)));
      echo.close();
      assertThat(world.network().openSockets()).isEqualTo(1);
      world.assertNothingLeaks();
    }
  }
}
