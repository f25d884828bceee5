package io.dormouse.lifecycle.harmony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import io.dormouse.support.LoudLog;
import io.dormouse.support.RawServer;
import io.dormouse.task.LongRunningTask;
import io.dormouse.task.LongRunningTask.Ending;
import io.dormouse.task.TaskOptions;
import io.dormouse.tcp.TcpConnection;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The system's tasks, with a system that is played, and a clock that the test moves. */
class HarmonyTasksTest implements BackgroundTaskManager {
  private static final Duration REMAINING = Duration.ofSeconds(100);

  private final ManualAppLifecycle app = new ManualAppLifecycle();
  private final AtomicLong skipped = new AtomicLong();
  private final ConnectionRegistry registry =
      ConnectionRegistry.builder(app)
          .closeTimeout(Duration.ofMillis(100)) // the server does not answer, so all wait for that
          .sleepAwareClock(() -> System.nanoTime() + skipped.get())
          .build();
  private final RawServer server = new RawServer();
  private final TcpConnection orders =
      registry.tcp("orders").connectTo("127.0.0.1", server.port()).register();
  private final HarmonyTasks tasks = new HarmonyTasks(registry, this);

  /** What the system was asked for, each with what was open then. */
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final List<Runnable> systemCalls = new ArrayList<>();
  private boolean warnsAtOnce;
  private boolean refuses;
  private boolean throwsAtTheEnd;

  @BeforeEach
  void bringTheAppToTheFront() {
    app.onForeground();
    Await.get(orders.whenOpen());
  }

  @AfterEach
  void close() {
    registry.close();
    server.close();
  }

  // ------------------------------------------------------------------------------ the played
  // system

  private void ask(String what) {
    asked.add(what + (registry.stillOpen().isEmpty() ? "" : " while a socket is open"));
  }

  @Override
  public SuspendDelay requestSuspendDelay(String reason, Runnable onExpiring) {
    if (refuses) {
      throw new IllegalStateException("9900002");
    }
    systemCalls.add(onExpiring);
    if (warnsAtOnce) {
      onExpiring.run();
    }
    ask("request " + reason);
    return new SuspendDelay(systemCalls.size(), HarmonyTasks.TRANSIENT_LIMIT);
  }

  @Override
  public Duration getRemainingDelayTime(int requestId) {
    return REMAINING;
  }

  @Override
  public void cancelSuspendDelay(int requestId) {
    ask("cancel " + requestId);
    if (throwsAtTheEnd) {
      throw new IllegalStateException("the bridge is down");
    }
  }

  @Override
  public void startBackgroundRunning(String name, Runnable onCancelled) {
    systemCalls.add(onCancelled);
    ask("start " + name);
  }

  @Override
  public void stopBackgroundRunning() {
    ask("stop");
  }

  private LongRunningTask startTransient() {
    return tasks.startTransient("upload", this::coverAndTell);
  }

  private LongRunningTask startContinuous() {
    return tasks.startContinuous("music", this::coverAndTell);
  }

  private void coverAndTell(TaskOptions task) {
    task.covering(orders)
        .onExpiring(of -> told.add("expiring " + of))
        .onRevoked(of -> told.add("revoked " + of))
        .onEnded(of -> told.add("ended " + of));
  }

  /** Time goes by, and the registry notices. */
  private void skip(Duration time) {
    skipped.addAndGet(time.toNanos());
    registry.stillOpen();
  }

  private static void isLive(LongRunningTask task) {
    assertThat(task.ending()).isEmpty();
  }

  // ------------------------------------------------------------------------------- transient tasks

  @Test
  void aTransientTaskKeepsItsConnectionsAndIsGivenBackWhenTheyAreClosed() {
    LongRunningTask task = startTransient();
    assertThat(Await.next(asked)).isEqualTo("request upload while a socket is open");
    app.onBackground();
    Await.get(registry.settled());
    assertThat(orders.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(task.covered()).containsExactly("orders");
    assertThat(task.remaining()).contains(REMAINING);
    assertThat(asked).isEmpty();
    task.close();
    assertThat(Await.next(asked)).isEqualTo("cancel 1");
    assertThat(Await.next(told)).isEqualTo("ended task upload CLOSED");
    assertThat(task.ending()).contains(Ending.CLOSED);
    assertThat(task.remaining()).contains(Duration.ZERO);
    assertThat(told).isEmpty();
  }

  @Test
  void theSystemsWarningIsToldTheAppAndEndsTheTaskInTimeToCloseAll() {
    LongRunningTask task = startTransient();
    Await.next(asked);
    app.onBackground();
    systemCalls.get(0).run();
    assertThat(Await.next(told)).isEqualTo("expiring task upload");
    systemCalls.get(0).run(); // the second time it means nothing
    isLive(task);
    assertThat(orders.state()).isEqualTo(ConnectionState.OPEN);
    assertThat(task.remaining().orElseThrow()).isLessThanOrEqualTo(HarmonyTasks.LAST_TIME);
    skip(HarmonyTasks.LAST_TIME);
    assertThat(Await.next(told)).isEqualTo("ended task upload EXPIRED");
    assertThat(Await.next(asked)).isEqualTo("cancel 1");
    assertThat(task.ending()).contains(Ending.EXPIRED);
    assertThat(orders.state()).isEqualTo(ConnectionState.SUSPENDED);
    assertThat(server.accepted()).as("one socket all the while").isEqualTo(1);
    assertThat(told).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void aTaskThatIsClosedAfterTheWarningIsClosed() {
    LongRunningTask task = startTransient();
    Await.next(asked);
    app.onBackground();
    systemCalls.get(0).run();
    task.close();
    assertThat(Await.next(asked)).isEqualTo("cancel 1");
    assertThat(task.ending()).contains(Ending.CLOSED);
    systemCalls.get(0).run(); // late
    assertThat(registry.tasks()).isEmpty();
  }

  @Test
  void aWarningThatComesBeforeTheTaskHasStartedIsNotLost() {
    warnsAtOnce = true;
    LongRunningTask task = startTransient();
    assertThat(Await.next(told)).isEqualTo("expiring task upload");
    isLive(task);
    skip(HarmonyTasks.LAST_TIME);
    assertThat(Await.next(told)).isEqualTo("ended task upload EXPIRED");
  }

  @Test
  void aWarningIsObeyedAlsoIfACoveredConnectionWasClosedMeanwhile() {
    TcpConnection prices = registry.tcp("prices").connectTo("127.0.0.1", server.port()).register();
    LongRunningTask task =
        tasks.startTransient(
            "upload",
            options -> {
              coverAndTell(options);
              options.covering(prices);
            });
    prices.close();
    app.onBackground();
    systemCalls.get(0).run();
    assertThat(Await.next(told)).isEqualTo("expiring task upload");
    assertThat(task.covered()).containsExactly("orders");
    skip(HarmonyTasks.LAST_TIME);
    assertThat(Await.next(told)).isEqualTo("ended task upload EXPIRED");
    Await.get(registry.settled());
    assertThat(orders.state()).isEqualTo(ConnectionState.SUSPENDED);
  }

  @Test
  void aWarningOfATaskWhoseConnectionsAreAllClosedEndsItAndCoversNoOther() {
    TcpConnection prices = registry.tcp("prices").connectTo("127.0.0.1", server.port()).register();
    Await.get(prices.whenOpen());
    LongRunningTask task = startTransient();
    orders.close();
    app.onBackground();
    Await.get(registry.settled());
    systemCalls.get(0).run();
    assertThat(task.ending()).contains(Ending.REVOKED);
    assertThat(Await.next(told)).isEqualTo("revoked task upload REVOKED");
    assertThat(Await.next(told)).isEqualTo("ended task upload REVOKED");
    assertThat(Await.next(asked)).startsWith("request");
    assertThat(Await.next(asked)).isEqualTo("cancel 1");
    assertThat(prices.state()).isEqualTo(ConnectionState.SUSPENDED);
  }

  /** The callback is the system's, and an exception there would end the app. */
  @Test
  void aWarningWhileTheRegistryIsBeingClosedThrowsNothing() {
    AtomicBoolean closing = new AtomicBoolean();
    LifecycleFollower closes =
        (LifecycleFollower)
            Proxy.newProxyInstance(
                LifecycleFollower.class.getClassLoader(),
                new Class<?>[] {LifecycleFollower.class},
                (proxy, method, args) -> {
                  if (closing.get() && method.getName().equals("startTask")) {
                    throw new IllegalStateException("the registry is closed");
                  }
                  return method.invoke(registry, args);
                });
    LongRunningTask task =
        new HarmonyTasks(closes, this).startTransient("upload", this::coverAndTell);
    closing.set(true);
    systemCalls.get(0).run();
    assertThat(task.ending()).contains(Ending.REVOKED);
  }

  @Test
  void theAppsOwnLimitMayEndItSooner() {
    LongRunningTask task =
        tasks.startTransient(
            "upload",
            options -> {
              coverAndTell(options);
              options.atMost(Duration.ofSeconds(30)).warnBefore(Duration.ofSeconds(10));
            });
    app.onBackground();
    assertThat(task.remaining().orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(30));
    skip(Duration.ofSeconds(20));
    assertThat(Await.next(told)).isEqualTo("expiring task upload");
    systemCalls.get(0).run(); // the app has been warned already
    skip(Duration.ofSeconds(10));
    assertThat(Await.next(told)).isEqualTo("ended task upload EXPIRED");
  }

  @Test
  void theFourthAtOnceIsRefusedUntilOneIsGivenBack() {
    LongRunningTask first = startTransient();
    startTransient();
    startTransient();
    assertThat(asked).hasSize(3);
    assertThatThrownBy(this::startTransient)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("upload: 3 transient tasks are live");
    assertThat(asked).as("the system was not asked").hasSize(3);
    asked.clear();
    first.close();
    assertThat(Await.next(asked)).startsWith("cancel 1");
    Await.until("its place is free", this::startsOne);
  }

  private boolean startsOne() {
    try {
      startTransient();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  @Test
  void whatTheSystemRefusesReachesTheAppAndCostsNoPlace() {
    refuses = true;
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(this::startTransient).hasMessage("9900002");
    }
    assertThat(registry.tasks()).isEmpty();
    refuses = false;
    isLive(startTransient());
  }

  @Test
  void whatTheRegistryRefusesIsGivenBackAtOnce() {
    for (int i = 1; i <= 5; i++) {
      assertThatThrownBy(() -> tasks.startTransient(" ", options -> {}))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(Await.next(asked)).startsWith("request");
      assertThat(Await.next(asked)).startsWith("cancel " + i);
    }
    isLive(startTransient());
  }

  @Test
  void aBridgeThatThrowsAtTheEndCostsNoPlace() {
    throwsAtTheEnd = true;
    try (LoudLog log = new LoudLog(HarmonyTasks.class.getName())) {
      for (int i = 0; i < 5; i++) {
        Await.until("a place is free", this::startsOne);
        registry.tasks().forEach(LongRunningTask::close);
      }
      Await.until("it is logged", () -> log.text().contains("could not be given back"));
    }
  }

  @Test
  void theEndOfTheRegistryRevokesIt() {
    LongRunningTask task = startTransient();
    registry.close();
    assertThat(task.ending()).contains(Ending.REVOKED);
  }

  // ------------------------------------------------------------------------------ continuous tasks

  @Test
  void aContinuousTaskIsRevokedWhenTheUserRemovesItsNotification() {
    LongRunningTask task = startContinuous();
    assertThat(Await.next(asked)).startsWith("start music");
    app.onBackground();
    assertThat(task.remaining()).isEmpty();
    systemCalls.get(0).run();
    assertThat(Await.next(told)).isEqualTo("revoked task music REVOKED");
    assertThat(Await.next(told)).isEqualTo("ended task music REVOKED");
    Await.get(registry.settled());
    assertThat(orders.state()).isEqualTo(ConnectionState.SUSPENDED);
    Await.until("its place is free", this::startsContinuous);
    assertThat(asked).as("the system has it back already").hasSize(1);
  }

  private boolean startsContinuous() {
    try {
      startContinuous();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  @Test
  void aContinuousTaskIsStoppedWhenItIsClosedAndThereIsOneOfThem() {
    LongRunningTask task = startContinuous();
    Await.next(asked);
    assertThatThrownBy(this::startContinuous).hasMessageContaining("a continuous task is live");
    app.onBackground();
    task.close();
    assertThat(Await.next(asked)).isEqualTo("stop");
    Await.until("its place is free", this::startsContinuous);
  }
}
